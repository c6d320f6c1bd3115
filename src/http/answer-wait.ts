import type { Clock } from '../host.ts';

/** Milliseconds without an answer before a message is shown. */
const silenceLimit = 2000;
/** Milliseconds between two updates of the message. */
const interval = 1000;

interface AnswerWaitOptions {
  readonly clock: Clock;
  /** The server's name in messages: `api.confluent.cloud`. */
  readonly server: string;
  /** Calls `act` at an interval until the returned function is called. */
  every(milliseconds: number, act: () => void): () => void;
  /** Draws a line in place of the previous one; undefined erases it. Left out where nothing can be redrawn. */
  readonly draw?: ((line: string | undefined) => void) | undefined;
  /** Prints one line for each attempt, where nothing can be redrawn. */
  say(line: string): void;
}

/** A request that waits for its answer. */
export type PendingAnswer = ReturnType<AnswerWait['begin']>;

interface Pending {
  attempt: number;
  limit: number;
  /** When the wait for a response began; undefined while there is none. */
  since: number | undefined;
  /** When the attempt began. */
  began: number;
  isReported: boolean;
}

/**
 * The requests that the server has not answered yet. Of concurrent requests the longest wait is shown, once for all of
 * them, and a server that answers some of them does not count as silent.
 */
export class AnswerWait {
  readonly #options: AnswerWaitOptions;
  readonly #pending = new Set<Pending>();
  #stop: (() => void) | undefined;
  #isDrawn = false;
  /** When the server last answered any request. */
  #lastAnswer = 0;

  constructor(options: AnswerWaitOptions) {
    this.#options = options;
  }

  begin() {
    const { clock } = this.#options;
    const pending: Pending = { attempt: 0, limit: 0, since: undefined, began: 0, isReported: false };
    this.#pending.add(pending);
    this.#stop ??= this.#options.every(interval, () => this.#update());
    return {
      /** An attempt begins. */
      attempt: (attempt: number, limit: number) => {
        const began = clock.monotonic();
        Object.assign(pending, { attempt, limit, began, since: pending.since ?? began, isReported: false });
      },
      /** A response has arrived, even if only one that the server is busy. */
      answered: () => {
        pending.since = undefined;
        this.#lastAnswer = clock.monotonic();
        this.#eraseIfIdle();
      },
      end: () => {
        this.#pending.delete(pending);
        this.#eraseIfIdle();
        if (this.#pending.size === 0) this.close();
      },
    };
  }

  /** Erases the line, even if requests are still waiting. */
  close(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#pending.clear();
    this.#eraseIfIdle();
  }

  #update(): void {
    const { draw, say } = this.#options;
    const longest = this.#longest();
    if (draw !== undefined && longest !== undefined) {
      draw(this.#message(longest));
      this.#isDrawn = true;
    }
    if (draw !== undefined) return;
    const waiting = [...this.#pending].filter(({ since }) => since !== undefined);
    const late = waiting.find(({ began }) => this.#isLong(began));
    if (late === undefined || waiting.some(({ isReported }) => isReported)) return;
    late.isReported = true;
    say(this.#message(late));
  }

  /** The line stays only as long as a request waits. */
  #eraseIfIdle(): void {
    if (!this.#isDrawn || this.#longest() !== undefined) return;
    this.#isDrawn = false;
    this.#options.draw?.(undefined);
  }

  #longest(): Pending | undefined {
    const [first] = [...this.#pending]
      .filter(({ since }) => since !== undefined && this.#isLong(since))
      .sort((a, b) => (a.since ?? 0) - (b.since ?? 0));
    return first;
  }

  #isLong(since: number): boolean {
    return this.#silenceSince(since) >= silenceLimit;
  }

  /** Milliseconds without an answer since a time. A timer may fire slightly early by the clock. */
  #silenceSince(time: number): number {
    return this.#options.clock.monotonic() - Math.max(time, this.#lastAnswer) + 20;
  }

  #message({ since = 0, attempt, limit }: Pending): string {
    const seconds = Math.floor(this.#silenceSince(since) / 1000);
    return `${this.#options.server} has not answered for ${seconds} s, attempt ${attempt} of ${Math.max(attempt, limit)}`;
  }
}
