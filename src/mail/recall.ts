import { foldEmail } from '../api/email.ts';
import { hasEmail } from '../api/filter.ts';
import { type Invitation, stateOf } from '../api/invitation.ts';
import { currentInvitation } from '../api/targets.ts';
import type { Absence, Person } from '../api/users.ts';
import { CliError } from '../errors.ts';
import { textAt } from '../text/json-fields.ts';
import { shellQuote } from '../text/shell.ts';
import type { Change, CreateChange, Tools } from './change.ts';
import { decideCreate } from './decide.ts';
import { hidden } from './send-invitation.ts';

/**
 * Decides anew about somebody whom this machine mailed not long ago and whom the list does not show: their invitation is
 * read by its id, which does not lag as a list may. Throws `outcome_unknown` where no id is known.
 */
export async function recall(change: Change, { invitations, clock }: Tools): Promise<Change> {
  if (change.kind !== 'create' || change.mailed === undefined || change.decision.act !== 'post') return change;
  const { target, mailed, known, hasLeft = false } = change;
  if (mailed.id === undefined) throw onItsWay(target, mailed.at);
  const invitation = await found(mailed.id);
  // Deleted since, with its organization perhaps: then the list is right.
  if (invitation === undefined || !hasEmail(invitation, target)) return change;
  const all = [...known.filter((one) => textAt(one, 'id') !== mailed.id), invitation];
  const still = hasLeft ? all.filter((one) => one === invitation || stateOf(one, clock.now()) !== 'accepted') : all;
  const isNew = !known.some((one) => textAt(one, 'id') === mailed.id);
  return { ...change, known: all, decision: decideCreate(still, clock.now(), { hasLeft: hasLeft && !isNew }) };

  async function found(id: string): Promise<Invitation | undefined> {
    try {
      return await invitations.get(id);
    } catch (error) {
      if (error instanceof CliError && hidden.includes(error.code)) return undefined;
      throw error;
    }
  }
}

function onItsWay(email: string, at: number): CliError {
  return new CliError('outcome_unknown', `a mail to "${email}" may be on its way since ${new Date(at).toISOString()}`, {
    reason:
      'it was sent from this machine, and the API neither named an invitation nor lists one; create --again sends anyway',
    hints: [
      `check with: invite get ${shellQuote(email)}`,
      `mail them all the same: invite create ${shellQuote(email)} --again`,
    ],
    target: email,
  });
}

/** Who accepted once and is no longer a member, among people with all their invitations. */
export async function absentAmong(
  people: Iterable<readonly [email: string, invitations: readonly Invitation[]]>,
  { users, clock }: Pick<Tools, 'users' | 'clock'>,
): Promise<Absence> {
  const accepted: Person[] = [];
  for (const [email, invitations] of people) {
    const decision = decideCreate(invitations, clock.now());
    if (decision.act === 'nothing' && decision.outcome === 'already_member')
      accepted.push({ email, id: textAt(decision.invitation, 'user', 'id') });
  }
  return accepted.length === 0 ? { gone: new Set(), unsure: new Set() } : users.absent(accepted);
}

/** What a change has to know of somebody who may have left. */
export function leaving(email: string, { gone, unsure }: Absence): Pick<CreateChange, 'hasLeft' | 'mayHaveLeft'> {
  const name = foldEmail(email);
  return { ...(gone.has(name) ? { hasLeft: true } : {}), ...(unsure.has(name) ? { mayHaveLeft: true } : {}) };
}

/** The user who accepted, for sentences. */
export function formerUser({ known }: CreateChange, now: number): string | undefined {
  const accepted = known.filter((one) => stateOf(one, now) === 'accepted');
  return textAt(currentInvitation(accepted, now) ?? {}, 'user', 'id');
}
