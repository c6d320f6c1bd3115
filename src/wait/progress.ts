import type { Clock } from '../host.ts';
import { durationInWords } from '../text/durations.ts';
import { type Goal, goalInWords } from './goal.ts';

/** Milliseconds between two redraws of the line. */
const redrawEvery = 1000;

/** Milliseconds between two lines where nothing can be redrawn. */
const lineEvery = 60_000;

/** What the wait is for until the next check. */
export interface Pause {
  /** The targets that have not reached the goal yet. */
  readonly left: readonly string[];
  /** When the next check begins, by the monotonic clock. */
  readonly until: number;
}

interface WaitProgressOptions {
  readonly clock: Clock;
  readonly goal: Goal;
  /** All targets, reached or not. */
  readonly total: number;
  /** Calls again and again until the returned function is called. */
  every(milliseconds: number, act: () => void): () => void;
  /** Draws a line over the one before; undefined takes it away. Left out where nothing can be redrawn. */
  readonly draw?: ((line: string | undefined) => void) | undefined;
  say(line: string): void;
}

interface WaitProgress {
  /** The wait pauses until the next check; undefined when that begins. */
  pausing(pause: Pause | undefined): void;
  end(): void;
}

/** Shows that a wait is alive: a line that is redrawn every second, or else a line a minute. */
export function waitProgress({ clock, goal, total, every, draw, say }: WaitProgressOptions): WaitProgress {
  const begun = clock.monotonic();
  let lastLine = begun;
  let stop: (() => void) | undefined;
  const status = ({ left }: Pause) => {
    const who = total === 1 ? left.join() : `${left.length} of ${total}`;
    const time = durationInWords(clock.monotonic() - begun);
    return `${who} not yet ${goalInWords(goal)} after ${time}`;
  };
  const redraw = (pause: Pause) => {
    const seconds = Math.max(0, Math.ceil((pause.until - clock.monotonic()) / 1000));
    draw?.(`${status(pause)}, next check in ${seconds} s`);
  };
  const sayNowAndThen = (pause: Pause) => {
    if (clock.monotonic() - lastLine < lineEvery) return;
    lastLine = clock.monotonic();
    say(status(pause));
  };
  const pausing = (pause: Pause | undefined) => {
    stop?.();
    stop = undefined;
    // While it checks, the line stays: an answer takes milliseconds.
    if (pause === undefined) return;
    if (draw === undefined) return sayNowAndThen(pause);
    redraw(pause);
    stop = every(redrawEvery, () => redraw(pause));
  };
  return {
    pausing,
    end: () => {
      pausing(undefined);
      draw?.(undefined);
    },
  };
}
