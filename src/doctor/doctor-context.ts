import { type Connection, connect } from '../context/connection.ts';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { withTimeout } from '../host/timeout.ts';
import { type Api, createApi } from '../http/api.ts';
import { type ProxyRoute, proxyFor } from '../http/proxy.ts';
import type { Response, Send } from '../http/send.ts';
import type { Identity } from '../profiles/profile.ts';
import { type Attempt, attempt } from './check.ts';
import { type Handshake, openHandshake } from './network-checks.ts';

/** One page of the list, and how the way there was. Most that is asked about the API is read off this one answer. */
export interface Probe {
  readonly response: Response;
  /** From asking to the last byte, the connection included. */
  readonly milliseconds: number;
  /** Milliseconds since 1970 by this machine, half-way between question and answer. */
  readonly time: number;
}

/** What is examined. Everything is looked at when a check first asks, and only once. */
export interface DoctorContext {
  readonly ctx: Context;
  identity(): Promise<Attempt<Identity>>;
  /** The identity, if it is one that is reached over the network. */
  remote(): Promise<Identity | undefined>;
  /** Undefined if there is none on the way. */
  proxy(): Promise<Attempt<ProxyRoute | undefined>>;
  /** A connection on which nothing is sent; undefined if a proxy stands before it. */
  greeting(): Promise<Handshake | undefined>;
  probe(): Promise<Attempt<Probe>>;
  /** The API, if the key may list invitations. */
  api(): Promise<Api | undefined>;
  close(): Promise<void>;
}

/** Milliseconds for each thing that is asked of the network. */
export const probeTimeout = 10_000;

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
  const greeting = once(async () => {
    const endpoint = (await remote())?.endpoint;
    const way = await proxy();
    if (endpoint === undefined || !('value' in way) || way.value !== undefined) return undefined;
    return openHandshake({ endpoint, clock: ctx.host.clock, patience: probeTimeout, signal: ctx.signal });
  });
  const sender = once(async () => {
    const found = await identity();
    if ('failure' in found) throw found.failure;
    const connection = await open(ctx, found.value);
    connections.push(connection);
    return withProbeTimeout(ctx, connection.send);
  });
  const probe = once(async () => {
    const seen = await greeting();
    return attempt(async () => probeWith(isReachable(seen, ctx) ? await sender() : unreachable, ctx));
  });
  const api = once(async () => {
    const seen = await probe();
    return 'value' in seen && seen.value.response.status < 300 ? createApi(await sender()) : undefined;
  });
  const close = async () => void (await Promise.all(connections.map((connection) => connection.close())));
  return { ctx, identity, remote, proxy, greeting, probe, api, close };
}

/** Whether a request can get there, by what was seen without one. */
function isReachable(greeting: Handshake | undefined, { host: { env } }: Context): boolean {
  return greeting?.problem === undefined || env.NODE_TLS_REJECT_UNAUTHORIZED === '0';
}

/** Spares the wait for what has failed already. */
const unreachable: Send = () =>
  Promise.reject(new CliError('network', 'cannot ask the API', { reason: 'there is no way to it' }));

/** Nothing is repeated: what fails now and then is worth a finding, too. */
function open(
  { host, globals, redactor, github, say, status, signal }: Context,
  identity: Identity,
): Promise<Connection> {
  const impatient = { ...globals, retries: globals.retries ?? 0 };
  const trace = globals.debug ? { trace: say } : {};
  return connect({ host, globals: impatient, identity, redactor, signal, say, status, mask: github.mask, ...trace });
}

async function probeWith(send: Send, { host: { clock } }: Context): Promise<Probe> {
  const [start, started] = [clock.monotonic(), clock.now()];
  const response = await send({ method: 'GET', path: '/iam/v2/invitations', query: { page_size: '100' } });
  return { response, milliseconds: clock.monotonic() - start, time: (started + clock.now()) / 2 };
}

/** Gives every request the same time. */
function withProbeTimeout({ host: { clock }, signal }: Context, send: Send): Send {
  const reason = `no answer in ${probeTimeout / 1000} s`;
  const error = () => new CliError('timeout', 'cannot ask the API', { reason });
  return (request) =>
    withTimeout({ clock, milliseconds: probeTimeout, signal, error }, (limit) => send({ ...request, signal: limit }));
}

function once<T>(look: () => Promise<T>): () => Promise<T> {
  let seen: Promise<T> | undefined;
  return () => {
    seen ??= look();
    return seen;
  };
}
