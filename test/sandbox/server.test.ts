import { appendFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Handler, HttpRequest } from '../../src/sandbox/api.ts';
import { accessTokenFor, type Settings, sandboxIssuer, sandboxKey } from '../../src/sandbox/sandbox.ts';
import { failAtRandom, limitRate, type ServerOptions, serveSandbox } from '../../src/sandbox/server.ts';
import { temporaryFolder } from '../support/run-cli.ts';
import { authorization, fixedClock, openWorld, type World } from './world.ts';

const path = '/iam/v2/invitations';

interface Served extends World {
  readonly endpoint: string;
  get(path: string, init?: RequestInit): Promise<Response>;
}

async function serve(
  options: Partial<ServerOptions> = {},
  switches: Partial<Settings> = {},
  folder?: string,
): Promise<Served> {
  const world = await openWorld(switches, folder === undefined ? {} : { folder });
  const { endpoint, close } = await serveSandbox(world.sandbox, {
    port: 0,
    latency: 0,
    clock: world.clock,
    ...options,
  });
  onTestFinished(close);
  const headers = { authorization, 'content-type': 'application/json' };
  const get: Served['get'] = (target, init = {}) => fetch(endpoint + target, { headers, ...init });
  return { ...world, endpoint, get };
}

test('an access token is accepted like the key if it was issued here, until it expires', async () => {
  const { get, clock } = await serve();
  const issued = (seconds: number) => accessTokenFor('pool-a', sandboxKey, clock.now() + seconds * 1000);
  const others = accessTokenFor('pool-a', { ...sandboxKey, api_secret: 'another' }, clock.now() + 60_000);
  const statuses = [];
  for (const token of [issued(60), issued(-60), others, `${issued(60)}x`, 'opaque'])
    statuses.push((await get(path, { headers: { authorization: `Bearer ${token}` } })).status);
  expect(statuses).toEqual([200, 401, 401, 401, 401]);
});

test('a token of its own issuer is for a job that has the token of its request', async () => {
  const { endpoint } = await serve();
  const headers = { authorization: 'Bearer wrong' };
  expect((await fetch(sandboxIssuer(endpoint, sandboxKey).id_token_request_url, { headers })).status).toBe(401);
});

const authorized = `host: HOST\r\nauthorization: ${authorization}\r\nconnection: close\r\n`;

/** What is said to raw bytes, in which HOST is that of the server, until it hangs up. */
function heardFor(endpoint: string, bytes: string | Buffer): Promise<string> {
  const { host, port } = new URL(endpoint);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1', () =>
      socket.write(typeof bytes === 'string' ? bytes.replaceAll('HOST', host) : bytes),
    );
    let heard = '';
    socket.on('data', (data) => {
      heard += data.toString('latin1');
    });
    socket.on('end', () => resolve(heard));
    socket.on('error', reject);
  });
}

describe('over a socket', () => {
  test('only requests for its own host are answered', async () => {
    const { endpoint } = await serve();
    const { port } = new URL(endpoint);
    const ask = (host: string) =>
      heardFor(endpoint, Buffer.from(`GET ${path} HTTP/1.1\r\n${authorized.replace('HOST', host)}\r\n`));
    for (const host of [`127.0.0.1:${port}`, `LOCALHOST:${port}`, `[::1]:${port}`, 'localhost:1', '127.0.0.1'])
      expect(await ask(host)).toMatch(/^HTTP\/1\.1 200 /);
    for (const host of [`evil.example:${port}`, `localhost.evil.example:${port}`, '127.0.0.1.evil.example', '0.0.0.0'])
      expect(await ask(host)).toMatch(/^HTTP\/1\.1 421 /);
  });

  test('limit, failures and latency apply before the API', async () => {
    const limited = await serve({ rate: 1 });
    expect([(await limited.get(path)).status, (await limited.get(path)).status]).toEqual([200, 429]);
    const failing = await serve({ fail: 1 });
    const failed = await failing.get(path, { method: 'POST', body: '{"email":"ann@example.com"}' });
    expect(failed.status).toBe(503);
    expect(failed.headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/);
    expect(await failing.sandbox.mails()).toEqual(new Map());
    const slow = await serve({ latency: 5000 });
    const before = slow.clock.now();
    expect((await slow.get(path)).status).toBe(200);
    expect(slow.clock.now() - before).toBe(5000);
  });

  test('a damaged file is a 500, and the server keeps running', async () => {
    const folder = temporaryFolder();
    const { get, invite, sandbox } = await serve({}, {}, folder);
    await invite('ann@example.com');
    appendFileSync(join(folder, 'sandbox.ndjson'), 'damage\n');
    const broken = await get(path);
    expect([broken.status, await broken.text()]).toEqual([500, expect.stringContaining('line 3')]);
    await sandbox.reset();
    expect((await get(path)).status).toBe(200);
  });
});

