import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CliError } from '../../src/errors.ts';
import { withTimeout } from '../../src/host/timeout.ts';
import type { Clock } from '../../src/host.ts';
import { httpStack } from '../../src/http/api.ts';
import { auth, fixedSigner } from '../../src/http/auth.ts';
import { NoResponse, UnknownOutcome } from '../../src/http/failure.ts';
import { isReadOnly, redirect, requestTimeout, trace, userAgent } from '../../src/http/layers.ts';
import { createRedactor } from '../../src/http/redact.ts';
import { type Method, type Request, stack } from '../../src/http/send.ts';
import { answer, errorOf, script } from './answers.ts';
import { virtualClock } from './virtual-clock.ts';

const get: Request = { method: 'GET', path: '/iam/v2/invitations', query: { page_size: '100' } };
const ok = answer(200, { data: [] });
const endpoint = new URL('https://api.example:8443/base/');
const key = 'ABCDEFGH12345678';
const secret = 'old/Secret+without=prefix&"quote';

describe('identify', () => {
  test('says who asks; a body is labelled', async () => {
    const bottom = script(ok);
    const send = stack(bottom, [userAgent('1.2.3')]);
    await send(get);
    await send({ method: 'POST', path: '/x', body: {} });
    expect(bottom.requests.map(({ headers }) => headers)).toEqual([
      { accept: 'application/json', 'user-agent': 'invite/1.2.3' },
      { accept: 'application/json', 'user-agent': 'invite/1.2.3', 'content-type': 'application/json' },
    ]);
  });
});

describe('auth', () => {
  test('signs with Basic, reads the secret when the first request goes, and tells it to the redactor', async () => {
    const learnt: string[] = [];
    const bottom = script(ok);
    const send = stack(bottom, [
      auth(
        fixedSigner(
          async () => ({ key: 'k', secret: 's' }),
          (text) => learnt.push(text),
        ),
      ),
    ]);
    expect(learnt).toEqual([]);
    await send(get);
    expect(bottom.requests[0]?.headers).toEqual({ authorization: `Basic ${btoa('k:s')}` });
    expect(learnt).toEqual(['s', 'k:s']);
  });
});

describe('auth with an access token', () => {
  test('sends it as Bearer, and the redactor hears of it', async () => {
    const learnt: string[] = [];
    const bottom = script(ok);
    await stack(bottom, [
      auth(
        fixedSigner(
          async () => ({ token: 'abc.def' }),
          (text) => learnt.push(text),
        ),
      ),
    ])(get);
    expect(bottom.requests[0]?.headers).toEqual({ authorization: 'Bearer abc.def' });
    expect(learnt).toEqual(['abc.def', 'Bearer abc.def']);
  });
});

