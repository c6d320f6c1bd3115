import { createCommand } from '../api/email.ts';
import { currentInvitation, fewPeople, type Invitation, inTurns, stateOf } from '../api/invitation.ts';
import { organizationUnknown } from '../api/organizations.ts';
import {
  type BoundRole,
  checkOrganization,
  crnOf,
  decodedCrn,
  isKnownRole,
  type Role,
  typedRole,
} from '../api/roles.ts';
import { userNamed } from '../api/users.ts';
import { CliError } from '../errors.ts';
import { isMissing, unlessMissing } from '../http/failure.ts';
import { textAt } from '../text/json-fields.ts';
import { optionsAgain, shellQuote } from '../text/suggest.ts';
import { type CreateChange, type GrantChange, type RevokeChange, type RolesOf, type Tools, userIn } from './change.ts';
import { type GrantedRole, type Result, withOutcome } from './result.ts';

type Wanted = Pick<CreateChange, 'target' | 'known' | 'roles' | 'rolesOf' | 'repair' | 'formerRoles'>;

/** Grants the roles that were asked for, and those of an earlier invitation that has ended, to who was invited. */
export async function withRoles(invited: Result, wanted: Wanted, tools: Tools): Promise<Result> {
  const former = wanted.formerRoles === 'ignored' ? noRoles : await formerRoles(invited, wanted, tools);
  const all = { ...wanted, roles: distinctRoles([...wanted.roles, ...former.roles]) };
  const warnings = [...(invited.warnings ?? []), ...former.warnings];
  const result = warnings.length === 0 ? invited : { ...invited, warnings };
  return all.roles.length === 0 ? result : withGranted(result, all, await grantRoles(result, all, tools), wanted.roles);
}

export function isSameRole(one: BoundRole, other: BoundRole): boolean {
  return one.role_name === other.role_name && decodedCrn(one.crn_pattern) === decodedCrn(other.crn_pattern);
}

interface FormerRoles {
  readonly roles: readonly BoundRole[];
  readonly warnings: readonly string[];
}

const noRoles: FormerRoles = { roles: [], warnings: [] };

/**
 * The roles that hang on the user of an invitation that has ended, where the new one has another user. Those of a revoked
 * invitation, or of a member who has left, are not given again.
 */
async function formerRoles(result: Result, { known, rolesOf }: Wanted, tools: Tools): Promise<FormerRoles> {
  if (result.outcome !== 'reinvited' && result.outcome !== 'resent') return noRoles;
  const former = formerUser(known, tools.clock.now());
  if (former === undefined) return noRoles;
  try {
    const user = await findUser(result, result.target, tools);
    if (user === former) return noRoles;
    if (rolesOf instanceof CliError) throw rolesOf;
    const held = rolesOf?.(former) ?? (await tools.roles.of(former, await tools.organization(known)));
    return { roles: held.filter(({ crn_pattern }) => crn_pattern !== ''), warnings: [] };
  } catch (error) {
    if (!(error instanceof CliError) || error.code === 'cancelled') throw error;
    const reason = error.details.reason ?? error.message;
    const warning = `"${result.target}" has a new user; the roles of the former one, "${former}", cannot be read (${reason})`;
    return { roles: [], warnings: [warning] };
  }
}

/** The user of an invitation, whose roles a new one gets, unless it was revoked or accepted. */
export function formerUser(known: readonly Invitation[], now: number): string | undefined {
  const before = currentInvitation(known, now) ?? {};
  return ['expired', 'pending', 'staged'].includes(stateOf(before, now)) ? textAt(before, 'user', 'id') : undefined;
}

export async function grant(change: GrantChange, tools: Tools): Promise<Result> {
  const { target, user, held = [] } = change;
  const about: Result = { target, user, outcome: 'already_granted' };
  const tried = await grantRoles(about, change, tools, tools.signal);
  throwIfCalledOff(tried);
  const { error } = withGranted(about, change, tried);
  const cause = failureIn(tried);
  if (cause !== undefined && tried.length === 1) throw cause.with({ hints: error?.details.hints });
  const isNew = tried.some(({ outcome }) => outcome === 'granted');
  const outcome = error !== undefined ? 'failed' : isNew ? 'granted' : 'already_granted';
  return { ...about, outcome, roles: [...tried, ...withOutcome(held, 'already_granted')], error };
}

