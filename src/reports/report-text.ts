import { commonColumns, states } from '../api/invitation.ts';
import { escaped, markdownTable } from '../output/markdown.ts';
import { borderless, fittedWidths, type Paper, type TextColumn, tableText } from '../output/text-table.ts';
import { clean, escapeWorkflowCommands } from '../text/sanitize.ts';
import { counted, durationInWords } from '../text/times.ts';
import type { Group, Report } from './report.ts';
import { reviewSections } from './review-text.ts';
import type { Row, Section } from './section.ts';

/** @param formatTime Formats a time: in words on a terminal, otherwise unchanged. */
export function sectionsOf(report: Report, formatTime: (time: string) => string): Section[] {
  const count = { title: 'COUNT', rank: 0 };
  const sections: Section[] = [
    ...reviewSections(report, formatTime),
    {
      field: 'by_state',
      title: 'State',
      columns: [{ title: 'STATE', rank: 0 }, count],
      rows: countRows(Object.entries(report.by_state)),
    },
    {
      field: 'pending_by_age',
      title: 'Pending, by age',
      columns: [{ title: 'AGE', rank: 0 }, count],
      rows: countRows(report.pending_by_age.map(({ age, count }) => [age, count])),
    },
    expiring(report, formatTime),
    acceptance(report),
    { ...groups(report.by_domain.map(({ domain, ...group }) => [domain, group])), field: 'by_domain', title: 'Domain' },
    {
      ...groups(report.by_inviter.map(({ creator, ...group }) => [creator, group])),
      field: 'by_inviter',
      title: 'Inviter',
    },
  ];
  return sections.filter(({ rows, note }) => rows.length > 0 || note !== undefined);
}

/** The state "unknown" is shown only if it occurs. */
function countRows(counts: readonly (readonly [string, number])[]): Row[] {
  const shown = counts.filter(([name, count]) => name !== 'unknown' || count > 0);
  return shown.map(([name, count]) => ({ cells: [name, String(count)], count }));
}

function expiring({ expiring: soon }: Report, formatTime: (time: string) => string): Section {
  const rows = soon.map(({ id, email, expires_at }) => ({ cells: [id, email, formatTime(expires_at)] }));
  const title = 'Expiring in the next 7 days';
  const { id, email, expires } = commonColumns;
  return {
    field: 'expiring',
    title,
    columns: [id, email, expires],
    rows,
    ...(rows.length === 0 ? { note: 'none' } : {}),
  };
}

function acceptance({ time_to_acceptance: { count, median_seconds, p90_seconds } }: Report): Section {
  const rows = [
    ['median', median_seconds],
    ['9 of 10 within', p90_seconds],
  ] as const;
  const columns = ['', 'TIME'].map((title) => ({ title, rank: 0 }));
  const common = { field: 'time_to_acceptance', title: 'Time to acceptance', columns } as const;
  if (median_seconds === null) return { ...common, rows: [], note: 'nobody has accepted yet' };
  return {
    ...common,
    rows: rows.map(([name, seconds]) => ({ cells: [name, durationInWords((seconds ?? 0) * 1000)] })),
    note: `measured over ${count} that were accepted`,
  };
}

/** A row for each name, with a column for every state that occurs. */
function groups(named: readonly (readonly [string, Group])[]): Pick<Section, 'columns' | 'rows'> {
  const shown = states.filter((state) => named.some(([, group]) => group[state] > 0));
  return {
    columns: [
      { title: 'NAME', rank: 0, narrowest: 12 },
      { title: 'TOTAL', rank: 0 },
      ...shown.map((state, index) => ({ title: state.toUpperCase(), rank: index + 1, narrowest: state.length })),
    ],
    rows: named.map(([name, group]) => ({
      cells: [name, ...[group.total, ...shown.map((state) => group[state])].map(String)],
      count: group.total,
    })),
  };
}

interface Layout extends Paper {
  readonly hasBars: boolean;
  /** The maximum number of rows of a section. */
  readonly rows: number;
}

const maxBar = 40;
/** Below this width, bars are omitted. */
const minBar = 5;

/** The report in plain columns, optionally with bars for the counts. */
export function reportText({ total, generated_at }: Report, sections: readonly Section[], layout: Layout): string {
  const parts = sections.map((section) => `\n${sectionText(section, layout)}`);
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
  const cells = rows.map((row) => row.cells.map(clean));
  const aligned = columns.map((column, index) => {
    return { ...column, isNumber: cells.every((row) => /^\d+$/.test(row[index] ?? '')) };
  });
  const paper = { ...layout, head: layout.style.dim };
  const room = layout.hasBars ? Math.min(maxBar, roomBeside(aligned, cells, layout)) : 0;
  if (room < minBar) return tableText(aligned, cells, paper);
  const most = Math.max(...rows.map(({ count }) => count ?? 0));
  const bars = { title: '', rank: 0, paint: layout.style.cyan };
  const withBars = cells.map((row, index) => [...row, bar(rows[index]?.count ?? 0, most, room)]);
  return tableText([...aligned, bars], withBars, paper);
}

/** Columns of the terminal that the table leaves free. */
function roomBeside(columns: readonly TextColumn[], cells: readonly (readonly string[])[], layout: Layout): number {
  const { width = 0, style } = layout;
  const widths = fittedWidths(columns, cells, { paper: { width, style }, spacing: borderless });
  return width - widths.reduce((sum, one) => (one === 0 ? sum : sum + one + borderless.each), 0);
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
      : `## Access review\n\nOrganization ${escaped(name)}, ${count}, by ${escaped(generated_by ?? 'an access token')}\n\n`;
  const parts = sections.map(({ title, columns, rows, note }) => {
    const titles = columns.map((column) => column.title);
    const cells = rows.map((row) => row.cells);
    const table = rows.length === 0 ? '' : `${markdownTable(titles, cells)}\n`;
    return `### ${title}\n\n${table}${note === undefined ? '' : `${escaped(note)}\n\n`}`;
  });
  return `${head}${parts.join('').trimEnd()}\n`;
}

/** A bar of blocks in proportion to the longest one; a count above 0 has at least one block. */
function bar(count: number, most: number, width: number): string {
  if (count <= 0 || most <= 0) return '';
  return '█'.repeat(Math.max(1, Math.round((count / most) * width)));
}
