import { lookup } from 'node:dns/promises';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectSecurely, type PeerCertificate, type TLSSocket } from 'node:tls';
import type { Clock } from '../clock.ts';

/** How far a connection came on which nothing was sent. */
export interface Greeting {
  readonly host: string;
  readonly port: number;
  /** All that the name stands for; empty if it cannot be looked up. */
  readonly addresses: readonly string[];
  /** Milliseconds until the connection stood, secured if it is to be. */
  readonly milliseconds: number;
  /** What went wrong, in the words of the system: `ENOTFOUND`, `ECONNREFUSED`, `CERT_HAS_EXPIRED`. */
  readonly problem?: string;
  /** `TLSv1.3` */
  readonly protocol?: string;
  /** As the server showed it, be it good or not. */
  readonly certificate?: PeerCertificate;
}

export interface Greeter {
  readonly endpoint: URL;
  readonly clock: Clock;
  /** Milliseconds for each step. */
  readonly patience: number;
  readonly signal: AbortSignal;
}

/** Looks the name up, connects, and agrees on TLS, to see which of them fails; then hangs up. */
export async function greet({ endpoint, ...limits }: Greeter): Promise<Greeting> {
  const host = endpoint.hostname.replace(/^\[|\]$/g, '');
  const secure = endpoint.protocol === 'https:';
  const port = Number(endpoint.port || (secure ? 443 : 80));
  const start = limits.clock.monotonic();
  const place = { host, port };
  const addresses = await inTime(addressesOf(host), limits);
  if (typeof addresses === 'string') return { ...place, addresses: [], milliseconds: 0, problem: addresses };
  const found = { ...place, addresses };
  const socket = secure ? secured(host, port) : connect({ host, port });
  try {
    const problem = await inTime(standing(socket, secure), limits);
    const milliseconds = limits.clock.monotonic() - start;
    const seen = secure ? seenOn(socket as TLSSocket) : {};
    return { ...found, ...seen, milliseconds, ...(typeof problem === 'string' ? { problem } : {}) };
  } finally {
    socket.destroy();
  }
}

/** A certificate that is no good is looked at all the same, to say what is wrong with it. No byte of ours is sent. */
function secured(host: string, port: number): TLSSocket {
  const name = isIP(host) === 0 ? { servername: host } : {};
  return connectSecurely({ host, port, ...name, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
}

async function addressesOf(host: string): Promise<readonly string[] | string> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (error) {
    return codeOf(error);
  }
}

/** Resolves to what went wrong, if anything did. */
function standing(socket: Socket, secure: boolean): Promise<string | undefined> {
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

function seenOn(socket: TLSSocket): Pick<Greeting, 'protocol' | 'certificate'> {
  const protocol = socket.getProtocol();
  const certificate = socket.getPeerCertificate();
  const isShown = typeof certificate === 'object' && certificate !== null && Object.keys(certificate).length > 0;
  return { ...(protocol === null ? {} : { protocol }), ...(isShown ? { certificate } : {}) };
}

async function inTime<T>(
  work: Promise<T>,
  { clock, patience, signal }: Omit<Greeter, 'endpoint'>,
): Promise<T | string> {
  const timer = new AbortController();
  try {
    return await Promise.race([
      work,
      clock.sleep(patience, AbortSignal.any([timer.signal, signal])).then(() => 'ETIMEDOUT'),
    ]);
  } finally {
    timer.abort();
  }
}

/** Several addresses that all fail come as one error around theirs. */
function codeOf(error: unknown): string {
  const { code, errors } = error as NodeJS.ErrnoException & { errors?: readonly NodeJS.ErrnoException[] };
  return code ?? errors?.[0]?.code ?? 'ECONNRESET';
}
