import { type State, states } from '../invitations/invitation.ts';

/** What was seen of an invitation; `gone` is one that was there before. */
export type Seen = State | 'gone';

/** States that somebody may wait for. */
export const goals = ['accepted', 'pending', 'expired', 'deactivated'] as const;

export type Goal = (typeof goals)[number];

export type Judgement = 'reached' | 'pending' | 'impossible';

/** What may still come; an invitation that ended stays as it is, whoever is invited again gets another. */
const next: Readonly<Record<Seen, readonly State[]>> = {
  staged: ['pending', 'accepted', 'expired', 'deactivated'],
  pending: ['accepted', 'expired', 'deactivated'],
  unknown: states,
  expired: ['deactivated'],
  accepted: [],
  deactivated: [],
  gone: [],
};

/** Whether it is there, may still get there, or cannot any more. What is gone was revoked. */
export function judge(seen: Seen, goal: Goal): Judgement {
  if (seen === goal || (seen === 'gone' && goal === 'deactivated')) return 'reached';
  return next[seen].includes(goal) ? 'pending' : 'impossible';
}
