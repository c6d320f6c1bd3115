import { CliError } from '../errors.ts';
import type { Api } from '../http/api.ts';

const path = '/iam/v2/users';

/** Somebody who was a member once. */
export interface Person {
  readonly email: string;
  readonly id: string | undefined;
}

/** E-mails in small letters. */
export interface Absence {
  /** No members any more. */
  readonly gone: ReadonlySet<string>;
  /** Not to be found, but this key may not list users either. */
  readonly unsure: ReadonlySet<string>;
}

export interface Users {
  /** Removes a member, their API keys and role bindings included. */
  delete(id: string): Promise<void>;
  /** The id of the member with this e-mail. The API has no filter for users: every page is read until it is found. */
  idOf(email: string): Promise<string | undefined>;
  /** Which of these people are members no longer. */
  absent(people: readonly Person[]): Promise<Absence>;
}

/** So many people are asked for one by one; for more than that the list of users takes fewer requests. */
const fewPeople = 20;
/** Requests at once where many have to be asked for by their ids. */
const atOnce = 4;

export function usersClient(api: Api, fold: (email: string) => string): Users {
  const list = () => api.pages(path, {}, { act: 'list users' });
  const exists = ({ id }: Person) => (id === undefined ? Promise.resolve(false) : userExists(api, id));
  const names = (some: readonly Person[]) => new Set(some.map(({ email }) => fold(email)));
  return {
    delete: async (id) => {
      await api.delete(pathOf(id), { act: `delete the user "${id}"` });
    },
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
        return { gone: names(areFew ? missing : await without(missing, exists)), unsure: new Set() };
      } catch (error) {
        if (isHidden(error)) return { gone: new Set(), unsure: names(suspects) };
        throw error;
      }
    },
  };
}

function pathOf(id: string): string {
  return `${path}/${encodeURIComponent(id)}`;
}

async function userExists(api: Api, id: string): Promise<boolean> {
  try {
    await api.get(pathOf(id), {}, { act: `get the user "${id}"` });
    return true;
  } catch (error) {
    if (isHidden(error)) return false;
    throw error;
  }
}

/** By 404 and by 403 the API may mean that this key may not see the user: hence the second opinion of the list. */
async function unlisted(
  suspects: readonly Person[],
  list: AsyncIterable<readonly unknown[]>,
  fold: (email: string) => string,
): Promise<Person[]> {
  const left = new Set(suspects);
  const known = new Map(suspects.flatMap((who) => [who.id, fold(who.email)].map((name) => [name, who] as const)));
  for await (const page of list) {
    for (const { id, email } of page.map(asUser)) {
      for (const who of [known.get(id), known.get(fold(email))]) if (who !== undefined) left.delete(who);
    }
    if (left.size === 0) break;
  }
  return [...left];
}

/** Those of whom it is not true, asked a few at a time. */
async function without(people: readonly Person[], isTrue: (who: Person) => Promise<boolean>): Promise<Person[]> {
  const others: Person[] = [];
  for (let start = 0; start < people.length; start += atOnce) {
    const some = people.slice(start, start + atOnce);
    const answers = await Promise.all(some.map(isTrue));
    others.push(...some.filter((_, index) => !answers[index]));
  }
  return others;
}

function isHidden(error: unknown): boolean {
  return error instanceof CliError && (error.code === 'not_found' || error.code === 'forbidden');
}

function asUser(value: unknown): { id: string; email: string } {
  if (typeof value !== 'object' || value === null) {
    throw new CliError('bad_response', 'the API answered with something that is not a user');
  }
  const { id, email } = value as { id?: unknown; email?: unknown };
  return { id: String(id ?? ''), email: String(email ?? '') };
}
