import { existsSync } from 'node:fs';
import { CliError } from '../errors.ts';
import { networkFailure } from '../http/network-failure.ts';
import { isLoopback } from '../loopback.ts';
import { type Answer, type Check, type Finding, fail, failed, pass, warn } from './check.ts';
import type { Greeting } from './greeting.ts';
import type { Patient } from './patient.ts';

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

function unreachable(greeting: Greeting, remedy: string): Finding {
  const failure = failureOf(greeting);
  return failed(failure, failure.details.hints === undefined ? remedy : undefined);
}

/** The certificate says who stands there; that is often the proxy that nobody thought of. */
async function distrusted(greeting: Greeting, patient: Patient): Promise<Finding> {
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

function inWords(certificate: Greeting['certificate']): string {
  if (certificate === undefined) return 'not shown';
  const [subject, issuer] = [certificate.subject, certificate.issuer].map((name) => [name?.CN ?? name?.O].flat()[0]);
  if (subject === issuer) return `of "${subject}", signed by itself`;
  return `of "${subject}", signed by "${issuer}", until ${certificate.valid_to}`;
}

async function unverified(patient: Patient): Promise<Answer> {
  const endpoint = (await patient.remote())?.endpoint;
  if (patient.ctx.host.env.NODE_TLS_REJECT_UNAUTHORIZED !== '0' || endpoint === undefined) return undefined;
  const detail = 'NODE_TLS_REJECT_UNAUTHORIZED=0 turns off the check that the server is who it says';
  const remedy = 'unset it; for an authority of your own: export NODE_EXTRA_CA_CERTS=/path/to/ca.pem';
  return isLoopback(endpoint) ? warn(detail, remedy) : fail('usage', `${detail}: no key is sent like that`, remedy);
}

function untrustedFile({ ctx: { host } }: Patient): Answer {
  const path = host.env.NODE_EXTRA_CA_CERTS;
  if (path === undefined || existsSync(path)) return undefined;
  return warn(`NODE_EXTRA_CA_CERTS names "${path}", which is not there`, 'correct the path, or unset it');
}

function failureOf({ host, port, problem = '' }: Greeting): CliError {
  const error = Object.assign(new Error(problem), { code: problem });
  const failure = networkFailure(error, { peer: `${host}:${port}`, proxy: undefined, sent: false, begun: undefined });
  if (failure instanceof CliError) return failure;
  return new CliError('network', `cannot reach "${host}:${port}"`, { reason: problem });
}
