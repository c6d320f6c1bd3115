import type { Api } from '../http/api.ts';
import { unlessMissing } from '../http/failure.ts';
import type { Query } from '../http/send.ts';
import { textAt } from '../text/json-fields.ts';

const path = '/iam/v2/api-keys';

/** From this many owners, one pass over all keys takes fewer requests than one for each owner. */
const manyOwners = 20;

export interface ApiKey {
  /** A user or a service account. */
  readonly owner?: { readonly id: string; readonly kind?: string };
  /** The kind of what the key is for: `Cloud`. */
  readonly resource?: string;
}

export type ApiKeys = ReturnType<typeof apiKeysClient>;

export function apiKeysClient(api: Api) {
  /** Undefined if this key may not read it. @param act What for, to be read after "cannot". */
  const get = async (id: string, act = `get the API key "${id}"`) => {
    const found = await unlessMissing(api.get(`${path}/${encodeURIComponent(id)}`, {}, { act }));
    return found === undefined ? undefined : asApiKey(found);
  };
  return {
    get,
    /** The user or service account that owns the key; undefined if this key may not read it. */
    ownerOf: async (id: string) => (await get(id))?.owner?.id,
    /** The ids of the keys of each owner; `unreadable` if this key may not list them. */
    ownedBy: async (owners: readonly string[]) => {
      const all = owners.length < manyOwners ? undefined : keysIn(api);
      const keys = await Promise.all(owners.map((owner) => all ?? keysIn(api, { 'spec.owner': owner })));
      return new Map(owners.map((owner, index) => [owner, ofOwner(keys[index] ?? 'unreadable', owner)]));
    },
    /** The ids of all keys, by owner, in one pass; `unreadable` if this key may not list them. */
    all: () => keysIn(api),
  };
}

type Keys = ReadonlyMap<string, readonly string[]> | 'unreadable';

function ofOwner(keys: Keys, owner: string): readonly string[] | 'unreadable' {
  return keys === 'unreadable' ? keys : (keys.get(owner) ?? []);
}

async function keysIn(api: Api, query: Query = {}): Promise<Keys> {
  return (await unlessMissing(keysByOwner(api, query))) ?? 'unreadable';
}

/** One pass over keys. The owner is read of each key: the API ignores unknown filters. */
async function keysByOwner(api: Api, query: Query): Promise<ReadonlyMap<string, readonly string[]>> {
  const keys = new Map<string, string[]>();
  for await (const page of api.pages(path, { query, prefetch: true }, { act: 'list API keys' })) {
    for (const key of page) {
      const owner = ownerIn(key) ?? '';
      const known = keys.get(owner) ?? [];
      keys.set(owner, known);
      known.push(textAt(key, 'id') ?? '-');
    }
  }
  return keys;
}

function asApiKey(key: unknown): ApiKey {
  const id = ownerIn(key);
  const kind = textAt(key, 'spec', 'owner', 'kind');
  const resource = textAt(key, 'spec', 'resource', 'kind');
  return {
    ...(id === undefined ? {} : { owner: kind === undefined ? { id } : { id, kind } }),
    ...(resource === undefined ? {} : { resource }),
  };
}

function ownerIn(key: unknown): string | undefined {
  return textAt(key, 'spec', 'owner', 'id');
}
