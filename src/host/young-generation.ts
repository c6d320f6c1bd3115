/** Bytes of both halves of V8's young generation from which on it grows no more; a page of a list fits several times. */
const largeEnough = 8 * 1024 * 1024;

/** Rows between two looks at its size. */
const interval = 2000;

let rowsToLook = interval;
let isLimited = false;

/**
 * To be called with the number of rows that were just read or written: while there are many, it ends the growth of V8's
 * young generation, which would take 32 MiB or more and saves no time here. At the start nothing could be set: the
 * maximum is fixed once V8 runs.
 */
export async function limitYoungGeneration(rows: number): Promise<void> {
  rowsToLook -= rows;
  if (isLimited || rowsToLook > 0) return;
  rowsToLook = interval;
  // Takes 2 ms to load, which short lists are spared.
  const { getHeapSpaceStatistics, setFlagsFromString } = await import('node:v8');
  const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
  if (space === undefined || space.space_size < largeEnough) return;
  setFlagsFromString('--semi-space-growth-factor=1');
  isLimited = true;
}
