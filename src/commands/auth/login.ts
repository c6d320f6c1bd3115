import { isDeepStrictEqual } from 'node:util';
import { Option } from 'commander';
import { parseDomains } from '../../api/email.ts';
import { CliCommand, type CommandFactory, type ConfirmationOptions } from '../../cli/command.ts';
import { type Context, requirePrompter } from '../../cli/context.ts';
import { CliError, ifPossible, wordsOf } from '../../errors.ts';
import { readText, textOf } from '../../files/read.ts';
import { checkPage } from '../../http/api.ts';
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
  saveConfig,
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

export const authLoginCommand: CommandFactory = (bind) =>
  new CliCommand('login')
    .summary('store a Cloud API key or an identity pool as a profile')
    .description('Store a Cloud API key, or an identity pool, as a profile, after checking it with the API.')
    .argument('[name]', 'the name of the profile (default "default")')
    .option('--api-key <key>', 'the id of the key; prompted for if omitted')
    .addOption(new Option('--api-secret-stdin', 'read the secret from stdin').conflicts('secretCommand'))
    .addOption(new Option('--api-secret-file <file>', 'read the secret from a file').conflicts(secretOptions))
    .option('--secret-command <command>', 'store the command that prints the secret instead of the secret')
    .addOption(
      new Option('--identity-pool <id>', 'the id of an identity pool, to be stored instead of a key').conflicts(
        keyOptions,
      ),
    )
    .option('--token-command <command>', 'the command that prints a token of the identity provider of the pool')
    .option('--allowed-domains <domain,...>', 'with this profile, invite only addresses of these domains', parseDomains)
    .option('--no-verify', 'save without checking with the API')
    .option('--no-use', 'do not make it the current profile')
    .addConfirmationOptions()
    .addExamples(
      'invite auth login',
      'invite auth login ci --api-key ABCDEFGH12345678 --api-secret-file secret.txt',
      'invite auth login work --secret-command \'["op","read","op://it/confluent/secret"]\'',
      'invite auth login ci --identity-pool pool-abc --token-command \'["./print-token"]\'',
    )
    .addView(() => profileView)
    .action(bind(login));

const secretOptions: (keyof LoginOptions)[] = ['apiSecretStdin', 'secretCommand'];
const keyOptions: (keyof LoginOptions)[] = ['apiKey', 'apiSecretFile', ...secretOptions];

async function login(ctx: Context, typed: string | undefined, options: LoginOptions): Promise<void> {
  refuseProfileOption(ctx, typed);
  const name = parseNewName(typed ?? ctx.globals.profile ?? 'default');
  const before = await confirmReplacement(ctx, name, options);
  const { globals, host } = ctx;
  // A new key for a profile is for the same API.
  const chosen = globals.endpoint ?? host.env.CONFLUENT_CLOUD_ENDPOINT ?? before?.endpoint;
  const endpoint = parseEndpoint(chosen ?? defaultEndpoint);
  const { allowedDomains: allowed_domains, yes, use, dryRun = false } = options;
  const own = poolIn(options) ?? (await keyIn(ctx, options));
  const credential: Profile = { ...own, ...(allowed_domains === undefined ? {} : { allowed_domains }) };
  if (options.verify) await verify(ctx, name, credential, endpoint);
  const url = baseOf(endpoint);
  const created_at = new Date(host.clock.now()).toISOString();
  const change = (config: Config) => {
    const isExpected = yes === true || isDeepStrictEqual(profileOf(config, name), before);
    if (!isExpected) throw changedMeanwhile('save', name, ['replace it anyway: add --yes']);
    return configWith(
      config,
      name,
      { ...credential, ...(url === defaultEndpoint ? {} : { endpoint: url }), created_at },
      use,
    );
  };
  const saved = await saveConfig(ctx, dryRun, change);
  const warning = `"${ctx.store().path}" contains the secret as plain text, readable by you only; --secret-command keeps it elsewhere`;
  if (!dryRun && 'api_secret' in credential) ctx.say(warning);
  if (!dryRun && use) warnIfShadowed(ctx, name);
  await ctx.show(profileView, profileRecord(saved, name));
}

function parseNewName(text: string): string {
  if (text !== sandboxName) return parseProfileName(text);
  const hints = ['it needs no login: invite -p sandbox list'];
  throw new CliError('usage', 'cannot store a profile as "sandbox"', { reason: 'that name is built in', hints });
}

