const day = 86_400_000;

/** The upper ends of the spans, in milliseconds, and what each span is called. */
const spans = [
  [day, 'under 1 day'],
  [2 * day, '1 to 2 days'],
  [3 * day, '2 to 3 days'],
  [7 * day, '3 to 7 days'],
  [30 * day, '7 to 30 days'],
  [Number.POSITIVE_INFINITY, 'over 30 days'],
] as const;

const unknown = 'unknown';

export type Age = (typeof spans)[number][1] | typeof unknown;

export const ages: readonly Age[] = [...spans.map(([, age]) => age), unknown];

/** The span that something created then falls into. */
export function ageOf(created: number | undefined, now: number): Age {
  if (created === undefined) return unknown;
  return spans.find(([end]) => now - created < end)?.[1] ?? unknown;
}
