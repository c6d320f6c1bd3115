import { foldEmail } from '../api/email.ts';
import { hasEmail } from '../api/filter.ts';
import { type Invitation, inTurns, isLive, stateOf } from '../api/invitation.ts';
import type { BoundRole } from '../api/roles.ts';
import { notFound, parseTarget } from '../api/targets.ts';
import type { User } from '../api/users.ts';
import { CliError } from '../errors.ts';
import { unlessMissing } from '../http/failure.ts';
import { textAt } from '../text/json-fields.ts';
import { shellQuote } from '../text/suggest.ts';
import { counted } from '../text/times.ts';
import type { DeleteChange, LeaveChange, Tools } from './change.ts';
import { isStale } from './look.ts';
import { type Result, withOutcome } from './result.ts';
import { isSameRole } from './roles.ts';

/**
 * Takes somebody out: withdraws their invitations, deletes their user, then revokes what neither took along. All of it
 * is looked at once more before the first of these, and nothing is done if it has changed.
 */
export async function leave(change: LeaveChange, tools: Tools): Promise<Result> {
  const { target, user, whose, roles } = change;
  const about = { user: whose };
  const live = [];
  for (const id of change.invitations) {
    const invitation = await invitationWithId(id, change, tools);
    if (invitation === undefined) continue;
    const reason = objectionToWithdrawing(invitation, change, tools.clock.now());
    if (reason !== undefined) return blocked(target, reason, { ...about, invitation });
    if (isLive(invitation, tools.clock.now())) live.push(invitation);
  }
  const found = user === undefined ? undefined : await memberWithId(user, change, tools);
  const reason = found === undefined ? undefined : await objectionToRemoving(found, change, tools);
  if (reason !== undefined) return blocked(target, reason, about);
  tools.signal.throwIfAborted();
  // Once something is done, the rest is done, too.
  let turn: AbortSignal | undefined = tools.signal;
  for (const invitation of live) {
    if (await wasAccepted(invitation, tools, turn)) return blocked(target, acceptedMeanwhile, { ...about, invitation });
    turn = undefined;
  }
  const deleted = found && (await tools.users.delete(found.id, turn));
  // Who was there a moment ago and is not any more was deleted, perhaps by a request whose answer was lost.
  const isRemoved = deleted === 'deleted' || found?.email !== undefined;
  const isWithdrawn = live.length > 0;
  const left = await revokeLeftovers(change, tools);
  const hasEnded = (role: BoundRole) => isRemoved || isWithdrawn || left.some((one) => isSameRole(role, one));
  // Whatever address they were invited under, it is them.
  const [invitation] = live.map((one) => ({ ...one, email: target }));
  return { ...endOf(change, { isRemoved, isWithdrawn, roles: roles.filter(hasEnded) }), invitation };
}

export function leavePreview(change: LeaveChange): Result {
  const { user, invitations, roles } = change;
  return endOf(change, { isRemoved: user !== undefined, isWithdrawn: invitations.length > 0, roles });
}

type End = Readonly<Record<'isRemoved' | 'isWithdrawn', boolean>> & Pick<LeaveChange, 'roles'>;

/** @param end.roles Those that ended. */
function endOf({ target, whose, apiKeys }: LeaveChange, { isRemoved, isWithdrawn, roles }: End): Result {
  const ended = isWithdrawn ? 'withdrawn' : roles.length > 0 ? 'removed' : 'already_gone';
  return {
    target,
    user: whose,
    outcome: isRemoved ? 'removed' : ended,
    roles: withOutcome(roles, 'revoked'),
    api_keys: isRemoved && apiKeys !== 'unreadable' ? apiKeys.length || undefined : undefined,
  };
}

/** Undefined if it is gone. One that is listed, although this key may not look it up by its id, is as it is listed. */
async function invitationWithId(id: string, { emails }: LeaveChange, { invitations }: Tools) {
  const found = await unlessMissing(invitations.get(id));
  if (found !== undefined) return found;
  const addresses = [...new Set(emails)].filter((email) => email !== '');
  const listed = await inTurns(addresses, (email) => invitations.search(email));
  return listed.flat().find((one) => textAt(one, 'id') === id);
}

function objectionToWithdrawing(
  invitation: Invitation,
  { emails, user }: LeaveChange,
  now: number,
): string | undefined {
  const id = textAt(invitation, 'id');
  if (!emails.some((email) => hasEmail(invitation, email))) return `the invitation ${id} belongs to somebody else now`;
  // The user who is to be deleted accepted it: a list that lags showed it as open.
  const isTheirs = user !== undefined && textAt(invitation, 'user', 'id') === user;
  return stateOf(invitation, now) === 'accepted' && !isTheirs ? acceptedMeanwhile : undefined;
}

