import type { Durations } from './report.ts';

/** The middle of so many lengths of time, and what nine of ten do not exceed. Takes milliseconds, gives seconds. */
export function durationsOf(waits: readonly number[]): Durations {
  // A typed array sorts numbers as numbers, and many of them fast.
  const sorted = Float64Array.from(waits).sort();
  const { length: count } = sorted;
  const middle = count >> 1;
  const upper = sorted[middle];
  if (upper === undefined) return { count, median_seconds: null, p90_seconds: null };
  const lower = count % 2 === 0 ? (sorted[middle - 1] ?? upper) : upper;
  const p90 = sorted[Math.ceil(count * 0.9) - 1] ?? upper;
  return { count, median_seconds: seconds((lower + upper) / 2), p90_seconds: seconds(p90) };
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds) / 1000;
}
