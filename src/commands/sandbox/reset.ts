import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { type CommandFactory, dryRunOption, examples, yesOption } from '../shared/command.ts';
import { sandboxMessageView, withSandbox } from '../shared/open-sandbox.ts';

interface ResetOptions {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

export const sandboxResetCommand: CommandFactory = (bind) =>
  new Command('reset')
    .summary('empty the sandbox')
    .description('Forget everything in the sandbox. It also gets rid of a damaged file.')
    .addOption(yesOption())
    .addOption(dryRunOption())
    .addHelpText('after', examples('invite sandbox reset', 'invite sandbox reset --yes'))
    .action(bind(reset));

export async function reset(ctx: Context, { yes = false, dryRun = false }: ResetOptions): Promise<void> {
  ctx.expect(sandboxMessageView);
  if (dryRun) return ctx.show(sandboxMessageView, { outcome: 'reset', dry_run: true });
  const message = `forget every invitation, member and role binding in the sandbox (${ctx.host.stateDir})?`;
  // Nobody real is in it: a script that types this need not say it twice.
  await ctx.confirm({ message, flag: '--yes', answered: yes || ctx.desk() === undefined });
  await withSandbox(ctx, (sandbox) => sandbox.reset());
  await ctx.show(sandboxMessageView, { outcome: 'reset' });
}
