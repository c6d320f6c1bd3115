import type { Clock } from '../../host.ts';
import { durationInWords } from '../../text/durations.ts';
import { type Goal, goalInWords, type Pause } from './observe.ts';

/** Milliseconds between two redraws of the line. */
const redrawEvery = 1000;

/** Milliseconds between two lines where a line cannot be redrawn. */
const lineEvery = 60_000;

interface WaitProgressOptions {
  readonly clock: Clock;
  readonly goal: Goal;
  /** All targets, reached or not. */
  readonly total: number;
  /** Calls `act` at this interval until the returned function is called. */
  every(milliseconds: number, act: () => void): () => void;
  /** Redraws the line; undefined removes it. Absent where a line cannot be redrawn. */
  readonly draw?: ((line: string | undefined) => void) | undefined;
  say(line: string): void;
}

interface WaitProgress {
  /** Called when a pause begins, and with undefined when it ends. */
  pausing(pause: Pause | undefined): void;
  end(): void;
}

/** Shows the progress of a wait: a line that is redrawn every second, otherwise a line every minute. */
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
  const sayAtIntervals = (pause: Pause) => {
    if (clock.monotonic() - lastLine < lineEvery) return;
    lastLine = clock.monotonic();
    say(status(pause));
  };
  const pausing = (pause: Pause | undefined) => {
    stop?.();
    stop = undefined;
    // The line stays during a check, which takes milliseconds.
    if (pause === undefined) return;
    if (draw === undefined) return sayAtIntervals(pause);
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