describe('read-only', () => {
  const stackOn = (bottom: ReturnType<typeof script>, readOnly: boolean) =>
    httpStack(bottom, {
      ...{
        endpoint,
        server: 'api.example.com',
        version: '1',
        clock: virtualClock(),
        redactor: createRedactor(),
        say: () => {},
        readOnly,
      },
      signer: fixedSigner(
        async () => ({ key, secret }),
        () => {},
      ),
    });

  test.each(['POST', 'DELETE'] as const)('%s never reaches the bottom, and is not repeated', async (method) => {
    const bottom = script(ok);
    const error = await errorOf(stackOn(bottom, true)({ ...get, method, fresh: true }));
    expect([error, bottom.requests.length]).toEqual([expect.objectContaining({ code: 'read_only', exitCode: 2 }), 0]);
  });

  test('GET does, and without the switch everything', async () => {
    const bottom = script(ok, ok);
    await stackOn(bottom, true)(get);
    await stackOn(bottom, false)({ ...get, method: 'DELETE' });
    expect(bottom.requests.map(({ method }) => method)).toEqual(['GET', 'DELETE']);
  });

  test.each([
    ['1', true],
    ['true', true],
    ['yes', true],
    ['off?', true],
    ['0', false],
    [' FALSE ', false],
    [undefined, false],
  ])('INVITE_READ_ONLY=%s: %j', (value, expected) => {
    expect(isReadOnly({ INVITE_READ_ONLY: value })).toBe(expected);
  });
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

  test.each([
    ['https://evil.example/base/iam/v2/invitations', 'https://evil.example'],
    ['http://api.example:8443/base/iam/v2/invitations', 'http://api.example:8443'],
    ['//evil.example/base/x', 'https://evil.example'],
    ['https://api.example:8443@evil.example/base/x', 'https://evil.example'],
    ['https://api.example/base/x', 'https://api.example'],
    ['file:///etc/passwd', 'file:'],
    ['/elsewhere', 'https://api.example:8443'],
    ['/base/../elsewhere', 'https://api.example:8443'],
  ])('%s is not followed', async (location, target) => {
    for (const status of [302, 307, 308]) {
      const { response, requests } = await followed('GET', to(status, location), ok);
      expect(requests).toHaveLength(1);
      expect(response).toMatchObject({ code: 'bad_response', details: { http_status: status } });
      expect(response.details.reason).toBe(`HTTP ${status}: a redirect to ${target}, not followed`);
    }
  });

  test('five hops are followed, a sixth is not', async () => {
    const loop = await followed('GET', to(302, '?again=1'));
    expect(loop.requests).toHaveLength(6);
    expect(loop.response.details.reason).toBe('HTTP 302: more than 5 redirects');
    const hops = Array(5).fill(to(307, '?again=1'));
    expect((await followed('GET', ...hops, ok)).response).toBe(ok);
  });

  test('one without a place to go is an error', async () => {
    expect((await followed('GET', answer(302))).response.details.reason).toBe(
      'HTTP 302: a redirect without a location',
    );
    expect((await followed('GET', to(302, 'http://['))).response.details.reason).toBe(
      'HTTP 302: a redirect without a location',
    );
  });
});

