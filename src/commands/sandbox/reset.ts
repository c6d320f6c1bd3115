import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { type CommandFactory, dryRunOption, examples, yesOption } from '../shared/command.ts';
import { sandboxResultView, withSandbox } from '../shared/open-sandbox.ts';

interface ResetOptions {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

export const sandboxResetCommand: CommandFactory = (bind) =>
  new Command('reset')
    .summary('delete all data of the sandbox')
    .description('Delete all data of the sandbox, even if its file is damaged.')
    .addOption(yesOption())
    .addOption(dryRunOption())
    .addHelpText('after', examples('invite sandbox reset', 'invite sandbox reset --yes'))
    .action(bind(reset));

async function reset(ctx: Context, { yes = false, dryRun = false }: ResetOptions): Promise<void> {
  ctx.expect(sandboxResultView);
  if (dryRun) return ctx.show(sandboxResultView, { outcome: 'reset', dry_run: true });
  const message = `delete all invitations, members and role bindings of the sandbox in ${ctx.host.stateDir}?`;
  // The data are not real, so a script need not pass --yes.
  await ctx.confirm({ message, flag: '--yes', answered: yes || ctx.prompter() === undefined });
  await withSandbox(ctx, (sandbox) => sandbox.reset());
  await ctx.show(sandboxResultView, { outcome: 'reset' });
}
