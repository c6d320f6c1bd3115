import { Command } from 'commander';
import type { Context } from '../context.ts';
import { textAt } from '../invitations/invitation.ts';
import { currentInvitation, findOne, notFound, parseTarget } from '../invitations/targets.ts';
import { invitationView } from '../invitations/view.ts';
import { type CommandFactory, examples } from './shared/command.ts';
import { pickTarget } from './shared/select-targets.ts';

export const getCommand: CommandFactory = (bind) =>
  new Command('get')
    .alias('show')
    .summary('show one invitation')
    .description(
      'Show one invitation. An e-mail with several means the one that can still be accepted, else the newest.',
    )
    .argument('[id|email]', 'the invitation; on a terminal you can choose it from a list')
    .addHelpText('after', examples('invite get ann@example.com', 'invite get i-7od91 -o json'))
    .action(bind(get));

export async function get(ctx: Context, typed: string | undefined): Promise<void> {
  ctx.expect(invitationView(0));
  const target = parseTarget(typed ?? (await pickTarget(ctx, 'show which invitation?')));
  const now = ctx.host.clock.now();
  const { invitations } = await findOne(await ctx.invitations(), target);
  const invitation = currentInvitation(invitations, now);
  if (invitation === undefined) throw notFound(target);
  if (invitations.length > 1) {
    const ids = invitations.map((one) => textAt(one, 'id') ?? '-').join(', ');
    ctx.say(`"${target.text}" has ${invitations.length} invitations (${ids}); this is ${textAt(invitation, 'id')}`);
  }
  await ctx.show(invitationView(now), invitation);
}
