import { CliError } from '../errors.ts';
import type { Api } from '../http/api.ts';
import { isMissing, unlessMissing } from '../http/failure.ts';
import { isJsonObject, textAt } from '../text/json-fields.ts';
import { inTurns } from './invitation.ts';
import { deleteResource } from './removal.ts';

const path = '/iam/v2/users';

/** A person who accepted an invitation. */
export interface Person {
  readonly email: string;
  readonly id: string | undefined;
}

/** Folded e-mails. */
export interface Absence {
  /** No longer members. */
  readonly gone: ReadonlySet<string>;
  /** Not found, but this key may not list users. */
  readonly unsure: ReadonlySet<string>;
}

/** A member. */
export interface User {
  readonly id: string;
  readonly email: string;
  readonly full_name: string | undefined;
  readonly auth_type: string | undefined;
}

export interface Users {
  /** Removes a member with their API keys and role bindings. Throws `forbidden` if they are still there afterwards. */
  delete(id: string): Promise<'deleted' | 'gone'>;
  /** Every member, in batches. */
  list(): AsyncIterable<readonly User[]>;
  /** Undefined if there is no such member, or if this key may not see it. */
  get(id: string): Promise<User | undefined>;
  /** The id of the member with this e-mail. The API has no filter for users: pages are read until it is found. */
  idOf(email: string): Promise<string | undefined>;
  /** Which of these people are no longer members. */
  absent(people: readonly Person[]): Promise<Absence>;
}

/** Up to this many people are looked up one by one; for more, listing the users takes fewer requests. */
const fewPeople = 20;

export function usersClient(api: Api, fold: (email: string) => string): Users {
  const list = () => api.pages(path, {}, { act: 'list users' });
  const exists = async ({ id }: Person) => (id === undefined ? false : (await userWithId(api, id)) !== undefined);
  const emailsOf = (some: readonly Person[]) => new Set(some.map(({ email }) => fold(email)));
  return {
    delete: (id) =>
      deleteResource(api, {
        ...{ id, path: pathOf(id), list },
        purpose: { act: `delete the user "${id}"` },
      }),
    list: async function* () {
      for await (const page of api.pages(path, { prefetch: true }, { act: 'list users' })) yield page.map(asUser);
    },
    get: (id) => userWithId(api, id),
    idOf: async (email) => {
      for await (const page of list()) {
        const user = page.map(asUser).find((one) => fold(one.email) === fold(email));
        if (user !== undefined) return user.id;
      }
      return undefined;
    },
    absent: async (people) => {
      const areFew = people.length <= fewPeople;
      const suspects = areFew ? await without(people, exists) : people;
      if (suspects.length === 0) return { gone: new Set(), unsure: new Set() };
      try {
        const missing = await unlisted(suspects, list(), fold);
        if (missing === undefined) return { gone: new Set(), unsure: emailsOf(suspects) };
        return { gone: emailsOf(areFew ? missing : await without(missing, exists)), unsure: new Set() };
      } catch (error) {
        if (isMissing(error)) return { gone: new Set(), unsure: emailsOf(suspects) };
        throw error;
      }
    },
  };
}

function pathOf(id: string): string {
  return `${path}/${encodeURIComponent(id)}`;
}

async function userWithId(api: Api, id: string): Promise<User | undefined> {
  const found = await unlessMissing(api.get(pathOf(id), {}, { act: `get the user "${id}"` }));
  if (found === undefined) return undefined;
  const user = asUser(found);
  if (user.id === '' || user.id === id) return { ...user, id };
  throw new CliError('bad_response', `asked for the user "${id}", the API answered with "${user.id}"`);
}

/**
 * Those who are not in the list of users. 404 and 403 for a single user may also mean that this key is not allowed to
 * see them. Undefined if the list is empty: an organization has at least the owner of the key.
 */
async function unlisted(
  suspects: readonly Person[],
  list: AsyncIterable<readonly unknown[]>,
  fold: (email: string) => string,
): Promise<Person[] | undefined> {
  let isEmpty = true;
  const left = new Set(suspects);
  const byName = new Map(
    suspects.flatMap((person) => [person.id, fold(person.email)].map((name) => [name, person] as const)),
  );
  for await (const page of list) {
    isEmpty &&= page.length === 0;
    for (const { id, email } of page.map(asUser)) {
      for (const person of [byName.get(id), byName.get(fold(email))]) if (person !== undefined) left.delete(person);
    }
    if (left.size === 0) break;
  }
  return isEmpty ? undefined : [...left];
}

/** The people for whom it is not true, checked a few at a time. */
async function without(people: readonly Person[], isTrue: (person: Person) => Promise<boolean>): Promise<Person[]> {
  const answers = await inTurns(people, isTrue);
  return people.filter((_, index) => !answers[index]);
}

function asUser(value: unknown): User {
  if (!isJsonObject(value)) throw new CliError('bad_response', 'the API answered with something that is not a user');
  return {
    id: String(value.id ?? ''),
    email: String(value.email ?? ''),
    full_name: textAt(value, 'full_name'),
    auth_type: textAt(value, 'auth_type'),
  };
}
