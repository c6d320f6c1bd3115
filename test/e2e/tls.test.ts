import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createAuthority, createCertificate } from '../faults/certificate.ts';
import { type ProxyMode, startProxy } from '../faults/proxy.ts';
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
    ['honest', 'list', 3, { tls: selfSigned, requests: 0, connections: 0, err: /NODE_EXTRA_CA_CERTS/ }],
    ['honest', 'list', 3, { tls: expired, env: trusting, requests: 0, err: /expired/ }],
    ['honest', 'create new@example.com -o json', 3, stranger],
    ['honest', 'list --timeout 2s', 3, { tls: 'hang', within: 20_000 }],
    ['honest', 'list -o id', 0, { tls: selfSigned, env: unverified }],
  ]);

  test('verification that was switched off is refused for anything but this machine', async () => {
    const env = { NODE_TLS_REJECT_UNAUTHORIZED: '0' };
    const { code, stderr } = await runBuilt(['list'], { endpoint: 'https://api.example.invalid', env });
    expect(code).toBe(2);
    expect(stderr).toContain('NODE_TLS_REJECT_UNAUTHORIZED');
  });
});

describe('proxies', () => {
  async function through(mode: ProxyMode, args: string[], env: Record<string, string> = {}, host = 'api.example') {
    const proxy = await startProxy(mode);
    const server = await startFaultServer({ tls: good });
    const address = `http://proxyuser:proxypass@127.0.0.1:${proxy.port}`;
    const outcome = await runBuilt(args, {
      // Proxies are not asked for this machine.
      endpoint: server.url.replace('127.0.0.1', host),
      env: { ...trusting, HTTPS_PROXY: address, ...env },
    });
    await Promise.all([proxy.stop(), server.stop()]);
    expectContract(outcome, false);
    await expectHarmless(outcome, server);
    expect(outcome.stdout + outcome.stderr).not.toContain('proxypass');
    return { outcome, proxy, server };
  }

  test.concurrent('one that works is used', async () => {
    const { outcome, proxy, server } = await through('ok', ['list', '-o', 'id']);
    expect(outcome.stdout).toContain('i-sent');
    expect([proxy.log.length, proxy.log[0]?.method, server.kinds()]).toEqual([1, 'CONNECT', 'list']);
    expect(proxy.log[0]?.headers['proxy-authorization']).toMatch(/^Basic /);
    expect(proxy.log[0]?.headers.authorization).toBeUndefined();
  });

  test.concurrent('this machine is reached without one', async () => {
    const { outcome, proxy } = await through('drop', ['list', '-o', 'id'], {}, '127.0.0.1');
    expect([outcome.code, proxy.log.length]).toEqual([0, 0]);
  });

  test.concurrent.each([
    [{ NO_PROXY: 'other.example' }, 0, 1],
    [{ NO_PROXY: 'other.example', no_proxy: 'x;api.example' }, 3, 0],
  ])('with %j it is asked or not; nobody else knows the name', async (env, code, count) => {
    const { outcome, proxy } = await through('ok', ['list', '-o', 'id', '--retries', '0'], env);
    expect([outcome.code, proxy.log.length]).toEqual([code, count]);
  });

  test.concurrent('an address without a scheme is taken for http', async () => {
    const proxy = await startProxy('ok');
    const { outcome } = await through('drop', ['list', '-o', 'id'], { HTTPS_PROXY: `127.0.0.1:${proxy.port}` });
    expect([outcome.code, proxy.log.length]).toEqual([0, 1]);
    await proxy.stop();
  });

  test.concurrent.each([
    ['drop', /proxy/i],
    ['407', /407/],
  ] as const)('one that answers %s is named, and nothing is sent', async (mode, words) => {
    const { outcome, proxy, server } = await through(mode, ['list']);
    expect(outcome.code).toBe(3);
    expect(outcome.stderr).toMatch(words);
    expect(outcome.stderr).toContain('127.0.0.1');
    expect(proxy.log.length).toBeLessThanOrEqual(3);
    expect(server.log).toEqual([]);
  });

  test.concurrent('one that hangs is left at the end of the time', async () => {
    const { outcome } = await through('hang', ['list', '--timeout', '2s']);
    expect(outcome.code).toBe(3);
    expect(outcome.ms).toBeLessThan(20_000);
  });
});
