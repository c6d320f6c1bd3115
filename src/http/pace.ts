import type { Clock } from '../clock.ts';
import { LearntPace } from './learnt-pace.ts';
import type { Response } from './send.ts';
import { ToldPace } from './told-pace.ts';

/** Milliseconds. After that a request is tried: if it is refused, the answer says how long to wait, and the person hears it. */
const longestWait = 5000;

/** How fast requests follow each other: as the server tells, else as its refusals teach. */
export class Pace {
  readonly #told: ToldPace;
  readonly #learnt: LearntPace;
  #isTold = false;

  constructor(clock: Clock) {
    this.#told = new ToldPace(clock);
    this.#learnt = new LearntPace(clock);
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
