import { SingleBar } from 'cli-progress';
import type { Clock } from '../host.ts';
import { durationInWords } from '../text/durations.ts';

/** A terminal that can be drawn on. */
export interface Screen {
  /** Undefined where it does not say. */
  readonly columns: number | undefined;
  write(text: string): void;
}

export interface ProgressOptions {
  /** What is being done: `inviting`. */
  readonly verb: string;
  readonly total: number;
  readonly clock: Clock;
  /** Unsaid: there is no terminal, and a line now and then has to do. */
  readonly screen?: Screen | undefined;
  say(line: string): void;
}

/** How far many changes have come. */
export interface Progress {
  /** One more is done, or has failed. */
  advance(isFailure: boolean): void;
  /** Makes room for lines of somebody else, until it is shown again. */
  hide(): void;
  show(): void;
  /** Leaves nothing behind on the terminal. */
  end(): void;
}

/** A bar on a terminal, elsewhere a line for every tenth. The home of cli-progress. */
export function openProgress(options: ProgressOptions): Progress {
  return options.screen === undefined ? lines(options) : bar(options, options.screen);
}

function lines({ verb, total, say }: ProgressOptions): Progress {
  const count = { done: 0, failed: 0 };
  let tenth = 0;
  return {
    advance: (isFailure) => {
      count.done += 1;
      if (isFailure) count.failed += 1;
      const reached = Math.floor((count.done * 10) / total);
      if (reached > tenth) say(`${verb}: ${reached * 10} % (${count.done} of ${total}${failures(count.failed)})`);
      tenth = Math.max(tenth, reached);
    },
    hide: () => {},
    show: () => {},
    end: () => {},
  };
}

function failures(count: number): string {
  return count === 0 ? '' : `, ${count} failed`;
}

/** Milliseconds between two drawings. */
const interval = 100;

function bar({ verb, total, clock }: ProgressOptions, screen: Screen): Progress {
  const canvas = canvasOn(screen);
  const pace = new Pace(clock);
  const count = { done: 0, failed: 0 };
  const payload = () => ({ verb, failed: failures(count.failed), pace: pace.words(count.done, total) });
  const drawn = new SingleBar({
    stream: canvas as unknown as NodeJS.WriteStream,
    format: ` {verb} {bar} {value}/{total}{failed}{pace}`,
    barCompleteChar: '\u2588',
    barIncompleteChar: '\u2591',
    barsize: Math.max(5, Math.min(30, (screen.columns ?? 80) - 55)),
    fps: 1000 / interval,
    linewrap: true,
    clearOnComplete: true,
    noTTYOutput: false,
  });
  drawn.start(total, 0, payload());
  return {
    advance: (isFailure) => {
      count.done += 1;
      if (isFailure) count.failed += 1;
      pace.note(count.done);
      drawn.update(count.done, payload());
    },
    hide: () => canvas.cover(),
    show: () => {
      if (canvas.uncover()) drawn.render();
    },
    end: () => drawn.stop(),
  };
}

/** Saving and restoring the cursor goes wrong once other lines have scrolled by, and wrapping is never turned off. */
const unwanted = /^\x1b(?:[78]|\[\?(?:25|7)[hl])$/;
const clearLine = '\r\x1b[K';

/** What the bar draws on: the terminal, but for the moments when it belongs to somebody else. */
function canvasOn(screen: Screen) {
  let covers = 0;
  let last = '';
  return {
    isTTY: true,
    columns: screen.columns,
    write: (text: string, done?: () => void) => {
      if (!text.startsWith('\x1b')) last = text;
      if (covers === 0 && !unwanted.test(text)) screen.write(text);
      done?.();
      return true;
    },
    cover: () => {
      if (covers === 0) screen.write(clearLine);
      covers += 1;
    },
    /** True if nothing covers it any more. */
    uncover: () => {
      covers -= 1;
      // The bar itself is only drawn again when something in it has changed.
      if (covers === 0) screen.write(last);
      return covers === 0;
    },
  };
}

/** Milliseconds over which the pace is taken, in so many steps: what was long ago says nothing about what is left. */
const window = 10_000;
const step = 250;

class Pace {
  readonly #clock: Clock;
  #samples: { readonly at: number; readonly done: number }[];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#samples = [{ at: clock.monotonic(), done: 0 }];
  }

  note(done: number): void {
    const at = this.#clock.monotonic();
    if (at - (this.#samples.at(-1)?.at ?? 0) < step) return;
    this.#samples.push({ at, done });
    while (this.#samples.length > 2 && at - (this.#samples[0]?.at ?? at) > window) this.#samples.shift();
  }

  /** `, 48/s, 12 seconds left`; nothing as long as there is nothing to go by. */
  words(done: number, total: number): string {
    const [first] = this.#samples;
    const elapsed = this.#clock.monotonic() - (first?.at ?? 0);
    const perSecond = ((done - (first?.done ?? 0)) / elapsed) * 1000;
    if (elapsed < 1000 || !(perSecond > 0)) return '';
    const rate = perSecond >= 10 ? Math.round(perSecond) : Math.round(perSecond * 10) / 10;
    if (done >= total) return `, ${rate}/s`;
    return `, ${rate}/s, ${durationInWords(Math.max(1000, ((total - done) / perSecond) * 1000))} left`;
  }
}
