import { writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { CliError } from '../../src/errors.ts';
import { NoResponse } from '../../src/http/failure.ts';
import { type Network, type NetworkOptions, openNetwork } from '../../src/http/network.ts';
import { explainDistrust, uselessExtra } from '../../src/http/network-errors.ts';
import type { Request } from '../../src/http/send.ts';
import { createAuthority, createCertificate } from '../faults/certificate.ts';
import { type ProxyMode, startProxy } from '../faults/proxy.ts';
import { errorOf } from '../support/failures.ts';
import { listen } from '../support/listen.ts';
import { realClock } from '../support/real-clock.ts';
import { temporaryFolder } from '../support/run-cli.ts';

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function listening(server: Server): Promise<number> {
  const { port, stop } = await listen(server);
  endings.push(stop);
  return port;
}

const web = (listener: RequestListener) => listening(createHttpServer(listener));
const wire = (onSocket: (socket: Socket) => void) => listening(createServer(onSocket));

/** Lets each connection have its say once the request has come. */
const replying = (act: (socket: Socket) => void) => wire((socket) => socket.once('data', () => act(socket)));
const head = 'HTTP/1.1 200 OK\r\n';
const writing = (text: string) => replying((socket) => socket.write(text));

async function open(endpoint: string, options: Partial<NetworkOptions> = {}): Promise<Network> {
  const network = await openNetwork({
    endpoint: new URL(endpoint),
    env: {},
    clock: realClock,
    ...options,
  });
  endings.push(network.close);
  return network;
}

const at = (port: number) => open(`http://127.0.0.1:${port}`);
const get: Request = { method: 'GET', path: '/iam/v2/invitations' };
const textOf = (body: Uint8Array) => new TextDecoder().decode(body);

async function failed(network: Network, request: Request = get): Promise<NoResponse> {
  const error = await errorOf(network.send(request));
  expect(error).toBeInstanceOf(NoResponse);
  return error as NoResponse;
}

describe('a request on the wire', () => {
  test('keeps the endpoint’s path, encodes the query, sends JSON and the headers given', async () => {
    const seen: unknown[] = [];
    const port = await web((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        const { method, url, headers } = request;
        seen.push([method, url, headers['x-a'], headers['accept-encoding'], Buffer.concat(chunks).toString()]);
        response.writeHead(201, { 'X-Request-Id': 'r-1', 'X-Two': ['a', 'b'] }).end('made');
      });
    });
    const network = await open(`http://127.0.0.1:${port}/prefix/`);
    const response = await network.send({ ...get, method: 'POST', headers: { 'x-a': '1' }, body: { email: 'ü' } });
    await network.send({ ...get, query: { page_size: '100', email: 'a+b@c.de', user: undefined } });
    expect(seen).toEqual([
      ['POST', '/prefix/iam/v2/invitations', '1', undefined, '{"email":"ü"}'],
      ['GET', '/prefix/iam/v2/invitations?page_size=100&email=a%2Bb%40c.de', undefined, 'gzip', ''],
    ]);
    expect([response.status, textOf(response.body)]).toEqual([201, 'made']);
    expect(response.headers.get('x-request-id')).toBe('r-1');
    expect(response.headers.get('x-two')).toBe('a, b');
  });

  test('shares a connection with the next, but not if it asks for a fresh one', async () => {
    const ports: (number | undefined)[] = [];
    const network = await at(
      await web((request, response) => {
        ports.push(request.socket.remotePort);
        response.end('{}');
      }),
    );
    for (const fresh of [false, false, true, false]) await network.send({ ...get, fresh });
    const [first, second, third, fourth] = ports;
    expect(second).toBe(first);
    expect(third).not.toBe(first);
    expect(fourth).toBe(first);
  });

  test.each(['204', '200'])('a DELETE answered %s with a body is answered', async (status) => {
    const network = await at(await writing(`HTTP/1.1 ${status} OK\r\nContent-Length: 2\r\n\r\n{}`));
    expect(await network.send({ ...get, method: 'DELETE' })).toMatchObject({ status: Number(status) });
  });

  test('an informational answer is not the answer', async () => {
    const network = await at(await writing(`HTTP/1.1 103 Early Hints\r\n\r\n${head}Content-Length: 2\r\n\r\n{}`));
    expect(await network.send(get)).toMatchObject({ status: 200 });
  });
});

