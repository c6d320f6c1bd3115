import type { Clock } from '../clock.ts';

/** Fewer that were let through say nothing about how many may be. */
const least = 10;

/** A second after a refusal, the pace is by this share faster than what was let through before; half as much after each further one. */
const firstGrowth = 0.07;

/**
 * The pace that refusals teach where no header tells it: no faster than what was let through from one refusal to the
 * next, and then slowly faster again, until the next refusal says that this was too much.
 */
export class LearntPace {
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
