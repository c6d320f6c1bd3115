import { type Connection, connect } from '../context/connection.ts';
import { type Context, once } from '../context.ts';
import { CliError } from '../errors.ts';
import { withTimeout } from '../host/timeout.ts';
import { type Api, createApi } from '../http/api.ts';
import { type ProxyRoute, proxyFor } from '../http/proxy.ts';
import type { Response, Send } from '../http/send.ts';
import type { Identity } from '../profiles/profile.ts';
import { type Attempt, attempt, type CheckOutcome } from './finding.ts';
import { type Handshake, openHandshake } from './handshake.ts';

/** One page of the list, from whose response most checks of the API are made. */
export interface Probe {
  readonly response: Response;
  /** From the request to the last byte, the connection included. */
  readonly milliseconds: number;
  /** Milliseconds since 1970 by this machine, half-way between request and response. */
  readonly time: number;
}

/** What the checks examine. Each part is found out when a check first asks for it, and only once. */
export interface DoctorContext {
  readonly ctx: Context;
  identity(): Promise<Attempt<Identity>>;
  /** The identity, unless it is that of the sandbox. */
  remote(): Promise<Identity | undefined>;
  /** Undefined if none is used. */
  proxy(): Promise<Attempt<ProxyRoute | undefined>>;
  /** A connection on which nothing is sent; undefined if a proxy is used. */
  handshake(): Promise<Handshake | undefined>;
  probe(): Promise<Attempt<Probe>>;
  /** The API, if the credentials may list invitations. */
  api(): Promise<Api | undefined>;
  close(): Promise<void>;
}

export interface Check {
  /** Keeps its meaning, for scripts. */
  readonly id: string;
  readonly title: string;
  run(context: DoctorContext): CheckOutcome | Promise<CheckOutcome>;
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
  const sender = once(async () => {
    const found = await identity();
    if ('failure' in found) throw found.failure;
    const connection = await open(ctx, found.value);
    connections.push(connection);
    return withProbeTimeout(ctx, connection.send);
  });
  const probe = once(async () => {
    const seen = await handshake();
    return attempt(async () => probeWith(isReachable(seen, ctx) ? await sender() : unreachable, ctx));
  });
  const api = once(async () => {
    const seen = await probe();
    return 'value' in seen && seen.value.response.status < 300 ? createApi(await sender()) : undefined;
  });
  const close = async () => void (await Promise.all(connections.map((connection) => connection.close())));
  return { ctx, identity, remote, proxy, handshake, probe, api, close };
}

/** Whether the handshake says that a request can get there. */
function isReachable(handshake: Handshake | undefined, { host: { env } }: Context): boolean {
  return handshake?.problem === undefined || env.NODE_TLS_REJECT_UNAUTHORIZED === '0';
}

/** Saves the wait for what has failed already. */
const unreachable: Send = () =>
  Promise.reject(new CliError('network', 'cannot reach the API', { reason: 'the connection failed' }));

/** Without retries: what fails now and then is worth a finding, too. */
function open(
  { host, globals, redactor, github, say, status, signal }: Context,
  identity: Identity,
): Promise<Connection> {
  const withoutRetries = { ...globals, retries: globals.retries ?? 0 };
  const trace = globals.debug ? { trace: say } : {};
  return connect({
    host,
    globals: withoutRetries,
    identity,
    redactor,
    signal,
    say,
    status,
    mask: github.mask,
    ...trace,
  });
}

async function probeWith(send: Send, { host: { clock } }: Context): Promise<Probe> {
  const [start, started] = [clock.monotonic(), clock.now()];
  const response = await send({ method: 'GET', path: '/iam/v2/invitations', query: { page_size: '100' } });
  return { response, milliseconds: clock.monotonic() - start, time: (started + clock.now()) / 2 };
}

/** Gives every request its own timeout. */
function withProbeTimeout({ host: { clock }, signal }: Context, send: Send): Send {
  const reason = `no answer in ${probeTimeout / 1000} s`;
  const error = () => new CliError('timeout', 'cannot reach the API', { reason });
  return (request) =>
    withTimeout({ clock, milliseconds: probeTimeout, signal, error }, (limit) => send({ ...request, signal: limit }));
}
