import type { Invitations } from '../api/client.ts';
import type { Invitation } from '../api/invitation.ts';
import type { Clock } from '../host.ts';

/** Milliseconds after which what was looked up is looked up again before anything is sent. */
const freshFor = 60_000;

/** Whether the look on which something was decided is too old to act upon. */
export function isStale(
  { lookedAt }: { readonly lookedAt?: number },
  { monotonic }: Pick<Clock, 'monotonic'>,
): boolean {
  return lookedAt !== undefined && monotonic() - lookedAt > freshFor;
}

interface LookAndAsk<T> {
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Looks up what is there and decides. */
  look(): Promise<T>;
  /** Returns whether a person was asked. */
  ask(seen: T): Promise<boolean>;
}

/**
 * What was looked up before a question was answered, or more than a minute ago, is looked up again before anything is
 * sent. Returns the last look, and the first one where there were two.
 */
export async function lookAndAsk<T>({ clock, look, ask }: LookAndAsk<T>): Promise<{ seen: T; asked?: T }> {
  const lookedAt = clock.monotonic();
  const first = await look();
  const isAsked = await ask(first);
  if (!isAsked && !isStale({ lookedAt }, clock)) return { seen: first };
  return { seen: await look(), asked: first };
}

/** Up to this many people are searched for one by one; for more, a second pass over the list takes fewer requests. */
const fewPeople = 20;
/** Concurrent searches. */
const concurrency = 4;

/**
 * A row may slip from one page of a list to the one before when somebody deletes another meanwhile, and is in neither.
 * Looks once more for people whom a list of several pages does not show, before they are mailed because of it.
 */
export async function* lookOnceMore(
  invitations: Invitations,
  emails: readonly string[],
): AsyncGenerator<readonly Invitation[]> {
  if (emails.length > fewPeople) {
    yield* invitations.list({}, { whole: true });
    return;
  }
  for (let start = 0; start < emails.length; start += concurrency) {
    const some = emails.slice(start, start + concurrency);
    yield* await Promise.all(some.map((email) => invitations.search(email)));
  }
}
