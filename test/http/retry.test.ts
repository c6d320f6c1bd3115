import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CliError } from '../../src/errors.ts';
import { NoResponse, UnknownOutcome } from '../../src/http/failure.ts';
import { attemptTimeout } from '../../src/http/layers.ts';
import { retry, retryAfter } from '../../src/http/retry.ts';
import { type Request, type Response, type Send, stack } from '../../src/http/send.ts';
import { errorOf } from '../support/failures.ts';
import { answer, type Script, script, silence } from './answers.ts';
import { type VirtualClock, virtualClock } from './virtual-clock.ts';

const get: Request = { method: 'GET', path: '/iam/v2/invitations' };
const post: Request = { method: 'POST', path: '/iam/v2/invitations', body: { email: 'a@b.co' } };
const again: Request = { ...post, idempotent: true };
const remove: Request = { method: 'DELETE', path: '/iam/v2/invitations/i-1' };

const reached = 'cannot reach "x:1"';
const lost = new NoResponse('network', reached, { reason: 'reset', retryable: true, sent: true });
const unsent = new NoResponse('network', reached, { reason: 'refused', retryable: true, sent: false });
const garbled = new NoResponse('bad_response', 'cannot read it', { reason: 'it is not HTTP', sent: true });
const undecoded = garbled.with({ http_status: 200 });
const untrusted = new NoResponse('tls', 'cannot trust "x:1"', { reason: 'expired', sent: false });
const ok = answer(200, { data: [] });
const after = (seconds: number | string) => ({ 'retry-after': String(seconds) });

interface World {
  readonly clock: VirtualClock;
  readonly said: string[];
  readonly send: Send;
}

function world(bottom: Send, retries?: number): World {
  const clock = virtualClock();
  const said: string[] = [];
  const layers = [
    retry({ clock, server: 'x', say: (line) => said.push(line), retries }),
    attemptTimeout(clock, 30_000),
  ];
  return { clock, said, send: stack(bottom, layers) };
}

describe('how often each outcome is tried, and how it ends', () => {
  test.each<[string, Request, Response | Error, number, string]>([
    ['POST not sent', post, unsent, 3, 'network'],
    ['GET lost', get, lost, 3, 'network'],
    ['DELETE lost', remove, lost, 3, 'network'],
    ['POST lost', post, lost, 1, 'network, outcome unknown'],
    ['idempotent POST lost', again, lost, 3, 'network'],
    ['GET garbled', get, garbled, 1, 'bad_response'],
    ['DELETE garbled', remove, garbled, 1, 'bad_response'],
    ['GET with a body that is cut', get, undecoded, 1, 'bad_response'],
    ['DELETE with a body that is cut', remove, undecoded, 3, 'bad_response'],
    ['POST with a body that is cut', post, undecoded, 1, 'bad_response, outcome unknown'],
    ['idempotent POST with a body that is cut', again, undecoded, 3, 'bad_response'],
    ['POST garbled', post, garbled, 1, 'bad_response, outcome unknown'],
    ['POST untrusted', post, untrusted, 1, 'tls'],
    ...[408, 500, 502, 522].flatMap((status): [string, Request, Response, number, string][] => [
      [`GET ${status}`, get, answer(status), 3, 'api_unavailable'],
      [`DELETE ${status}`, remove, answer(status), 3, 'api_unavailable'],
      [`POST ${status}`, post, answer(status), 1, 'api_unavailable, outcome unknown'],
      [`idempotent POST ${status}`, again, answer(status), 3, 'api_unavailable'],
    ]),
    ['GET 429', get, answer(429), 5, 'rate_limited'],
    ['POST 429', post, answer(429), 5, 'rate_limited'],
    ['GET 503 with a wait', get, answer(503, '', after(1)), 5, 'api_unavailable'],
    ['POST 503 with a wait', post, answer(503, '', after(1)), 1, 'api_unavailable, outcome unknown'],
    ...[201, 301, 400, 501, 505].map((status): [string, Request, Response, number, string] => {
      return [`POST ${status}`, post, answer(status), 1, String(status)];
    }),
  ])('%s', async (_name, request, step, attempts, end) => {
    const bottom = script(step);
    expect(await endOf(world(bottom).send(request))).toBe(end);
    expect(bottom.requests).toHaveLength(attempts);
  });

  async function endOf(sent: Promise<Response>): Promise<string> {
    try {
      return String((await sent).status);
    } catch (error) {
      const { code } = error as NoResponse;
      return error instanceof UnknownOutcome ? `${code}, outcome unknown` : code;
    }
  }

  test.each<[number, Request, Response | Error, number]>([
    [0, get, lost, 1],
    [9, get, lost, 10],
    [0, get, answer(429), 1],
    [9, get, answer(501), 1],
    [9, post, lost, 1],
  ])(
    '--retries %i overrules the number, but not what must not be repeated',
    async (retries, request, step, attempts) => {
      const bottom = script(step);
      await errorOf(
        world(bottom, retries)
          .send(request)
          .then(({ status }) => Promise.reject(status)),
      );
      expect(bottom.requests).toHaveLength(attempts);
    },
  );

  test('an error that is no failure of the wire passes through at once', async () => {
    const bug = new TypeError('x is not a function');
    const bottom = script(bug);
    expect(await errorOf(world(bottom).send(post))).toBe(bug);
    expect(bottom.requests).toHaveLength(1);
  });
});

