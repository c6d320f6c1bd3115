import type { ChangeOptions, CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { addTargetFilters, type FilterOptions, withUserIds } from '../cli/filter-options.ts';
import { toolsOf } from '../mail/change.ts';
import { planResends, withFormerRoles } from '../mail/plan.ts';
import { resultView } from '../mail/result.ts';
import { applyChanges } from '../mail/run-changes.ts';
import { askedChanges, peopleSelector } from '../mail/targets.ts';

export const definition: CommandDefinition = (command, bind) =>
  addTargetFilters(command)
    .description('Mail pending or expired invitations again, by inviting the same address once more.')
    .argument('[id|email...]', 'whom to mail; - reads ids and e-mails from stdin, one per line')
    .addChangeOptions()
    .addExamples(
      'invite resend ann@example.com',
      'invite resend --expiring 48h --yes',
      'invite list --status expired -o id | invite resend - --yes',
    )
    .addView(() => resultView)
    .action(bind(resend));

async function resend(ctx: Context, typed: string[], given: FilterOptions & ChangeOptions): Promise<void> {
  const options = await withUserIds(ctx, given);
  const { yes = false, dryRun = false, concurrency } = options;
  const tools = await toolsOf(ctx, 'resend', { dryRun });
  const { changes, single } = await askedChanges(ctx, {
    select: await peopleSelector(ctx, { typed, options, allowMissing: false, command: 'resend', tools }),
    plan: (selection) => planResends(selection, ctx.now()),
    question: (people, isPlural) => `mail the invitation${isPlural ? 's' : ''} of ${people} again?`,
    answered: yes,
    tools,
  });
  await applyChanges(ctx, await withFormerRoles(changes, tools), { tools, view: resultView, single, concurrency });
}
