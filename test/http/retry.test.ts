import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CliError } from '../../src/errors.ts';
import { NoResponse, UnknownOutcome } from '../../src/http/failure.ts';
import { attemptTimeout } from '../../src/http/layers.ts';
import { retry } from '../../src/http/retry.ts';
import { type Request, type Response, type Send, stack } from '../../src/http/send.ts';
import { answer, errorOf, type Script, script } from './answers.ts';
import { type VirtualClock, virtualClock } from './virtual-clock.ts';

const get: Request = { method: 'GET', path: '/iam/v2/invitations' };
const post: Request = { method: 'POST', path: '/iam/v2/invitations', body: { email: 'a@b.co' } };
const remove: Request = { method: 'DELETE', path: '/iam/v2/invitations/i-1' };

const lost = new NoResponse('network', 'cannot reach "x:1"', { reason: 'reset', retryable: true, sent: true });
const unsent = new NoResponse('network', 'cannot reach "x:1"', { reason: 'refused', retryable: true, sent: false });
const garbled = new NoResponse('bad_response', 'cannot read the response of "x:1"', {
  reason: 'it is not HTTP',
  sent: true,
});
const untrusted = new NoResponse('tls', 'cannot trust "x:1"', { reason: 'expired', sent: false });
const ok = answer(200, { data: [] });

interface World {
  readonly clock: VirtualClock;
  readonly said: string[];
  readonly send: Send;
}

function world(bottom: Send, retries?: number): World {
  const clock = virtualClock();
  const said: string[] = [];
  const send = stack(bottom, [
    retry({ clock, server: 'x', say: (line) => said.push(line), retries }),
    attemptTimeout(clock, 30_000),
  ]);
  return { clock, said, send };
}

const after = (seconds: number) => ({ 'retry-after': String(seconds) });

