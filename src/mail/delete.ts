import { type Invitation, stateOf } from '../api/invitation.ts';
import { notFound, parseTarget } from '../api/targets.ts';
import { CliError } from '../errors.ts';
import { unlessMissing } from '../http/failure.ts';
import { textAt } from '../text/json-fields.ts';
import { shellQuote } from '../text/shell.ts';
import type { DeleteChange, Tools } from './change.ts';
import { isStale } from './look.ts';
import type { Result } from './result.ts';

/** Revokes one invitation, as decided. */
export async function deleteInvitation(change: DeleteChange, tools: Tools): Promise<Result> {
  const { decision, target, ifExists } = change;
  if (decision.act === 'nothing') return { target, outcome: decision.outcome, invitation: decision.invitation };
  if (decision.act === 'refuse') {
    if (decision.code === 'not_found' && ifExists) return { target, outcome: 'not_found' };
    throw decision.code === 'ambiguous' ? ambiguous(target, decision.live) : refusal(change, decision.code);
  }
  const { invitation } = decision;
  try {
    return await revoke(change, invitation, tools);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    if (error.code === 'not_found' && ifExists) return { target, outcome: 'not_found', invitation };
    throw error.code === 'already_accepted' ? refusal(change, 'already_accepted', error) : error;
  }
}

async function revoke(change: DeleteChange, seen: Invitation, { invitations, clock }: Tools): Promise<Result> {
  const { target } = change;
  const id = textAt(seen, 'id') ?? '';
  const invitation = isStale(change, clock) ? await invitations.get(id) : seen;
  if (stateOf(invitation, clock.now()) === 'accepted') throw refusal(change, 'already_accepted');
  if (stateOf(invitation, clock.now()) === 'deactivated') return { target, outcome: 'already_deleted', invitation };
  if ((await invitations.delete(id)) === 'deleted') return { target, outcome: 'deleted', invitation };
  // Somebody else was faster.
  const left = await unlessMissing(invitations.get(id));
  if (left === undefined) throw notFound({ kind: 'id', text: id }).with({ target });
  return { target, outcome: 'already_deleted', invitation: left };
}

/** Why nothing is deleted, with the command that a person may have meant. */
function refusal({ target, known }: DeleteChange, code: 'already_accepted' | 'not_found', cause?: CliError) {
  if (code === 'not_found') return notFound(parseTarget(target));
  const email = known.map((one) => textAt(one, 'email')).find((text) => text !== undefined) ?? target;
  return new CliError('already_accepted', `cannot delete "${target}"`, {
    ...cause?.details,
    reason: 'the invitation was already accepted',
    hints: [`to remove the member: invite remove ${shellQuote(email)}`],
    target,
  });
}

function ambiguous(target: string, live: readonly Invitation[]): CliError {
  const ids = live.map((one) => textAt(one, 'id') ?? '-');
  return new CliError('ambiguous', `"${target}" has several invitations that can still be accepted`, {
    reason: `name one of ${ids.join(', ')}`,
    hints: ids.map((id) => `invite delete ${shellQuote(id)}`),
    target,
  });
}
