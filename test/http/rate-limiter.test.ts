import { describe, expect, test } from 'vitest';
import type { Clock } from '../../src/host.ts';
import { RateLimiter, RequestRate } from '../../src/http/rate-limiter.ts';
import type { Response } from '../../src/http/send.ts';
import { answer, errorOf } from './answers.ts';
import { virtualClock } from './virtual-clock.ts';

/** A clock that stands still until it is set. */
function stoppedClock() {
  const clock = { time: 0, now: () => 0, monotonic: () => clock.time, random: () => 0, sleep: async () => {} };
  return clock satisfies Clock & { time: number };
}

const told = (limit: number, remaining: number, reset: number | string) =>
  answer(200, '', limits(limit, remaining, reset));

const limits = (limit: number, remaining: number, reset: number | string) => ({
  'x-ratelimit-limit': String(limit),
  'x-ratelimit-remaining': String(remaining),
  'x-ratelimit-reset': String(reset),
});

/** A server of a token bucket, and workers that send one request after the other; resolves to what came of it. */
function simulated({ burst, workers, headers }: { burst: number; workers: number; headers: boolean }) {
  const [rate, requests, latency] = [50, 1000, 50];
  const clock = stoppedClock();
  const pace = new RequestRate(clock);
  const bucket = { tokens: burst, at: 0 };
  const answers: { readonly at: number; readonly isRefused: boolean; readonly left: number }[] = [];
  let closedUntil = 0;
  let [done, refused] = [0, 0];
  for (; done < requests; clock.time += 1) {
    for (const { isRefused, left } of answers.filter(({ at }) => at === clock.time)) {
      const reset = Math.ceil((burst - left) / rate);
      pace.answered(answer(isRefused ? 429 : 201, '', headers ? limits(burst, left, reset) : {}));
      if (isRefused) {
        pace.refused(1000);
        closedUntil = clock.time + 1000;
        refused += 1;
      } else done += 1;
    }
    const underWay = () => answers.filter(({ at }) => at > clock.time).length;
    while (underWay() < Math.min(workers, requests - done) && clock.time >= closedUntil && pace.wait <= 0) {
      pace.sent();
      bucket.tokens = Math.min(burst, bucket.tokens + ((clock.time - bucket.at) / 1000) * rate);
      bucket.at = clock.time;
      const isRefused = bucket.tokens < 1;
      if (!isRefused) bucket.tokens -= 1;
      answers.push({ at: clock.time + latency, isRefused, left: Math.floor(bucket.tokens) });
    }
  }
  return { seconds: clock.time / 1000, refused };
}

/** A rate to which so many requests and answers were shown. */
function rateAfter(requests: number, response: Response, clock = stoppedClock()): RequestRate {
  const rate = new RequestRate(clock);
  for (let sent = 0; sent < requests; sent += 1) {
    rate.sent();
    rate.answered(response);
  }
  return rate;
}

describe('where headers tell the limit', () => {
  test('the first half of a window is for whoever comes, the other is spread over what is left of it', () => {
    const clock = stoppedClock();
    const rate = rateAfter(1, told(10, 6, 8), clock);
    expect(rate.wait).toBeLessThanOrEqual(0);
    rate.sent();
    // Five of ten are left for eight seconds.
    expect(rate.wait).toBe(1600);
    clock.time = 1600;
    expect(rate.wait).toBe(0);
  });

  test('requests under way count as spent', () => {
    const rate = new RequestRate(stoppedClock());
    for (let sent = 0; sent < 4; sent += 1) rate.sent();
    rate.answered(told(10, 8, 10));
    expect(rate.wait).toBeLessThanOrEqual(0);
    rate.sent();
    // Eight were left, three are on their way, and this one.
    expect(rate.wait).toBe(2500);
  });

  test.each([
    ['until it ends', 3, 3000],
    ['but for five seconds at most: then the server may say no itself', 3600, 5000],
  ])('a spent window is waited for, %s', (_name, reset, wait) => {
    const clock = stoppedClock();
    const rate = rateAfter(1, told(10, 0, reset), clock);
    rate.sent();
    expect(rate.wait).toBe(wait);
    clock.time = reset * 1000 + 1;
    expect(rate.wait).toBeLessThanOrEqual(0);
  });

  test.each(['soon', '-1', '1.5', '', '99999999999'])('a reset of "%s" tells nothing', (reset) => {
    const rate = rateAfter(1, told(10, 0, reset));
    rate.sent();
    expect(rate.wait).toBeLessThanOrEqual(0);
  });
});

describe('where nothing tells it', () => {
  test('nobody waits before somebody was refused', () => {
    expect(rateAfter(100, answer(201)).wait).toBeLessThanOrEqual(0);
  });

  test.each([
    [40, 50],
    [9, 0],
  ])('a refusal after %i that were let through in a second teaches a wait of %i ms', (count, wait) => {
    const clock = stoppedClock();
    const rate = rateAfter(count, answer(201), clock);
    clock.time = 1000;
    rate.sent();
    rate.answered(answer(429));
    rate.refused(1000);
    clock.time = 2000;
    rate.sent();
    // Fewer than ten say nothing about a rate.
    expect(Math.max(0, rate.wait)).toBe(wait);
  });
});

// The least that a thousand take is 19.05 s where the burst is 50.
test.each([
  { headers: true, burst: 50, workers: 20, most: 22, refusals: 10 },
  { headers: false, burst: 50, workers: 20, most: 22.8, refusals: 30 },
  { headers: false, burst: 10, workers: 10, most: 45, refusals: 1000 },
])('a thousand at once take little longer than they must, and few are refused: %o', ({ most, refusals, ...world }) => {
  const { seconds, refused } = simulated(world);
  expect(seconds).toBeLessThan(most);
  expect(refused).toBeLessThanOrEqual(refusals);
});

describe('a pause', () => {
  test('is not shortened by a shorter one', () => {
    const limiter = new RateLimiter(virtualClock());
    limiter.pause(10_000);
    limiter.pause(1000);
    expect(limiter.wait).toBe(10_000);
  });

  test('a request that is cancelled while another one tries is not sent after it', async () => {
    const limiter = new RateLimiter(virtualClock());
    const off = new AbortController();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    limiter.pause(100);
    const first = limiter.run(() => held, never);
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

const never = new AbortController().signal;
