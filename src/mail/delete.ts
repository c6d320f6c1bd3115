import type { Invitation } from '../api/invitation.ts';
import { notFound, parseTarget } from '../api/targets.ts';
import { CliError } from '../errors.ts';
import { textAt } from '../text/json-fields.ts';
import { shellQuote } from '../text/shell.ts';
import type { DeleteChange, Tools } from './change.ts';
import type { Result } from './result.ts';

/** Revokes one invitation, or removes the user who accepted it, as decided. */
export async function remove(change: DeleteChange, tools: Tools): Promise<Result> {
  const { decision, target, ifExists } = change;
  if (decision.act === 'refuse') {
    if (decision.code === 'not_found' && ifExists) return { target, outcome: 'not_found' };
    throw decision.code === 'ambiguous' ? ambiguous(target, decision.live) : refusal(change, decision.code);
  }
  const { invitation } = decision;
  try {
    if (decision.act === 'delete_user') {
      await tools.users.delete(userOf(change));
      return { target, outcome: 'user_removed', invitation };
    }
    await tools.invitations.delete(textAt(invitation, 'id') ?? '');
    return { target, outcome: 'deleted', invitation };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    if (error.code === 'not_found' && ifExists) return { target, outcome: 'not_found', invitation };
    throw error.code === 'already_accepted' ? refusal(change, 'already_accepted', error) : error;
  }
}

function userOf({ decision, target }: DeleteChange): string {
  const user = decision.act === 'delete_user' ? textAt(decision.invitation, 'user', 'id') : undefined;
  if (user !== undefined) return user;
  throw new CliError('bad_response', `the API does not say which user accepted "${target}"`, { target });
}

/** Why nothing is deleted, with the command that a person may have meant. */
function refusal({ target }: DeleteChange, code: 'already_accepted' | 'not_found', cause?: CliError) {
  if (code === 'not_found') return notFound(parseTarget(target));
  return new CliError('already_accepted', `cannot delete "${target}"`, {
    ...cause?.details,
    reason: 'the invitation was already accepted',
    hints: [`invite delete ${shellQuote(target)} --remove-user`],
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
