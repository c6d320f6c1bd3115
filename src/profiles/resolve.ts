import { CliError } from '../errors.ts';
import { defaultEndpoint, parseEndpoint } from '../http/endpoint.ts';
import { type Config, findProfile, type Identity, type Profile, parseProfileName, sandboxName } from './profile.ts';
import { parseAccessToken, parseCredential, parseKeyId } from './secret.ts';

export interface IdentitySources {
  readonly flags: { readonly profile?: string | undefined; readonly endpoint?: string | undefined };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Called only if a stored profile is needed: credentials from the environment work even if the file is broken. */
  readonly config: () => Config;
}

type Named = Pick<Identity, 'source' | 'shadowed'> & { readonly name: string };

const keyVariable = 'CONFLUENT_CLOUD_API_KEY';
const secretVariable = 'CONFLUENT_CLOUD_API_SECRET';
const tokenVariable = 'CONFLUENT_CLOUD_ACCESS_TOKEN';

/** The variables that hold credentials. */
const credentialVariables = [keyVariable, secretVariable, tokenVariable] as const;

/** The sandbox is never reached over the network; this name never resolves. */
const sandboxEndpoint = new URL('http://sandbox.invalid');

/**
 * The first that is set: `--profile`, the environment (a key with its secret, or an access token), `INVITE_PROFILE`, the
 * current profile. Sources are never mixed. Throws `auth_required` if there is none, `usage` for a key without its secret
 * or for both a key and a token in the environment, unless `--profile` overrides them.
 */
export function resolveIdentity(sources: IdentitySources): Identity {
  const { flags, env, config } = sources;
  const named = env.INVITE_PROFILE || undefined;
  const variables = setVariables(env);
  if (flags.profile !== undefined) {
    const shadowed = [...variables, ...shadowedName(named)];
    return identityOf({ name: flags.profile, source: 'flag', shadowed }, sources);
  }
  if (variables.length > 0) return fromVariables(sources, shadowedName(named));
  if (named !== undefined) return identityOf({ name: named, source: 'INVITE_PROFILE', shadowed: [] }, sources);
  const current = config().current;
  if (current !== undefined) return identityOf({ name: current, source: 'current', shadowed: [] }, sources);
  throw noCredentials();
}

/** The names of the variables with credentials that are set. */
export function setVariables(env: IdentitySources['env']): string[] {
  return credentialVariables.filter((name) => env[name]);
}

function shadowedName(name: string | undefined): string[] {
  return name === undefined ? [] : ['INVITE_PROFILE'];
}

function fromVariables({ flags, env }: IdentitySources, shadowed: readonly string[]): Identity {
  const endpoint = () => parseEndpoint(flags.endpoint ?? (env.CONFLUENT_CLOUD_ENDPOINT || defaultEndpoint));
  const [key, secret, token] = credentialVariables.map((name) => env[name]);
  if (token) {
    if (key || secret) throw keyAndToken(key ? keyVariable : secretVariable);
    const value = parseAccessToken(tokenVariable, token);
    return { kind: 'token', source: 'environment', api_key: '', secret: { value }, endpoint: endpoint(), shadowed };
  }
  if (!key) throw halfPair(secretVariable, keyVariable);
  if (!secret) throw halfPair(keyVariable, secretVariable);
  return {
    kind: 'key',
    source: 'environment',
    api_key: parseKeyId(keyVariable, key),
    secret: { value: parseCredential(secretVariable, secret) },
    endpoint: endpoint(),
    shadowed,
  };
}

function keyAndToken(key: string): CliError {
  const hints = [
    `unset ${tokenVariable} to use the key`,
    `or unset ${key} to use the token`,
    'or use a profile with --profile',
  ];
  return new CliError('usage', `both "${tokenVariable}" and "${key}" are set`, { hints, target: tokenVariable });
}

function halfPair(set: string, missing: string): CliError {
  const hints = [`set ${missing} too`, `or unset ${set} and use a profile: invite auth login`];
  return new CliError('usage', `"${missing}" is not set, but ${set} is`, { hints, target: missing });
}

function identityOf(named: Named, sources: IdentitySources): Identity {
  const name = parseProfileName(named.name);
  if (name === sandboxName) return sandbox(named, sources.flags);
  const profile = findProfile(sources.config(), name);
  const { source, shadowed } = named;
  return {
    kind: 'key',
    source,
    profile: name,
    api_key: parseKeyId(`the API key of the profile "${name}"`, profile.api_key),
    secret: secretOf(name, profile),
    endpoint: endpointOf(name, profile, sources),
    shadowed,
  };
}

function sandbox({ source, shadowed }: Named, { endpoint }: IdentitySources['flags']): Identity {
  if (endpoint !== undefined) {
    const hints = ['omit --endpoint, or use another profile with --profile'];
    const { origin } = parseEndpoint(endpoint);
    throw new CliError('usage', `cannot use the sandbox with the endpoint "${origin}"`, {
      reason: 'it is built in',
      hints,
    });
  }
  const secret = { value: '' };
  return { kind: 'sandbox', source, profile: sandboxName, api_key: '', secret, endpoint: sandboxEndpoint, shadowed };
}

function secretOf(name: string, { api_secret, secret_command }: Profile): Identity['secret'] {
  if (secret_command !== undefined) return { command: secret_command };
  return { value: parseCredential(`the API secret of the profile "${name}"`, api_secret ?? '') };
}

/** A stored key goes only to the origin that it was stored for: otherwise a script could send it anywhere. */
function endpointOf(name: string, profile: Profile, { flags, env }: IdentitySources): URL {
  const own = parseEndpoint(profile.endpoint ?? defaultEndpoint);
  const typed = flags.endpoint ?? (env.CONFLUENT_CLOUD_ENDPOINT || undefined);
  if (typed === undefined) return own;
  const endpoint = parseEndpoint(typed);
  if (endpoint.origin === own.origin) return endpoint;
  const hint = flags.endpoint === undefined ? 'unset CONFLUENT_CLOUD_ENDPOINT' : 'omit --endpoint';
  throw new CliError('usage', `cannot send the key of the profile "${name}" to "${endpoint.origin}"`, {
    reason: `it was stored for ${own.origin}`,
    hints: [
      hint,
      `store a key for that endpoint: invite auth login NAME --endpoint ${endpoint.origin}`,
      `or set ${keyVariable} and ${secretVariable}`,
    ],
  });
}

function noCredentials(): CliError {
  return new CliError('auth_required', 'no credentials found', {
    hints: [
      'store a Cloud API key: invite auth login',
      `or set ${keyVariable} and ${secretVariable}, or ${tokenVariable}`,
      'or try the built-in sandbox: invite -p sandbox list',
    ],
  });
}
