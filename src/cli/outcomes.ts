/** What a change did to its target, with what that means: what was done first, then where nothing was to be done. */
export const outcomeMeanings = {
  created: 'invited; a mail was sent',
  reinvited: 'invited again after an invitation that had ended; a mail was sent',
  resent: 'the invitation was mailed again',
  deleted: 'the invitation was revoked',
  granted: 'a role was granted, or several',
  revoked: 'a role was revoked, or several',
  removed: 'a member was deleted with the user, others lost the roles that were left',
  withdrawn: 'removed before they accepted',
  already_invited: 'an invitation is pending, no mail was sent',
  already_member: 'a member already, no mail was sent',
  already_deleted: 'the invitation had been revoked before',
  already_granted: 'they had the roles already',
  not_granted: 'they did not have the roles',
  already_gone: 'gone already; nothing was left to remove',
  skipped: 'left out: the file says that they are gone, or are not people',
  not_found: 'unknown: a failure, unless --if-exists is given',
  blocked: 'left alone, for a person to decide: exit code 10',
  failed: 'failed, or not tried because it cannot succeed',
  unknown: 'sent, and the answer was lost: exit code 3 if it is the only one',
  not_attempted: 'never tried, because the command ended before',
} as const;

export type Outcome = keyof typeof outcomeMeanings;

export const outcomes = Object.keys(outcomeMeanings) as readonly Outcome[];

/** Outcomes that say by themselves that something is not as it was wanted. */
const sayIt: readonly string[] = ['not_found', 'blocked', 'failed', 'unknown', 'not_attempted'] satisfies Outcome[];

/**
 * `2 created (1 failed), 1 failed`, in the order of the list above, whichever came first: what was done, and how much of it was not done whole, as the exit code says.
 * @param failed Of each outcome, those that failed all the same, such as an invitation without one of its roles.
 */
export function outcomesInWords(counts: ReadonlyMap<string, number>, failed: ReadonlyMap<string, number>): string {
  const order: readonly string[] = outcomes;
  const parts = [...counts]
    .sort(([one], [other]) => order.indexOf(one) - order.indexOf(other))
    .map(([outcome, count]) => {
      const failures = sayIt.includes(outcome) ? 0 : (failed.get(outcome) ?? 0);
      return `${count} ${outcome}${failures === 0 ? '' : ` (${failures} failed)`}`;
    });
  return parts.join(', ') || 'nothing to do';
}
