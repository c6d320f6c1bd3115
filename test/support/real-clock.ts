import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../../src/host.ts';

/** Time as it passes for everybody, for tests in which processes talk to each other. */
export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: () => Math.random(),
  every: () => () => {},
  sleep: (milliseconds, signal) => setTimeout(milliseconds, undefined, signal === undefined ? {} : { signal }),
};
