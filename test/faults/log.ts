export type Kind =
  | 'list'
  | 'get'
  | 'create'
  | 'delete'
  | 'users'
  | 'remove-user'
  | 'bind'
  | 'bindings'
  | 'organizations'
  | 'other';

export interface RawRequest {
  readonly method: string;
  /** The request target as sent, including the query. */
  readonly target: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface LoggedRequest extends RawRequest {
  readonly kind: Kind;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Milliseconds of the monotonic clock. */
  readonly at: number;
  readonly connection: number;
}

const routes: readonly (readonly [method: string, path: RegExp, kind: Kind])[] = [
  ['GET', /^\/iam\/v2\/invitations$/, 'list'],
  ['GET', /^\/iam\/v2\/invitations\/[^/]+$/, 'get'],
  ['POST', /^\/iam\/v2\/invitations$/, 'create'],
  ['DELETE', /^\/iam\/v2\/invitations\/[^/]+$/, 'delete'],
  ['GET', /^\/iam\/v2\/users(\/[^/]+)?$/, 'users'],
  ['DELETE', /^\/iam\/v2\/users\/[^/]+$/, 'remove-user'],
  ['POST', /^\/iam\/v2\/role-bindings$/, 'bind'],
  ['GET', /^\/iam\/v2\/role-bindings$/, 'bindings'],
  ['GET', /^\/org\/v2\/organizations$/, 'organizations'],
];

export function logged(raw: RawRequest, connection: number, at: number): LoggedRequest {
  const url = new URL(raw.target, 'http://fault.invalid');
  // The target of the redirect scenarios: the same resources under another path.
  const path = url.pathname.replace(/^\/moved(?=\/)/, '');
  const kind = routes.find(([method, pattern]) => method === raw.method && pattern.test(path))?.[2] ?? 'other';
  return { ...raw, kind, path, query: url.searchParams, at, connection };
}
