import { domainOf, foldEmail } from '../api/email.ts';
import { isAdminRole } from '../api/roles.ts';
import { compareTexts } from '../text/sanitize.ts';
import { counted } from '../text/times.ts';
import {
  type DecisionInput,
  isFromIdentityProvider,
  type PersonInput,
  rowOf,
  unwanted,
  wanted,
} from './decide-person.ts';
import { type Desired, type DesiredPerson, Ignored, isPast, lineOf, type Place } from './desired.ts';
import { emailsOf, isPresent, type Observed, type Person, personNamed, standingOf, userIdsOf } from './observed.ts';
import { isLoss, type Notice, type Plan, type Row, rowOrder, signOf } from './plan.ts';

/** Compares the file with the organization. Pure: no requests, and the same plan for the same input. */
export function decide(input: DecisionInput): Plan {
  const { desired, observed, now, file } = input;
  const found = [...planRows(input)];
  const notice = noticeOf(found, observed, now);
  const rows = found.sort(rowOrder(notice));
  const bindings = ({ email }: DesiredPerson) => personNamed(email, observed)?.bindings.length ?? 0;
  return {
    file,
    rows,
    ...sizeOf(observed, now),
    bindings_of_listed: desired.people.reduce((sum, entry) => sum + bindings(entry), 0),
    unlisted: unlistedPeople(input).length,
    warnings: [...warningsOf(rows), ...uselessRules(input)],
    notice,
  };
}

export function sizeOf({ people }: Observed, now: number): Pick<Plan, 'members' | 'members_and_pending'> {
  const all = [...people.values()];
  const isPending = (person: Person) => person.users.length === 0 && isPresent(standingOf(person, now));
  const members = all.reduce((sum, { users }) => sum + users.length, 0);
  return { members, members_and_pending: members + all.filter(isPending).length };
}

/**
 * Who is in the organization and not in a file that is to list them: nobody is missing in the file of a team. Who belongs to
 * the identity provider is not missing either.
 */
function unlistedPeople({ desired, observed, now }: DecisionInput): Person[] {
  if (desired.managed === 'people' || desired.within !== undefined) return [];
  const isListed = listedTest(desired, observed);
  return [...observed.people.values()].filter(
    (person) => isPresent(standingOf(person, now)) && !isFromIdentityProvider(person, now) && !isListed(person),
  );
}

export interface Listed extends Pick<Desired, 'ignore'> {
  readonly people: readonly Pick<DesiredPerson, 'email' | 'was'>[];
}

export function listedTest({ people, ignore }: Listed, { organization }: Observed): (person: Person) => boolean {
  const listed = new Set(people.flatMap(({ email, was = email }) => [foldEmail(email), foldEmail(was)]));
  const ignored = new Ignored(ignore, organization);
  return (person) => emailsOf(person).some((email) => listed.has(foldEmail(email))) || isIgnored(person, ignored);
}

/** An ignore rule that fits nobody and nothing may be a typing error, and what it was meant for is not spared. */
function* uselessRules({ desired: { ignore }, observed }: DecisionInput): Generator<string> {
  if (ignore.length === 0) return;
  const people = [...observed.people.values()];
  const held = people.flatMap(({ bindings }) => bindings.map(({ role }) => role));
  for (const rule of ignore) {
    const only = new Ignored([rule], observed.organization);
    const isUsed =
      people.some((person) => isIgnored(person, only)) ||
      held.some((role) => only.role(role) !== undefined) ||
      [...observed.orphans.keys()].some((id) => only.user(id) !== undefined);
    if (!isUsed) yield `"${rule.text}" is ignored in ${lineOf(rule)}, and matches nobody and no role`;
  }
}

export function noticeOf(rows: readonly Row[], observed: Observed, now: number): Notice {
  const present = [...observed.people.values()].filter((person) => isPresent(standingOf(person, now)));
  const home = new Set(present.map(({ email }) => domainOf(email)));
  const added = rows.filter((row) => signOf(row) === '+');
  const foreign = added.filter(({ email }) => !home.has(domainOf(email))).map(({ email }) => email);
  const new_admins = added.flatMap(({ email, role }) =>
    role !== undefined && isAdminRole(role.role_name)
      ? [{ email, role_name: role.role_name, crn_pattern: role.crn }]
      : [],
  );
  return {
    new_admins: new_admins.sort((a, b) => compareTexts(a.email, b.email)),
    foreign: [...new Set(foreign)].sort(),
  };
}

