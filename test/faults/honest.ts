import type { Reply } from './exchange.ts';
import type { Kind, LoggedRequest } from './log.ts';
import { organization, type Row, type Store } from './store.ts';

/** The API as documented, over one store. `url` is what its links begin with. */
export function answer(request: LoggedRequest, store: Store, url: string): Reply {
  const authorization = request.headers.authorization ?? '';
  if (!/^Basic \S+$/.test(authorization)) return failure(401, 'Valid authentication credentials must be provided');
  const route = routes[request.kind];
  return { ...route(request, store, url) };
}

type Route = (request: LoggedRequest, store: Store, url: string) => Reply;

const routes: Record<Kind, Route> = {
  list: (request, store, url) => json(200, page(request.query, store, url)),
  get: (request, store) => {
    const row = rowOf(request, store);
    return row === undefined ? notFound() : json(200, row);
  },
  create: (request, store, url) => create(JSON.parse(request.body), store, url),
  delete: (request, store) => remove(rowOf(request, store)),
  users: (_, store) => json(200, { data: store.rows.map(({ user }) => user), metadata: {} }),
  'remove-user': () => ({ status: 204 }),
  bind: (request, store) => {
    store.bindings.push(JSON.parse(request.body));
    return json(201, { ...JSON.parse(request.body), id: `rb-${store.bindings.length}` });
  },
  bindings: () => json(200, { data: [], metadata: {} }),
  organizations: () => json(200, { data: [{ id: organization, display_name: 'Example' }], metadata: {} }),
  other: () => notFound(),
};

function rowOf({ path }: LoggedRequest, store: Store): Row | undefined {
  const id = decodeURIComponent(path.split('/').at(-1) ?? '');
  return store.readable().find((row) => row.id === id);
}

function create({ email, auth_type }: { email: string; auth_type?: string }, store: Store, url: string): Reply {
  const row = store.invite(email, auth_type);
  if (row === undefined) return conflict(url);
  return json(201, row, { Location: `${url}/iam/v2/invitations/${row.id}` });
}

export function conflict(url: string): Reply {
  const reply = failure(409, 'This user already exists within the Organization', 'resource_already_exists');
  return { ...reply, headers: { ...reply.headers, Location: `${url}/iam/v2/invitations/i-accepted` } };
}

function remove(row: Row | undefined): Reply {
  if (row === undefined) return notFound();
  if (row.status === 'INVITE_STATUS_ACCEPTED') return failure(400, 'Bad Request. The invitation was already accepted');
  row.status = 'INVITE_STATUS_DEACTIVATED';
  return { status: 204, headers: { 'X-Request-Id': 'req-honest' } };
}

const filters: Readonly<Record<string, (row: Row) => unknown>> = {
  email: (row) => row.email,
  status: (row) => row.status,
  user: (row) => idOf(row.user),
  creator: (row) => idOf(row.creator),
};

function idOf(reference: unknown): unknown {
  return typeof reference === 'object' && reference !== null && 'id' in reference ? reference.id : undefined;
}

/** The query that each token goes on with: filters and page size come with the first page only. */
const carried = new WeakMap<Store, Map<string, URLSearchParams>>();

function page(asked: URLSearchParams, store: Store, url: string): unknown {
  const known = carried.get(store) ?? new Map<string, URLSearchParams>();
  carried.set(store, known);
  const query = new URLSearchParams(known.get(asked.get('page_token') ?? '') ?? asked);
  const { pageCap, tokenTail, ignoresFilters } = store.rules;
  const wanted = [...query].filter(([name]) => Object.hasOwn(filters, name) && !ignoresFilters);
  const rows = store.readable().filter((row) => wanted.every(([name, value]) => filters[name]?.(row) === value));
  const size = Math.min(Number(query.get('page_size') ?? 10), pageCap);
  const start = offsetOf(asked.get('page_token'), tokenTail);
  const token = `t${start + size}${tokenTail}`;
  known.set(token, query);
  const next =
    start + size < rows.length ? `${url}/iam/v2/invitations?${new URLSearchParams({ page_token: token })}` : undefined;
  const metadata = {
    first: `${url}/iam/v2/invitations`,
    ...(next === undefined ? {} : { next }),
    total_size: rows.length,
  };
  return { api_version: 'iam/v2', kind: 'InvitationList', metadata, data: rows.slice(start, start + size) };
}

function offsetOf(token: string | null, tail: string): number {
  if (token === null) return 0;
  const [, offset] = /^t(\d+)/.exec(token) ?? [];
  // A token that came back changed leads nowhere: the list is short, and the test sees it.
  return offset !== undefined && token === `t${offset}${tail}` ? Number(offset) : Number.MAX_SAFE_INTEGER;
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Reply {
  const limits = { 'X-RateLimit-Limit': '1000', 'X-RateLimit-Remaining': '999', 'X-RateLimit-Reset': '1' };
  const all = { 'Content-Type': 'application/json', 'X-Request-Id': 'req-honest', ...limits, ...headers };
  return { status, headers: all, body: JSON.stringify(body) };
}

/** The documented envelope. */
export function failure(status: number, detail: string, code?: string): Reply {
  const error = { id: 'e-1', status: String(status), ...(code === undefined ? {} : { code }), title: 'Failed', detail };
  return json(status, { errors: [error] }, { 'X-Request-Id': 'req-failure' });
}

export function notFound(): Reply {
  return json(404, { errors: [{ id: 'e-1', status: '404', title: 'Not Found' }] }, { 'X-Request-Id': 'req-missing' });
}
