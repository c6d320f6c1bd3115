import type { Api } from '../http/api.ts';
import { unlessMissing } from '../http/failure.ts';
import type { Query } from '../http/send.ts';
import { textAt } from '../text/json-fields.ts';

const path = '/iam/v2/api-keys';

/** From this many owners, one pass over all keys takes fewer requests than one for each owner. */
const manyOwners = 20;

interface ApiKey {
  /** A user or a service account. */
  readonly owner?: { readonly id: string; readonly kind?: string };
  /** The kind of what the key is for: `Cloud`. */
  readonly resource?: string;
}

export interface ApiKeys {
  /** Undefined if this key may not read it. @param act What for, to be read after "cannot". */
  get(id: string, act?: string): Promise<ApiKey | undefined>;
  /** The user or service account that owns the key; undefined if this key may not read it. */
  ownerOf(id: string): Promise<string | undefined>;
  /** The ids of the keys of each owner; `unreadable` if this key may not list them. */
  ownedBy(owners: readonly string[]): Promise<ReadonlyMap<string, readonly string[] | 'unreadable'>>;
  /** The ids of all keys, by owner, in one pass; `unreadable` if this key may not list them. */
  all(): Promise<ReadonlyMap<string, readonly string[]> | 'unreadable'>;
}

export function apiKeysClient(api: Api): ApiKeys {
  const get: ApiKeys['get'] = async (id, act = `get the API key "${id}"`) => {
    const found = await unlessMissing(api.get(`${path}/${encodeURIComponent(id)}`, {}, { act }));
    return found === undefined ? undefined : asApiKey(found);
  };
  return {
    get,
    ownerOf: async (id) => (await get(id))?.owner?.id,
    ownedBy: async (owners) => {
      if (owners.length < manyOwners) {
        const keys = await Promise.all(owners.map((owner) => keysIn(api, { 'spec.owner': owner })));
        return new Map(owners.map((owner, index) => [owner, ofOwner(keys[index] ?? 'unreadable', owner)]));
      }
      const keys = await keysIn(api, {});
      return new Map(owners.map((owner) => [owner, ofOwner(keys, owner)]));
    },
    all: () => keysIn(api, {}),
  };
}

type Keys = ReadonlyMap<string, readonly string[]> | 'unreadable';

function ofOwner(keys: Keys, owner: string): readonly string[] | 'unreadable' {
  return keys === 'unreadable' ? keys : (keys.get(owner) ?? []);
}

async function keysIn(api: Api, query: Query): Promise<Keys> {
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
