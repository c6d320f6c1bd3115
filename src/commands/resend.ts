import type { ChangeOptions, CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { addTargetFilters, type FilterOptions } from '../cli/filter-options.ts';
import { toolsOf } from '../mail/change.ts';
import { confirmationPhrase, describePeople, type QuestionAbout } from '../mail/describe-targets.ts';
import { planResends } from '../mail/plan.ts';
import { applyChanges, changeView } from '../mail/run-changes.ts';
import { selectPeople } from '../mail/select-targets.ts';

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
    .action(bind(resend));

async function resend(ctx: Context, typed: string[], options: FilterOptions & ChangeOptions): Promise<void> {
  const { yes = false, dryRun = false, concurrency } = options;
  ctx.expect(changeView(ctx, 'resend'));
  const { found, single } = await selectPeople(ctx, { typed, options, allowMissing: false, verb: 'mail again' });
  const tools = await toolsOf(ctx);
  const { changes, repeated } = planResends(found, ctx.now());
  for (const target of repeated) ctx.say(`"${target}" is the same person as another target and is mailed once`);
  const mailed = changes.filter(({ decision }) => decision.act === 'post');
  if (mailed.length > 0 && !dryRun) {
    const message = describePeople(mailQuestion, mailed);
    await ctx.confirm({ message, answered: yes, phrase: confirmationPhrase(mailed.length) });
  }
  await applyChanges(ctx, changes, { tools, dryRun, single, concurrency });
}

const mailQuestion: QuestionAbout = (people, isPlural) =>
  `mail the invitation${isPlural ? 's' : ''} of ${people} again?`;
