import type { Host } from '../host.ts';

/** Milliseconds without an answer before a message is shown. */
const silenceLimit = 2000;
/** Milliseconds between two updates of the message. */
const interval = 1000;

interface AnswerWaitOptions extends Pick<Host, 'clock' | 'every'> {
  /** The server's name in messages. */
  readonly server: string;
  /** Draws a line in place of the previous one; undefined erases it. Left out where nothing can be redrawn. */
  readonly draw?: ((line: string | undefined) => void) | undefined;
  /** Prints one line for each attempt, where nothing can be redrawn. */
  say(line: string): void;
}

/** A request that waits for its answer. */
export type PendingAnswer = ReturnType<AnswerWait['begin']>;

interface Pending {
  readonly attempt: number;
  /** The most attempts that there will be. */
  readonly limit: number;
  /** When the wait for a response began. */
  readonly since: number;
  readonly began: number;
  isReported: boolean;
}

/**
 * The requests that the server has not answered yet. Of concurrent requests the longest wait is shown, once for all of
 * them, and a server that answers some of them does not count as silent.
 */
export class AnswerWait {
  readonly #options: AnswerWaitOptions;
  readonly #waiting = new Set<Pending>();
  #stop: (() => void) | undefined;
  #isDrawn = false;
  /** When the server last answered any request. */
  #lastAnswer = 0;

  constructor(options: AnswerWaitOptions) {
    this.#options = options;
  }

  begin() {
    const { clock, every } = this.#options;
    let pending: Pending | undefined;
    const leave = () => {
      if (pending !== undefined) this.#waiting.delete(pending);
      pending = undefined;
    };
    const end = () => {
      leave();
      this.#eraseIfIdle();
    };
    return {
      attempt: (attempt: number, limit: number) => {
        const began = clock.monotonic();
        const since = pending?.since ?? began;
        leave();
        pending = { attempt, limit, since, began, isReported: false };
        this.#waiting.add(pending);
        this.#stop ??= every(interval, () => this.#update());
      },
      /** A response has arrived, even if only one that the server is busy. */
      answered: () => {
        this.#lastAnswer = clock.monotonic();
        end();
      },
      end,
    };
  }

  /** Erases the line, even if requests are still waiting. */
  close(): void {
    this.#waiting.clear();
    this.#eraseIfIdle();
  }

  #update(): void {
    const { draw, say } = this.#options;
    const waiting = [...this.#waiting];
    if (draw === undefined) {
      const late = waiting.find(({ began }) => this.#isLong(began));
      if (late === undefined || waiting.some(({ isReported }) => isReported)) return;
      late.isReported = true;
      say(this.#message(late));
      return;
    }
    const longest = waiting.reduce((first, one) => (one.since < first.since ? one : first));
    if (!this.#isLong(longest.since)) return;
    draw(this.#message(longest));
    this.#isDrawn = true;
  }

  /** The line and the timer stay only as long as a request waits. */
  #eraseIfIdle(): void {
    if (this.#waiting.size === 0) {
      this.#stop?.();
      this.#stop = undefined;
    }
    if (!this.#isDrawn || [...this.#waiting].some(({ since }) => this.#isLong(since))) return;
    this.#isDrawn = false;
    this.#options.draw?.(undefined);
  }

  #isLong(since: number): boolean {
    return this.#silenceSince(since) >= silenceLimit;
  }

  /** Milliseconds without an answer since a time. A timer may fire slightly early by the clock. */
  #silenceSince(time: number): number {
    return this.#options.clock.monotonic() - Math.max(time, this.#lastAnswer) + 20;
  }

  #message({ since, attempt, limit }: Pending): string {
    const seconds = Math.floor(this.#silenceSince(since) / 1000);
    return `${this.#options.server} has not answered for ${seconds} s, attempt ${attempt} of ${Math.max(attempt, limit)}`;
  }
}
