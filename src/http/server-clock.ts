import type { Clock } from '../host.ts';
import { durationInWords } from '../text/durations.ts';
import { httpTime } from './retry-policy.ts';
import type { Layer } from './send.ts';

/** Milliseconds by which two clocks may differ and still count as the same. */
const tolerance = 60_000;

interface ServerClockOptions {
  readonly clock: Clock;
  /** Prints a message. */
  say(text: string): void;
}

/** The server's time of day, learnt from the `Date` of its answers; this machine's while the two hardly differ. */
export class ServerClock {
  readonly #options: ServerClockOptions;
  #offset = 0;
  #isAnnounced = false;

  constructor(options: ServerClockOptions) {
    this.#options = options;
  }

  /** Milliseconds since 1970, for comparing with the times that the API sends. */
  readonly now = (): number => this.#options.clock.now() + this.#offset;

  /** Learns from each successful answer. */
  readonly layer: Layer = (next) => async (request) => {
    const sent = this.#options.clock.now();
    const response = await next(request);
    const date = httpTime(response.headers.get('date'));
    // A cache passes on the date of the first answer.
    const isCurrent = date !== undefined && !response.headers.has('age');
    if (isCurrent && response.status >= 200 && response.status < 300) this.#learn(date, sent);
    return response;
  };

  /** The answer was made at some time between sending the request and receiving it. */
  #learn(date: number, sent: number): void {
    const received = this.#options.clock.now();
    const isClose = date >= sent - tolerance && date <= received + tolerance;
    this.#offset = isClose ? 0 : Math.round(date + 500 - (sent + received) / 2);
    if (isClose || this.#isAnnounced) return;
    this.#isAnnounced = true;
    const direction = this.#offset < 0 ? 'ahead of' : 'behind';
    this.#options.say(
      `warning: the clock of this machine is ${durationInWords(Math.abs(this.#offset) + 30_000)} ${direction} the server's; the server's clock decides what has expired`,
    );
  }
}
