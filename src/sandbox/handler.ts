import type { Clock } from '../host.ts';
import { expiredSince } from '../profiles/auth-errors.ts';
import { isJsonObject } from '../text/json-fields.ts';
import { type ApiRequest, PageTokens, type ReadHandler, type WriteHandler } from './endpoint.ts';
import {
  type ApiResponse,
  badRequest,
  forbidden,
  type Handler,
  type HttpRequest,
  methodNotAllowed,
  notFound,
  responseOf,
  unauthenticated,
} from './http.ts';
import { createInvitation, deleteInvitation, getInvitation, listInvitations } from './invitations.ts';
import type { Caller, Credentials } from './organization.ts';
import {
  deleteUser,
  getApiKey,
  getOrganization,
  getQuota,
  getUser,
  listApiKeys,
  listOrganizations,
  listQuotas,
  listUsers,
  updateUser,
} from './other-resources.ts';
import { createBinding, deleteBinding, getBinding, listBindings } from './role-bindings.ts';
import { requestIds } from './rows.ts';
import type { Settings } from './settings.ts';
import type { Store } from './store.ts';

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
    const date = new Date(clock.now()).toUTCString();
    return responseOf(withRateHeaders(withHeaders(response, { date }), request, settings), nextId());
  };
}

async function respondTo(request: HttpRequest, options: HandlerOptions & { tokens: PageTokens }): Promise<ApiResponse> {
  const { store, clock, settings, credentials, caller, tokens } = options;
  if (!isFrom(request, credentials, clock.now())) return wrongKey(request, settings);
  const { method, path, query, base = realBase } = request;
  const route = routeOf(path);
  if (route === undefined) return notFound;
  const { id, methods, resource } = route;
  const write = method === 'POST' || method === 'PATCH' || method === 'DELETE' ? methods[method] : undefined;
  if (method !== 'GET' && write === undefined) return methodNotAllowed(Object.keys(methods).join(', '));
  if (isForbidden(resource, method, id, settings)) return refused(settings);
  const parsed = parseBody(request);
  if ('error' in parsed) return parsed.error;
  const apiRequest = { id, query, body: parsed.body, base, settings, clock, caller, tokens };
  if (write === undefined) return methods.GET({ ...apiRequest, state: store.read() });
  return store.update((state, append) => write({ ...apiRequest, state }, append));
}

function isForbidden(resource: string, method: string, id: string, { forbidden: operations }: Settings): boolean {
  const read = id === '' ? 'list' : 'get';
  const verb = { POST: 'create', PATCH: 'update', DELETE: 'delete' }[method] ?? read;
  return operations.some((operation) => operation === `${resource}.${verb}`);
}

function refused({ forbidden_status, forbidden_body }: Settings): ApiResponse {
  if (forbidden_status === '404') return notFound;
  return forbidden_body === 'documented'
    ? forbidden()
    : { status: 403, error: { code: 'forbidden_access', detail: 'Forbidden Access', source: {} } };
}

/** Whether a request has these credentials: the key in a Basic header, or a token in a Bearer header. */
function isFrom({ headers }: HttpRequest, { api_key, api_secret, access_token }: Credentials, now: number): boolean {
  const [, scheme = '', value = ''] = /^(basic|bearer) +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  if (scheme.toLowerCase() !== 'bearer') {
    return value !== '' && Buffer.from(value, 'base64').toString('utf8') === `${api_key}:${api_secret}`;
  }
  return access_token === undefined ? expiredSince(value, now) === undefined : value === access_token;
}

/** Some real responses do not distinguish a wrong key from one without permission. */
function wrongKey({ headers }: HttpRequest, { invalid_key_status }: Settings): ApiResponse {
  const isForbidden = invalid_key_status === '403' && headers.authorization !== undefined;
  return isForbidden ? forbidden('invalid API key') : unauthenticated();
}

type ParsedBody = { readonly body: ApiRequest['body'] } | { readonly error: ApiResponse };

function parseBody({ method, headers, body: bytes }: HttpRequest): ParsedBody {
  if (bytes === undefined || Buffer.byteLength(bytes) > bodyLimit) {
    const detail = 'The body of a request may have at most 64 KiB';
    return { error: { status: 413, error: { title: 'Payload Too Large', detail } } };
  }
  if (method !== 'POST' && method !== 'PATCH') return { body: {} };
  if (!/^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test((headers['content-type'] ?? '').trim())) {
    const detail = 'The Content-Type of a body must be application/json';
    return { error: { status: 415, error: { title: 'Unsupported Media Type', detail } } };
  }
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const value: unknown = JSON.parse(typeof bytes === 'string' ? bytes : decoder.decode(bytes));
    if (isJsonObject(value)) return { body: value };
  } catch (error) {
    if (!(error instanceof SyntaxError)) return { error: badRequest('The body is not UTF-8') };
  }
  return { error: badRequest('The body is not a JSON object') };
}

/** Whether the setting gives responses for this path the headers of a rate limit. */
export function hasRateHeaders(path: string, setting: Settings['rate_headers']): boolean {
  return setting === 'all' || (setting === 'not_role_bindings' && !path.startsWith('/iam/v2/role-bindings'));
}

/** Adds the headers of a limit that is never reached; `limitRate` overwrites them with those of a real one. */
function withRateHeaders(response: ApiResponse, { path }: HttpRequest, { rate_headers }: Settings): ApiResponse {
  if (response.status >= 300 || !hasRateHeaders(path, rate_headers)) return response;
  return withHeaders(response, unlimited);
}

function withHeaders(response: ApiResponse, headers: Readonly<Record<string, string>>): ApiResponse {
  return { ...response, headers: { ...headers, ...response.headers } };
}

const unlimited = { 'x-ratelimit-limit': '10000', 'x-ratelimit-remaining': '9999', 'x-ratelimit-reset': '1' };

interface Methods {
  readonly GET: ReadHandler;
  readonly POST?: WriteHandler;
  readonly PATCH?: WriteHandler;
  readonly DELETE?: WriteHandler;
}

/** `{id}` is any one segment. */
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

/** The methods of a path, its resource as settings name it, and the decoded id; undefined if there is no such path. */
function routeOf(path: string): { methods: Methods; resource: string; id: string } | undefined {
  const resourceIn = (collection: string) => collection.slice(collection.lastIndexOf('/') + 1).replace('-', '_');
  const exact = paths.get(path);
  if (exact !== undefined) return { methods: exact, resource: resourceIn(path), id: '' };
  const slash = path.lastIndexOf('/');
  const id = decoded(path.slice(slash + 1));
  const collection = path.slice(0, slash);
  const methods = id === '' ? undefined : paths.get(`${collection}/{id}`);
  return methods === undefined ? undefined : { methods, resource: resourceIn(collection), id };
}

/** Empty if the segment is not percent-encoded UTF-8. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return '';
  }
}
