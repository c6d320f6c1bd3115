import { describe, expect, test } from 'vitest';
import { CliError } from '../../src/errors.ts';
import { httpStack } from '../../src/http/api.ts';
import { fixedSigner, isReadOnly, redirect, trace, userAgent } from '../../src/http/layers.ts';
import { createRedactor } from '../../src/http/redact.ts';
import { type Method, type Request, type Send, stack } from '../../src/http/send.ts';
import { errorOf } from '../support/failures.ts';
import { answer, script } from './answers.ts';
import { virtualClock } from './virtual-clock.ts';

const get: Request = { method: 'GET', path: '/iam/v2/invitations', query: { page_size: '100' } };
const post: Request = { method: 'POST', path: '/iam/v2/invitations', body: {} };
const ok = answer(200, { data: [] });
const endpoint = new URL('https://api.example:8443/base/');
const key = 'ABCDEFGH12345678';
const secret = 'old/Secret+without=prefix&"quote';

test('a request says who asks, and what its body is', async () => {
  const bottom = script(ok);
  const send = stack(bottom, [userAgent('1.2.3')]);
  for (const request of [get, post, { ...post, body: undefined, form: {} }]) await send(request);
  const always = { accept: 'application/json', 'user-agent': 'invite/1.2.3' };
  expect(bottom.requests.map(({ headers }) => headers)).toEqual([
    always,
    { ...always, 'content-type': 'application/json' },
    { ...always, 'content-type': 'application/x-www-form-urlencoded' },
  ]);
});

describe('redirect', () => {
  const to = (status: number, location: string) => answer(status, '', { location });
  const followed = async (method: Method, ...steps: ReturnType<typeof answer>[]) => {
    const bottom = script(...steps);
    const response = await stack(bottom, [redirect(endpoint)])({ ...get, method }).catch((error) => error);
    return { response, requests: bottom.requests };
  };

  test.each([
    ['GET', [301, 302, 303, 307, 308]],
    ['DELETE', [301, 302, 307, 308]],
    ['POST', [307, 308]],
  ] as const)('%s follows %j below the endpoint, as the same method', async (method, statuses) => {
    for (const status of [301, 302, 303, 307, 308]) {
      const { response, requests } = await followed(method, to(status, '/base/iam/v2/new?a=%2B1'), ok);
      if ((statuses as readonly number[]).includes(status)) {
        expect(requests[1]).toMatchObject({ method, path: '/iam/v2/new', query: { a: '+1' } });
        expect(response).toBe(ok);
      } else {
        expect(requests).toHaveLength(1);
        expect(response.details.reason).toBe(`HTTP ${status}: a redirect that a ${method} cannot follow`);
      }
    }
  });

  const away = (target: string) => `a redirect to ${target}, not followed`;

  test.each([
    ['https://evil.example/base/iam/v2/invitations', away('https://evil.example')],
    ['http://api.example:8443/base/iam/v2/invitations', away('http://api.example:8443')],
    ['//evil.example/base/x', away('https://evil.example')],
    ['https://api.example:8443@evil.example/base/x', away('https://evil.example')],
    ['https://api.example/base/x', away('https://api.example')],
    ['file:///etc/passwd', away('file:')],
    ['/basement', away('https://api.example:8443')],
    ['/base/../elsewhere', away('https://api.example:8443')],
    ['', 'a redirect without a location'],
    ['http://[', 'a redirect without a location'],
  ])('"%s" is not followed', async (location, words) => {
    const { response, requests } = await followed('GET', to(307, location), ok);
    expect(requests).toHaveLength(1);
    const details = { reason: `HTTP 307: ${words}`, http_status: 307 };
    expect(response).toMatchObject({ code: 'bad_response', details });
  });

  test('five hops are followed, a sixth is not', async () => {
    const loop = await followed('GET', to(302, '?again=1'));
    expect(loop.requests).toHaveLength(6);
    expect(loop.response.details.reason).toBe('HTTP 302: more than 5 redirects');
    expect((await followed('GET', ...Array(5).fill(to(307, '?again=1')), ok)).response).toBe(ok);
  });
});

