import { Domains, EmailMap, foldEmail } from '../api/email.ts';
import { type Invitation, isLive, isPartial, stateOf, timeAt, wholeInvitations } from '../api/invitation.ts';
import type { Invitations } from '../api/invitations.ts';
import { lookOnceMore } from '../api/targets.ts';
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
  look(): Promise<T>;
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

/** All invitations of an e-mail that the list shows now. */
export type RecentList = (email: string) => Promise<readonly Invitation[]>;

/** One pass over the list serves all who ask within a minute. */
export function recentList(invitations: Invitations, clock: Pick<Clock, 'monotonic'>): RecentList {
  let last: { readonly lookedAt: number; readonly rows: Promise<EmailMap<Invitation[]>> } | undefined;
  const readAll = async () => {
    const rows = new EmailMap<Invitation[]>();
    for await (const batch of invitations.list({}, { whole: true })) {
      for (const row of batch) {
        const email = textAt(row, 'email') ?? '';
        rows.set(email, [...(rows.get(email) ?? []), row]);
      }
    }
    return rows;
  };
  return async (email) => {
    if (last === undefined || isStale(last, clock)) last = { lookedAt: clock.monotonic(), rows: readAll() };
    return wholeInvitations(invitations, (await last.rows).get(email) ?? []);
  };
}

interface Sources {
  readonly invitations: Invitations;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
}

export interface KnownPeople {
  of(email: string): readonly Invitation[];
  /** Of the monotonic clock, in milliseconds. */
  readonly lookedAt: number;
}

/** All invitations of each of these people: of one by a search, of several by one pass over the list. */
export async function invitationsOf(emails: readonly string[], sources: Sources): Promise<KnownPeople> {
  const [only = '', ...more] = emails;
  if (more.length > 0) return readKnownInvitations(new Set(emails.map(foldEmail)), sources);
  const { invitations, clock } = sources;
  const lookedAt = clock.monotonic();
  const found = only === '' ? none : await invitations.findByEmail(only);
  return { of: (email) => (foldEmail(email) === foldEmail(only) ? found : none), lookedAt };
}

const none: readonly Invitation[] = [];

/**
 * Reads the list once and keeps what concerns these people, however many others there are. Where it has several pages,
 * those who would be mailed are looked for once more.
 * @param people E-mails in small letters.
 */
export async function readKnownInvitations(people: People, { invitations, clock }: Sources) {
  const lookedAt = clock.monotonic();
  const known = new EmailMap<readonly Invitation[]>();
  const of = (email: string) => known.get(email) ?? none;
  const pending = new Set<unknown>();
  const domains = new Domains();
  const learn = (invitation: Invitation) => {
    const id = textAt(invitation, 'id');
    if (isLive(invitation, clock.now())) pending.add(id ?? invitation);
    const email = textAt(invitation, 'email') ?? '';
    domains.add(email);
    const isNew = id === undefined || of(email).every((other) => textAt(other, 'id') !== id);
    if (isNew && people.has(foldEmail(email))) known.set(email, [...of(email), invitation]);
  };
  const read = async (batches: AsyncIterable<readonly Invitation[]>) => {
    for await (const batch of batches) batch.forEach(learn);
    for (const [email, rows] of known)
      if (rows.some(isPartial)) known.set(email, await wholeInvitations(invitations, rows));
  };
  if (people.size > 0) await read(invitations.list({}, { whole: true }));
  const isOver = (one: Invitation) => ['expired', 'deactivated'].includes(stateOf(one, clock.now()));
  const unseen = [...people.keys()].filter((email) => of(email).every(isOver));
  await read(lookOnceMore(invitations, unseen));
  return {
    of,
    lookedAt,
    /** How many invitations of the organization can still be accepted, for all addresses. */
    pending: pending.size,
    /** Those of all addresses that were ever invited. */
    domains,
    organization: invitations.organization(),
  };
}

interface People {
  readonly size: number;
  has(email: string): boolean;
  keys(): Iterable<string>;
}

/** Milliseconds after a mail was sent at which it is looked for if its answer was lost: a list may lag by seconds. */
export const lookTimes = [1000, 3500, 8500] as const;

interface LaterLooks {
  readonly invitations: Invitations;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  readonly signal: AbortSignal;
}

/** What an e-mail has at each time at which something that was sent to it then is looked for; once if all have passed. */
export async function* looksFor(email: string, sentAt: number, { invitations, clock, signal }: LaterLooks) {
  const times = lookTimes.map((after) => sentAt + after).filter((time) => time > clock.now());
  for (const time of times.length === 0 ? [0] : times) {
    await clock.sleep(Math.max(0, time - clock.now()), signal);
    yield await invitations.findByEmail(email);
  }
}

/** By the API's own times: it was made or mailed since then. */
export function isTouchedSince(invitation: Invitation, since: number): boolean {
  return ['created_at', 'updated_at'].some((name) => (timeAt(invitation, 'metadata', name) ?? 0) >= since);
}

/** New by its id, or the one known before but touched since; by the server's own times, for our clock may be wrong. */
export function isFresh(invitation: Invitation, known: readonly Invitation[], now: number): boolean {
  if (!isLive(invitation, now) && stateOf(invitation, now) !== 'accepted') return false;
  const before = known.find((one) => textAt(one, 'id') === textAt(invitation, 'id'));
  if (before === undefined) return true;
  const touched = (one: Invitation) => [
    textAt(one, 'metadata', 'updated_at'),
    textAt(one, 'expires_at'),
    textAt(one, 'status'),
  ];
  return touched(before).join() !== touched(invitation).join();
}
