import { CliError } from '../errors.ts';
import { stateAsked } from '../invitations/filter.ts';
import { type State, states, textAt } from '../invitations/invitation.ts';
import { invitationFields, invitationView } from '../invitations/view.ts';
import type { View } from '../output/view.ts';
import { durationInWords } from '../text/durations.ts';
import { shellQuote } from '../text/shell.ts';
import type { Observation } from './observe.ts';

/** What was seen of an invitation; `gone` is one that was there before. */
export type ObservedState = State | 'gone';

/** What is waited for: any of these words of `--status`. */
export type Goal = readonly string[];

/** `accepted or deactivated` */
export function goalInWords(goal: Goal): string {
  return goal.join(' or ');
}

export type Evaluation = 'reached' | 'pending' | 'impossible';

/** What may still come; an invitation that ended stays as it is, whoever is invited again gets another. */
const next: Readonly<Record<ObservedState, readonly State[]>> = {
  staged: ['pending', 'accepted', 'expired', 'deactivated'],
  pending: ['accepted', 'expired', 'deactivated'],
  unknown: states,
  expired: ['deactivated'],
  accepted: [],
  deactivated: [],
  gone: [],
};

/** Whether it is there, may still get there, or cannot any more. What is gone was revoked. */
export function evaluate(seen: ObservedState, goal: Goal): Evaluation {
  const wanted = goal.map(stateAsked);
  if (wanted.some((state) => seen === state || (seen === 'gone' && state === 'deactivated'))) return 'reached';
  return wanted.some((state) => next[seen].includes(state)) ? 'pending' : 'impossible';
}

/** How waiting ended for one target. */
export interface WaitResult extends Observation {
  readonly error?: CliError;
}

export interface WaitCriteria {
  readonly goal: Goal;
  /** Milliseconds. */
  readonly timeout: number;
}

export function waitResult(sight: Observation, waited: WaitCriteria): WaitResult {
  const error = failureOf(sight, waited);
  return error === undefined ? sight : { ...sight, error };
}

/** The failure that the whole wait ends with: what cannot happen any more outweighs what has not happened yet. */
export function waitFailure(endings: readonly WaitResult[], { goal, timeout }: WaitCriteria): CliError | undefined {
  const failed = endings.filter(({ error }) => error !== undefined);
  const [only] = failed;
  if (only === undefined) return undefined;
  if (endings.length === 1) return only.error;
  const impossible = failed.filter(({ judgement }) => judgement === 'impossible');
  if (impossible.length === 0) {
    const message = `${failed.length} of ${endings.length} are not ${goalInWords(goal)} after ${durationInWords(timeout)}`;
    return new CliError('pending', message, { retryable: true, hints: ['--timeout waits longer'] });
  }
  const first = impossible[0]?.error?.details ?? {};
  return new CliError(
    'not_possible',
    `${impossible.length} of ${endings.length} cannot become ${goalInWords(goal)} any more`,
    first,
  );
}

function failureOf(
  { judgement, state, target, invitation }: Observation,
  { goal, timeout }: WaitCriteria,
): CliError | undefined {
  const common = { target: target.text };
  if (judgement === 'reached') return undefined;
  if (judgement === 'pending') {
    return new CliError('pending', `"${target.text}" is still ${state}`, {
      ...{ ...common, retryable: true, hints: ['--timeout waits longer'] },
      reason: `not ${goalInWords(goal)} after ${durationInWords(timeout)}`,
    });
  }
  const email = textAt(invitation, 'email');
  const again = email === undefined || state === 'accepted' ? [] : [`invite create ${shellQuote(email)}`];
  const expired = state === 'expired' ? ` since ${textAt(invitation, 'expires_at') ?? 'a while'}` : '';
  return new CliError('not_possible', `"${target.text}" cannot become ${goalInWords(goal)} any more`, {
    ...{ ...common, hints: again },
    reason: `the invitation is ${state}${expired}`,
  });
}

/** The invitation as it was last seen, and how the wait for it ended. */
export function waitResultView(now: number): View<WaitResult> {
  const invitations = invitationView(now);
  return {
    ...invitations,
    fields: [...invitationFields, 'outcome', 'error', 'error.code', 'error.message'],
    columns: [
      { title: 'OUTCOME', field: 'outcome', rank: 1 },
      { title: 'ID', field: 'id', rank: 0 },
      { title: 'EMAIL', field: 'email', rank: 0 },
      { title: 'STATE', field: 'state', rank: 2 },
      { title: 'ACCEPTED', field: 'accepted_at', rank: 3 },
    ],
    csv: [...invitations.csv, 'outcome', 'error.code', 'error.message'],
    block: ['outcome', 'id', 'email', 'state', 'accepted_at', 'expires_at', 'user'],
    record: ({ invitation, state, judgement, error }) => ({
      ...invitation,
      ...{ state, outcome: judgement },
      ...(error === undefined ? {} : { error: error.toRecord() }),
    }),
    id: ({ invitation, error }) => (error === undefined ? textAt(invitation, 'id') : undefined),
  };
}
