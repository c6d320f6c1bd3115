import type { Clock } from '../host.ts';
import type { Response } from './send.ts';

/** What an answer tells about the window that it was counted in. */
interface Window {
  readonly limit: number;
  /** When it ends, on the monotonic clock. */
  readonly ends: number;
  /** Requests that it still has room for, those that are under way counted as spent. */
  free: number;
}

/**
 * The pace that the `X-RateLimit` headers leave. The first half of a window is for whoever comes; the other half is
 * spread over the time that is left of it, so that nobody is refused at its end.
 */
export class HeaderRate {
  readonly #clock: Clock;
  #window: Window | undefined;
  #underWay = 0;
  #next = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds until the next request should leave. */
  get wait(): number {
    return this.#current === undefined ? 0 : this.#next - this.#clock.monotonic();
  }

  sent(): void {
    this.#underWay += 1;
    const window = this.#current;
    if (window === undefined) return;
    window.free -= 1;
    const now = this.#clock.monotonic();
    const isSpread = window.free <= window.limit / 2;
    this.#next = isSpread ? now + (window.ends - now) / Math.max(1, window.free) : now;
  }

  /** Whether the headers tell anything. */
  answered(headers: ReadonlyMap<string, string>): boolean {
    this.#underWay -= 1;
    const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map((name) =>
      count(headers.get(`x-ratelimit-${name}`)),
    );
    if (limit === undefined || remaining === undefined || reset === undefined) return false;
    const ends = this.#clock.monotonic() + reset * 1000;
    this.#window = { limit, ends, free: remaining - this.#underWay };
    return true;
  }

  get #current(): Window | undefined {
    return this.#window !== undefined && this.#window.ends > this.#clock.monotonic() ? this.#window : undefined;
  }
}

/** Seconds or a number of requests; undefined for nonsense. */
function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d{1,9}\s*$/.test(text) ? Number(text) : undefined;
}

/** Fewer that were let through say nothing about how many may be. */
const least = 10;

/** A second after a refusal, the pace is by this share faster than what was let through before; half as much after each further one. */
const firstGrowth = 0.07;

/**
 * The pace that refusals teach where no header tells it: no faster than what was let through from one refusal to the
 * next, and then slowly faster again, until the next refusal says that this was too much.
 */
export class AdaptiveRate {
  readonly #clock: Clock;
  /** Requests a millisecond; undefined until one is refused. */
  #rate: number | undefined;
  #growth = firstGrowth;
  #since: number | undefined;
  #passed = 0;
  #next = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds until the next request should leave. */
  get wait(): number {
    return this.#next - this.#clock.monotonic();
  }

  sent(): void {
    const now = this.#clock.monotonic();
    this.#since ??= now;
    if (this.#rate === undefined) return;
    const rate = this.#rate * (1 + this.#growth) ** (Math.max(0, now - this.#since) / 1000);
    this.#next = Math.max(this.#next, now) + 1 / rate;
  }

  passed(): void {
    this.#passed += 1;
  }

  /** @param wait Milliseconds that nobody may ask for now. Those who were refused together teach once. */
  refused(wait: number): void {
    const now = this.#clock.monotonic();
    const since = this.#since ?? now;
    if (since > now || this.#passed < least) return;
    if (this.#rate !== undefined) this.#growth /= 2;
    this.#rate = this.#passed / (now - since + wait);
    this.#passed = 0;
    this.#since = now + wait;
  }
}

/** Milliseconds. After that a request is tried: if it is refused, the answer says how long to wait, and the person hears it. */
const longestWait = 5000;

/** How fast requests follow each other: as the server tells, else as its refusals teach. */
export class RequestRate {
  readonly #told: HeaderRate;
  readonly #learnt: AdaptiveRate;
  #isTold = false;

  constructor(clock: Clock) {
    this.#told = new HeaderRate(clock);
    this.#learnt = new AdaptiveRate(clock);
  }

  /** Milliseconds until the next request should leave; 0 or less if it may now. */
  get wait(): number {
    return Math.min(longestWait, this.#isTold ? this.#told.wait : this.#learnt.wait);
  }

  sent(): void {
    this.#told.sent();
    this.#learnt.sent();
  }

  /** @param response Undefined if none came. */
  answered(response: Response | undefined): void {
    this.#isTold = this.#told.answered(response?.headers ?? new Map()) || (this.#isTold && response === undefined);
    if (response !== undefined && response.status !== 429) this.#learnt.passed();
  }

  /** @param wait Milliseconds that the server wants no request. */
  refused(wait: number): void {
    this.#learnt.refused(wait);
  }
}

/**
 * One door for all requests to a server: they go through it at a pace that the server bears, and when it has refused one
 * for now, none of the others asks meanwhile.
 */
export class RateLimiter {
  readonly rate: RequestRate;
  readonly #clock: Clock;
  #closed = false;
  #reopens = 0;
  #probe: Promise<void> | undefined;

  constructor(clock: Clock) {
    this.rate = new RequestRate(clock);
    this.#clock = clock;
  }

  /** Milliseconds until it can be passed at the earliest. */
  get wait(): number {
    return this.#closed ? Math.max(0, this.#reopens - this.#clock.monotonic()) : 0;
  }

  /** Nobody passes for so many milliseconds. True if it was not waiting already. */
  pause(milliseconds: number): boolean {
    const isNews = this.wait === 0;
    this.#closed = true;
    this.#reopens = Math.max(this.#reopens, this.#clock.monotonic() + milliseconds);
    return isNews;
  }

  /** Does the work once the door is open. The first through it goes alone; unless that closes it again, all follow. */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let wait = this.#turn; wait > 0 || this.#probe !== undefined; wait = this.#turn) {
      if (wait > 0) await this.#clock.sleep(wait, signal);
      await this.#probe;
      signal.throwIfAborted();
    }
    this.rate.sent();
    return this.#closed ? this.#goAlone(work) : work();
  }

  get #turn(): number {
    return Math.max(this.wait, this.rate.wait);
  }

  async #goAlone<T>(work: () => Promise<T>): Promise<T> {
    let done = () => {};
    this.#probe = new Promise((resolve) => {
      done = resolve;
    });
    try {
      const result = await work();
      this.#closed = this.wait > 0;
      return result;
    } finally {
      this.#probe = undefined;
      done();
    }
  }
}
