import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { invitationView } from '../../invitations/view.ts';
import { type CommandFactory, dryRunOption, examples, yesOption } from '../shared/command.ts';
import { withSandbox } from '../shared/open-sandbox.ts';

export const sandboxAcceptCommand: CommandFactory = (bind) =>
  new Command('accept')
    .summary('let somebody accept their invitation')
    .description('Let somebody accept their pending invitation, which makes them a member. No mail is involved.')
    .argument('<email>', 'who accepts')
    .addOption(yesOption())
    .addOption(dryRunOption())
    .addHelpText(
      'after',
      examples('invite sandbox accept ann@example.com', 'invite sandbox accept ann@example.com -o id'),
    )
    .action(bind(accept));

export async function accept(ctx: Context, email: string, { dryRun = false }: { dryRun?: boolean }): Promise<void> {
  ctx.expect(invitationView(0));
  const accepted = await withSandbox(ctx, (sandbox) => (dryRun ? sandbox.rehearsal : sandbox).accept(email));
  await ctx.show(invitationView(ctx.host.clock.now()), accepted);
  if (dryRun) ctx.say('nothing was changed; this is what it would come to');
}
