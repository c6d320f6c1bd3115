import { CliError, type FailureCode } from '../errors.ts';
import type { Environment } from '../host.ts';
import { baseOf, defaultEndpoint, isLoopback, parseEndpoint } from '../http/endpoint.ts';
import { shellQuote } from '../text/suggest.ts';
import { formatSecond } from '../text/times.ts';
import {
  type Config,
  type Credential,
  expiryOfToken,
  findProfile,
  type Identity,
  type Profile,
  parseAccessToken,
  parseCredential,
  parseKeyId,
  parsePoolId,
  parseProfileName,
  sandboxName,
  type TokenSource,
} from './profile.ts';

export interface IdentitySources {
  readonly flags: { readonly profile?: string | undefined; readonly endpoint?: string | undefined };
  readonly env: Environment;
  /** Called only if a stored profile is needed: credentials from the environment work even if the file is broken. */
  readonly config: () => Config;
}

const keyVariable = 'CONFLUENT_CLOUD_API_KEY';
const secretVariable = 'CONFLUENT_CLOUD_API_SECRET';
const tokenVariable = 'CONFLUENT_CLOUD_ACCESS_TOKEN';
const poolVariable = 'CONFLUENT_CLOUD_IDENTITY_POOL_ID';
const fileVariable = 'CONFLUENT_CLOUD_OIDC_TOKEN_FILE';
const audienceVariable = 'CONFLUENT_CLOUD_OIDC_AUDIENCE';

/** Set by GitHub Actions in a job that may ask for a token. */
const requestVariables = { url: 'ACTIONS_ID_TOKEN_REQUEST_URL', token: 'ACTIONS_ID_TOKEN_REQUEST_TOKEN' } as const;

const credentialVariables = [keyVariable, secretVariable, tokenVariable, poolVariable] as const;

/** The sandbox is never reached over the network; this name never resolves. */
const sandboxEndpoint = new URL('http://sandbox.invalid');

/**
 * The first that is set: `--profile`, the environment (a key with its secret, an access token, or an identity pool),
 * `INVITE_PROFILE`, the current profile. Sources are never mixed. Throws `auth_required` if there is none or if a pool
 * lacks its token; `usage` for a key without its secret or for two kinds of credentials in the environment, unless
 * `--profile` overrides them.
 */
export function resolveIdentity(sources: IdentitySources): Identity {
  const { flags, env, config } = sources;
  const named = env.INVITE_PROFILE;
  const variables = setVariables(env);
  const shadowed = named ? ['INVITE_PROFILE'] : [];
  if (flags.profile !== undefined)
    return identityOf(flags.profile, { source: 'flag', shadowed: [...variables, ...shadowed] }, sources);
  if (variables.length > 0) {
    const credential = credentialIn(env);
    const endpoint = parseEndpoint(flags.endpoint ?? (env.CONFLUENT_CLOUD_ENDPOINT || defaultEndpoint));
    return { ...credential, source: 'environment', endpoint, shadowed };
  }
  if (env[fileVariable]) throw halfPair(fileVariable, poolVariable, 'auth_required');
  if (named) return identityOf(named, { source: 'INVITE_PROFILE', shadowed: [] }, sources);
  const { current, profiles } = config();
  if (current !== undefined) return identityOf(current, { source: 'current', shadowed: [] }, sources);
  throw noCredentials(env, Object.keys(profiles));
}

export function setVariables(env: Environment): string[] {
  return credentialVariables.filter((name) => env[name]);
}

function credentialIn(env: Environment): Credential {
  const [key, secret, token, pool] = credentialVariables.map((name) => env[name]);
  refuseTwo(env);
  if (pool) {
    const identity_pool_id = parsePoolId(poolVariable, pool);
    return { kind: 'pool', identity_pool_id, token: tokenSourceIn(env, identity_pool_id) };
  }
  if (token) return { kind: 'token', access_token: parseAccessToken(tokenVariable, token) };
  if (!key) throw halfPair(secretVariable, keyVariable);
  if (!secret) throw halfPair(keyVariable, secretVariable);
  const api_key = parseKeyId(keyVariable, key);
  return { kind: 'key', api_key, secret: { value: parseCredential(secretVariable, secret) } };
}