const acceptedMeanwhile = 'they have accepted meanwhile';

/** Withdraws an invitation, unless somebody has accepted it since it was looked up. */
async function wasAccepted(invitation: Invitation, { invitations }: Tools, turn?: AbortSignal): Promise<boolean> {
  try {
    await invitations.delete(invitation, turn);
    return false;
  } catch (error) {
    if (error instanceof CliError && error.code === 'already_accepted') return true;
    throw error;
  }
}

/**
 * Undefined if the user is gone. One who is listed, although this key may not look them up, is as they were: whether
 * they may be deleted, the API decides.
 */
async function memberWithId(id: string, { target }: LeaveChange, { users }: Tools): Promise<Member | undefined> {
  const found = await users.get(id);
  if (found !== undefined) return found;
  const { gone } = await users.absent([{ email: target, id }]);
  return gone.size > 0 ? undefined : { id };
}

type Member = Pick<User, 'id'> & Partial<Pick<User, 'email'>>;

async function objectionToRemoving({ id, email }: Member, change: LeaveChange, { apiKeys }: Tools) {
  if (email !== undefined && foldEmail(email || id) !== foldEmail(change.target))
    return `the user ${id} is "${email}" now`;
  return objectionTo((await apiKeys.ownedBy([id])).get(id) ?? 'unreadable', change.apiKeys);
}

/** The roles that were revoked because neither the invitations nor the user took them along. */
async function revokeLeftovers({ leftovers, organization }: LeaveChange, { roles }: Tools): Promise<BoundRole[]> {
  const revoked: BoundRole[] = [];
  for (const [user, ids] of leftovers) {
    for (const { id = '', role_name, crn_pattern } of await roles.of(user, organization)) {
      if (!ids.includes(id)) continue;
      await roles.revoke(id, crn_pattern);
      revoked.push({ role_name, crn_pattern });
    }
  }
  return revoked;
}

type Keys = LeaveChange['apiKeys'];

/** Why somebody who owns these keys is not removed; undefined if nothing speaks against it. */
function objectionTo(owned: Keys, seen: Keys): string | undefined {
  if (seen === 'unreadable') return undefined;
  if (owned === 'unreadable') return 'their API keys can no longer be read';
  const fresh = owned.filter((id) => !seen.includes(id));
  return fresh.length === 0 ? undefined : `they own ${counted(fresh.length, 'more API key')} now`;
}

export function blocked(target: string, reason: string, about: Pick<Result, 'user' | 'invitation'>): Result {
  const error = new CliError('drift', `"${target}" was left alone`, { reason, target });
  return { target, outcome: 'blocked', error, ...about };
}

export async function deleteInvitation(change: DeleteChange, tools: Tools): Promise<Result> {
  const { decision, target, ifExists } = change;
  if (decision.act === 'nothing') return { target, outcome: decision.outcome, invitation: decision.invitation };
  if (decision.act === 'refuse') {
    if (decision.code === 'not_found' && ifExists) return { target, outcome: 'not_found' };
    throw decision.code === 'ambiguous' ? ambiguous(target, decision.live) : refusalToDelete(change, decision.code);
  }
  const { invitation } = decision;
  try {
    return await withdraw(change, invitation, tools);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    if (error.code === 'not_found' && ifExists) return { target, outcome: 'not_found', invitation };
    throw error.code === 'already_accepted' ? refusalToDelete(change, 'already_accepted', error) : error;
  }
}

async function withdraw(change: DeleteChange, seen: Invitation, tools: Tools): Promise<Result> {
  const { invitations, clock, signal } = tools;
  const { target } = change;
  const id = textAt(seen, 'id') ?? '';
  const invitation = isStale(change, clock) ? await invitations.get(id) : seen;
  if (stateOf(invitation, clock.now()) === 'accepted') throw refusalToDelete(change, 'already_accepted');
  if (stateOf(invitation, clock.now()) === 'deactivated') return { target, outcome: 'already_deleted', invitation };
  signal.throwIfAborted();
  if ((await invitations.delete(seen, signal)) === 'deleted') return { target, outcome: 'deleted', invitation };
  // Somebody else was faster.
  const left = await unlessMissing(invitations.get(id));
  if (left === undefined) throw notFound({ kind: 'id', text: id }).with({ target });
  return { target, outcome: 'already_deleted', invitation: left };
}

/** Why nothing is deleted, with the command that a person may have meant. */
function refusalToDelete({ target, known }: DeleteChange, code: 'already_accepted' | 'not_found', cause?: CliError) {
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
