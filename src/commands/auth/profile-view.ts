import { defaultEndpoint } from '../../http/endpoint.ts';
import type { View } from '../../output/view.ts';
import { type Config, findProfile, profileNames, sandboxName } from '../../profiles/profile.ts';
import { shortKeyId } from '../../profiles/secret.ts';

/** A profile as it is shown, without its secret. */
export interface ProfileRecord {
  readonly profile: string;
  /** Used when no option or variable gives other credentials. */
  readonly current: boolean;
  /** The first and the last four characters; null for the sandbox. */
  readonly api_key: string | null;
  /** Where the secret is. */
  readonly secret: 'stored' | 'command' | 'none needed' | 'removed';
  readonly endpoint: string | null;
  readonly created_at: string | null;
}

export const profileView: View<ProfileRecord> = {
  fields: ['profile', 'current', 'api_key', 'secret', 'endpoint', 'created_at'],
  times: ['created_at'],
  columns: [
    { title: 'PROFILE', field: 'profile', rank: 0 },
    { title: 'CURRENT', field: 'current', rank: 1 },
    { title: 'KEY', field: 'api_key', rank: 2 },
    { title: 'SECRET', field: 'secret', rank: 5 },
    { title: 'ENDPOINT', field: 'endpoint', rank: 3 },
    { title: 'CREATED', field: 'created_at', rank: 4 },
  ],
  csv: ['profile', 'current', 'api_key', 'secret', 'endpoint', 'created_at'],
  block: ['profile', 'current', 'api_key', 'secret', 'endpoint', 'created_at'],
  record: (profile) => ({ ...profile }),
  id: ({ profile }) => profile,
};

/** Those of the stored profiles, and of the sandbox. */
export function profileRecords(config: Config): ProfileRecord[] {
  return profileNames(config).map((name) => profileRecord(config, name));
}

/** Throws `profile_not_found`. */
export function profileRecord(config: Config, name: string): ProfileRecord {
  const current = config.current === name;
  if (name === sandboxName) {
    return { profile: name, current, api_key: null, secret: 'none needed', endpoint: null, created_at: null };
  }
  const { api_key, api_secret, endpoint, created_at } = findProfile(config, name);
  return {
    profile: name,
    current,
    api_key: shortKeyId(api_key),
    secret: api_secret === undefined ? 'command' : 'stored',
    endpoint: endpoint ?? defaultEndpoint,
    created_at: created_at ?? null,
  };
}
