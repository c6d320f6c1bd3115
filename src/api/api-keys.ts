import type { Api } from '../http/api.ts';
import { isMissing } from '../http/failure.ts';
import { textAt } from '../text/json-fields.ts';

const path = '/iam/v2/api-keys';

/** From this many owners, one pass over all keys takes fewer requests than one for each owner. */
const manyOwners = 20;

export interface ApiKeys {
  /** The user or service account that owns the key; undefined if this key may not read it. */
  ownerOf(id: string): Promise<string | undefined>;
  /** The ids of the keys of each owner; `unreadable` if this key may not list them. */
  ownedBy(owners: readonly string[]): Promise<ReadonlyMap<string, readonly string[] | 'unreadable'>>;
}

export function apiKeysClient(api: Api): ApiKeys {
  return {
    ownerOf: async (id) => {
      try {
        const key = await api.get(`${path}/${encodeURIComponent(id)}`, {}, { act: `get the API key "${id}"` });
        return ownerIn(key);
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    ownedBy: async (owners) => {
      const isMany = owners.length >= manyOwners;
      const passes = isMany ? [keysOf(api, owners)] : owners.map((owner) => keysOf(api, [owner]));
      return new Map((await Promise.all(passes)).flatMap((keys) => [...keys]));
    },
  };
}

type Keys = Map<string, string[] | 'unreadable'>;

/** One pass over the keys of these owners. */
async function keysOf(api: Api, owners: readonly string[]): Promise<Keys> {
  const query = owners.length === 1 ? { 'spec.owner': owners[0] } : {};
  const keys = new Map(owners.map((owner): [string, string[]] => [owner, []]));
  try {
    for await (const page of api.pages(path, { query }, { act: 'list API keys' })) {
      // Checked here too: the API ignores unknown filters.
      for (const key of page) keys.get(ownerIn(key) ?? '')?.push(textAt(key, 'id') ?? '-');
    }
    return keys;
  } catch (error) {
    if (isMissing(error)) return new Map(owners.map((owner) => [owner, 'unreadable']));
    throw error;
  }
}

function ownerIn(key: unknown): string | undefined {
  return textAt(key, 'spec', 'owner', 'id');
}
