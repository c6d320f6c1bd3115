import { Option } from 'commander';
import { createCommand } from '../api/email.ts';
import { parseStatuses, stateAsked, statusWords } from '../api/filter.ts';
import {
  commonColumns,
  currentInvitation,
  type Invitation,
  invitationFields,
  invitationView,
  type State,
  stateInWords,
  stateOf,
  states,
} from '../api/invitation.ts';
import type { Invitations } from '../api/invitations.ts';
import { findTargets, notFound, type RecentMails, type Target, type TargetMatch } from '../api/targets.ts';
import type { CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { addTargetFilters, type FilterOptions } from '../cli/filter-options.ts';
import { CliError } from '../errors.ts';
import { untilAborted, withTimeout } from '../host/timeout.ts';
import type { Clock } from '../host.ts';
import { unlessMissing } from '../http/failure.ts';
import { toolsOf } from '../mail/change.ts';
import { mailsOf } from '../mail/mails.ts';
import { chooseTargets } from '../mail/targets.ts';
import type { View } from '../output/view.ts';
import { openProgress, type Progress } from '../terminal/progress.ts';
import { textAt } from '../text/json-fields.ts';
import { invalidArgument } from '../text/suggest.ts';
import { durationInWords, parseDuration } from '../text/times.ts';

interface WaitOptions extends FilterOptions {
  readonly for?: readonly string[];
}

const defaultTimeout = parseDuration('2h');

export const definition: CommandDefinition = (command, bind) =>
  addTargetFilters(command)
    .description(
      'Wait until all of them have been accepted, for 2 hours or as long as --timeout says. A filter chooses the invitations once, at the start. Exit code 8: the time was up; 7: one expired or was revoked, so that it cannot be accepted any more.',
    )
    .argument('[id|email...]', 'the invitations to wait for; - reads ids and e-mails from stdin, one per line')
    .addOption(
      new Option('--for <state>', 'wait for this state (repeatable, or with commas; default: accepted)')
        .choices(statusWords)
        .argParser(parseGoal),
    )
    .addExamples(
      'invite wait ann@example.com',
      'invite wait --status pending --domain example.com --timeout 1d',
      'invite create ann@example.com -o id | invite wait - && echo welcome',
    )
    .addView(() => waitResultView)
    .action(bind(wait));

/** A constant that is not known stands for no state, so nobody could tell whether it may still come. */
function parseGoal(text: string, before: readonly string[] | undefined): readonly string[] {
  const goal = parseStatuses(text, before, '--for');
  const unknown = goal.find((word) => stateAsked(word) === 'unknown');
  if (unknown === undefined) return goal;
  throw invalidArgument(unknown, '--for', statusWords);
}

async function wait(ctx: Context, typed: string[], options: WaitOptions): Promise<void> {
  const { targets, single, matched } = await chooseTargets(ctx, { typed, options, command: 'wait' });
  if (targets.length === 0 && matched === undefined)
    throw new CliError('usage', 'nothing to wait for: stdin names no id and no e-mail');
  if (targets.length === 0) ctx.remark('no invitations match');
  const criteria = { goal: options.for ?? ['accepted'], timeout: ctx.globals.timeout ?? defaultTimeout };
  const ended: WaitResult[] = [];
  const results = resultsOf(ctx, targets, { criteria, ended });
  if (!single) await ctx.list(waitResultView, results);
  // A failure of the only target is the command's, and stdout stays empty.
  else for await (const [result] of results) if (result?.error === undefined) await ctx.show(waitResultView, result);
  const failure = waitFailure(ended, criteria);
  if (failure !== undefined) throw failure;
}

/** The targets as the wait for each ends, in batches of one; they are added to `ended`, too. */
async function* resultsOf(
  ctx: Context,
  targets: readonly Target[],
  { criteria, ended }: { readonly criteria: Criteria; readonly ended: WaitResult[] },
): AsyncGenerator<readonly [WaitResult]> {
  const { host, signal, now } = ctx;
  const reporter = reporterOf(ctx, criteria, targets.length);
  const begun = host.clock.monotonic();
  const tools = await toolsOf(ctx);
  const { invitations } = tools;
  const world = { invitations, mails: mailsOf(tools), clock: host.clock, signal, now, reporter };
  try {
    for await (const observation of watch(targets, { ...criteria, ...world })) {
      const waited = Math.min(criteria.timeout, host.clock.monotonic() - begun);
      const result = { ...observation, error: targetFailure(observation, criteria, waited) };
      ended.push(result);
      yield [result];
    }
  } finally {
    reporter.end();
  }
}

interface Criteria {
  /** The states to wait for, any of them, as words of `--status`. */
  readonly goal: readonly string[];
  /** Milliseconds. */
  readonly timeout: number;
}

/** The state of an invitation; `gone` if it existed at an earlier check. */
type ObservedState = State | 'gone';

type Evaluation = 'reached' | 'pending' | 'impossible';

/** The states that may follow. An invitation that has ended does not change; inviting the person again creates another. */
const next: Readonly<Record<ObservedState, readonly State[]>> = {
  staged: ['pending', 'accepted', 'expired', 'deactivated'],
  pending: ['accepted', 'expired', 'deactivated'],
  unknown: states,
  expired: ['deactivated'],
  accepted: [],
  deactivated: [],
  gone: [],
};

/** Whether the goal is reached, can still be reached, or cannot. An invitation that is gone was revoked. */
export function evaluate(seen: ObservedState, goal: Criteria['goal']): Evaluation {
  const wanted = goal.map(stateAsked);
  if (wanted.some((state) => seen === state || (seen === 'gone' && state === 'deactivated'))) return 'reached';
  return wanted.some((state) => next[seen].includes(state)) ? 'pending' : 'impossible';
}

interface Observation {
  readonly target: Target;
  readonly invitation: Invitation;
  readonly state: ObservedState;
  readonly evaluation: Evaluation;
  /** Why it could not be checked any more; the state is then the last one that was seen. */
  readonly failure?: CliError | undefined;
}

interface WaitResult extends Observation {
  readonly error: CliError | undefined;
}

export interface WatchOptions extends Criteria {
  readonly invitations: Invitations;
  readonly mails?: RecentMails | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
  now(): number;
}

/** Milliseconds between two checks; they grow, since what has not happened soon will take longer. */
const firstPause = 5000;
const longestPause = 60_000;
const growth = 1.5;

/** The timeout of the last check, in milliseconds. */
const lastCheckTimeout = 5000;

/**
 * Checks the targets repeatedly, and yields each that reaches the goal. Ends when all have reached it, when one no longer
 * can, when a check fails for good, or at the timeout, and then yields the rest as they are.
 */
export async function* watch(targets: readonly Target[], options: WatchOptions): AsyncGenerator<Observation, void> {
  const { clock, timeout, signal, reporter } = options;
  const deadline = clock.monotonic() + timeout;
  const remaining = () => deadline - clock.monotonic();
  let left = await inTime(observe(targets, undefined, options), remaining(), clock);
  for (const observation of left) reporter.changed(observation, undefined);
  let failure: CliError | undefined;
  for (let pause = firstPause; ; pause = Math.min(longestPause, pause * growth)) {
    yield* left.filter(({ evaluation }) => evaluation === 'reached');
    left = left.filter(({ evaluation }) => evaluation !== 'reached');
    if (left.length === 0) return;
    const isSettled = left.some(({ evaluation }) => evaluation === 'impossible');
    const isLasting = failure !== undefined && !failure.details.retryable;
    if (remaining() <= 0 || isSettled || isLasting) return yield* left.map((one) => ({ ...one, failure }));
    const milliseconds = Math.min(Math.max(0, remaining()), pause * (0.8 + 0.4 * clock.random()));
    reporter.pausing(left, clock.monotonic() + milliseconds);
    await clock.sleep(milliseconds, signal);
    try {
      const targets = left.map(({ target }) => target);
      const limit = Math.max(remaining(), lastCheckTimeout);
      const seen = await inTime(observe(targets, left, options), limit, clock);
      for (const [index, one] of seen.entries())
        if (one.state !== left[index]?.state) reporter.changed(one, left[index]);
      [left, failure] = [seen, undefined];
    } catch (error) {
      if (!(error instanceof CliError) || error.code === 'cancelled') throw error;
      failure = error;
      if (error.details.retryable) reporter.troubled(error);
    }
  }
}

/** One check. Of targets that were observed before, those that no longer exist are `gone`; else throws one `not_found` for all of them. */
async function observe(
  targets: readonly Target[],
  before: readonly Observation[] | undefined,
  { invitations: client, mails, goal, now }: WatchOptions,
): Promise<Observation[]> {
  // A list may lack for a while what is still there: that is read by its id.
  const seen = new Map(before?.map(({ target, invitation }) => [target.text, textAt(invitation, 'id')]));
  const search = findTargets(client, targets, async (text) => seen.get(text) ?? mails?.(text));
  // 403 means the same as 404 here, since reading it was allowed before.
  const mayBeGone = before !== undefined && targets.length === 1 && targets[0]?.kind === 'id';
  const found = mayBeGone ? await unlessMissing(search) : await search;
  const missing = found?.filter(({ invitations }) => invitations.length === 0) ?? [];
  if (before === undefined && missing.length > 0) throw noneOf(missing, targets.length);
  return targets.map((target, index) => {
    const current = currentInvitation(found?.[index]?.invitations ?? [], now());
    const state = current === undefined ? 'gone' : stateOf(current, now());
    const invitation = current ?? before?.[index]?.invitation ?? {};
    return { target, invitation, state, evaluation: evaluate(state, goal) };
  });
}

function noneOf(missing: readonly TargetMatch[], total: number): CliError {
  const [first] = missing;
  if (missing.length === 1 && first !== undefined) return notFound(first.target);
  return new CliError('not_found', `${missing.length} of ${total} were not found`, {
    reason: missing.map(({ target }) => `"${target.text}"`).join('\n'),
    hints: ['invite list'],
  });
}

/** Rejects with `timeout` if the check does not end in time. */
function inTime<T>(check: Promise<T>, milliseconds: number, clock: Clock): Promise<T> {
  const error = () =>
    new CliError('timeout', 'cannot check the invitations', { reason: 'no answer in time', retryable: true });
  return withTimeout({ clock, milliseconds, error }, (limit) => untilAborted(check, limit));
}

/** Tells how a wait goes, on stderr. */
interface Reporter {
  /** Called for every new state; `before` is undefined at the first check. */
  changed(now: Observation, before: Observation | undefined): void;
  /** Called when a check failed and will be repeated. */
  troubled(failure: CliError): void;
  /** Called before each pause. @param until The start of the next check, by the monotonic clock. */
  pausing(left: readonly Observation[], until: number): void;
  end(): void;
}

/** With more targets than this, only changes are reported. */
const maxReported = 10;

/**
 * A line for every change of state. The first pause says how long is waited; the progress that is shown from then on
 * stays during the checks, which take milliseconds.
 */
function reporterOf(ctx: Context, { goal, timeout }: Criteria, total: number): Reporter {
  const { host, draw, say } = ctx;
  const { clock } = host;
  const begun = clock.monotonic();
  const wanted = goal.join(' or ');
  let progress: Progress | undefined;
  let pause: { readonly left: readonly Observation[]; readonly until: number } = { left: [], until: begun };
  const said = () => {
    const who = total === 1 ? pause.left[0]?.target.text : `${pause.left.length} of ${total}`;
    return `${who} not yet ${wanted} after ${durationInWords(clock.monotonic() - begun)}`;
  };
  const drawn = () => {
    const seconds = Math.max(0, Math.ceil((pause.until - clock.monotonic()) / 1000));
    return `${said()}, next check in ${seconds} s`;
  };
  return {
    changed: (now, before) => {
      const isPending = now.evaluation === 'pending';
      if (before !== undefined) say(`${targetName(now)}: ${before.state} -> ${now.state}`);
      else if (isPending && total <= maxReported) say(`${targetName(now)}: ${stateInWords(now.invitation, ctx.now())}`);
    },
    troubled: ({ message, details: { reason } }) =>
      say(`${message}${reason === undefined ? '' : `: ${reason}`}; trying again later`),
    pausing: (left, until) => {
      pause = { left, until };
      if (progress === undefined) {
        const what = total > maxReported ? `${total} invitations to be` : 'the state';
        say(`waiting at most ${durationInWords(timeout)} for ${what} ${wanted}`);
        progress = openProgress({ clock, draw, say }, { interval: 1000, drawn, said });
      }
      progress.note();
    },
    end: () => progress?.end(),
  };
}

function targetName({ target, invitation }: Observation): string {
  const other = textAt(invitation, target.kind === 'id' ? 'email' : 'id');
  return other === undefined ? target.text : `${target.text} (${other})`;
}

/** The failure of the whole wait; an impossible target takes precedence over a pending one. */
function waitFailure(results: readonly WaitResult[], { goal, timeout }: Criteria): CliError | undefined {
  const failed = results.filter(({ error }) => error !== undefined);
  if (failed.length === 0 || results.length === 1) return failed[0]?.error;
  const [{ failure } = {}] = failed;
  if (failure !== undefined) return failure;
  const impossible = failed.filter(({ evaluation }) => evaluation === 'impossible');
  const count = (of: readonly WaitResult[]) => `${of.length} of ${results.length}`;
  if (impossible.length > 0) {
    const message = `${count(impossible)} can no longer become ${goal.join(' or ')}`;
    return new CliError('not_possible', message, impossible[0]?.error?.details);
  }
  const message = `${count(failed)} are not ${goal.join(' or ')} after ${durationInWords(timeout)}`;
  return new CliError('pending', message, { retryable: true, hints: ['use a longer --timeout'] });
}

/** @param waited Milliseconds. It is less than the timeout where another target ended the wait. */
function targetFailure(observation: Observation, { goal, timeout }: Criteria, waited: number): CliError | undefined {
  const { evaluation, state, target, invitation, failure } = observation;
  if (evaluation === 'reached') return undefined;
  if (failure !== undefined) return failure.with({ target: target.text });
  if (evaluation === 'pending') {
    return new CliError('pending', `"${target.text}" is still ${state}`, {
      target: target.text,
      retryable: true,
      hints: waited < timeout ? [] : ['use a longer --timeout'],
      reason: `not ${goal.join(' or ')} after ${durationInWords(waited)}`,
    });
  }
  const email = textAt(invitation, 'email');
  const again = email === undefined || state === 'accepted' ? [] : [createCommand(email)];
  const expired = state === 'expired' ? ` since ${textAt(invitation, 'expires_at') ?? 'a while'}` : '';
  return new CliError('not_possible', `"${target.text}" can no longer become ${goal.join(' or ')}`, {
    target: target.text,
    hints: again,
    reason: `the invitation is ${state}${expired}`,
  });
}

export const waitResultView: View<WaitResult> = {
  ...invitationView,
  fields: [...invitationFields, 'outcome', 'error', 'error.code', 'error.message'],
  columns: [
    { title: 'OUTCOME', field: 'outcome', rank: 0 },
    commonColumns.id,
    commonColumns.email,
    { ...commonColumns.state, rank: 4 },
    { title: 'ACCEPTED', field: 'accepted_at', rank: 3 },
  ],
  csv: [...invitationView.csv, 'outcome', 'error.code', 'error.message'],
  block: ['outcome', 'id', 'email', 'state', 'accepted_at', 'expires_at', 'user'],
  record: ({ invitation, state, evaluation, error }) => ({
    ...invitation,
    state,
    outcome: evaluation,
    ...(error === undefined ? {} : { error: error.toRecord() }),
  }),
  id: ({ invitation, error }) => (error === undefined ? textAt(invitation, 'id') : undefined),
};
