import { Command } from 'commander';
import { planResends } from '../changes/plan.ts';
import type { Context } from '../context.ts';
import { carryOut, changeView } from './carry-out.ts';
import { concurrencyOption } from './concurrency.ts';
import { addFilters, type FilterOptions } from './filters.ts';
import { dryRunOption, examples, type Mount, yesOption } from './mount.ts';
import { choosePeople } from './selection.ts';
import { countPhrase, people } from './who.ts';

interface ResendOptions extends FilterOptions {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly concurrency?: number;
}

export const resendCommand: Mount = (bind) =>
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
  const { found, single } = await choosePeople(ctx, { typed, options, missingIsFine: false, verb: 'mail again' });
  const tools = await ctx.tools();
  const { changes, repeated } = planResends(found, ctx.host.clock.now());
  for (const target of repeated) ctx.say(`"${target}" means somebody who is mailed anyway; it counts once`);
  const mailed = changes.filter(({ decision }) => decision.act === 'post');
  if (mailed.length > 0 && !dryRun) {
    await ctx.confirm({
      message: people('mail again', mailed),
      flag: '--yes',
      answered: yes,
      ...countPhrase(mailed.length),
    });
  }
  await carryOut(ctx, changes, { tools, dryRun, single, concurrency });
}
