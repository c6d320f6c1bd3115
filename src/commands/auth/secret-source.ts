import type { Context } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { readSmallFile } from '../../files/small-file.ts';
import type { Input } from '../../host.ts';
import { parseCredential } from '../../profiles/credential.ts';
import type { Secret } from '../../profiles/profile.ts';

/** Where the secret comes from; at most one of them. There is no option that takes the secret itself. */
export interface SecretOptions {
  readonly apiSecretStdin?: boolean;
  readonly apiSecretFile?: string;
  readonly secretCommand?: string;
}

/** Longer than any secret, in bytes. */
const longest = 65_536;

export async function secretFrom(ctx: Context, options: SecretOptions): Promise<Secret> {
  const given = [options.apiSecretStdin, options.apiSecretFile, options.secretCommand].filter(
    (one) => one !== undefined,
  );
  if (given.length > 1) {
    const hints = ['one of --api-secret-stdin, --api-secret-file and --secret-command'];
    throw new CliError('usage', 'the secret can come from one place only', { hints });
  }
  if (options.secretCommand !== undefined) return { command: parseCommand(options.secretCommand) };
  const value = parseCredential('the API secret', await textFrom(ctx, options));
  ctx.redactor.learn(value);
  return { value };
}

async function textFrom(ctx: Context, { apiSecretStdin, apiSecretFile }: SecretOptions): Promise<string> {
  if (apiSecretFile !== undefined) return readSmallFile(apiSecretFile, longest);
  if (apiSecretStdin) return await readPiped(ctx.host.stdin);
  const desk = ctx.desk();
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
