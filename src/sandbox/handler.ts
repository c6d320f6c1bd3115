import type { Clock } from '../host.ts';
import { type Credentials, isFrom } from './credentials.ts';
import type { ApiRequest, ReadHandler, WriteHandler } from './endpoint.ts';
import {
  badRequest,
  forbidden,
  methodNotAllowed,
  notFound,
  tooLarge,
  unauthenticated,
  unsupportedMediaType,
} from './error-responses.ts';
import { type ApiResponse, type Handler, type HttpRequest, responseOf } from './http.ts';
import { requestIds } from './identifiers.ts';
import type { Caller } from './initial-state.ts';
import { createInvitation, deleteInvitation, getInvitation, listInvitations } from './invitations.ts';
import { getApiKey, getOrganization, getQuota, listApiKeys, listOrganizations, listQuotas } from './organizations.ts';
import { PageTokens } from './page-tokens.ts';
import { createBinding, deleteBinding, getBinding, listBindings } from './role-bindings.ts';
import type { Settings } from './settings.ts';
import type { Store } from './store.ts';
import { deleteUser, getUser, listUsers, updateUser } from './users.ts';

interface HandlerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly settings: Settings;
  readonly credentials: Credentials;
  readonly caller: Caller;
}

/** The origin of links without a server. */
export const realBase = 'https://api.confluent.cloud';

/** The maximum size of a request body, in bytes. */
export const bodyLimit = 65_536;

/** Responds to any request by the rules of the API. Rejects only if the file of the state cannot be read or written. */
export function createHandler(options: HandlerOptions): Handler {
  const { clock, settings, credentials } = options;
  const nextId = requestIds(clock);
  const tokens = new PageTokens(credentials.api_secret, settings.page_token_carries);
  return async (request) => {
    const response = await respondTo(request, { ...options, tokens });
    return responseOf(withRateHeaders(response, request, settings), nextId());
  };
}

async function respondTo(request: HttpRequest, options: HandlerOptions & { tokens: PageTokens }): Promise<ApiResponse> {
  const { store, clock, settings, credentials, caller, tokens } = options;
  if (!isFrom(request, credentials, clock.now())) return wrongKey(request, settings);
  const route = routeOf(request.method, request.path);
  if (route.kind === 'unknown_path') return notFound;
  if (route.kind === 'unknown_method') return methodNotAllowed(route.allow);
  const parsed = parseBody(request);
  if ('error' in parsed) return parsed.error;
  const { query, base = realBase } = request;
  const apiRequest = { id: route.id, query, body: parsed.body, base, settings, clock, caller, tokens };
  if (route.kind === 'read') return route.handler({ ...apiRequest, state: store.read() });
  return store.update((state, append) => route.handler({ ...apiRequest, state }, append));
}

/** Some real answers do not tell a wrong key from a key without permission. */
function wrongKey({ headers }: HttpRequest, { invalid_key_status }: Settings): ApiResponse {
  const isForbidden = invalid_key_status === '403' && headers.authorization !== undefined;
  return isForbidden ? forbidden('invalid API key') : unauthenticated();
}

function parseBody({
  method,
  headers,
  body: bytes,
}: HttpRequest): { readonly body: ApiRequest['body'] } | { readonly error: ApiResponse } {
  if (bytes === undefined || Buffer.byteLength(bytes) > bodyLimit) return { error: tooLarge };
  if (method !== 'POST' && method !== 'PATCH') return { body: {} };
  if (!isJson(headers['content-type'] ?? '')) return { error: unsupportedMediaType };
  const text = decodeText(bytes);
  if (text === undefined) return { error: badRequest('The body is not UTF-8') };
  const body = parseObject(text);
  return body === undefined ? { error: badRequest('The body is not a JSON object') } : { body };
}

function isJson(type: string): boolean {
  return /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test(type.trim());
}

/** Undefined if the bytes are not UTF-8. */
function decodeText(bytes: string | Uint8Array): string | undefined {
  if (typeof bytes === 'string') return bytes;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function parseObject(text: string): ApiRequest['body'] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** Adds the headers of a limit that is never reached; `limitRate` overwrites them with those of a real one. */
function withRateHeaders(response: ApiResponse, { path }: HttpRequest, { rate_headers }: Settings): ApiResponse {
  const isBare =
    rate_headers === 'none' || (rate_headers === 'not_role_bindings' && path.startsWith('/iam/v2/role-bindings'));
  if (response.status >= 300 || isBare) return response;
  return { ...response, headers: { ...unlimited, ...response.headers } };
}

const unlimited = { 'x-ratelimit-limit': '10000', 'x-ratelimit-remaining': '9999', 'x-ratelimit-reset': '1' };

interface Methods {
  readonly GET: ReadHandler;
  readonly POST?: WriteHandler;
  readonly PATCH?: WriteHandler;
  readonly DELETE?: WriteHandler;
}

/** The methods of each path; `{id}` is any one segment. */
const paths = new Map<string, Methods>([
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

type Route =
  | { readonly kind: 'read'; readonly handler: ReadHandler; readonly id: string }
  | { readonly kind: 'write'; readonly handler: WriteHandler; readonly id: string }
  | { readonly kind: 'unknown_method'; readonly allow: string }
  | { readonly kind: 'unknown_path' };

function routeOf(method: string, path: string): Route {
  const slash = path.lastIndexOf('/');
  const id = paths.has(path) ? '' : decoded(path.slice(slash + 1));
  const methods = paths.get(path) ?? (id ? paths.get(`${path.slice(0, slash)}/{id}`) : undefined);
  if (methods === undefined || id === undefined) return { kind: 'unknown_path' };
  if (method === 'GET') return { kind: 'read', handler: methods.GET, id };
  const handler = method === 'POST' || method === 'PATCH' || method === 'DELETE' ? methods[method] : undefined;
  if (handler === undefined) return { kind: 'unknown_method', allow: Object.keys(methods).join(', ') };
  return { kind: 'write', handler, id };
}

/** Undefined if the text is not percent-encoded UTF-8. */
function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