describe('no answer, in words, and whether the server may have the request', () => {
  test.each([
    ['127.0.0.1:1', /^connection refused \(ECONNREFUSED\)$/],
    ['nope.invalid:80', /\((?:ENOTFOUND|EAI_AGAIN)\)$/],
  ])('where nobody listens: %s', async (host, words) => {
    const details = { reason: expect.stringMatching(words), retryable: true };
    const message = `cannot reach "${host}"`;
    expect(await failed(await open(`http://${host}`))).toMatchObject({
      code: 'network',
      message,
      sent: false,
      details,
    });
  });

  const closed = /^the connection was closed \(UND_ERR_SOCKET\)$/;
  const closing = `${head}Connection: close\r\n`;
  const lengths = 'Content-Length: 5\r\nContent-Length: 500';

  test.each<[string, (socket: Socket) => void, RegExp]>([
    ['reset', (socket) => socket.resetAndDestroy(), /^the connection was closed \((ECONNRESET|UND_ERR_SOCKET)\)$/],
    ['closed', (socket) => socket.end(), closed],
    ['cut', (socket) => socket.end(`${head}Content-Length: 99\r\n\r\n{`), closed],
    [
      'cut in the body of a closing connection',
      (socket) => socket.end(`${closing}Content-Length: 99\r\n\r\n{"data":[]}`),
      /^the answer was cut short \(UND_ERR_RES_CONTENT_LENGTH_MISMATCH\)$/,
    ],
    [
      'cut in a chunk',
      (socket) => socket.end(`${closing}Transfer-Encoding: chunked\r\n\r\nb\r\n{"data":[]}\r\n`),
      /^the answer was cut short \(HPE_INVALID_EOF_STATE\)$/,
    ],
    ['of two lengths', (socket) => socket.end(`${head}${lengths}\r\n\r\n[]{}1`), /^the (answer|connection) was c/],
  ])('%s', async (_name, act, reason) => {
    const failure = await failed(await at(await replying(act)));
    expect(failure).toMatchObject({ code: 'network', sent: true, details: { retryable: true } });
    expect(failure.details.reason).toMatch(reason);
  });

  test.each<[string, string, RegExp]>([
    ['no HTTP', 'SSH-2.0-OpenSSH_9\r\n\r\n', /^it is not HTTP \(HPE_\w+\)$/],
    ['an impossible status', 'HTTP/1.1 099 Odd\r\nContent-Length: 2\r\n\r\n{}', /^HTTP 99, .*: it is not HTTP/],
    ['huge headers', `${head}X: ${'x'.repeat(17_000)}\r\n\r\n`, /^its headers are larger than 16 KiB/],
  ])('%s is a bad response', async (_name, text, reason) => {
    const failure = await failed(await at(await writing(text)));
    expect(failure).toMatchObject({ code: 'bad_response', sent: true });
    expect(failure.details).toEqual(expect.objectContaining({ reason: expect.stringMatching(reason) }));
    expect(failure.details.retryable).toBeUndefined();
  });

  test('a header that cannot be sent is a bug of ours, not a failure of the network', async () => {
    const network = await at(await web((_, response) => response.end()));
    expect(await errorOf(network.send({ ...get, headers: { x: 'a\nb' } }))).not.toBeInstanceOf(CliError);
  });
});

describe('a request called off', () => {
  const timeout = new CliError('timeout', 'cannot get "/x"', { reason: 'timed out after 30 s', retryable: true });
  const calledOff = async (network: Network, path = get.path) => {
    const limit = new AbortController();
    setTimeout(() => limit.abort(timeout), 100);
    return failed(network, { ...get, path, signal: limit.signal });
  };

  test('ends at once while the connection is not even made, and is never sent', async () => {
    const network = await open(`https://127.0.0.1:${await wire(() => {})}`);
    expect(await calledOff(network)).toMatchObject({ code: 'timeout', sent: false });
  });

  test('while a proxy still opens the tunnel is not sent when that opens later', async () => {
    const heard: string[] = [];
    const proxy = await wire((socket) => {
      socket.on('data', (chunk) => {
        heard.push(chunk.toString());
        setTimeout(() => socket.write('HTTP/1.1 200 Connection established\r\n\r\n'), 200);
      });
    });
    const network = await open('http://api.example:1', { env: { HTTP_PROXY: `127.0.0.1:${proxy}` } });
    expect(await calledOff(network)).toMatchObject({ code: 'timeout', sent: false });
    await sleep(300);
    expect(heard.map((text) => text.split(' ')[0])).toEqual(['CONNECT']);
  });

  test('before it began is not sent; the reason comes back as it is', async () => {
    const reason = new Error('Ctrl-C');
    const error = await errorOf((await open('http://127.0.0.1:1')).send({ ...get, signal: AbortSignal.abort(reason) }));
    expect(error).toBe(reason);
  });

  test('does not take others on the way with it', async () => {
    const port = await web((request, response) =>
      setTimeout(() => response.end('{}'), request.url === '/slow' ? 300 : 0),
    );
    const network = await at(port);
    const both = [network.send({ ...get, path: '/slow' }), calledOff(network, '/slow')];
    expect(await Promise.all(both)).toMatchObject([{ status: 200 }, { code: 'timeout' }]);
  });
});

