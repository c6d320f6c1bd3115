import { CliError, type FailureCode } from '../errors.ts';
import { NoResponse } from '../http/failure.ts';
import type { Change, Changes, Tools } from './change.ts';
import { create, resend } from './invite.ts';
import { UnconfirmedMail, unclaimed } from './mails.ts';
import { deleteInvitation, leave, leavePreview } from './remove.ts';
import { affectsEveryTarget, type Result, type Tally } from './result.ts';
import { grant, revoke } from './roles.ts';

interface PerformOptions {
  readonly tools: Tools;
  readonly tally: Tally;
  readonly concurrency: number;
  readonly dryRun: boolean;
  /** Asked after each phase: why nothing of the next ones is to be begun. */
  readonly stopAfter?: (() => CliError | undefined) | undefined;
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
  const { tools, tally, concurrency, dryRun, stopAfter } = performance;
  let outagesInRow = 0;
  const act = async (change: Change): Promise<Result> => {
    const isSkipped = change.isSkipped?.() === true;
    if (isSkipped || tally.stopped !== undefined || tools.signal.aborted) return tally.add(notAttempted(change));
    const result = await performOne(change, { tools, dryRun });
    const error = causeOf(result);
    outagesInRow = error !== undefined && isOutage(error) ? outagesInRow + 1 : 0;
    if (error !== undefined && (affectsEveryTarget(error) || outagesInRow >= outagesUntilStop)) tally.stop(error);
    // What cannot be written down is not begun.
    const isBegun = result.error?.code !== 'io_error';
    return tally.add(isBegun ? result : notAttempted(change));
  };
  let before = 0;
  for (const phase of phases) {
    for await (const [number, result] of pool(phase, act, dryRun ? 1 : concurrency))
      yield [before + number, result] as const;
    before += phase.length;
    const reason = stopAfter?.();
    if (reason !== undefined) tally.stop(reason);
  }
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

/** Carries out one change by itself; a failure is a result. */
export async function performOne(change: Change, { tools, dryRun }: Pick<PerformOptions, 'tools' | 'dryRun'>) {
  return dryRun ? { ...(await attempt(change, dryTools(tools))), dry_run: true as const } : attempt(change, tools);
}

/** The same tools, where nothing is sent or written down, whatever is done with them. */
function dryTools(tools: Tools): Tools {
  const { clock, invitations, users, roles, mails } = tools;
  const refuse = () => Promise.reject(new Error('a dry run sends nothing'));
  return {
    ...{ ...tools, isDry: true },
    clock: { ...clock, sleep: async () => {} },
    invitations: { ...invitations, create: refuse, delete: async () => 'deleted' },
    users: { ...users, delete: refuse },
    roles: { ...roles, grant: async () => 'granted', revoke: async () => {} },
    mails: {
      ...{ past: (email) => mails.past(email), require: async () => {}, close: async () => {} },
      inTurn: async ({ email }, act) => act({ ...unclaimed, past: await mails.past(email) }),
    },
  };
}

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
  return { target: change.target, outcome, error: named, invitation };
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

/** Results handed out before timers and signals get a turn: where no act waits for anything, nothing else gives them one. */
const handedInARow = 250;

type Done<R> = { readonly number: number; readonly result: R } | { readonly failure: unknown };

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
  const running = new Map<number, Promise<Done<R>>>();
  let [begun, handed] = [0, 0];
  for (;;) {
    while (running.size < size) {
      const item = rest.next();
      if (item.done) break;
      running.set(begun, settle(begun, act(item.value)));
      begun += 1;
    }
    if (running.size === 0) return;
    const done = await Promise.race(running.values());
    if ('failure' in done) throw done.failure;
    running.delete(done.number);
    yield [done.number, done.result];
    handed += 1;
    if (handed % handedInARow === 0) await new Promise(setImmediate);
  }
}

/** Never rejects: a failure while nothing is awaited would end the process. */
async function settle<R>(number: number, act: Promise<R>): Promise<Done<R>> {
  try {
    return { number, result: await act };
  } catch (failure) {
    return { failure };
  }
}

/** A result with the number of its change. */
export type Numbered<R = Result> = readonly [number, R];

/** The same results in the order of the items: an early one waits for those before it. */
export async function* inOrder<R>(finished: AsyncIterable<Numbered<R>>): AsyncIterable<Numbered<R>> {
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
