import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { connect as connectPlainly, isIP, type Socket } from 'node:net';
import { connect as connectSecurely, type PeerCertificate, TLSSocket } from 'node:tls';
import type { Context } from '../cli/context.ts';
import type { CliError } from '../errors.ts';
import { untilAborted, withTimeout } from '../host/timeout.ts';
import type { Environment, Host } from '../host.ts';
import { addressOf, isLoopback, type ProxyRoute, unclearExceptions } from '../http/endpoint.ts';
import { codeOf, distrust, networkError, systemAuthorities, uselessExtra } from '../http/network-errors.ts';
import { type Finding, fail, failed, pass, stepLimit, warn } from './finding.ts';

export function checkProxy(proxy: ProxyRoute | undefined, env: Environment): Finding {
  const unclear = unclearExceptions(env).map((entry) => `"${entry}"`);
  if (unclear.length > 0) {
    const remedy = 'list hosts, domains, addresses or blocks such as 10.0.0.0/8, separated by commas';
    return warn(`NO_PROXY has entries that are not understood: ${unclear.join(', ')}`, remedy);
  }
  if (proxy !== undefined) return pass(`${proxy.url.host}, ${proxy.token ? 'with' : 'without'} credentials`);
  const isIgnored = (env.ALL_PROXY ?? env.all_proxy) !== undefined;
  return isIgnored
    ? warn('ALL_PROXY is set, but invite does not read it', 'set HTTPS_PROXY if a proxy is needed')
    : pass('none');
}

/** What came of connecting, without a request. */
interface Handshake {
  readonly endpoint: URL;
  readonly host: string;
  /** The addresses of the name; empty if it cannot be resolved. */
  readonly addresses: readonly string[];
  /** Milliseconds until it was established, including TLS. */
  readonly milliseconds: number;
  /** The code of the failure: `ENOTFOUND`, `ECONNREFUSED`, `CERT_HAS_EXPIRED`. */
  readonly problem?: string | undefined;
  /** `TLSv1.3` */
  readonly protocol?: string | undefined;
  /** As the server presented it, valid or not. */
  readonly certificate?: PeerCertificate | undefined;
  /** The certificate was checked against the system's store as well. */
  readonly hasAskedSystem: boolean;
}

/** Resolves the name, connects and negotiates TLS, to find which of them fails; then closes the connection. */
export async function shakeHands(ctx: Context, endpoint: URL): Promise<Handshake> {
  const host = endpoint.hostname.replace(/^\[|\]$/g, '');
  const isSecure = endpoint.protocol === 'https:';
  const port = Number(endpoint.port || (isSecure ? 443 : 80));
  const place = { endpoint, host, milliseconds: 0, hasAskedSystem: false };
  const found = await inTime(ctx, lookup(host, { all: true }));
  if ('problem' in found) return { ...place, addresses: [], problem: found.problem };
  const named = { ...place, addresses: found.value.map(({ address }) => address) };
  if (!isSecure) return { ...named, ...(await shake(ctx, connectPlainly({ host, port }))) };
  // An invalid certificate is accepted, so that it can be described. No application data is sent.
  const lenient = {
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
    ...(isIP(host) ? {} : { servername: host }),
  };
  const first = await shake(ctx, connectSecurely({ host, port, ...lenient }));
  const ca = distrust.test(first.problem ?? '') ? await systemAuthorities() : undefined;
  if (ca === undefined) return { ...named, ...first };
  return { ...named, ...(await shake(ctx, connectSecurely({ host, port, ca, ...lenient }))), hasAskedSystem: true };
}

async function shake(ctx: Context, socket: Socket) {
  const { clock } = ctx.host;
  const start = clock.monotonic();
  const isTls = socket instanceof TLSSocket;
  try {
    const connected = await inTime(ctx, once(socket, isTls ? 'secureConnect' : 'connect'));
    const milliseconds = clock.monotonic() - start;
    if ('problem' in connected) return { milliseconds, problem: connected.problem };
    if (!isTls) return { milliseconds };
    const certificate = socket.getPeerCertificate();
    return {
      milliseconds,
      // Typed as an Error, but it is the code.
      problem: socket.authorizationError ? String(socket.authorizationError) : undefined,
      protocol: socket.getProtocol() ?? undefined,
      certificate: Object.keys(certificate).length > 0 ? certificate : undefined,
    };
  } finally {
    socket.destroy();
  }
}

