import type { Socket } from 'node:net';
import type { Clock } from '../../src/host.ts';
import type { PersonSeed, Sandbox, Settings } from '../../src/sandbox/sandbox.ts';

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
  const path = url.pathname;
  const kind = routes.find(([method, pattern]) => method === raw.method && pattern.test(path))?.[2] ?? 'other';
  return { ...raw, kind, path, query: url.searchParams, at, connection };
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Buffer;
  /** The reason phrase. */
  readonly reason?: string;
}

/** One request, and what a fault needs to change the response. */
export interface Exchange {
  readonly request: LoggedRequest;
  readonly socket: Socket;
  readonly sandbox: Sandbox;
  readonly clock: Clock;
  /** The number of this request among those of its kind, from 1. */
  readonly nth: number;
  /** The number of this request among all, from 1. */
  readonly total: number;
  /** The number of this request on its connection, from 1. */
  readonly reuse: number;
  /** The origin of this server. */
  readonly url: string;
  /** Another origin, which must never receive a request. */
  readonly foreignUrl: string;
  /** The response without the fault, to this query or to another one. Only then a POST or DELETE takes effect. */
  honest(query?: URLSearchParams): Promise<Reply>;
}

/** Returns undefined if the fault has handled the connection itself. */
export type Fault = (exchange: Exchange) => Reply | undefined | Promise<Reply | undefined>;

/** One kind of misbehaviour. The default of each field is to behave well. */
export interface Scenario {
  readonly fault?: Fault;
  /** Switches of the sandbox. */
  readonly rules?: Partial<Settings>;
  /** People besides one in each state. */
  readonly people?: readonly PersonSeed[];
}

export type Scenarios = Readonly<Record<string, Scenario>>;