describe('bodies', () => {
  const json = '{"data":[]}';
  const serving = async (body: Buffer, headers: Record<string, string> = {}, status = 200) =>
    at(
      await web((_request, response) =>
        response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(body),
      ),
    );

  test.each<[string, Buffer, Record<string, string>]>([
    ['plain', Buffer.from(json), {}],
    ['gzip', gzipSync(json), { 'content-encoding': 'gzip' }],
    ['gzip whose last part is small', Buffer.concat([gzipSync(json), gzipSync('')]), { 'content-encoding': 'gzip' }],
    ['x-gzip', gzipSync(json), { 'content-encoding': 'X-GZip' }],
    ['gzip without a label', gzipSync(json), {}],
    ['br', brotliCompressSync(json), { 'content-encoding': 'br' }],
    ['deflate', deflateSync(json), { 'content-encoding': 'deflate' }],
    ['deflate without its frame', deflateRawSync(json), { 'content-encoding': 'deflate' }],
  ])('%s is read', async (_name, body, headers) => {
    expect(textOf((await (await serving(body, headers)).send(get)).body)).toBe(json);
  });

  const bomb = gzipSync(Buffer.alloc(10 * 1024 * 1024 + 1));
  const gzip = { 'content-encoding': 'gzip' };

  test.each<[string, Buffer, Record<string, string>, string]>([
    ['a bomb', bomb, gzip, 'it is larger than 10 MiB'],
    ['a lie', Buffer.from(json), gzip, 'it is not valid gzip'],
    ['half of it', gzipSync(json).subarray(0, 20), {}, 'it is not valid gzip'],
    ['a chain', gzipSync(gzipSync(json)), { 'content-encoding': 'a, b' }, 'its content encoding "a, b" is unknown'],
    ['11 MiB', Buffer.alloc(11 * 1024 * 1024), {}, 'it is larger than 10 MiB'],
  ])('%s is refused', async (_name, body, headers, why) => {
    expect(await failed(await serving(body, headers))).toMatchObject({
      code: 'bad_response',
      sent: true,
      details: { reason: `HTTP 200, application/json: its body cannot be used: ${why}`, http_status: 200 },
    });
  });

  test('10 MiB are read', async () => {
    const { body } = await (await serving(Buffer.alloc(10 * 1024 * 1024))).send(get);
    expect(body).toHaveLength(10 * 1024 * 1024);
  });

  test('a refusal stays one although its text cannot be read', async () => {
    const response = await (await serving(Buffer.from('x'), { 'content-encoding': 'gzip' }, 401)).send(get);
    expect([response.status, response.body.length]).toEqual([401, 0]);
  });
});

describe('certificates', () => {
  test('a server without TLS is named as such a failure', async () => {
    const port = await web((_, response) => response.end());
    expect(await failed(await open(`https://127.0.0.1:${port}`))).toMatchObject({ code: 'tls', sent: false });
  });

  test('a check that was switched off is refused, except on this machine', async () => {
    const env = { NODE_TLS_REJECT_UNAUTHORIZED: '0' };
    expect(await errorOf(open('https://api.example', { env }))).toMatchObject({ code: 'usage', exitCode: 2 });
    expect(await open('https://127.0.0.1:1', { env })).toBeDefined();
  });
});

const company = createAuthority('Company Root');
const signed = () => createCertificate({ names: ['127.0.0.1', 'api.example'], issuer: company });

