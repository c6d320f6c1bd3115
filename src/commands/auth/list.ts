import { CliCommand, type CommandFactory } from '../../cli/command.ts';
import type { Context } from '../../cli/context.ts';
import { inOneBatch } from '../../cli/printer.ts';
import { CliError } from '../../errors.ts';
import { defaultEndpoint } from '../../http/endpoint.ts';
import type { View } from '../../output/view.ts';
import {
  type Config,
  findProfile,
  type Profile,
  profileNames,
  sandboxName,
  shortKeyId,
} from '../../profiles/profile.ts';

export const authListCommand: CommandFactory = (bind) =>
  new CliCommand('list')
    .alias('ls')
    .summary('list the profiles')
    .description('List the stored profiles and the built-in sandbox.')
    .addExamples('invite auth list', 'invite auth list -o id')
    .action(bind(listProfiles));

async function listProfiles(ctx: Context): Promise<void> {
  await ctx.list(profileView, inOneBatch(profileRecords(ctx.store().read())));
}

/** A profile as it is shown, without its secret. */
export interface ProfileRecord {
  readonly profile: string;
  /** Used when no option or variable gives other credentials. */
  readonly current: boolean;
  /** The first and the last four characters; null for the sandbox and for an identity pool. */
  readonly api_key: string | null;
  readonly identity_pool_id?: string;
  /** Where the secret of the key, or the token for the pool, is. */
  readonly secret: 'stored' | 'command' | 'none needed' | 'removed';
  readonly endpoint: string | null;
  readonly created_at: string | null;
}

const fields = ['profile', 'current', 'api_key', 'secret', 'endpoint', 'created_at', 'identity_pool_id'];

export const profileView: View<ProfileRecord> = {
  fields,
  times: ['created_at'],
  columns: [
    { title: 'PROFILE', field: 'profile', rank: 0 },
    { title: 'CURRENT', field: 'current', rank: 1 },
    { title: 'KEY', field: 'api_key', rank: 2 },
    { title: 'POOL', field: 'identity_pool_id', rank: 6, optional: true },
    { title: 'SECRET', field: 'secret', rank: 5 },
    { title: 'ENDPOINT', field: 'endpoint', rank: 3 },
    { title: 'CREATED', field: 'created_at', rank: 4 },
  ],
  csv: fields,
  block: fields,
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
  const profile = findProfile(config, name);
  const { endpoint, created_at } = profile;
  const isPool = 'identity_pool_id' in profile;
  return {
    profile: name,
    current,
    api_key: isPool ? null : shortKeyId(profile.api_key),
    secret: isPool || profile.api_secret === undefined ? 'command' : 'stored',
    endpoint: endpoint ?? defaultEndpoint,
    created_at: created_at ?? null,
    ...(isPool ? { identity_pool_id: profile.identity_pool_id } : {}),
  };
}

/** `key ABCD…WXYZ`, `identity pool pool-abc` */
export function describeProfile(profile: Profile): string {
  return 'identity_pool_id' in profile
    ? `identity pool ${profile.identity_pool_id}`
    : `key ${shortKeyId(profile.api_key)}`;
}

/** Another process has saved or removed the profile since it was shown here. */
export function changedMeanwhile(act: 'save' | 'remove', name: string, more: readonly string[] = []): CliError {
  return new CliError('already_exists', `cannot ${act} the profile "${name}"`, {
    reason: `another process changed it in the meantime; nothing was ${act}d`,
    hints: ['see what is stored now: invite auth list', ...more],
    target: name,
  });
}
