import { Option } from 'commander';
import { createCommand, nameOf } from '../api/email.ts';
import { checkOrganization, formatRole, isAdminRole, isKnownRole, parseRole, type Role, roleOn } from '../api/roles.ts';
import { userNamed } from '../api/users.ts';
import { type ChangeOptions, CliCommand, type CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { allowUnknownRolesOption, refuseForeignRoles, refuseTypo } from '../cli/invite-options.ts';
import { CliError } from '../errors.ts';
import type { GrantChange, RevokeChange } from '../mail/change.ts';
import { lookAndAsk } from '../mail/look.ts';
import { memberChangeView } from '../mail/result.ts';
import { applyChanges } from '../mail/run-changes.ts';
import { look, personNames, type Sight } from '../membership/observe.ts';
import { isPresent, type ScopedRole } from '../membership/observed.ts';
import { addSafetyOptions, limitsIn, type PlanOptions } from '../membership/plan-options.ts';
import { checkRows } from '../membership/removal.ts';
import { type RosterRow, rowNamed, strangerError } from '../membership/roster.ts';
import { optionsAgain, shellQuote } from '../text/suggest.ts';

interface RoleOptions extends ChangeOptions, Pick<PlanOptions, 'allowUnknownRoles' | 'minAdmins' | 'self'> {
  readonly strict?: boolean;
}

type RoleAction = (ctx: Context, person: string, roles: string[], options: RoleOptions) => Promise<void>;

export const definition: CommandDefinition = (command, bind) => {
  const subcommand = (name: string, action: RoleAction) =>
    new CliCommand(name)
      .argument('<email|user-id>', 'the person')
      .argument('<role[@scope]...>', 'the roles')
      .addView(() => memberChangeView)
      .action(bind(action));
  return command
    .description('Grant roles to one person, or revoke them. Running it again changes nothing.')
    .addCommand(
      subcommand('grant', grantRoles)
        .summary('grant roles to one person')
        .description(
          'Grant roles to a member or to somebody who is invited. A role that they have is left as it is. Granting ' +
            'OrganizationAdmin or AccountAdmin asks for confirmation.',
        )
        .addOption(new Option('--strict', 'fail if they have one of the roles already'))
        .addOption(allowUnknownRolesOption())
        .addChangeOptions()
        .addExamples(
          'invite role grant ann@example.com MetricsViewer',
          'invite role grant ann@example.com EnvironmentAdmin@env-abc DeveloperRead@env-abc/lkc-123',
        ),
    )
    .addCommand(
      addSafetyOptions(subcommand('revoke', revokeRoles), 'minAdmins', 'self')
        .summary('revoke roles of one person')
        .description(
          'Revoke roles of a member, of somebody who is invited, or of somebody whose invitation has ended. Your own ' +
            'administrative roles and those of the last administrators are not revoked.',
        )
        .addOption(new Option('--strict', 'fail if they do not have one of the roles'))
        .addChangeOptions()
        .addExamples(
          'invite role revoke ann@example.com MetricsViewer',
          'invite role revoke u-abc123 EnvironmentAdmin@env-abc --dry-run',
        ),
    );
};

/** Grants roles to one person, who is a member or invited. What they have already is left as it is. */
async function grantRoles(ctx: Context, name: string, typed: readonly string[], options: RoleOptions) {
  const { dryRun = false, yes = false } = options;
  const roles = typed.map(roleArgument);
  if (options.allowUnknownRoles !== true) refuseForeignRoles(roles.map(({ role_name }) => role_name));
  const look = async () => {
    const { sight, person, asked } = await lookUp(ctx, name, { roles, isGrant: true, dryRun });
    const user = granteeOf(person, roles);
    const isHeld = (role: ScopedRole) => person.person.bindings.some((one) => one.role === role && one.user === user);
    return { sight, person, user, held: asked.filter(isHeld), missing: asked.filter((role) => !isHeld(role)) };
  };
  const ask = async ({ person, missing }: Awaited<ReturnType<typeof look>>) => {
    const admin = missing.filter(({ role_name }) => isAdminRole(role_name));
    if (admin.length === 0 || dryRun) return false;
    const shown = admin.map(roleOn).join(' and ');
    const message = `grant ${shown} to ${nameOf(person.email, person)}?`;
    return ctx.confirm({ lines: [message], answered: yes });
  };
  const { seen, asked } = await lookAndAsk({ clock: ctx.host.clock, look, ask });
  const { sight, person, user, held, missing } = seen;
  if (asked !== undefined && asked.user !== user) {
    const reason = 'the address belongs to another user now';
    throw new CliError('not_possible', `cannot grant roles to "${person.email}"`, { reason, target: person.email });
  }
  const about = { target: person.email, invited_as: person.invited_as, known: [], user, held };
  await carryOut(ctx, { ...about, kind: 'grant', roles: missing }, sight, options);
}

/** Revokes roles from one person, as far as they have them. Throws `unsafe_plan` where a plan would not do it either. */
async function revokeRoles(ctx: Context, name: string, typed: readonly string[], options: RoleOptions) {
  const about = { roles: typed.map(roleArgument), isGrant: false, dryRun: options.dryRun };
  const { sight, person, asked } = await lookUp(ctx, name, about);
  const { email, invited_as, user } = person;
  if (user === null) throw unnamed(email);
  const rows = asked.map((role) => {
    const held = person.person.bindings.filter((one) => one.role === role);
    const about = { user: held[0]?.user ?? user.id, role, bindings: held.map(({ id }) => id) };
    return { ...about, action: 'revoke', email, state: 'member', what: roleOn(role), why: 'named' } as const;
  });
  const revoked = rows.filter(({ bindings }) => bindings.length > 0);
  const missing = rows.filter(({ bindings }) => bindings.length === 0).map(({ role }) => role);
  // A slip of the hand would look as if there were nothing to revoke.
  for (const { role_name } of missing) if (!sight.observed.heldRoles.has(role_name)) refuseTypo(role_name);
  checkRows(revoked, sight, limitsIn(options));
  const roles = revoked.map(({ role, bindings }) => ({ ...role, bindings }));
  const whose = { target: email, invited_as, known: [], user: revoked[0]?.user ?? user.id, missing };
  await carryOut(ctx, { ...whose, kind: 'revoke', roles }, sight, options);
}

/** A role that is typed without `--role`. */
function roleArgument(typed: string): Role {
  try {
    return parseRole(typed);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    throw error.with({ hints: error.details.hints?.map((hint) => hint.replace(/^--role /, '')) ?? [] });
  }
}

async function carryOut(ctx: Context, change: GrantChange | RevokeChange, { tools }: Sight, options: RoleOptions) {
  const { strict = false, concurrency } = options;
  await applyChanges(ctx, [change], { tools, view: memberChangeView, strict, concurrency, single: true });
}

interface Asked {
  readonly roles: readonly Role[];
  readonly isGrant: boolean;
  readonly dryRun: boolean | undefined;
}

/** Throws `not_found` for a stranger, `ambiguous` for an address of several users, `usage` for a foreign scope. */
async function lookUp(ctx: Context, name: string, { roles, isGrant, dryRun }: Asked) {
  const [target = ''] = personNames([name]);
  const sight = await look(ctx, { recheck: [target], mayLackRoles: isGrant, dryRun });
  const { organization, roles: scoped } = sight.observed;
  const person = rowNamed(target, sight);
  if (person === undefined) {
    const canInvite = isGrant && target.includes('@');
    throw strangerError(target, [canInvite ? inviteWith(target, roles) : 'invite people']);
  }
  const ids = person.person.users.map(({ id }) => id);
  // Of several users none is meant.
  userNamed(target, ids);
  for (const role of roles) checkOrganization(role, organization);
  return { sight, person, asked: [...new Set(roles.map((role) => scoped.ofRole(role, organization)))] };
}

/** The user to grant roles to. Throws `not_possible` for somebody who is not there any more. */
function granteeOf(person: RosterRow, roles: readonly Role[]): string {
  const { email, state, user } = person;
  if (!isPresent(person)) {
    const reason = state === 'left' ? 'they have left' : `their invitation is ${state}`;
    // One of unknown status may be open all the same.
    const hints = state === 'unknown' ? [`invite trace ${shellQuote(email)}`] : [inviteWith(email, roles)];
    throw new CliError('not_possible', `cannot grant roles to "${email}"`, { reason, hints, target: email });
  }
  if (user !== null) return user.id;
  throw unnamed(email);
}

function unnamed(email: string): CliError {
  return new CliError('bad_response', `the API does not name the user of "${email}"`, { target: email });
}

function inviteWith(email: string, roles: readonly Role[]): string {
  const allowUnknownRoles = roles.some(({ role_name }) => !isKnownRole(role_name));
  return createCommand(email, ...optionsAgain({ role: roles.map(formatRole), allowUnknownRoles }));
}
