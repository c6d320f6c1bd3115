import type { Clock } from '../host.ts';

/** Milliseconds without an answer before a message is shown. */
const silenceLimit = 2000;
/** Milliseconds between two updates of the message. */
const interval = 1000;

interface AnswerWaitOptions {
  readonly clock: Clock;
  readonly server: string;
  /** Draws a line in place of the previous one; undefined erases it. Left out where nothing can be redrawn. */
  readonly draw?: ((line: string | undefined) => void) | undefined;
  /** Prints one line for each attempt, where nothing can be redrawn. */
  say(line: string): void;
}

export type PendingAnswer = ReturnType<AnswerWait['begin']>;

/**
 * The requests that the server has not answered yet. Of concurrent requests the longest wait is shown, once for all of
 * them, and a server that answers some of them does not count as silent.
 */
export class AnswerWait {
  readonly #options: AnswerWaitOptions;
  /** The longest wait first. */
  readonly #waiting = new Set<{ attempt: number; limit: number; since: number }>();
  #stop: (() => void) | undefined;
  #isDrawn = false;
  #printed = 0;
  /** When the server last answered any request, or was first able to. */
  #lastAnswer = 0;
  /** How many requests wait for their credentials, and have not been sent. */
  #unsigned = 0;

  constructor(options: AnswerWaitOptions) {
    this.#options = options;
  }

  begin() {
    const { clock } = this.#options;
    const pending = { attempt: 0, limit: 0, since: 0 };
    const end = () => {
      this.#waiting.delete(pending);
      this.#eraseIfIdle();
    };
    return {
      /** @param limit The most attempts that there will be. */
      attempt: (attempt: number, limit: number) => {
        const since = this.#waiting.has(pending) ? pending.since : clock.monotonic();
        Object.assign(pending, { attempt, limit: Math.max(attempt, limit), since });
        this.#waiting.add(pending);
        this.#stop ??= clock.every(interval, () => this.#update());
      },
      /** A response has arrived, even if only one that the server is busy. */
      answered: () => {
        this.#lastAnswer = clock.monotonic();
        end();
      },
      end,
    };
  }

  /** Waits for credentials: until they are there, it is not the server that is silent. */
  async forCredentials<T>(credentials: Promise<T>): Promise<T> {
    const { clock } = this.#options;
    const start = clock.monotonic();
    this.#unsigned += 1;
    try {
      return await credentials;
    } finally {
      this.#unsigned -= 1;
      if (clock.monotonic() - start >= silenceLimit) {
        this.#lastAnswer = clock.monotonic();
        this.#printed = 0;
      }
    }
  }

  /** Erases the line, even if requests are still waiting. */
  close(): void {
    this.#waiting.clear();
    this.#eraseIfIdle();
  }

  #update(): void {
    const { server, draw, say } = this.#options;
    const [{ attempt, limit } = { attempt: 0, limit: 0 }] = this.#waiting;
    if (this.#silence < silenceLimit) return;
    const seconds = Math.floor(this.#silence / 1000);
    const line =
      this.#unsigned > 0
        ? `still no credentials after ${seconds} s`
        : `${server} has not answered for ${seconds} s, attempt ${attempt} of ${limit}`;
    if (draw === undefined && this.#printed !== attempt) say(line);
    draw?.(line);
    this.#printed = attempt;
    this.#isDrawn = true;
  }

  /** The line and the timer stay only as long as a request waits. */
  #eraseIfIdle(): void {
    if (this.#waiting.size === 0) {
      this.#stop?.();
      this.#stop = undefined;
      this.#printed = 0;
    }
    if (!this.#isDrawn || this.#silence >= silenceLimit) return;
    this.#isDrawn = false;
    this.#options.draw?.(undefined);
  }

  /** Milliseconds without any answer. A timer may fire slightly early by the clock. */
  get #silence(): number {
    const [longest] = this.#waiting;
    return longest === undefined ? 0 : this.#options.clock.monotonic() - Math.max(longest.since, this.#lastAnswer) + 20;
  }
}