export async function revoke({ target, user, roles, missing = [] }: RevokeChange, tools: Tools): Promise<Result> {
  const tried = await tryEach(roles, async ({ bindings, crn_pattern }) => {
    const [first] = bindings;
    for (const id of bindings) {
      const turn = id === first ? tools.signal : undefined;
      await tools.roles.revoke(id, crn_pattern, turn);
    }
    return 'revoked';
  });
  throwIfCalledOff(tried);
  const about = { target, user, roles: [...tried, ...withOutcome(missing, 'not_granted')] };
  const cause = failureIn(tried);
  if (cause === undefined) return { ...about, outcome: roles.length === 0 ? 'not_granted' : 'revoked' };
  if (roles.length === 1) throw cause;
  return { ...about, outcome: 'failed', error: partialFailure(target, 'revoked from', cause) };
}

/** Does it for each role, one after the other; a refused one does not keep the others from being tried. */
async function tryEach<R extends BoundRole>(
  roles: readonly R[],
  act: (role: R) => Promise<GrantedRole['outcome']>,
): Promise<GrantedRole[]> {
  const tried: GrantedRole[] = [];
  for (const role of roles) {
    const { role_name, crn_pattern } = role;
    try {
      tried.push({ role_name, crn_pattern, outcome: await act(role) });
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      tried.push({ role_name, crn_pattern, outcome: 'failed', error });
    }
  }
  return tried;
}

/** Where nothing was done before, nothing was attempted. */
function throwIfCalledOff(tried: readonly GrantedRole[]): void {
  const cause = failureIn(tried);
  if (cause?.code === 'cancelled' && tried.every(({ outcome }) => outcome === 'failed')) throw cause;
}

function failureIn(tried: readonly GrantedRole[]): CliError | undefined {
  return tried.find(({ error }) => error !== undefined)?.error;
}

function partialFailure(target: string, what: 'granted to' | 'revoked from', cause: CliError): CliError {
  const reason = cause.toRecord().message;
  const message = `not every role was ${what} "${target}"`;
  return new CliError('partial_failure', message, { ...cause.details, reason, target, cause });
}

/**
 * The invitation stands; only the roles that were refused are left to repeat.
 * @param asked Those that were asked for with the invitation. What an earlier one had, inviting again would not grant.
 */
function withGranted(
  result: Result,
  { target, roles: wanted, repair }: Wanted,
  roles: readonly GrantedRole[],
  asked: readonly BoundRole[] = [],
): Result {
  const cause = failureIn(roles);
  if (cause === undefined) return { ...result, roles };
  const missing = wanted.filter((_, number) => roles[number]?.error !== undefined);
  const email = textAt(result.invitation ?? {}, 'email') ?? target;
  const isAsked = (role: BoundRole) => asked.some((one) => isSameRole(one, role));
  const again = missing.filter(isAsked).map(typedRole);
  const former = missing.filter((role) => !isAsked(role)).map(typedRole);
  const flags = optionsAgain({ allowUnknownRoles: !missing.every(({ role_name }) => isKnownRole(role_name)) });
  const whose = [result.user ?? email, ...former].map(shellQuote);
  const repairs = [
    again.length === 0 ? [] : createCommand(email, ...optionsAgain({ role: again }), ...flags),
    former.length === 0 ? [] : ['invite role grant', ...whose, ...flags].join(' '),
  ].flat();
  const hints = [...(cause.details.hints ?? []), ...(repair === undefined ? repairs : [repair])];
  return { ...result, roles, error: partialFailure(target, 'granted to', cause).with({ hints }) };
}

/** @param turn Calls off those that have to wait. */
async function grantRoles(
  invited: Result,
  { roles, target, rolesOf }: Wanted,
  tools: Tools,
  turn?: AbortSignal,
): Promise<GrantedRole[]> {
  let user: string | undefined;
  let held: readonly BoundRole[] | undefined;
  return tryEach(roles, async (role) => {
    if (user === undefined) {
      user = await findUser(invited, target, tools);
      held = wereRead(rolesOf) ? (rolesOf(user) ?? (await rolesOfMember(invited, user, tools))) : undefined;
    }
    if (held?.some((other) => isSameRole(role, other))) return 'already_granted';
    const { role_name, crn_pattern } = role;
    return tools.roles.grant({ principal: `User:${user}`, role_name, crn_pattern }, turn);
  });
}

/** Who has no invitation was not among those whose roles were read. Undefined for somebody new, or if they are hidden. */
async function rolesOfMember({ outcome, invitation }: Result, user: string, tools: Tools) {
  if (outcome !== 'already_member' || invitation !== undefined) return undefined;
  return unlessMissing(tools.organization().then((organization) => tools.roles.of(user, organization)));
}

