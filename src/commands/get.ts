import { currentInvitation, invitationView } from '../api/invitation.ts';
import { findOne, notFound, parseTarget, type Target } from '../api/targets.ts';
import type { CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { CliError } from '../errors.ts';
import { type Tools, toolsOf } from '../mail/change.ts';
import { mailsOf } from '../mail/mails.ts';
import { pickTarget, readArgs } from '../mail/targets.ts';
import { textAt } from '../text/json-fields.ts';

export const definition: CommandDefinition = (command, bind) =>
  command
    .description(
      'Show one invitation. If an e-mail has several, the one that can still be accepted is shown, else the newest.',
    )
    .argument('[id|email]', 'the invitation; - reads it from stdin; on a terminal you can choose it from a list')
    .addExamples('invite get ann@example.com', 'invite get i-7od91 -o json')
    .addView(() => invitationView)
    .action(bind(get));

async function get(ctx: Context, typed: string | undefined): Promise<void> {
  const target = parseTarget(typed === '-' ? await onlyLine(ctx) : (typed ?? (await pickTarget(ctx))));
  const tools = await toolsOf(ctx);
  const { invitations } = await findOne(tools.invitations, target, mailsOf(tools));
  const invitation = currentInvitation(invitations, ctx.now());
  if (invitation === undefined) throw await missing(target, tools);
  if (invitations.length > 1) {
    const ids = invitations.map((one) => textAt(one, 'id') ?? '-').join(', ');
    ctx.say(`"${target.text}" has ${invitations.length} invitations (${ids}); this is ${textAt(invitation, 'id')}`);
  }
  await ctx.show(invitationView, invitation);
}

async function onlyLine(ctx: Context): Promise<string> {
  const [line, ...more] = await readArgs(['-'], ctx);
  if (line !== undefined && more.length === 0) return line;
  throw new CliError(
    'usage',
    `stdin names ${more.length + (line === undefined ? 0 : 1)} targets, where one is expected`,
    {
      hints: ['invite list'],
    },
  );
}

async function missing(target: Target, { mails }: Tools): Promise<CliError> {
  const { id, unknownAt } = target.kind === 'email' ? await mails.past(target.text) : {};
  if (id === undefined && unknownAt === undefined) return notFound(target);
  return notFound(target).with({
    reason: 'it was mailed from this machine in the last 24 hours: the API may not show it yet, or it was revoked',
  });
}
