import type { Clock } from '../host.ts';
import type { Response } from './send.ts';

interface Window {
  readonly limit: number;
  /** When it ends, on the monotonic clock. */
  readonly ends: number;
  /** Requests that it still allows; pending ones count as spent. */
  free: number;
}

/** Milliseconds. After that a request is tried: if it is refused, the response says how long to wait, and that is shown. */
const longestWait = 5000;

/** Milliseconds. A longer wait is announced. */
const longWait = 2000;

/** Fewer successful requests say nothing about the limit. */
const minSample = 10;

/** Growth of the rate per second after a first refusal; it is halved by each further one. */
const firstGrowth = 0.07;

/**
 * All requests to a server pass through it. When the server asks to wait, it holds all of them back. Otherwise it spaces
 * them out: where `X-RateLimit` headers give a window, the first half of that is spent without a wait, and the second half
 * is spread over the rest of its time, so that no request is refused at its end. Elsewhere the rate is learnt from
 * refusals: what was accepted between two of them, then slowly growing until the next one.
 */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #say: (line: string) => void;
  #isAnnounced = false;
  #isPaused = false;
  #resumes = 0;
  #probe: Promise<void> | undefined;
  /** That of the last response; undefined if its headers give none. */
  #window: Window | undefined;
  #pending = 0;
  /** Requests a millisecond; undefined until one is refused. */
  #learnt: number | undefined;
  #growth = firstGrowth;
  /** The responses that were no refusal, and the time from which on they are counted. */
  #passed = 0;
  #since: number | undefined;
  #next = 0;

  /** @param say Tells once why requests are held back though none was refused. */
  constructor(clock: Clock, say: (line: string) => void) {
    this.#clock = clock;
    this.#say = say;
  }

  /** Milliseconds until the end of the pause. */
  get wait(): number {
    return this.#isPaused ? Math.max(0, this.#resumes - this.#clock.monotonic()) : 0;
  }

  /** Holds all requests back for this time, since the server refused one. True if there was no pause already. */
  pause(milliseconds: number): boolean {
    this.#learn(milliseconds);
    const isNew = this.wait === 0;
    this.#isPaused = true;
    this.#resumes = Math.max(this.#resumes, this.#clock.monotonic() + milliseconds);
    return isNew;
  }

  answered(response: Response | undefined): void {
    this.#pending -= 1;
    if (response === undefined) return;
    if (response.status !== 429) this.#passed += 1;
    const [limit, remaining, reset] = rateIn(response);
    const isGiven = limit !== undefined && remaining !== undefined && reset !== undefined;
    const ends = this.#clock.monotonic() + (reset ?? 0) * 1000;
    this.#window = isGiven ? { limit, ends, free: remaining - this.#pending } : undefined;
  }

  /**
   * Sends a request when it is its turn. After a pause the first goes alone; unless it causes another pause, all follow.
   * @param check Throws if the pause is too long, also one that came while the request was waiting.
   */
  async run<T>(work: () => Promise<T>, signal: AbortSignal, check = () => {}): Promise<T> {
    check();
    for (let wait = this.#delay; wait > 0 || this.#probe !== undefined; wait = this.#delay) {
      if (!this.#isPaused) this.#announce(wait);
      if (wait > 0) await this.#clock.sleep(wait, signal);
      await this.#probe;
      signal.throwIfAborted();
      check();
    }
    this.#leave();
    return this.#isPaused ? this.#runAlone(work) : work();
  }

  get #delay(): number {
    return Math.max(this.wait, this.#next - this.#clock.monotonic());
  }

  #announce(wait: number): void {
    if (wait <= longWait || this.#isAnnounced) return;
    this.#isAnnounced = true;
    this.#say('few requests are left of the rate limit: going slower');
  }

  async #runAlone<T>(work: () => Promise<T>): Promise<T> {
    let done = () => {};
    this.#probe = new Promise((resolve) => {
      done = resolve;
    });
    try {
      const result = await work();
      this.#isPaused = this.wait > 0;
      return result;
    } finally {
      this.#probe = undefined;
      done();
    }
  }

  /** A request leaves now: decides when the next one should. */
  #leave(): void {
    const now = this.#clock.monotonic();
    this.#pending += 1;
    this.#since ??= now;
    this.#next = Math.max(this.#next, now) + Math.min(longestWait, this.#gap(now, this.#since));
  }

  /** Milliseconds between a request that leaves now and the next one. */
  #gap(now: number, since: number): number {
    const window = this.#window;
    if (window === undefined) {
      const seconds = Math.max(0, now - since) / 1000;
      return this.#learnt === undefined ? 0 : 1 / (this.#learnt * (1 + this.#growth) ** seconds);
    }
    window.free -= 1;
    const isSpread = window.ends > now && window.free <= window.limit / 2;
    return isSpread ? (window.ends - now) / Math.max(1, window.free) : 0;
  }

  /** Concurrent refusals count once. */
  #learn(wait: number): void {
    const now = this.#clock.monotonic();
    const since = this.#since ?? now;
    if (since > now || this.#passed < minSample) return;
    if (this.#learnt !== undefined) this.#growth /= 2;
    this.#learnt = this.#passed / (now - since + wait);
    this.#passed = 0;
    this.#since = now + wait;
  }
}

/** How many requests are allowed, how many are left, and the seconds until all are again; undefined for nonsense. */
export function rateIn({ headers }: Response): (number | undefined)[] {
  return ['limit', 'remaining', 'reset'].map((name) => {
    const text = headers.get(`x-ratelimit-${name}`)?.trim() ?? '';
    return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
  });
}
