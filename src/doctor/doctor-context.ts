import { type Connection, connect } from '../cli/connection.ts';
import { type Context, once } from '../cli/context.ts';
import { CliError, type FailureCode } from '../errors.ts';
import { type TimeoutOptions, untilAborted, withTimeout } from '../host/timeout.ts';
import { type Api, createApi } from '../http/api.ts';
import { type ProxyRoute, proxyFor } from '../http/proxy.ts';
import type { Response, Send } from '../http/send.ts';
import type { Identity, RemoteIdentity } from '../profiles/profile.ts';
import { type Handshake, openHandshake } from './handshake.ts';

/** A request for one page of the list, whose response most checks of the API use. */
interface Probe {
  readonly response: Response;
  /** From the request to the last byte, including the connection. */
  readonly milliseconds: number;
  /** Milliseconds since 1970 by this machine, half-way between request and response. */
  readonly time: number;
}

/** What the checks examine; each part is determined once, when a check first needs it. */
export interface DoctorContext {
  readonly ctx: Context;
  identity(): Promise<Attempt<Identity>>;
  /** The identity, unless it is that of the sandbox. */
  remote(): Promise<RemoteIdentity | undefined>;
  /** When the access token of an identity pool expires, milliseconds since 1970; undefined for other credentials. */
  tokenExpiry(): Promise<Attempt<number | undefined>>;
  /** Undefined if none is used. */
  proxy(): Promise<Attempt<ProxyRoute | undefined>>;
  /** A connection without a request; undefined if a proxy is used. */
  handshake(): Promise<Handshake | undefined>;
  probe(): Promise<Attempt<Probe>>;
  /** The API, if the credentials may list invitations. */
  api(): Promise<Api | undefined>;
  close(): Promise<void>;
}

export interface Check {
  /** Stable, for scripts. */
  readonly id: string;
  readonly title: string;
  run(context: DoctorContext): CheckOutcome | Promise<CheckOutcome>;
}

/** The result of a check that applies. */
export interface Finding {
  readonly status: 'pass' | 'warn' | 'fail';
  /** The facts with their values and, if something is wrong, why. */
  readonly detail: string;
  /** How to fix it. */
  readonly remedy?: string;
  /** Of a failure; determines the exit code. */
  readonly code?: FailureCode;
}

/** Undefined if the check does not apply, or cannot run before something else is fixed. */
export type CheckOutcome = Finding | undefined;

export function pass(detail: string): Finding {
  return { status: 'pass', detail };
}

export function warn(detail: string, remedy?: string): Finding {
  return { status: 'warn', detail, ...(remedy === undefined ? {} : { remedy }) };
}

export function fail(code: FailureCode, detail: string, remedy?: string): Finding {
  return { status: 'fail', code, detail, ...(remedy === undefined ? {} : { remedy }) };
}

/** A failure as a finding, with its message as the detail and its hints as the remedy. */
export function failed(error: CliError, remedy?: string): Finding {
  const { reason, hints = [] } = error.details;
  const detail = reason === undefined ? error.message : `${error.message}: ${reason}`;
  const remedies = [...hints, ...(remedy === undefined ? [] : [remedy])].join('; ');
  return fail(error.code, detail, remedies || undefined);
}

/** A value, or the failure to obtain it. */
type Attempt<T> = { readonly value: T } | { readonly failure: CliError };

export async function attempt<T>(work: () => T | Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await work() };
  } catch (failure) {
    if (failure instanceof CliError) return { failure };
    throw failure;
  }
}

/** Milliseconds for each step on the network. */
const probeTimeout = 10_000;

