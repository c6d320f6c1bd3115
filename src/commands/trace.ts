import type { Invitation } from '../api/invitation.ts';
import { parseTarget } from '../api/targets.ts';
import type { CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { look } from '../membership/observe.ts';
import { checkPersonId } from '../membership/person-target.ts';
import { traceOf, traceText, traceView } from '../membership/trace.ts';
import { formatDefinition } from '../output/formats.ts';
import { textAt } from '../text/json-fields.ts';

export const definition: CommandDefinition = (command, bind) =>
  command
    .description(
      'Show everything about one person: invitations, user, role bindings, the API keys they own, and what would be deleted ' +
        'or remain if they were removed.',
    )
    .argument('<email|user-id>', 'the person')
    .addExamples('invite trace ann@example.com', "invite trace u-abc123 -o json | jq '.api_keys'")
    .action(bind(trace));

async function trace(ctx: Context, typed: string): Promise<void> {
  const view = traceView(ctx.now);
  ctx.expect(view);
  const target = parseTarget(typed);
  checkPersonId(target);
  const invitations = new Map<string, Invitation>();
  const onInvitation = (invitation: Invitation) => void invitations.set(textAt(invitation, 'id') ?? '', invitation);
  const sight = await look(ctx, { recheck: [target.text], mayLackRoles: true, onInvitation });
  const found = await traceOf(target.text, sight, invitations);
  if (formatDefinition(ctx.globals.output).reader === 'person' && ctx.globals.fields === undefined)
    return ctx.host.stdout.write(traceText(found, ctx.now()));
  await ctx.show(view, found);
}
