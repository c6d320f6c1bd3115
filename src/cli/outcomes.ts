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
