import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { invitationView } from '../../invitations/view.ts';
import { type CommandFactory, dryRunOption, examples, yesOption } from '../shared/command.ts';
import { withSandbox } from '../shared/open-sandbox.ts';

export const sandboxAcceptCommand: CommandFactory = (bind) =>
  new Command('accept')
    .summary('accept an invitation')
    .description('Accept a pending invitation in place of its recipient, who becomes a member. No mail is involved.')
    .argument('<email>', 'the e-mail of the invitation')
    .addOption(yesOption())
    .addOption(dryRunOption())
    .addHelpText(
      'after',
      examples('invite sandbox accept ann@example.com', 'invite sandbox accept ann@example.com -o id'),
    )
    .action(bind(accept));

async function accept(ctx: Context, email: string, { dryRun = false }: { dryRun?: boolean }): Promise<void> {
  ctx.expect(invitationView(0));
  const accepted = await withSandbox(ctx, (sandbox) => (dryRun ? sandbox.dryRun : sandbox).accept(email));
  await ctx.show(invitationView(ctx.host.clock.now()), accepted);
  if (dryRun) ctx.say('dry run: nothing was changed');
}
