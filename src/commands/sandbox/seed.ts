import { CliCommand, type CommandFactory, type ConfirmationOptions, countOption } from '../../cli/command.ts';
import type { Context } from '../../cli/context.ts';
import type { SeedCounts } from '../../sandbox/sandbox.ts';
import { sandboxOf, sandboxResultView } from './open.ts';

interface SeedOptions extends ConfirmationOptions {
  readonly count?: number;
  readonly members?: number;
  readonly ssoMembers?: number;
  readonly left?: number;
  readonly roleBindings?: number;
  readonly principals?: number;
  readonly apiKeys?: number;
}

const defaultCount = 20;
const range = [0, 100_000] as const;

export const sandboxSeedCommand: CommandFactory = (bind) =>
  new CliCommand('seed')
    .summary('add generated data to the sandbox')
    .description(
      'Add generated invitations: accepted, expired and revoked ones, and pending ones within the quota. Members ' +
        'without an invitation, role bindings and API keys are added on request.',
    )
    .addOption(
      countOption('--count <n>', `invitations (default: ${defaultCount}, or 0 with another option)`, [1, 100_000]),
    )
    .addOption(countOption('--members <n>', 'local members without an invitation', range))
    .addOption(countOption('--sso-members <n>', 'single sign-on members without an invitation', range))
    .addOption(countOption('--left <n>', 'people who accepted and have left', range))
    .addOption(countOption('--role-bindings <n>', 'role bindings, distributed over the members', range))
    .addOption(countOption('--principals <n>', 'role bindings of service accounts and groups', range))
    .addOption(countOption('--api-keys <n>', 'API keys, distributed over the members', range))
    .addConfirmationOptions()
    .addExamples(
      'invite sandbox seed',
      'invite sandbox seed --count 1000',
      'invite sandbox seed --members 40 --sso-members 7 --role-bindings 120 --api-keys 12',
    )
    .action(bind(seed));

async function seed(ctx: Context, options: SeedOptions): Promise<void> {
  ctx.expect(sandboxResultView);
  const { dryRun = false } = options;
  const others = countsOf(options);
  const total = Object.values(others).reduce((sum, count) => sum + count, 0);
  const count = options.count ?? (total === 0 ? defaultCount : 0);
  if (dryRun) return ctx.show(sandboxResultView, { outcome: 'seeded', count: count + total, dry_run: true });
  const sandbox = await sandboxOf(ctx);
  const seeded = await sandbox.seed(count, others);
  await ctx.show(sandboxResultView, { outcome: 'seeded', count: seeded });
}

function countsOf(options: SeedOptions): Required<SeedCounts> {
  const { members = 0, ssoMembers = 0, left = 0, roleBindings = 0, principals = 0, apiKeys = 0 } = options;
  return { members, sso_members: ssoMembers, left, role_bindings: roleBindings, principals, api_keys: apiKeys };
}
