import type { Invitations } from '../../api/client.ts';
import { stateAsked } from '../../api/filter.ts';
import { type Invitation, type State, stateOf, states } from '../../api/invitation.ts';
import {
  currentInvitation,
  findTargets,
  notFound,
  type RecentMails,
  type Target,
  type TargetMatch,
} from '../../api/targets.ts';
import { CliError } from '../../errors.ts';
import { untilAborted, withTimeout } from '../../host/timeout.ts';
import type { Clock } from '../../host.ts';
import { unlessMissing } from '../../http/failure.ts';

/** The state of an invitation; `gone` if it existed at an earlier check. */
type ObservedState = State | 'gone';

/** The states to wait for, any of them, as words of `--status`. */
export type Goal = readonly string[];

/** `accepted or deactivated` */
export function goalInWords(goal: Goal): string {
  return goal.join(' or ');
}

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
export function evaluate(seen: ObservedState, goal: Goal): Evaluation {
  const wanted = goal.map(stateAsked);
  if (wanted.some((state) => seen === state || (seen === 'gone' && state === 'deactivated'))) return 'reached';
  return wanted.some((state) => next[seen].includes(state)) ? 'pending' : 'impossible';
}

export interface Pause {
  /** The targets that have not reached the goal yet. */
  readonly left: readonly string[];
  /** The start of the next check, by the monotonic clock. */
  readonly until: number;
}

export interface Observation {
  readonly target: Target;
  readonly invitation: Invitation;
  readonly state: ObservedState;
  readonly evaluation: Evaluation;
}

interface Observer {
  readonly invitations: Invitations;
  readonly goal: Goal;
  readonly mails?: RecentMails | undefined;
  now(): number;
}

/** The first check. Throws one `not_found` for all targets that do not exist. */
async function observeTargets(targets: readonly Target[], observer: Observer): Promise<Observation[]> {
  const found = await findTargets(observer.invitations, targets, observer.mails);
  const missing = found.filter(({ invitations }) => invitations.length === 0).map(({ target }) => target);
  const [first] = missing;
  if (first === undefined) return found.map((one) => observationOf(one, observer));
  if (missing.length === 1) throw notFound(first);
  throw new CliError('not_found', `${missing.length} of ${targets.length} were not found`, {
    reason: missing.map(({ text }) => `"${text}"`).join('\n'),
    hints: ['invite list'],
  });
}

/** A later check: targets that no longer exist are `gone`. */
async function observeAgain(before: readonly Observation[], observer: Observer): Promise<Observation[]> {
  const targets = before.map(({ target }) => target);
  const search = findTargets(observer.invitations, targets, observer.mails);
  // 403 means the same as 404 here, since reading it was allowed before.
  const found = targets.length === 1 && targets[0]?.kind === 'id' ? await unlessMissing(search) : await search;
  return before.map((observation, index) => {
    const { target } = observation;
    const { invitations = [] } = found?.[index] ?? {};
    if (invitations.length > 0) return observationOf({ target, invitations }, observer);
    return { ...observation, state: 'gone', evaluation: evaluate('gone', observer.goal) };
  });
}

function observationOf({ target, invitations }: TargetMatch, { goal, now }: Observer): Observation {
  const invitation = currentInvitation(invitations, now()) ?? {};
  const state = stateOf(invitation, now());
  return { target, invitation, state, evaluation: evaluate(state, goal) };
}

export interface WatchOptions extends Observer {
  readonly clock: Clock;
  /** Milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  /** Called for every new state; `before` is undefined at the first check. */
  changed(now: Observation, before: Observation | undefined): void;
  /** Called when a check failed and will be repeated. */
  troubled(failure: CliError): void;
  /** Called before each pause. */
  pausing?(pause: Pause): void;
}

/** Milliseconds between two checks; they grow, since what has not happened soon will take longer. */
const firstPause = 5000;
const longestPause = 60_000;
const growth = 1.5;

/** The timeout of the last check, in milliseconds. */
const lastCheckTimeout = 5000;

/**
 * Checks the targets repeatedly, and yields each that reaches the goal. Ends when all have reached it, when one no longer
 * can, or at the timeout, and then yields the rest as they are. A retryable failure does not end it.
 */
export async function* watch(targets: readonly Target[], options: WatchOptions): AsyncGenerator<Observation, void> {
  const { clock, timeout } = options;
  const deadline = clock.monotonic() + timeout;
  const remaining = () => deadline - clock.monotonic();
  let observations = await inTime(observeTargets(targets, options), remaining(), clock);
  for (const observation of observations) options.changed(observation, undefined);
  let pause = firstPause;
  let failure: CliError | undefined;
  for (;;) {
    yield* observations.filter(({ evaluation }) => evaluation === 'reached');
    observations = observations.filter(({ evaluation }) => evaluation !== 'reached');
    if (observations.length === 0) return;
    const isOver = remaining() <= 0 || observations.some(({ evaluation }) => evaluation === 'impossible');
    if (isOver && failure !== undefined) throw failure;
    if (isOver) return yield* observations;
    await pauseFor(Math.min(Math.max(0, remaining()), pause * (0.8 + 0.4 * clock.random())), observations, options);
    pause = Math.min(longestPause, pause * growth);
    const time = Math.max(remaining(), lastCheckTimeout);
    const checked = await orRetryable(inTime(observeAgain(observations, options), time, clock));
    failure = checked instanceof CliError ? checked : undefined;
    if (checked instanceof CliError) options.troubled(checked);
    else observations = reportChanges(observations, checked, options);
  }
}

async function pauseFor(milliseconds: number, observations: readonly Observation[], options: WatchOptions) {
  const { clock, signal } = options;
  const left = observations.map(({ target }) => target.text);
  options.pausing?.({ left, until: clock.monotonic() + milliseconds });
  await clock.sleep(milliseconds, signal);
}

function reportChanges(
  before: readonly Observation[],
  after: readonly Observation[],
  { changed }: WatchOptions,
): Observation[] {
  for (const [index, observation] of after.entries()) {
    if (observation.state !== before[index]?.state) changed(observation, before[index]);
  }
  return [...after];
}

/** Resolves to the failure if it is retryable. */
async function orRetryable(check: Promise<Observation[]>): Promise<Observation[] | CliError> {
  try {
    return await check;
  } catch (error) {
    if (error instanceof CliError && error.details.retryable === true) return error;
    throw error;
  }
}

/** Rejects with `timeout` if the check does not end in time. */
function inTime(check: Promise<Observation[]>, milliseconds: number, clock: Clock): Promise<Observation[]> {
  const error = () =>
    new CliError('timeout', 'cannot check the invitations', { reason: 'no answer in time', retryable: true });
  return withTimeout({ clock, milliseconds, error }, (limit) => untilAborted(check, limit));
}
