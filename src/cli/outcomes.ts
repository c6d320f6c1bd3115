/** What a change did to its target. */
export const outcomes = [
  'created',
  'reinvited',
  'already_invited',
  'already_member',
  'skipped',
  'resent',
  'deleted',
  'already_deleted',
  'user_removed',
  'granted',
  'already_granted',
  'revoked',
  'not_granted',
  'removed',
  'withdrawn',
  'already_gone',
  'not_found',
  'blocked',
  'failed',
  'unknown',
  'not_attempted',
] as const;

export type Outcome = (typeof outcomes)[number];

/** Outcomes that say by themselves that something is not as it was wanted. */
const sayIt: readonly string[] = ['not_found', 'blocked', 'failed', 'unknown', 'not_attempted'] satisfies Outcome[];

/**
 * `2 created (1 failed), 1 failed`: what was done, and how much of it was not done whole, as the exit code says.
 * @param failed Of each outcome, those that failed all the same, such as an invitation without one of its roles.
 */
export function countsInWords(counts: ReadonlyMap<string, number>, failed: ReadonlyMap<string, number>): string {
  const parts = [...counts].map(([outcome, count]) => {
    const failures = sayIt.includes(outcome) ? 0 : (failed.get(outcome) ?? 0);
    return `${count} ${outcome}${failures === 0 ? '' : ` (${failures} failed)`}`;
  });
  return parts.join(', ') || 'nothing to do';
}
