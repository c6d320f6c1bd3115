import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { invitationView } from '../../invitations/view.ts';
import { type CommandFactory, dryRunOption, examples, yesOption } from '../shared/command.ts';
import { withSandbox } from '../shared/open-sandbox.ts';

export const sandboxExpireCommand: CommandFactory = (bind) =>
  new Command('expire')
    .summary('let an invitation run out of time')
    .description('Let a pending invitation run out of time at this moment.')
    .argument('<email>', 'whose invitation')
    .addOption(yesOption())
    .addOption(dryRunOption())
    .addHelpText('after', examples('invite sandbox expire ann@example.com'))
    .action(bind(expire));

export async function expire(ctx: Context, email: string, { dryRun = false }: { dryRun?: boolean }): Promise<void> {
  ctx.expect(invitationView(0));
  const expired = await withSandbox(ctx, (sandbox) => (dryRun ? sandbox.rehearsal : sandbox).expire(email));
  await ctx.show(invitationView(ctx.host.clock.now()), expired);
  if (dryRun) ctx.say('nothing was changed; this is what it would come to');
}
