import { CliError, type FailureCode } from '../errors.ts';
import { NoResponse } from '../http/failure.ts';
import type { Change, EarlierChange, GrantChange, RevokeChange, Tools } from './change.ts';
import { create, grant } from './create.ts';
import { remove } from './delete.ts';
import { leave, leavePreview, revoke } from './member.ts';
import { pool } from './pool.ts';
import { recall } from './recall.ts';
import { type Result, withOutcome } from './result.ts';
import { resend } from './send-invitation.ts';
import { affectsEveryTarget, type Tally } from './tally.ts';

/** Records each change before it begins and after it has ended. Resolves once that is on disk. */
export interface Recorder {
  begin(change: Change): Promise<void>;
  end(change: Change, result: Result): Promise<void>;
}

interface PerformOptions {
  readonly tools: Tools;
  readonly tally: Tally;
  /** How many changes may be under way at once. */
  readonly concurrency: number;
  readonly dryRun: boolean;
  readonly recorder?: Recorder | undefined;
}

/** Failures to reach the API; this many in a row mean that it is down. */
const outages: readonly FailureCode[] = [
  'network',
  'timeout',
  'proxy',
  'api_unavailable',
  'bad_response',
  'outcome_unknown',
];
const outagesUntilStop = 5;

/** Carries out one change. Rejects with what went wrong. */
async function perform(change: Change, tools: Tools): Promise<Result> {
  switch (change.kind) {
    case 'create':
      return create(change, tools);
    case 'delete':
      return remove(change, tools);
    case 'resend':
      return resend(change, tools);
    case 'earlier':
      return earlier(change);
    case 'grant':
      return grant(change, tools);
    case 'revoke':
      return revoke(change, tools);
    case 'leave':
      return leave(change, tools);
    case 'settled':
      return change.result;
  }
}

/** Carries out many; a failure becomes a result, and a failure that would meet all the others stops them. */
export function performAll(changes: AsyncIterable<Change> | Iterable<Change>, performance: PerformOptions) {
  const { tools, tally, concurrency, dryRun } = performance;
  let outagesInRow = 0;
  const watch = (result: Result) => {
    const error = causeOf(result);
    outagesInRow = error !== undefined && outages.includes(error.code) ? outagesInRow + 1 : 0;
    if (error !== undefined && (affectsEveryTarget(error) || outagesInRow >= outagesUntilStop)) tally.stop(error);
  };
  const act = async (change: Change, free: () => void): Promise<Result> => {
    if (change.kind === 'earlier') return tally.add(earlier(change));
    const isSkipped = 'isSkipped' in change && change.isSkipped?.() === true;
    if (isSkipped || tally.stopped !== undefined || tools.signal.aborted) return tally.add(notAttempted(change));
    const result = await recalling(change, { tools, watch }, (ready) => {
      const attempting = async () => {
        const result = await (dryRun ? preview(ready, tools) : attempt(ready, tools));
        watch(result);
        return result;
      };
      return recorded(ready, { ...performance, attempting, free });
    });
    return tally.add(result);
  };
  return pool(changes, act, dryRun ? 1 : concurrency);
}

/** What went wrong. Where roles could not be granted, the error of the result says only which. */
function causeOf({ error, roles = [] }: Result): CliError | undefined {
  const causes = roles.flatMap((role) => (role.error === undefined ? [] : [role.error]));
  return causes.find(affectsEveryTarget) ?? causes.find(({ code }) => outages.includes(code)) ?? error;
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

/** Carries out one change by itself, with a recorder; a failure is a result. */
export async function performOne(
  change: Change,
  { tools, dryRun, recorder }: Omit<PerformOptions, 'tally' | 'concurrency'>,
) {
  return recalling(change, { tools }, async (ready) => {
    if (dryRun) return preview(ready, tools);
    await recorder?.begin(ready);
    const result = await attempt(ready, tools);
    await recorder?.end(ready, result);
    return result;
  });
}

interface Recalling {
  readonly tools: Tools;
  /** Called with each failure of the API. */
  readonly watch?: (result: Result) => void;
}

/** Looks up again somebody who was mailed recently, then acts. A failed look-up is a result as well. */
async function recalling(
  change: Change,
  { tools, watch }: Recalling,
  act: (ready: Change) => Promise<Result>,
): Promise<Result> {
  let ready: Change;
  try {
    ready = await recall(change, tools);
  } catch (error) {
    const result = failed(change, error, tools);
    // A mail that may be on its way says nothing against the API.
    if (result.outcome !== 'unknown') watch?.(result);
    return result;
  }
  return act(ready);
}

interface Recording extends PerformOptions {
  readonly attempting: () => Promise<Result>;
  readonly free: () => void;
}

/** Nothing is sent unless it is written down first; where that fails, nothing more is sent at all. */
async function recorded(change: Change, recording: Recording): Promise<Result> {
  const { attempting, free, tally, recorder, dryRun } = recording;
  if (recorder === undefined || dryRun) return attempting();
  try {
    await recorder.begin(change);
    if (tally.stopped !== undefined) return notAttempted(change);
    const result = await attempting();
    // While it is being written down the next one may be sent.
    free();
    await recorder.end(change, result).catch((error) => stopBecause(error, tally));
    return result;
  } catch (error) {
    stopBecause(error, tally);
    return notAttempted(change);
  }
}

function stopBecause(error: unknown, tally: Tally): void {
  if (!(error instanceof CliError)) throw error;
  tally.stop(error);
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

function earlier({ target, outcome, known: [invitation] }: EarlierChange): Result {
  return { target, outcome, done_earlier: true, ...(invitation === undefined ? {} : { invitation }) };
}

/** What `--dry-run` shows: the same results, with nothing sent. A refusal sends nothing anyway. */
export async function preview(change: Change, tools: Tools): Promise<Result> {
  if (change.kind === 'earlier') return { ...earlier(change), dry_run: true };
  if (change.kind === 'settled') return { ...change.result, dry_run: true };
  if (change.kind === 'leave') return { ...leavePreview(change), dry_run: true };
  if (change.kind === 'grant' || change.kind === 'revoke') return { ...rolePreview(change), dry_run: true };
  const { target, decision } = change;
  if (decision.act === 'refuse') return { ...(await attempt(change, tools)), dry_run: true };
  const begun = change.kind === 'create' && decision.act === 'nothing' ? change.begun : undefined;
  const outcome = begun ?? ('outcome' in decision ? decision.outcome : outcomeOf[decision.act]);
  const wanted = change.kind === 'create' ? change.roles : [];
  const roles = wanted.map(({ role_name, crn_pattern }) => ({ role_name, crn_pattern, outcome: 'granted' as const }));
  return {
    target,
    outcome,
    roles,
    dry_run: true,
    ...('invitation' in decision ? { invitation: decision.invitation } : {}),
  };
}

const outcomeOf = { delete_invitation: 'deleted', delete_user: 'user_removed', post: 'resent' } as const;

function rolePreview(change: GrantChange | RevokeChange): Result {
  const { kind, target, user, roles: wanted } = change;
  const [done, none] =
    kind === 'grant' ? (['granted', 'already_granted'] as const) : (['revoked', 'not_granted'] as const);
  const others = (kind === 'grant' ? change.held : change.missing) ?? [];
  const roles = [...withOutcome(wanted, done), ...withOutcome(others, none)];
  return { target, user, outcome: wanted.length > 0 ? done : none, roles };
}
