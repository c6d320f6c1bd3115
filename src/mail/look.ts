import type { Invitations } from '../api/client.ts';
import { EmailMap } from '../api/email.ts';
import type { Invitation } from '../api/invitation.ts';
import { wholeInvitations } from '../api/whole.ts';
import type { Clock } from '../host.ts';
import { textAt } from '../text/json-fields.ts';

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

/** What the list shows now, by one pass for all who ask within a minute. */
export class RecentList {
  readonly #invitations: Invitations;
  readonly #clock: Pick<Clock, 'monotonic'>;
  #read: { readonly lookedAt: number; readonly rows: Promise<EmailMap<Invitation[]>> } | undefined;

  constructor(invitations: Invitations, clock: Pick<Clock, 'monotonic'>) {
    this.#invitations = invitations;
    this.#clock = clock;
  }

  /** All invitations of an e-mail. */
  async of(email: string): Promise<readonly Invitation[]> {
    if (this.#read === undefined || isStale(this.#read, this.#clock))
      this.#read = { lookedAt: this.#clock.monotonic(), rows: this.#readAll() };
    return wholeInvitations(this.#invitations, (await this.#read.rows).get(email) ?? []);
  }

  async #readAll(): Promise<EmailMap<Invitation[]>> {
    const rows = new EmailMap<Invitation[]>();
    for await (const batch of this.#invitations.list({}, { whole: true })) {
      for (const row of batch) {
        const email = textAt(row, 'email') ?? '';
        rows.set(email, [...(rows.get(email) ?? []), lean(row)]);
      }
    }
    return rows;
  }
}

/** What is decided by and shown. */
export function lean({ id, email, status, auth_type, expires_at, accepted_at, ...rest }: Invitation): Invitation {
  const user = textAt(rest, 'user', 'id');
  const created_at = textAt(rest, 'metadata', 'created_at');
  const updated_at = textAt(rest, 'metadata', 'updated_at');
  return {
    ...{ id, email, status, auth_type, expires_at, accepted_at },
    ...(user === undefined ? {} : { user: { id: user } }),
    metadata: { created_at, updated_at },
  };
}
