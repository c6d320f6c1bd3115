import { Command, Option } from 'commander';
import type { Context } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { readSmallFile } from '../../files/file.ts';
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
import { type CommandFactory, dryRunOption, examples, yesOption } from '../shared/command.ts';
import { profileView, profileRecord } from '../shared/profile-view.ts';
import { refuseProfileOption, warnIfShadowed } from './use.ts';

interface LoginOptions extends SecretOptions {
  readonly apiKey?: string;
  readonly verify: boolean;
  readonly use: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

interface Credentials {
  readonly name: string;
  readonly api_key: string;
  readonly secret: Secret;
  readonly endpoint: URL;
}

export const authLoginCommand: CommandFactory = (bind) =>
  new Command('login')
    .summary('store a Cloud API key as a profile')
    .description('Store a Cloud API key as a profile, after asking the API whether it is right.')
    .argument('[name]', 'the profile; "default" if left out')
    .addOption(new Option('--api-key <key>', 'the id of the key; asked for if left out'))
    .addOption(new Option('--api-secret-stdin', 'read the secret from stdin'))
    .addOption(new Option('--api-secret-file <file>', 'read the secret from a file'))
    .addOption(new Option('--secret-command <command>', 'store no secret, but a program that prints it'))
    .addOption(new Option('--no-verify', 'save without asking the API'))
    .addOption(new Option('--no-use', 'leave the current profile as it is'))
    .addOption(yesOption())
    .addOption(dryRunOption())
    .addHelpText(
      'after',
      examples(
        'invite auth login',
        'invite auth login ci --api-key ABCDEFGH12345678 --api-secret-file secret.txt',
        'invite auth login work --secret-command \'["op","read","op://it/confluent/secret"]\'',
      ),
    )
    .action(bind(login));

export async function login(ctx: Context, typed: string | undefined, options: LoginOptions): Promise<void> {
  ctx.expect(profileView);
  refuseProfileOption(ctx, typed);
  const name = parseNewName(typed ?? ctx.globals.profile ?? 'default');
  await confirmReplacement(ctx, name, options);
  const endpoint = parseEndpoint(ctx.globals.endpoint ?? ctx.host.env.CONFLUENT_CLOUD_ENDPOINT ?? defaultEndpoint);
  const api_key = parseKeyId('the API key', options.apiKey ?? (await askKey(ctx)));
  const credentials = { name, api_key, endpoint, secret: await readSecretOption(ctx, options) };
  if (options.verify) await verify(ctx, credentials);
  if (!options.dryRun) await save(ctx, credentials, options.use);
  else ctx.say('nothing was saved');
}

function parseNewName(text: string): string {
  if (text !== sandboxName) return parseProfileName(text);
  const hints = ['it needs no login: invite -p sandbox list'];
  throw new CliError('usage', 'cannot store a profile as "sandbox"', { reason: 'that one is built in', hints });
}

/** Before anything is asked for: a profile that is there already is shown, and kept unless somebody says otherwise. */
async function confirmReplacement(ctx: Context, name: string, { yes, dryRun }: LoginOptions): Promise<void> {
  const config = ctx.store().read();
  if (dryRun || profileOf(config, name) === undefined) return;
  const { api_key, endpoint } = profileRecord(config, name);
  const message = `replace the profile "${name}" (key ${api_key}, ${endpoint})?`;
  await ctx.confirm({ message, flag: '--yes', answered: yes === true });
}

async function askKey(ctx: Context): Promise<string> {
  const desk = ctx.prompter();
  if (desk === undefined) {
    const hints = ['give it with --api-key KEY'];
    throw new CliError('usage', 'the API key is missing, and nobody can be asked here', { hints });
  }
  ctx.say(
    'a Cloud API key is made in Confluent Cloud under "API keys", or with: confluent api-key create --resource cloud',
  );
  const { askText } = await import('../../terminal/prompt.ts');
  return await askText(desk, 'API key:', {
    validate: (text) => text.trim() !== '' || 'type or paste it, then press Enter',
  });
}

/** Asks for one invitation: a key that may not even do that is of no use here. */
async function verify(ctx: Context, { name, ...credentials }: Credentials): Promise<void> {
  ctx.say(`asking ${credentials.endpoint.origin} whether the key …${credentials.api_key.slice(-4)} is right`);
  try {
    const { api } = await ctx.connectAs({ kind: 'key', source: 'flag', profile: name, ...credentials, shadowed: [] });
    await api.get('/iam/v2/invitations', { page_size: '1' });
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const explained = explainKeyRefusal(error);
    const others = (explained.details.hints ?? []).filter((hint) => hint !== 'invite auth login');
    const hints = [...others, 'nothing was saved; --no-verify saves without asking'];
    throw explained.with({ hints });
  }
}

async function save(ctx: Context, credentials: Credentials, use: boolean): Promise<void> {
  const { name, secret } = credentials;
  const created_at = new Date(ctx.host.clock.now()).toISOString();
  await ctx.store().update((config) => withProfile(config, credentials, { created_at, use }));
  if ('value' in secret) {
    ctx.say(
      `"${ctx.store().path}" holds the secret as plain text, readable by you alone; --secret-command keeps it elsewhere`,
    );
  }
  if (use) warnIfShadowed(ctx, name);
  await ctx.show(profileView, profileRecord(ctx.store().read(), name));
}

function withProfile(config: Config, credentials: Credentials, more: { created_at: string; use: boolean }): Config {
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

/** Where the secret comes from; at most one of them. There is no option that takes the secret itself. */
export interface SecretOptions {
  readonly apiSecretStdin?: boolean;
  readonly apiSecretFile?: string;
  readonly secretCommand?: string;
}

/** Longer than any secret, in bytes. */
const longest = 65_536;

export async function readSecretOption(ctx: Context, options: SecretOptions): Promise<Secret> {
  const given = [options.apiSecretStdin, options.apiSecretFile, options.secretCommand].filter(
    (one) => one !== undefined,
  );
  if (given.length > 1) {
    const hints = ['one of --api-secret-stdin, --api-secret-file and --secret-command'];
    throw new CliError('usage', 'the secret can come from one place only', { hints });
  }
  if (options.secretCommand !== undefined) return { command: parseCommand(options.secretCommand) };
  const value = parseCredential('the API secret', await textFrom(ctx, options));
  ctx.redactor.addSecret(value);
  return { value };
}

async function textFrom(ctx: Context, { apiSecretStdin, apiSecretFile }: SecretOptions): Promise<string> {
  if (apiSecretFile !== undefined) return readSmallFile(apiSecretFile, longest);
  if (apiSecretStdin) return await readPiped(ctx.host.stdin);
  const desk = ctx.prompter();
  if (desk !== undefined) return await (await import('../../terminal/prompt.ts')).askSecret(desk, 'API secret:');
  const hints = ['give it with --api-secret-stdin, --api-secret-file FILE or --secret-command COMMAND'];
  throw new CliError('usage', 'the API secret is missing, and nobody can be asked here', { hints });
}

async function readPiped({ isTTY, stream }: Input): Promise<string> {
  if (isTTY) {
    const hints = ['pipe it in, or leave the option out to be asked'];
    throw new CliError('usage', 'cannot read the secret from a terminal, which would show it', { hints });
  }
  let text = '';
  for await (const chunk of stream) {
    text += chunk.toString();
    if (text.length > longest) throw new CliError('invalid_file', 'stdin holds more than a secret');
  }
  return text;
}

/** A program and its arguments, as a JSON list or as plain words; there is no shell that could understand more. */
function parseCommand(text: string): string[] {
  const isList = text.trim().startsWith('[');
  const isPlain = isList || !/["'`$|;&<>\\]/.test(text);
  const words = isList ? parseList(text) : text.trim().split(/\s+/);
  if (isPlain && words?.[0]) return words;
  const hints = [`write it as a list: --secret-command '["op","read","op://it/confluent/secret"]'`];
  // The command itself is not shown: what is in it may be secret.
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
