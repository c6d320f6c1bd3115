import { Command } from 'commander';
import { planResends } from '../changes/plan.ts';
import type { Context } from '../context.ts';
import { applyChanges, changeView } from './shared/apply.ts';
import { type CommandFactory, concurrencyOption, dryRunOption, examples, yesOption } from './shared/command.ts';
import { confirmationPhrase, describePeople } from './shared/describe-targets.ts';
import { addFilters, type FilterOptions } from './shared/filters.ts';
import { selectPeople } from './shared/select-targets.ts';

interface ResendOptions extends FilterOptions {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly concurrency?: number;
}

export const resendCommand: CommandFactory = (bind) =>
  addFilters(new Command('resend').summary('mail invitations again'))
    .description('Mail invitations again that are pending or expired, by inviting the same address once more.')
    .argument('[id|email...]', 'whom to mail; - reads ids and e-mails from stdin, one a line')
    .addOption(concurrencyOption())
    .addOption(yesOption())
    .addOption(dryRunOption())
    .addHelpText(
      'after',
      examples(
        'invite resend ann@example.com',
        'invite resend --expiring 48h --yes',
        'invite list --status expired -o id | invite resend - --yes',
      ),
    )
    .action(bind(resend));

export async function resend(ctx: Context, typed: string[], options: ResendOptions): Promise<void> {
  const { yes = false, dryRun = false, concurrency } = options;
  ctx.expect(changeView(ctx, 'resend'));
  const { found, single } = await selectPeople(ctx, { typed, options, missingIsFine: false, verb: 'mail again' });
  const tools = await ctx.tools();
  const { changes, repeated } = planResends(found, ctx.host.clock.now());
  for (const target of repeated) ctx.say(`"${target}" means somebody who is mailed anyway; it counts once`);
  const mailed = changes.filter(({ decision }) => decision.act === 'post');
  if (mailed.length > 0 && !dryRun) {
    await ctx.confirm({
      message: describePeople('mail again', mailed),
      flag: '--yes',
      answered: yes,
      ...confirmationPhrase(mailed.length),
    });
  }
  await applyChanges(ctx, changes, { tools, dryRun, single, concurrency });
}
