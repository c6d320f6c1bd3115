import { lookup } from 'node:dns/promises';
import { existsSync } from 'node:fs';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectSecurely, type PeerCertificate, type TLSSocket } from 'node:tls';
import { CliError } from '../errors.ts';
import { untilAborted, withTimeout } from '../host/timeout.ts';
import type { Clock } from '../host.ts';
import { isLoopback } from '../http/endpoint.ts';
import { networkError } from '../http/network-errors.ts';
import { type Check, type CheckOutcome, type Finding, fail, failed, pass, warn } from './check.ts';
import type { DoctorContext } from './doctor-context.ts';

export const proxyCheck: Check = {
  id: 'proxy',
  title: 'proxy',
  run: async (patient) => {
    if ((await patient.remote()) === undefined) return undefined;
    const proxy = await patient.proxy();
    if ('failure' in proxy) return failed(proxy.failure);
    const { env } = patient.ctx.host;
    if (proxy.value !== undefined)
      return pass(`${proxy.value.url.host}, with${proxy.value.token ? '' : 'out'} a login`);
    const isIgnored = (env.ALL_PROXY ?? env.all_proxy) !== undefined;
    return isIgnored ? warn('ALL_PROXY is set, but not read', 'set HTTPS_PROXY if a proxy is needed') : pass('none');
  },
};

export const dnsCheck: Check = {
  id: 'dns',
  title: 'DNS',
  run: async (patient) => {
    const greeting = await patient.greeting();
    if (greeting === undefined) return undefined;
    const { host, addresses } = greeting;
    if (addresses.length === 0)
      return unreachable(greeting, 'check the endpoint, and the name server and VPN of this machine');
    return pass(`${host} is ${addresses.slice(0, 3).join(', ')}${addresses.length > 3 ? ', …' : ''}`);
  },
};

export const connectionCheck: Check = {
  id: 'connection',
  title: 'connection',
  run: async (patient) => {
    const greeting = await patient.greeting();
    if (greeting === undefined || greeting.addresses.length === 0) return undefined;
    const { problem, protocol, certificate } = greeting;
    if (problem !== undefined && certificate === undefined) return unreachable(greeting, reachability);
    if (problem !== undefined) return distrusted(greeting, patient);
    const time = `${greeting.host}:${greeting.port} in ${Math.round(greeting.milliseconds)} ms`;
    if (protocol === undefined) return pass(`${time}, unencrypted, on this machine only`);
    return (
      (await unverified(patient)) ??
      untrustedFile(patient) ??
      pass(`${time}, ${protocol}, certificate ${inWords(certificate)}`)
    );
  },
};

const reachability = 'check the endpoint, the firewall, and whether a proxy is needed (HTTPS_PROXY)';

function unreachable(greeting: Handshake, remedy: string): Finding {
  const failure = failureOf(greeting);
  return failed(failure, failure.details.hints === undefined ? remedy : undefined);
}

/** The certificate says who stands there; that is often the proxy that nobody thought of. */
async function distrusted(greeting: Handshake, patient: DoctorContext): Promise<Finding> {
  const off = await unverified(patient);
  if (off !== undefined) return off;
  const failure = failureOf(greeting);
  const { valid_from, valid_to } = greeting.certificate ?? {};
  const now = new Date(patient.ctx.host.clock.now()).toISOString();
  const isOfTime = /EXPIRED|NOT_YET_VALID/.test(greeting.problem ?? '');
  const span = isOfTime ? `; it is good from ${valid_from} to ${valid_to}, and this machine says ${now}` : '';
  const finding = failed(failure);
  const missing = untrustedFile(patient)?.detail;
  const cause = missing === undefined ? '' : `; ${missing}`;
  return { ...finding, detail: `${finding.detail}; it is ${inWords(greeting.certificate)}${span}${cause}` };
}

function inWords(certificate: Handshake['certificate']): string {
  if (certificate === undefined) return 'not shown';
  const [subject, issuer] = [certificate.subject, certificate.issuer].map((name) => [name?.CN ?? name?.O].flat()[0]);
  if (subject === issuer) return `of "${subject}", signed by itself`;
  return `of "${subject}", signed by "${issuer}", until ${certificate.valid_to}`;
}

async function unverified(patient: DoctorContext): Promise<CheckOutcome> {
  const endpoint = (await patient.remote())?.endpoint;
  if (patient.ctx.host.env.NODE_TLS_REJECT_UNAUTHORIZED !== '0' || endpoint === undefined) return undefined;
  const detail = 'NODE_TLS_REJECT_UNAUTHORIZED=0 turns off the check that the server is who it says';
  const remedy = 'unset it; for an authority of your own: export NODE_EXTRA_CA_CERTS=/path/to/ca.pem';
  return isLoopback(endpoint) ? warn(detail, remedy) : fail('usage', `${detail}: no key is sent like that`, remedy);
}

function untrustedFile({ ctx: { host } }: DoctorContext): CheckOutcome {
  const path = host.env.NODE_EXTRA_CA_CERTS;
  if (path === undefined || existsSync(path)) return undefined;
  return warn(`NODE_EXTRA_CA_CERTS names "${path}", which is not there`, 'correct the path, or unset it');
}

function failureOf({ host, port, problem = '' }: Handshake): CliError {
  const error = Object.assign(new Error(problem), { code: problem });
  const failure = networkError(error, { peer: `${host}:${port}`, proxy: undefined, sent: false, partial: undefined });
  if (failure instanceof CliError) return failure;
  return new CliError('network', `cannot reach "${host}:${port}"`, { reason: problem });
}

/** How far a connection came on which nothing was sent. */
export interface Handshake {
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

export interface HandshakeOptions {
  readonly endpoint: URL;
  readonly clock: Clock;
  /** Milliseconds for each step. */
  readonly patience: number;
  readonly signal: AbortSignal;
}

/** Looks the name up, connects, and agrees on TLS, to see which of them fails; then hangs up. */
export async function openHandshake({ endpoint, ...limits }: HandshakeOptions): Promise<Handshake> {
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

function seenOn(socket: TLSSocket): Pick<Handshake, 'protocol' | 'certificate'> {
  const protocol = socket.getProtocol();
  const certificate = socket.getPeerCertificate();
  const isShown = typeof certificate === 'object' && certificate !== null && Object.keys(certificate).length > 0;
  return { ...(protocol === null ? {} : { protocol }), ...(isShown ? { certificate } : {}) };
}

async function inTime<T>(
  work: Promise<T>,
  { clock, patience, signal }: Omit<HandshakeOptions, 'endpoint'>,
): Promise<T | string> {
  const timedOut = new Error('timed out');
  try {
    const limit = { clock, milliseconds: patience, signal, error: () => timedOut };
    return await withTimeout(limit, (until) => untilAborted(work, until));
  } catch (error) {
    if (error === timedOut) return 'ETIMEDOUT';
    throw error;
  }
}

/** Several addresses that all fail come as one error around theirs. */
function codeOf(error: unknown): string {
  const { code, errors } = error as NodeJS.ErrnoException & { errors?: readonly NodeJS.ErrnoException[] };
  return code ?? errors?.[0]?.code ?? 'ECONNRESET';
}