describe('a repeat', () => {
  test('goes over a fresh connection, the first attempt only if asked to', async () => {
    const bottom = script(lost, ok);
    expect(await world(bottom).send(get)).toBe(ok);
    const asked = script(ok);
    await world(asked).send({ ...post, fresh: true });
    expect([...bottom.requests, ...asked.requests].map(({ fresh }) => fresh)).toEqual([false, true, true]);
  });

  test.each([
    [0, lost, [100, 100]],
    [0.5, lost, [350, 600]],
    [0.5, answer(429), [600, 1100, 2100, 4100]],
    [0.99999, lost, [600, 1100, 2100, 4100, 8100, 16_100, 20_100, 20_100, 20_100]],
  ] as const)('waits longer each time, with full jitter, up to 20 s: chance %d', async (chance, step, waits) => {
    const { clock, send } = world(script(step), chance === 0.99999 ? 9 : undefined);
    clock.chance = chance;
    await errorOf(send(get));
    expect(clock.waits.map(Math.round)).toEqual(waits);
  });

  test('the error keeps what the last answer said, and counts the attempts', async () => {
    const bottom = script(answer(503, { message: 'upstream down' }, { 'x-request-id': 'req-7' }));
    const reason = 'HTTP 503: upstream down (3 attempts)';
    expect(await errorOf(world(bottom).send(get))).toMatchObject({
      code: 'api_unavailable',
      message: 'cannot get "/iam/v2/invitations"',
      details: { reason, http_status: 503, request_id: 'req-7', retryable: true },
    });
  });

  test.each<[string[], (Response | Error)[]]>([
    [['rate limited, retrying in 7 s'], [answer(429, '', after(7)), ok]],
    [['HTTP 503, no content, retrying in 7 s'], [answer(503, '', after(7)), ok]],
    [['reset, retrying in 2 s'], [answer(502), lost, ok]],
    [[], [lost, ok]],
    [Array(4).fill('HTTP 503, no content, retrying in 8 s'), Array(5).fill(answer(503, '', after(7)))],
  ])('is announced if the wait is more than a second, and is waited for: %j', async (lines, steps) => {
    const { clock, said, send } = world(script(...steps));
    clock.chance = steps.length > 2 ? 0.99 : 0;
    await send(get).catch((error) => expect(error).toMatchObject({ code: 'api_unavailable' }));
    expect(said).toEqual(lines);
  });

  test('ends as soon as the request is called off, and nothing more is sent', async () => {
    for (const first of [answer(429, '', after(50)), unsent]) {
      const off = new AbortController();
      const bottom = script(first, ok);
      const { clock, send } = world(bottom);
      const sent = errorOf(send({ ...get, signal: off.signal }));
      setImmediate(() => off.abort(new Error('Ctrl-C')));
      expect(await sent).toMatchObject({ message: 'Ctrl-C' });
      expect([bottom.requests.length, clock.monotonic()]).toEqual([1, 0]);
    }
  });
});

describe('a DELETE that is answered with 403, 404 or 410', () => {
  test.each([403, 404, 410])('%i leaves it open if an attempt before was lost', async (status) => {
    for (const steps of [[lost], [undecoded], [answer(500)], [answer(503, '', after(1))], [lost, answer(429)]]) {
      const refused = await errorOf(world(script(...steps, answer(status))).send(remove));
      expect(refused).toBeInstanceOf(UnknownOutcome);
      expect(refused).toMatchObject({ details: { http_status: status } });
    }
    for (const step of [unsent, answer(429)])
      expect(await world(script(step, answer(status))).send(remove)).toMatchObject({ status });
  });

  test('a GET does not', async () => {
    expect(await world(script(lost, answer(404))).send(get)).toMatchObject({ status: 404 });
  });
});

