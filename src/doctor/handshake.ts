import { lookup } from 'node:dns/promises';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectSecurely, type PeerCertificate, type TLSSocket } from 'node:tls';
import { untilAborted, withTimeout } from '../host/timeout.ts';
import type { Clock } from '../host.ts';
import { distrust, systemAuthorities } from '../http/trust.ts';

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

interface HandshakeOptions {
  readonly endpoint: URL;
  readonly clock: Clock;
  /** Milliseconds for each step. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** Resolves the name, connects and negotiates TLS, to find which of them fails; then closes the connection. */
export async function openHandshake({ endpoint, ...limits }: HandshakeOptions): Promise<Handshake> {
  const host = endpoint.hostname.replace(/^\[|\]$/g, '');
  const secure = endpoint.protocol === 'https:';
  const port = Number(endpoint.port || (secure ? 443 : 80));
  const place = { host, port, hasAskedSystem: false };
  const addresses = await inTime(addressesOf(host), limits);
  if (typeof addresses === 'string') return { ...place, addresses: [], milliseconds: 0, problem: addresses };
  const found = { ...place, addresses };
  const outcome = await shake({ ...place, secure }, limits);
  if (!distrust.test(outcome.problem ?? '')) return { ...found, ...outcome };
  const authorities = await systemAuthorities();
  if (authorities === undefined) return { ...found, ...outcome };
  return { ...found, ...(await shake({ ...place, secure, authorities }, limits)), hasAskedSystem: true };
}

interface Peer {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly authorities?: string[];
}

type Limits = Omit<HandshakeOptions, 'endpoint'>;
type Shaken = Pick<Handshake, 'milliseconds' | 'problem' | 'protocol' | 'certificate'>;

async function shake(peer: Peer, limits: Limits): Promise<Shaken> {
  const start = limits.clock.monotonic();
  const { host, port, secure } = peer;
  const socket = secure ? connectTls(peer) : connect({ host, port });
  try {
    const problem = await inTime(established(socket, secure), limits);
    const milliseconds = limits.clock.monotonic() - start;
    const presented = secure ? peerOf(socket as TLSSocket) : {};
    return { ...presented, milliseconds, ...(typeof problem === 'string' ? { problem } : {}) };
  } finally {
    socket.destroy();
  }
}

/** Accepts an invalid certificate, so that it can be described. No application data is sent. */
function connectTls({ host, port, authorities }: Peer): TLSSocket {
  const name = isIP(host) === 0 ? { servername: host } : {};
  const ca = authorities === undefined ? {} : { ca: authorities };
  return connectSecurely({ host, port, ...name, ...ca, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
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

async function inTime<T>(work: Promise<T>, { clock, timeout, signal }: Limits): Promise<T | string> {
  const timedOut = new Error('timed out');
  try {
    const limit = { clock, milliseconds: timeout, signal, error: () => timedOut };
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