describe('the table: how often each outcome is tried, and how it ends', () => {
  test.each<[string, Request, Response | Error, number, string]>([
    ['GET not sent', get, unsent, 3, 'network'],
    ['POST not sent', post, unsent, 3, 'network'],
    ['DELETE not sent', remove, unsent, 3, 'network'],
    ['GET lost', get, lost, 3, 'network'],
    ['DELETE lost', remove, lost, 3, 'network'],
    ['POST lost', post, lost, 1, 'network, outcome unknown'],
    ['idempotent POST lost', { ...post, idempotent: true }, lost, 3, 'network'],
    ['GET garbled', get, garbled, 1, 'bad_response'],
    ['POST garbled', post, garbled, 1, 'bad_response, outcome unknown'],
    ['GET untrusted', get, untrusted, 1, 'tls'],
    ['POST untrusted', post, untrusted, 1, 'tls'],
    ...[500, 502, 503, 504, 522].flatMap((status): [string, Request, Response, number, string][] => [
      [`GET ${status}`, get, answer(status), 3, 'api_unavailable'],
      [`DELETE ${status}`, remove, answer(status), 3, 'api_unavailable'],
      [`POST ${status}`, post, answer(status), 1, 'api_unavailable, outcome unknown'],
      [`idempotent POST ${status}`, { ...post, idempotent: true }, answer(status), 3, 'api_unavailable'],
    ]),
    ['GET 408', get, answer(408), 3, 'api_unavailable'],
    ['POST 408', post, answer(408), 1, 'api_unavailable, outcome unknown'],
    ['GET 429', get, answer(429), 5, 'rate_limited'],
    ['POST 429', post, answer(429), 5, 'rate_limited'],
    ['POST 503 with a wait', post, answer(503, '', after(1)), 1, 'api_unavailable, outcome unknown'],
    ...[200, 201, 204, 301, 400, 401, 402, 403, 404, 409, 422, 501, 505].flatMap(
      (status): [string, Request, Response, number, string][] => [
        [`GET ${status}`, get, answer(status), 1, String(status)],
        [`POST ${status}`, post, answer(status), 1, String(status)],
      ],
    ),
  ])('%s', async (_name, request, step, attempts, end) => {
    const bottom = script(step);
    const { send } = world(bottom);
    expect(await endOf(send(request))).toBe(end);
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

  test.each([
    [0, lost, 1],
    [1, lost, 2],
    [9, lost, 10],
    [0, answer(429), 1],
    [9, answer(501), 1],
  ])('--retries %i overrules it', async (retries, step, attempts) => {
    const bottom = script(step);
    const { send } = world(bottom, retries);
    await send(get).catch(() => {});
    expect(bottom.requests).toHaveLength(attempts);
  });

  test('--retries never repeats a POST that may have been carried out', async () => {
    const bottom = script(lost);
    expect(await errorOf(world(bottom, 9).send(post))).toBeInstanceOf(UnknownOutcome);
    expect(bottom.requests).toHaveLength(1);
  });

  test('an error that is no failure of the wire passes through at once', async () => {
    const bug = new TypeError('x is not a function');
    const bottom = script(bug);
    expect(await errorOf(world(bottom).send(post))).toBe(bug);
    expect(bottom.requests).toHaveLength(1);
  });
});

describe('a repeat', () => {
  test('succeeds after one of each kind', async () => {
    for (const step of [unsent, lost, answer(500), answer(408), answer(429)]) {
      const bottom = script(step, ok);
      expect(await world(bottom).send(get)).toBe(ok);
    }
  });

  test('goes over a fresh connection, the first attempt only if asked to', async () => {
    const bottom = script(lost, ok);
    await world(bottom).send(get);
    expect(bottom.requests.map(({ fresh }) => fresh)).toEqual([false, true]);
    const asked = script(ok);
    await world(asked).send({ ...post, fresh: true });
    expect(asked.requests[0]?.fresh).toBe(true);
  });

  test('waits longer each time, with full jitter', async () => {
    for (const [chance, step, waits] of [
      [0, lost, [100, 100]],
      [0.5, lost, [350, 600]],
      [0.5, answer(408), [350, 600]],
      [0.5, answer(429), [600, 1100, 2100, 4100]],
    ] as const) {
      const { clock, send } = world(script(step));
      clock.chance = chance;
      await errorOf(send(get));
      expect(clock.waits).toEqual(waits);
    }
  });

  test('a wait never grows beyond 20 s', async () => {
    const { clock, send } = world(script(lost), 9);
    clock.chance = 0.99999;
    await errorOf(send(get));
    expect(Math.max(...clock.waits)).toBeLessThanOrEqual(20_100);
  });

  test('the error keeps what the last answer said, and counts the attempts', async () => {
    const bottom = script(answer(503, { message: 'upstream down' }, { 'x-request-id': 'req-7' }));
    expect(await errorOf(world(bottom).send(get))).toMatchObject({
      code: 'api_unavailable',
      message: 'cannot get "/iam/v2/invitations"',
      details: {
        reason: 'HTTP 503: upstream down (3 attempts)',
        http_status: 503,
        request_id: 'req-7',
        retryable: true,
      },
    });
  });

  test('a wait of more than a second is announced, a shorter one is not', async () => {
    const long = world(script(answer(429, '', after(7)), ok));
    await long.send(get);
    expect(long.said).toEqual(['rate limited, retrying in 7 s']);
    const short = world(script(answer(429, '', after(1)), lost, ok));
    await short.send(get);
    expect(short.said).toEqual([]);
    const down = world(script(answer(502), lost, ok));
    down.clock.chance = 0.99;
    await down.send(get);
    expect(down.said).toEqual(['connection lost, retrying in 2 s']);
    const refused = world(script(unsent, unsent, ok));
    refused.clock.chance = 0.99;
    await refused.send(get);
    expect(refused.said).toEqual(['no connection, retrying in 2 s']);
    const silent = world(script(lost, new NoResponse('timeout', 'x', { retryable: true, sent: true }), ok));
    silent.clock.chance = 0.99;
    await silent.send(get);
    expect(silent.said).toEqual(['no answer, retrying in 2 s']);
  });
});

describe('a DELETE whose answer was lost', () => {
  test.each([lost, answer(500), answer(504), answer(408), answer(503, '', after(1))])(
    '%o, then gone, has been done',
    async (step) => {
      for (const gone of [404, 410]) {
        expect(await world(script(step, answer(gone))).send(remove)).toMatchObject({ status: 204 });
      }
    },
  );

  test.each([unsent, answer(429)])('%o, then gone, was never there', async (step) => {
    expect(await world(script(step, answer(404))).send(remove)).toMatchObject({ status: 404 });
  });

  test('a GET never succeeds that way, nor does 403', async () => {
    expect(await world(script(lost, answer(404))).send(get)).toMatchObject({ status: 404 });
    expect(await world(script(lost, answer(403))).send(remove)).toMatchObject({ status: 403 });
  });
});

describe('the wait that the server asks for', () => {
  test('is never undercut, and exceeded by a tenth at most', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        async (seconds, chance) => {
          const { clock, send } = world(script(answer(429, '', after(seconds)), ok));
          clock.chance = chance;
          await send(post);
          expect(clock.monotonic()).toBeGreaterThanOrEqual(seconds * 1000);
          expect(clock.monotonic()).toBeLessThanOrEqual(Math.min(60_000, seconds * 1100) + 1);
        },
      ),
      { numRuns: 30 },
    );
  });

  test.each([
    ['61', '2026-01-01T00:01:01Z'],
    ['86400', '2026-01-02T00:00:00Z'],
    ['2147484', '2026-01-25T20:31:24Z'],
    ['100000000000000000000', 'the year 9999'],
  ])('of %s s is not slept, but told', async (seconds, when) => {
    const bottom = script(answer(429, { message: 'slow down' }, { 'retry-after': seconds }));
    const { send, clock, said } = world(bottom);
    expect(await errorOf(send(post))).toMatchObject({
      code: 'rate_limited',
      exitCode: 11,
      details: {
        reason: `HTTP 429: slow down; the API accepts no requests before ${when}`,
        http_status: 429,
        retryable: true,
      },
    });
    expect(bottom.requests).toHaveLength(1);
    expect([clock.waits, said]).toEqual([[], []]);
  });

  test('with a 503 counts the same', async () => {
    const { send } = world(script(answer(503, '', after(3600))));
    expect(await errorOf(send(get))).toMatchObject({ code: 'rate_limited', details: { http_status: 503 } });
  });
});