describe('the log of --debug', () => {
  const log = async (response: ReturnType<typeof answer> | Error) => {
    const lines: string[] = [];
    const redactor = createRedactor();
    redactor.addSecret(secret);
    const print = (line: string) => lines.push(line);
    const send = stack(script(response), [trace({ clock: virtualClock(), endpoint, redactor }, print)]);
    const headers = { authorization: `Basic ${btoa(secret)}` };
    await send({ ...get, headers, query: { email: secret } }).catch(() => {});
    return lines;
  };

  test('names method, URL, status, time and harmless headers, and nothing secret', async () => {
    const harmless = { 'x-request-id': 'r-1', 'x-ratelimit-remaining': '5' };
    expect(await log(answer(200, 'abc', { ...harmless, 'set-cookie': 'session=1', 'x-echo': secret }))).toEqual([
      '> GET https://api.example:8443/base/iam/v2/invitations?email=[redacted]',
      '< HTTP 200 in 0 ms, 3 bytes; x-request-id: r-1; x-ratelimit-remaining: 5',
    ]);
  });

  test.each([
    [answer(302, '', { location: `https://evil.example/?key=${encodeURIComponent(secret)}` }), /\?key=\[redacted\]$/],
    [new Error('gone'), /^< no answer in 0 ms: gone$/],
    [new CliError('timeout', 'not done within 3 s'), /: not done within 3 s$/],
    [new CliError('network', 'cannot reach it', { reason: secret }), /cannot reach it: \[redacted\]$/],
  ])('says what came of it: %o', async (step, words) => {
    expect((await log(step))[1]).toMatch(words);
  });
});

describe('the whole stack', () => {
  let asked: number;
  const unsigned = (bottom: Send, more: Partial<Parameters<typeof httpStack>[1]> = {}) =>
    httpStack(bottom, {
      endpoint,
      server: 'x',
      version: '1',
      clock: virtualClock(),
      redactor: createRedactor(),
      say: () => {},
      ...more,
    });
  const stackOn = (bottom: Send, more: Partial<Parameters<typeof httpStack>[1]> = {}) => {
    asked = 0;
    const credentials = async () => {
      asked += 1;
      return { key, secret };
    };
    return unsigned(bottom, { signer: fixedSigner(credentials, () => {}), ...more });
  };

  test('asks for the credentials once, signs each attempt, logs it, and repeats', async () => {
    const lines: string[] = [];
    const bottom = script(answer(500), answer(307, '', { location: '/base/iam/v2/b' }), ok);
    const send = stackOn(bottom, { debug: (line) => lines.push(line) });
    expect([await send(get), await send(get)]).toEqual([ok, ok]);
    expect(asked).toBe(1);
    const paths = ['/iam/v2/invitations', '/iam/v2/invitations', '/iam/v2/b', '/iam/v2/invitations'];
    expect(bottom.requests.map(({ path }) => path)).toEqual(paths);
    for (const { headers } of bottom.requests) expect(headers?.authorization).toBe(`Basic ${btoa(`${key}:${secret}`)}`);
    expect(lines).toHaveLength(8);
  });

  test('without a signer sends no key, and follows no redirect', async () => {
    const bottom = script(answer(307, '', { location: '/base/iam/v2/b' }));
    const send = unsigned(bottom);
    expect((await send(get)).status).toBe(307);
    expect(bottom.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  test('if there are no credentials, that is the error, and nothing is sent', async () => {
    const bottom = script(ok);
    const failure = new Error('no secret');
    const signer = fixedSigner(
      () => Promise.reject(failure),
      () => {},
    );
    expect(await errorOf(stackOn(bottom, { signer })(get))).toBe(failure);
    expect(bottom.requests).toEqual([]);
  });

  test.each<[boolean, Method, number]>([
    [true, 'POST', 0],
    [true, 'DELETE', 0],
    [true, 'GET', 1],
    [false, 'DELETE', 1],
  ])('read-only %j: of a %s the server gets %i', async (readOnly, method, count) => {
    const bottom = script(ok);
    const refusal = { code: 'read_only', exitCode: 2 };
    const sent = stackOn(bottom, { readOnly })({ ...get, method, fresh: true }).catch((error) => error);
    expect(await sent).toMatchObject(count === 0 ? refusal : { status: 200 });
    expect(bottom.requests).toHaveLength(count);
  });
});

test.each([
  ['1', true],
  ['yes', true],
  ['off?', true],
  ['0', false],
  [' FALSE ', false],
  [undefined, false],
])('INVITE_READ_ONLY=%s: %j', (value, expected) => {
  expect(isReadOnly({ INVITE_READ_ONLY: value })).toBe(expected);
});
