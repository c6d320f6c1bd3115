import { isLive, stateOf } from '../api/invitation.ts';
import { isKnownRole } from '../api/roles.ts';
import { CliError } from '../errors.ts';
import { Conflict } from '../http/failure.ts';
import { textAt } from '../text/json-fields.ts';
import { shellQuote } from '../text/shell.ts';
import type { CreateChange, GrantChange, Tools, WantedRole } from './change.ts';
import type { CreateDecision } from './decide.ts';
import { formerUser } from './recall.ts';
import { type GrantedRole, type Result, withOutcome } from './result.ts';
import { postInvitation } from './send-invitation.ts';

/** Invites one person, or not, as decided; then grants the roles, in every case, so that running it again converges. */
export async function create(change: CreateChange, tools: Tools): Promise<Result> {
  const invited = await invite(change, tools);
  if (change.roles.length === 0) return invited;
  const roles = await grantRoles(invited, change, tools);
  const failed = roles.find((role) => role.error !== undefined);
  if (failed?.error === undefined) return { ...invited, roles };
  const missing = change.roles.filter((_, number) => roles[number]?.error !== undefined);
  return { ...invited, roles, error: bindingFailed(change.target, missing, failed.error) };
}

async function invite(change: CreateChange, tools: Tools): Promise<Result> {
  const { target, decision, known, authType } = change;
  if (decision.act === 'nothing') return found(change, decision);
  try {
    return { target, outcome: decision.outcome, ...(await postInvitation({ email: target, authType, known }, tools)) };
  } catch (error) {
    if (error instanceof Conflict) return inTheWay(change, error, tools);
    throw error;
  }
}

function found(
  { target, begun, mayHaveLeft }: CreateChange,
  { outcome, invitation }: Extract<CreateDecision, { act: 'nothing' }>,
): Result {
  if (begun === undefined) {
    const doubt = `"${target}" accepted once; whether they still are a member, this key may not look up`;
    return { target, outcome, invitation, ...(mayHaveLeft ? { warnings: [doubt] } : {}) };
  }
  return { target, outcome: begun, invitation, reconciled: true };
}

/** 409: the person is in the organization, or was invited while we looked. The list knows which, if it says anything. */
async function inTheWay(change: CreateChange, conflict: Conflict, { invitations, clock }: Tools): Promise<Result> {
  const { target, hasLeft = false } = change;
  const where = conflict.location === undefined ? {} : { location: conflict.location };
  const now = clock.now();
  const found = await invitations.findByEmail(target);
  const live = found.find((one) => isLive(one, now));
  if (live !== undefined) return { target, outcome: 'already_invited', invitation: live };
  if (hasLeft) throw refusedFormer(change, conflict, now);
  const accepted = found.find((one) => stateOf(one, now) === 'accepted');
  return { target, outcome: 'already_member', ...where, ...(accepted === undefined ? {} : { invitation: accepted }) };
}

function refusedFormer(change: CreateChange, conflict: Conflict, now: number): CliError {
  const user = formerUser(change, now);
  const who = user === undefined ? 'the user' : `the user "${user}"`;
  return conflict.with({
    reason: `${who} who accepted is gone, but the API says: ${conflict.details.reason ?? 'already there'}`,
    hints: [`see what is there: invite get ${shellQuote(change.target)}`],
    target: change.target,
  });
}

/** The invitation stands; only the roles that were refused are left to repeat. */
function bindingFailed(target: string, missing: readonly WantedRole[], cause: CliError): CliError {
  const unknown = missing.every(({ role_name }) => isKnownRole(role_name)) ? '' : ' --allow-unknown-roles';
  const flags = missing.map((role) => `--role ${shellQuote(role.typed)}`).join(' ') + unknown;
  return new CliError('partial_failure', `not every role was granted to "${target}"`, {
    ...cause.details,
    reason: cause.toRecord().message,
    hints: [...(cause.details.hints ?? []), `invite create ${shellQuote(target)} ${flags}`],
    target,
    cause,
  });
}

/** Grants roles to somebody who is there. */
export async function grant(change: GrantChange, tools: Tools): Promise<Result> {
  const { target, user, roles: wanted, held = [] } = change;
  const about: Result = { target, outcome: 'granted', invitation: { user: { id: user } } };
  const tried = await grantRoles(about, { roles: wanted, target }, tools);
  const failed = tried.filter(({ error }) => error !== undefined);
  const roles = [...tried, ...withOutcome(held, 'already_granted')];
  const error = failed[0]?.error;
  if (error === undefined) {
    const isNew = tried.some(({ outcome }) => outcome === 'granted');
    return { target, user, outcome: isNew ? 'granted' : 'already_granted', roles };
  }
  const missing = wanted.filter((_, number) => tried[number]?.error !== undefined);
  return { target, user, outcome: 'failed', roles, error: bindingFailed(target, missing, error) };
}

/** Grants each role, one after the other; a refused one does not keep the others from being tried. */
async function grantRoles(
  invited: Result,
  { roles, target }: Pick<CreateChange, 'roles' | 'target'>,
  tools: Tools,
): Promise<GrantedRole[]> {
  const granted: GrantedRole[] = [];
  let user: string | undefined;
  for (const role of roles) {
    try {
      user ??= await userOf(invited, target, tools);
      granted.push(await grantRole(role, user, tools));
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      granted.push({ ...named(role), outcome: 'failed', error });
    }
  }
  return granted;
}

async function grantRole(role: WantedRole, user: string, { roles }: Tools): Promise<GrantedRole> {
  const outcome = await roles.grant({ principal: `User:${user}`, ...named(role) });
  return { ...named(role), outcome };
}

function named({ role_name, crn_pattern }: WantedRole) {
  return { role_name, crn_pattern };
}

/**
 * The pre-created user of the invitation; asked for again if the first answer lacked it; else the one that was in the
 * way; else looked up among the members.
 */
async function userOf({ invitation, location }: Result, email: string, { invitations, users }: Tools): Promise<string> {
  const id = textAt(invitation ?? {}, 'id');
  const named = textAt(invitation ?? {}, 'user', 'id') ?? /\/iam\/v2\/users\/([^/?#]+)$/.exec(location ?? '')?.[1];
  if (named !== undefined) return named;
  const again = id === undefined ? undefined : textAt(await invitations.get(id), 'user', 'id');
  const user = again ?? (await users.idOf(email));
  if (user !== undefined) return user;
  throw new CliError('not_found', `cannot find the user of "${email}"`, {
    reason: 'roles are granted to the user that belongs to an invitation, and the API named none',
    target: email,
  });
}
