import { foldEmail } from '../api/email.ts';
import { type Invitation, isLive, type State, stateOf, states, timeAt } from '../api/invitation.ts';
import { textAt } from '../text/json-fields.ts';
import type { Review } from './review.ts';

/** The number of invitations in each state, including 0. */
type StateCounts = Readonly<Record<State, number>>;

export interface Group extends StateCounts {
  readonly total: number;
}

/** A summary of an organization: of its invitations and, if this key may list users, of its people. Durations are in seconds. */
export interface Report extends Partial<Review> {
  /** RFC 3339; states and ages are those at this time. */
  readonly generated_at: string;
  readonly total: number;
  readonly by_state: StateCounts;
  /** Invitations that can still be accepted, by their age. */
  readonly pending_by_age: readonly { readonly age: string; readonly count: number }[];
  /** The next seven days, the soonest first. */
  readonly expiring: readonly Expiring[];
  readonly time_to_acceptance: Durations;
  /** The domains of the e-mails, the most frequent first. */
  readonly by_domain: readonly (Group & { readonly domain: string })[];
  /** The ids of the creators, the most frequent first. */
  readonly by_inviter: readonly (Group & { readonly creator: string })[];
}

interface Expiring {
  readonly id: string;
  readonly email: string;
  readonly expires_at: string;
}

/** Null without accepted invitations. */
interface Durations {
  readonly count: number;
  readonly median_seconds: number | null;
  readonly p90_seconds: number | null;
}

const day = 86_400_000;

/** The upper end of each range of ages in milliseconds, and its name. */
const ageRanges = [
  [day, 'under 1 day'],
  [2 * day, '1 to 2 days'],
  [3 * day, '2 to 3 days'],
  [7 * day, '3 to 7 days'],
  [30 * day, '7 to 30 days'],
  [Number.POSITIVE_INFINITY, 'over 30 days'],
] as const;

const unknown = 'unknown';

type Age = (typeof ageRanges)[number][1] | typeof unknown;

const ages: readonly Age[] = [...ageRanges.map(([, age]) => age), unknown];

/** The age range of an invitation. */
function ageOf(created: number | undefined, now: number): Age {
  if (created === undefined) return unknown;
  return ageRanges.find(([end]) => now - created < end)?.[1] ?? unknown;
}

/** The median and the 90th percentile of durations in milliseconds, in seconds. */
export function durationsOf(durations: readonly number[]): Durations {
  // A typed array sorts numerically, and fast.
  const sorted = Float64Array.from(durations).sort();
  const { length: count } = sorted;
  const middle = count >> 1;
  const upper = sorted[middle];
  if (upper === undefined) return { count, median_seconds: null, p90_seconds: null };
  const lower = count % 2 === 0 ? (sorted[middle - 1] ?? upper) : upper;
  const p90 = sorted[Math.ceil(count * 0.9) - 1] ?? upper;
  return { count, median_seconds: seconds((lower + upper) / 2), p90_seconds: seconds(p90) };
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds) / 1000;
}

/** How far ahead expiring invitations are listed, in milliseconds. */
const horizon = 7 * day;

/** In place of a value that the API did not send. */
const none = '(none)';

/** Counts the invitations in one pass over the list, without keeping them in memory. */
export async function buildReport(batches: AsyncIterable<readonly Invitation[]>, now: () => number): Promise<Report> {
  let counter: Counter | undefined;
  for await (const batch of batches) {
    // The server's time is known from its first answer on.
    counter ??= new Counter(now());
    for (const invitation of batch) counter.add(invitation);
  }
  return (counter ?? new Counter(now())).report();
}

/** Counts invitations one by one, without keeping them. */
export class Counter {
  readonly #now: number;
  readonly #all = newGroup();
  readonly #ages = new Map<Age, number>(ages.map((age) => [age, 0]));
  readonly #domains = new Map<string, Tally>();
  readonly #inviters = new Map<string, Tally>();
  readonly #expiring: Expiring[] = [];
  readonly #acceptanceTimes: number[] = [];

  constructor(now: number) {
    this.#now = now;
  }

  add(invitation: Invitation): void {
    const state = stateOf(invitation, this.#now);
    count(this.#all, state);
    count(groupIn(this.#domains, domainOf(invitation)), state);
    count(groupIn(this.#inviters, textAt(invitation, 'creator', 'id') ?? none), state);
    if (isLive(invitation, this.#now)) this.#addLive(invitation);
    if (state === 'accepted') this.#addAccepted(invitation);
  }

  report(): Report {
    const { total, ...by_state } = this.#all;
    return {
      generated_at: new Date(this.#now).toISOString(),
      total,
      by_state,
      pending_by_age: [...this.#ages].map(([age, number]) => ({ age, count: number })),
      expiring: this.#expiring.sort((a, b) => Date.parse(a.expires_at) - Date.parse(b.expires_at)),
      time_to_acceptance: durationsOf(this.#acceptanceTimes),
      by_domain: ranked(this.#domains).map(([domain, group]) => ({ domain, ...group })),
      by_inviter: ranked(this.#inviters).map(([creator, group]) => ({ creator, ...group })),
    };
  }

  #addLive(invitation: Invitation): void {
    const age = ageOf(timeAt(invitation, 'metadata', 'created_at'), this.#now);
    this.#ages.set(age, (this.#ages.get(age) ?? 0) + 1);
    const expires = timeAt(invitation, 'expires_at');
    if (expires === undefined || expires - this.#now > horizon) return;
    const [id = none, email = none, expires_at = ''] = ['id', 'email', 'expires_at'].map((f) => textAt(invitation, f));
    this.#expiring.push({ id, email, expires_at });
  }

  #addAccepted(invitation: Invitation): void {
    const created = timeAt(invitation, 'metadata', 'created_at');
    const accepted = timeAt(invitation, 'accepted_at');
    if (created !== undefined && accepted !== undefined && accepted >= created)
      this.#acceptanceTimes.push(accepted - created);
  }
}

type Tally = { total: number } & Record<State, number>;

function newGroup(): Tally {
  const counts = Object.fromEntries(states.map((state) => [state, 0])) as Record<State, number>;
  return { total: 0, ...counts };
}

function groupIn(groups: Map<string, Tally>, name: string): Tally {
  const group = groups.get(name) ?? newGroup();
  groups.set(name, group);
  return group;
}

function count(group: Tally, state: State): void {
  group.total += 1;
  group[state] += 1;
}

function domainOf(invitation: Invitation): string {
  const email = textAt(invitation, 'email') ?? '';
  const domain = email.slice(email.lastIndexOf('@') + 1);
  return domain === '' ? none : foldEmail(domain);
}

/** Sorted by total, then by name, so that the order is deterministic. */
function ranked(groups: ReadonlyMap<string, Group>): [string, Group][] {
  return [...groups].sort(([a, { total: x }], [b, { total: y }]) => y - x || (a < b ? -1 : 1));
}
