import { Option } from 'commander';
import { crnOf } from '../../api/crn.ts';
import { authTypes } from '../../api/invitation.ts';
import type { Role } from '../../api/roles.ts';
import { CliCommand, type CommandFactory, type ConfirmationOptions, countOption } from '../../cli/command.ts';
import type { Context } from '../../cli/context.ts';
import { parseUnmistaken, roleOption } from '../../cli/invite-options.ts';
import { CliError } from '../../errors.ts';
import type { View } from '../../output/view.ts';
import type { OrganizationSeed, PersonSeed } from '../../sandbox/sandbox.ts';
import type { RoleSeed } from '../../sandbox/seed.ts';
import { type PersonState, personStates, timestamp } from '../../sandbox/state.ts';
import { invalidArgument } from '../../text/suggest.ts';
import { sandboxOf } from './open.ts';

interface AddOptions extends ConfirmationOptions {
  readonly state: PersonState;
  readonly role?: readonly Role[];
  readonly apiKeys?: number;
  readonly invitedAs?: string;
  readonly user?: string;
  readonly fullName?: string;
  readonly authType?: keyof typeof authTypes;
  readonly createdAt?: string;
  readonly expiresAt?: string;
}

export const sandboxAddCommand: CommandFactory = (bind) =>
  new CliCommand('add')
    .summary('add a person in any state, or another principal')
    .description(
      'Add a person in any state, without a mail and without applying the rules of the API. The states member and ' +
        'sso_member have no invitation; left is an accepted invitation whose user has been deleted. A service account ' +
        '(sa-…), an identity pool (pool-…) or a group (group-… or Group:…) is added by its roles and API keys.',
    )
    .argument('<email|principal>', 'the e-mail of the person, or the other principal')
    .addOption(new Option('--state <state>', 'state of the person').choices(personStates).default('accepted'))
    .addOption(roleOption('role', parseUnmistaken))
    .addOption(countOption('--api-keys <n>', 'number of API keys owned', [0, 100_000]))
    .option('--invited-as <email>', 'e-mail of the invitation, if that of the user has changed since')
    .option('--user <id>', 'id of the user')
    .option('--full-name <text>', 'name of the user')
    .addOption(new Option('--auth-type <type>', 'how the person signs in').choices(Object.keys(authTypes)))
    .addOption(
      new Option('--created-at <time>', 'creation of the invitation or user').argParser((text) =>
        parseTime(text, '--created-at'),
      ),
    )
    .addOption(
      new Option('--expires-at <time>', 'expiry of the invitation').argParser((text) =>
        parseTime(text, '--expires-at'),
      ),
    )
    .addConfirmationOptions()
    .addExamples(
      'invite sandbox add gus@example.com --state left',
      'invite sandbox add deb@example.com --state sso_member --role MetricsViewer --api-keys 2',
      'invite sandbox add eve.smith@example.com --invited-as eve.miller@example.com',
      'invite sandbox add pool-ci --role EnvironmentAdmin@env-abc',
    )
    .action(bind(add));

async function add(ctx: Context, name: string, options: AddOptions): Promise<void> {
  ctx.expect(personView);
  const { dryRun = false } = options;
  const person: AddedPerson | undefined = name.includes('@') ? { email: name, state: options.state } : undefined;
  const principal = person === undefined ? principalOf(name, options) : undefined;
  const shown: AddedPerson = person ?? { ...given('principal', principal) };
  if (dryRun) return ctx.show(personView, { ...shown, dry_run: true });
  const { sandboxOrganization } = await import('../../sandbox/sandbox.ts');
  const roles = (options.role ?? []).map((role) => ({
    role_name: role.role_name,
    crn_pattern: crnOf(role, sandboxOrganization.id),
  }));
  const organization =
    principal === undefined ? { people: [personSeed(name, roles, options)] } : principalSeed(principal, roles, options);
  const sandbox = await sandboxOf(ctx);
  const [added] = await sandbox.populate(organization);
  await ctx.show(personView, { ...shown, ...added });
}

function personSeed(email: string, roles: readonly RoleSeed[], options: AddOptions): PersonSeed {
  const { state, apiKeys = 0, authType } = options;
  return {
    ...{ email, state, roles, api_keys: apiKeys },
    ...given('invited_as', options.invitedAs),
    ...given('user', options.user),
    ...given('full_name', options.fullName),
    ...given('auth_type', authType && authTypes[authType]),
    ...given('created_at', options.createdAt),
    ...given('expires_at', options.expiresAt),
  };
}

function principalSeed(principal: string, roles: readonly RoleSeed[], { apiKeys = 0 }: AddOptions): OrganizationSeed {
  const owner = principal.slice(principal.indexOf(':') + 1);
  return {
    role_bindings: roles.map((role) => ({ principal, ...role })),
    api_keys: Array.from({ length: apiKeys }, () => ({ owner })),
  };
}

/** `sa-1`, `pool-1`, `group-1`, `User:…` or `Group:…`, as role bindings name it. Throws `usage` on anything else. */
function principalOf(name: string, { role = [], apiKeys = 0 }: AddOptions): string {
  const isPrincipal = /^(?:(?:User|Group):.+|(?:sa|pool|group)-.+)$/.test(name);
  if (!isPrincipal) {
    const hints = ['a person has an e-mail; other principals are sa-…, pool-…, group-…, User:… and Group:…'];
    throw new CliError('usage', `"${name}" is neither an e-mail nor a principal`, { hints });
  }
  if (role.length + apiKeys === 0) {
    throw new CliError('usage', `"${name}" is known only by its roles and API keys`, {
      hints: [`invite sandbox add ${name} --role MetricsViewer`],
    });
  }
  return name.includes(':') ? name : `User:${name}`;
}

/** RFC 3339 in UTC with microseconds, as the API writes it. */
function parseTime(text: string, option: string): string {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw invalidArgument(text, option, 'times such as 2026-01-31T12:00:00Z');
  return timestamp(time);
}

/** The field, unless it has no value. */
function given<Name extends string, T>(name: Name, value: T | undefined): { readonly [Key in Name]?: T } {
  return value === undefined ? {} : ({ [name]: value } as { [Key in Name]: T });
}

interface AddedPerson {
  readonly email?: string;
  readonly state?: PersonState;
  readonly user?: string;
  readonly invitation?: string;
  readonly principal?: string;
  readonly dry_run?: true;
}

const fields = ['email', 'state', 'user', 'invitation', 'principal', 'dry_run'];

export const personView: View<AddedPerson> = {
  ...{ fields, times: [], csv: fields, block: fields },
  columns: [
    { title: 'EMAIL', field: 'email', rank: 0, narrowest: 12 },
    { title: 'STATE', field: 'state', rank: 0 },
    { title: 'USER', field: 'user', rank: 1 },
  ],
  record: (added) => ({ ...added }),
  id: ({ user, principal }) => user ?? principal,
};
