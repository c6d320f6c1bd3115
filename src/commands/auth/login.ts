import { isDeepStrictEqual } from 'node:util';
import { Option } from 'commander';
import { CliCommand, type CommandFactory, type ConfirmationOptions } from '../../cli/command.ts';
import { type Context, requirePrompter } from '../../cli/context.ts';
import { CliError } from '../../errors.ts';
import { wordsOf } from '../../files/io-error.ts';
import { readText, textOf } from '../../files/read.ts';
import type { Input } from '../../host.ts';
import { defaultEndpoint, parseEndpoint } from '../../http/endpoint.ts';
import { explainKeyRefusal } from '../../profiles/auth-errors.ts';
import {
  type Config,
  type Profile,
  parseProfileName,
  profileOf,
  type Secret,
  sandboxName,
} from '../../profiles/profile.ts';
import { parseCredential, parseKeyId } from '../../profiles/secret.ts';
import { profileRecord, profileView } from './profile-view.ts';
import { refuseProfileOption, warnIfShadowed } from './use.ts';

interface LoginOptions extends SecretOptions, ConfirmationOptions {
  readonly apiKey?: string;
  readonly verify: boolean;
  readonly use: boolean;
}

interface Credentials {
  readonly name: string;
  readonly api_key: string;
  readonly secret: Secret;
  readonly endpoint: URL;
}

export const authLoginCommand: CommandFactory = (bind) =>
  new CliCommand('login')
    .summary('store a Cloud API key as a profile')
    .description('Store a Cloud API key as a profile, after checking it with the API.')
    .argument('[name]', 'the name of the profile (default "default")')
    .addOption(new Option('--api-key <key>', 'the id of the key; prompted for if omitted'))
    .addOption(new Option('--api-secret-stdin', 'read the secret from stdin'))
    .addOption(new Option('--api-secret-file <file>', 'read the secret from a file'))
    .addOption(
      new Option('--secret-command <command>', 'store the command that prints the secret instead of the secret'),
    )
    .addOption(new Option('--no-verify', 'save without checking the key with the API'))
    .addOption(new Option('--no-use', 'do not make it the current profile'))
    .addConfirmationOptions()
    .addExamples(
      'invite auth login',
      'invite auth login ci --api-key ABCDEFGH12345678 --api-secret-file secret.txt',
      'invite auth login work --secret-command \'["op","read","op://it/confluent/secret"]\'',
    )
    .action(bind(login));

async function login(ctx: Context, typed: string | undefined, options: LoginOptions): Promise<void> {
  ctx.expect(profileView);
  refuseProfileOption(ctx, typed);
  const name = parseNewName(typed ?? ctx.globals.profile ?? 'default');
  const replaced = await confirmReplacement(ctx, name, options);
  const endpoint = parseEndpoint(ctx.globals.endpoint ?? ctx.host.env.CONFLUENT_CLOUD_ENDPOINT ?? defaultEndpoint);
  const api_key = parseKeyId('the API key', options.apiKey ?? (await askKey(ctx)));
  const credentials = { name, api_key, endpoint, secret: await readSecretOption(ctx, options) };
  if (options.verify) await verify(ctx, credentials);
  if (!options.dryRun) await save(ctx, credentials, { use: options.use, isExpected: replaced });
  else ctx.say('nothing was saved');
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
    const { api_key, endpoint } = profileRecord(config, name);
    const message = `replace the profile "${name}" (key ${api_key}, ${endpoint})?`;
    await ctx.confirm({ message, answered: yes === true });
  }
  return (profile) => yes === true || isDeepStrictEqual(profile, before);
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

/** Requests one invitation: a key that may not do that is of no use here. */
async function verify(ctx: Context, { name, ...credentials }: Credentials): Promise<void> {
  ctx.say(`checking the key …${credentials.api_key.slice(-4)} with ${credentials.endpoint.origin}`);
  try {
    const { api } = await ctx.connectAs({ kind: 'key', source: 'flag', profile: name, ...credentials, shadowed: [] });
    await api.get('/iam/v2/invitations', { page_size: '1' }, { act: 'check the key' });
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const explained = explainKeyRefusal(error);
    const otherHints = (explained.details.hints ?? []).filter((hint) => !hint.startsWith('invite auth login'));
    const hints = [...otherHints, 'nothing was saved; --no-verify saves without checking'];
    throw explained.with({ hints });
  }
}

