import { foldEmail } from '../api/email.ts';
import { unwanted, wanted } from './decide-person.ts';
import type { DecisionInput, PersonInput } from './decision-input.ts';
import { type DesiredPerson, Ignored, isPast } from './desired.ts';
import { type Observed, type Person, standingOf } from './observed.ts';
import { compareRows, type Plan, type Row } from './plan.ts';

/** Compares the file with the organization. Pure: no requests, and the same plan for the same input. */
export function decide(input: DecisionInput): Plan {
  const { desired, observed, now, file } = input;
  const rows = [...rowsOf(input)].sort(compareRows);
  const people = [...observed.people.values()];
  const isPending = (person: Person) =>
    person.users.length === 0 && ['pending', 'staged'].includes(standingOf(person, now).state);
  const members = people.filter(({ users }) => users.length > 0).length;
  const bindings = ({ email }: DesiredPerson) => observed.people.get(foldEmail(email))?.bindings.length ?? 0;
  return {
    file,
    organization: observed.organization,
    rows,
    others: observed.others,
    members,
    members_and_pending: members + people.filter(isPending).length,
    bindings_of_listed: desired.people.reduce((sum, entry) => sum + bindings(entry), 0),
    warnings: [...warningsOf(rows)],
  };
}

/** The users whose API keys must be read before deciding: those who would be removed if they owned none. */
export function usersToRemove(input: Omit<DecisionInput, 'apiKeys' | 'withApiKeys'>): string[] {
  const { desired, now } = input;
  const mayRemove = desired.managed === 'people' || desired.people.some(({ until }) => isPast(until, now));
  if (!mayRemove) return [];
  const { rows } = decide({ ...input, apiKeys: new Map(), withApiKeys: true });
  return rows.flatMap(({ action, user }) => (action === 'remove' && user !== undefined ? [user] : []));
}

function* rowsOf(input: DecisionInput): Generator<Row> {
  const { desired, observed, now, file, apiKeys, withApiKeys } = input;
  const ignored = new Ignored(desired.ignore, observed.organization);
  // Field by field: V8 keeps what a spread makes of the input until a full collection, a kilobyte for each person.
  const inputFor = ({ email, person, why }: Pick<PersonInput, 'email' | 'person' | 'why'>): PersonInput => {
    return { desired, observed, now, file, apiKeys, withApiKeys, ignored, email, person, why };
  };
  const listed = new Set<string>();
  for (const entry of desired.people) {
    const key = foldEmail(entry.email);
    listed.add(key);
    const { email, line } = entry;
    yield* listedRows(entry, inputFor({ email, person: observed.people.get(key), why: `line ${line}` }));
  }
  if (desired.managed === 'people') {
    for (const [key, person] of observed.people) {
      const { email } = person;
      if (listed.has(key) || ignored.email(email) !== undefined || ignoredUser(person, ignored) !== undefined) continue;
      yield* unwanted(inputFor({ email, person, why: `not in ${file}` }), 'absent');
    }
  }
  yield* orphanRows(observed, ignored);
}

function* listedRows(entry: DesiredPerson, input: PersonInput): Generator<Row> {
  const { person, ignored, email, now, why } = input;
  const rule = person === undefined ? undefined : ignoredUser(person, ignored);
  if (rule !== undefined) {
    const { state } = standingOf(person, now);
    yield { action: 'blocked', email, state, what: `is ${rule.text}`, why: `${why}; ignored in line ${rule.line}` };
  } else if (isPast(entry.until, now)) {
    yield* unwanted({ ...input, why: `${why}; until ${entry.until?.text}` }, 'named');
  } else yield* wanted(entry, input);
}

function ignoredUser({ users, invitations }: Person, ignored: Ignored) {
  const ids = [...users.map(({ id }) => id), ...invitations.map(({ user }) => user)];
  return ids.map((id) => (id === undefined ? undefined : ignored.user(id))).find((rule) => rule !== undefined);
}

function* orphanRows({ orphans }: Observed, ignored: Ignored): Generator<Row> {
  for (const [user, { length }] of orphans) {
    if (ignored.user(user) !== undefined) continue;
    const what = `${length} role binding${length === 1 ? '' : 's'}`;
    yield { action: 'orphan', email: user, state: 'nobody', user, what, why: 'no user and no invitation has this id' };
  }
}

/** When an address changes in the file, access by the old one ends before the new one is accepted. */
function* warningsOf(rows: readonly Row[]): Generator<string> {
  const nameIn = (email: string) => foldEmail(email).replace(/@[^@]*$/, '');
  const invited = new Map<string, string>();
  for (const { action, email } of rows) if (action === 'invite') invited.set(nameIn(email), email);
  for (const { action, email } of rows) {
    const fresh = action === 'remove' || action === 'withdraw' ? invited.get(nameIn(email)) : undefined;
    if (fresh === undefined) continue;
    yield `if ${email} and ${fresh} are one person: keep the old line until the new address has accepted`;
  }
}