/** Which of two kinds of credentials is meant cannot be known. */
function refuseTwo(env: Environment): void {
  const kinds = [
    { what: 'the identity pool', name: poolVariable },
    { what: 'the token', name: tokenVariable },
    { what: 'the key', name: env[keyVariable] ? keyVariable : secretVariable },
  ];
  const [first, second] = kinds.filter(({ name }) => env[name]);
  if (first === undefined || second === undefined) return;
  const hints = [
    `unset ${first.name} to use ${second.what}`,
    `or unset ${second.name} to use ${first.what}`,
    'or use a profile with --profile',
  ];
  throw new CliError('usage', `both "${first.name}" and "${second.name}" are set`, { hints, target: first.name });
}

/** A file that was named goes before what GitHub sets by itself. */
function tokenSourceIn(env: Environment, pool: string): TokenSource {
  const path = env[fileVariable];
  if (path) return { from: 'file', path };
  const url = env[requestVariables.url];
  const request_token = env[requestVariables.token];
  if (!url || !request_token) throw noToken(env, pool);
  return {
    from: 'github',
    url: parseRequestUrl(url),
    request_token: parseAccessToken(requestVariables.token, request_token),
    audience: env[audienceVariable] || 'confluent',
  };
}

function parseRequestUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url));
  if (url !== undefined && isSafe && url.username === '' && url.password === '') return url;
  const hints = ['GitHub sets it in a job with "permissions: id-token: write"'];
  const reason = url === undefined ? 'it is not a URL' : 'it must begin with https:// and contain no user name';
  throw new CliError('usage', `cannot use ${requestVariables.url}`, { reason, hints, target: requestVariables.url });
}

function noToken(env: Environment, pool: string): CliError {
  const isGitHub = env.GITHUB_ACTIONS || Object.values(requestVariables).some((name) => env[name]);
  const missing = Object.values(requestVariables).filter((name) => !env[name]);
  const command = `invite auth login NAME --identity-pool ${shellQuote(pool)} --token-command '["PROGRAM","ARGUMENT"]'`;
  return new CliError('auth_required', `no token for the identity pool "${pool}"`, {
    reason: isGitHub ? `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not set` : undefined,
    hints: [
      `in GitHub Actions: give the job "permissions: id-token: write", which sets ${Object.values(requestVariables).join(' and ')}`,
      `or set ${fileVariable} to a file that contains a token`,
      `or store a command that prints one: ${command}`,
      'examples: invite help pipelines',
    ],
    target: pool,
  });
}

function halfPair(set: string, missing: string, code: FailureCode = 'usage'): CliError {
  const hints = [`set ${missing} too`, `or unset ${set} and use a profile: invite auth login`];
  return new CliError(code, `"${missing}" is not set, but ${set} is`, { hints, target: missing });
}

function identityOf(
  typed: string,
  from: Pick<Identity, 'source' | 'shadowed'>,
  { flags, env, config }: IdentitySources,
): Identity {
  const name = parseProfileName(typed);
  if (name === sandboxName) {
    if (flags.endpoint !== undefined) throw builtIn(parseEndpoint(flags.endpoint));
    return { kind: 'sandbox', ...from, profile: name, endpoint: sandboxEndpoint };
  }
  const profile = findProfile(config(), name);
  const endpoint = endpointOf(name, profile, { flags, env });
  return { ...storedCredential(name, profile), ...from, profile: name, endpoint };
}

function builtIn({ origin }: URL): CliError {
  const hints = ['omit --endpoint, or use another profile with --profile'];
  return new CliError('usage', `cannot use the sandbox with the endpoint "${origin}"`, {
    reason: 'it is built in',
    hints,
  });
}

/** Throws `usage` if what is stored cannot be used. */
export function storedCredential(name: string, profile: Profile): Exclude<Credential, { kind: 'sandbox' }> {
  if ('identity_pool_id' in profile) {
    const identity_pool_id = parsePoolId(`the identity pool of the profile "${name}"`, profile.identity_pool_id);
    return { kind: 'pool', identity_pool_id, token: { from: 'command', command: profile.token_command } };
  }
  const { api_key, api_secret, secret_command } = profile;
  return {
    kind: 'key',
    api_key: parseKeyId(`the API key of the profile "${name}"`, api_key),
    secret:
      secret_command === undefined
        ? { value: parseCredential(`the API secret of the profile "${name}"`, api_secret ?? '') }
        : { command: secret_command },
  };
}

