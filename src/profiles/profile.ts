import { CliError } from '../errors.ts';
import type { Host } from '../host.ts';
import { type JsonObject, numberAt, objectIn } from '../text/json-fields.ts';
import { didYouMean } from '../text/suggest.ts';

/** A stored profile: a Cloud API key, or an identity pool. Its fields are named as in the API and the environment variables. */
export type Profile = (KeyProfile | PoolProfile) & {
  readonly endpoint?: string;
  readonly allowed_domains?: readonly string[];
  /** When it was saved, RFC 3339. */
  readonly created_at?: string;
};

interface KeyProfile {
  readonly api_key: string;
  readonly api_secret?: string;
  /** A program that prints the secret, and its arguments; run without a shell. */
  readonly secret_command?: readonly string[];
}

interface PoolProfile {
  readonly identity_pool_id: string;
  /** A program that prints a token of the pool's identity provider, and its arguments; run without a shell. */
  readonly token_command: readonly string[];
}

/** The whole file. Unknown keys are kept. */
export interface Config {
  readonly version: number;
  readonly current?: string;
  readonly profiles: Readonly<Record<string, Profile>>;
}

/** A value, or a program that prints it, and its arguments. */
export type Secret = { readonly value: string } | { readonly command: readonly string[] };

/** Where a token of an identity provider comes from, to be exchanged for an access token. */
export type TokenSource =
  | { readonly from: 'github'; readonly url: URL; readonly request_token: string; readonly audience: string }
  | { readonly from: 'file'; readonly path: string }
  | { readonly from: 'command'; readonly command: readonly string[] };

export type Identity = Credential & {
  readonly source: 'flag' | 'environment' | 'INVITE_PROFILE' | 'current';
  /** The profile's name, unless the credentials come from the environment. */
  readonly profile?: string;
  readonly endpoint: URL;
  /** Sources that also have credentials, and are overridden by this one. */
  readonly shadowed: readonly string[];
};

export type RemoteIdentity = Exclude<Identity, { readonly kind: 'sandbox' }>;

/** `sandbox` is the built-in API; the others use the network. */
export type Credential =
  | { readonly kind: 'sandbox' }
  | { readonly kind: 'key'; readonly api_key: string; readonly secret: Secret }
  | { readonly kind: 'token'; readonly access_token: string }
  | { readonly kind: 'pool'; readonly identity_pool_id: string; readonly token: TokenSource };

/** What identifies credentials without giving them away; null for the sandbox. */
export function credentialId(credential: Credential): string | null {
  switch (credential.kind) {
    case 'sandbox':
      return null;
    case 'key':
      return shortKeyId(credential.api_key);
    case 'token':
      return 'access token';
    case 'pool':
      return credential.identity_pool_id;
    default:
      return credential satisfies never;
  }
}

/** The API key that signs the requests, if one does: the sandbox has one as well, and nothing tells whose a token is. */
export function apiKeyOf(credential: Credential): string | undefined {
  if (credential.kind === 'sandbox') return sandboxApiKey;
  return credential.kind === 'key' ? credential.api_key : undefined;
}

/** The beginning and end of a key id: `ABCD…WXYZ`. */
export function shortKeyId(id: string): string {
  return id.length <= 8 ? id : `${id.slice(0, 4)}…${id.slice(-4)}`;
}

/** The built-in profile; no stored one may take its name. */
export const sandboxName = 'sandbox';

/** The API key of the built-in profile, which the sandbox is told. */
export const sandboxApiKey = 'INVITESANDBOX001';

const namePattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

export function isProfileName(text: string): boolean {
  return namePattern.test(text);
}

/** Throws `usage`. A name that begins with a dash is most likely an option. */
export function parseProfileName(text: string): string {
  if (isProfileName(text)) return text;
  const hints = ['a name has at most 64 letters, digits, "-" and "_", and begins with a letter or a digit'];
  throw new CliError('usage', `"${text}" is not a profile name`, { hints, target: text });
}

