import { CliError } from '../errors.ts';
import { didYouMean } from '../text/suggest.ts';

/** What is stored for one name. Names as the API and the environment variables call them. */
export interface Profile {
  readonly api_key: string;
  readonly api_secret?: string;
  /** A program and its arguments that print the secret; run without a shell. */
  readonly secret_command?: readonly string[];
  readonly endpoint?: string;
  /** RFC 3339, when it was saved. */
  readonly created_at?: string;
}

/** The whole file. Keys that this version does not know are kept as they are. */
export interface Config {
  readonly version: number;
  readonly current?: string;
  readonly profiles: Readonly<Record<string, Profile>>;
}

/** A value, or a program and its arguments that print it. */
export type Secret = { readonly value: string } | { readonly command: readonly string[] };

/** Who talks to which endpoint, and where that was found. */
export interface Identity {
  /** `sandbox` means the built-in API; the others go over the network, with a Cloud API key or an access token. */
  readonly kind: 'sandbox' | 'key' | 'token';
  readonly source: 'flag' | 'environment' | 'INVITE_PROFILE' | 'current';
  /** The profile's name, unless the credentials came from the environment. */
  readonly profile?: string;
  /** Empty for the sandbox and for an access token, which has no id. */
  readonly api_key: string;
  /** Of the key, or the access token itself. */
  readonly secret: Secret;
  readonly endpoint: URL;
  /** Sources that also held credentials but lost to this one. */
  readonly shadowed: readonly string[];
}

/** The built-in profile; no stored one may take its name. */
export const sandboxName = 'sandbox';

const namePattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

export function isProfileName(text: string): boolean {
  return namePattern.test(text);
}

/** Throws `usage`; a name that begins with a dash is most likely an option that was taken for the name. */
export function parseProfileName(text: string): string {
  if (isProfileName(text)) return text;
  const hints = ['a name has up to 64 letters, digits, "-" and "_", and begins with a letter or a digit'];
  throw new CliError('usage', `"${text}" is not a profile name`, { hints, target: text });
}

/** The stored profile of that name, if there is one; `constructor` is a name like any other. */
export function profileOf(config: Config, name: string): Profile | undefined {
  return Object.hasOwn(config.profiles, name) ? config.profiles[name] : undefined;
}

/** The stored profile of that name. Throws `profile_not_found`. */
export function findProfile(config: Config, name: string): Profile {
  const profile = profileOf(config, name);
  if (profile !== undefined) return profile;
  const hints = [...didYouMean(name, [sandboxName, ...Object.keys(config.profiles)]), 'see them all: invite auth list'];
  throw new CliError('profile_not_found', `there is no profile "${name}"`, { hints, target: name });
}
