import { commonColumns, states } from '../api/invitation.ts';
import { roleOn } from '../api/roles.ts';
import { notShown } from '../membership/roster.ts';
import { escaped, markdownTable } from '../output/markdown.ts';
import { borderless, fittedWidths, type Paper, plainTable, type TextColumn } from '../output/text-table.ts';
import { clean, escapeWorkflowCommands } from '../text/sanitize.ts';
import { counted, durationInWords } from '../text/times.ts';
import type { Group, Invitee, Report } from './report.ts';

interface Section {
  readonly field: keyof Report;
  readonly title: string;
  readonly columns: readonly TextColumn[];
  /** The first number of a row is drawn as a bar. */
  readonly rows: readonly Row[];
  /** A note below the table, or in place of a table without rows. */
  readonly note?: string;
}

type Row = readonly (string | number)[];

const unreadable = '?: this key may not read it';

/**
 * @param columns If these are titles with commas between them, the last one goes first where space is short.
 * @param rows None for what this key may not read.
 */
function section(
  field: keyof Report,
  title: string,
  columns: string | readonly TextColumn[],
  rows: readonly Row[] | null | undefined,
  note = rows ? (rows.length === 0 ? 'none' : undefined) : unreadable,
): Section {
  const titled = (name: string, rank: number) => ({ title: name, rank, ...(rank === 0 ? { narrowest: 12 } : {}) });
  return {
    field,
    title,
    rows: rows ?? [],
    ...(note === undefined ? {} : { note }),
    columns: typeof columns === 'string' ? columns.split(',').map(titled) : columns,
  };
}

/** @param formatTime Formats a time: in words on a terminal, otherwise unchanged. */
export function sectionsOf(report: Report, formatTime: (time: string) => string): Section[] {
  const { id, email, expires } = commonColumns;
  const expiring = report.expiring.map((one) => [one.id, one.email, formatTime(one.expires_at)]);
  const ages = report.pending_by_age.map(({ age, count }) => [age, count] as const);
  return [
    ...reviewSections(report, (at) => (at === null ? '-' : formatTime(at))),
    section('by_state', 'State', 'STATE,COUNT', knownOrFound(Object.entries(report.by_state))),
    section('pending_by_age', 'Pending, by age', 'AGE,COUNT', knownOrFound(ages)),
    section('expiring', 'Expiring in the next 7 days', [id, email, expires], expiring),
    acceptance(report),
    ...groups('by_domain', 'Domain', report.by_domain),
    ...groups('by_inviter', 'Inviter', report.by_inviter),
  ];
}

function reviewSections(report: Report, time: (at: string | null) => string): Section[] {
  const { people_by_state, administrators, api_key_owners, without_roles, not_shown } = report;
  const counts = Object.entries<number>({ ...people_by_state }).filter(
    ([state, count]) => count > 0 || state === 'member',
  );
  const admins = administrators?.map(({ email, state, roles, since, invited_by }) => {
    return [email, state, roles.map(roleOn).join(', '), time(since), invited_by ?? '-'];
  });
  const owners = api_key_owners?.map(({ email, api_keys }) => [email, String(api_keys)]);
  const invitees = (some: readonly Invitee[] = []) =>
    some.map(({ email, invited_at, expires_at, invited_by }) => {
      const age = Date.parse(report.generated_at) - Date.parse(invited_at ?? '');
      const words = Number.isNaN(age) ? '-' : durationInWords(Math.max(0, age));
      return [email, words, time(invited_at), time(expires_at), invited_by ?? '-'];
    });
  const others = not_shown ? (notShown(not_shown)?.replace(/^not shown: /, '') ?? 'nothing') : unreadable;
  const peopleCounts = counts.map(([state, count]) => [state, String(count)]);
  const without = without_roles?.map(({ email, state }) => [email, state]);
  return [
    section('people_by_state', 'People', 'STATE,COUNT', peopleCounts),
    section('administrators', 'Administrators', 'EMAIL,STATE,ROLES,SINCE,INVITED BY', admins),
    section('api_key_owners', 'Owners of API keys', 'EMAIL,API KEYS', owners),
    section('without_roles', 'Without a role', 'EMAIL,STATE', without),
    section('pending', 'Pending', 'EMAIL,AGE,INVITED,EXPIRES,INVITED BY', invitees(report.pending)),
    section('expired', 'Expired', 'EMAIL,AGE,INVITED,EXPIRES,INVITED BY', invitees(report.expired)),
    section('not_shown', 'Not shown', '', [], others),
  ].filter(({ field }) => report[field] !== undefined);
}

/** "unknown" is shown only if it occurs. */
function knownOrFound(counts: readonly (readonly [string, number])[]): Row[] {
  return counts.filter(([name, count]) => name !== 'unknown' || count > 0);
}