interface SaveOptions {
  readonly use: boolean;
  isExpected(profile: Profile | undefined): boolean;
}

async function save(ctx: Context, credentials: Credentials, { use, isExpected }: SaveOptions): Promise<void> {
  const { name, secret } = credentials;
  const created_at = new Date(ctx.host.clock.now()).toISOString();
  await ctx.store().update((config) => {
    if (!isExpected(profileOf(config, name))) throw changedMeanwhile(name);
    return configWith(config, credentials, { created_at, use });
  });
  if ('value' in secret) {
    ctx.say(
      `"${ctx.store().path}" contains the secret as plain text, readable by you only; --secret-command keeps it elsewhere`,
    );
  }
  if (use) warnIfShadowed(ctx, name);
  await ctx.show(profileView, profileRecord(ctx.store().read(), name));
}

/** Another process has saved or removed the profile since it was shown here. */
function changedMeanwhile(name: string): CliError {
  return new CliError('already_exists', `cannot save the profile "${name}"`, {
    reason: 'another process changed it in the meantime; nothing was saved',
    hints: ['see what is stored now: invite auth list', 'replace it all the same: add --yes'],
    target: name,
  });
}

function configWith(config: Config, credentials: Credentials, more: { created_at: string; use: boolean }): Config {
  const { name, api_key, secret, endpoint } = credentials;
  const { api_secret, secret_command, endpoint: _, ...kept } = profileOf(config, name) ?? { api_key };
  const url = endpoint.href.replace(/\/$/, '');
  const profile: Profile = {
    ...kept,
    api_key,
    ...('value' in secret ? { api_secret: secret.value } : { secret_command: secret.command }),
    ...(url === defaultEndpoint ? {} : { endpoint: url }),
    created_at: more.created_at,
  };
  return { ...config, ...(more.use ? { current: name } : {}), profiles: { ...config.profiles, [name]: profile } };
}

/** Where the secret comes from; at most one of them. There is no option for the secret itself. */
interface SecretOptions {
  readonly apiSecretStdin?: boolean;
  readonly apiSecretFile?: string;
  readonly secretCommand?: string;
}

/** Bytes, more than any secret has. */
const maxSecretBytes = 65_536;

async function readSecretOption(ctx: Context, options: SecretOptions): Promise<Secret> {
  const given = [options.apiSecretStdin, options.apiSecretFile, options.secretCommand].filter(
    (one) => one !== undefined,
  );
  if (given.length > 1) {
    const hints = ['use one of --api-secret-stdin, --api-secret-file and --secret-command'];
    throw new CliError('usage', 'only one source of the secret can be given', { hints });
  }
  if (options.secretCommand !== undefined) return { command: parseCommand(options.secretCommand) };
  const value = parseCredential('the API secret', await readSecretText(ctx, options));
  ctx.redactor.addSecret(value);
  return { value };
}

async function readSecretText(ctx: Context, { apiSecretStdin, apiSecretFile }: SecretOptions): Promise<string> {
  if (apiSecretFile !== undefined) return readSecretFile(apiSecretFile);
  if (apiSecretStdin) return await readPiped(ctx.host.stdin);
  const missing = 'the API secret is missing, and prompts are not possible here';
  const hints = ['use --api-secret-stdin, --api-secret-file FILE or --secret-command COMMAND'];
  const prompter = requirePrompter(ctx, missing, hints);
  const { askSecret } = await import('../../terminal/prompt.ts');
  return await askSecret(prompter, 'API secret:');
}

async function readPiped({ isTTY, stream }: Input): Promise<string> {
  if (isTTY) {
    const hints = ['pipe it in, or omit the option to be prompted'];
    throw new CliError('usage', 'cannot read the secret from a terminal, which would display it', { hints });
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk));
    size += chunk.length;
    if (size > maxSecretBytes) throw new CliError('invalid_file', 'stdin contains more than a secret');
  }
  try {
    return textOf(Buffer.concat(chunks));
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
function parseCommand(text: string): string[] {
  const isList = text.trim().startsWith('[');
  const isPlain = isList || !/["'`$|;&<>\\]/.test(text);
  const words = isList ? parseList(text) : text.trim().split(/\s+/);
  if (isPlain && words?.[0]) return words;
  const hints = [`write it as a JSON array: --secret-command '["op","read","op://it/confluent/secret"]'`];
  // The command is not shown: it may contain a secret.
  throw new CliError('usage', 'cannot use the value of "--secret-command"', {
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
