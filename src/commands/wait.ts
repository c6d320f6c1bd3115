import { Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { textAt } from '../invitations/invitation.ts';
import { parseTargets, type Target } from '../invitations/targets.ts';
import { durationInWords, parseDuration } from '../text/durations.ts';
import { relativeTime } from '../text/times.ts';
import type { Observation } from '../wait/observe.ts';
import { watch } from '../wait/observe.ts';
import {
  type Goal,
  goals,
  type WaitCriteria,
  type WaitResult,
  waitFailure,
  waitResult,
  waitResultView,
} from '../wait/result.ts';
import { type CommandFactory, examples } from './shared/command.ts';
import { readArgs } from './shared/select-targets.ts';

interface WaitOptions {
  readonly for: Goal;
}

const defaultTimeout = parseDuration('2h');

export const waitCommand: CommandFactory = (bind) =>
  new Command('wait')
    .summary('wait until invitations are accepted')
    .description(
      'Wait until all of them have been accepted, for 2 hours or as long as --timeout says. Exit code 8: the time was up; 7: one expired or was revoked, so that it cannot be accepted any more.',
    )
    .argument('<id|email...>', 'whom to wait for; - reads ids and e-mails from stdin, one a line')
    .addOption(new Option('--for <state>', 'wait for this state').choices(goals).default('accepted'))
    .addHelpText(
      'after',
      examples(
        'invite wait ann@example.com',
        'invite wait ann@example.com bob@example.com --timeout 1d',
        'invite create ann@example.com -o id | invite wait - && echo welcome',
      ),
    )
    .action(bind(wait));

export async function wait(ctx: Context, typed: string[], options: WaitOptions): Promise<void> {
  const targets = parseTargets(await readArgs(typed, ctx.host.stdin));
  if (targets.length === 0) throw new CliError('usage', 'nothing to wait for: stdin names no id and no e-mail');
  const waited = { goal: options.for, timeout: ctx.globals.timeout ?? defaultTimeout };
  const endings: WaitResult[] = [];
  const batches = endingsOf(ctx, targets, { waited, endings });
  const isSingle = typed.length === 1 && typed[0] !== '-';
  if (isSingle) await showOnly(ctx, batches);
  else await ctx.list(waitResultView(ctx.host.clock.now()), batches);
  const verdict = waitFailure(endings, waited);
  if (verdict !== undefined) throw verdict;
}

interface Waiting {
  readonly waited: WaitCriteria;
  /** Where each ending is put, too. */
  readonly endings: WaitResult[];
}

/** The targets as their waits end, in batches of one. */
async function* endingsOf(ctx: Context, targets: readonly Target[], { waited, endings }: Waiting) {
  const { clock } = ctx.host;
  const tell = teller(ctx, waited);
  const watched = watch(targets, {
    ...{ ...waited, ...tell, clock, signal: ctx.signal },
    invitations: await ctx.invitations(),
    now: () => clock.now(),
  });
  for await (const sight of watched) {
    const ending = waitResult(sight, waited);
    endings.push(ending);
    yield [ending];
  }
}

/** A failure of the only target is the command's, and stdout stays empty. */
async function showOnly(ctx: Context, batches: AsyncIterable<readonly WaitResult[]>): Promise<void> {
  for await (const [ending] of batches) {
    if (ending?.error === undefined && ending !== undefined)
      await ctx.show(waitResultView(ctx.host.clock.now()), ending);
  }
}

/** Says a line for every change of state, and once that it is waiting at all. */
function teller(ctx: Context, { goal, timeout }: WaitCriteria) {
  let isTold = false;
  const changed = (sight: Observation, before: Observation | undefined) => {
    const { judgement } = sight;
    if (before !== undefined) ctx.say(`${nameOf(sight)}: ${before.state} -> ${sight.state}`);
    else if (judgement === 'pending') ctx.say(`${nameOf(sight)}: ${sight.state}${expiry(ctx, sight)}`);
    if (isTold || judgement !== 'pending') return;
    isTold = true;
    ctx.say(`waiting at most ${durationInWords(timeout)} for the state ${goal}`);
  };
  const troubled = ({ message, details }: CliError) =>
    ctx.say(`${message}${details.reason === undefined ? '' : `: ${details.reason}`}; looking again later`);
  return { changed, troubled };
}

function nameOf({ target, invitation }: Observation): string {
  const other = textAt(invitation, target.kind === 'id' ? 'email' : 'id');
  return other === undefined ? target.text : `${target.text} (${other})`;
}

function expiry({ host }: Context, { invitation }: Observation): string {
  const expires = textAt(invitation, 'expires_at');
  return expires === undefined ? '' : `, expires ${relativeTime(expires, host.clock.now())}`;
}