function acceptance({ by_state, time_to_acceptance: { count, median_seconds, p90_seconds } }: Report): Section {
  const words = (seconds: number | null) => durationInWords((seconds ?? 0) * 1000);
  const rows = [
    ['median', words(median_seconds)],
    ['9 of 10 within', words(p90_seconds)],
  ];
  const note = `measured over ${count} of ${by_state.accepted} that were accepted`;
  return section('time_to_acceptance', 'Time to acceptance', ',TIME', count === 0 ? [] : rows, note);
}

/** A row for each name, with a column for every state that occurs. */
function groups(field: 'by_domain' | 'by_inviter', title: string, named: readonly NamedGroup[]): Section[] {
  if (named.length === 0) return [];
  const shown = states.filter((state) => named.some((group) => group[state] > 0));
  const titles = ['NAME', 'TOTAL', ...shown.map((state) => state.toUpperCase())].join(',');
  const rows = named.map((one) => [one.domain ?? one.creator ?? '', one.total, ...shown.map((state) => one[state])]);
  return [section(field, title, titles, rows)];
}

type NamedGroup = Group & { readonly domain?: string; readonly creator?: string };

interface Layout extends Paper {
  readonly hasBars: boolean;
  readonly rows: number;
}

const maxBar = 40;
/** Below this width, bars are omitted. */
const minBar = 5;

/** The report in plain columns, optionally with bars for the counts. */
export function reportText({ total, generated_at }: Report, sections: readonly Section[], layout: Layout): string {
  const parts = sections.map((one) => `\n${sectionText(one, layout)}`);
  return escapeWorkflowCommands(`${counted(total, 'invitation')} on ${generated_at}\n${parts.join('')}`);
}

function sectionText({ title, columns, rows, note }: Section, layout: Layout): string {
  const shown = rows.slice(0, layout.rows);
  const left = rows.length - shown.length;
  const more = left > 0 ? `and ${left} more; -o json has them all\n` : '';
  const table = sectionTable(columns, shown, layout);
  return `${layout.style.bold(title)}\n${table}${more}${note === undefined ? '' : `${note}\n`}`;
}

function sectionTable(columns: readonly TextColumn[], rows: readonly Row[], layout: Layout): string {
  const cells = rows.map((row) => row.map((cell) => clean(String(cell))));
  const aligned = columns.map((column, index) => {
    return { ...column, isNumber: cells.every((row) => /^\d+$/.test(row[index] ?? '')) };
  });
  const paper = { ...layout, head: layout.style.dim };
  const room = layout.hasBars ? Math.min(maxBar, roomBeside(aligned, cells, layout)) : 0;
  if (room < minBar) return plainTable(aligned, paper)(cells);
  const counts = rows.map((row) => row.find((cell) => typeof cell === 'number') ?? 0);
  const bars = { title: '', rank: 0, paint: layout.style.cyan };
  const withBars = cells.map((row, index) => [...row, bar(counts[index] ?? 0, Math.max(...counts), room)]);
  return plainTable([...aligned, bars], paper)(withBars);
}

/** Columns of the terminal that the table leaves free. */
function roomBeside(columns: readonly TextColumn[], cells: readonly (readonly string[])[], layout: Layout): number {
  const { width = 0 } = layout;
  const widths = fittedWidths(columns, cells, { width, spacing: borderless });
  return width - widths.reduce((sum, one) => (one === 0 ? sum : sum + one + borderless.each), 0);
}

/** A bar of blocks in proportion to the longest one; a count above 0 has at least one block. */
function bar(count: number, most: number, width: number): string {
  if (count <= 0 || most <= 0) return '';
  return '█'.repeat(Math.max(1, Math.round((count / most) * width)));
}

/** The report as Markdown, for a pull request, a wiki or the summary of a workflow. */
export function reportMarkdown(report: Report, sections: readonly Section[]): string {
  const { total, generated_at, organization, generated_by } = report;
  const { id = '', display_name = null } = organization ?? {};
  const name = display_name === null ? id : `${display_name} (${id})`;
  const count = `${counted(total, 'invitation')} on ${generated_at}`;
  const head =
    organization === undefined
      ? `## Invitations\n\n${total} in all, on ${generated_at}\n\n`
      : `## Access review\n\nOrganization ${escaped(name)}, ${count}, by ${escaped(generated_by ?? 'an owner whom the API does not name')}\n\n`;
  const parts = sections.map(({ title, columns, rows, note }) => {
    const titles = columns.map((column) => column.title);
    const cells = rows.map((row) => row.map(String));
    const table = rows.length === 0 ? '' : `${markdownTable(titles, cells)}\n`;
    return `### ${title}\n\n${table}${note === undefined ? '' : `${escaped(note)}\n\n`}`;
  });
  return `${head}${parts.join('').trimEnd()}\n`;
}
