import { CliError } from '../errors.ts';
import { type Api, deleteResource, idAt, pathOf } from '../http/api.ts';
import { isMissing, unlessMissing } from '../http/failure.ts';
import type { Query } from '../http/send.ts';
import { isJsonObject, textAt } from '../text/json-fields.ts';
import { EmailMap, foldEmail } from './email.ts';
import { fewPeople, inTurns } from './invitation.ts';

/** A person who accepted an invitation. */
export interface Invitee {
  readonly email: string;
  readonly id: string | undefined;
}

/** Folded e-mails. */
export interface Absence {
  readonly gone: ReadonlySet<string>;
  /** Not found, but this key may not list users. */
  readonly unsure: ReadonlySet<string>;
  /** The ids of the users that have an e-mail now, where they are others than who accepted. */
  readonly renewed: ReadonlyMap<string, ReadonlySet<string>>;
}

const nobodyGone: Absence = { gone: new Set(), unsure: new Set(), renewed: new Map() };

export interface User {
  readonly id: string;
  readonly email: string;
  readonly full_name?: string | undefined;
  readonly auth_type: string | undefined;
}

const path = '/iam/v2/users';

export type Users = ReturnType<typeof usersClient>;

export function usersClient(api: Api) {
  const pages = pagesReader(api);
  const list = async function* (prefetch?: boolean) {
    for await (const page of pages(prefetch)) yield page.map(asUser);
  };
  const get = async (id: string): Promise<User | undefined> => {
    const found = await unlessMissing(api.getById(path, id, { act: `get the user "${id}"` }));
    return found === undefined ? undefined : { ...asUser(found), id };
  };
  let members: Promise<EmailMap<Set<string>>> | undefined;
  const current = async ({ id }: Invitee) => (id === undefined ? undefined : get(id));
  const exists = async (person: Invitee) => (await current(person)) !== undefined;
  const isAsInvited = async (person: Invitee) =>
    foldEmail((await current(person))?.email ?? '') === foldEmail(person.email);
  return {
    /** Removes a member with their API keys and role bindings. Throws `forbidden` if they are still there afterwards. */
    delete: (id: string, turn?: AbortSignal) => {
      const purpose = { act: `delete the user "${id}"` };
      return deleteResource(api, { id, path: pathOf(path, id), list: pages, purpose, turn });
    },
    list: () => list(true),
    /** Undefined if there is no such member, or if this key may not see it. */
    get,
    /** The ids of all members by e-mail, which several may have: the API has no filter for users, and one pass serves all. */
    byEmail: async () => {
      members ??= idsByEmail(list(true));
      try {
        return await members;
      } catch (error) {
        members = undefined;
        throw error;
      }
    },
    idAt: (location: string | undefined) => idAt(location, path),
    /** Which of these people are no longer members. */
    absent: async (people: readonly Invitee[]): Promise<Absence> => {
      const areFew = people.length <= fewPeople;
      const suspects = areFew ? await without(people, isAsInvited) : people;
      if (suspects.length === 0) return nobodyGone;
      const now = await unlessMissing(idsByEmail(list()));
      // 404 and 403 for a single user may also mean that this key is not allowed to see them.
      const missing = await without(
        now === undefined ? suspects : suspects.filter(({ email }) => !now.has(email)),
        exists,
      );
      // An organization has at least the owner of the key.
      if (now === undefined || now.size === 0) return { ...nobodyGone, unsure: emailsOf(missing) };
      const renewed = suspects.flatMap(({ email, id = '' }) => {
        const ids = now.get(email);
        return ids === undefined || ids.has(id) ? [] : [[foldEmail(email), ids] as const];
      });
      return { ...nobodyGone, gone: emailsOf(missing), renewed: new Map(renewed) };
    },
  };
}

/** The list of users, as often as it is read. Where it is refused it is not asked for again, whoever is looked for. */
function pagesReader(api: Api) {
  let refusal: unknown;
  return async function* (prefetch = false): AsyncGenerator<readonly unknown[]> {
    if (refusal !== undefined) throw refusal;
    try {
      yield* api.pages(path, { prefetch }, { act: 'list users' });
    } catch (error) {
      if (isMissing(error)) refusal = error;
      throw error;
    }
  };
}

