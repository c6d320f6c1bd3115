import type { Change, Tools } from '../../changes/change.ts';
import { performAll, performOne, type Recorder } from '../../changes/perform.ts';
import { inCompletionOrder, inOrder } from '../../changes/pool.ts';
import { type Result, removalView, resultView } from '../../changes/result.ts';
import { Tally } from '../../changes/tally.ts';
import { withConnectionFlags } from '../../context/global-options.ts';
import type { Context } from '../../context.ts';
import { CliError, OutputClosed } from '../../errors.ts';
import { formatDefinition } from '../../output/formats.ts';
import { shellQuote } from '../../text/shell.ts';
import { openApplyProgress } from './apply-progress.ts';
import { concurrencyOf } from './command.ts';
import { mailLogOf } from './mail-memory.ts';

export interface ApplyOptions {
  readonly tools: Tools;
  readonly dryRun: boolean;
  /** One target was named: its failure is the command's, and its result no list. */
  readonly single: boolean;
  /** What was there already counts as a failure. */
  readonly strict?: boolean;
  /** `--concurrency`. */
  readonly concurrency?: number | undefined;
}

/** Does what was decided, shows what came of it, and throws the failure that the command ends with, if any. */
export async function applyChanges(ctx: Context, changes: readonly Change[], how: ApplyOptions): Promise<void> {
  const [only] = changes;
  const recorder = mailLogOf(ctx);
  try {
    if (how.single && only !== undefined) {
      ctx.beginChanges();
      await applyOne(ctx, only, { ...how, recorder });
      return;
    }
    const kind = only?.kind ?? 'create';
    reportOutcome(ctx, await applyAll(ctx, changes, { ...how, recorder, kind, total: changes.length }), how);
  } finally {
    await recorder.close();
  }
}

interface CarryingOutOne extends ApplyOptions {
  readonly recorder: Recorder;
}

async function applyOne(ctx: Context, change: Change, how: CarryingOutOne): Promise<void> {
  const { tools, strict } = how;
  const view = changeView(ctx, change.kind);
  const done = await performOne(change, how);
  const result = strict ? strictly(done) : done;
  if (result.outcome === 'not_attempted') throw tools.deadline.reason;
  const isInvited = result.error?.code === 'partial_failure';
  if (result.error !== undefined && !isInvited) throw result.error;
  await shown(
    () => ctx.show(view, result),
    () => `1 ${result.outcome}`,
  );
  sayWhat(ctx, result);
  if (result.error !== undefined) throw result.error;
}

/** What was done stays done where it cannot be shown: a full disk is told of it, and a reader that left changes no exit code. */
async function shown(show: () => Promise<void>, done: () => string): Promise<void> {
  try {
    await show();
  } catch (error) {
    if (error instanceof OutputClosed) return;
    if (!(error instanceof CliError && error.code === 'io_error')) throw error;
    throw error.with({ reason: [error.details.reason ?? [], `all the same: ${done()}`].flat().join('\n') });
  }
}

export interface ApplyAllOptions extends Omit<ApplyOptions, 'single'> {
  readonly kind: Change['kind'];
  /** How many changes there are to do. */
  readonly total: number;
  readonly recorder?: Recorder | undefined;
  /** Sees each result before it is shown; false keeps it from the table. */
  readonly see?: (result: Result) => boolean;
}

/** Does many changes and shows what came of each, as it comes or in order, whatever the format wants. */
export async function applyAll(ctx: Context, changes: Iterable<Change>, how: ApplyAllOptions): Promise<Tally> {
  const { tools, dryRun, strict, recorder, total, kind, concurrency = concurrencyOf(ctx) } = how;
  const tally = new Tally(strict ? strictly : undefined);
  if (!dryRun) ctx.beginChanges();
  const watch = await openApplyProgress(ctx, { total: dryRun ? 0 : total, kind });
  try {
    const finished = watch.count(performAll(changes, { tools, tally, concurrency, dryRun, recorder }));
    const { streams } = formatDefinition(ctx.globals.output);
    const results = wanted(ctx, streams ? inCompletionOrder(finished) : inOrder(finished), how);
    await shown(
      () => ctx.results(changeView(ctx, kind), watch.around(results)),
      () => tally.summary(),
    );
  } finally {
    watch.end();
  }
  return tally;
}

/** A person does not want the rows that nothing was done about; a program gets them all. */
async function* wanted(ctx: Context, results: AsyncIterable<Result>, { see = () => true }: ApplyAllOptions) {
  for await (const result of results) {
    const isWanted = see(result);
    for (const warning of result.warnings ?? []) ctx.say(`warning: ${warning}`);
    if (isWanted || formatDefinition(ctx.globals.output).reader === 'program') yield result;
  }
}

export interface OutcomeOptions {
  readonly tools: Pick<Tools, 'signal'>;
  readonly dryRun: boolean;
  /** What to do about failures. */
  readonly hints?: readonly string[];
  /** Where the counts are told. */
  readonly tell?: (text: string) => void;
}

/** Says what it all came to. Throws the failure that the command ends with, if any. */
export function reportOutcome(ctx: Context, tally: Tally, how: OutcomeOptions): void {
  const { tools, dryRun, hints = [], tell = ctx.remark } = how;
  tell(dryRun ? `nothing was sent; this is what would be done: ${tally.summary()}` : tally.summary());
  const { aborted, reason } = tools.signal;
  const verdict = tally.verdict(aborted && reason instanceof CliError ? reason : undefined);
  if (verdict === undefined) return;
  throw verdict.with({ hints: [...(verdict.details.hints ?? []), ...hints] });
}

/** How the results of such changes are shown. */
export function changeView({ host }: Context, kind: Change['kind']) {
  return kind === 'delete' ? removalView(host.clock.now()) : resultView(host.clock.now());
}

/** The same result, a failure if it was there already. */
function strictly(result: Result): Result {
  const was = { already_invited: 'invited', already_member: 'a member' };
  if (result.outcome !== 'already_invited' && result.outcome !== 'already_member') return result;
  const error = new CliError('already_exists', `"${result.target}" is ${was[result.outcome]} already`, {
    target: result.target,
  });
  return { ...result, error: result.error ?? error };
}

/** The sentence that a person wants beside the fields. */
function sayWhat(ctx: Context, { target, outcome, dry_run, reconciled, warnings = [] }: Result): void {
  for (const warning of warnings) ctx.say(`warning: ${warning}`);
  if (dry_run) ctx.remark('nothing was sent; this is what would be done');
  if (reconciled) ctx.remark('the answer of the API was lost; the invitation was found by looking for it');
  if (outcome === 'already_invited') {
    ctx.remark(`"${target}" is invited already, no mail was sent`);
    ctx.remark(`hint: ${withConnectionFlags(`invite resend ${shellQuote(target)}`, ctx.globals)}`);
  }
  if (outcome === 'already_member') ctx.remark(`"${target}" is a member already, no mail was sent`);
  if (outcome === 'not_found') ctx.remark(`"${target}" is not there; nothing to delete`);
}
