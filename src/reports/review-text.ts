import { placeIn } from '../api/crn.ts';
import { notShown } from '../membership/roster.ts';
import { durationInWords } from '../text/times.ts';
import type { Report } from './report.ts';
import type { Review } from './review.ts';
import type { Section } from './section.ts';

/** The sections about people; none without a review. */
export function reviewSections(report: Report, formatTime: (time: string) => string): Section[] {
  if (report.people_by_state === undefined) return [];
  const time = (at: string | null) => (at === null ? '-' : formatTime(at));
  const states = Object.entries(report.people_by_state).filter(([state, count]) => count > 0 || state === 'member');
  const counts = states.map(([state, count]) => [state, String(count)]);
  const owners = report.api_key_owners?.map(({ email, api_keys }) => [email, String(api_keys)]);
  const invitees = (some: Review['pending'] = []) =>
    some.map(({ email, invited_at, expires_at, invited_by }) => {
      const age = ageOf(invited_at, report.generated_at);
      return [email, age, time(invited_at), time(expires_at), invited_by ?? '-'];
    });
  return [
    section('people_by_state', 'People', 'STATE,COUNT', counts),
    section('administrators', 'Administrators', 'EMAIL,STATE,ROLES,SINCE,INVITED BY', administrators(report, time)),
    ...(report.api_key_owners === undefined
      ? []
      : [section('api_key_owners', 'Owners of API keys', 'EMAIL,API KEYS', owners)]),
    section(
      'without_roles',
      'Without a role',
      'EMAIL,STATE',
      report.without_roles?.map(({ email, state }) => [email, state]),
    ),
    section('pending', 'Pending', invited, invitees(report.pending)),
    section('expired', 'Expired', invited, invitees(report.expired)),
    { ...section('not_shown', 'Not shown', '', []), note: othersInWords(report) },
  ];
}

const invited = 'EMAIL,AGE,INVITED,EXPIRES,INVITED BY';

function administrators({ administrators: some }: Report, time: (at: string | null) => string) {
  return some?.map(({ email, state, roles, since, invited_by }) => {
    const held = roles.map(({ role_name, crn_pattern }) => `${role_name} on ${placeIn(crn_pattern)}`);
    return [email, state, held.join(', '), time(since), invited_by ?? '-'];
  });
}

function othersInWords({ not_shown }: Report): string {
  if (not_shown === null) return unreadable;
  const words = not_shown === undefined ? undefined : notShown(not_shown);
  return words?.replace(/^not shown: /, '') ?? 'nothing';
}

const unreadable = '?: this key may not read it';

/** @param rows Undefined for what this key may not read. */
function section(
  field: keyof Report,
  title: string,
  titles: string,
  rows: readonly (readonly string[])[] | undefined,
): Section {
  const columns = titles
    .split(',')
    .map((name, rank) => ({ title: name, rank, ...(rank === 0 ? { narrowest: 12 } : {}) }));
  const note = rows === undefined ? unreadable : rows.length === 0 ? 'none' : undefined;
  const cells = (rows ?? []).map((one) => ({ cells: one }));
  return { field, title, columns, rows: cells, ...(note === undefined ? {} : { note }) };
}

function ageOf(invited_at: string | null, now: string): string {
  const age = Date.parse(now) - Date.parse(invited_at ?? '');
  return Number.isNaN(age) ? '-' : durationInWords(Math.max(0, age));
}
