import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { invitationView } from '../../invitations/view.ts';
import { type CommandFactory, dryRunOption, examples, yesOption } from '../shared/command.ts';
import { withSandbox } from '../shared/open-sandbox.ts';

export const sandboxExpireCommand: CommandFactory = (bind) =>
  new Command('expire')
    .summary('expire an invitation')
    .description('Make a pending invitation expire now.')
    .argument('<email>', 'the e-mail of the invitation')
    .addOption(yesOption())
    .addOption(dryRunOption())
    .addHelpText('after', examples('invite sandbox expire ann@example.com'))
    .action(bind(expire));

async function expire(ctx: Context, email: string, { dryRun = false }: { dryRun?: boolean }): Promise<void> {
  ctx.expect(invitationView(0));
  const expired = await withSandbox(ctx, (sandbox) => (dryRun ? sandbox.dryRun : sandbox).expire(email));
  await ctx.show(invitationView(ctx.host.clock.now()), expired);
  if (dryRun) ctx.say('dry run: nothing was changed');
}
