import { Option } from 'commander';
import { parseStatuses, stateAsked, statusWords } from '../api/filter.ts';
import { commonColumns, invitationFields, invitationView } from '../api/invitation.ts';
import type { Target } from '../api/targets.ts';
import type { CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { addTargetFilters, type FilterOptions } from '../cli/filter-options.ts';
import { CliError } from '../errors.ts';
import { toolsOf } from '../mail/change.ts';
import { mailsOf } from '../mail/mails.ts';
import { chooseTargets } from '../mail/targets.ts';
import type { View } from '../output/view.ts';
import { openProgress, type Progress } from '../terminal/progress.ts';
import { textAt } from '../text/json-fields.ts';
import { invalidArgument, shellQuote } from '../text/suggest.ts';
import { durationInWords, parseDuration, relativeTime } from '../text/times.ts';
import { type Goal, goalInWords, type Observation, type Pause, watch } from './wait/observe.ts';

interface WaitOptions extends FilterOptions {
  readonly for?: Goal;
}

const defaultTimeout = parseDuration('2h');

export const definition: CommandDefinition = (command, bind) =>
  addTargetFilters(command)
    .description(
      'Wait until all of them have been accepted, for 2 hours or as long as --timeout says. A filter chooses the invitations once, at the start. Exit code 8: the time was up; 7: one expired or was revoked, so that it cannot be accepted any more.',
    )
    .argument('[id|email...]', 'the invitations to wait for; - reads ids and e-mails from stdin, one per line')
    .addOption(goalOption())
    .addExamples(
      'invite wait ann@example.com',
      'invite wait --status pending --domain example.com --timeout 1d',
      'invite create ann@example.com -o id | invite wait - && echo welcome',
    )
    .action(bind(wait));

function goalOption(): Option {
  return new Option('--for <state>', 'wait for this state, or for any of several (default: accepted)')
    .choices(statusWords)
    .argParser((text, before: Goal | undefined) => parseGoal(text, before));
}

/** A constant that is not known stands for no state, so nobody could tell whether it may still come. */
function parseGoal(text: string, before: Goal | undefined): Goal {
  const goal = parseStatuses(text, before, '--for');
  const unknown = goal.find((word) => stateAsked(word) === 'unknown');
  if (unknown === undefined) return goal;
  throw invalidArgument(unknown, '--for', statusWords);
}

async function wait(ctx: Context, typed: string[], options: WaitOptions): Promise<void> {
  const view = waitResultView(ctx.now);
  ctx.expect(view);
  const { targets, single, matched } = await chooseTargets(ctx, {
    typed,
    options,
    verb: 'wait for',
    offered: waitable,
  });
  if (targets.length === 0 && matched === undefined)
    throw new CliError('usage', 'nothing to wait for: stdin names no id and no e-mail');
  if (targets.length === 0) ctx.remark('no invitations match');
  const criteria = { goal: options.for ?? ['accepted'], timeout: ctx.globals.timeout ?? defaultTimeout };
  const results: WaitResult[] = [];
  const batches = resultsOf(ctx, targets, { criteria, results });
  if (single) await showOnly(ctx, batches);
  else await ctx.list(view, batches);
  const failure = waitFailure(results, criteria);
  if (failure !== undefined) throw failure;
}

/** States that can still change. */
const waitable = ['pending', 'staged', 'unknown'] as const;

interface WaitCriteria {
  readonly goal: Goal;
  /** Milliseconds. */
  readonly timeout: number;
}

interface Waiting {
  readonly criteria: WaitCriteria;
  /** Each result is added to these. */
  readonly results: WaitResult[];
}

/** The targets as the wait for each ends, in batches of one. */
async function* resultsOf(ctx: Context, targets: readonly Target[], { criteria, results }: Waiting) {
  const progress = waitProgress(ctx, criteria.goal, targets.length);
  const tools = await toolsOf(ctx);
  const observations = watch(targets, {
    ...{ ...criteria, ...progressMessages(ctx, criteria, targets.length), clock: ctx.host.clock, signal: ctx.signal },
    pausing: progress.pausing,
    mails: mailsOf(tools),
    invitations: tools.invitations,
    now: ctx.now,
  });
  try {
    for await (const { target, ...observation } of observations) {
      const error = failureOf({ target, ...observation }, criteria);
      const result = { target, ...observation, ...(error === undefined ? {} : { error }) };
      results.push(result);
      yield [result];
    }
  } finally {
    progress.end();
  }
}

/** Begins with the first pause, and stays during the checks, which take milliseconds. */
function waitProgress({ host: { clock, every }, draw, say }: Context, goal: Goal, total: number) {
  const begun = clock.monotonic();
  let progress: Progress | undefined;
  let pause: Pause = { left: [], until: begun };
  const said = () => {
    const who = total === 1 ? pause.left.join() : `${pause.left.length} of ${total}`;
    return `${who} not yet ${goalInWords(goal)} after ${durationInWords(clock.monotonic() - begun)}`;
  };
  const drawn = () => {
    const seconds = Math.max(0, Math.ceil((pause.until - clock.monotonic()) / 1000));
    return `${said()}, next check in ${seconds} s`;
  };
  const pausing = (next: Pause) => {
    pause = next;
    progress ??= openProgress({ clock, every, draw, say }, { interval: 1000, drawn, said });
    progress.note();
  };
  return { pausing, end: () => progress?.end() };
}

/** A failure of the only target is the command's, and stdout stays empty. */
async function showOnly(ctx: Context, batches: AsyncIterable<readonly WaitResult[]>): Promise<void> {
  for await (const [result] of batches) {
    if (result !== undefined && result.error === undefined) await ctx.show(waitResultView(ctx.now), result);
  }
}

/** With more targets than this, only changes are reported. */
const maxReported = 10;

/** A line for every change of state, and one at the start that says how long is waited. */
function progressMessages(ctx: Context, { goal, timeout }: WaitCriteria, count: number) {
  let isStarted = false;
  const goalText =
    count > maxReported ? `${count} invitations to be ${goalInWords(goal)}` : `the state ${goalInWords(goal)}`;
  const changed = (now: Observation, before: Observation | undefined) => {
    const { evaluation } = now;
    if (before !== undefined) ctx.say(`${targetName(now)}: ${before.state} -> ${now.state}`);
    else if (evaluation === 'pending' && count <= maxReported)
      ctx.say(`${targetName(now)}: ${now.state}${expiry(ctx, now)}`);
    if (isStarted || evaluation !== 'pending') return;
    isStarted = true;
    ctx.say(`waiting at most ${durationInWords(timeout)} for ${goalText}`);
  };
  const troubled = ({ message, details }: CliError) =>
    ctx.say(`${message}${details.reason === undefined ? '' : `: ${details.reason}`}; trying again later`);
  return { changed, troubled };
}

function targetName({ target, invitation }: Observation): string {
  const other = textAt(invitation, target.kind === 'id' ? 'email' : 'id');
  return other === undefined ? target.text : `${target.text} (${other})`;
}

function expiry({ now }: Context, { invitation }: Observation): string {
  const expires = textAt(invitation, 'expires_at');
  return expires === undefined ? '' : `, expires ${relativeTime(expires, now())}`;
}

interface WaitResult extends Observation {
  readonly error?: CliError;
}

/** The failure of the whole wait; an impossible target takes precedence over a pending one. */
function waitFailure(results: readonly WaitResult[], { goal, timeout }: WaitCriteria): CliError | undefined {
  const failed = results.filter(({ error }) => error !== undefined);
  const [only] = failed;
  if (only === undefined) return undefined;
  if (results.length === 1) return only.error;
  const impossible = failed.filter(({ evaluation }) => evaluation === 'impossible');
  if (impossible.length === 0) {
    const message = `${failed.length} of ${results.length} are not ${goalInWords(goal)} after ${durationInWords(timeout)}`;
    return new CliError('pending', message, { retryable: true, hints: ['use a longer --timeout'] });
  }
  const first = impossible[0]?.error?.details ?? {};
  return new CliError(
    'not_possible',
    `${impossible.length} of ${results.length} can no longer become ${goalInWords(goal)}`,
    first,
  );
}

function failureOf(
  { evaluation, state, target, invitation }: Observation,
  { goal, timeout }: WaitCriteria,
): CliError | undefined {
  if (evaluation === 'reached') return undefined;
  if (evaluation === 'pending') {
    return new CliError('pending', `"${target.text}" is still ${state}`, {
      ...{ target: target.text, retryable: true, hints: ['use a longer --timeout'] },
      reason: `not ${goalInWords(goal)} after ${durationInWords(timeout)}`,
    });
  }
  const email = textAt(invitation, 'email');
  const again = email === undefined || state === 'accepted' ? [] : [`invite create ${shellQuote(email)}`];
  const expired = state === 'expired' ? ` since ${textAt(invitation, 'expires_at') ?? 'a while'}` : '';
  return new CliError('not_possible', `"${target.text}" can no longer become ${goalInWords(goal)}`, {
    ...{ target: target.text, hints: again },
    reason: `the invitation is ${state}${expired}`,
  });
}

/** The invitation as last read, and the result of the wait for it. */
export function waitResultView(now: () => number): View<WaitResult> {
  const invitations = invitationView(now);
  return {
    ...invitations,
    fields: [...invitationFields, 'outcome', 'error', 'error.code', 'error.message'],
    columns: [
      { title: 'OUTCOME', field: 'outcome', rank: 0 },
      commonColumns.id,
      commonColumns.email,
      { ...commonColumns.state, rank: 4 },
      { title: 'ACCEPTED', field: 'accepted_at', rank: 3 },
    ],
    csv: [...invitations.csv, 'outcome', 'error.code', 'error.message'],
    block: ['outcome', 'id', 'email', 'state', 'accepted_at', 'expires_at', 'user'],
    record: ({ invitation, state, evaluation, error }) => ({
      ...invitation,
      ...{ state, outcome: evaluation },
      ...(error === undefined ? {} : { error: error.toRecord() }),
    }),
    id: ({ invitation, error }) => (error === undefined ? textAt(invitation, 'id') : undefined),
  };
}
