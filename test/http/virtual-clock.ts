import type { Clock } from '../../src/host.ts';

interface Timer {
  readonly time: number;
  readonly fire: () => void;
}

/** A clock whose time passes at once, timer by timer, as soon as the program has nothing left to do but wait. */
export interface VirtualClock extends Clock {
  /** Every wait asked for, in the order asked, in milliseconds; the two deadlines are not among them. */
  readonly waits: readonly number[];
  chance: number;
  /** Calls again and again until the returned function is called. */
  every(milliseconds: number, act: () => void): () => void;
}

const deadlines = [30_000, 120_000];

export function virtualClock(start = Date.UTC(2026, 0, 1)): VirtualClock {
  let elapsed = 0;
  let running = false;
  const timers = new Set<Timer>();
  const waits: number[] = [];
  const run = async () => {
    running = true;
    while (timers.size > 0) {
      // Longer than any chain of promises between two waits in these tests.
      for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
      const [first] = [...timers].sort((a, b) => a.time - b.time);
      if (first === undefined) break;
      timers.delete(first);
      elapsed = Math.max(elapsed, first.time);
      first.fire();
    }
    running = false;
  };
  const later = (milliseconds: number, fire: () => void): Timer => {
    const timer = { time: elapsed + milliseconds, fire };
    timers.add(timer);
    if (!running) void run();
    return timer;
  };
  return {
    waits,
    every: (milliseconds, act) => {
      const again = () => {
        timer = later(milliseconds, again);
        act();
      };
      let timer = later(milliseconds, again);
      return () => timers.delete(timer);
    },
    chance: 0,
    now: () => start + elapsed,
    monotonic: () => elapsed,
    random() {
      return this.chance;
    },
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        if (!deadlines.includes(milliseconds)) waits.push(milliseconds);
        const timer = { time: elapsed + milliseconds, fire: resolve };
        timers.add(timer);
        signal?.addEventListener('abort', () => timers.delete(timer) && reject(signal.reason));
        if (!running) void run();
      }),
  };
}
