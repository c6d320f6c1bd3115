import type { Clock } from '../host.ts';
import { PageTokens, type ReadHandler, type WriteHandler } from './endpoint.ts';
import {
  type ApiResponse,
  forbidden,
  type Handler,
  type HttpRequest,
  methodNotAllowed,
  notFound,
  parseBody,
  refused,
  responseOf,
  unauthenticated,
  withHeaders,
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
import { poolOf, tokenResponse } from './sts.ts';

interface HandlerOptions {
  readonly store: Pick<Store, 'read' | 'update'>;
  readonly clock: Clock;
  readonly settings: Settings;
  readonly credentials: Credentials;
  readonly caller: Caller;
}

/** The origin of links without a server. */
export const realBase = 'https://api.confluent.cloud';

/** Responds to any request by the rules of the API. Rejects only if the file of the state cannot be read or written. */
export function createHandler(options: HandlerOptions): Handler {
  const { clock, settings } = options;
  const nextId = requestIds(clock);
  const tokens = new PageTokens(clock);
  return async (request) => {
    const response = await respondTo(request, { ...options, tokens });
    const isLimited = response.status < 300 && hasRateHeaders(request.path, settings.rate_headers);
    const date = new Date(clock.now()).toUTCString();
    return responseOf(withHeaders(response, { date, ...(isLimited ? unlimited : {}) }), nextId());
  };
}

/** The headers of a limit that is never reached; `limitRate` overwrites them with those of a real one. */
const unlimited = { 'x-ratelimit-limit': '10000', 'x-ratelimit-remaining': '9999', 'x-ratelimit-reset': '1' };

/** Whether the setting gives responses for this path the headers of a rate limit. */
export function hasRateHeaders(path: string, setting: Settings['rate_headers']): boolean {
  return setting === 'all' || (setting === 'not_role_bindings' && !path.startsWith('/iam/v2/role-bindings'));
}

async function respondTo(request: HttpRequest, options: HandlerOptions & { tokens: PageTokens }): Promise<ApiResponse> {
  const { store, settings, credentials, clock } = options;
  const token = tokenResponse(request, { settings, credentials, now: clock.now() });
  if (token !== undefined) return token;
  const caller = callerOf(request, options);
  if (caller === undefined) return wrongKey(request, settings);
  const { method, path, query, base = realBase } = request;
  const route = routeOf(path);
  if (route === undefined) return notFound;
  const { id, methods, resource } = route;
  const write = method === 'POST' || method === 'PATCH' || method === 'DELETE' ? methods[method] : undefined;
  if (method !== 'GET' && write === undefined) return methodNotAllowed(Object.keys(methods).join(', '));
  const operation = `${resource}.${verbs[method] ?? (id === '' ? 'list' : 'get')}`;
  if (settings.forbidden.some((one) => one === operation)) return refused(settings);
  if (caller.isPool === true && write === createInvitation && settings.pool_invites === 'no') return refused(settings);
  const parsed = parseBody(request);
  if ('error' in parsed) return parsed.error;
  const apiRequest = { ...options, caller, id, query, body: parsed.body, base };
  if (write === undefined) return methods.GET({ ...apiRequest, state: store.read() });
  return store.update((state, append) => write({ ...apiRequest, state }, append));
}

const verbs: Readonly<Record<string, string>> = { POST: 'create', PATCH: 'update', DELETE: 'delete' };

/** Whose request it is: that of the owner of the key in a Basic header, or of the pool whose token is in a Bearer header. */
function callerOf(request: HttpRequest, { credentials, caller, clock }: HandlerOptions): Caller | undefined {
  const pool = poolOf(request, { credentials, now: clock.now() });
  if (pool !== undefined) return { api_key: '', owner: pool, isPool: true };
  const [, key = ''] = /^basic +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  const { api_key, api_secret } = credentials;
  return Buffer.from(key, 'base64').toString('utf8') === `${api_key}:${api_secret}` ? caller : undefined;
}

/** Some real responses do not distinguish a wrong key from one without permission. */
function wrongKey({ headers }: HttpRequest, { invalid_key_status }: Settings): ApiResponse {
  const isForbidden = invalid_key_status === '403' && headers.authorization !== undefined;
  return isForbidden ? forbidden('invalid API key') : unauthenticated();
}

interface Methods {
  readonly GET: ReadHandler;
  readonly POST?: WriteHandler;
  readonly PATCH?: WriteHandler;
  readonly DELETE?: WriteHandler;
}

/** The methods of each collection, and of one resource in it. */
const collections = new Map<string, { readonly all: Methods; readonly one: Methods }>([
  [
    '/iam/v2/invitations',
    {
      all: { GET: listInvitations, POST: createInvitation },
      one: { GET: getInvitation, DELETE: deleteInvitation },
    },
  ],
  ['/iam/v2/users', { all: { GET: listUsers }, one: { GET: getUser, PATCH: updateUser, DELETE: deleteUser } }],
  [
    '/iam/v2/role-bindings',
    { all: { GET: listBindings, POST: createBinding }, one: { GET: getBinding, DELETE: deleteBinding } },
  ],
  ['/iam/v2/api-keys', { all: { GET: listApiKeys }, one: { GET: getApiKey } }],
  ['/org/v2/organizations', { all: { GET: listOrganizations }, one: { GET: getOrganization } }],
  ['/service-quota/v1/applied-quotas', { all: { GET: listQuotas }, one: { GET: getQuota } }],
]);

/** The methods of a path, its resource as settings name it, and the decoded id; undefined if there is no such path. */
function routeOf(path: string): { methods: Methods; resource: string; id: string } | undefined {
  const slash = path.lastIndexOf('/');
  const isAll = collections.has(path);
  const collection = isAll ? path : path.slice(0, slash);
  const id = isAll ? '' : decoded(path.slice(slash + 1));
  const methods = collections.get(collection)?.[isAll ? 'all' : 'one'];
  if (methods === undefined || (id === '' && !isAll)) return undefined;
  return { methods, id, resource: collection.slice(collection.lastIndexOf('/') + 1).replace('-', '_') };
}

/** Empty if the segment is not percent-encoded UTF-8. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return '';
  }
}