/** What a step on the network results in, or the code of its failure. */
async function inTime<T>(
  ctx: Context,
  step: Promise<T>,
): Promise<{ readonly value: T } | { readonly problem: string }> {
  const timedOut = Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' });
  try {
    const limit = { ...stepLimit(ctx), error: () => timedOut };
    return { value: await withTimeout(limit, (until) => untilAborted(step, until)) };
  } catch (error) {
    ctx.signal.throwIfAborted();
    return { problem: codeOf(error) };
  }
}

export function checkDns(handshake: Handshake, { env }: Host): Finding {
  const { host, addresses } = handshake;
  if (addresses.length === 0) return unreachable(handshake, env, 'check the endpoint, the DNS server and the VPN');
  return pass(`${host} resolves to ${addresses.slice(0, 3).join(', ')}${addresses.length > 3 ? ', …' : ''}`);
}

export function checkConnection(handshake: Handshake, { env, clock }: Host): Finding {
  const { endpoint, problem, protocol, certificate } = handshake;
  if (problem !== undefined && certificate === undefined) return unreachable(handshake, env, reachability);
  const time = `${addressOf(endpoint)} in ${Math.round(handshake.milliseconds)} ms`;
  if (protocol === undefined) return pass(`${time}, without TLS, on this machine only`);
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0') return unverified(endpoint);
  if (problem !== undefined) return distrusted(handshake, env, clock.now());
  const useless = uselessExtra(env);
  if (useless !== undefined) return warn(useless, 'correct NODE_EXTRA_CA_CERTS, or unset it');
  return pass(`${time}, ${protocol}, certificate ${describeCertificate(certificate)}`);
}

const reachability = 'check the endpoint, the firewall, and whether a proxy is needed (HTTPS_PROXY)';

function unreachable(handshake: Handshake, env: Environment, remedy: string): Finding {
  const failure = handshakeFailure(handshake, env);
  return failure.details.hints === undefined ? failed(failure, remedy) : failed(failure);
}

function unverified(endpoint: URL): Finding {
  const detail = 'NODE_TLS_REJECT_UNAUTHORIZED=0 turns certificate checks off';
  const remedy = 'unset it; for a certificate authority of your own: export NODE_EXTRA_CA_CERTS=/path/to/ca.pem';
  return isLoopback(endpoint) ? warn(detail, remedy) : fail('usage', `${detail}: no key is sent without them`, remedy);
}

/** The certificate shows who answered, which is often a proxy. */
function distrusted(handshake: Handshake, env: Environment, now: number): Finding {
  const { problem = '', certificate } = handshake;
  const time = new Date(now).toISOString();
  const finding = failed(handshakeFailure(handshake, env));
  const facts = [finding.detail, `the certificate is ${describeCertificate(certificate)}`];
  if (/EXPIRED|NOT_YET_VALID/.test(problem))
    facts.push(
      `it is valid from ${certificate?.valid_from} to ${certificate?.valid_to}, and the clock of this machine says ${time}`,
    );
  const useless = uselessExtra(env);
  if (useless !== undefined) facts.push(useless);
  return { ...finding, detail: facts.join('; ') };
}

function describeCertificate(certificate: PeerCertificate | undefined): string {
  if (certificate === undefined) return 'missing';
  const [subject, issuer] = [certificate.subject, certificate.issuer].map((name) => [name?.CN ?? name?.O].flat()[0]);
  if (subject === issuer) return `for "${subject}", self-signed`;
  return `for "${subject}", issued by "${issuer}", valid until ${certificate.valid_to}`;
}

function handshakeFailure({ endpoint, problem = '', hasAskedSystem }: Handshake, env: Environment): CliError {
  const error = Object.assign(new Error(problem), { code: problem });
  return networkError(error, { peer: addressOf(endpoint), sent: false, env, hasAskedSystem });
}
