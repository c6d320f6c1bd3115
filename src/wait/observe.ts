import { CliError } from '../errors.ts';
import { untilAborted, withTimeout } from '../host/timeout.ts';
import type { Clock } from '../host.ts';
import type { Invitations } from '../invitations/client.ts';
import { type Invitation, stateOf } from '../invitations/invitation.ts';
import {
  currentInvitation,
  findMany,
  findOne,
  findTargets,
  notFound,
  type RecentMails,
  type Target,
  type TargetMatch,
} from '../invitations/targets.ts';
import { type Evaluation, evaluate, type Goal, type ObservedState } from './result.ts';

/** What one look found out about one target. */
export interface Observation {
  readonly target: Target;
  /** As it was last seen. */
  readonly invitation: Invitation;
  readonly state: ObservedState;
  readonly judgement: Evaluation;
}

export interface Observer {
  readonly invitations: Invitations;
  readonly goal: Goal;
  /** What this machine sent not long ago. */
  readonly mails?: RecentMails | undefined;
  now(): number;
}

/** The first look. Throws `not_found` that names everything that is not there. */
export async function observeTargets(targets: readonly Target[], eyes: Observer): Promise<Observation[]> {
  const found = await findTargets(eyes.invitations, targets, eyes.mails);
  const missing = found.filter(({ invitations }) => invitations.length === 0).map(({ target }) => target);
  const [first] = missing;
  if (first === undefined) return found.map((one) => sightOf(one, eyes));
  if (missing.length === 1) throw notFound(first);
  throw new CliError('not_found', `${missing.length} of ${targets.length} are not there`, {
    reason: missing.map(({ text }) => `"${text}"`).join('\n'),
    hints: ['invite list'],
  });
}

/** Another look: what was there and is not any more is gone. One by its own request, more in one pass over the list. */
export async function observeAgain(before: readonly Observation[], eyes: Observer): Promise<Observation[]> {
  const found = await findAgain(
    before.map(({ target }) => target),
    eyes,
  );
  return before.map((sight, index) => {
    const { invitations = [] } = found[index] ?? {};
    if (invitations.length > 0) return sightOf({ target: sight.target, invitations }, eyes);
    return { ...sight, state: 'gone', judgement: evaluate('gone', eyes.goal) };
  });
}

async function findAgain(targets: readonly Target[], { invitations, mails }: Observer): Promise<TargetMatch[]> {
  const [only, ...more] = targets;
  if (only === undefined || more.length > 0) return findMany(invitations, targets, mails);
  try {
    return [await findOne(invitations, only, mails)];
  } catch (error) {
    // The API says either of what is not there, and this was allowed before.
    const isGone = error instanceof CliError && (error.code === 'not_found' || error.code === 'forbidden');
    if (isGone && only.kind === 'id') return [{ target: only, invitations: [] }];
    throw error;
  }
}

function sightOf({ target, invitations }: TargetMatch, { goal, now }: Observer): Observation {
  const invitation = currentInvitation(invitations, now()) ?? {};
  const state = stateOf(invitation, now());
  return { target, invitation, state, judgement: evaluate(state, goal) };
}

export interface WatchOptions extends Observer {
  readonly clock: Clock;
  /** Milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  /** Hears every state that is new; `before` is undefined at the first look. */
  changed(sight: Observation, before: Observation | undefined): void;
  /** Hears that a look failed and is going to be repeated. */
  troubled(failure: CliError): void;
}

/** Milliseconds between two looks: they grow apart, for what has not happened soon will take its time. */
const firstPause = 5000;
const longestPause = 60_000;
const growth = 1.5;

/**
 * Looks at the targets again and again. Gives each when it got there; ends when all did, at the first that cannot any
 * more, or when the time is up, and then gives the rest as they are. A failure that may pass is waited out.
 */
export async function* watch(targets: readonly Target[], watched: WatchOptions): AsyncGenerator<Observation, void> {
  const { clock, timeout, signal } = watched;
  const deadline = clock.monotonic() + timeout;
  const rest = () => deadline - clock.monotonic();
  let sights = await inTime(observeTargets(targets, watched), rest(), clock);
  for (const sight of sights) watched.changed(sight, undefined);
  let pause = firstPause;
  let trouble: CliError | undefined;
  for (;;) {
    yield* sights.filter(({ judgement }) => judgement === 'reached');
    sights = sights.filter(({ judgement }) => judgement !== 'reached');
    if (sights.length === 0) return;
    const isOver = rest() <= 0 || sights.some(({ judgement }) => judgement === 'impossible');
    if (isOver && trouble !== undefined) throw trouble;
    if (isOver) return yield* sights;
    await clock.sleep(Math.min(Math.max(0, rest()), pause * (0.8 + 0.4 * clock.random())), signal);
    pause = Math.min(longestPause, pause * growth);
    const looked = await passing(inTime(observeAgain(sights, watched), Math.max(rest(), leastLook), clock));
    trouble = looked instanceof CliError ? looked : undefined;
    if (looked instanceof CliError) watched.troubled(looked);
    else sights = told(sights, looked, watched);
  }
}

/** Milliseconds that the look at the very end of the time gets. */
const leastLook = 5000;

function told(before: readonly Observation[], after: readonly Observation[], { changed }: WatchOptions): Observation[] {
  for (const [index, sight] of after.entries()) {
    if (sight.state !== before[index]?.state) changed(sight, before[index]);
  }
  return [...after];
}

/** The failure, if it is one that may pass. */
async function passing(look: Promise<Observation[]>): Promise<Observation[] | CliError> {
  try {
    return await look;
  } catch (error) {
    if (error instanceof CliError && error.details.retryable === true) return error;
    throw error;
  }
}

/** What is seen, or `timeout` if that takes longer: what a server leaves hanging is not waited for. */
function inTime(look: Promise<Observation[]>, milliseconds: number, clock: Clock): Promise<Observation[]> {
  const error = () =>
    new CliError('timeout', 'cannot look at the invitations', { reason: 'no answer in time', retryable: true });
  return withTimeout({ clock, milliseconds, error }, (limit) => untilAborted(look, limit));
}