function emailsOf(people: readonly Invitee[]): ReadonlySet<string> {
  return new Set(people.map(({ email }) => foldEmail(email)));
}

async function idsByEmail(list: AsyncIterable<readonly User[]>): Promise<EmailMap<Set<string>>> {
  const ids = new EmailMap<Set<string>>();
  for await (const users of list) {
    for (const { email, id } of users) ids.set(email, (ids.get(email) ?? new Set()).add(id));
  }
  return ids;
}

/** The user whom an address names: none where several have it. */
export function onlyUser(ids: ReadonlySet<string> | undefined): string | undefined {
  return ids?.size === 1 ? [...ids][0] : undefined;
}

/** The same, where one has to be meant. Throws `ambiguous` if several have the address. */
export function userNamed(target: string, ids: Iterable<string> = []): string | undefined {
  const all = [...ids];
  if (all.length < 2) return all[0];
  const reason = `name one by id: ${all.join(', ')}`;
  throw new CliError('ambiguous', `several users have the address "${target}"`, { reason, target });
}

async function without(people: readonly Invitee[], isTrue: (person: Invitee) => Promise<boolean>): Promise<Invitee[]> {
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

const keysPath = '/iam/v2/api-keys';

/** From this many owners, one pass over all keys takes fewer requests than one for each owner. */
const manyOwners = 20;

export type ApiKey = ReturnType<typeof asApiKey>;

export type ApiKeys = ReturnType<typeof apiKeysClient>;

export function apiKeysClient(api: Api) {
  /** Undefined if this key may not read it. @param act What for, to be read after "cannot". */
  const get = async (id: string, act = `get the API key "${id}"`) => {
    const found = await unlessMissing(api.getById(keysPath, id, { act }));
    return found === undefined ? undefined : asApiKey(found);
  };
  return {
    get,
    /** The user or service account that owns the key; undefined if this key may not read it. */
    ownerOf: async (id: string) => (await get(id))?.owner?.id,
    /** The ids of the keys of each owner; `unreadable` if this key may not list them. */
    ownedBy: async (owners: readonly string[]) => {
      const all = owners.length < manyOwners ? undefined : keysIn(api);
      const ofOwner = async (owner: string) => {
        const found = await (all ?? keysIn(api, { 'spec.owner': owner }));
        return [owner, found === 'unreadable' ? found : (found.get(owner) ?? [])] as const;
      };
      return new Map(await Promise.all(owners.map(ofOwner)));
    },
    /** The ids of all keys, by owner, in one pass; `unreadable` if this key may not list them. */
    all: () => keysIn(api),
  };
}

type Keys = ReadonlyMap<string, readonly string[]> | 'unreadable';

async function keysIn(api: Api, query: Query = {}): Promise<Keys> {
  return (await unlessMissing(keysByOwner(api, query))) ?? 'unreadable';
}

/** One pass over keys. The owner is read of each key: the API ignores unknown filters, and need not list the owner. */
async function keysByOwner(api: Api, query: Query): Promise<Keys> {
  const ownerOf = async (key: unknown) => {
    const id = textAt(key, 'id');
    if (ownerIn(key) !== undefined || id === undefined) return ownerIn(key);
    return ownerIn(await api.getById(keysPath, id, { act: `get the API key "${id}"` }));
  };
  const keys = new Map<string, string[]>();
  for await (const page of api.pages(keysPath, { query, prefetch: true }, { act: 'list API keys' })) {
    const owners = await inTurns(page, ownerOf);
    for (const [index, owner] of owners.entries()) {
      // It may be anybody's.
      if (owner === undefined) return 'unreadable';
      const known = keys.get(owner) ?? [];
      keys.set(owner, known);
      known.push(textAt(page[index], 'id') ?? '-');
    }
  }
  return keys;
}

/** The owner is a user or a service account; the resource is the kind of what the key is for: `Cloud`. */
function asApiKey(key: unknown) {
  const id = ownerIn(key);
  const kind = textAt(key, 'spec', 'owner', 'kind');
  const resource = textAt(key, 'spec', 'resource', 'kind');
  return { owner: id === undefined ? undefined : { id, kind }, resource };
}

function ownerIn(key: unknown): string | undefined {
  return textAt(key, 'spec', 'owner', 'id');
}