describe('the wait that the server asks for', () => {
  const now = Date.UTC(2026, 10, 22, 12, 0, 0);
  const dated = (time: number) => new Date(time).toUTCString();

  test.each<[Record<string, string>, number | undefined]>([
    [{ 'retry-after': '2147484' }, 2_147_484_000],
    [{ 'retry-after': '100000000000000000000' }, 1e23],
    [{ 'retry-after': dated(now + 5000) }, 5000],
    [{ 'retry-after': dated(now + 3_605_000), date: dated(now + 3_600_000) }, 5000],
    [{ 'retry-after': dated(now + 5000), date: 'yesterday' }, 5000],
    [{ 'x-ratelimit-reset': '2', 'x-ratelimit-remaining': '0' }, 2000],
    [{ 'x-ratelimit-reset': '2' }, 2000],
    [{ 'retry-after': 'soon', 'x-ratelimit-reset': '2' }, 2000],
    [{ 'retry-after': '3', 'x-ratelimit-reset': '2' }, 3000],
    ...['-5', '1.5', '1e20', '0x10', 'soon', '', '0', '1, 2', '2026-11-22', 'Sun, 99 Nov 2026 12:00:09 GMT'].map(
      (text): [Record<string, string>, undefined] => [after(text), undefined],
    ),
    [after(dated(now - 5000)), undefined],
    [{ 'x-ratelimit-reset': '2', 'x-ratelimit-remaining': '1' }, undefined],
    [{ 'x-ratelimit-reset': '-2' }, undefined],
  ])('%o is %s ms', (headers, expected) => {
    expect(retryAfter(new Map(Object.entries(headers)), now)).toBe(expected);
  });

  test('is never undercut, and exceeded by a tenth at most', async () => {
    const chances = fc.double({ min: 0, max: 0.999, noNaN: true });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), chances, async (seconds, chance) => {
        const { clock, send } = world(script(answer(429, '', after(seconds)), ok));
        clock.chance = chance;
        await send(post);
        expect(clock.monotonic()).toBeGreaterThanOrEqual(seconds * 1000);
        expect(clock.monotonic()).toBeLessThanOrEqual(Math.min(60_000, seconds * 1100) + 1);
      }),
      { numRuns: 30 },
    );
  });

  test.each([
    [429, '61', '2026-01-01T00:01:01Z'],
    [503, '86400', '2026-01-02T00:00:00Z'],
    [429, '100000000000000000000', 'the year 9999'],
  ])('of more than a minute is not slept, but told: %i, %s s', async (status, seconds, when) => {
    const bottom = script(answer(status, { message: 'slow down' }, after(seconds)));
    const { send, clock, said } = world(bottom);
    const reason = `HTTP ${status}: slow down; the API accepts no requests before ${when}`;
    expect(await errorOf(send(get))).toMatchObject({
      code: 'rate_limited',
      exitCode: 11,
      details: { reason, http_status: status, retryable: true },
    });
    expect(await errorOf(send(post))).toMatchObject({
      details: { reason: `the API accepts no requests before ${when}` },
    });
    expect([bottom.requests.length, clock.waits, said]).toEqual([1, [], []]);
    // As well where there would be no other attempt.
    expect(await errorOf(world(bottom, 0).send(get))).toMatchObject({ code: 'rate_limited', details: { reason } });
  });
});

