import { SingleBar } from 'cli-progress';
import type { Clock } from '../host.ts';
import { durationInWords } from '../text/durations.ts';

/** A terminal that can be drawn on. */
interface Screen {
  /** At this moment; undefined where it does not say. */
  readonly columns: number | undefined;
  write(text: string): void;
}

interface ProgressOptions {
  /** What is being done: `inviting`. */
  readonly verb: string;
  readonly total: number;
  readonly clock: Clock;
  /** Left out where there is no terminal: then a line is printed now and then. */
  readonly screen?: Screen | undefined;
  say(line: string): void;
}

/** Shows how many of many changes are done. */
export interface Progress {
  /** One more is done, or has failed. */
  advance(isFailure: boolean): void;
  /** Makes room for other output, until it is shown again. */
  hide(): void;
  show(): void;
  /** Leaves nothing behind on the terminal. */
  end(): void;
}

/** A bar on a terminal, elsewhere a line a minute. The home of cli-progress. */
export function openProgress(options: ProgressOptions): Progress {
  return options.screen === undefined ? lines(options) : bar(options, options.screen);
}

/** Milliseconds between two lines in a log, which nothing can be drawn over in. */
const lineInterval = 60_000;

function lines({ verb, total, clock, say }: ProgressOptions): Progress {
  const count = { done: 0, failed: 0 };
  let last = clock.monotonic();
  return {
    advance: (isFailure) => {
      count.done += 1;
      if (isFailure) count.failed += 1;
      if (clock.monotonic() - last < lineInterval) return;
      last = clock.monotonic();
      const percent = Math.floor((count.done * 100) / total);
      say(`${verb}: ${percent} % (${count.done} of ${total}${failures(count.failed)})`);
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
  const speed = new Speed(clock);
  const count = { done: 0, failed: 0 };
  const drawn = new SingleBar({
    stream: canvas as unknown as NodeJS.WriteStream,
    // Called for each drawing, so that the line fits into the window of that moment.
    format: () => lineFor({ verb, total, ...count, speed: speed.words(count.done, total) }, screen.columns || 80),
    fps: 1000 / interval,
    linewrap: true,
    clearOnComplete: true,
    // Also when no number has changed: the window may have.
    forceRedraw: true,
    noTTYOutput: false,
  });
  drawn.start(total, 0);
  return {
    advance: (isFailure) => {
      count.done += 1;
      if (isFailure) count.failed += 1;
      speed.note(count.done);
      drawn.update(count.done);
    },
    hide: () => canvas.cover(),
    show: () => {
      if (canvas.uncover()) drawn.render();
    },
    end: () => {
      canvas.clear();
      drawn.stop();
    },
  };
}

interface Amounts {
  readonly verb: string;
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  /** Speed and time left, or nothing. */
  readonly speed: string;
}

const maxBarWidth = 30;
const minBarWidth = 5;

/** ` inviting ███░░░ 48/100, 1 failed, 12/s, 4 seconds left`, without what there is no room for. */
function lineFor({ verb, total, done, failed, speed }: Amounts, columns: number): string {
  const start = ` ${verb} `;
  const counts = `${done}/${total}${failures(failed)}`;
  // One column stays free: in some terminals a full line wraps.
  const room = columns - 1 - start.length - counts.length;
  const words = speed.length + minBarWidth + 1 <= room ? speed : '';
  const size = Math.min(maxBarWidth, room - words.length - 1);
  if (size < minBarWidth) return `${start}${counts}`.slice(0, Math.max(0, columns - 1));
  const full = Math.round((Math.min(done, total) / total) * size);
  return `${start}${'\u2588'.repeat(full)}${'\u2591'.repeat(size - full)} ${counts}${words}`;
}

/** Saving and restoring the cursor goes wrong once other lines have scrolled by, and wrapping is never turned off. */
const unwanted = /^\x1b(?:[78]|\[\?(?:25|7)[hl])$/;
const clearLine = '\r\x1b[K';

/** What the bar draws on: the terminal, but for the time that it is covered by other output. */
function canvasOn(screen: Screen) {
  let covers = 0;
  let last = '';
  let isDrawn = false;
  // A window that has become narrower wraps the line that is there: all its rows are cleared, not just the last.
  const clear = () => {
    const columns = screen.columns || 80;
    const rowsAbove = isDrawn ? Math.ceil(last.length / columns) - 1 : 0;
    if (rowsAbove > 0) screen.write(`\x1b[${rowsAbove}A\r\x1b[J`);
    isDrawn = false;
  };
  const draw = (text: string) => {
    clear();
    screen.write(text);
    isDrawn = true;
  };
  return {
    isTTY: true,
    get columns() {
      return screen.columns;
    },
    write: (text: string, done?: () => void) => {
      const isLine = !text.startsWith('\x1b');
      if (covers === 0 && isLine) draw(text);
      else if (covers === 0 && !unwanted.test(text)) screen.write(text);
      if (isLine) last = text;
      done?.();
      return true;
    },
    clear,
    cover: () => {
      if (covers === 0) {
        clear();
        screen.write(clearLine);
      }
      covers += 1;
    },
    /** True if nothing covers it any more. */
    uncover: () => {
      covers -= 1;
      return covers === 0;
    },
  };
}

/** Milliseconds over which the speed is measured, and between two samples of it. */
const window = 10_000;
const step = 250;

class Speed {
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
