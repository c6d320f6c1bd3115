import { foldEmail } from '../invitations/email.ts';
import { type Invitation, isLive, type State, stateOf, states, textAt, timeAt } from '../invitations/invitation.ts';
import { type Age, ageOf, ages } from './ages.ts';
import type { Expiring, Group, Report } from './report.ts';
import { durationsOf } from './waits.ts';

const day = 86_400_000;

/** How far ahead the report looks, in milliseconds. */
const outlook = 7 * day;

/** Stands for a value that the API did not send. */
const none = '(none)';

/** Counts the invitations in one pass over the list and keeps none of them, only what the figures need. */
export async function takeCensus(batches: AsyncIterable<readonly Invitation[]>, now: number): Promise<Report> {
  const census = new Census(now);
  for await (const batch of batches) {
    for (const invitation of batch) census.add(invitation);
  }
  return census.report();
}

class Census {
  readonly #now: number;
  readonly #all = newGroup();
  readonly #ages = new Map<Age, number>(ages.map((age) => [age, 0]));
  readonly #domains = new Map<string, Tally>();
  readonly #inviters = new Map<string, Tally>();
  readonly #expiring: Expiring[] = [];
  readonly #waits: number[] = [];

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
      time_to_acceptance: durationsOf(this.#waits),
      by_domain: ranked(this.#domains).map(([domain, group]) => ({ domain, ...group })),
      by_inviter: ranked(this.#inviters).map(([creator, group]) => ({ creator, ...group })),
    };
  }

  #addLive(invitation: Invitation): void {
    const age = ageOf(timeAt(invitation, 'metadata', 'created_at'), this.#now);
    this.#ages.set(age, (this.#ages.get(age) ?? 0) + 1);
    const expires = timeAt(invitation, 'expires_at');
    if (expires === undefined || expires - this.#now > outlook) return;
    const [id = none, email = none, expires_at = ''] = ['id', 'email', 'expires_at'].map((f) => textAt(invitation, f));
    this.#expiring.push({ id, email, expires_at });
  }

  #addAccepted(invitation: Invitation): void {
    const created = timeAt(invitation, 'metadata', 'created_at');
    const accepted = timeAt(invitation, 'accepted_at');
    if (created !== undefined && accepted !== undefined && accepted >= created) this.#waits.push(accepted - created);
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

/** The largest first, equals by name, so that two runs look alike. */
function ranked(groups: ReadonlyMap<string, Group>): [string, Group][] {
  return [...groups].sort(([a, { total: x }], [b, { total: y }]) => y - x || (a < b ? -1 : 1));
}
