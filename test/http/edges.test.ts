import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CliError } from '../../src/errors.ts';
import { withTimeout } from '../../src/host/timeout.ts';
import type { Clock } from '../../src/host.ts';
import { httpStack } from '../../src/http/api.ts';
import { NoResponse, UnknownOutcome } from '../../src/http/failure.ts';
import { openNetwork } from '../../src/http/network.ts';
import { nextPage } from '../../src/http/pages.ts';
import { RateLimiter } from '../../src/http/rate-limiter.ts';
import { createRedactor } from '../../src/http/redact.ts';
import { retry } from '../../src/http/retry.ts';
import { type Request, stack } from '../../src/http/send.ts';
import { requestTimeout } from '../../src/http/timeout.ts';
import { trace } from '../../src/http/trace.ts';
import { realClock } from '../support/real-clock.ts';
import { answer, errorOf, script } from './answers.ts';
import { virtualClock } from './virtual-clock.ts';

const get: Request = { method: 'GET', path: '/iam/v2/invitations' };
const endpoint = new URL('https://api.example');
const never = new AbortController().signal;

describe('a repeat', () => {
  const unsent = new NoResponse('network', 'cannot reach "x:1"', { reason: 'refused', retryable: true, sent: false });
  const lost = new NoResponse('network', 'cannot reach "x:1"', { reason: 'reset', retryable: true, sent: true });

  test('that is still waited for is not sent any more once the request is called off', async () => {
    const off = new AbortController();
    const clock = virtualClock();
    const bottom = script(unsent, answer(200, {}));
    const sent = errorOf(stack(bottom, [retry({ clock, server: 'x', say: () => {} })])({ ...get, signal: off.signal }));
    setImmediate(() => off.abort(new Error('Ctrl-C')));
    expect(await sent).toMatchObject({ message: 'Ctrl-C' });
    expect([bottom.requests.length, clock.monotonic()]).toEqual([1, 0]);
  });

  test('of a DELETE remembers that an attempt was lost, whatever came after it', async () => {
    const bottom = script(lost, answer(429, '', { 'retry-after': '1' }), answer(404));
    const remove: Request = { method: 'DELETE', path: '/iam/v2/invitations/i-1' };
    const response = await stack(bottom, [retry({ clock: virtualClock(), server: 'x', say: () => {} })])(remove);
    expect([response.status, bottom.requests.length]).toEqual([204, 3]);
  });
});

describe('the gate', () => {
  test('a shorter wait does not open what a longer one closed', () => {
    const gate = new RateLimiter(virtualClock());
    gate.pause(10_000);
    gate.pause(1000);
    expect(gate.wait).toBe(10_000);
  });

  test('whoever is called off behind the one that tries is not sent after it', async () => {
    const gate = new RateLimiter(virtualClock());
    const off = new AbortController();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    gate.pause(100);
    const first = gate.run(() => held, never);
    let isSent = false;
    const second = errorOf(
      gate.run(async () => {
        isSent = true;
      }, off.signal),
    );
    while (gate.wait > 0) await new Promise(setImmediate);
    // Now the first one tries, and in a few turns the second waits for how that ends.
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    off.abort(new Error('Ctrl-C'));
    release();
    expect(await second).toMatchObject({ message: 'Ctrl-C' });
    await first;
    expect(isSent).toBe(false);
  });
});

test('a deadline that was met leaves no timer behind, which would keep the process alive', async () => {
  const timers: (AbortSignal | undefined)[] = [];
  const clock: Clock = {
    ...virtualClock(),
    sleep: (_, signal) => {
      timers.push(signal);
      return new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    },
  };
  await withTimeout(requestTimeout(get, clock, 120_000), async () => answer(200));
  expect(timers.map((signal) => signal?.aborted)).toEqual([true]);
});

test('an attempt of the whole stack has 30 s until its last byte, and a POST that had them is not sent again', async () => {
  let attempts = 0;
  const send = httpStack(
    ({ signal }) => {
      attempts += 1;
      const late = ({ code, message, details }: CliError) => new NoResponse(code, message, { ...details, sent: true });
      return new Promise((_, reject) =>
        signal?.addEventListener('abort', () => reject(late(signal.reason as CliError))),
      );
    },
    {
      ...{ endpoint, server: 'x', version: '1', clock: virtualClock(), redactor: createRedactor(), say: () => {} },
      credentials: async () => ({ key: 'KEY', secret: 'secret' }),
    },
  );
  const error = await errorOf(send({ method: 'POST', path: '/iam/v2/invitations', body: {} }));
  expect(error).toBeInstanceOf(UnknownOutcome);
  expect(error).toMatchObject({ code: 'timeout', details: { reason: 'x did not answer: 1 attempt in 30 s' } });
  expect(attempts).toBe(1);
});

test('a next that is no link but looks like a query leads nowhere', () => {
  for (const next of ['page_token=t1', '#page_token=t1', 'https://api.example/#?page_token=t1']) {
    expect(nextPage({ metadata: { next } }), next).toBe(null);
  }
});

test('a secret is hidden in both alphabets of base64', () => {
  const secret = 'a~~b??>>c~~~';
  const redactor = createRedactor();
  redactor.addSecret(secret);
  const forms = [Buffer.from(secret).toString('base64'), Buffer.from(secret).toString('base64url')];
  expect(new Set(forms).size).toBe(2);
  for (const form of forms) expect(redactor.redact(form)).toBe('[redacted]');
});

test.each([
  [answer(302, '', { location: 'https://evil.example/?key=a-secret-of-mine' }), /location: .*\[redacted\]/],
  [new CliError('timeout', 'not done within 3 s'), /: not done within 3 s$/],
  [new CliError('network', 'cannot reach it', { reason: 'a-secret-of-mine' }), /cannot reach it: \[redacted\]$/],
])('what is logged of %o is whole and redacted', async (step, words) => {
  const lines: string[] = [];
  const redactor = createRedactor();
  redactor.addSecret('a-secret-of-mine');
  const options = {
    clock: virtualClock(),
    endpoint,
    redact: redactor.redact,
    print: (line: string) => lines.push(line),
  };
  await stack(script(step), [trace(options)])(get).catch(() => {});
  expect(lines[1]).toMatch(words);
  expect(lines.join()).not.toMatch(/a-secret|undefined/);
});

describe('connections', () => {
  const request = { ...get, headers: { authorization: 'Basic x' } };

  async function openTo(act: (socket: Socket) => void) {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket.on('error', () => {}));
      socket.on('data', () => act(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const url = new URL(`http://127.0.0.1:${port}`);
    const network = await openNetwork({ endpoint: url, env: {}, clock: realClock, nodeVersion: process.versions.node });
    onTestFinished(async () => {
      await network.close();
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return { network, sockets };
  }

  test('a connection that was idle for more than a second is not used again', async () => {
    const { network, sockets } = await openTo((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]'),
    );
    await network.send(request);
    await network.send(request);
    expect(sockets).toHaveLength(1);
    await sleep(1600);
    await network.send(request);
    expect(sockets).toHaveLength(2);
  });

  test('one whose request was called off is ended, so that the server hears of it, and is asked nothing more', async () => {
    const off = new AbortController();
    let requests = 0;
    const { network, sockets } = await openTo(() => {
      requests += 1;
      off.abort(new Error('Ctrl-C'));
    });
    expect(await errorOf(network.send({ ...request, signal: off.signal }))).toMatchObject({ message: 'Ctrl-C' });
    const [socket] = sockets;
    if (socket?.destroyed === false) await new Promise((resolve) => socket.once('close', resolve));
    await sleep(50);
    expect(requests).toBe(1);
  });
});