/** What is stored goes only to the origin that it was stored for: otherwise a script could send it anywhere. */
function endpointOf(name: string, profile: Profile, { flags, env }: Omit<IdentitySources, 'config'>): URL {
  const own = parseEndpoint(profile.endpoint ?? defaultEndpoint);
  const typed = flags.endpoint ?? (env.CONFLUENT_CLOUD_ENDPOINT || undefined);
  if (typed === undefined) return own;
  const endpoint = parseEndpoint(typed);
  if (endpoint.origin === own.origin) return endpoint;
  const isPool = 'identity_pool_id' in profile;
  const what = isPool ? 'a token' : 'the key';
  const hint = flags.endpoint === undefined ? 'unset CONFLUENT_CLOUD_ENDPOINT' : 'omit --endpoint';
  throw new CliError('usage', `cannot send ${what} of the profile "${name}" to "${endpoint.origin}"`, {
    reason: `it was stored for ${own.origin}`,
    hints: [
      hint,
      `store a profile for that endpoint: invite auth login NAME --endpoint ${shellQuote(baseOf(endpoint))}`,
      `or set ${isPool ? poolVariable : `${keyVariable} and ${secretVariable}`}`,
    ],
  });
}

function noCredentials(env: Environment, names: readonly string[]): CliError {
  const [name, ...others] = names;
  const choice = name === undefined ? [] : [`choose a profile: invite auth use ${others.length > 0 ? 'NAME' : name}`];
  const pipeline = env[requestVariables.url] ? [`or set ${poolVariable}: this job can get a token`] : [];
  return new CliError('auth_required', 'no credentials found', {
    hints: [
      ...choice,
      'store a Cloud API key: invite auth login',
      `or set ${keyVariable} and ${secretVariable}, or ${tokenVariable}`,
      ...pipeline,
      'or try the built-in sandbox: invite -p sandbox list',
      'in a pipeline no stored key is needed: invite help pipelines',
    ],
  });
}

/** Adds the possible causes to the refusal of a key. Other failures, as of what prints the secret, are returned as they are. */
export function explainKeyRefusal(failure: CliError): CliError {
  const { hints = [], http_status } = failure.details;
  if (failure.code !== 'auth_invalid' || http_status === undefined) return failure;
  // The API does not tell these apart.
  const causes = 'mistyped, deleted, minutes old, or not a Cloud key: one for Kafka is refused in the same way';
  const create = 'create one with: confluent api-key create --resource cloud';
  return failure.with({ reason: withReason(failure, causes), hints: [...hints, create] });
}

/** Adds to a refusal what to do about the credentials that are in use: logging in would not replace those of the environment. */
export function explainRefusal(failure: CliError, identity: Identity, now: number): CliError {
  const { code, details } = failure;
  const { hints = [] } = details;
  if (code === 'forbidden' && identity.kind === 'pool') {
    const grant = `grant the identity pool "${identity.identity_pool_id}" the role OrganizationAdmin or AccountAdmin`;
    return failure.with({ hints: [...hints, grant, 'if it stays refused, use the key of a user'] });
  }
  // A failure without the general hint, as of an exchange, says itself what to do.
  const isGeneral = code === 'auth_invalid' && hints.includes(loginHint);
  const withHints = (own: readonly string[]) =>
    isGeneral ? failure.with({ hints: [...own, ...hints.filter((one) => one !== loginHint)] }) : failure;
  switch (identity.kind) {
    case 'sandbox':
      return failure;
    case 'token':
      return code === 'auth_invalid' ? explainToken(failure, identity.access_token, now) : failure;
    case 'key':
      return withHints(keyHints(identity));
    case 'pool':
      return withHints([
        `check the roles of the identity pool "${identity.identity_pool_id}" in Confluent Cloud`,
        'invite doctor',
      ]);
    default:
      return identity satisfies never;
  }
}

/** What an answer of the API suggests without knowing the credentials. */
const loginHint = 'invite auth login';

function explainToken(failure: CliError, token: string, now: number): CliError {
  const hints = [
    `an access token expires after at most 15 minutes: get a new one and set ${tokenVariable}`,
    `or use an API key instead: unset ${tokenVariable}, then invite auth login`,
  ];
  const expiry = expiryOfToken(token);
  if (expiry === undefined || expiry > now) return failure.with({ hints });
  return failure.with({ hints, reason: withReason(failure, `the access token expired at ${formatSecond(expiry)}`) });
}

function keyHints({ source, profile }: Identity): readonly string[] {
  const login = profile === undefined ? loginHint : `${loginHint} ${profile}`;
  return source === 'environment'
    ? [`check ${keyVariable} and ${secretVariable}`, `or unset them and store a key: ${login}`]
    : [login];
}

function withReason({ details: { reason } }: CliError, cause: string): string {
  return reason === undefined ? cause : `${reason}: ${cause}`;
}
