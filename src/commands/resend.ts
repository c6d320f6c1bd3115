import type { ChangeOptions, CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { addTargetFilters, type FilterOptions, withUserIds } from '../cli/filter-options.ts';
import { toolsOf } from '../mail/change.ts';
import { lookAndAsk } from '../mail/look.ts';
import { planResends, withFormerRoles } from '../mail/plan.ts';
import { resultView } from '../mail/result.ts';
import { applyChanges } from '../mail/run-changes.ts';
import { confirmInvitations, peopleSelector, type QuestionAbout } from '../mail/targets.ts';

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
  const selecting = await peopleSelector(ctx, { typed, options, allowMissing: false, command: 'resend', tools });
  const { seen } = await lookAndAsk({
    clock: tools.clock,
    look: async () => {
      const selection = await selecting();
      return { changes: planResends(selection, ctx.now()), single: selection.single };
    },
    ask: async ({ changes }) => {
      // The roles of an invitation that has expired are granted to the new user.
      const asked = changes.flatMap(({ target, known, decision }) =>
        decision.act === 'post' ? [{ target, known, invitation: decision.invitation }] : [],
      );
      return !dryRun && confirmInvitations(ctx, asked, { question: mailQuestion, answered: yes, tools });
    },
  });
  const ready = await withFormerRoles(seen.changes, tools);
  await applyChanges(ctx, ready, { tools, view: resultView, single: seen.single, concurrency });
}

const mailQuestion: QuestionAbout = (people, isPlural) =>
  `mail the invitation${isPlural ? 's' : ''} of ${people} again?`;
