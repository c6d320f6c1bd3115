import { isDeepStrictEqual } from 'node:util';
import { Option } from 'commander';
import { parseDomains } from '../../api/email.ts';
import { CliCommand, type CommandFactory, type ConfirmationOptions } from '../../cli/command.ts';
import { type Context, requirePrompter } from '../../cli/context.ts';
import { CliError } from '../../errors.ts';
import { wordsOf } from '../../files/io-error.ts';
import { readText, textOf } from '../../files/read.ts';
import { baseOf, defaultEndpoint, parseEndpoint } from '../../http/endpoint.ts';
import { readStdin } from '../../people/source.ts';
import {
  type Config,
  type Profile,
  parseCredential,
  parseKeyId,
  parsePoolId,
  parseProfileName,
  profileOf,
  sandboxName,
} from '../../profiles/profile.ts';
import { explainKeyRefusal, storedCredential } from '../../profiles/resolve.ts';
import {
  changedMeanwhile,
  describeProfile,
  profileRecord,
  profileView,
  refuseProfileOption,
  warnIfShadowed,
} from './profiles.ts';

interface LoginOptions extends ConfirmationOptions {
  readonly apiKey?: string;
  /** Where the secret comes from; at most one of them. There is no option for the secret itself. */
  readonly apiSecretStdin?: boolean;
  readonly apiSecretFile?: string;
  readonly secretCommand?: string;
  readonly identityPool?: string;
  readonly tokenCommand?: string;
  readonly allowedDomains?: readonly string[];
  readonly verify: boolean;
  readonly use: boolean;
}

/** What is to be stored under which name. */
interface NewProfile {
  readonly name: string;
  readonly credential: Profile;
  readonly endpoint: URL;
  /** Whether what is stored under the name is still what the person was asked about. */
  isExpected(profile: Profile | undefined): boolean;
}

export const authLoginCommand: CommandFactory = (bind) =>
  new CliCommand('login')
    .summary('store a Cloud API key or an identity pool as a profile')
    .description('Store a Cloud API key, or an identity pool, as a profile, after checking it with the API.')
    .argument('[name]', 'the name of the profile (default "default")')
    .addOption(new Option('--api-key <key>', 'the id of the key; prompted for if omitted'))
    .addOption(new Option('--api-secret-stdin', 'read the secret from stdin'))
    .addOption(new Option('--api-secret-file <file>', 'read the secret from a file'))
    .addOption(
      new Option('--secret-command <command>', 'store the command that prints the secret instead of the secret'),
    )
    .addOption(new Option('--identity-pool <id>', 'the id of an identity pool, to be stored instead of a key'))
    .addOption(
      new Option('--token-command <command>', 'the command that prints a token of the identity provider of the pool'),
    )
    .addOption(
      new Option(
        '--allowed-domains <domain,...>',
        'with this profile, invite only addresses of these domains',
      ).argParser(parseDomains),
    )
    .addOption(new Option('--no-verify', 'save without checking with the API'))
    .addOption(new Option('--no-use', 'do not make it the current profile'))
    .addConfirmationOptions()
    .addExamples(
      'invite auth login',
      'invite auth login ci --api-key ABCDEFGH12345678 --api-secret-file secret.txt',
      'invite auth login work --secret-command \'["op","read","op://it/confluent/secret"]\'',
      'invite auth login ci --identity-pool pool-abc --token-command \'["./print-token"]\'',
    )
    .action(bind(login));

async function login(ctx: Context, typed: string | undefined, options: LoginOptions): Promise<void> {
  ctx.expect(profileView);
  refuseProfileOption(ctx, typed);
  const name = parseNewName(typed ?? ctx.globals.profile ?? 'default');
  const isExpected = await confirmReplacement(ctx, name, options);
  const endpoint = parseEndpoint(ctx.globals.endpoint ?? ctx.host.env.CONFLUENT_CLOUD_ENDPOINT ?? defaultEndpoint);
  const { allowedDomains: allowed_domains } = options;
  const credential = {
    ...(poolIn(options) ?? (await keyIn(ctx, options))),
    ...(allowed_domains === undefined ? {} : { allowed_domains }),
  };
  const profile = { name, credential, endpoint, isExpected };
  if (options.verify) await verify(ctx, profile);
  await save(ctx, profile, options);
}

