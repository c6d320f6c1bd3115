import type { Clock } from '../../src/host.ts';

interface Timer {
  readonly time: number;
  readonly fire: () => void;
}

/**
 * A clock that stands still until nothing is left to do but wait, and then jumps to the next timer. `idle` resolves when
 * that is so; it is given the milliseconds of the jump.
 */
export function jumpingClock(start: number, idle: (jump: number) => Promise<unknown>) {
  let elapsed = 0;
  let running = false;
  const timers = new Set<Timer>();
  const run = async () => {
    running = true;
    while (timers.size > 0) {
      const next = earliest(timers);
      await idle(next.time - elapsed);
      // Meanwhile another timer may have come before it, or this one may be gone.
      if (timers.size === 0 || earliest(timers) !== next) continue;
      timers.delete(next);
      elapsed = Math.max(elapsed, next.time);
      next.fire();
    }
    running = false;
  };
  /** Fires after this time, unless the returned function has been called; that is true if it comes in time. */
  const later = (milliseconds: number, fire: () => void): (() => boolean) => {
    const timer = { time: elapsed + milliseconds, fire };
    timers.add(timer);
    if (!running) void run();
    return () => timers.delete(timer);
  };
  const sleep: Clock['sleep'] = (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const stop = () => cancel() && reject(signal?.reason);
      const cancel = later(milliseconds, () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      });
      signal?.addEventListener('abort', stop, { once: true });
    });
  const every: Clock['every'] = (milliseconds, act) => {
    const again = () => {
      cancel = later(milliseconds, again);
      act();
    };
    let cancel = later(milliseconds, again);
    return () => cancel();
  };
  return {
    now: () => Math.round(start + elapsed),
    monotonic: () => elapsed,
    sleep,
    every,
    later,
    /** Forgets every timer that is left. */
    stop: () => timers.clear(),
  };
}

function earliest(timers: ReadonlySet<Timer>): Timer {
  return [...timers].reduce((first, timer) => (timer.time < first.time ? timer : first));
}

/** A clock for code that waits for nothing but the clock. */
export interface VirtualClock extends Clock {
  /** Every wait asked for, in the order asked, in milliseconds; the two deadlines are not among them. */
  readonly waits: readonly number[];
  chance: number;
}

const deadlines = [30_000, 120_000];

export function virtualClock(start = Date.UTC(2026, 0, 1)): VirtualClock {
  const waits: number[] = [];
  const clock = jumpingClock(start, async () => {
    // Longer than any chain of promises between two waits in these tests.
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  });
  return {
    ...clock,
    waits,
    chance: 0,
    random() {
      return this.chance;
    },
    sleep: (milliseconds, signal) => {
      if (!signal?.aborted && !deadlines.includes(milliseconds)) waits.push(milliseconds);
      return clock.sleep(milliseconds, signal);
    },
  };
}