describe('the redactor', () => {
  const redactor = createRedactor();
  redactor.addSecret(secret);
  redactor.addSecret(`${key}:${secret}`);
  const forms = [
    secret,
    `${key}:${secret}`,
    btoa(secret),
    btoa(`${key}:${secret}`),
    Buffer.from(secret).toString('base64url'),
    encodeURIComponent(secret),
    encodeURIComponent(btoa(`${key}:${secret}`)),
    new URLSearchParams({ x: secret }).toString().slice(2),
    JSON.stringify(secret).slice(1, -1),
    'cfltAbC0123456789+/=',
  ];

  test.each(forms)('hides %s', (form) => {
    expect(redactor.redact(`before ${form} after`)).toMatch(/^before (ABCDEFGH12345678:)?\[redacted\] after$/);
  });

  test('hides what it never learnt, by its header', () => {
    const fresh = createRedactor();
    expect(fresh.redact(`Authorization: Basic ${btoa('other:credentials')}\nx`)).toBe('Authorization: [redacted]\nx');
    expect(fresh.redact('{"authorization":"Bearer abc.def","a":1}')).toBe('{"authorization":"[redacted]","a":1}');
    expect(fresh.redact(`got Basic ${btoa('other:credentials')}.`)).toBe('got Basic [redacted]');
    // What begins like the one that it knows is no less a secret.
    expect(redactor.redact(`got Basic ${btoa(`${key}:${secret.slice(0, -1)}, or another`)}`)).toBe(
      'got Basic [redacted]',
    );
  });

  test('hides what is left of a long secret that was cut off, in any coding', () => {
    const token = 'opaque+token/0123456789-abcdefghijklmnopqrstuvwxyz';
    const fresh = createRedactor();
    fresh.addSecret(token);
    for (const form of [token, btoa(token), encodeURIComponent(token), btoa(`x${token}`), btoa(`xy${token}`)]) {
      for (const length of [form.length, 30]) {
        const hidden = fresh.redact(`the value ${form.slice(0, length)}… is wrong`);
        expect(hidden).toMatch(/^the value \w{0,3}\[redacted\][\w=]{0,4}… is wrong$/);
      }
    }
  });

  test('hides a JSON Web Token that it never learnt, whole or cut off', () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const jwt = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ sub: 'pool-1', exp: 1 })}.c2lnbmF0dXJl`;
    expect(createRedactor().redact(`token ${jwt}, or ${jwt.slice(0, 50)}…`)).toBe('token [redacted], or [redacted]…');
  });

  test('leaves words alone, and is not made to hide everything by a short one', () => {
    const fresh = createRedactor();
    fresh.addSecret('');
    fresh.addSecret('a');
    const text = 'Basic authentication failed for key ABCDEFGH12345678; a conflict';
    expect(fresh.redact(text)).toBe(text);
  });

  test('any secret of a length to matter is gone from any text', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), fc.string(), fc.string(), (word, before, after) => {
        const any = createRedactor();
        any.addSecret(word);
        expect(any.redact(`${before}${word}${after}`).split('[redacted]').join('|')).not.toContain(word);
      }),
    );
  });
});

describe('the log of --debug', () => {
  const log = async (response: ReturnType<typeof answer> | Error) => {
    const lines: string[] = [];
    const redactor = createRedactor();
    redactor.addSecret(secret);
    const options = {
      clock: virtualClock(),
      endpoint,
      redact: redactor.redact,
      print: (line: string) => lines.push(line),
    };
    const send = stack(script(response), [trace(options)]);
    await send({ ...get, headers: { authorization: `Basic ${btoa(secret)}` }, query: { email: secret } }).catch(
      () => {},
    );
    return lines;
  };

  test('names method, URL, status, time and harmless headers, and nothing secret', async () => {
    const headers = {
      'x-request-id': 'r-1',
      'x-ratelimit-remaining': '5',
      'set-cookie': 'session=1',
      'x-echo': secret,
    };
    expect(await log(answer(200, 'abc', headers))).toEqual([
      '> GET https://api.example:8443/base/iam/v2/invitations?email=[redacted]',
      '< HTTP 200 in 0 ms, 3 bytes; x-request-id: r-1; x-ratelimit-remaining: 5',
    ]);
  });

  test('says why no answer came', async () => {
    expect((await log(new Error('gone')))[1]).toBe('< no answer in 0 ms: gone');
  });
});

describe('the whole stack', () => {
  test('asks for the credentials once, signs each attempt, logs it, and repeats', async () => {
    let asked = 0;
    const lines: string[] = [];
    const bottom = script(answer(500), answer(307, '', { location: '/base/iam/v2/b' }), ok);
    const send = httpStack(bottom, {
      ...{ endpoint, server: 'x' },
      version: '0.1.0',
      clock: virtualClock(),
      signer: fixedSigner(
        async () => {
          asked += 1;
          return { key, secret };
        },
        () => {},
      ),
      redactor: createRedactor(),
      say: () => {},
      debug: (line) => lines.push(line),
    });
    expect(await send(get)).toBe(ok);
    expect(await send(get)).toBe(ok);
    expect(asked).toBe(1);
    expect(bottom.requests.map(({ path }) => path)).toEqual([
      '/iam/v2/invitations',
      '/iam/v2/invitations',
      '/iam/v2/b',
      '/iam/v2/invitations',
    ]);
    for (const { headers } of bottom.requests) expect(headers?.authorization).toBe(`Basic ${btoa(`${key}:${secret}`)}`);
    expect(lines).toHaveLength(8);
  });

  test('a failing look for the credentials is the error, and nothing is sent', async () => {
    const bottom = script(ok);
    const failure = new Error('no secret');
    const send = httpStack(bottom, {
      ...{ endpoint, server: 'x' },
      version: '0.1.0',
      clock: virtualClock(),
      signer: fixedSigner(
        () => Promise.reject(failure),
        () => {},
      ),
      redactor: createRedactor(),
      say: () => {},
    });
    expect(await errorOf(send(get))).toBe(failure);
    expect(bottom.requests).toEqual([]);
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
      signer: fixedSigner(
        async () => ({ key: 'KEY', secret: 'secret' }),
        () => {},
      ),
    },
  );
  const error = await errorOf(send({ method: 'POST', path: '/iam/v2/invitations', body: {} }));
  expect(error).toBeInstanceOf(UnknownOutcome);
  expect(error).toMatchObject({ code: 'timeout', details: { reason: 'x did not answer: 1 attempt in 30 s' } });
  expect(attempts).toBe(1);
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