describe('a request', () => {
  test('whose body is not UTF-8 is 400, and one that is, in any charset notation, is read', async () => {
    const { get } = await serve();
    const latin = Buffer.from('{"email":"j\xf6rg@example.com"}', 'latin1');
    const refused = await get(path, { method: 'POST', body: latin });
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('The body is not UTF-8')]);
    const headers = { authorization, 'content-type': 'Application/JSON;charset="UTF-8"' };
    const made = await get(path, { method: 'POST', headers, body: '{"email":"jörg@example.com"}' });
    expect([made.status, await made.json()]).toMatchObject([201, { email: 'jörg@example.com' }]);
  });

  test('of megabytes is 413, and the connection stays usable', async () => {
    const { endpoint } = await serve();
    const head = `POST ${path} HTTP/1.1\r\nhost: HOST\r\nauthorization: ${authorization}\r\ncontent-length: 8000000\r\n\r\n`;
    const bytes = `${head}${'x'.repeat(8_000_000)}GET ${path} HTTP/1.1\r\n${authorized}\r\n`;
    expect((await heardFor(endpoint, bytes)).match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200']);
  });
});

describe('the port', () => {
  test('is free again after closing, even with a request that waits', async () => {
    const { sandbox, clock } = await openWorld();
    const signals: (AbortSignal | undefined)[] = [];
    const arrived = new Promise<void>((resolve) => {
      const sleep = (_: number, signal?: AbortSignal) => new Promise<void>(() => resolve(void signals.push(signal)));
      Object.assign(clock, { sleep });
    });
    const { endpoint, close } = await serveSandbox(sandbox, { port: 0, latency: 1, clock });
    const asked = fetch(endpoint + path).catch((error) => error);
    await arrived;
    await close();
    expect(await asked).toBeInstanceOf(TypeError);
    // A timer that is left would keep the process alive.
    expect(signals).toMatchObject([{ aborted: true }]);
    await expect(fetch(endpoint + path)).rejects.toThrow();
  });
});

const call: HttpRequest = { method: 'GET', path, query: new URLSearchParams(), headers: {}, body: '' };

const ok: Handler = async () => ({ status: 200, headers: new Map(), body: new Uint8Array() });

describe('the rate limit', () => {
  test('allows the requests of one second at once, then rejects until there is a token', async () => {
    const clock = fixedClock();
    const handler = limitRate({ rate: 5, headers: 'all' }, clock, ok);
    const statuses = async (count: number) => {
      const all = [];
      for (let index = 0; index < count; index++) all.push((await handler(call)).status);
      return all.join(' ');
    };
    expect(await statuses(7)).toBe('200 200 200 200 200 429 429');
    clock.pass(199);
    expect(await statuses(1)).toBe('429');
    clock.pass(1);
    expect(await statuses(2)).toBe('200 429');
    clock.pass(60_000);
    expect(await statuses(6)).toBe('200 200 200 200 200 429');
  });

  test.each([
    ['all', path, '2 1 1', '2 0 1'],
    ['none', path, undefined, undefined],
    ['not_role_bindings', '/iam/v2/role-bindings', undefined, undefined],
  ] as const)('reports itself in headers (%s), and Retry-After always', async (headers, asked, first, third) => {
    const handler = limitRate({ rate: 2, headers }, fixedClock(), ok);
    const heard = async () => (await handler({ ...call, path: asked })).headers;
    const said = (all: ReadonlyMap<string, string>) =>
      all.has('x-ratelimit-limit')
        ? ['limit', 'remaining', 'reset'].map((name) => all.get(`x-ratelimit-${name}`)).join(' ')
        : undefined;
    const one = await heard();
    await heard();
    const three = await heard();
    expect([said(one), said(three), three.get('retry-after')]).toEqual([first, third, '1']);
  });
});

test.each([
  [0.04, 500],
  [0.05, 503],
  [0.09, 503],
  [0.1, 200],
])('a tenth of the requests fails at random: at %d with %i', async (chance, status) => {
  const clock = fixedClock(() => chance);
  expect((await failAtRandom(0.1, clock, ok)(call)).status).toBe(status);
});
