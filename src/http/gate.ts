import type { Clock } from '../clock.ts';
import { Pace } from './pace.ts';

/**
 * One door for all requests to a server: they go through it at a pace that the server bears, and when it has refused one
 * for now, none of the others asks meanwhile.
 */
export class Gate {
  readonly pace: Pace;
  readonly #clock: Clock;
  #closed = false;
  #reopens = 0;
  #probe: Promise<void> | undefined;

  constructor(clock: Clock) {
    this.pace = new Pace(clock);
    this.#clock = clock;
  }

  /** Milliseconds until it can be passed at the earliest. */
  get wait(): number {
    return this.#closed ? Math.max(0, this.#reopens - this.#clock.monotonic()) : 0;
  }

  /** Nobody passes for so many milliseconds. True if it was not waiting already. */
  close(milliseconds: number): boolean {
    const isNews = this.wait === 0;
    this.#closed = true;
    this.#reopens = Math.max(this.#reopens, this.#clock.monotonic() + milliseconds);
    return isNews;
  }

  /** Does the work once the door is open. The first through it goes alone; unless that closes it again, all follow. */
  async pass<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let wait = this.#turn; wait > 0 || this.#probe !== undefined; wait = this.#turn) {
      if (wait > 0) await this.#clock.sleep(wait, signal);
      await this.#probe;
      signal.throwIfAborted();
    }
    this.pace.sent();
    return this.#closed ? this.#goAlone(work) : work();
  }

  get #turn(): number {
    return Math.max(this.wait, this.pace.wait);
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