/**
 * The roles that the person is to get, as far as is known: those asked for that they do not have yet, and those of an
 * invitation that has ended.
 */
export function missingRoles({ roles, known, decision, rolesOf }: CreateChange, now: number): readonly BoundRole[] {
  const user = userIn(decision);
  const read = wereRead(rolesOf) ? rolesOf : () => [];
  const held = user === undefined ? [] : (read(user) ?? []);
  const former = decision.outcome === 'reinvited' ? formerUser(known, now) : undefined;
  const again = former === undefined ? [] : (read(former) ?? []).filter(({ crn_pattern }) => crn_pattern !== '');
  return distinctRoles([...roles, ...again]).filter((role) => !held.some((other) => isSameRole(role, other)));
}

export function wereRead(rolesOf: CreateChange['rolesOf']): rolesOf is RolesOf {
  return typeof rolesOf === 'function';
}

/** Each role once, however it was written. */
export function distinctRoles(roles: readonly BoundRole[]): BoundRole[] {
  return roles.filter((role, at) => roles.findIndex((other) => isSameRole(role, other)) === at);
}

interface RolesReading extends Pick<Tools, 'roles'> {
  /** Undefined if it cannot be told. */
  readonly organization: string | undefined;
  /** They are only to be given again: nobody is kept from being invited because they cannot be read. */
  readonly areFormer: boolean;
}

/** The roles of some users, of many by one pass over all role bindings, or why they cannot be read. */
export async function readRolesOf(
  users: ReadonlySet<string>,
  { roles, organization, areFormer }: RolesReading,
): Promise<RolesOf | CliError | undefined> {
  if (users.size === 0 || organization === undefined) return undefined;
  const held = new Map<string, BoundRole[]>();
  try {
    if (users.size <= (areFormer ? fewPeople : 1))
      await inTurns([...users], async (user) => held.set(user, [...(await roles.of(user, organization))]));
    else
      await roles.readAll(organization, ({ principal, role_name, crn_pattern }) => {
        const user = /^User:(.+)$/.exec(principal)?.[1] ?? '';
        if (!users.has(user)) return;
        const known = held.get(user) ?? [];
        held.set(user, known);
        if (!known.some((other) => isSameRole(other, { role_name, crn_pattern })))
          known.push({ role_name, crn_pattern });
      });
  } catch (error) {
    if (error instanceof CliError && (areFormer ? error.code !== 'cancelled' : isMissing(error))) return error;
    throw error;
  }
  return (user) => (users.has(user) ? (held.get(user) ?? []) : undefined);
}

/**
 * The member who was in the way, or the pre-created user of the invitation; asked for again if the first answer lacked
 * it; else looked up among the members.
 */
async function findUser(
  { invitation, user: known }: Result,
  email: string,
  { invitations, users }: Tools,
): Promise<string> {
  const id = textAt(invitation ?? {}, 'id');
  const own = known ?? textAt(invitation ?? {}, 'user', 'id');
  const named = own ?? (id === undefined ? undefined : textAt(await invitations.get(id), 'user', 'id'));
  if (named !== undefined) return named;
  const user = userNamed(email, (await users.byEmail()).get(email));
  if (user !== undefined) return user;
  throw new CliError('not_found', `cannot find the user of "${email}"`, {
    reason: 'roles are granted to the user that belongs to an invitation, and the API named none',
    target: email,
  });
}

/** Where every scope names its organization, the roles can be granted although the API does not tell which it is. */
export async function organizationFor(
  roles: readonly Role[],
  known: readonly Invitation[],
  tools: Tools,
): Promise<string | undefined> {
  try {
    return await tools.organization(known);
  } catch (error) {
    if (!(error instanceof CliError) || error.code === 'cancelled' || roles.some(needsOrganization)) throw error;
    return undefined;
  }
}

/** Whether the full name of its scope begins with an organization that was not typed. */
function needsOrganization({ scope }: Role): boolean {
  return scope === undefined || !scope.startsWith('crn:');
}

/** @param organization Undefined if it cannot be told: throws unless the scope says it. Throws `usage` if that is another one. */
export function resolveRole(role: Role, organization: string | undefined): BoundRole {
  if (organization !== undefined) checkOrganization(role, organization);
  else if (needsOrganization(role)) throw organizationUnknown();
  return { role_name: role.role_name, crn_pattern: crnOf(role, organization ?? '') };
}
