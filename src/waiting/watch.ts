import type { Clock } from '../clock.ts';
import { CliError } from '../errors.ts';
import type { Target } from '../invitations/targets.ts';
import { type Eyes, firstLook, lookAgain, type Sight } from './sight.ts';

export interface Watch extends Eyes {
  readonly clock: Clock;
  /** Milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  /** Hears every state that is new; `before` is undefined at the first look. */
  changed(sight: Sight, before: Sight | undefined): void;
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
export async function* watch(targets: readonly Target[], watched: Watch): AsyncGenerator<Sight, void> {
  const { clock, timeout, signal } = watched;
  const deadline = clock.monotonic() + timeout;
  const rest = () => deadline - clock.monotonic();
  let sights = await inTime(firstLook(targets, watched), rest(), clock);
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
    const looked = await passing(inTime(lookAgain(sights, watched), Math.max(rest(), leastLook), clock));
    trouble = looked instanceof CliError ? looked : undefined;
    if (looked instanceof CliError) watched.troubled(looked);
    else sights = told(sights, looked, watched);
  }
}

/** Milliseconds that the look at the very end of the time gets. */
const leastLook = 5000;

function told(before: readonly Sight[], after: readonly Sight[], { changed }: Watch): Sight[] {
  for (const [index, sight] of after.entries()) {
    if (sight.state !== before[index]?.state) changed(sight, before[index]);
  }
  return [...after];
}

/** The failure, if it is one that may pass. */
async function passing(look: Promise<Sight[]>): Promise<Sight[] | CliError> {
  try {
    return await look;
  } catch (error) {
    if (error instanceof CliError && error.details.retryable === true) return error;
    throw error;
  }
}

/** The look, or `timeout` if it has not ended by then: what a server leaves hanging is not waited for. */
async function inTime(look: Promise<Sight[]>, milliseconds: number, clock: Clock): Promise<Sight[]> {
  const timer = new AbortController();
  const limit = clock.sleep(milliseconds, timer.signal).then(() => {
    throw new CliError('timeout', 'cannot look at the invitations', { reason: 'no answer in time', retryable: true });
  });
  try {
    return await Promise.race([look, limit]);
  } finally {
    timer.abort();
  }
}
