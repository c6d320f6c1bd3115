import { concurrencyOf } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { withConnectionFlags, withFlagsInHints } from '../cli/global-options.ts';
import type { Outcome } from '../cli/outcomes.ts';
import { CliError } from '../errors.ts';
import { OutputClosed } from '../host.ts';
import { formatDefinition } from '../output/formats.ts';
import type { View } from '../output/view.ts';
import type { ProgressBar } from '../terminal/progress.ts';
import { shellQuote } from '../text/suggest.ts';
import type { Change, Changes, Tools } from './change.ts';
import { inOrder, type Numbered, performAll, performOne } from './perform.ts';
import { leaveView, memberChangeView, type Result, removalView, resultView, Tally } from './result.ts';

interface ApplyOptions {
  readonly tools: Tools;
  readonly dryRun: boolean;
  /** One target was named: its failure is the command's failure, and its result is not a list. */
  readonly single: boolean;
  /** `--strict`: somebody who is already invited or a member counts as a failure. */
  readonly strict?: boolean;
  readonly concurrency?: number | undefined;
}

/** Carries out the changes, shows the results, and throws the failure that the command ends with, if any. */
export async function applyChanges(ctx: Context, changes: readonly Change[], how: ApplyOptions): Promise<void> {
  const [only] = changes;
  if (how.single && only !== undefined) {
    ctx.beginChanges();
    await applyOne(ctx, only, how).finally(() => how.tools.mails.close());
    return;
  }
  const kind = only?.kind ?? 'create';
  const tally = await applyAll(ctx, [changes], { ...how, kind });
  reportOutcome(ctx, tally, how);
  const left = tally.count('blocked');
  if (left > 0) throw leftAlone(left, tally.total);
}

function leftAlone(count: number, total: number): CliError {
  return new CliError('drift', `${count} of ${total} ${count === 1 ? 'was' : 'were'} left alone`, {
    reason: 'each of them says why; a person has to decide',
  });
}

async function applyOne(ctx: Context, change: Change, how: ApplyOptions) {
  const { tools, strict } = how;
  const view = changeView(change.kind);
  const done = await performOne(change, how);
  const result = runnable(ctx, strict ? underStrict(done) : done);
  if (result.outcome === 'not_attempted') throw tools.deadline.reason;
  const isInvited = result.error?.code === 'partial_failure';
  if (result.error !== undefined && !isInvited) throw result.error;
  await printResults(
    () => ctx.show(view, result),
    () => `1 ${result.outcome}`,
  );
  explain(ctx, result, change.kind);
  if (result.error !== undefined) throw result.error;
}

/** A result that cannot be shown was still done: the error says so, and a closed pipe does not change the exit code. */
async function printResults(show: () => Promise<void>, done: () => string): Promise<void> {
  try {
    await show();
  } catch (error) {
    if (error instanceof OutputClosed) return;
    if (!(error instanceof CliError && error.code === 'io_error')) throw error;
    throw error.with({ reason: [error.details.reason ?? [], `already done: ${done()}`].flat().join('\n') });
  }
}

interface ApplyAllOptions extends Omit<ApplyOptions, 'single'> {
  readonly kind: Change['kind'];
  /** Called with each result before it is shown; false leaves it out of a table. */
  readonly isShown?: (result: Result) => boolean;
  readonly correct?: (result: Result) => Result;
  /** Asked after each phase: why nothing of the next ones is to be begun. */
  readonly stopAfter?: () => CliError | undefined;
}

/** Carries out phases of many changes and shows the results, as they arrive if the format streams, else in order. */
export async function applyAll(ctx: Context, phases: readonly Changes[], how: ApplyAllOptions): Promise<Tally> {
  const { tools, dryRun, strict, correct, kind, stopAfter, concurrency = concurrencyOf(ctx) } = how;
  const total = phases.reduce((sum, phase) => sum + phase.length, 0);
  if (!dryRun) ctx.beginChanges();
  const progress = await openProgressBar(ctx, dryRun ? 0 : total, kind);
  const tally = new Tally((done) => {
    const result = strict ? underStrict(done) : (correct?.(done) ?? done);
    if (result.outcome !== 'not_attempted') progress?.advance(result.error !== undefined);
    return result;
  });
  try {
    const finished = performAll(phases, { tools, tally, concurrency, dryRun, stopAfter });
    const isOrdered = !formatDefinition(ctx.globals.output).streams;
    await printResults(
      () => ctx.results(changeView(kind), shownResults(ctx, isOrdered ? inOrder(finished) : finished, how)),
      () => tally.summary(),
    );
  } finally {
    progress?.end();
    await tools.mails.close();
  }
  return tally;
}

