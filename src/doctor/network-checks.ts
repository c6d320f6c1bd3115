import { CliError } from '../errors.ts';
import { isLoopback } from '../http/endpoint.ts';
import { networkError, uselessExtra } from '../http/network-errors.ts';
import { unclearExceptions } from '../http/proxy.ts';
import {
  type CheckOutcome,
  type DoctorContext,
  type Finding,
  fail,
  failed,
  type Handshake,
  pass,
  warn,
} from './doctor-context.ts';

export async function checkProxy(context: DoctorContext): Promise<CheckOutcome> {
  if ((await context.remote()) === undefined) return undefined;
  const proxy = await context.proxy();
  const { env } = context.ctx.host;
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

export async function checkDns(context: DoctorContext): Promise<CheckOutcome> {
  const handshake = await context.handshake();
  if (handshake === undefined) return undefined;
  const { host, addresses } = handshake;
  if (addresses.length === 0) return unreachable(handshake, context, 'check the endpoint, the DNS server and the VPN');
  return pass(`${host} resolves to ${addresses.slice(0, 3).join(', ')}${addresses.length > 3 ? ', …' : ''}`);
}

export async function checkConnection(context: DoctorContext): Promise<CheckOutcome> {
  const handshake = await context.handshake();
  if (handshake === undefined || handshake.addresses.length === 0) return undefined;
  const { problem, protocol, certificate } = handshake;
  if (problem !== undefined && certificate === undefined) return unreachable(handshake, context, reachability);
  const isPlain = problem === undefined && protocol === undefined;
  const off = isPlain ? undefined : await unverified(context);
  if (off !== undefined) return off;
  if (problem !== undefined) return distrusted(handshake, context);
  const time = `${handshake.host}:${handshake.port} in ${Math.round(handshake.milliseconds)} ms`;
  if (protocol === undefined) return pass(`${time}, without TLS, on this machine only`);
  return untrustedFile(context) ?? pass(`${time}, ${protocol}, certificate ${describeCertificate(certificate)}`);
}

const reachability = 'check the endpoint, the firewall, and whether a proxy is needed (HTTPS_PROXY)';

function unreachable(handshake: Handshake, context: DoctorContext, remedy: string): Finding {
  const failure = failureOf(handshake, context);
  return failed(failure, failure.details.hints === undefined ? remedy : undefined);
}

/** The certificate shows who answered, which is often a proxy. */
function distrusted(handshake: Handshake, context: DoctorContext): Finding {
  const { valid_from, valid_to } = handshake.certificate ?? {};
  const now = new Date(context.ctx.host.clock.now()).toISOString();
  const isAboutTime = /EXPIRED|NOT_YET_VALID/.test(handshake.problem ?? '');
  const span = isAboutTime
    ? `; it is valid from ${valid_from} to ${valid_to}, and the clock of this machine says ${now}`
    : '';
  const finding = failed(failureOf(handshake, context));
  const useless = untrustedFile(context)?.detail;
  const cause = useless === undefined ? '' : `; ${useless}`;
  return {
    ...finding,
    detail: `${finding.detail}; the certificate is ${describeCertificate(handshake.certificate)}${span}${cause}`,
  };
}

function describeCertificate(certificate: Handshake['certificate']): string {
  if (certificate === undefined) return 'missing';
  const [subject, issuer] = [certificate.subject, certificate.issuer].map((name) => [name?.CN ?? name?.O].flat()[0]);
  if (subject === issuer) return `for "${subject}", self-signed`;
  return `for "${subject}", issued by "${issuer}", valid until ${certificate.valid_to}`;
}

async function unverified(context: DoctorContext): Promise<CheckOutcome> {
  const endpoint = (await context.remote())?.endpoint;
  if (context.ctx.host.env.NODE_TLS_REJECT_UNAUTHORIZED !== '0' || endpoint === undefined) return undefined;
  const detail = 'NODE_TLS_REJECT_UNAUTHORIZED=0 turns certificate checks off';
  const remedy = 'unset it; for a certificate authority of your own: export NODE_EXTRA_CA_CERTS=/path/to/ca.pem';
  return isLoopback(endpoint) ? warn(detail, remedy) : fail('usage', `${detail}: no key is sent without them`, remedy);
}

function untrustedFile({ ctx: { host } }: DoctorContext): CheckOutcome {
  const problem = uselessExtra(host.env);
  return problem === undefined ? undefined : warn(problem, 'correct NODE_EXTRA_CA_CERTS, or unset it');
}

function failureOf({ host, port, problem = '', hasAskedSystem }: Handshake, { ctx }: DoctorContext): CliError {
  const error = Object.assign(new Error(problem), { code: problem });
  const failure = networkError(error, {
    ...{ peer: `${host}:${port}`, proxy: undefined, sent: false, partial: undefined },
    ...{ env: ctx.host.env, hasAskedSystem },
  });
  if (failure instanceof CliError) return failure;
  return new CliError('network', `cannot reach "${host}:${port}"`, { reason: problem });
}
