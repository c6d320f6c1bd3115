import type { Clock } from '../host.ts';
import { type Credentials, isFrom } from './credentials.ts';
import {
  badRequest,
  forbidden,
  methodNotAllowed,
  notFound,
  tooLarge,
  unauthenticated,
  unsupportedMediaType,
} from './error-responses.ts';
import {
  type ApiRequest,
  type ApiResponse,
  type ChangeHandler,
  type Handler,
  type HttpRequest,
  type ReadHandler,
  responseOf,
} from './http.ts';
import { requestIds } from './identifiers.ts';
import { createInvitation, deleteInvitation, getInvitation, listInvitations } from './invitations.ts';
import { getApiKey, getOrganization, getQuota, listApiKeys, listOrganizations, listQuotas } from './organizations.ts';
import { PageTokens } from './pages.ts';
import type { Caller } from './populate.ts';
import { createBinding, deleteBinding, getBinding, listBindings } from './role-bindings.ts';
import type { Settings } from './settings.ts';
import type { Store } from './store.ts';
import { deleteUser, getUser, listUsers, updateUser } from './users.ts';

export interface HandlerOptions {
  readonly ledger: Store;
  readonly clock: Clock;
  readonly switches: Settings;
  readonly credentials: Credentials;
  readonly caller: Caller;
}

/** The origin of links when nobody listens on a port. */
export const realBase = 'https://api.confluent.cloud';

/** Bytes that the body of a request may have. */
export const bodyLimit = 65_536;

/** Answers calls by the rules of the API, whatever they contain. Rejects only where the file of the state fails. */
export function createHandler(options: HandlerOptions): Handler {
  const { clock, switches, credentials } = options;
  const nextId = requestIds(clock);
  const tokens = new PageTokens(credentials.api_secret, switches.page_token_carries);
  return async (call) => {
    const answer = await respondTo(call, { ...options, tokens });
    return responseOf(withRateHeaders(answer, call, switches), nextId());
  };
}

async function respondTo(call: HttpRequest, options: HandlerOptions & { tokens: PageTokens }): Promise<ApiResponse> {
  const { ledger, clock, switches, credentials, caller, tokens } = options;
  if (!isFrom(call, credentials, clock.now())) return stranger(call, switches);
  const route = routeOf(call.method, call.path);
  if (route.found === 'nothing') return notFound;
  if (route.found === 'other_methods') return methodNotAllowed(route.allow);
  const read = bodyOf(call);
  if ('refusal' in read) return read.refusal;
  const base = call.base ?? realBase;
  const about = { id: route.id, query: call.query, body: read.body, base, switches, clock, caller, tokens };
  if (route.found === 'look') return route.rule({ ...about, state: ledger.look() });
  return ledger.change((state, record) => route.rule({ ...about, state }, record));
}

/** A key that is wrong is not always told from one that may not. */
function stranger({ headers }: HttpRequest, { invalid_key_status }: Settings): ApiResponse {
  const isForbidden = invalid_key_status === '403' && headers.authorization !== undefined;
  return isForbidden ? forbidden('invalid API key') : unauthenticated();
}

type Read = { readonly body: ApiRequest['body'] } | { readonly refusal: ApiResponse };

function bodyOf({ method, headers, body: sent }: HttpRequest): Read {
  if (sent === undefined || Buffer.byteLength(sent) > bodyLimit) return { refusal: tooLarge };
  if (method !== 'POST' && method !== 'PATCH') return { body: {} };
  if (!isJson(headers['content-type'] ?? '')) return { refusal: unsupportedMediaType };
  const text = textIn(sent);
  if (text === undefined) return { refusal: badRequest('The body is not UTF-8') };
  const body = objectIn(text);
  return body === undefined ? { refusal: badRequest('The body is not a JSON object') } : { body };
}

function isJson(type: string): boolean {
  return /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test(type.trim());
}

/** Undefined if the bytes are no UTF-8. */
function textIn(sent: string | Uint8Array): string | undefined {
  if (typeof sent === 'string') return sent;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(sent);
  } catch {
    return undefined;
  }
}

function objectIn(text: string): ApiRequest['body'] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** As if there were a limit that nobody reaches; a real one overwrites them on the way out. */
function withRateHeaders(answer: ApiResponse, { path }: HttpRequest, { rate_headers }: Settings): ApiResponse {
  const isBare =
    rate_headers === 'none' || (rate_headers === 'not_role_bindings' && path.startsWith('/iam/v2/role-bindings'));
  if (answer.status >= 300 || isBare) return answer;
  return { ...answer, headers: { ...unlimited, ...answer.headers } };
}

const unlimited = { 'x-ratelimit-limit': '10000', 'x-ratelimit-remaining': '9999', 'x-ratelimit-reset': '1' };

interface Place {
  readonly GET: ReadHandler;
  readonly POST?: ChangeHandler;
  readonly PATCH?: ChangeHandler;
  readonly DELETE?: ChangeHandler;
}

/** What can be asked for; `{id}` is any one segment. */
const places = new Map<string, Place>([
  ['/iam/v2/invitations', { GET: listInvitations, POST: createInvitation }],
  ['/iam/v2/invitations/{id}', { GET: getInvitation, DELETE: deleteInvitation }],
  ['/iam/v2/users', { GET: listUsers }],
  ['/iam/v2/users/{id}', { GET: getUser, PATCH: updateUser, DELETE: deleteUser }],
  ['/iam/v2/role-bindings', { GET: listBindings, POST: createBinding }],
  ['/iam/v2/role-bindings/{id}', { GET: getBinding, DELETE: deleteBinding }],
  ['/iam/v2/api-keys', { GET: listApiKeys }],
  ['/iam/v2/api-keys/{id}', { GET: getApiKey }],
  ['/org/v2/organizations', { GET: listOrganizations }],
  ['/org/v2/organizations/{id}', { GET: getOrganization }],
  ['/service-quota/v1/applied-quotas', { GET: listQuotas }],
  ['/service-quota/v1/applied-quotas/{id}', { GET: getQuota }],
]);

export type Route =
  | { readonly found: 'look'; readonly rule: ReadHandler; readonly id: string }
  | { readonly found: 'change'; readonly rule: ChangeHandler; readonly id: string }
  | { readonly found: 'other_methods'; readonly allow: string }
  | { readonly found: 'nothing' };

export function routeOf(method: string, path: string): Route {
  const slash = path.lastIndexOf('/');
  const id = places.has(path) ? '' : decoded(path.slice(slash + 1));
  const place = places.get(path) ?? (id ? places.get(`${path.slice(0, slash)}/{id}`) : undefined);
  if (place === undefined || id === undefined) return { found: 'nothing' };
  if (method === 'GET') return { found: 'look', rule: place.GET, id };
  const rule = method === 'POST' || method === 'PATCH' || method === 'DELETE' ? place[method] : undefined;
  if (rule === undefined) return { found: 'other_methods', allow: Object.keys(place).join(', ') };
  return { found: 'change', rule, id };
}

/** Undefined if it is not percent-encoded text. */
function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
