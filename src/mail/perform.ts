import { CliError, type FailureCode } from '../errors.ts';
import { NoResponse } from '../http/failure.ts';
import type { Change, CreateChange, DeleteChange, GrantChange, ResendChange, RevokeChange, Tools } from './change.ts';
import { create, onItsWay, recalled, resend } from './invite.ts';
import { UnconfirmedMail } from './mails.ts';
import { deleteInvitation, leave, leavePreview, revoke } from './remove.ts';
import { affectsEveryTarget, type Result, type Tally, withOutcome } from './result.ts';
import { grant, missingRoles } from './roles.ts';

interface PerformOptions {
  readonly tools: Tools;
  readonly tally: Tally;
  /** How many changes may be under way at once. */
  readonly concurrency: number;
  readonly dryRun: boolean;
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
      return leave(change, tools);
    case 'settled':
      return change.result;
    default:
      return change satisfies never;
  }
}

/** Carries out many; a failure becomes a result, and a failure that would meet all the others stops them. */
export function performAll(changes: AsyncIterable<Change> | Iterable<Change>, performance: PerformOptions) {
  const { tools, tally, concurrency, dryRun } = performance;
  let outagesInRow = 0;
  const watch = (result: Result) => {
    const error = causeOf(result);
    outagesInRow = error !== undefined && isOutage(error) ? outagesInRow + 1 : 0;
    if (error !== undefined && (affectsEveryTarget(error) || outagesInRow >= outagesUntilStop)) tally.stop(error);
  };
  const act = async (change: Change): Promise<Result> => {
    const isSkipped = change.isSkipped?.() === true;
    if (isSkipped || tally.stopped !== undefined || tools.signal.aborted) return tally.add(notAttempted(change));
    const result = await (dryRun ? preview(change, tools) : attempt(change, tools));
    watch(result);
    // What cannot be written down is not begun.
    const isBegun = result.error?.code !== 'io_error';
    return tally.add(isBegun ? result : notAttempted(change));
  };
  return pool(changes, act, dryRun ? 1 : concurrency);
}

/** A mail that may be on its way since earlier says nothing against the API. */
function isOutage(error: CliError): boolean {
  return outages.includes(error.code) || error instanceof UnconfirmedMail;
}

/** What went wrong. Where roles could not be granted, the error of the result says only which. */
function causeOf({ error, roles = [] }: Result): CliError | undefined {
  const causes = roles.flatMap((role) => (role.error === undefined ? [] : [role.error]));
  return causes.find(affectsEveryTarget) ?? causes.find(isOutage) ?? error;
}

/**
 * The changes of one phase after the other: none of the next one before all of the last one have ended.
 * @param ended Called with the number of each phase, counted from 0, when it has ended.
 */
export async function* inPhases(
  phases: readonly (readonly Change[])[],
  tally: Tally,
  ended: (phase: number) => void,
): AsyncGenerator<Change> {
  let count = 0;
  for (const [number, phase] of phases.entries()) {
    yield* phase;
    count += phase.length;
    await tally.reaches(count);
    ended(number);
  }
}

/** Carries out one change by itself; a failure is a result. */
export function performOne(change: Change, { tools, dryRun }: Omit<PerformOptions, 'tally' | 'concurrency'>) {
  return dryRun ? preview(change, tools) : attempt(change, tools);
}

/** One change whose failure is a result. */
export async function attempt(change: Change, tools: Tools): Promise<Result> {
  try {
    return await perform(change, tools);
  } catch (error) {
    return failed(change, error, tools);
  }
}

function failed(change: Change, error: unknown, tools: Tools): Result {
  if (!(error instanceof CliError)) throw error;
  const outcome = outcomeWith(error, tools);
  if (outcome === 'not_attempted') return notAttempted(change);
  const invitation = change.known.length === 1 ? change.known[0] : undefined;
  const named = error.details.target === undefined ? error.with({ target: change.target }) : error;
  return { target: change.target, outcome, error: named, ...(invitation === undefined ? {} : { invitation }) };
}

function outcomeWith(error: CliError, { deadline }: Tools): 'failed' | 'unknown' | 'not_attempted' {
  if (error.code === 'outcome_unknown') return 'unknown';
  const isCutOff = deadline.aborted && deadline.reason instanceof CliError && deadline.reason.code === error.code;
  if (!isCutOff) return 'failed';
  // What was waiting for its turn when the time was up has not sent a byte.
  return error instanceof NoResponse && error.sent ? 'unknown' : 'not_attempted';
}

function notAttempted({ target }: Change): Result {
  return { target, outcome: 'not_attempted' };
}