/** The users whose API keys must be read before deciding: those who would be removed if they owned none. */
export function usersToRemove(input: Omit<DecisionInput, 'apiKeys' | 'withApiKeys'>): string[] {
  const rows = [...planRows({ ...input, apiKeys: new Map(), withApiKeys: true })];
  return rows.flatMap(({ action, user }) => (action === 'remove' && user !== undefined ? [user] : []));
}

function* planRows(input: DecisionInput): Generator<Row> {
  const { desired, observed, now, file } = input;
  const ignored = new Ignored(desired.ignore, observed.organization);
  const about = (email: string, person: Person | undefined, why: string): PersonInput => {
    return { ...input, ignored, email, person, why, standing: standingOf(person, now) };
  };
  /** The line of each person, by the address that the organization has for them. */
  const listed = new Map<string, Place>();
  for (const entry of desired.people) {
    const person = personNamed(entry.email, observed);
    // A member whose address has changed is shown, and removed, under the present one.
    const isRenamed = person !== undefined && foldEmail(person.email) !== foldEmail(entry.email);
    const input = about(isRenamed ? person.email : entry.email, person, lineOf(entry));
    const before = listed.get(foldEmail(input.email));
    if (before !== undefined) {
      // One person under two addresses: the lines may contradict each other.
      yield rowOf(input, 'ambiguous', { what: `"${entry.email}" is the person of ${lineOf(before)}` });
      continue;
    }
    listed.set(foldEmail(input.email), entry);
    yield* listedRows(entry, input);
    const former = entry.was === undefined ? undefined : personNamed(entry.was, observed);
    if (former === undefined || former === person || isIgnored(former, ignored)) continue;
    listed.set(foldEmail(former.email), entry);
    yield* formerRows(input, about(former.email, former, `${lineOf(entry)}; is now ${input.email}`));
  }
  for (const [key, person] of desired.managed === 'people' ? observed.people : []) {
    if (listed.has(key) || isIgnored(person, ignored)) continue;
    yield* unwanted(about(person.email, person, `not in ${file}`), 'unlisted');
  }
  yield* orphanRows(observed, ignored);
}

function* listedRows(entry: DesiredPerson, input: PersonInput): Generator<Row> {
  const { person, ignored, now, why } = input;
  const rule = person === undefined ? undefined : ignoredUser(person, ignored);
  if (rule !== undefined) {
    yield rowOf(input, 'blocked', { what: `is ${rule.text}`, why: `ignored in ${lineOf(rule)}` });
  } else if (isPast(entry.until, now)) {
    yield* unwanted({ ...input, why: `${why}; until ${entry.until?.text}` }, 'named');
  } else yield* wanted(entry, input);
}

/** The old address of somebody with a new one: it goes once they have accepted under the new one, and not before. */
function* formerRows(present: PersonInput, former: PersonInput): Generator<Row> {
  if (present.standing.state === 'member')
    for (const row of unwanted(former, 'named')) yield { ...row, isNow: present.email };
  else if (isPresent(former.standing))
    yield rowOf({ ...former, why: present.why }, 'wait', { what: `stays until ${present.email} has accepted` });
}

function isIgnored(person: Person, ignored: Ignored): boolean {
  return (
    emailsOf(person).some((email) => ignored.email(email) !== undefined) || ignoredUser(person, ignored) !== undefined
  );
}

function ignoredUser(person: Person, ignored: Ignored) {
  return userIdsOf(person)
    .map((id) => ignored.user(id))
    .find((rule) => rule !== undefined);
}

function* orphanRows({ orphans }: Observed, ignored: Ignored): Generator<Row> {
  for (const [user, { length }] of orphans) {
    if (ignored.user(user) !== undefined) continue;
    const what = counted(length, 'role binding');
    yield { action: 'orphan', email: user, state: 'nobody', user, what, why: 'no user and no invitation has this id' };
  }
}

/** When an address changes in the file, access by the old one ends before the new one is accepted. */
function* warningsOf(rows: readonly Row[]): Generator<string> {
  const nameIn = (email: string) => foldEmail(email).replace(/@[^@]*$/, '');
  const invited = new Map<string, string>();
  for (const { action, email } of rows) if (action === 'invite') invited.set(nameIn(email), email);
  for (const { action, email } of rows) {
    const fresh = isLoss({ action }) ? invited.get(nameIn(email)) : undefined;
    if (fresh === undefined) continue;
    yield `if ${email} and ${fresh} are one person: keep the old line until the new address has accepted`;
  }
}
