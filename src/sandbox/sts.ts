import { createHmac } from 'node:crypto';
import { type JsonObject, objectIn } from '../text/json-fields.ts';
import { type ApiResponse, badRequest, type HttpRequest, ok, unauthenticated } from './api.ts';
import type { Settings } from './settings.ts';
import type { Credentials } from './state.ts';

interface StsOptions {
  readonly settings: Settings;
  readonly credentials: Credentials;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const exchangePath = '/sts/v1/oauth2/token';

/** Where the sandbox issues tokens as GitHub Actions does; the real API has no such path. */
const issuerPath = '/oidc/token';

/** The audience that the pools of the sandbox accept from its own issuer. */
const audience = 'confluent';

/** A pool for examples; others are accepted as well. */
export const sandboxPool = 'pool-sandbox';

/** The response to a request for a token, which is not signed as others are; undefined for other requests. */
export function tokenResponse(request: HttpRequest, options: StsOptions): ApiResponse | undefined {
  const { method, path } = request;
  if (path === exchangePath && method === 'POST') return exchange(request, options);
  if (path === issuerPath && method === 'GET') return issue(request, options);
  return undefined;
}

/** The identity pool whose access token signs the request; undefined if none that was issued here and is still valid does. */
export function poolOf(
  { headers }: HttpRequest,
  { credentials, now }: Omit<StsOptions, 'settings'>,
): string | undefined {
  const [, token = ''] = /^bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  const claims = verified(token, 'access token', credentials);
  return claims !== undefined && isValid(claims, now) ? String(claims.sub) : undefined;
}

/** An access token as an exchange issues it. @param expiry Milliseconds since 1970. */
export function accessTokenFor(pool: string, credentials: Credentials, expiry: number): string {
  return signed({ iss: 'https://confluent.cloud/', sub: pool, exp: expiry / 1000 }, 'access token', credentials);
}

/** With what a job of GitHub Actions requests a token, for the issuer of the sandbox at this endpoint. */
export function sandboxIssuer(endpoint: string, credentials: Credentials) {
  return {
    id_token_request_url: `${endpoint}${issuerPath}?api-version=2.0`,
    id_token_request_token: digest('request token', credentials),
  };
}

function issue({ headers, query, base = '' }: HttpRequest, { settings, credentials, now }: StsOptions): ApiResponse {
  const [, token] = /^bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  if (token !== digest('request token', credentials)) throw unauthenticated();
  const claims = {
    iss: base,
    sub: 'repo:sandbox/people:ref:refs/heads/main',
    aud: query.get('audience') ?? 'https://github.com/sandbox',
    exp: (now + settings.oidc_lifetime) / 1000,
  };
  return ok({ value: signed(claims, 'issuer', credentials) });
}

function exchange({ headers, body = '' }: HttpRequest, options: StsOptions): ApiResponse {
  const { settings, credentials, now } = options;
  if (!/^application\/x-www-form-urlencoded\s*(?:;.*)?$/i.test((headers['content-type'] ?? '').trim())) {
    throw badRequest('The body must be application/x-www-form-urlencoded');
  }
  const form = new URLSearchParams(Buffer.from(body).toString('utf8'));
  const field = (name: string, format: RegExp, usual = '') => {
    const value = form.get(name) ?? usual;
    if (format.test(value)) return value;
    throw badRequest(`The parameter ${name} is missing or malformed`, name);
  };
  field('grant_type', /^urn:ietf:params:oauth:grant-type:token-exchange$/);
  field('subject_token_type', /^urn:ietf:params:oauth:token-type:jwt$/);
  const issued_token_type = field('requested_token_type', /^urn:ietf:params:oauth:token-type:access_token$/);
  const pool = field('identity_pool_id', /^pool-[\w-]+$/);
  checkToken(field('subject_token', /./), options);
  const seconds = Number(field('expires_in', /^(?:[1-9]\d?|[1-8]\d\d|900)$/, '900'));
  const expires_in = Math.min(seconds, settings.sts_lifetime / 1000);
  const access_token = accessTokenFor(pool, credentials, now + expires_in * 1000);
  return ok({ access_token, issued_token_type, token_type: 'Bearer', expires_in });
}

/** The pools trust the issuer of the sandbox and, unless a setting says otherwise, every other: nobody signs tests. */
function checkToken(token: string, { settings, credentials, now }: StsOptions): void {
  const own = verified(token, 'issuer', credentials);
  const claims = own ?? claimsOf(token);
  const refuse = (detail: string) => {
    throw badRequest(detail, 'subject_token');
  };
  if (settings.sts === 'refuses') refuse('The token does not match the filter of the identity pool');
  if (own === undefined && settings.sts_trusts === 'own') refuse('The issuer of the token is not known');
  if (claims?.exp !== undefined && !isValid(claims, now)) refuse('The token has expired');
  if (own !== undefined && own.aud !== audience) refuse('The audience of the token is not accepted');
}

function isValid({ exp }: JsonObject, now: number): boolean {
  return typeof exp === 'number' && exp * 1000 > now;
}

type Purpose = 'access token' | 'issuer';

/** A JSON Web Token that only this sandbox can have signed for this purpose. */
function signed(claims: JsonObject, purpose: Purpose, credentials: Credentials): string {
  const part = (value: JsonObject) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${text}.${digest(`${purpose} ${text}`, credentials)}`;
}

function digest(text: string, { api_secret }: Credentials): string {
  return createHmac('sha256', api_secret).update(text).digest('base64url');
}

/** The claims of a token that was signed here for this purpose. */
function verified(token: string, purpose: Purpose, credentials: Credentials): JsonObject | undefined {
  const claims = claimsOf(token);
  return claims !== undefined && signed(claims, purpose, credentials) === token ? claims : undefined;
}

function claimsOf(token: string): JsonObject | undefined {
  return objectIn(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
}
