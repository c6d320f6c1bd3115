import { foldEmail } from '../api/email.ts';
import { hasEmail } from '../api/filter.ts';
import { type Invitation, isLive, stateOf } from '../api/invitation.ts';
import { CliError } from '../errors.ts';
import type { RemoveChange, RevokeChange, Tools, WithdrawChange } from './change.ts';
import type { Result } from './result.ts';
import { hidden } from './send-invitation.ts';

/** Takes a role from somebody, by however many bindings they have it. */
export async function revoke({ target, user, role, bindings }: RevokeChange, { roles }: Tools): Promise<Result> {
  const { role_name, crn_pattern } = role;
  for (const id of bindings) await roles.revoke(id, { principal: `User:${user}`, crn_pattern });
  return { target, user, outcome: 'revoked', roles: [{ role_name, crn_pattern, outcome: 'revoked' }] };
}

/** Deletes an invitation, if it can still be accepted: that is looked at once more. */
export async function withdraw({ target, invitation: id }: WithdrawChange, tools: Tools): Promise<Result> {
  const { invitations, clock } = tools;
  const invitation = await invitationWithId(id, tools);
  if (invitation === undefined) return { target, outcome: 'not_found' };
  const now = clock.now();
  if (!hasEmail(invitation, target))
    return blocked(target, `the invitation ${id} is of somebody else now`, { invitation });
  if (stateOf(invitation, now) === 'accepted') return blocked(target, 'they have accepted meanwhile', { invitation });
  if (!isLive(invitation, now)) return { target, outcome: 'not_found', invitation };
  await invitations.delete(id);
  return { target, outcome: 'deleted', invitation };
}

async function invitationWithId(id: string, { invitations }: Tools): Promise<Invitation | undefined> {
  try {
    return await invitations.get(id);
  } catch (error) {
    if (error instanceof CliError && hidden.includes(error.code)) return undefined;
    throw error;
  }
}

/** Removes a member, if nothing has changed since the plan was made: the user and their API keys are looked at once more. */
export async function removeMember({ target, user, apiKeys: seen }: RemoveChange, tools: Tools): Promise<Result> {
  const found = await tools.users.get(user);
  if (found === undefined) return { target, user, outcome: 'not_found' };
  const name = found.email === '' ? user : found.email;
  if (foldEmail(name) !== foldEmail(target))
    return blocked(target, `the user ${user} is "${found.email}" now`, { user });
  const owned = (await tools.apiKeys.ownedBy([user])).get(user) ?? 'unreadable';
  const reason = objectionTo(owned, seen);
  if (reason !== undefined) return blocked(target, reason, { user });
  await tools.users.delete(user);
  return { target, user, outcome: 'user_removed' };
}

type Keys = RemoveChange['apiKeys'];

/** Why somebody who owns these keys is not removed; undefined if nothing speaks against it. */
function objectionTo(owned: Keys, seen: Keys): string | undefined {
  if (seen === 'unreadable') return undefined;
  if (owned === 'unreadable') return 'their API keys can no longer be read';
  const fresh = owned.filter((id) => !seen.includes(id));
  return fresh.length === 0 ? undefined : `they own ${fresh.length} more API key${fresh.length === 1 ? '' : 's'} now`;
}

function blocked(target: string, reason: string, about: Pick<Result, 'user' | 'invitation'>): Result {
  const error = new CliError('drift', `"${target}" was left alone`, { reason, target });
  return { target, outcome: 'blocked', error, ...about };
}
