import { CliError } from '../errors.ts';
import { numberAt } from '../text/json-fields.ts';
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
  const [, payload, signature] = token.split('.');
  if (payload === undefined || signature === undefined) return undefined;
  try {
    const exp = numberAt(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')), 'exp');
    // A later time is not a valid date.
    return exp !== undefined && exp > 0 && exp < 253_402_300_800 ? exp * 1000 : undefined;
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

/** The beginning and end of a key id: `ABCD…WXYZ`. */
export function shortKeyId(id: string): string {
  return id.length <= 8 ? id : `${id.slice(0, 4)}…${id.slice(-4)}`;
}

/** Runs a program without a shell; resolves to what it prints, rejects with the cause in its message. */
type RunProgram = (
  argv: readonly string[],
  limits: { readonly timeout: number; readonly maxBytes: number; readonly signal?: AbortSignal },
) => Promise<string>;

/** More than any password manager needs. */
const limits = { timeout: 10_000, maxBytes: 65_536 };

/**
 * The secret itself. Throws `auth_invalid` naming the program, but not its arguments, which may be secret, or the signal's
 * reason when that aborts.
 */
export async function readSecret(secret: Secret, run: RunProgram, signal?: AbortSignal): Promise<string> {
  if ('value' in secret) return secret.value;
  const [program = ''] = secret.command;
  try {
    const printed = await run(secret.command, signal === undefined ? limits : { ...limits, signal });
    return parseCredential('the secret', printed);
  } catch (error) {
    signal?.throwIfAborted();
    throw new CliError('auth_invalid', `cannot get the secret from "${program}"`, {
      reason: reasonOf(error),
      hints: ['run the secret_command of the profile yourself: it must print the secret and nothing else'],
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