/** The commands in its hints can be pasted. */
function runnable({ globals }: Context, result: Result): Result {
  const { error } = result;
  return error === undefined ? result : { ...result, error: withFlagsInHints(error, globals) };
}

/** A table leaves out what is not shown; a program gets every result. */
async function* shownResults(
  ctx: Context,
  results: AsyncIterable<Numbered>,
  { isShown = () => true }: ApplyAllOptions,
) {
  for await (const [, result] of results) {
    const shows = isShown(result);
    for (const warning of result.warnings ?? []) ctx.say(`warning: ${warning}`);
    if (shows || formatDefinition(ctx.globals.output).reader === 'program') yield runnable(ctx, result);
  }
}

interface OutcomeOptions {
  readonly tools: Pick<Tools, 'signal'>;
  readonly dryRun: boolean;
  readonly hints?: readonly string[];
  readonly tell?: (text: string) => void;
}

/** Prints the counts of outcomes. Throws the failure that the command ends with, if any. */
export function reportOutcome(ctx: Context, tally: Tally, how: OutcomeOptions): void {
  const { tools, dryRun, hints = [], tell = ctx.remark } = how;
  tell(dryRun ? `nothing was sent; this is what would be done: ${tally.summary()}` : tally.summary());
  const { aborted, reason } = tools.signal;
  const failure = tally.error(aborted && reason instanceof CliError ? reason : undefined);
  if (failure === undefined) return;
  throw failure.with({ hints: [...(failure.details.hints ?? []), ...hints] });
}

export function changeView(kind: Change['kind']): View<Result> {
  const views: Partial<Record<Change['kind'], View<Result>>> = {
    ...{ delete: removalView, grant: memberChangeView, revoke: memberChangeView, leave: leaveView, settled: leaveView },
  };
  return views[kind] ?? resultView;
}

const refusedByStrict: Partial<Record<Outcome, string>> = {
  already_invited: 'is already invited',
  already_member: 'is already a member',
  already_granted: 'has the role already',
  not_granted: 'does not have the role',
};

function underStrict(result: Result): Result {
  const found = [result, ...(result.roles ?? [])].map(({ outcome }) => refusedByStrict[outcome]);
  // What came of roles counts where roles are all that was asked for, not beside an invitation.
  const words = result.user === undefined ? found[0] : found.find((one) => one !== undefined);
  if (words === undefined) return result;
  const error = new CliError('already_exists', `"${result.target}" ${words}`, { target: result.target });
  return { ...result, error: result.error ?? error };
}

/** Sentences that explain the result beside its fields. */
function explain(ctx: Context, result: Result, kind: Change['kind']): void {
  const { target, outcome, dry_run, reconciled, warnings = [] } = result;
  for (const warning of warnings) ctx.say(`warning: ${warning}`);
  if (dry_run) ctx.remark('nothing was sent; this is what would be done');
  if (reconciled) ctx.say('the response of the API was lost; the invitation was found by its e-mail');
  if (outcome === 'already_invited') {
    ctx.remark(`"${target}" is already invited, no mail was sent`);
    ctx.remark(`hint: ${withConnectionFlags(`invite resend ${shellQuote(target)}`, ctx.globals)}`);
  }
  if (outcome === 'already_member') ctx.remark(`"${target}" is already a member, no mail was sent`);
  if (outcome === 'already_deleted') ctx.remark(`the invitation of "${target}" was revoked already`);
  if (outcome === 'not_found' && kind === 'delete') ctx.remark(`"${target}" does not exist; nothing to delete`);
}

/** A shorter run is over before anybody could read a progress bar. */
const minForProgress = 20;

const verbs: Partial<Record<Change['kind'], string>> = {
  create: 'inviting',
  delete: 'deleting',
  resend: 'mailing',
  leave: 'removing',
};

/** Draws a progress bar on stderr, unless the changes are few or `--quiet` is given. */
async function openProgressBar(ctx: Context, total: number, kind: Change['kind']): Promise<ProgressBar | undefined> {
  if (ctx.globals.quiet || total < minForProgress) return undefined;
  const { openBar } = await import('../terminal/progress.ts');
  const { stderr, clock, every } = ctx.host;
  const screen = { clock, every, draw: ctx.draw, say: ctx.say };
  return openBar({ verb: verbs[kind] ?? 'applying', total, screen, columns: () => stderr.columns });
}
