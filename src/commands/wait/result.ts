import { commonColumns, invitationFields, invitationView } from '../../api/view.ts';
import { CliError } from '../../errors.ts';
import type { View } from '../../output/view.ts';
import { durationInWords } from '../../text/durations.ts';
import { textAt } from '../../text/json-fields.ts';
import { shellQuote } from '../../text/shell.ts';
import { type Goal, goalInWords, type Observation } from './observe.ts';

/** The result of the wait for one target. */
export interface WaitResult extends Observation {
  readonly error?: CliError;
}

export interface WaitCriteria {
  readonly goal: Goal;
  /** Milliseconds. */
  readonly timeout: number;
}

export function waitResult(observation: Observation, criteria: WaitCriteria): WaitResult {
  const error = failureOf(observation, criteria);
  return error === undefined ? observation : { ...observation, error };
}

/** The failure of the whole wait; an impossible target takes precedence over a pending one. */
export function waitFailure(results: readonly WaitResult[], { goal, timeout }: WaitCriteria): CliError | undefined {
  const failed = results.filter(({ error }) => error !== undefined);
  const [only] = failed;
  if (only === undefined) return undefined;
  if (results.length === 1) return only.error;
  const impossible = failed.filter(({ evaluation }) => evaluation === 'impossible');
  if (impossible.length === 0) {
    const message = `${failed.length} of ${results.length} are not ${goalInWords(goal)} after ${durationInWords(timeout)}`;
    return new CliError('pending', message, { retryable: true, hints: ['use a longer --timeout'] });
  }
  const first = impossible[0]?.error?.details ?? {};
  return new CliError(
    'not_possible',
    `${impossible.length} of ${results.length} can no longer become ${goalInWords(goal)}`,
    first,
  );
}

function failureOf(
  { evaluation, state, target, invitation }: Observation,
  { goal, timeout }: WaitCriteria,
): CliError | undefined {
  if (evaluation === 'reached') return undefined;
  if (evaluation === 'pending') {
    return new CliError('pending', `"${target.text}" is still ${state}`, {
      ...{ target: target.text, retryable: true, hints: ['use a longer --timeout'] },
      reason: `not ${goalInWords(goal)} after ${durationInWords(timeout)}`,
    });
  }
  const email = textAt(invitation, 'email');
  const again = email === undefined || state === 'accepted' ? [] : [`invite create ${shellQuote(email)}`];
  const expired = state === 'expired' ? ` since ${textAt(invitation, 'expires_at') ?? 'a while'}` : '';
  return new CliError('not_possible', `"${target.text}" can no longer become ${goalInWords(goal)}`, {
    ...{ target: target.text, hints: again },
    reason: `the invitation is ${state}${expired}`,
  });
}

/** The invitation as last read, and the result of the wait for it. */
export function waitResultView(now: () => number): View<WaitResult> {
  const invitations = invitationView(now);
  return {
    ...invitations,
    fields: [...invitationFields, 'outcome', 'error', 'error.code', 'error.message'],
    columns: [
      { title: 'OUTCOME', field: 'outcome', rank: 0 },
      commonColumns.id,
      commonColumns.email,
      { ...commonColumns.state, rank: 4 },
      { title: 'ACCEPTED', field: 'accepted_at', rank: 3 },
    ],
    csv: [...invitations.csv, 'outcome', 'error.code', 'error.message'],
    block: ['outcome', 'id', 'email', 'state', 'accepted_at', 'expires_at', 'user'],
    record: ({ invitation, state, evaluation, error }) => ({
      ...invitation,
      ...{ state, outcome: evaluation },
      ...(error === undefined ? {} : { error: error.toRecord() }),
    }),
    id: ({ invitation, error }) => (error === undefined ? textAt(invitation, 'id') : undefined),
  };
}