describe('time', () => {
  const counted = (send: Send): Script => {
    const requests: Request[] = [];
    const through = (request: Request) => {
      requests.push(request);
      return send(request);
    };
    return Object.assign(through, { requests });
  };

  test.each([
    [undefined, 3, 90_200, 'timed out after 30 s (3 attempts in 90 s)'],
    [20, 4, 120_000, 'timed out after 120 s (4 attempts in 120 s)'],
  ])('an attempt has 30 s, an operation 120 s: --retries %s', async (retries, attempts, end, reason) => {
    const bottom = counted(silence);
    const { send, clock } = world(bottom, retries);
    expect(await errorOf(send(get))).toMatchObject({ code: 'timeout', details: { reason } });
    expect([bottom.requests.length, clock.monotonic()]).toEqual([attempts, end]);
  });

  test('the waits count as well', async () => {
    const { send, clock } = world(script(answer(429, '', after(50))));
    expect(await errorOf(send(get))).toMatchObject({ code: 'rate_limited' });
    expect(clock.waits).toEqual([50_000, 50_000]);
  });

  describe('--timeout', () => {
    const over = new CliError('timeout', 'not done within 4 s', { retryable: true, hints: ['--timeout takes longer'] });

    async function endOf(milliseconds: number, bottom: Send, reason = over) {
      const off = new AbortController();
      const { send, clock } = world(bottom);
      clock.sleep(milliseconds).then(() => off.abort(reason));
      return (await errorOf(send({ ...get, signal: off.signal }))) as CliError;
    }

    /** Refuses so many requests, and then is silent. */
    function refusing(count: number): Send {
      let left = count;
      return (request) => {
        left -= 1;
        return left < 0 ? silence(request) : Promise.resolve(answer(500, { message: 'boom' }));
      };
    }

    test.each<[string, number, Send, string]>([
      ['two 500s, then silence', 4000, refusing(2), 'HTTP 500: boom (3 attempts in 4 s)'],
      ['silence', 4000, refusing(0), 'x did not answer (1 attempt in 4 s)'],
      ['over before the repeat of what was lost', 50, script(lost), 'reset (1 attempt)'],
      ['over before the repeat of a 500', 50, refusing(1), 'HTTP 500: boom (1 attempt)'],
    ])('%s', async (_name, milliseconds, bottom, reason) => {
      const error = await endOf(milliseconds, bottom);
      expect(error).toMatchObject({ code: 'timeout', message: over.message });
      expect(error.details).toEqual({ ...over.details, reason });
    });

    test('that is no limit is said as it is', async () => {
      const cancelled = new CliError('cancelled', 'cancelled');
      const { code, message, details } = await endOf(4000, silence, cancelled);
      expect([code, message, details.reason]).toEqual(['cancelled', 'cancelled', undefined]);
    });
  });

  test('a connection that never came about is no silence', async () => {
    const never = new NoResponse('timeout', reached, { reason: 'no answer in time', retryable: true, sent: false });
    const reason = 'no answer in time (3 attempts)';
    expect(await errorOf(world(script(never)).send(get))).toMatchObject({ details: { reason } });
  });

  test('the wall clock may jump: only the other one counts', async () => {
    const { clock, send } = world(script(lost, ok));
    const jumping = Object.assign(clock, { now: () => clock.monotonic() * -1e6 });
    expect(await send(get)).toBe(ok);
    expect(jumping.monotonic()).toBe(100);
  });
});

describe('many at once, of which one is refused', () => {
  /** A server that refuses everything until a moment, and answers each request after 50 ms. */
  function busyUntil(moment: number) {
    const arrivals: number[] = [];
    const hall = world(async () => {
      const time = hall.clock.monotonic();
      arrivals.push(time);
      await hall.clock.sleep(50);
      return time < moment ? answer(429, '', after(2)) : ok;
    });
    return { ...hall, arrivals };
  }

  test('all wait, one tries alone, and then all go; none is lost', async () => {
    const { send, arrivals, said, clock } = busyUntil(1000);
    const first = send(post);
    await clock.sleep(60);
    const rest = Array.from({ length: 5 }, () => send(post));
    expect(await Promise.all([first, ...rest])).toEqual(Array(6).fill(ok));
    expect(arrivals).toEqual([0, 2050, ...Array(5).fill(2100)]);
    expect(said).toEqual(['rate limited, retrying in 2 s']);
  });

  test('while it stays busy one at a time tries, also one that comes late, and the rest use up no attempts', async () => {
    const { send, arrivals, said, clock } = busyUntil(6000);
    const sent = Array.from({ length: 5 }, () => send(post));
    await clock.sleep(2070);
    expect(await Promise.all([...sent, send(post)])).toEqual(Array(6).fill(ok));
    expect(arrivals).toEqual([0, 0, 0, 0, 0, 2050, 4100, 6150, ...Array(5).fill(6200)]);
    expect(said).toEqual(Array(3).fill('rate limited, retrying in 2 s'));
  });

  test('a probe that is told to wait too long ends all at once', async () => {
    const busy = answer(429, '', after(2));
    const { send, clock } = world(script(busy, busy, busy, answer(429, '', after(600))));
    const ends = await Promise.all([get, post, get].map((request) => errorOf(send(request))));
    expect(ends.map((error) => (error as CliError).code)).toEqual(Array(3).fill('rate_limited'));
    expect(clock.monotonic()).toBe(2000);
  });

  test('a probe that breaks lets the next one try', async () => {
    const { send } = world(script(answer(429, '', after(2)), answer(429, '', after(2)), new TypeError('bug'), ok));
    const ends = await Promise.allSettled([send(get), send(get)]);
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});
