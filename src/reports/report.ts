import { domainOf } from '../api/email.ts';
import { isLive, stateOf, states, timeAt } from '../api/invitation.ts';
import { isAdminRole } from '../api/roles.ts';
import type { Sight } from '../membership/observe.ts';
import { type Invited, isPresent } from '../membership/observed.ts';
import {
  notListed,
  type PersonState,
  personStates,
  type RosterRow,
  rosterOf,
  unreadable,
} from '../membership/roster.ts';
import { viewOf } from '../output/view.ts';
import { compareTexts } from '../text/sanitize.ts';

/** A summary of an organization: of its invitations and, if this key may list users, of its people. */
export type Report = ReturnType<typeof summaryOf> & Partial<ReturnType<typeof reviewOf>>;

const day = 86_400_000;

/** The upper end of each range of ages in milliseconds, and its name. */
const ageRanges: readonly (readonly [number, string])[] = [
  [day, 'under 1 day'],
  [2 * day, '1 to 2 days'],
  [3 * day, '2 to 3 days'],
  [7 * day, '3 to 7 days'],
  [30 * day, '7 to 30 days'],
  [Number.POSITIVE_INFINITY, 'over 30 days'],
  [Number.NaN, 'unknown'],
];

/** How far ahead expiring invitations are listed, in milliseconds. */
const horizon = 7 * day;

/** In place of a value that the API did not send. */
const none = '(none)';

/** Times are RFC 3339; states and ages are those at `now`, and everything is counted by state, including 0. */
export function summaryOf(invitations: readonly Invited[], now: number) {
  const { total, ...by_state } = groupOf(invitations, now);
  const live = invitations.filter((one) => isLive(one, now));
  const ages = live.map(({ created = Number.NaN }) => ageRanges.find(([end]) => now - created < end)?.[1] ?? 'unknown');
  const expiry = (one: Invited) => timeAt(one, 'expires_at') ?? Number.POSITIVE_INFINITY;
  // Of those that expire at the same time the oldest comes first, as in the list.
  const expiring = invitations
    .filter((one) => stateOf(one, now) === 'pending' && expiry(one) - now <= horizon)
    .sort((a, b) => expiry(a) - expiry(b) || (a.created ?? 0) - (b.created ?? 0));
  // Neither an acceptance without a time nor one before the invitation is measured.
  const waits = invitations
    .filter((one) => stateOf(one, now) === 'accepted')
    .map((one) => (timeAt(one, 'accepted_at') ?? Number.NaN) - (one.created ?? Number.NaN))
    .filter((wait) => wait >= 0);
  return {
    generated_at: new Date(now).toISOString(),
    total,
    by_state,
    /** Of those that can still be accepted. */
    pending_by_age: ageRanges.map(([, age]) => ({ age, count: ages.filter((one) => one === age).length })),
    /** In the next seven days, the soonest first. */
    expiring: expiring.map(({ id, email, expires_at = '' }) => ({ id: id || none, email: email || none, expires_at })),
    time_to_acceptance: durationsOf(waits),
    by_domain: ranked(invitations, now, ({ email }) => ({ domain: domainOf(email) || none })),
    by_inviter: ranked(invitations, now, ({ creator = none }) => ({ creator })),
  };
}

export type Group = ReturnType<typeof groupOf>;

function groupOf(invitations: readonly Invited[], now: number) {
  const found = invitations.map((one) => stateOf(one, now));
  return { total: invitations.length, ...countsOf(states, found) };
}

/** How many there are of each, including 0. */
function countsOf<Name extends string>(names: readonly Name[], found: readonly Name[]): Record<Name, number> {
  const counts = Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
  for (const name of found) counts[name] += 1;
  return counts;
}

/** Those of the same name together, sorted by their number, then by name, so that the order is deterministic. */
function ranked<Name extends object>(invitations: readonly Invited[], now: number, nameIn: (one: Invited) => Name) {
  const groups = new Map<string, { readonly name: Name; readonly some: Invited[] }>();
  for (const invitation of invitations) {
    const name = nameIn(invitation);
    const [key = ''] = Object.values(name);
    const group = groups.get(key) ?? { name, some: [] };
    groups.set(key, group);
    group.some.push(invitation);
  }
  return [...groups]
    .sort(([a, { some: x }], [b, { some: y }]) => y.length - x.length || compareTexts(a, b))
    .map(([, { name, some }]) => ({ ...name, ...groupOf(some, now) }));
}

/** The median and the 90th percentile of durations in milliseconds, in seconds; null for none. */
export function durationsOf(durations: readonly number[]) {
  const { length: count } = durations;
  if (count === 0) return { count, median_seconds: null, p90_seconds: null };
  const sorted = [...durations].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(count * share) - 1] ?? 0;
  const median = (at(0.5) + (sorted[Math.floor(count / 2)] ?? 0)) / 2;
  return { count, median_seconds: Math.round(median) / 1000, p90_seconds: Math.round(at(0.9)) / 1000 };
}