describe('time', () => {
  /** Never answers; rejects like the network does when its signal aborts. */
  const silence: Send = ({ signal }) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => {
        const { code, message, details } = signal.reason as CliError;
        reject(new NoResponse(code, message, { ...details, sent: true }));
      });
    });
  const counted = (send: Send): Script => {
    const requests: Request[] = [];
    const through = (request: Request) => {
      requests.push(request);
      return send(request);
    };
    return Object.assign(through, { requests });
  };

  test('an attempt has 30 s, and a silent server three attempts', async () => {
    const bottom = counted(silence);
    const { send, clock } = world(bottom);
    expect(await errorOf(send(get))).toMatchObject({
      code: 'timeout',
      message: 'cannot get "/iam/v2/invitations"',
      details: { reason: 'x did not answer: 3 attempts in 90 s' },
    });
    expect(bottom.requests).toHaveLength(3);
    expect(clock.monotonic()).toBe(90_200);
  });

  describe('--timeout', () => {
    const late = new CliError('timeout', 'not done within 4 s', { retryable: true, hints: ['--timeout takes longer'] });

    async function endOf(after: number, bottom: Send) {
      const off = new AbortController();
      const { send, clock } = world(bottom);
      clock.sleep(after).then(() => off.abort(late));
      return errorOf(send({ ...get, signal: off.signal }));
    }

    /** Refuses so many requests, and then is silent. */
    function refusing(count: number): Send {
      let left = count;
      return (request) => {
        left -= 1;
        return left < 0 ? silence(request) : Promise.resolve(answer(500, { message: 'boom' }));
      };
    }

    test.each([
      ['two 500s, then silence', 2, 'HTTP 500: boom; then x did not answer (3 attempts in 4 s)'],
      ['one 500, then silence', 1, 'HTTP 500: boom; then x did not answer (2 attempts in 4 s)'],
      ['silence', 0, 'x did not answer: 1 attempt in 4 s'],
    ])('%s', async (_name, count, reason) => {
      expect(await endOf(4000, refusing(count))).toMatchObject({
        code: 'timeout',
        message: 'not done within 4 s',
        details: { reason, hints: ['--timeout takes longer'], retryable: true },
      });
    });

    test.each([
      [lost, 'reset (1 attempt)'],
      [answer(500, { message: 'boom' }), 'HTTP 500: boom (1 attempt)'],
    ])('over before the repeat: %o', async (step, reason) => {
      expect(await endOf(50, script(step))).toMatchObject({ message: 'not done within 4 s', details: { reason } });
    });

    test('with a reason of its own says that, and Ctrl-C nothing', async () => {
      for (const reason of [
        new CliError('timeout', 'cannot ask', { reason: 'no answer in 10 s' }),
        new CliError('cancelled', 'cancelled'),
      ]) {
        const off = new AbortController();
        const { send, clock } = world(silence);
        clock.sleep(4000).then(() => off.abort(reason));
        const { code, message, details } = (await errorOf(send({ ...get, signal: off.signal }))) as CliError;
        expect([code, message, details.reason]).toEqual([reason.code, reason.message, reason.details.reason]);
      }
    });
  });

  test('a connection that never came about is no silence', async () => {
    const never = new NoResponse('timeout', 'cannot reach "x"', {
      reason: 'no answer in time',
      retryable: true,
      sent: false,
    });
    expect(await errorOf(world(script(never)).send(get))).toMatchObject({
      details: { reason: 'no answer in time (3 attempts)' },
    });
  });

  test('a POST that timed out is not repeated', async () => {
    const bottom = counted(silence);
    expect(await errorOf(world(bottom).send(post))).toBeInstanceOf(UnknownOutcome);
    expect(bottom.requests).toHaveLength(1);
  });

  test('an operation has 120 s, waits included', async () => {
    const { send, clock } = world(counted(silence), 20);
    const reason = 'x did not answer: 4 attempts in 120 s';
    expect(await errorOf(send(get))).toMatchObject({ code: 'timeout', details: { reason } });
    expect(clock.monotonic()).toBeLessThanOrEqual(120_000);
    const busy = world(script(answer(429, '', after(50))));
    expect(await errorOf(busy.send(get))).toMatchObject({ code: 'rate_limited' });
    expect(busy.clock.monotonic()).toBeLessThanOrEqual(120_000);
    expect(busy.clock.waits).toEqual([50_000, 50_000]);
  });

  test('the wall clock may jump: only the other one counts', async () => {
    const { clock, send } = world(script(lost, ok));
    const jumping = Object.assign(clock, { now: () => clock.monotonic() * -1e6 });
    expect(await send(get)).toBe(ok);
    expect(jumping.monotonic()).toBe(100);
  });

  test('a wait ends as soon as the request is called off, and nothing more is sent', async () => {
    const off = new AbortController();
    const bottom = script(answer(429, '', after(50)), ok);
    const { send } = world(bottom);
    const sent = errorOf(send({ ...get, signal: off.signal }));
    setImmediate(() => off.abort(new Error('Ctrl-C')));
    expect(await sent).toMatchObject({ message: 'Ctrl-C' });
    expect(bottom.requests).toHaveLength(1);
  });

  test('a request that was called off before is not sent', async () => {
    const bottom = script(ok);
    const seen: (boolean | undefined)[] = [];
    const { send } = world(async (request) => {
      seen.push(request.signal?.aborted);
      return bottom(request);
    });
    await send({ ...get, signal: AbortSignal.abort(new Error('Ctrl-C')) });
    expect(seen).toEqual([true]);
  });
});

