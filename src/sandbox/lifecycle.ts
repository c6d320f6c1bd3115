import { CliError } from '../errors.ts';
import type { Clock } from '../host.ts';
import { timestamp, timestampNow } from './identifiers.ts';
import { type AppendEntry, type InvitationRow, userFrom } from './rows.ts';
import type { State } from './state.ts';

/** The transitions of an invitation that no request causes: acceptance and expiry. */

export interface LifecycleContext {
  readonly state: State;
  readonly clock: Clock;
  readonly append: AppendEntry;
  /** Milliseconds between `expires_at` and the status EXPIRED. */
  readonly expiryLag: number;
}

/** Accepts the pending invitation. Throws `not_found` if there is none, `already_exists` if it has ended. */
export function accept(email: string, { state, clock, append }: LifecycleContext): InvitationRow {
  const pending = state.pendingFor(email);
  const newest = newestFor(email, state);
  if (pending === undefined && newest.status === 'ACCEPTED') return newest;
  if (pending === undefined) throw ended(newest, 'accepted');
  const accepted_at = timestampNow(clock);
  const row: InvitationRow = { ...pending, status: 'ACCEPTED', accepted_at };
  append({ put: 'invitation', row });
  append({ put: 'user', row: userFrom(row, accepted_at) });
  return row;
}

/** Expires the pending invitation. Throws `not_found` if there is none, `already_exists` if it ended otherwise. */
export function expire(email: string, { state, clock, append, expiryLag }: LifecycleContext): InvitationRow {
  const pending = state.pendingFor(email);
  const newest = newestFor(email, state);
  if (pending === undefined && newest.status === 'EXPIRED') return newest;
  if (pending === undefined) throw ended(newest, 'expired');
  const row: InvitationRow = { ...pending, status: 'SENT', expires_at: timestamp(clock.now()) };
  append({ put: 'invitation', row });
  return expiryLag > 0 ? row : { ...row, status: 'EXPIRED' };
}

function newestFor(email: string, state: State): InvitationRow {
  const newest = state.invited(email).at(-1)?.row;
  if (newest !== undefined) return newest;
  throw new CliError('not_found', `the sandbox has no invitation for "${email}"`, {
    target: email,
    hints: ['invite -p sandbox list', `invite -p sandbox create ${email.includes("'") ? '…' : `'${email}'`}`],
  });
}

function ended({ email, status }: InvitationRow, transition: 'accepted' | 'expired'): CliError {
  const code = status === 'ACCEPTED' ? 'already_accepted' : 'already_exists';
  return new CliError(code, `the invitation for "${email}" cannot be ${transition}`, {
    target: email,
    reason: `it is ${status.toLowerCase()}`,
    hints: ['create a new one first: invite -p sandbox create'],
  });
}
