import { Command, Option } from 'commander';
import { parseCount } from '../../context/global-options.ts';
import type { Context } from '../../context.ts';
import type { SeedCounts } from '../../sandbox/sandbox.ts';
import { type CommandFactory, dryRunOption, examples, yesOption } from '../shared/command.ts';
import { sandboxMessageView, withSandbox } from '../shared/open-sandbox.ts';

interface SeedOptions {
  readonly count?: number;
  readonly members?: number;
  readonly ssoMembers?: number;
  readonly left?: number;
  readonly roleBindings?: number;
  readonly principals?: number;
  readonly apiKeys?: number;
  readonly dryRun?: boolean;
}

const defaultCount = 20;

export const sandboxSeedCommand: CommandFactory = (bind) =>
  new Command('seed')
    .summary('fill the sandbox with made-up people')
    .description(
      'Add invitations of made-up people: accepted, expired and revoked ones, and pending ones as the quota allows. ' +
        'Members without an invitation, role bindings and API keys are added on request.',
    )
    .addOption(countOption('--count <n>', `invitations (else ${defaultCount}, or 0 beside others)`, 1))
    .addOption(countOption('--members <n>', 'local members, not invited'))
    .addOption(countOption('--sso-members <n>', 'members by single sign-on, not invited'))
    .addOption(countOption('--left <n>', 'people who accepted and have left since'))
    .addOption(countOption('--role-bindings <n>', 'role bindings of the members, in turn'))
    .addOption(countOption('--principals <n>', 'role bindings of machines and groups'))
    .addOption(countOption('--api-keys <n>', 'API keys of the members, in turn'))
    .addOption(yesOption())
    .addOption(dryRunOption())
    .addHelpText(
      'after',
      examples(
        'invite sandbox seed',
        'invite sandbox seed --count 1000',
        'invite sandbox seed --members 40 --sso-members 7 --role-bindings 120 --api-keys 12',
      ),
    )
    .action(bind(seed));

export async function seed(ctx: Context, options: SeedOptions): Promise<void> {
  ctx.expect(sandboxMessageView);
  const { dryRun = false } = options;
  const others = countsIn(options);
  const sum = Object.values(others).reduce((total, count) => total + count, 0);
  const count = options.count ?? (sum === 0 ? defaultCount : 0);
  if (dryRun) return ctx.show(sandboxMessageView, { outcome: 'seeded', count: count + sum, dry_run: true });
  const seeded = await withSandbox(ctx, (sandbox) => sandbox.seed(count, others));
  await ctx.show(sandboxMessageView, { outcome: 'seeded', count: seeded });
}

function countsIn(options: SeedOptions): Required<SeedCounts> {
  const { members = 0, ssoMembers = 0, left = 0, roleBindings = 0, principals = 0, apiKeys = 0 } = options;
  return { members, sso_members: ssoMembers, left, role_bindings: roleBindings, principals, api_keys: apiKeys };
}

function countOption(flags: string, description: string, least = 0): Option {
  const [name = flags] = flags.split(' ');
  return new Option(flags, description).argParser((text) => parseCount(text, name, [least, 100_000]));
}
