import { describe, expect, test } from 'vitest';
import { RateLimiter } from '../../src/http/rate-limiter.ts';
import { errorOf } from '../support/failures.ts';
import { answer } from './answers.ts';
import { virtualClock } from './virtual-clock.ts';

const limits = (limit: number, remaining: number, reset: number | string) => ({
  'x-ratelimit-limit': String(limit),
  'x-ratelimit-remaining': String(remaining),
  'x-ratelimit-reset': String(reset),
});

const never = () => new AbortController().signal;

function limited() {
  const clock = virtualClock();
  const said: string[] = [];
  const limiter = new RateLimiter(clock, (line) => said.push(line));
  /** When so many requests leave that want to at once, and are not answered. */
  const leaving = (count: number) =>
    Promise.all(Array.from({ length: count }, () => limiter.run(async () => Math.round(clock.monotonic()), never())));
  /** So many requests that are answered at once, one after the other. */
  const answered = async (times: number, ...response: Parameters<typeof answer>) => {
    for (let sent = 0; sent < times; sent += 1)
      await limiter.run(async () => limiter.answered(answer(...response)), never());
  };
  return { clock, limiter, leaving, answered, said };
}

describe('where headers tell the limit', () => {
  test.each<[string, Parameters<typeof limits>, number[]]>([
    ['the second half of a window is spread over what is left of it', [10, 6, 8], [0, 1600, 3200, 4800]],
    ['the first half is for whoever comes', [10, 9, 8], [0, 0, 0, 0]],
    ['a spent window is waited for', [10, 0, 3], [0, 3000, 3000, 3000]],
    ['but for five seconds at most: then the server may say no itself', [10, 0, 3600], [0, 5000, 10_000, 15_000]],
    ...['soon', '-1', '1.5', '', '99999999999'].map((reset): [string, Parameters<typeof limits>, number[]] => {
      return [`a reset of "${reset}" tells nothing`, [10, 0, reset], [0, 0, 0, 0]];
    }),
  ])('%s', async (_name, window, times) => {
    const { leaving, answered } = limited();
    await answered(1, 200, '', limits(...window));
    expect(await leaving(times.length)).toEqual(times);
  });

  test.each([
    [3, ['few requests are left of the rate limit: going slower']],
    [2, []],
  ])('a wait of more than two seconds is announced, once: %i s', async (reset, lines) => {
    const { leaving, answered, said } = limited();
    await answered(1, 200, '', limits(10, 0, reset));
    await leaving(4);
    expect(said).toEqual(lines);
  });

  test('requests under way count as spent', async () => {
    const { limiter, leaving } = limited();
    await leaving(4);
    limiter.answered(answer(200, '', limits(10, 8, 10)));
    // Eight were left, and three are on their way.
    expect(await leaving(2)).toEqual([0, 2500]);
  });
});

describe('where nothing tells it', () => {
  test.each([
    [100, 0, [0, 0]],
    [40, 1, [2000, 2050]],
    // Fewer than ten say nothing about a rate.
    [9, 1, [2000, 2000]],
  ])('after %i that were let through in a second and %i refusals, two leave at %j', async (passed, refused, times) => {
    const { clock, limiter, leaving, answered } = limited();
    await answered(passed, 201);
    if (refused > 0) await clock.sleep(1000);
    await answered(refused, 429);
    if (refused > 0) limiter.pause(1000);
    // The first one goes alone after a pause.
    expect(await leaving(2)).toEqual(times);
  });
});

/** A server of a token bucket, 50 a second, and workers that send a thousand requests. */
async function simulated({ burst, workers, headers }: { burst: number; workers: number; headers: boolean }) {
  const { clock, limiter } = limited();
  const bucket = { tokens: burst, at: 0 };
  let done = 0;
  let refused = 0;
  const request = async () => {
    const now = clock.monotonic();
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * 50);
    bucket.at = now;
    const isRefused = bucket.tokens < 1;
    if (!isRefused) bucket.tokens -= 1;
    const left = Math.floor(bucket.tokens);
    await clock.sleep(50);
    const told = headers ? limits(burst, left, Math.ceil((burst - left) / 50)) : {};
    limiter.answered(answer(isRefused ? 429 : 201, '', told));
    if (isRefused) limiter.pause(1000);
    refused += isRefused ? 1 : 0;
    done += isRefused ? 0 : 1;
  };
  const work = async () => {
    while (done < 1000) await limiter.run(request, never());
  };
  await Promise.all(Array.from({ length: workers }, work));
  return { seconds: clock.monotonic() / 1000, refused };
}

// The least that a thousand take is 19.05 s where the burst is 50.
test.each([
  { headers: true, burst: 50, workers: 20, most: 22, refusals: 10 },
  { headers: false, burst: 50, workers: 20, most: 22.8, refusals: 30 },
  { headers: false, burst: 10, workers: 10, most: 45, refusals: 1000 },
])('a thousand at once take little longer than they must, and few are refused: %o', async (given) => {
  const { seconds, refused } = await simulated(given);
  expect(seconds).toBeLessThan(given.most);
  expect(refused).toBeLessThanOrEqual(given.refusals);
});

describe('a pause', () => {
  test('is not shortened by a shorter one', () => {
    const { limiter } = limited();
    limiter.pause(10_000);
    limiter.pause(1000);
    expect(limiter.wait).toBe(10_000);
  });

  test('a request that is cancelled while another one tries is not sent after it', async () => {
    const { limiter } = limited();
    const off = new AbortController();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    limiter.pause(100);
    const first = limiter.run(() => held, never());
    let isSent = false;
    const second = errorOf(
      limiter.run(async () => {
        isSent = true;
      }, off.signal),
    );
    while (limiter.wait > 0) await new Promise(setImmediate);
    // Now the first one tries, and in a few turns the second waits for how that ends.
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    off.abort(new Error('Ctrl-C'));
    release();
    expect(await second).toMatchObject({ message: 'Ctrl-C' });
    await first;
    expect(isSent).toBe(false);
  });
});
