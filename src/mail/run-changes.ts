import { currentInvitation } from '../api/invitation.ts';
import { notFound, parseTarget } from '../api/targets.ts';
import { concurrencyOf } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { withFlagsInHints } from '../cli/global-options.ts';
import type { Outcome } from '../cli/printer.ts';
import { CliError, type FailureCode } from '../errors.ts';
import { OutputClosed } from '../host.ts';
import { NoResponse } from '../http/failure.ts';
import { formatDefinition } from '../output/formats.ts';
import type { View } from '../output/view.ts';
import type { ProgressBar } from '../terminal/progress.ts';
import { shellQuote } from '../text/suggest.ts';
import type { Change, Changes, Tools } from './change.ts';
import { create, onItsWay, resend } from './invite.ts';
import { deleteInvitation, leave, leavePreview } from './remove.ts';
import { affectsEveryTarget, type GrantedRole, grantsInWords, type Result, Tally, withOutcome } from './result.ts';
import { grant, revoke } from './roles.ts';

interface ChangesOptions {
  readonly tools: Tools;
  /** How the command shows its results, even if there are none. */
  readonly view: View<Result>;
  /** One target was named: its failure is the command's failure, and its result is not a list. */
  readonly single: boolean;
  /** `--strict`: somebody who is already invited or a member counts as a failure. */
  readonly strict?: boolean;
  readonly concurrency?: number | undefined;
}

/** Carries out the changes, shows the results, and throws the failure that the command ends with, if any. */
export async function applyChanges(ctx: Context, changes: readonly Change[], how: ChangesOptions): Promise<void> {
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
  if (left === 0) return;
  const reason = 'each of them says why; a person has to decide';
  throw new CliError('drift', `${left} of ${tally.total} ${left === 1 ? 'was' : 'were'} left alone`, { reason });
}

