import type { Clock } from '../clock.ts';

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
export class ToldPace {
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
