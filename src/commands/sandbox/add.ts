import { Option } from 'commander';
import { crnOf } from '../../api/crn.ts';
import { parseRole, type Role } from '../../api/roles.ts';
import {
  CliCommand,
  type CommandFactory,
  type ConfirmationOptions,
  countOption,
  repeatable,
} from '../../cli/command.ts';
import type { Context } from '../../cli/context.ts';
import type { View } from '../../output/view.ts';
import { type PersonState, personStates } from '../../sandbox/rows.ts';
import type { SeededPerson } from '../../sandbox/sandbox.ts';
import { withSandbox } from './open.ts';

interface AddOptions extends ConfirmationOptions {
  readonly state: PersonState;
  readonly role?: readonly Role[];
  readonly apiKeys?: number;
}

export const sandboxAddCommand: CommandFactory = (bind) =>
  new CliCommand('add')
    .summary('add a person in any state')
    .description(
      'Add a person in any state, without a mail and without applying the rules of the API. The states member and ' +
        'sso_member have no invitation; left is an accepted invitation whose user has been deleted.',
    )
    .argument('<email>', 'the e-mail of the person')
    .addOption(new Option('--state <state>', 'state of the person').choices(personStates).default('accepted'))
    .addOption(repeatable('--role <role[@scope]>', 'role of the person (repeatable)', parseRole))
    .addOption(countOption('--api-keys <n>', 'number of API keys the person owns', [0, 100_000]))
    .addConfirmationOptions()
    .addExamples(
      'invite sandbox add gus@example.com --state left',
      'invite sandbox add deb@example.com --state sso_member --role MetricsViewer --api-keys 2',
    )
    .action(bind(add));

async function add(ctx: Context, email: string, options: AddOptions): Promise<void> {
  const { state, role = [], apiKeys = 0, dryRun = false } = options;
  ctx.expect(personView);
  if (dryRun) return ctx.show(personView, { email, state, dry_run: true });
  const [added] = await withSandbox(ctx, async (sandbox) => {
    const { sandboxOrganization } = await import('../../sandbox/sandbox.ts');
    const roles = role.map((item) => ({ role_name: item.role_name, crn_pattern: crnOf(item, sandboxOrganization.id) }));
    return sandbox.populate({ people: [{ email, state, roles, api_keys: apiKeys }] });
  });
  await ctx.show(personView, { email, state, ...added });
}

type AddedPerson = Partial<SeededPerson> & {
  readonly email: string;
  readonly state: PersonState;
  readonly dry_run?: true;
};

export const personView: View<AddedPerson> = {
  fields: ['email', 'state', 'user', 'invitation', 'dry_run'],
  times: [],
  columns: [
    { title: 'EMAIL', field: 'email', rank: 0, narrowest: 12 },
    { title: 'STATE', field: 'state', rank: 0 },
    { title: 'USER', field: 'user', rank: 1 },
  ],
  csv: ['email', 'state', 'user', 'invitation', 'dry_run'],
  block: ['email', 'state', 'user', 'invitation', 'dry_run'],
  record: (added) => ({ ...added }),
  id: ({ user }) => user,
};
