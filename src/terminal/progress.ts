import type { Clock } from '../host.ts';
import { durationInWords } from '../text/times.ts';

interface ProgressScreen {
  readonly clock: Clock;
  /** Draws a line in place of the previous one; undefined erases it. Left out where nothing can be redrawn. */
  readonly draw?: ((line: string | undefined) => void) | undefined;
  say(line: string): void;
}

interface ProgressLine {
  /** Milliseconds between two drawings. */
  readonly interval: number;
  drawn(): string;
  /** What is said where nothing can be redrawn. */
  said(): string;
}

/** A line that is redrawn in place, or said once a minute. */
export interface Progress {
  note(): void;
  end(): void;
}

/** Milliseconds between two lines in a log. */
const logInterval = 60_000;

export function openProgress({ clock, draw, say }: ProgressScreen, line: ProgressLine): Progress {
  if (draw === undefined) {
    let last = clock.monotonic();
    const note = () => {
      if (clock.monotonic() - last < logInterval) return;
      last = clock.monotonic();
      say(line.said());
    };
    return { note, end: () => {} };
  }
  const redraw = () => draw(line.drawn());
  redraw();
  const stop = clock.every(line.interval, redraw);
  return {
    note: () => {},
    end: () => {
      stop();
      draw(undefined);
    },
  };
}

interface BarOptions {
  /** What is being done: `inviting`. */
  readonly verb: string;
  readonly total: number;
  readonly screen: ProgressScreen;
  /** The width of the terminal at this moment; undefined or 0 where it does not say. */
  columns(): number | undefined;
}

export interface ProgressBar {
  /** One more is done, or has failed. */
  advance(isFailure: boolean): void;
  end(): void;
}

const maxBarWidth = 30;
const minBarWidth = 5;

export function openBar({ verb, total, screen, columns }: BarOptions): ProgressBar {
  const { clock } = screen;
  const begun = clock.monotonic();
  let done = 0;
  let failed = 0;
  const failures = () => (failed === 0 ? '' : `, ${failed} failed`);
  /** ` inviting ███░░░ 48/100, 1 failed, 12/s, 4 seconds left`, without what there is no room for. */
  const drawn = () => {
    const start = ` ${verb} `;
    const counts = `${done}/${total}${failures()}`;
    const speed = speedWords(done, total, clock.monotonic() - begun);
    // Three columns stay free, for what a terminal shows of Ctrl-C: a line that wraps could not be erased.
    const room = (columns() || 80) - 3 - start.length - counts.length;
    const words = speed.length + minBarWidth + 1 <= room ? speed : '';
    const size = Math.min(maxBarWidth, room - words.length - 1);
    if (size < minBarWidth) return `${start}${counts}`;
    const full = Math.round(Math.min(done / total, 1) * size);
    return `${start}${'\u2588'.repeat(full)}${'\u2591'.repeat(size - full)} ${counts}${words}`;
  };
  const said = () => `${verb}: ${Math.floor((done * 100) / total)} % (${done} of ${total}${failures()})`;
  const { note, end } = openProgress(screen, { interval: 100, drawn, said });
  const advance = (isFailure: boolean) => {
    done += 1;
    if (isFailure) failed += 1;
    note();
  };
  return { advance, end };
}

/** `, 48/s, 12 seconds left`; nothing as long as there is nothing to go by. @param elapsed Milliseconds. */
function speedWords(done: number, total: number, elapsed: number): string {
  if (elapsed < 1000 || done === 0) return '';
  const perSecond = (done / elapsed) * 1000;
  const rate = perSecond >= 10 ? Math.round(perSecond) : Math.round(perSecond * 10) / 10;
  if (done >= total) return `, ${rate}/s`;
  return `, ${rate}/s, ${durationInWords(Math.max(1000, ((total - done) / perSecond) * 1000))} left`;
}
