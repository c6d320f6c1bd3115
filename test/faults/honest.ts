import { invitationOf } from '../../src/sandbox/invitations.ts';
import { organizationOf } from '../../src/sandbox/other-resources.ts';
import type { InvitationRow } from '../../src/sandbox/rows.ts';
import { settingsWith } from '../../src/sandbox/settings.ts';
import type { Reply } from './exchange.ts';
import type { Kind, LoggedRequest } from './log.ts';
import type { Store } from './store.ts';

/** The response of the API without a fault. Links begin with `url`. */
export function answer(request: LoggedRequest, store: Store, url: string): Reply {
  const authorization = request.headers.authorization ?? '';
  if (!/^Basic \S+$/.test(authorization)) return failure(401, 'Valid authentication credentials must be provided');
  return { ...routes[request.kind](request, store, url) };
}

type Route = (request: LoggedRequest, store: Store, url: string) => Reply;

const routes: Record<Kind, Route> = {
  list: (request, store, url) => json(200, page(request.query, store, url)),
  get: (request, store, url) => {
    const row = rowOf(request, store);
    return row === undefined ? notFound() : json(200, resource(row, url));
  },
  create: (request, store, url) => create(JSON.parse(request.body), store, url),
  delete: (request, store) => remove(rowOf(request, store), store),
  users: (_, store) => json(200, { data: store.rows.map(({ user }) => ({ id: user })), metadata: {} }),
  'remove-user': () => ({ status: 204 }),
  bind: (request, store) => {
    store.bindings.push(JSON.parse(request.body));
    return json(201, { ...JSON.parse(request.body), id: `rb-${store.bindings.length}` });
  },
  bindings: () => json(200, { data: [], metadata: {} }),
  organizations: (_request, _store, url) => json(200, { data: [organizationOf(url, { sso: 'no' })], metadata: {} }),
  other: () => notFound(),
};

/** The JSON of an invitation, as the sandbox writes it. */
export function resource(row: InvitationRow, url: string): unknown {
  return invitationOf(row, url, settingsWith());
}

function rowOf({ path }: LoggedRequest, store: Store): InvitationRow | undefined {
  const id = decodeURIComponent(path.split('/').at(-1) ?? '');
  return store.rows.find((row) => row.id === id);
}

function create({ email, auth_type }: { email: string; auth_type?: string }, store: Store, url: string): Reply {
  const row = store.invite(email, auth_type);
  if (row === undefined) return conflict(url);
  return json(201, resource(row, url), { Location: `${url}/iam/v2/invitations/${row.id}` });
}

export function conflict(url: string): Reply {
  const reply = failure(409, 'This user already exists within the Organization', 'resource_already_exists');
  return { ...reply, headers: { ...reply.headers, Location: `${url}/iam/v2/invitations/i-accepted` } };
}

function remove(row: InvitationRow | undefined, store: Store): Reply {
  if (row === undefined) return notFound();
  if (row.status === 'ACCEPTED') return failure(400, 'Bad Request. The invitation was already accepted');
  store.change(row, { status: 'DEACTIVATED' });
  return { status: 204, headers: { 'X-Request-Id': 'req-honest' } };
}

const filters: Readonly<Record<string, (row: InvitationRow) => string>> = {
  email: (row) => row.email,
  status: (row) => `INVITE_STATUS_${row.status}`,
  user: (row) => row.user,
  creator: (row) => row.creator,
};

/** The query that each token carries: filters and page size are sent with the first page only. */
const carried = new WeakMap<Store, Map<string, URLSearchParams>>();

function page(parameters: URLSearchParams, store: Store, url: string): unknown {
  const known = carried.get(store) ?? new Map<string, URLSearchParams>();
  carried.set(store, known);
  const query = new URLSearchParams(known.get(parameters.get('page_token') ?? '') ?? parameters);
  const { maximumPage, tokenTail } = store.rules;
  const wanted = [...query].filter(([name]) => Object.hasOwn(filters, name) && store.rules.filters === 'applied');
  const rows = store.listed().filter((row) => wanted.every(([name, value]) => filters[name]?.(row) === value));
  const size = Math.min(Number(query.get('page_size') ?? 10), maximumPage);
  const start = offsetOf(parameters.get('page_token'), tokenTail);
  const token = `t${start + size}${tokenTail}`;
  known.set(token, query);
  const path = `${url}/iam/v2/invitations`;
  const next = start + size < rows.length ? { next: `${path}?${new URLSearchParams({ page_token: token })}` } : {};
  const metadata = { first: path, ...next, total_size: rows.length };
  const data = rows.slice(start, start + size).map((row) => resource(row, url));
  return { api_version: 'iam/v2', kind: 'InvitationList', metadata, data };
}

function offsetOf(token: string | null, tail: string): number {
  if (token === null) return 0;
  const [, offset] = /^t(\d+)/.exec(token) ?? [];
  // An unknown token leads to an empty page; a test then sees that rows are missing.
  return offset !== undefined && token === `t${offset}${tail}` ? Number(offset) : Number.MAX_SAFE_INTEGER;
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Reply {
  const limits = { 'X-RateLimit-Limit': '1000', 'X-RateLimit-Remaining': '999', 'X-RateLimit-Reset': '1' };
  const all = { 'Content-Type': 'application/json', 'X-Request-Id': 'req-honest', ...limits, ...headers };
  return { status, headers: all, body: JSON.stringify(body) };
}

/** An error in the documented format. */
export function failure(status: number, detail: string, code?: string): Reply {
  const error = { id: 'e-1', status: String(status), ...(code === undefined ? {} : { code }), title: 'Failed', detail };
  return json(status, { errors: [error] }, { 'X-Request-Id': 'req-failure' });
}

export function notFound(): Reply {
  return json(404, { errors: [{ id: 'e-1', status: '404', title: 'Not Found' }] }, { 'X-Request-Id': 'req-missing' });
}
