import { CliError, exitCodes, type FailureDetails } from '../errors.ts';
import { readText } from '../files/read.ts';
import type { Clock, Host } from '../host.ts';
import { parseJson, sendChecked } from '../http/api.ts';
import type { Signer } from '../http/layers.ts';
import type { Purpose, Request, Response, Send } from '../http/send.ts';
import { numberAt, textAt, valueAt } from '../text/json-fields.ts';
import { formatSecond } from '../text/times.ts';
import {
  claimsOf,
  credentialProblem,
  expiryOfToken,
  type Identity,
  maxTokenLength,
  parseAccessToken,
  readSecret,
  type TokenSource,
} from './profile.ts';

export interface Exchange {
  readonly identity: Extract<Identity, { readonly kind: 'pool' }>;
  /** Sends requests without a signature to the endpoint, and follows no redirects. */
  readonly send: Send;
  /** The same for another server. */
  sendTo(origin: URL, request: Request): Promise<Response>;
  readonly run: Host['run'];
  /** From now on this text is redacted. */
  addSecret(secret: string): void;
  now(): number;
  readonly signal: AbortSignal;
  /** Ends the program that prints a token. */
  readonly interrupted: AbortSignal;
}

/**
 * Gets a token of the pool's identity provider, and an access token for it. Neither is stored. Throws `auth_invalid` for
 * whatever new credentials would solve. No failure says that something may have been sent: the request that needs the
 * token has not been.
 */
export async function exchangeToken(exchange: Exchange): Promise<AccessToken> {
  const { identity, send, signal } = exchange;
  const { identity_pool_id } = identity;
  const subject_token = await readToken(identity.token, exchange);
  keepSecret(subject_token, exchange);
  const subject = textAt(claimsOf(subject_token), 'sub') ?? '';
  // A shorter one may be any word.
  if (subject.length >= 12) exchange.addSecret(subject);
  const purpose = { act: `get an access token for the identity pool "${identity_pool_id}"` };
  const form = {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token,
    identity_pool_id,
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  };
  // It changes nothing, so that it may be repeated.
  const request: Request = { method: 'POST', path: '/sts/v1/oauth2/token', form, idempotent: true, purpose, signal };
  try {
    return accessTokenIn(await sendChecked(send, request), exchange);
  } catch (error) {
    throw withoutRequest(unlessThere(error), purpose, (refusal) => explainRefusal(refusal, subject_token, exchange));
  }
}

/** Where the API is, its exchange is, too: no other credentials would find it. */
function unlessThere(error: unknown): unknown {
  if (!(error instanceof CliError) || error.code !== 'not_found') return error;
  return new CliError('bad_response', error.message, { ...error.details, hints: [] });
}

/** The token that is exchanged; read anew each time, since it is short-lived as well. */
async function readToken(source: TokenSource, exchange: Exchange): Promise<string> {
  switch (source.from) {
    case 'github':
      return requestGitHubToken(source, exchange);
    case 'file':
      return readTokenFile(source.path);
    case 'command':
      return readSecret(source, exchange.run, { signal: exchange.interrupted, what: 'token' });
    default:
      return source satisfies never;
  }
}

async function requestGitHubToken(
  { url, request_token, audience }: Extract<TokenSource, { from: 'github' }>,
  { sendTo, addSecret, signal }: Exchange,
): Promise<string> {
  addSecret(request_token);
  const purpose = { act: 'get a token from GitHub Actions' };
  const query = { ...Object.fromEntries(url.searchParams), audience };
  const headers = { authorization: `bearer ${request_token}` };
  const request: Request = { method: 'GET', path: url.pathname, query, headers, purpose, signal };
  try {
    const response = await sendChecked((one) => sendTo(new URL(url.origin), one), request);
    const token = textAt(parseJson(response), 'value');
    if (token === undefined) throw unexpected('the answer contains no token', response);
    return parseAccessToken('the token of GitHub Actions', token);
  } catch (error) {
    throw withoutRequest(error, purpose, () => ({
      hints: ['give the job "permissions: id-token: write"', 'examples: invite help pipelines'],
    }));
  }
}

