import { CliError } from '../errors.ts';
import type { Clock } from '../host.ts';
import { timestamp, timestampNow } from './identifiers.ts';
import { userFrom } from './invitations.ts';
import type { InvitationRow } from './rows.ts';
import type { State } from './state.ts';
import type { AppendEntry } from './store.ts';

/** What people and time do to invitations, and no request can: accept them and let them expire. */

export interface Scene {
  readonly state: State;
  readonly clock: Clock;
  readonly record: AppendEntry;
  /** Milliseconds for which the status stays SENT. */
  readonly expiryLag: number;
}

/** The invitation, accepted. Throws `not_found` if there is none, `already_exists` if none is open any more. */
export function accept(email: string, { state, clock, record }: Scene): InvitationRow {
  const pending = state.pendingFor(email);
  const newest = newestFor(email, state);
  if (pending === undefined && newest.status === 'ACCEPTED') return newest;
  if (pending === undefined) throw ended(newest, 'accepted');
  const accepted_at = timestampNow(clock);
  const row: InvitationRow = { ...pending, status: 'ACCEPTED', accepted_at };
  record({ put: 'invitation', row });
  record({ put: 'user', row: userFrom(row, accepted_at) });
  return row;
}

/** The invitation, its time run out. Throws `not_found` if there is none, `already_exists` if it ended otherwise. */
export function expire(email: string, { state, clock, record, expiryLag }: Scene): InvitationRow {
  const pending = state.pendingFor(email);
  const newest = newestFor(email, state);
  if (pending === undefined && newest.status === 'EXPIRED') return newest;
  if (pending === undefined) throw ended(newest, 'let expire');
  const row: InvitationRow = { ...pending, status: 'SENT', expires_at: timestamp(clock.now()) };
  record({ put: 'invitation', row });
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

function ended({ email, status }: InvitationRow, wish: 'accepted' | 'let expire'): CliError {
  const code = status === 'ACCEPTED' ? 'already_accepted' : 'already_exists';
  return new CliError(code, `the invitation for "${email}" cannot be ${wish}`, {
    target: email,
    reason: `it is ${status.toLowerCase()}`,
    hints: ['invite it again first: invite -p sandbox create'],
  });
}
