import type { Clock } from '../host.ts';

/** Milliseconds without an answer before anything is said. */
const silenceLimit = 2000;
/** Milliseconds between two looks at who is still waiting. */
const interval = 1000;

export interface AnswerWaitOptions {
  readonly clock: Clock;
  /** The server, as a person knows it: `api.confluent.cloud`. */
  readonly server: string;
  /** Calls again and again until the returned function is called. */
  every(milliseconds: number, act: () => void): () => void;
  /** Draws a line over the one before; undefined takes it away. Left out where nothing can be drawn. */
  readonly draw?: ((line: string | undefined) => void) | undefined;
  /** One line for each attempt, where nothing can be drawn. */
  say(line: string): void;
}

/** One request and its wait for an answer. */
export interface PendingAnswer {
  /** An attempt begins, one of at most so many. */
  attempt(number: number, most: number): void;
  /** The server has said something, even if only that it is busy. */
  answered(): void;
  end(): void;
}

interface Silence {
  attempt: number;
  most: number;
  /** Since when nothing was heard; undefined while nothing is waited for. */
  since: number | undefined;
  /** When the attempt began. */
  began: number;
  isTold: boolean;
}

/**
 * The requests that the server has not answered yet. Of those that wait side by side the longest wait is told, once for
 * all of them, and as long as it answers some of them it is not silent.
 */
export class AnswerWait {
  readonly #options: AnswerWaitOptions;
  readonly #silences = new Set<Silence>();
  #stop: (() => void) | undefined;
  #isDrawn = false;
  /** When the server last answered anybody. */
  #heard = 0;

  constructor(options: AnswerWaitOptions) {
    this.#options = options;
  }

  begin(): PendingAnswer {
    const { clock } = this.#options;
    const silence: Silence = { attempt: 0, most: 0, since: undefined, began: 0, isTold: false };
    this.#silences.add(silence);
    this.#stop ??= this.#options.every(interval, () => this.#look());
    return {
      attempt: (attempt, most) => {
        const began = clock.monotonic();
        Object.assign(silence, { attempt, most, began, since: silence.since ?? began, isTold: false });
      },
      answered: () => {
        silence.since = undefined;
        this.#heard = clock.monotonic();
        this.#withdraw();
      },
      end: () => {
        this.#silences.delete(silence);
        this.#withdraw();
        if (this.#silences.size === 0) this.close();
      },
    };
  }

  /** Leaves no line behind, whoever may still be waiting. */
  close(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#silences.clear();
    this.#withdraw();
  }

  #look(): void {
    if (this.#options.draw === undefined) this.#tell();
    else this.#draw(this.#options.draw);
  }

  #draw(draw: (line: string) => void): void {
    const longest = this.#longest();
    if (longest === undefined) return;
    draw(this.#words(longest));
    this.#isDrawn = true;
  }

  /** A line stays only as long as somebody waits. */
  #withdraw(): void {
    if (!this.#isDrawn || this.#longest() !== undefined) return;
    this.#isDrawn = false;
    this.#options.draw?.(undefined);
  }

  #tell(): void {
    const silences = [...this.#silences].filter(({ since }) => since !== undefined);
    const late = silences.find(({ began }) => this.#isLong(began));
    if (late === undefined || silences.some(({ isTold }) => isTold)) return;
    late.isTold = true;
    this.#options.say(this.#words(late));
  }

  #longest(): Silence | undefined {
    const [first] = [...this.#silences]
      .filter(({ since }) => since !== undefined && this.#isLong(since))
      .sort((a, b) => (a.since ?? 0) - (b.since ?? 0));
    return first;
  }

  #isLong(since: number): boolean {
    return this.#passedSince(since) >= silenceLimit;
  }

  /** Milliseconds of silence since a moment. A timer may fire a moment before the clock says so. */
  #passedSince(time: number): number {
    return this.#options.clock.monotonic() - Math.max(time, this.#heard) + 20;
  }

  #words({ since = 0, attempt, most }: Silence): string {
    const seconds = Math.floor(this.#passedSince(since) / 1000);
    return `${this.#options.server} has not answered for ${seconds} s, attempt ${attempt} of ${Math.max(attempt, most)}`;
  }
}