/** Bytes, more than any token has. */
const maxTokenFile = 65_536;

function readTokenFile(path: string): string {
  try {
    return parseAccessToken('the token', readText(path, maxTokenFile));
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    throw new CliError('auth_invalid', `cannot use the token file "${path}"`, {
      reason: error.details.reason ?? error.message,
      hints: ['CONFLUENT_CLOUD_OIDC_TOKEN_FILE must name a file that contains a token and nothing else'],
      target: path,
      cause: error,
    });
  }
}

function unexpected(reason: string, { headers, status }: Response): CliError {
  const request_id = headers.get('x-request-id');
  return new CliError('bad_response', 'cannot use the answer', { reason, http_status: status, request_id });
}

/** Milliseconds, where the answer does not say how long the token is valid; a refusal shows it if that is too long. */
const defaultLifetime = 900_000;

function accessTokenIn(response: Response, exchange: Exchange): AccessToken {
  const answer = parseJson(response);
  const access_token = textAt(answer, 'access_token');
  if (access_token === undefined) throw unexpected('the answer contains no access token', response);
  exchange.addSecret(access_token);
  const type = valueAt(answer, 'token_type') ?? 'Bearer';
  if (String(type).toLowerCase() !== 'bearer')
    throw unexpected('the token_type of the answer is not "Bearer"', response);
  const problem = credentialProblem(access_token, maxTokenLength);
  if (problem !== undefined) throw unexpected(`the access token in the answer cannot be used: ${problem}`, response);
  keepSecret(access_token, exchange);
  const expires_in = Number(numberAt(answer, 'expires_in') ?? textAt(answer, 'expires_in'));
  if (expires_in >= 0) return { access_token, lifetime: Math.min(expires_in, 86_400) * 1000 };
  const expiry = expiryOfToken(access_token);
  return { access_token, lifetime: expiry === undefined ? defaultLifetime : Math.max(0, expiry - exchange.now()) };
}

function keepSecret(token: string, { addSecret }: Exchange): void {
  for (const text of [token, ...token.split('.')]) if (text.length >= 12) addSecret(text);
}

/**
 * The failure of an exchange, without saying whether that request was sent. One of the network or the server may pass,
 * any other is about the credentials; a rate limit of the exchange is not one of the API.
 */
function withoutRequest(error: unknown, { act }: Purpose, explain: (refusal: CliError) => FailureDetails): unknown {
  if (!(error instanceof CliError) || error.code === 'cancelled') return error;
  const { details, exitCode } = error;
  const code = error.code === 'rate_limited' ? 'api_unavailable' : error.code;
  if (code === error.code && exitCode !== exitCodes.internal && exitCode !== exitCodes.network)
    return new CliError('auth_invalid', `cannot ${act}`, { ...details, ...explain(error), retryable: false });
  const hint =
    code === 'bad_response'
      ? 'check the endpoint: a proxy or a login page may be in front of the API'
      : 'try again later: no request with this token was sent';
  const { hints = [] } = details;
  return new CliError(code, `cannot ${act}`, { ...details, hints: hints.length > 0 ? hints : [hint] });
}

function explainRefusal({ details }: CliError, token: string, { identity, now }: Exchange): FailureDetails {
  const { from } = identity.token;
  const expiry = expiryOfToken(token) ?? Number.POSITIVE_INFINITY;
  const isExpired = expiry <= now();
  const expired = isExpired
    ? [`the token from ${describeTokenSource(identity.token)} expired at ${formatSecond(expiry)}`]
    : [];
  return {
    reason: [details.reason ?? 'it was refused', ...expired].join('; '),
    hints: [
      ...(isExpired ? [renewHints[from]] : []),
      claimsHint(token),
      ...(from === 'github' ? ['set CONFLUENT_CLOUD_OIDC_AUDIENCE to the audience that the provider expects'] : []),
      `check the id and the filter of the identity pool "${identity.identity_pool_id}" in Confluent Cloud`,
      'invite doctor',
    ],
  };
}