function parseNewName(text: string): string {
  if (text !== sandboxName) return parseProfileName(text);
  const hints = ['it needs no login: invite -p sandbox list'];
  throw new CliError('usage', 'cannot store a profile as "sandbox"', { reason: 'that name is built in', hints });
}

/** Asks before a stored profile is replaced. Returns whether a profile is the one that the answer was about. */
async function confirmReplacement(
  ctx: Context,
  name: string,
  { yes, dryRun }: LoginOptions,
): Promise<(profile: Profile | undefined) => boolean> {
  const config = ctx.store().read();
  const before = profileOf(config, name);
  if (before !== undefined && !dryRun) {
    const { endpoint } = profileRecord(config, name);
    const message = `replace the profile "${name}" (${describeProfile(before)}, ${endpoint})?`;
    await ctx.confirm({ message, answered: yes === true });
  }
  return (profile) => yes === true || isDeepStrictEqual(profile, before);
}

/** The identity pool that is to be stored, if one is. */
function poolIn(options: LoginOptions): Profile | undefined {
  const { identityPool, tokenCommand } = options;
  if (identityPool === undefined && tokenCommand === undefined) return undefined;
  const keyFlag = keyFlags.find(([name]) => options[name] !== undefined)?.[1];
  if (keyFlag !== undefined) {
    const hints = ['store the key and the pool as two profiles'];
    throw new CliError('usage', `"--identity-pool" and "${keyFlag}" contradict each other`, { hints });
  }
  if (identityPool === undefined || tokenCommand === undefined) {
    const missing = identityPool === undefined ? '--identity-pool POOL' : '--token-command COMMAND';
    const hints = ['in a pipeline no profile is needed: invite help pipelines'];
    throw new CliError('usage', `${missing} is missing`, {
      reason: '--identity-pool and --token-command are given together',
      hints,
    });
  }
  const identity_pool_id = parsePoolId('the identity pool', identityPool);
  return { identity_pool_id, token_command: parseCommand(tokenCommand, '--token-command') };
}

const keyFlags = [
  ['apiKey', '--api-key'],
  ['apiSecretStdin', '--api-secret-stdin'],
  ['apiSecretFile', '--api-secret-file'],
  ['secretCommand', '--secret-command'],
] as const satisfies readonly (readonly [keyof LoginOptions, string])[];

async function keyIn(ctx: Context, options: LoginOptions): Promise<Profile> {
  const api_key = parseKeyId('the API key', options.apiKey ?? (await askKey(ctx)));
  return { api_key, ...(await readSecretOption(ctx, options)) };
}

async function askKey(ctx: Context): Promise<string> {
  const missing = 'the API key is missing, and prompts are not possible here';
  const prompter = requirePrompter(ctx, missing, ['use --api-key KEY']);
  ctx.say(
    'create a Cloud API key in Confluent Cloud under "API keys", or with: confluent api-key create --resource cloud',
  );
  const { askText } = await import('../../terminal/prompt.ts');
  return await askText(prompter, 'API key:', (text) => text.trim() !== '' || 'type or paste it, then press Enter');
}

/** Requests one invitation: credentials that may not do that are of no use here. */
async function verify(ctx: Context, { name, credential, endpoint }: NewProfile): Promise<void> {
  const isKey = 'api_key' in credential;
  const what = isKey ? `the key …${credential.api_key.slice(-4)}` : `the identity pool ${credential.identity_pool_id}`;
  ctx.say(`checking ${what} with ${endpoint.origin}`);
  try {
    const { api } = await ctx.connectAs({
      ...storedCredential(name, credential),
      ...{ source: 'flag', profile: name, endpoint, shadowed: [] },
    });
    await api.get(
      '/iam/v2/invitations',
      { page_size: '1' },
      { act: isKey ? 'check the key' : 'check the identity pool' },
    );
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const explained = isKey ? explainKeyRefusal(error) : error;
    const otherHints = (explained.details.hints ?? []).filter((hint) => !hint.startsWith('invite auth login'));
    const hints = [...otherHints, 'nothing was saved; --no-verify saves without checking'];
    throw explained.with({ hints });
  }
}

