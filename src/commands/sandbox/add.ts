import { Command, Option } from 'commander';
import { crnOf } from '../../confluent/crn.ts';
import { parseRole, type Role } from '../../confluent/roles.ts';
import { parseCount } from '../../context/global-options.ts';
import type { Context } from '../../context.ts';
import type { View } from '../../output/view.ts';
import { type PersonState, personStates } from '../../sandbox/rows.ts';
import type { SeededPerson } from '../../sandbox/sandbox.ts';
import { type CommandFactory, dryRunOption, examples, repeatable, yesOption } from '../shared/command.ts';
import { withSandbox } from '../shared/open-sandbox.ts';

interface AddOptions {
  readonly state: PersonState;
  readonly role?: readonly Role[];
  readonly apiKeys?: number;
  readonly dryRun?: boolean;
}

export const sandboxAddCommand: CommandFactory = (bind) =>
  new Command('add')
    .summary('put a person into the sandbox')
    .description(
      'Put a person into the sandbox in any state, past the rules of the API and without a mail: also one whom nobody ' +
        'invited (member, sso_member), and one who accepted and whose user is gone (left).',
    )
    .argument('<email>', 'who')
    .addOption(new Option('--state <state>', 'where they stand').choices(personStates).default('accepted'))
    .addOption(repeatable('--role <role[@scope]>', 'a role that they hold (repeatable)', parseRole))
    .addOption(
      new Option('--api-keys <n>', 'how many API keys they own').argParser((text) =>
        parseCount(text, '--api-keys', [0, 100_000]),
      ),
    )
    .addOption(yesOption())
    .addOption(dryRunOption())
    .addHelpText(
      'after',
      examples(
        'invite sandbox add gus@example.com --state left',
        'invite sandbox add deb@example.com --state sso_member --role MetricsViewer --api-keys 2',
      ),
    )
    .action(bind(add));

export async function add(ctx: Context, email: string, options: AddOptions): Promise<void> {
  const { state, role = [], apiKeys = 0, dryRun = false } = options;
  ctx.expect(personView);
  if (dryRun) return ctx.show(personView, { email, state, dry_run: true });
  const [added] = await withSandbox(ctx, async (sandbox) => {
    const { sandboxOrganization } = await import('../../sandbox/sandbox.ts');
    const roles = role.map((one) => ({ role_name: one.role_name, crn_pattern: crnOf(one, sandboxOrganization.id) }));
    return sandbox.populate({ people: [{ email, state, roles, api_keys: apiKeys }] });
  });
  await ctx.show(personView, { email, state, ...added });
}

type Added = Partial<SeededPerson> & { readonly email: string; readonly state: PersonState; readonly dry_run?: true };

export const personView: View<Added> = {
  fields: ['email', 'state', 'user', 'invitation', 'dry_run'],
  times: [],
  columns: [
    { title: 'EMAIL', field: 'email', rank: 0 },
    { title: 'STATE', field: 'state', rank: 0 },
    { title: 'USER', field: 'user', rank: 1 },
  ],
  csv: ['email', 'state', 'user', 'invitation', 'dry_run'],
  block: ['email', 'state', 'user', 'invitation', 'dry_run'],
  record: (added) => ({ ...added }),
  id: ({ user }) => user,
};
