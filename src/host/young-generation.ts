import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Bytes of both halves of V8's young generation from which on it grows no more; a page of a list fits several times. */
const largeEnough = 8 * 1024 * 1024;

let isLimited = false;

/**
 * To be called now and then while much is read: it ends the growth of V8's young generation, which would take 32 MiB or
 * more, and saves no time here. At the start nothing could be set: its maximum is fixed once V8 runs.
 */
export function limitYoungGeneration(): void {
  if (isLimited) return;
  const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
  if (space === undefined || space.space_size < largeEnough) return;
  setFlagsFromString('--semi-space-growth-factor=1');
  isLimited = true;
}