async function save(ctx: Context, profile: NewProfile, { use, dryRun }: LoginOptions): Promise<void> {
  const { name, credential, isExpected } = profile;
  const created_at = new Date(ctx.host.clock.now()).toISOString();
  const change = (config: Config) => {
    if (!isExpected(profileOf(config, name))) throw changedMeanwhile('save', name, ['replace it anyway: add --yes']);
    return configWith(config, profile, { created_at, use });
  };
  const store = ctx.store();
  const saved = dryRun ? change(store.read()) : await store.update(change);
  if (dryRun) ctx.say('nothing was saved');
  else if ('api_secret' in credential) {
    ctx.say(
      `"${store.path}" contains the secret as plain text, readable by you only; --secret-command keeps it elsewhere`,
    );
  }
  if (use && !dryRun) warnIfShadowed(ctx, name);
  await ctx.show(profileView, profileRecord(saved, name));
}

/** Unknown keys of a profile that is replaced are kept. */
function configWith(config: Config, added: NewProfile, more: { created_at: string; use: boolean }): Config {
  const { name, credential, endpoint } = added;
  const known = ['api_key', 'api_secret', 'secret_command', 'identity_pool_id', 'token_command', 'endpoint'];
  const kept = Object.entries(profileOf(config, name) ?? {}).filter(([key]) => !known.includes(key));
  const url = baseOf(endpoint);
  const profile: Profile = {
    ...Object.fromEntries(kept),
    ...credential,
    ...(url === defaultEndpoint ? {} : { endpoint: url }),
    created_at: more.created_at,
  };
  return { ...config, ...(more.use ? { current: name } : {}), profiles: { ...config.profiles, [name]: profile } };
}

/** Bytes, more than any secret has. */
const maxSecretBytes = 65_536;

async function readSecretOption(ctx: Context, options: LoginOptions) {
  const given = [options.apiSecretStdin, options.apiSecretFile, options.secretCommand].filter(
    (one) => one !== undefined,
  );
  if (given.length > 1) {
    const hints = ['use one of --api-secret-stdin, --api-secret-file and --secret-command'];
    throw new CliError('usage', 'only one source of the secret can be given', { hints });
  }
  if (options.secretCommand !== undefined)
    return { secret_command: parseCommand(options.secretCommand, '--secret-command') };
  const api_secret = parseCredential('the API secret', await readSecretText(ctx, options));
  ctx.redactor.addSecret(api_secret);
  return { api_secret };
}

async function readSecretText(ctx: Context, { apiSecretStdin, apiSecretFile }: LoginOptions): Promise<string> {
  if (apiSecretFile !== undefined) return readSecretFile(apiSecretFile);
  if (apiSecretStdin) return readPiped(ctx);
  const missing = 'the API secret is missing, and prompts are not possible here';
  const hints = ['use --api-secret-stdin, --api-secret-file FILE or --secret-command COMMAND'];
  const prompter = requirePrompter(ctx, missing, hints);
  const { askSecret } = await import('../../terminal/prompt.ts');
  return await askSecret(prompter, 'API secret:');
}

async function readPiped(ctx: Context): Promise<string> {
  if (ctx.host.stdin.isTTY) {
    const hints = ['pipe it in, or omit the option to be prompted'];
    throw new CliError('usage', 'cannot read the secret from a terminal, which would display it', { hints });
  }
  const { bytes } = await readStdin(ctx);
  try {
    return textOf(bytes);
  } catch (error) {
    throw new CliError('invalid_file', 'cannot read the secret from stdin', { reason: wordsOf(error), cause: error });
  }
}

function readSecretFile(path: string): string {
  try {
    return readText(path, maxSecretBytes);
  } catch (error) {
    const isPipe = error instanceof CliError && error.details.reason?.startsWith('it is a pipe') === true;
    throw isPipe ? error.with({ hints: ['pipe it into the command, with --api-secret-stdin'] }) : error;
  }
}

/** A program and its arguments, as a JSON array or separated by spaces; there is no shell to interpret more. */
function parseCommand(text: string, option: string): string[] {
  const isList = text.trim().startsWith('[');
  const isPlain = isList || !/["'`$|;&<>\\]/.test(text);
  const words = isList ? parseList(text) : text.trim().split(/\s+/);
  if (isPlain && words?.[0]) return words;
  const hints = [`write it as a JSON array: ${option} '["PROGRAM","ARGUMENT"]'`];
  // The command is not shown: it may contain a secret.
  throw new CliError('usage', `cannot use the value of "${option}"`, {
    reason: 'it is run without a shell',
    hints,
  });
}

function parseList(text: string): string[] | undefined {
  try {
    const words: unknown = JSON.parse(text);
    return Array.isArray(words) && words.every((word) => typeof word === 'string') ? words : undefined;
  } catch {
    return undefined;
  }
}
