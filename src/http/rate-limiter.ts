import type { Clock } from '../host.ts';
import type { Response } from './send.ts';

/** The rate limit window of a response. */
interface Window {
  readonly limit: number;
  /** When it ends, on the monotonic clock. */
  readonly ends: number;
  /** Requests that it still allows; pending ones count as spent. */
  free: number;
}

/** Milliseconds. After that a request is tried: if it is refused, the response says how long to wait, and that is shown. */
const longestWait = 5000;

/** Fewer successful requests say nothing about the limit. */
const minSample = 10;

/** Growth of the rate per second after a first refusal; it is halved by each further one. */
const firstGrowth = 0.07;

/**
 * The rate of requests. Where `X-RateLimit` headers give it, the first half of a window is spent without a wait, and the
 * second half is spread over the rest of its time, so that no request is refused at its end. Elsewhere it is learnt from
 * refusals: what was accepted between two of them, then slowly growing until the next one.
 */
export class RequestRate {
  readonly #clock: Clock;
  /** That of the last response; undefined if its headers give none. */
  #window: Window | undefined;
  #pending = 0;
  /** Requests a millisecond; undefined until one is refused. */
  #learnt: number | undefined;
  #growth = firstGrowth;
  #since: number | undefined;
  #passed = 0;
  /** When the next request should leave. */
  #next = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds until the next request should leave; 0 or less if it may now. */
  get wait(): number {
    return Math.min(longestWait, this.#next - this.#clock.monotonic());
  }

  sent(): void {
    const now = this.#clock.monotonic();
    this.#pending += 1;
    this.#since ??= now;
    if (this.#window !== undefined) this.#next = afterOne(this.#window, now);
    else if (this.#learnt !== undefined) {
      const rate = this.#learnt * (1 + this.#growth) ** (Math.max(0, now - this.#since) / 1000);
      this.#next = Math.max(this.#next, now) + 1 / rate;
    }
  }

  /** @param response Undefined if there was none. */
  answered(response: Response | undefined): void {
    this.#pending -= 1;
    if (response === undefined) return;
    if (response.status !== 429) this.#passed += 1;
    const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map((name) =>
      count(response.headers.get(`x-ratelimit-${name}`)),
    );
    const isGiven = limit !== undefined && remaining !== undefined && reset !== undefined;
    const ends = this.#clock.monotonic() + (reset ?? 0) * 1000;
    this.#window = isGiven ? { limit, ends, free: remaining - this.#pending } : undefined;
  }

  /** @param wait Milliseconds for which the server wants no requests. Concurrent refusals count once. */
  refused(wait: number): void {
    const now = this.#clock.monotonic();
    const since = this.#since ?? now;
    if (since > now || this.#passed < minSample) return;
    if (this.#learnt !== undefined) this.#growth /= 2;
    this.#learnt = this.#passed / (now - since + wait);
    this.#passed = 0;
    this.#since = now + wait;
  }
}

/** When the next request should leave after one that leaves now. */
function afterOne(window: Window, now: number): number {
  window.free -= 1;
  const isSpread = window.ends > now && window.free <= window.limit / 2;
  return isSpread ? now + (window.ends - now) / Math.max(1, window.free) : now;
}

/** Seconds or a number of requests; undefined for nonsense. */
function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d{1,9}\s*$/.test(text) ? Number(text) : undefined;
}

/**
 * All requests to a server pass through it: it spaces them out by the rate that the server accepts, and when the server
 * asks to wait, holds all of them back.
 */
export class RateLimiter {
  readonly rate: RequestRate;
  readonly #clock: Clock;
  #paused = false;
  #resumes = 0;
  #probe: Promise<void> | undefined;

  constructor(clock: Clock) {
    this.rate = new RequestRate(clock);
    this.#clock = clock;
  }

  /** Milliseconds until the end of the pause. */
  get wait(): number {
    return this.#paused ? Math.max(0, this.#resumes - this.#clock.monotonic()) : 0;
  }

  /** Holds all requests back for this time. True if there was no pause already. */
  pause(milliseconds: number): boolean {
    const isNew = this.wait === 0;
    this.#paused = true;
    this.#resumes = Math.max(this.#resumes, this.#clock.monotonic() + milliseconds);
    return isNew;
  }

  /** Sends a request when it is its turn. After a pause the first goes alone; unless it causes another pause, all follow. */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let wait = this.#delay; wait > 0 || this.#probe !== undefined; wait = this.#delay) {
      if (wait > 0) await this.#clock.sleep(wait, signal);
      await this.#probe;
      signal.throwIfAborted();
    }
    this.rate.sent();
    return this.#paused ? this.#runAlone(work) : work();
  }

  get #delay(): number {
    return Math.max(this.wait, this.rate.wait);
  }

  async #runAlone<T>(work: () => Promise<T>): Promise<T> {
    let done = () => {};
    this.#probe = new Promise((resolve) => {
      done = resolve;
    });
    try {
      const result = await work();
      this.#paused = this.wait > 0;
      return result;
    } finally {
      this.#probe = undefined;
      done();
    }
  }
}
