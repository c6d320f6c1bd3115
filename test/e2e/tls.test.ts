import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createAuthority, createCertificate } from '../faults/certificate.ts';
import { startProxy } from '../faults/proxy.ts';
import { startFaultServer } from '../faults/server.ts';
import { expectContract, expectHarmless, testSpawnedRows } from '../support/fault-rows.ts';
import { runBuilt } from '../support/run-built.ts';

const authority = createAuthority('Test Root');
const good = createCertificate({ names: ['127.0.0.1', 'api.example'], issuer: authority });
const selfSigned = createCertificate({ names: ['127.0.0.1'] });
const expired = createCertificate({ names: ['127.0.0.1'], issuer: authority, until: -1000 });
const wrongHost = createCertificate({ names: ['elsewhere.example'], issuer: authority });

const bundle = join(tmpdir(), `invite-test-root-${process.pid}.pem`);
writeFileSync(bundle, authority.cert);
const trusting = { NODE_EXTRA_CA_CERTS: bundle };

/** Node's own warning about it is not ours. */
const unverified = { NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_NO_WARNINGS: '1' };

describe('certificates', () => {
  const stranger = {
    tls: wrongHost,
    env: trusting,
    requests: 0,
    connections: 0,
    err: /"code":"tls".*its certificate is for another host.*"retryable":false.*something else answers/,
  };
  testSpawnedRows([
    ['honest', 'list -o id', 0, { tls: good, env: trusting, requests: 1, out: /i-sent/ }],
    ['honest', 'list', 3, { tls: selfSigned, requests: 0, err: /DEPTH_ZERO_SELF_SIGNED_CERT.*NODE_EXTRA_CA_CERTS/s }],
    ['honest', 'list', 3, { tls: expired, env: trusting, requests: 0, err: /CERT_HAS_EXPIRED.*clock/s }],
    ['honest', 'create new@example.com -o json', 3, stranger],
    ['honest', 'list -o id', 0, { tls: selfSigned, env: unverified }],
  ]);
});

describe('proxies', () => {
  async function listThrough(env: Record<string, string> = {}) {
    const proxy = await startProxy('ok');
    const server = await startFaultServer({ tls: good });
    const address = `http://proxyuser:proxypass@127.0.0.1:${proxy.port}`;
    const outcome = await runBuilt(['list', '-o', 'id', '--retries', '0'], {
      // Proxies are not asked for this machine.
      endpoint: server.url.replace('127.0.0.1', 'api.example'),
      env: { ...trusting, HTTPS_PROXY: address, ...env },
    });
    await Promise.all([proxy.stop(), server.stop()]);
    expectContract(outcome, false);
    await expectHarmless(outcome, server);
    expect(outcome.stdout + outcome.stderr).not.toContain('proxypass');
    return { outcome, proxy, server };
  }

  test.concurrent('one that works is used', async () => {
    const { outcome, proxy, server } = await listThrough();
    expect(outcome.stdout).toContain('i-sent');
    expect([proxy.log.length, proxy.log[0]?.method, server.kinds()]).toEqual([1, 'CONNECT', 'list']);
    expect(proxy.log[0]?.headers['proxy-authorization']).toMatch(/^Basic /);
    expect(proxy.log[0]?.headers.authorization).toBeUndefined();
  });

  test.concurrent.each([
    [{ NO_PROXY: 'other.example' }, 0, 1],
    [{ NO_PROXY: 'other.example', no_proxy: 'x;api.example' }, 3, 0],
    [{ HTTPS_PROXY: 'https://127.0.0.1:1' }, 3, 0],
  ])('with %j it is asked or not; nobody else knows the name', async (env, code, count) => {
    const { outcome, proxy } = await listThrough(env);
    expect([outcome.code, proxy.log.length]).toEqual([code, count]);
  });
});
