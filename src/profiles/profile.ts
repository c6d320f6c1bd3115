import { CliError } from '../errors.ts';
import { didYouMean } from '../text/suggest.ts';

/** A stored profile. Its fields are named as in the API and the environment variables. */
export interface Profile {
  readonly api_key: string;
  readonly api_secret?: string;
  /** A program that prints the secret, and its arguments; run without a shell. */
  readonly secret_command?: readonly string[];
  readonly endpoint?: string;
  /** When it was saved, RFC 3339. */
  readonly created_at?: string;
}

/** The whole file. Unknown keys are kept. */
export interface Config {
  readonly version: number;
  readonly current?: string;
  readonly profiles: Readonly<Record<string, Profile>>;
}

/** A value, or a program that prints it, and its arguments. */
export type Secret = { readonly value: string } | { readonly command: readonly string[] };

/** The credentials and the endpoint in use, and where they come from. */
export interface Identity {
  /** `sandbox` is the built-in API; the others use the network, with a Cloud API key or an access token. */
  readonly kind: 'sandbox' | 'key' | 'token';
  readonly source: 'flag' | 'environment' | 'INVITE_PROFILE' | 'current';
  /** The profile's name, unless the credentials come from the environment. */
  readonly profile?: string;
  /** Empty for the sandbox and for an access token, which has no id. */
  readonly api_key: string;
  /** Of the key, or the access token itself. */
  readonly secret: Secret;
  readonly endpoint: URL;
  /** Sources that also have credentials, and are overridden by this one. */
  readonly shadowed: readonly string[];
}

/** The built-in profile; no stored one may take its name. */
export const sandboxName = 'sandbox';

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
