import { CliError } from '../errors.ts';
import { isJsonObject, type JsonObject, numberAt } from '../text/json-fields.ts';
import type { Secret } from './profile.ts';

/**
 * A key or secret as it was typed, pasted or stored, without white space and quotes around it. Throws `usage` for
 * characters that cannot be part of one; the error never shows the value.
 * @param name What it is, for the error: `the API key`, `CONFLUENT_CLOUD_API_SECRET`.
 */
export function parseCredential(name: string, text: string, maxLength = 4096): string {
  const [, , quoted] = /^(["'])(.*)\1$/s.exec(text.trim()) ?? [];
  const value = (quoted ?? text).trim();
  const problem = problemWith(value, maxLength);
  if (problem === undefined) return value;
  throw new CliError('usage', `cannot use ${name}`, {
    reason: problem,
    hints: ['copy it again, without anything around it'],
  });
}

/** The id of a key; it precedes the colon in an Authorization header, and so cannot contain one. */
export function parseKeyId(name: string, text: string): string {
  const id = parseCredential(name, text);
  if (!id.includes(':')) return id;
  const hints = ['the key and the secret are separate values'];
  throw new CliError('usage', `cannot use ${name}`, { reason: 'it contains a colon', hints });
}

/** The id of an identity pool, which is no secret: at most 255 characters, as every id of the API. Throws `usage`. */
export function parsePoolId(name: string, text: string): string {
  return parseCredential(name, text, 255);
}

/** The most characters of an access token: more than any server accepts in a header. */
const maxTokenLength = 16_384;

/** An access token, without `Bearer`. Throws `usage`; the error never shows the value. */
export function parseAccessToken(name: string, text: string): string {
  const value = text.trim();
  if (!/^bearer\s/i.test(value)) return parseCredential(name, value, maxTokenLength);
  const hints = ['set the token alone, without the word'];
  throw new CliError('usage', `cannot use ${name}`, { reason: 'it begins with the word Bearer', hints });
}

/**
 * When an access token expires, in milliseconds since 1970. Undefined where it does not say: only a JWT does, and its
 * signature is not verified here.
 */
export function expiryOfToken(token: string): number | undefined {
  const exp = numberAt(claimsOf(token), 'exp');
  // A later time is not a valid date.
  return exp !== undefined && exp > 0 && exp < 253_402_300_800 ? exp * 1000 : undefined;
}

/** What a JWT says about itself; undefined for another kind of token. */
export function claimsOf(token: string): JsonObject | undefined {
  const [, payload, signature] = token.split('.');
  if (payload === undefined || signature === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return isJsonObject(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}

function problemWith(value: string, maxLength: number): string | undefined {
  if (value === '') return 'it is empty';
  if (value.length > maxLength) return `it is longer than ${maxLength} characters`;
  if (/[\r\n]/.test(value)) return 'it contains a line break';
  if (/\s/.test(value)) return 'it contains a space';
  if (/[^\x21-\x7e]/.test(value)) return 'it contains a character that is not allowed';
  return undefined;
}

/** Runs a program without a shell; resolves to what it prints, rejects with the cause in its message. */
export type RunProgram = (
  argv: readonly string[],
  limits: { readonly timeout: number; readonly maxBytes: number; readonly signal?: AbortSignal },
) => Promise<string>;

/** More than any password manager needs. */
const limits = { timeout: 10_000, maxBytes: 65_536 };

/** What a program prints: its name in errors, and the field of the profile that holds the program. */
interface Printed {
  readonly name: string;
  readonly option: string;
}

const apiSecret: Printed = { name: 'the secret', option: 'secret_command' };

/**
 * The secret itself. Throws `auth_invalid` naming the program, but not its arguments, which may be secret, or the signal's
 * reason when that aborts.
 */
export async function readSecret(
  secret: Secret,
  run: RunProgram,
  { signal, printed = apiSecret }: { readonly signal?: AbortSignal; readonly printed?: Printed } = {},
): Promise<string> {
  if ('value' in secret) return secret.value;
  const [program = ''] = secret.command;
  const { name, option } = printed;
  try {
    const text = await run(secret.command, signal === undefined ? limits : { ...limits, signal });
    return parseCredential(name, text, maxTokenLength);
  } catch (error) {
    signal?.throwIfAborted();
    throw new CliError('auth_invalid', `cannot get ${name} from "${program}"`, {
      reason: reasonOf(error),
      hints: [`run the ${option} of the profile yourself: it must print ${name} and nothing else`],
      cause: error,
    });
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such program',
  EACCES: 'it may not be run',
};

function reasonOf(error: unknown): string {
  if (error instanceof CliError) return error.details.reason ?? error.message;
  const { code = '', message } = error as NodeJS.ErrnoException;
  return Object.hasOwn(reasons, code) ? `${reasons[code]}` : message;
}