/** Asks before a stored profile is replaced; resolves to the one that the answer is about. */
async function confirmReplacement(ctx: Context, name: string, { yes, dryRun }: LoginOptions) {
  const config = ctx.store().read();
  const before = profileOf(config, name);
  if (before !== undefined && !dryRun) {
    const { endpoint } = profileRecord(config, name);
    const message = `replace the profile "${name}" (${describeProfile(before)}, ${endpoint})?`;
    await ctx.confirm({ lines: [message], answered: yes === true });
  }
  return before;
}

function poolIn({ identityPool, tokenCommand }: LoginOptions): Profile | undefined {
  if (identityPool === undefined && tokenCommand === undefined) return undefined;
  if (identityPool === undefined || tokenCommand === undefined) {
    const missing = identityPool === undefined ? '--identity-pool POOL' : '--token-command COMMAND';
    throw new CliError('usage', `${missing} is missing`, {
      reason: '--identity-pool and --token-command are given together',
      hints: ['in a pipeline no profile is needed: invite help pipelines'],
    });
  }
  const identity_pool_id = parsePoolId('the identity pool', identityPool);
  return { identity_pool_id, token_command: parseCommand(tokenCommand, '--token-command') };
}

async function keyIn(ctx: Context, options: LoginOptions): Promise<Profile> {
  const api_key = parseKeyId('the API key', options.apiKey ?? (await askKey(ctx)));
  const { secretCommand } = options;
  if (secretCommand !== undefined) return { api_key, secret_command: parseCommand(secretCommand, '--secret-command') };
  const api_secret = parseCredential('the API secret', await readSecret(ctx, options));
  ctx.redactor.addSecret(api_secret);
  return { api_key, api_secret };
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

async function readSecret(ctx: Context, { apiSecretStdin, apiSecretFile }: LoginOptions): Promise<string> {
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

/** Bytes, more than any secret has. */
const maxSecretBytes = 65_536;

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
  const words = isList ? parseList(text) : text.trim().split(/\s+/);
  if (words?.[0] && (isList || !/["'`$|;&<>\\]/.test(text))) return words;
  // The command is not shown: it may contain a secret.
  throw new CliError('usage', `cannot use the value of "${option}"`, {
    reason: 'it is run without a shell',
    hints: [`write it as a JSON array: ${option} '["PROGRAM","ARGUMENT"]'`],
  });
}

function parseList(text: string): string[] | undefined {
  const words: unknown = ifPossible(() => JSON.parse(text));
  return Array.isArray(words) && words.every((word) => typeof word === 'string') ? words : undefined;
}

/** Requests one invitation: credentials that may not do that are of no use here. */
async function verify(ctx: Context, name: string, profile: Profile, endpoint: URL): Promise<void> {
  const isKey = 'api_key' in profile;
  const what = isKey ? `the key …${profile.api_key.slice(-4)}` : `the identity pool ${profile.identity_pool_id}`;
  ctx.say(`checking ${what} with ${endpoint.origin}`);
  try {
    const credential = storedCredential(name, profile);
    const { api } = await ctx.connectAs({ ...credential, source: 'flag', profile: name, endpoint, shadowed: [] });
    const act = isKey ? 'check the key' : 'check the identity pool';
    checkPage(await api.get('/iam/v2/invitations', { page_size: '1' }, { act }));
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const explained = isKey ? explainKeyRefusal(error) : error;
    const others = (explained.details.hints ?? []).filter((hint) => !hint.startsWith('invite auth login'));
    throw explained.with({ hints: [...others, 'nothing was saved; --no-verify saves without checking'] });
  }
}

/** What of a profile is replaced by another; unknown keys are kept. */
const known = ['api_key', 'api_secret', 'secret_command', 'identity_pool_id', 'token_command', 'endpoint'];

function configWith(config: Config, name: string, added: Profile, use: boolean): Config {
  const kept = Object.entries(profileOf(config, name) ?? {}).filter(([key]) => !known.includes(key));
  const profiles = { ...config.profiles, [name]: { ...Object.fromEntries(kept), ...added } };
  return { ...config, ...(use ? { current: name } : {}), profiles };
}