const renewHints = {
  github: 'a token of GitHub Actions is valid for five minutes: check the clock of this machine',
  file: 'write a new token to the file: it is read again at each exchange',
  command: 'the token_command must print a new token each time it is run',
} as const;

function claimsHint(token: string): string {
  const claims = claimsOf(token);
  if (claims === undefined) return 'the token is not a JSON Web Token (JWT)';
  const audience = [valueAt(claims, 'aud')].flat().filter((one) => typeof one === 'string');
  const issuer = textAt(claims, 'iss');
  const facts = [
    ...(issuer === undefined ? [] : [`from the issuer "${issuer}"`]),
    ...(audience.length === 0 ? ['without an audience'] : [`for the audience "${audience.join('", "')}"`]),
  ];
  return `the token is ${facts.join(' and ')}: the identity provider of the pool must accept both`;
}

/** Where a token comes from, to be read after "from". */
export function describeTokenSource(source: TokenSource): string {
  switch (source.from) {
    case 'github':
      return `GitHub Actions (audience "${source.audience}")`;
    case 'file':
      return `the file "${source.path}"`;
    case 'command':
      return `the program "${source.command[0]}"`;
    default:
      return source satisfies never;
  }
}

interface AccessToken {
  readonly access_token: string;
  /** Milliseconds. */
  readonly lifetime: number;
}

interface HeldToken {
  readonly header: string;
  /** By the monotonic clock, as its end. */
  readonly renewAt: number;
  readonly endsAt: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Milliseconds after a refusal within which another one is final: a newer token would not help either. */
const refusalPause = 60_000;

/** Signs with an access token that is exchanged again before it expires. Requests that need a new one share the exchange. */
export function renewingSigner(exchange: () => Promise<AccessToken>, clock: Clock): Required<Signer> {
  let held: HeldToken | undefined;
  let pending: Promise<HeldToken> | undefined;
  let refusedAt = Number.NEGATIVE_INFINITY;
  /** Of the exchange. Requests that come later would only be refused as well. */
  let refusal: CliError | undefined;
  const renew = async (): Promise<HeldToken> => {
    try {
      held = await heldToken(exchange, clock);
      return held;
    } catch (error) {
      const isRefused = error instanceof CliError && error.code === 'auth_invalid';
      if (isRefused) refusal = error;
      // One that has not expired serves if another cannot be had for now.
      const mayPass = error instanceof CliError && error.details.retryable === true;
      if (mayPass && held !== undefined && clock.monotonic() < held.endsAt) return held;
      throw error;
    }
  };
  const token = async (): Promise<HeldToken> => {
    if (refusal !== undefined) throw refusal;
    if (held !== undefined && clock.monotonic() < held.renewAt) return held;
    pending ??= renew().finally(() => {
      pending = undefined;
    });
    return pending;
  };
  return {
    header: async () => (await token()).header,
    expiresAt: async () => (await token()).expiresAt,
    canReplace: (refused) => {
      // Another request has replaced it already, or is about to.
      if (held?.header !== refused) return true;
      const now = clock.monotonic();
      if (now - refusedAt < refusalPause) return false;
      refusedAt = now;
      held = undefined;
      return true;
    },
  };
}

/** Counts from before the exchange: the token may be as old as that. */
async function heldToken(exchange: () => Promise<AccessToken>, clock: Clock): Promise<HeldToken> {
  const start = clock.monotonic();
  const started = clock.now();
  const { access_token, lifetime } = await exchange();
  // A request has to arrive before the end.
  const margin = Math.min(60_000, lifetime / 5);
  const endsAt = start + lifetime;
  return { header: `Bearer ${access_token}`, renewAt: endsAt - margin, endsAt, expiresAt: started + lifetime };
}
