import { isDeepStrictEqual } from 'node:util';
import { CliCommand, type CommandFactory, type ConfirmationOptions } from '../../cli/command.ts';
import { type Context, requirePrompter } from '../../cli/context.ts';
import { CliError } from '../../errors.ts';
import { defaultEndpoint } from '../../http/endpoint.ts';
import { viewOf } from '../../output/view.ts';
import {
  type Config,
  findProfile,
  type Profile,
  parseProfileName,
  profileNames,
  sandboxName,
  shortKeyId,
} from '../../profiles/profile.ts';
import { setVariables } from '../../profiles/resolve.ts';
import { clean } from '../../text/sanitize.ts';

export const authListCommand: CommandFactory = (bind) =>
  new CliCommand('list')
    .alias('ls')
    .summary('list the profiles')
    .description('List the stored profiles and the built-in sandbox.')
    .addExamples('invite auth list', 'invite auth list -o id')
    .addView(() => profileView)
    .action(bind((ctx) => ctx.list(profileView, [profileRecords(ctx.store().read())])));

interface ProfileRecord {
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

export const profileView = viewOf<ProfileRecord>(fields, {
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
  id: ({ profile }) => profile,
});

/** Those of the stored profiles, and of the sandbox. */
function profileRecords(config: Config): ProfileRecord[] {
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

export const authUseCommand: CommandFactory = (bind) =>
  new CliCommand('use')
    .summary('make a profile the current one')
    .description('Make a profile the default where no option or environment variable gives other credentials.')
    .argument('[name]', 'the name of the profile; prompted for if omitted; "sandbox" is built in')
    .addConfirmationOptions()
    .addExamples('invite auth use', 'invite auth use work', 'invite auth use sandbox')
    .addView(() => profileView)
    .action(bind(useProfile));

async function useProfile(
  ctx: Context,
  typed: string | undefined,
  { dryRun = false }: ConfirmationOptions,
): Promise<void> {
  refuseProfileOption(ctx, typed);
  const name = parseProfileName(typed ?? ctx.globals.profile ?? (await pickProfile(ctx)));
  const saved = await saveConfig(ctx, dryRun, (config) => {
    profileRecord(config, name);
    return { ...config, current: name };
  });
  if (!dryRun) warnIfShadowed(ctx, name);
  await ctx.show(profileView, profileRecord(saved, name));
}

async function pickProfile(ctx: Context): Promise<string> {
  const missing = 'the name of the profile is missing, and prompts are not possible here';
  const prompter = requirePrompter(ctx, missing, ['invite auth use NAME', 'list the profiles: invite auth list']);
  const profiles = profileRecords(ctx.store().read());
  const choices = profiles.map((profile) => ({ name: profileLine(profile), value: profile.profile }));
  const { askOne } = await import('../../terminal/prompt.ts');
  return askOne(prompter, 'use which profile?', choices);
}

/** `work  ABCD…5678  https://api.confluent.cloud  current` */
function profileLine({ profile, api_key, identity_pool_id, endpoint, current }: ProfileRecord): string {
  return clean(
    [profile, api_key ?? identity_pool_id ?? 'built in', endpoint ?? [], current ? 'current' : []].flat().join('  '),
  );
}

/** Resolves to what is stored after a change, in a dry run to what would be. */
export async function saveConfig(ctx: Context, dryRun: boolean, change: (config: Config) => Config): Promise<Config> {
  const store = ctx.store();
  if (!dryRun) return store.update(change);
  ctx.say('nothing was saved');
  return change(store.read());
}

/** The argument and the option must not name different profiles. */
export function refuseProfileOption({ globals }: Context, typed: string | undefined): void {
  if (typed === undefined || globals.profile === undefined || globals.profile === typed) return;
  const hints = ['name the profile once'];
  throw new CliError('usage', `"${typed}" and --profile "${globals.profile}" contradict each other`, { hints });
}

/** Environment variables take precedence over the current profile. */
export function warnIfShadowed({ host: { env }, say }: Context, name: string): void {
  const { INVITE_PROFILE: chosen = name } = env;
  const overriding = [...setVariables(env), ...(chosen === name ? [] : ['INVITE_PROFILE'])];
  if (overriding.length > 0) {
    say(
      `"${name}" is the current profile, but ${overriding.join(' and ')} in the environment ${overriding.length > 1 ? 'take' : 'takes'} precedence`,
    );
  }
}

export const authLogoutCommand: CommandFactory = (bind) =>
  new CliCommand('logout')
    .summary('remove a profile')
    .description('Remove a profile and its secret from this machine. The API key itself remains valid.')
    .argument('[name]', 'the name of the profile (default: the current one)')
    .addConfirmationOptions()
    .addExamples('invite auth logout', 'invite auth logout work --yes')
    .addView(() => profileView)
    .action(bind(logout));

async function logout(
  ctx: Context,
  typed: string | undefined,
  { yes = false, dryRun = false }: ConfirmationOptions,
): Promise<void> {
  refuseProfileOption(ctx, typed);
  const before = ctx.store().read();
  const name = chosenName(typed ?? ctx.globals.profile ?? before.current);
  const profile = findProfile(before, name);
  const isPool = 'identity_pool_id' in profile;
  const what = describeProfile(profile);
  const message = `remove the profile "${name}" (${what})${isPool ? '' : ' and its secret'}?`;
  const removed = { ...profileRecord(before, name), current: false, secret: 'removed' as const };
  // Without a terminal there is no question: nothing is lost that could not be stored again.
  const isAnswered = yes || dryRun || ctx.prompter() === undefined;
  await ctx.confirm({ lines: [message], answered: isAnswered });
  await saveConfig(ctx, dryRun, (config) => {
    if (!isAnswered && !isDeepStrictEqual(findProfile(config, name), profile)) throw changedMeanwhile('remove', name);
    return withoutProfile(config, name);
  });
  const rest = isPool ? '' : `; its ${what} remains valid until it is deleted in Confluent Cloud`;
  if (!dryRun) ctx.say(`removed the profile "${name}"${rest}`);
  if (!dryRun && before.current === name) ctx.say(`hint: ${nextCommand(withoutProfile(before, name))}`);
  await ctx.show(profileView, removed);
}

/** The command that makes another profile the current one, or stores one. */
function nextCommand({ profiles }: Config): string {
  const names = Object.keys(profiles);
  const [next] = names.includes('default') ? ['default'] : names;
  return next === undefined ? 'invite auth login' : `invite auth use ${next}`;
}

function chosenName(typed: string | undefined): string {
  if (typed === undefined) {
    const hints = ['name one: invite auth logout NAME', 'list the profiles: invite auth list'];
    throw new CliError('profile_not_found', 'there is no current profile', { hints });
  }
  if (typed !== sandboxName) return parseProfileName(typed);
  const hints = ['delete its content: invite sandbox reset'];
  throw new CliError('usage', 'cannot remove the profile "sandbox"', { reason: 'it is built in', hints });
}

function withoutProfile(config: Config, name: string): Config {
  findProfile(config, name);
  const { current, ...rest } = config;
  const { [name]: _, ...profiles } = config.profiles;
  return { ...rest, ...(current === undefined || current === name ? {} : { current }), profiles };
}