/** What `--dry-run` shows: the same results, with nothing sent. A refusal sends nothing anyway. */
async function preview(change: Change, tools: Tools): Promise<Result> {
  if (change.kind === 'settled') return { ...change.result, dry_run: true };
  if (change.kind === 'leave') return { ...leavePreview(change), dry_run: true };
  if (change.kind === 'grant' || change.kind === 'revoke') return { ...rolePreview(change), dry_run: true };
  if (change.decision.act === 'refuse') return { ...(await attempt(change, tools)), dry_run: true };
  try {
    const ready = await asRemembered(change, tools);
    const { target, decision } = ready;
    const outcome = 'outcome' in decision ? decision.outcome : decision.act === 'post' ? 'resent' : 'deleted';
    const wanted = ready.kind === 'create' ? ready.roles : [];
    const missing = ready.kind === 'create' ? missingRoles(ready) : [];
    const roles = wanted.map((role) => ({
      ...{ role_name: role.role_name, crn_pattern: role.crn_pattern },
      outcome: missing.includes(role) ? ('granted' as const) : ('already_granted' as const),
    }));
    const { act: _, ...seen } = decision;
    return { target, ...seen, outcome, roles, dry_run: true };
  } catch (error) {
    return { ...failed(change, error, tools), dry_run: true };
  }
}

/** The change as it is once what this machine mailed before is known, too. */
async function asRemembered<C extends CreateChange | DeleteChange | ResendChange>(change: C, tools: Tools): Promise<C>;
async function asRemembered(change: CreateChange | DeleteChange | ResendChange, tools: Tools) {
  if (change.kind !== 'create' || change.again || change.decision.act !== 'post') return change;
  const past = await tools.mails.past(change.target);
  if (past.id === undefined && past.unknownAt === undefined) return change;
  const ready = await recalled(change, past, past.unknownAt === undefined ? 'none' : 'search', tools);
  if (ready.decision.act === 'post' && past.blockedUntil !== undefined) throw onItsWay(change.target, past);
  return ready;
}

function rolePreview(change: GrantChange | RevokeChange): Result {
  const { kind, target, user, roles: wanted } = change;
  const [done, none] =
    kind === 'grant' ? (['granted', 'already_granted'] as const) : (['revoked', 'not_granted'] as const);
  const others = (kind === 'grant' ? change.held : change.missing) ?? [];
  const roles = [...withOutcome(wanted, done), ...withOutcome(others, none)];
  return { target, user, outcome: wanted.length > 0 ? done : none, roles };
}

/** Results handed out before timers and signals get a turn: where no act waits for anything, nothing else gives them one. */
const handedInARow = 250;

type Taken<T> = { readonly next: IteratorResult<T> } | { readonly failure: unknown };
type Done<R> = { readonly number: number; readonly result: R } | { readonly failure: unknown };

/**
 * Carries out an act for each item, at most `size` at once, and yields the results in the order of finishing, each with
 * the number of its item. `p-map` yields in the order of the items, and `p-limit` takes all items at once.
 */
export async function* pool<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  act: (item: T) => Promise<R>,
  size: number,
): AsyncGenerator<readonly [number, R]> {
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const running = new Map<number, Promise<Done<R>>>();
  let taking: Promise<Taken<T>> | undefined;
  let [started, handed, more] = [0, 0, true];
  while (more || running.size > 0) {
    if (more && running.size < size) taking ??= take(source);
    const first = await Promise.race([...running.values(), ...(taking === undefined ? [] : [taking])]);
    if ('failure' in first) throw first.failure;
    if ('next' in first) {
      taking = undefined;
      if (first.next.done === true) more = false;
      else running.set(started, settle(started, act(first.next.value)));
      started += 1;
      continue;
    }
    running.delete(first.number);
    yield [first.number, first.result];
    handed += 1;
    if (handed % handedInARow === 0) await new Promise(setImmediate);
  }
}

/** Never rejects: a failure while nothing is awaited would end the process. */
async function take<T>(source: AsyncIterator<T> | Iterator<T>): Promise<Taken<T>> {
  try {
    return { next: await source.next() };
  } catch (failure) {
    return { failure };
  }
}

async function settle<R>(number: number, act: Promise<R>): Promise<Done<R>> {
  try {
    return { number, result: await act };
  } catch (failure) {
    return { failure };
  }
}

/** The same results in the order of the items: an early one waits for those before it. */
export async function* inOrder<R>(finished: AsyncIterable<readonly [number, R]>): AsyncIterable<R> {
  const early = new Map<number, R>();
  let due = 0;
  for await (const [number, result] of finished) {
    early.set(number, result);
    for (let next = early.get(due); next !== undefined; next = early.get(due)) {
      early.delete(due);
      due += 1;
      yield next;
    }
  }
}

/** The results alone. */
export async function* inCompletionOrder<R>(finished: AsyncIterable<readonly [number, R]>): AsyncIterable<R> {
  for await (const [, result] of finished) yield result;
}
