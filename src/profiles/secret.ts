import { CliError } from '../errors.ts';
import { numberAt } from '../text/json-fields.ts';
import type { Secret } from './profile.ts';

/**
 * A key or secret as it was typed, pasted or stored, without the space and the pair of quotes around it. What else
 * cannot be part of one is refused; the complaint never shows the value.
 * @param name What it is, to begin the complaint with: `the API key`, `CONFLUENT_CLOUD_API_SECRET`.
 */
export function parseCredential(name: string, text: string, longest = 4096): string {
  const [, , quoted] = /^(["'])(.*)\1$/s.exec(text.trim()) ?? [];
  const value = (quoted ?? text).trim();
  const complaint = complaintAbout(value, longest);
  if (complaint === undefined) return value;
  throw new CliError('usage', `cannot use ${name}`, { reason: complaint, hints: ['copy it again, by itself'] });
}

/** The id of a key; it stands before the colon of an Authorization header, and so cannot hold one. */
export function parseKeyId(name: string, text: string): string {
  const id = parseCredential(name, text);
  if (!id.includes(':')) return id;
  const hints = ['the key and the secret are two values'];
  throw new CliError('usage', `cannot use ${name}`, { reason: 'it holds a colon', hints });
}

/** Characters of an access token: more than any server takes in a header. */
const longestToken = 16_384;

/** An access token as it goes into the Authorization header. Throws `usage`; the complaint never shows the value. */
export function parseAccessToken(name: string, text: string): string {
  const value = text.trim();
  if (!/^bearer\s/i.test(value)) return parseCredential(name, value, longestToken);
  const hints = ['give the token alone'];
  throw new CliError('usage', `cannot use ${name}`, { reason: 'it begins with the word Bearer', hints });
}

/**
 * When an access token expires, in milliseconds since 1970. Undefined where it does not tell: only a JWT does, and what
 * it says is not verified here.
 */
export function expiryOfToken(token: string): number | undefined {
  const [, payload, signature] = token.split('.');
  if (payload === undefined || signature === undefined) return undefined;
  try {
    const exp = numberAt(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')), 'exp');
    // Beyond that it is no date.
    return exp !== undefined && exp > 0 && exp < 253_402_300_800 ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}

function complaintAbout(value: string, longest: number): string | undefined {
  if (value === '') return 'it is empty';
  if (value.length > longest) return `it is longer than ${longest} characters`;
  if (/[\r\n]/.test(value)) return 'it contains a line break';
  if (/\s/.test(value)) return 'it contains a space';
  if (/[^\x21-\x7e]/.test(value)) return 'it contains a character that no key has';
  return undefined;
}

/** As much of a key id as tells it from others: `ABCD…WXYZ`. */
export function shortKeyId(id: string): string {
  return id.length <= 8 ? id : `${id.slice(0, 4)}…${id.slice(-4)}`;
}

/** Runs a program without a shell; resolves to what it prints, rejects with the cause in its message. */
export type RunProgram = (
  argv: readonly string[],
  limits: { readonly timeout: number; readonly maxBytes: number },
) => Promise<string>;

/** Ten seconds and 64 KiB: more than any password manager needs. */
const limits = { timeout: 10_000, maxBytes: 65_536 };

/** The secret itself. Throws `auth_invalid` naming the program, but not its arguments: one of them may be secret. */
export async function readSecret(secret: Secret, run: RunProgram): Promise<string> {
  if ('value' in secret) return secret.value;
  const [program = ''] = secret.command;
  try {
    return parseCredential('the secret', await run(secret.command, limits));
  } catch (error) {
    if (isAborted(error)) throw new CliError('cancelled', 'cancelled', { cause: error });
    throw new CliError('auth_invalid', `cannot get the secret from "${program}"`, {
      reason: reasonOf(error),
      hints: ['run the secret_command of the profile by hand: it must print the secret and nothing else'],
      cause: error,
    });
  }
}

function isAborted(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
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