/** The names that can be used: those of the stored profiles, then the built-in one. */
export function profileNames({ profiles }: Pick<Config, 'profiles'>): string[] {
  return [...Object.keys(profiles), sandboxName];
}

/** The stored profile of that name, if there is one; `constructor` is a name like any other. */
export function profileOf(config: Config, name: string): Profile | undefined {
  return Object.hasOwn(config.profiles, name) ? config.profiles[name] : undefined;
}

/** The stored profile of that name. Throws `profile_not_found`. */
export function findProfile(config: Config, name: string): Profile {
  const profile = profileOf(config, name);
  if (profile !== undefined) return profile;
  const hints = [...didYouMean(name, profileNames(config)), 'list the profiles: invite auth list'];
  throw new CliError('profile_not_found', `there is no profile "${name}"`, { hints, target: name });
}

/**
 * A key or secret as it was typed, pasted or stored, without white space and quotes around it. Throws `usage` for
 * characters that cannot be part of one; the error never shows the value.
 * @param name What it is, for the error: `the API key`, `CONFLUENT_CLOUD_API_SECRET`.
 */
export function parseCredential(name: string, text: string, maxLength = 4096): string {
  const [, , quoted] = /^(["'])(.*)\1$/s.exec(text.trim()) ?? [];
  const value = (quoted ?? text).trim();
  const problem = credentialProblem(value, maxLength);
  if (problem !== undefined) throw unusableValue(name, problem, 'copy it again, without anything around it');
  return value;
}

function unusableValue(name: string, reason: string, hint: string): CliError {
  return new CliError('usage', `cannot use ${name}`, { reason, hints: [hint] });
}

/** The id of a key; it precedes the colon in an Authorization header, and so cannot contain one. */
export function parseKeyId(name: string, text: string): string {
  const id = parseCredential(name, text);
  if (id.includes(':')) throw unusableValue(name, 'it contains a colon', 'the key and the secret are separate values');
  return id;
}

/** The id of an identity pool, which is no secret: at most 255 characters, as every id of the API. Throws `usage`. */
export function parsePoolId(name: string, text: string): string {
  return parseCredential(name, text, 255);
}

/** The most characters of an access token: more than any server accepts in a header. */
export const maxTokenLength = 16_384;

/** An access token, without `Bearer`. Throws `usage`; the error never shows the value. */
export function parseAccessToken(name: string, text: string): string {
  if (/^\s*bearer\s/i.test(text))
    throw unusableValue(name, 'it begins with the word Bearer', 'set the token alone, without the word');
  return parseCredential(name, text, maxTokenLength);
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
  return objectIn(Buffer.from(payload, 'base64url').toString('utf8'));
}

/** Why a value cannot be a key, a secret or a token, in words. */
export function credentialProblem(value: string, maxLength: number): string | undefined {
  if (value === '') return 'it is empty';
  if (value.length > maxLength) return `it is longer than ${maxLength} characters`;
  if (/[\r\n]/.test(value)) return 'it contains a line break';
  if (/\s/.test(value)) return 'it contains a space';
  if (/[^\x21-\x7e]/.test(value)) return 'it contains a character that is not allowed';
  return undefined;
}

/** More than any password manager needs. */
const limits = { timeout: 10_000, maxBytes: 65_536 };

/**
 * The secret, or token, itself. Throws `auth_invalid` naming the program, but not its arguments, which may be secret, or
 * the signal's reason when that aborts.
 */
export async function readSecret(
  secret: Secret,
  run: Host['run'],
  { signal, what = 'secret' }: { readonly signal?: AbortSignal; readonly what?: 'secret' | 'token' } = {},
): Promise<string> {
  if ('value' in secret) return secret.value;
  try {
    const text = await run(secret.command, signal === undefined ? limits : { ...limits, signal });
    return parseCredential(`the ${what}`, text, maxTokenLength);
  } catch (error) {
    signal?.throwIfAborted();
    throw new CliError('auth_invalid', `cannot get the ${what} from "${secret.command[0]}"`, {
      reason: reasonOf(error),
      hints: [`run the ${what}_command of the profile yourself: it must print the ${what} and nothing else`],
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
