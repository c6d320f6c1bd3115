import { CliError } from '../errors.ts';
import { didYouMean } from '../text/suggest.ts';

/** A stored profile: a Cloud API key, or an identity pool. Its fields are named as in the API and the environment variables. */
export type Profile = (KeyProfile | PoolProfile) & {
  readonly endpoint?: string;
  /** The only domains whose addresses are invited. */
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

/** The credentials and the endpoint in use, and where they come from. */
export type Identity = Credential & {
  readonly source: 'flag' | 'environment' | 'INVITE_PROFILE' | 'current';
  /** The profile's name, unless the credentials come from the environment. */
  readonly profile?: string;
  readonly endpoint: URL;
  /** Sources that also have credentials, and are overridden by this one. */
  readonly shadowed: readonly string[];
};

/** The credentials for an API on the network. */
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