export function openDoctorContext(ctx: Context): DoctorContext {
  const connections: Connection[] = [];
  const identity = once(() => attempt(() => ctx.identity()));
  const remote = once(async () => {
    const found = await identity();
    return 'value' in found && found.value.kind !== 'sandbox' ? found.value : undefined;
  });
  const proxy = once(async () => {
    const endpoint = (await remote())?.endpoint;
    return attempt(() => (endpoint === undefined ? undefined : proxyFor(endpoint, ctx.host.env)));
  });
  const handshake = once(async () => {
    const endpoint = (await remote())?.endpoint;
    const route = await proxy();
    if (endpoint === undefined || !('value' in route) || route.value !== undefined) return undefined;
    return openHandshake({ endpoint, clock: ctx.host.clock, timeout: probeTimeout, signal: ctx.signal });
  });
  const connection = once(async () => {
    const found = await identity();
    if ('failure' in found) throw found.failure;
    const opened = await open(ctx, found.value);
    connections.push(opened);
    return opened;
  });
  const sender = once(async () => withProbeTimeout(ctx, (await connection()).send));
  const tokenExpiry = once(() =>
    attempt(async () => {
      if (!isReachable(await handshake(), ctx))
        throw new CliError('network', unreachable, { reason: 'the connection failed' });
      const { expiresAt } = await connection();
      return withTimeout(probeLimit(ctx), (signal) => untilAborted(expiresAt(), signal));
    }),
  );
  const probe = once(async () => {
    const token = await tokenExpiry();
    return 'failure' in token ? token : attempt(async () => probeWith(await sender(), ctx));
  });
  const api = once(async () => {
    const seen = await probe();
    return 'value' in seen && seen.value.response.status < 300 ? createApi(await sender()) : undefined;
  });
  const close = async () => void (await Promise.all(connections.map((connection) => connection.close())));
  return { ctx, identity, remote, tokenExpiry, proxy, handshake, probe, api, close };
}

/** Whether the handshake shows that the API can be reached. */
function isReachable(handshake: Handshake | undefined, { host: { env } }: Context): boolean {
  return handshake?.problem === undefined || env.NODE_TLS_REJECT_UNAUTHORIZED === '0';
}

const unreachable = 'cannot reach the API';

/** Without retries, so that an occasional failure is a finding too. */
function open(
  { host, globals, redactor, github, say, status, signal }: Context,
  identity: Identity,
): Promise<Connection> {
  const withoutRetries = { ...globals, retries: globals.retries ?? 0 };
  const trace = globals.debug ? { trace: say } : {};
  const shared = { host, identity, redactor, signal, interrupted: signal, say, status, mask: github.mask };
  return connect({ ...shared, ...trace, globals: withoutRetries });
}

async function probeWith(send: Send, { host: { clock } }: Context): Promise<Probe> {
  const [start, started] = [clock.monotonic(), clock.now()];
  const response = await send({ method: 'GET', path: '/iam/v2/invitations', query: { page_size: '100' } });
  return { response, milliseconds: clock.monotonic() - start, time: (started + clock.now()) / 2 };
}

/** Milliseconds that a request which was refused once because of the rate limit may wait and take. */
const secondTimeout = 9000;

/**
 * Gives every request its own timeout. One refusal because of the rate limit says only that others use the same key: it is
 * a finding if the second attempt, which waits as long as the API asks, fails too.
 */
function withProbeTimeout(ctx: Context, send: Send): Send {
  return async (request) => {
    const attempt = (limit: TimeoutOptions) => withTimeout(limit, (signal) => send({ ...request, signal }));
    try {
      return await attempt(probeLimit(ctx));
    } catch (refusal) {
      if (!(refusal instanceof CliError) || refusal.code !== 'rate_limited') throw refusal;
      return await attempt({ ...probeLimit(ctx), milliseconds: secondTimeout }).catch(() => {
        throw refusal;
      });
    }
  };
}

function probeLimit({ host: { clock }, signal }: Context): TimeoutOptions {
  const error = () => new CliError('timeout', unreachable, { reason: `no answer in ${probeTimeout / 1000} s` });
  return { clock, milliseconds: probeTimeout, signal, error };
}
