import { checkOrganization, shownRole } from '../api/crn.ts';
import type { GrantedRole } from '../api/role-bindings.ts';
import { formatRole, isAdminRole, parseRole, type Role } from '../api/roles.ts';
import { parseTarget } from '../api/targets.ts';
import type { ChangeOptions } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { refuseForeignRoles } from '../cli/invite-options.ts';
import { CliError } from '../errors.ts';
import type { GrantChange, RevokeChange } from '../mail/change.ts';
import { applyChanges, changeView } from '../mail/run-changes.ts';
import { textAt } from '../text/json-fields.ts';
import { shellQuote } from '../text/suggest.ts';
import { look, type Sight } from './observe.ts';
import { type Binding, isPresent, nameOf, type Observed } from './observed.ts';
import { type Change, roleInWords } from './plan.ts';
import { limitsIn } from './plan-options.ts';
import { checkRows } from './removal.ts';
import { checkPersonId, type RosterRow, rowsNamed, strangerError, unreadable } from './roster.ts';
import { type ScopedRole, wantedRole } from './scoped-roles.ts';

export interface RoleOptions extends ChangeOptions {
  readonly strict?: boolean;
  readonly allowUnknownRoles?: boolean;
  readonly minAdmins?: number;
  readonly self?: string;
}

/** Grants roles to one person, who is a member or invited. What they have already is left as it is. */
export async function grantRoles(ctx: Context, typed: string, roles: readonly Role[], options: RoleOptions) {
  ctx.expect(changeView(ctx, 'grant'));
  const target = personTarget(typed);
  if (options.allowUnknownRoles !== true) refuseForeignRoles(roles.map(({ role_name }) => role_name));
  const sight = await look(ctx, { recheck: [target], mayLackRoles: true });
  const person = personIn(sight, target, roles);
  const { wanted, held } = sorted(roles, person, sight.observed);
  const change: GrantChange = {
    ...{ kind: 'grant', target: person.email, known: [], user: await granteeOf(person, sight) },
    ...{ roles: wanted.map((role) => wantedRole(role, sight.observed.organization)), held: held.map(named) },
  };
  const admin = wanted.filter(({ role_name }) => isAdminRole(role_name)).map(placed);
  if (admin.length > 0 && options.dryRun !== true) {
    const message = `grant ${admin.join(' and ')} to ${nameOf(person.email, person.invited_as)}?`;
    await ctx.confirm({ message, answered: options.yes === true });
  }
  await carryOut(ctx, change, sight, options);
}

/** Revokes roles from one person, as far as they have them. Throws `unsafe_plan` where a plan would not do it either. */
export async function revokeRoles(ctx: Context, typed: string, roles: readonly Role[], options: RoleOptions) {
  ctx.expect(changeView(ctx, 'revoke'));
  const target = personTarget(typed);
  const sight = await look(ctx, { recheck: [target] });
  const person = personIn(sight, target, []);
  const { wanted, held } = sorted(roles, person, sight.observed);
  const bindings = person.bindings === unreadable ? [] : person.bindings;
  const of = (role: ScopedRole) => bindings.filter((binding) => binding.role === role);
  const rows = held.map((role) => revocation(role, person, of(role)));
  checkRows(rows, sight, limitsIn(options));
  const change: RevokeChange = {
    ...{ kind: 'revoke', target: person.email, known: [], user: rows[0]?.user ?? person.user ?? '' },
    roles: held.map((role) => ({
      ...wantedRole(role, sight.observed.organization),
      bindings: of(role).map(({ id }) => id),
    })),
    missing: wanted.map(named),
  };
  await carryOut(ctx, change, sight, options);
}

/** A role that is typed without `--role`. */
export function roleArgument(typed: string): Role {
  try {
    return parseRole(typed);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    throw error.with({ hints: error.details.hints?.map((hint) => hint.replace(/^--role /, '')) ?? [] });
  }
}

function personTarget(typed: string): string {
  const target = parseTarget(typed);
  checkPersonId(target);
  return target.text;
}

async function carryOut(ctx: Context, change: GrantChange | RevokeChange, { tools }: Sight, options: RoleOptions) {
  const { dryRun = false, strict = false, concurrency } = options;
  await applyChanges(ctx, [change], { tools, dryRun, strict, concurrency, single: true });
}

/** Throws `not_found` for a stranger, `ambiguous` for an address of several users. */
function personIn(sight: Sight, target: string, roles: readonly Role[]): RosterRow {
  const rows = rowsNamed(target, sight);
  const [person, ...others] = rows;
  if (person === undefined) {
    const flags = roles.map((role) => `--role ${shellQuote(formatRole(role))}`);
    const canInvite = roles.length > 0 && target.includes('@');
    throw strangerError(target, [
      canInvite ? `invite create ${shellQuote(target)} ${flags.join(' ')}` : 'invite people',
    ]);
  }
  if (others.length === 0) return person;
  throw new CliError('ambiguous', `several users have the address "${target}"`, {
    reason: `name one by id: ${rows.map(({ user }) => user).join(', ')}`,
    target,
  });
}

/** The roles that the person does not have, and those that they have. */
function sorted(roles: readonly Role[], { bindings }: RosterRow, { roles: all, organization }: Observed) {
  for (const role of roles) checkOrganization(role, organization);
  const scoped = [...new Set(roles.map((role) => all.ofRole(role, organization)))];
  const isHeld = (role: ScopedRole) => bindings !== unreadable && bindings.some((binding) => binding.role === role);
  return { wanted: scoped.filter((role) => !isHeld(role)), held: scoped.filter(isHeld) };
}

function named({ role_name, crn_pattern }: ScopedRole): GrantedRole {
  return { role_name, crn_pattern };
}

function placed(role: ScopedRole): string {
  return shownRole({ role_name: role.role_name, scope: role.crn });
}

/** The user to grant roles to. Throws `not_possible` for somebody who is not there any more. */
async function granteeOf({ email, state, user, invitation }: RosterRow, { tools }: Sight): Promise<string> {
  if (!isPresent({ state })) {
    const reason = state === 'left' ? 'they have left' : `their invitation is ${state}`;
    const hints = [`invite create ${shellQuote(email)} --role …`];
    throw new CliError('not_possible', `cannot grant roles to "${email}"`, { reason, hints, target: email });
  }
  // A list of invitations need not say whom each of them is for.
  const id = user ?? textAt(await tools.invitations.get(invitation?.id ?? ''), 'user', 'id');
  if (id !== undefined) return id;
  throw new CliError('bad_response', `the API does not name the user of "${email}"`, { target: email });
}

function revocation(role: ScopedRole, { email, user }: RosterRow, bindings: readonly Binding[]): Change {
  const owner = bindings[0]?.user ?? user;
  return {
    ...{ action: 'revoke', email, state: 'member', what: roleInWords(role), why: 'named', role },
    ...(owner === undefined ? {} : { user: owner }),
    bindings: bindings.map(({ id }) => id),
  };
}
