import { lookup } from 'node:dns/promises';
import { connect as connectPlainly, isIP, type Socket } from 'node:net';
import { connect as connectSecurely, type PeerCertificate, type TLSSocket } from 'node:tls';
import { apiKeysClient } from '../api/api-keys.ts';
import { type Connection, connect } from '../cli/connection.ts';
import { type Context, once } from '../cli/context.ts';
import { CliError, type FailureCode } from '../errors.ts';
import { type TimeoutOptions, untilAborted, withTimeout } from '../host/timeout.ts';
import { createApi } from '../http/api.ts';
import { failureOf } from '../http/failure.ts';
import { distrust, systemAuthorities } from '../http/network-errors.ts';
import { proxyFor } from '../http/proxy.ts';
import type { Response, Send } from '../http/send.ts';
import type { Identity } from '../profiles/profile.ts';

/** A request for one page of the list, whose response most checks of the API use. */
interface Probe {
  readonly response: Response;
  /** If the API itself refuses the request; other failures may come from a proxy in between. */
  readonly refusal: CliError | undefined;
  /** From the request to the last byte, including the connection. */
  readonly milliseconds: number;
  /** Milliseconds since 1970 by this machine, half-way between request and response. */
  readonly time: number;
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

/** What the checks examine; each part is determined once, when a check first needs it. */
export type DoctorContext = ReturnType<typeof openDoctorContext>;

export function openDoctorContext(ctx: Context) {
  const { host } = ctx;
  const identity = once(async () => ctx.identity());
  /** The identity, unless there is none or it is that of the sandbox. */
  const remote = once(async () => {
    const found = await attempt(identity);
    return 'value' in found && found.value.kind !== 'sandbox' ? found.value : undefined;
  });
  /** Undefined if none is used. */
  const proxy = once(async () => {
    const endpoint = (await remote())?.endpoint;
    return endpoint === undefined ? undefined : proxyFor(endpoint, host.env);
  });
  /** A connection without a request; undefined if a proxy is used. */
  const handshake = once(async () => {
    const endpoint = (await remote())?.endpoint;
    const route = await attempt(proxy);
    if (endpoint === undefined || !('value' in route) || route.value !== undefined) return undefined;
    return openHandshake(ctx, endpoint);
  });
  const connections: Connection[] = [];
  const connection = once(async () => {
    const opened = await open(ctx, await identity());
    connections.push(opened);
    return opened;
  });
  const sender = once(async () => withProbeTimeout(ctx, (await connection()).send));
  /** When the access token of an identity pool expires, milliseconds since 1970; undefined for other credentials. */
  const tokenExpiry = once(() =>
    attempt(async () => {
      if ((await handshake())?.problem !== undefined && host.env.NODE_TLS_REJECT_UNAUTHORIZED !== '0')
        throw new CliError('network', unreachable, { reason: 'the connection failed' });
      const { expiresAt } = await connection();
      return withTimeout(probeLimit(ctx), (until) => untilAborted(expiresAt(), until));
    }),
  );
  const probe = once(async () => {
    const token = await tokenExpiry();
    return 'failure' in token ? token : attempt(async () => probeWith(await sender(), ctx));
  });
  /** Undefined if there was no response. */
  const answer = once(async () => {
    const seen = await probe();
    return 'value' in seen ? seen.value : undefined;
  });
  /** The API, if the credentials may list invitations. */
  const api = once(async () => {
    const { response } = (await answer()) ?? {};
    return response !== undefined && response.status < 300 ? createApi(await sender()) : undefined;
  });
  /** What a key is for and who owns it; undefined for other credentials, or if the key may not be read. */
  const keyDetails = once(async () => {
    const [client, owner] = [await api(), await remote()];
    if (client === undefined || owner?.kind !== 'key') return undefined;
    const key = await attempt(() => apiKeysClient(client).get(owner.api_key));
    return 'value' in key ? key.value : undefined;
  });
  const close = async () => void (await Promise.all(connections.map((opened) => opened.close())));
  return { ctx, identity, remote, tokenExpiry, proxy, handshake, probe, answer, api, keyDetails, close };
}

const unreachable = 'cannot reach the API';

/** Without retries, so that an occasional failure is a finding too. */
function open(ctx: Context, identity: Identity): Promise<Connection> {
  const globals = { ...ctx.globals, retries: ctx.globals.retries ?? 0 };
  return connect({ ...ctx, identity, globals, deadline: ctx.signal, trace: globals.debug ? ctx.say : undefined });
}

export const listRequest = { method: 'GET', path: '/iam/v2/invitations' } as const;

async function probeWith(send: Send, { host: { clock } }: Context): Promise<Probe> {
  const [start, started] = [clock.monotonic(), clock.now()];
  const response = await send({ ...listRequest, query: { page_size: '100' } });
  const refusal = [401, 403].includes(response.status) ? failureOf(listRequest, response) : undefined;
  return { response, refusal, milliseconds: clock.monotonic() - start, time: (started + clock.now()) / 2 };
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

/** The result of connecting, without a request. */
export interface Handshake {
  readonly host: string;
  readonly port: number;
  /** The addresses of the name; empty if it cannot be resolved. */
  readonly addresses: readonly string[];
  /** Milliseconds until it was established, including TLS. */
  readonly milliseconds: number;
  /** The code of the failure: `ENOTFOUND`, `ECONNREFUSED`, `CERT_HAS_EXPIRED`. */
  readonly problem?: string;
  /** `TLSv1.3` */
  readonly protocol?: string;
  /** As the server presented it, valid or not. */
  readonly certificate?: PeerCertificate;
  /** The certificate was checked against the system's store as well. */
  readonly hasAskedSystem: boolean;
}

/** Resolves the name, connects and negotiates TLS, to find which of them fails; then closes the connection. */
async function openHandshake(ctx: Context, endpoint: URL): Promise<Handshake> {
  const host = endpoint.hostname.replace(/^\[|\]$/g, '');
  const secure = endpoint.protocol === 'https:';
  const port = Number(endpoint.port || (secure ? 443 : 80));
  const place = { host, port, hasAskedSystem: false };
  const addresses = await inTime(ctx, addressesOf(host));
  if (typeof addresses === 'string') return { ...place, addresses: [], milliseconds: 0, problem: addresses };
  const found = { ...place, addresses, ...(await shake(ctx, { host, port, secure })) };
  const ca = distrust.test(found.problem ?? '') ? await systemAuthorities() : undefined;
  if (ca === undefined) return found;
  return { ...place, addresses, ...(await shake(ctx, { host, port, secure, ca })), hasAskedSystem: true };
}

interface Peer {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly ca?: string[];
}

async function shake(ctx: Context, { secure, ...peer }: Peer) {
  const { clock } = ctx.host;
  const start = clock.monotonic();
  const socket = secure ? connectTls(peer) : connectPlainly(peer);
  try {
    const problem = await inTime(ctx, established(socket, secure));
    const presented = secure ? peerOf(socket as TLSSocket) : {};
    return { ...presented, milliseconds: clock.monotonic() - start, ...(problem === undefined ? {} : { problem }) };
  } finally {
    socket.destroy();
  }
}

/** Accepts an invalid certificate, so that it can be described. No application data is sent. */
function connectTls(peer: Omit<Peer, 'secure'>): TLSSocket {
  const name = isIP(peer.host) === 0 ? { servername: peer.host } : {};
  return connectSecurely({ ...peer, ...name, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
}

async function addressesOf(host: string): Promise<readonly string[] | string> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (error) {
    return codeOf(error);
  }
}

/** Resolves to the code of the failure, if any. */
function established(socket: Socket, secure: boolean): Promise<string | undefined> {
  return new Promise((resolve) => {
    socket.once('error', (error) => resolve(codeOf(error)));
    socket.once('end', () => resolve('ECONNRESET'));
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      const { authorizationError } = socket as Partial<TLSSocket>;
      // Typed as an Error, but it is the code.
      resolve(authorizationError ? String(authorizationError) : undefined);
    });
  });
}

function peerOf(socket: TLSSocket): Pick<Handshake, 'protocol' | 'certificate'> {
  const protocol = socket.getProtocol();
  const certificate = socket.getPeerCertificate();
  const isPresented = typeof certificate === 'object' && certificate !== null && Object.keys(certificate).length > 0;
  return { ...(protocol === null ? {} : { protocol }), ...(isPresented ? { certificate } : {}) };
}

async function inTime<T>({ host: { clock }, signal }: Context, work: Promise<T>): Promise<T | string> {
  const timedOut = new Error('timed out');
  try {
    const limit = { clock, milliseconds: probeTimeout, signal, error: () => timedOut };
    return await withTimeout(limit, (until) => untilAborted(work, until));
  } catch (error) {
    if (error === timedOut) return 'ETIMEDOUT';
    throw error;
  }
}

/** If several addresses fail, the error contains one for each. */
function codeOf(error: unknown): string {
  const { code, errors } = error as NodeJS.ErrnoException & { errors?: readonly NodeJS.ErrnoException[] };
  return code ?? errors?.[0]?.code ?? 'ECONNRESET';
}