/** Who may do what in an organization. Null: this key may not read it. Times are RFC 3339, as the API sent them. */
export function reviewOf(sight: Sight) {
  const { observed, organization, caller } = sight;
  const rows = rosterOf(sight);
  const present = rows.filter(isPresent);
  const whereHas = <T>(value: T) => (observed.hasRoles ? value : null);
  const owner = rows.find(({ user }) => user !== null && user.id === caller)?.email ?? caller;
  const withoutRoles = present.filter(({ roles }) => roles.length === 0);
  return {
    organization: { id: organization.id, display_name: organization.display_name ?? null },
    /** The e-mail of the owner of the key, otherwise their id. */
    generated_by: owner ?? null,
    people_by_state: countsOf<PersonState>(
      personStates,
      rows.map(({ state }) => state),
    ),
    administrators: whereHas(rows.flatMap(administratorIn)),
    ...(sight.apiKeys === undefined ? {} : { api_key_owners: ownersIn(rows) }),
    /** Members and pending people. */
    without_roles: whereHas(withoutRoles.map(({ email, state }) => ({ email, state }))),
    pending: present.filter(({ state }) => state !== 'member').map(inviteeIn),
    expired: rows.filter(({ state }) => state === 'expired').map(inviteeIn),
    /** Principals that are not people, and may have roles all the same. */
    not_shown: whereHas(notListed(observed)),
  };
}

function administratorIn({ email, state, roles, since, invited_by }: RosterRow) {
  const held = roles === unreadable ? [] : roles.filter(({ role_name }) => isAdminRole(role_name));
  return held.length === 0 ? [] : [{ email, state, roles: held, since, invited_by }];
}

function ownersIn(rows: readonly RosterRow[]) {
  if (rows.some(({ api_keys }) => api_keys === unreadable)) return null;
  return rows.flatMap(({ email, api_keys = 0 }) => (api_keys === 0 ? [] : [{ email, api_keys }]));
}

export type Invitee = ReturnType<typeof inviteeIn>;

function inviteeIn({ email, invited_at, expires_at, invited_by }: RosterRow) {
  return { email, invited_at, expires_at, invited_by };
}

const fields: readonly (keyof Report)[] = [
  ...(['generated_at', 'total', 'by_state', 'pending_by_age', 'expiring', 'time_to_acceptance'] as const),
  ...(['by_domain', 'by_inviter', 'organization', 'generated_by', 'people_by_state', 'administrators'] as const),
  ...(['api_key_owners', 'without_roles', 'pending', 'expired', 'not_shown'] as const),
];

/** The report as one object, for json, ndjson and yaml. */
export const reportView = viewOf<Report>(fields, {
  times: ['generated_at'],
});

/** One number of the report, as a row of csv. */
interface Figure {
  readonly section: keyof Report;
  readonly name: string;
  /** Empty if the number covers all states. */
  readonly state: string;
  readonly value: number | null;
}

type Counts = Readonly<Record<string, number | null>>;

const figureColumns = ['section', 'name', 'state', 'value'];

export const figureView = viewOf<Figure>(fields, { csv: figureColumns, block: figureColumns });

export function figuresOf(report: Report, requested: readonly string[] = fields): Figure[] {
  const figure = (section: keyof Report, value: number | null, name = '', state = ''): Figure => {
    return { section, name, state, value };
  };
  /** A number for each state, or a number for each name. */
  const byState = (section: keyof Report, counts: Counts = {}, name = '') =>
    Object.entries(counts).map(([state, value]) => figure(section, value, name, state));
  const byName = (section: keyof Report, counts: Counts, state = '') =>
    Object.entries(counts).map(([name, value]) => figure(section, value, name, state));
  const group = (section: keyof Report, name: string, total: number, counts: Counts) => [
    figure(section, total, name),
    ...byState(section, counts, name).filter(({ value }) => value !== 0),
  ];
  const lists = ['administrators', 'api_key_owners', 'without_roles', 'pending', 'expired'] as const;
  const { not_shown = {} } = report;
  return [
    figure('total', report.total),
    ...byState('by_state', report.by_state),
    ...report.pending_by_age.map(({ age, count }) => figure('pending_by_age', count, age, 'pending')),
    figure('expiring', report.expiring.length, 'within 7 days', 'pending'),
    ...byName('time_to_acceptance', { ...report.time_to_acceptance }, 'accepted'),
    ...report.by_domain.flatMap(({ domain, total, ...counts }) => group('by_domain', domain, total, counts)),
    ...report.by_inviter.flatMap(({ creator, total, ...counts }) => group('by_inviter', creator, total, counts)),
    ...byState('people_by_state', report.people_by_state),
    ...lists.flatMap((section) => {
      const list = report[section];
      return list === undefined ? [] : [figure(section, list?.length ?? null)];
    }),
    ...(not_shown === null ? [figure('not_shown', null)] : byName('not_shown', { ...not_shown })),
  ].filter(({ section }) => requested.includes(section));
}