async function applyOne(ctx: Context, change: Change, how: ChangesOptions) {
  const { tools, view, strict } = how;
  const done = await attempt(change, tools);
  const result = runnable(ctx, strict ? underStrict(done) : done);
  if (result.outcome === 'not_attempted') throw tools.signal.reason;
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

interface ApplyAllOptions extends Omit<ChangesOptions, 'single'> {
  readonly kind: Change['kind'];
  /** Called with each result before it is shown; false leaves it out of a table. */
  readonly isShown?: (result: Result) => boolean;
  readonly correct?: (result: Result) => Result;
  /** Asked after each phase: why nothing of the next ones is to be begun. */
  readonly stopAfter?: (() => CliError | undefined) | undefined;
}

/** Carries out phases of many changes and shows the results, as they arrive if the format streams, else in order. */
export async function applyAll(ctx: Context, phases: readonly Changes[], how: ApplyAllOptions): Promise<Tally> {
  const { tools, view, strict, correct, kind, stopAfter, concurrency = concurrencyOf(ctx) } = how;
  const total = phases.reduce((sum, phase) => sum + phase.length, 0);
  if (!tools.isDry) ctx.beginChanges();
  const progress = await openProgressBar(ctx, tools.isDry ? 0 : total, kind);
  const tally = new Tally((done) => {
    const result = strict ? underStrict(done) : (correct?.(done) ?? done);
    if (result.outcome !== 'not_attempted') progress?.advance(result.error !== undefined);
    return result;
  });
  try {
    const finished = performAll(phases, { tools, tally, concurrency, stopAfter });
    const isOrdered = !formatDefinition(ctx.globals.output).streams;
    await printResults(
      () => ctx.results(view, shownResults(ctx, isOrdered ? inOrder(finished) : finished, how)),
      () => tally.summary(),
    );
  } finally {
    progress?.end();
    await tools.mails.close();
  }
  return tally;
}

interface PerformOptions extends Pick<ApplyAllOptions, 'tools' | 'stopAfter'> {
  readonly tally: Tally;
  readonly concurrency: number;
}

/** Failures to reach the API; this many in a row mean that it is down. */
const outages: readonly FailureCode[] = ['network', 'timeout', 'proxy', 'api_unavailable', 'bad_response'];
const outagesUntilStop = 5;

/** Carries out one change. Rejects with what went wrong. */
async function perform(change: Change, tools: Tools): Promise<Result> {
  switch (change.kind) {
    case 'create':
      return create(change, tools);
    case 'delete':
      return deleteInvitation(change, tools);
    case 'resend':
      return resend(change, tools);
    case 'grant':
      return grant(change, tools);
    case 'revoke':
      return revoke(change, tools);
    case 'leave':
      return tools.isDry ? leavePreview(change) : leave(change, tools);
    case 'settled':
      return change.result;
    default:
      return change satisfies never;
  }
}

/**
 * Carries out phases of changes, none of one before all of the last have ended, and yields the results in the order of
 * finishing, each with the number of its change. A failure becomes a result, and one that would meet all the others
 * stops them.
 */
export async function* performAll(phases: readonly Changes[], performance: PerformOptions) {
  const { tools, tally, concurrency, stopAfter } = performance;
  let outagesInRow = 0;
  const act = async (change: Change): Promise<Result> => {
    const isOver = change.isSkipped?.() === true || tally.stopped !== undefined || tools.signal.aborted;
    if (isOver && change.kind !== 'settled') return tally.add(notAttempted(change));
    const result = await attempt(change, tools);
    const error = causeOf(result);
    outagesInRow = error !== undefined && isOutage(error) ? outagesInRow + 1 : 0;
    if (error !== undefined && (affectsEveryTarget(error) || outagesInRow >= outagesUntilStop)) tally.stopped ??= error;
    // What cannot be written down is not begun.
    const isBegun = result.error?.code !== 'io_error';
    return tally.add(isBegun ? result : notAttempted(change));
  };
  let before = 0;
  for (const phase of phases) {
    for await (const [number, result] of pool(phase, act, tools.isDry ? 1 : concurrency))
      yield [before + number, result] as const;
    before += phase.length;
    tally.stopped ??= stopAfter?.();
  }
}

/** A mail that may be on its way since earlier has no cause, and says nothing against the API. */
function isOutage({ code, details }: CliError): boolean {
  return outages.includes(code) || (code === 'outcome_unknown' && details.cause !== undefined);
}

/** What went wrong. Where roles could not be granted, or a mail not be looked for, the error of the result says only that. */
function causeOf({ error, roles = [] }: Result): CliError | undefined {
  const causes = roles.flatMap((role) => role.error ?? []);
  const isShared = (cause: unknown): cause is CliError => cause instanceof CliError && affectsEveryTarget(cause);
  return [error?.details.cause, ...causes].find(isShared) ?? causes.find(isOutage) ?? error;
}

/**
 * Carries out one change by itself; a failure is a result. Nobody is said not to be there to whom something was sent
 * whose end is unknown.
 */
export async function attempt(change: Change, tools: Tools): Promise<Result> {
  const { target, invited_as } = change;
  const done = await perform(change, tools).catch((error: unknown) => failed(change, error, tools));
  const isUnseen = target.includes('@') && (done.outcome === 'not_found' || done.error?.code === 'not_found');
  const past = isUnseen ? await tools.mails.past(target) : {};
  const result = past.unknownAt === undefined ? done : failed(change, onItsWay(target, past, []), tools);
  return { ...result, invited_as, dry_run: tools.isDry || undefined };
}

function failed(change: Change, error: unknown, tools: Tools): Result {
  if (!(error instanceof CliError)) throw error;
  const outcome = outcomeWith(error, tools);
  if (outcome === 'not_attempted') return notAttempted(change);
  const { target, known } = change;
  const invitation = error.code === 'ambiguous' ? undefined : currentInvitation(known, tools.clock.now());
  return { target, outcome, error: error.with({ target }), invitation, roles: rolesIn(change, 'failed') };
}

function outcomeWith(error: CliError, { signal }: Tools): 'failed' | 'unknown' | 'not_attempted' {
  if (error.code === 'outcome_unknown') return 'unknown';
  const isCutOff = signal.aborted && signal.reason instanceof CliError && signal.reason.code === error.code;
  if (!isCutOff) return 'failed';
  // What was waiting for its turn when the time was up has not sent a byte.
  return error instanceof NoResponse && error.sent ? 'unknown' : 'not_attempted';
}

function notAttempted(change: Change): Result {
  return { target: change.target, outcome: 'not_attempted', roles: rolesIn(change, 'not_attempted') };
}

/** Those of somebody of whom nothing else was to change. */
function rolesIn(change: Change, outcome: GrantedRole['outcome']): GrantedRole[] | undefined {
  return change.kind === 'grant' || change.kind === 'revoke' ? withOutcome(change.roles, outcome) : undefined;
}

/** Results handed out before timers and signals get a turn: where no act waits for anything, nothing else gives them one. */
const handedInARow = 250;

/**
 * Carries out an act for each item, at most `size` at once, and yields the results in the order of finishing, each with
 * the number of its item. `p-map` yields in the order of the items, and `p-limit` takes all items at once.
 */
export async function* pool<T, R>(
  items: Iterable<T>,
  act: (item: T) => Promise<R>,
  size: number,
): AsyncGenerator<Numbered<R>> {
  const rest = items[Symbol.iterator]();
  const running = new Map<number, Promise<Numbered<R>>>();
  let begun = 0;
  let handed = 0;
  for (;;) {
    while (running.size < size) {
      const item = rest.next();
      if (item.done) break;
      const number = begun;
      begun += 1;
      const done = act(item.value).then((result) => [number, result] as const);
      // A failure while nothing is awaited would end the process.
      done.catch(() => {});
      running.set(number, done);
    }
    if (running.size === 0) return;
    const done = await Promise.race(running.values());
    running.delete(done[0]);
    yield done;
    handed += 1;
    if (handed % handedInARow === 0) await new Promise(setImmediate);
  }
}

type Numbered<R = Result> = readonly [number, R];

/** The same results in the order of the items: an early one waits for those before it. */
async function* inOrder<R>(finished: AsyncIterable<Numbered<R>>): AsyncIterable<Numbered<R>> {
  const early = new Map<number, R>();
  let due = 0;
  for await (const [number, result] of finished) {
    early.set(number, result);
    for (let next = early.get(due); next !== undefined; next = early.get(due)) {
      early.delete(due);
      yield [due, next];
      due += 1;
    }
  }
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
  readonly tools: Pick<Tools, 'signal' | 'isDry'>;
  readonly hints?: readonly string[];
  readonly tell?: (text: string) => void;
}

/** Prints the counts of outcomes. Throws the failure that the command ends with, if any. */
export function reportOutcome(ctx: Context, tally: Tally, how: OutcomeOptions): void {
  const { tools, hints = [], tell = ctx.remark } = how;
  if (tools.isDry) noteDryRun(ctx, `: ${tally.summary()}`, tell);
  else tell(tally.summary());
  const { aborted, reason } = tools.signal;
  const failure = tally.error(aborted && reason instanceof CliError ? reason : undefined);
  if (failure === undefined) return;
  throw failure.with({ hints: [...new Set([...(failure.details.hints ?? []), ...hints])] });
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
  const reason = grantsInWords(result.roles, { dry_run: result.dry_run });
  const error = new CliError('already_exists', `"${result.target}" ${words}`, {
    target: result.target,
    ...(reason === '' ? {} : { reason }),
  });
  return { ...result, error: result.error ?? error };
}

/** In csv and among ids nothing else tells a dry run from a run. */
function noteDryRun(ctx: Context, counts = '', tell = ctx.remark): void {
  const isUnmarked = ctx.globals.output === 'csv' || ctx.globals.output === 'id';
  (isUnmarked ? ctx.say : tell)(`nothing was sent; this is what would be done${counts}`);
}

function explain(ctx: Context, result: Result, kind: Change['kind']): void {
  const { target, outcome, dry_run, reconciled, warnings = [] } = result;
  for (const warning of warnings) ctx.say(`warning: ${warning}`);
  if (dry_run) noteDryRun(ctx);
  if (reconciled) ctx.say('no answer of the API showed the invitation; it was found by its e-mail');
  if (outcome === 'already_invited') {
    ctx.remark(`"${target}" is already invited, no mail was sent`);
    ctx.remark(`hint: invite resend ${shellQuote(target)}`);
  }
  // A warning says what is not known of them.
  const member = warnings.length > 0 ? '' : `"${target}" is already a member, `;
  if (outcome === 'already_member') ctx.remark(`${member}no mail was sent`);
  if (outcome === 'already_deleted') ctx.remark(`the invitation of "${target}" was revoked already`);
  if (outcome === 'not_found' && kind === 'delete')
    ctx.remark(`${notFound(parseTarget(target)).message}; nothing to delete`);
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
  const { stderr, clock } = ctx.host;
  const screen = { clock, draw: ctx.draw, say: ctx.say };
  return openBar({ verb: verbs[kind] ?? 'applying', total, screen, columns: () => stderr.columns });
}