describe('many at once, of which one is refused', () => {
  interface Arrival {
    readonly path: string;
    readonly time: number;
  }

  /** A server that refuses everything until a moment, and answers each request after 50 ms. */
  function busyUntil(moment: number) {
    const arrivals: Arrival[] = [];
    const hall = world(async ({ path }) => {
      const time = hall.clock.monotonic();
      arrivals.push({ path, time });
      await hall.clock.sleep(50);
      return time < moment ? answer(429, '', after(2)) : ok;
    });
    return { ...hall, arrivals };
  }
  const paths = Array.from({ length: 6 }, (_, index) => `/x/${index}`);

  test('all wait, one tries alone, and then all go; none is lost', async () => {
    const { send, arrivals, said, clock } = busyUntil(1000);
    const first = send({ ...post, path: '/x/0' });
    await clock.sleep(60);
    const rest = paths.slice(1).map((path) => send({ ...post, path }));
    expect(await Promise.all([first, ...rest])).toEqual(paths.map(() => ok));
    expect(arrivals.map(({ time }) => time)).toEqual([0, 2050, ...Array(5).fill(2100)]);
    expect(said).toEqual(['rate limited, retrying in 2 s']);
  });

  test('while it stays busy one at a time tries, and the rest use up no attempts', async () => {
    const { send, arrivals } = busyUntil(6000);
    expect(await Promise.all(paths.map((path) => send({ ...post, path })))).toEqual(paths.map(() => ok));
    const times = arrivals.map(({ time }) => time);
    expect(times.slice(0, 9)).toEqual([0, 0, 0, 0, 0, 0, 2050, 4100, 6150]);
    expect(times.slice(9)).toEqual(Array(5).fill(6200));
  });

  test('one that comes while another tries waits for how that ends', async () => {
    const { send, arrivals, clock } = busyUntil(3000);
    const first = send({ ...post, path: '/x/0' });
    await clock.sleep(2070);
    expect(arrivals.map(({ time }) => time)).toEqual([0, 2050]);
    const late = send({ ...post, path: '/x/late' });
    await Promise.all([first, late]);
    expect(arrivals.map(({ time }) => time)).toEqual([0, 2050, 4100, 4150]);
  });

  test('a probe that breaks lets the next one try', async () => {
    const steps = [answer(429, '', after(2)), answer(429, '', after(2)), new TypeError('bug'), ok];
    const bottom = script(...steps);
    const { send } = world(bottom);
    const ends = await Promise.allSettled([send(get), send(get)]);
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('none of them waits for a server that wants to be left alone for an hour', async () => {
    const bottom = script(answer(429, '', after(3600)));
    const { send } = world(bottom);
    await errorOf(send(get));
    expect(await errorOf(send(post))).toMatchObject({
      code: 'rate_limited',
      details: { reason: 'the API accepts no requests before 2026-01-01T01:00:00Z' },
    });
    expect(bottom.requests).toHaveLength(1);
  });
});

describe('a repeat', () => {
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