describe("the system's store", () => {
  /** Serves one answer over TLS, and counts how often the store is asked. */
  async function withStore(store: string[] | Error | undefined, proxied = false) {
    let asked = 0;
    const getCACertificates = (name: string) => {
      if (name === 'default') return [...tls.rootCertificates];
      asked += 1;
      if (store instanceof Error) throw store;
      return store;
    };
    const kept = Object.getOwnPropertyDescriptor(tls, 'getCACertificates');
    Object.assign(tls, { getCACertificates: store && getCACertificates });
    endings.push(async () => {
      if (kept === undefined) Reflect.deleteProperty(tls, 'getCACertificates');
      else Object.defineProperty(tls, 'getCACertificates', kept);
    });
    const port = await listening(createSecureServer(signed(), (_, response) => response.end('{}')));
    if (!proxied) return { network: await open(`https://127.0.0.1:${port}`), asked: () => asked };
    const proxy = await startProxy('ok');
    endings.push(proxy.stop);
    const env = { HTTPS_PROXY: `127.0.0.1:${proxy.port}` };
    return { network: await open(`https://api.example:${port}`, { env }), asked: () => asked };
  }

  test.each([
    ['directly', false],
    ['through a proxy', true],
  ])('is asked once, after a refusal, %s', async (_, proxied) => {
    const { network, asked } = await withStore([company.cert], proxied);
    const answers = await Promise.all([1, 2].map(() => network.send(get)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(await network.send({ ...get, fresh: true })).toMatchObject({ status: 200 });
    expect(asked()).toBeLessThanOrEqual(2);
  });

  test('that does not know the authority either is named', async () => {
    const { network } = await withStore([createAuthority('Other').cert]);
    const { details } = await failed(network);
    expect(details.reason).toContain("known to Node.js or the system's certificate store");
    expect(details.hints).toHaveLength(1);
  });

  test.each([undefined, new Error('no keychain')])('that Node.js cannot read leaves the refusal: %o', async (store) => {
    const { network } = await withStore(store);
    for (let request = 0; request < 2; request += 1) expect(await failed(network)).toMatchObject({ code: 'tls' });
    expect((await failed(network)).details.hints?.join()).toContain('Node.js before 22.15');
  });
});

test.each([
  ['der', Buffer.from('3082', 'hex'), 'is in DER, and Node.js reads only PEM'],
  ['empty', Buffer.alloc(0), 'holds no certificate in PEM'],
  [
    'damaged',
    Buffer.from('-----BEGIN CERTIFICATE-----\nnope\n-----END CERTIFICATE-----'),
    'holds no certificate in PEM',
  ],
  ['missing', undefined, 'cannot be read: no such file or directory (ENOENT)'],
  ['good', Buffer.from(createAuthority('Root').cert), undefined],
])('NODE_EXTRA_CA_CERTS that names a file which is %s', (name, bytes, words) => {
  const path = join(temporaryFolder(), name);
  if (bytes !== undefined) writeFileSync(path, bytes);
  const useless = uselessExtra({ NODE_EXTRA_CA_CERTS: path });
  expect(useless).toEqual(words === undefined ? undefined : expect.stringContaining(words));
  const { hints, reason } = explainDistrust({ env: { NODE_EXTRA_CA_CERTS: path }, hasAskedSystem: true });
  expect(hints[0]).toContain(useless ?? 'with the certificate of that authority');
  expect(reason.includes('NODE_EXTRA_CA_CERTS')).toBe(useless === undefined);
});

describe('a proxy', () => {
  const through = async (mode: ProxyMode, login = '', endpoint = 'http://api.example:1') => {
    const proxy = await startProxy(mode);
    endings.push(proxy.stop);
    const network = await open(endpoint, { env: { HTTP_PROXY: `http://${login}127.0.0.1:${proxy.port}` } });
    return { network, proxy, name: `127.0.0.1:${proxy.port}` };
  };

  test('carries the request', async () => {
    const port = await web((_, response) => response.end('{}'));
    const { network, proxy } = await through('ok', 'user:pa%20ss@', `http://api.example:${port}`);
    const signed = { ...get, headers: { authorization: 'Basic x' } };
    expect(await network.send(signed)).toMatchObject({ status: 200 });
    expect(await network.send({ ...signed, fresh: true })).toMatchObject({ status: 200 });
    expect(proxy.log.map(({ method, target }) => `${method} ${target}`)).toEqual(
      Array(2).fill(`CONNECT api.example:${port}`),
    );
    const [{ headers = {} } = {}] = proxy.log;
    expect([headers['proxy-authorization'], headers.authorization]).toEqual([`Basic ${btoa('user:pa ss')}`, undefined]);
  });

  const check = 'check HTTPS_PROXY, or add the host to NO_PROXY';
  const login = 'user:hunter2@';

  test.each<[ProxyMode, string, reason: string, retryable: boolean, hint: string]>([
    ['drop', login, 'the connection was closed (UND_ERR_SOCKET)', true, check],
    ['407', '', 'it requires a login (407)', false, 'add the login to the proxy variable'],
    ['407', login, 'it requires a login (407)', false, 'check the user and the password'],
    ['502html', login, 'it answered HTTP 502', true, check],
  ])('that answers %s to the login "%s" is asked once', async (mode, login, reason, retryable, hint) => {
    const { network, proxy, name } = await through(mode, login);
    const failure = await failed(network);
    expect(failure).toMatchObject({
      code: 'proxy',
      message: `cannot connect through the proxy "${name}"`,
      sent: false,
    });
    expect(failure.details).toMatchObject({ reason, retryable, hints: [expect.stringContaining(hint)] });
    expect(JSON.stringify([failure.message, failure.details])).not.toContain('hunter2');
    expect(proxy.log).toHaveLength(1);
  });

  test.each([
    ['has a certificate of an unknown authority', (): Server => createSecureServer(signed()), 'NODE_EXTRA_CA_CERTS'],
    ['does not speak TLS', () => createHttpServer(), 'what answers may not speak TLS'],
  ])('that %s is not asked again', async (_, server, hint) => {
    const proxy = `127.0.0.1:${await listening(server())}`;
    const failure = await failed(await open('https://api.example', { env: { HTTPS_PROXY: `https://${proxy}` } }));
    expect(failure).toMatchObject({ code: 'proxy', message: `cannot connect through the proxy "${proxy}"` });
    expect(failure.details).toMatchObject({
      retryable: false,
      hints: expect.arrayContaining([expect.stringContaining(hint)]),
    });
  });

  test('that opens no tunnel in time is named', async () => {
    const port = await wire(() => {});
    const clock = { ...realClock, sleep: (_: number, signal?: AbortSignal) => realClock.sleep(100, signal) };
    const network = await open('http://api.example:1', { env: { http_proxy: `127.0.0.1:${port}` }, clock });
    const details = { reason: 'no answer in time (ETIMEDOUT)', retryable: true };
    expect(await failed(network)).toMatchObject({ code: 'proxy', sent: false, details });
  });
});

test('once closed, no connection is left, made or in the making', async () => {
  const sockets: Socket[] = [];
  const port = await wire((socket) => sockets.push(socket));
  const network = await at(port);
  const handshake = await open(`https://127.0.0.1:${port}`);
  const silent = [
    errorOf(network.send(get)),
    errorOf(handshake.send(get)),
    errorOf(handshake.send({ ...get, fresh: true })),
  ];
  while (sockets.length < 3) await new Promise(setImmediate);
  await Promise.all([network.close(), handshake.close()]);
  await Promise.all(
    sockets.map((socket) => socket.destroyed || new Promise((resolve) => socket.resume().on('close', resolve))),
  );
  expect(await Promise.race([silent[0], silent[1]])).toBeDefined();
});

test.each([0, 1])('a request that had not begun when all was closed is not sent, %i turns later', async (turns) => {
  let requests = 0;
  const network = await at(
    await web((_, response) => {
      requests += 1;
      response.end('{}');
    }),
  );
  await network.send(get);
  const sent = errorOf(network.send(get));
  for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
  network.close();
  expect(await sent).toMatchObject({ code: 'cancelled' });
  await sleep(50);
  expect(requests).toBe(1);
});

describe('a connection', () => {
  const request = { ...get, headers: { authorization: 'Basic x' } };

  async function openTo(act: (socket: Socket) => void) {
    const sockets: Socket[] = [];
    const port = await wire((socket) => {
      sockets.push(socket);
      socket.on('data', () => act(socket));
    });
    return { network: await at(port), sockets };
  }

  test('that was idle for more than a second is not used again', async () => {
    const { network, sockets } = await openTo((socket) => socket.write(`${head}Content-Length: 2\r\n\r\n[]`));
    await network.send(request);
    await network.send(request);
    expect(sockets).toHaveLength(1);
    await sleep(1600);
    await network.send(request);
    expect(sockets).toHaveLength(2);
  });

  test('whose request was called off is ended, so that the server hears of it, and is asked nothing more', async () => {
    const off = new AbortController();
    let requests = 0;
    const { network, sockets } = await openTo(() => {
      requests += 1;
      off.abort(new CliError('cancelled', 'Ctrl-C'));
    });
    expect(await errorOf(network.send({ ...request, signal: off.signal }))).toMatchObject({ message: 'Ctrl-C' });
    const [socket] = sockets;
    if (socket?.destroyed === false) await new Promise((resolve) => socket.once('close', resolve));
    await sleep(50);
    expect(requests).toBe(1);
  });
});
