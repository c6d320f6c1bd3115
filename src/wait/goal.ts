import { stateAsked } from '../invitations/filter.ts';
import { type State, states } from '../invitations/invitation.ts';

/** What was seen of an invitation; `gone` is one that was there before. */
export type ObservedState = State | 'gone';

/** What is waited for: any of these words of `--status`. */
export type Goal = readonly string[];

/** `accepted or deactivated` */
export function goalInWords(goal: Goal): string {
  return goal.join(' or ');
}

export type Evaluation = 'reached' | 'pending' | 'impossible';

/** The states that may follow. An invitation that ended stays as it is; inviting somebody again makes another one. */
const next: Readonly<Record<ObservedState, readonly State[]>> = {
  staged: ['pending', 'accepted', 'expired', 'deactivated'],
  pending: ['accepted', 'expired', 'deactivated'],
  unknown: states,
  expired: ['deactivated'],
  accepted: [],
  deactivated: [],
  gone: [],
};

/** Whether the goal is reached, can still be, or cannot any more. What is gone was revoked. */
export function evaluate(seen: ObservedState, goal: Goal): Evaluation {
  const wanted = goal.map(stateAsked);
  if (wanted.some((state) => seen === state || (seen === 'gone' && state === 'deactivated'))) return 'reached';
  return wanted.some((state) => next[seen].includes(state)) ? 'pending' : 'impossible';
}
