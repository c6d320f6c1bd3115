import { states } from '../api/invitation.ts';
import { commonColumns } from '../api/view.ts';
import { borderless, columnSize, fitColumns, tellLeftOut, terminalWidth } from '../output/fit.ts';
import { escaped, markdownTable } from '../output/markdown.ts';
import type { Style } from '../output/style.ts';
import type { Column, RenderOptions } from '../output/view.ts';
import { durationInWords } from '../text/durations.ts';
import { clean, escapeWorkflowCommands } from '../text/sanitize.ts';
import { truncateToWidth, widthOf } from '../text/width.ts';
import type { Group, Report } from './report.ts';

/** A section of the report as text: a table, or a note. */
export interface Section {
  /** The field of the report that it shows. */
  readonly field: keyof Report;
  readonly title: string;
  readonly columns: readonly SectionColumn[];
  readonly rows: readonly Row[];
  /** A note below the table, or in place of a table without rows. */
  readonly note?: string;
}

/** As in the view of a table: the highest rank is left out first where space is short, 0 never. */
type SectionColumn = Pick<Column, 'title' | 'rank' | 'narrowest'>;

export interface Row {
  readonly cells: readonly string[];
  /** The length of the bar, in tables that have bars. */
  readonly count?: number;
}

/** @param formatTime Formats a time: in words on a terminal, otherwise unchanged. */
export function sectionsOf(report: Report, formatTime: (time: string) => string): Section[] {
  const count = { title: 'COUNT', rank: 0 };
  const sections: Section[] = [
    {
      field: 'by_state',
      title: 'State',
      columns: [{ title: 'STATE', rank: 0 }, count],
      rows: counted(Object.entries(report.by_state)),
    },
    {
      field: 'pending_by_age',
      title: 'Pending, by age',
      columns: [{ title: 'AGE', rank: 0 }, count],
      rows: counted(report.pending_by_age.map(({ age, count }) => [age, count])),
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
function counted(counts: readonly (readonly [string, number])[]): Row[] {
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

interface Layout extends Pick<RenderOptions, 'leftOut'> {
  readonly style: Style;
  /** The width of the terminal in columns; undefined for a pipe. */
  readonly width: number | undefined;
  readonly hasBars: boolean;
  /** The maximum number of rows of a section. */
  readonly rows: number;
}

const gap = '  ';
const maxBar = 40;
/** Below this width, bars are omitted. */
const minBar = 5;

/** The report in plain columns, optionally with bars for the counts. */
export function reportText({ total, generated_at }: Report, sections: readonly Section[], layout: Layout): string {
  const parts = sections.map((section) => `\n${sectionText(section, layout)}`);
  return escapeWorkflowCommands(`${total} invitation${total === 1 ? '' : 's'} on ${generated_at}\n${parts.join('')}`);
}

function sectionText({ title, columns, rows, note }: Section, layout: Layout): string {
  const shown = rows.slice(0, layout.rows);
  const left = rows.length - shown.length;
  const more = left > 0 ? [`and ${left} more; -o json has them all`] : [];
  const lines = [layout.style.bold(title), ...(shown.length === 0 ? [] : tableLines(columns, shown, layout))];
  return [...lines, ...more, ...(note === undefined ? [] : [note])].map((line) => `${line}\n`).join('');
}

function tableLines(columns: readonly SectionColumn[], rows: readonly Row[], layout: Layout): string[] {
  const { style, hasBars } = layout;
  const table = [columns.map(({ title }) => title), ...rows.map(({ cells }) => cells.map(clean))];
  const widths = columnWidths(columns, table, layout);
  const numeric = columns.map((_, column) => rows.every(({ cells }) => /^\d+$/.test(cells[column] ?? '')));
  const taken = widths.reduce((sum, width) => (width === 0 ? sum : sum + width + gap.length), 0);
  const room = hasBars ? Math.min(maxBar, (layout.width ?? 0) - taken) : 0;
  const most = Math.max(...rows.map(({ count }) => count ?? 0));
  return table.map((cells, index) => {
    const padded = cells.flatMap((cell, column) => fitted(cell, widths[column] ?? 0, numeric[column] === true));
    if (index === 0) return style.dim(padded.join(gap).trimEnd());
    const blocks = room < minBar ? '' : bar(rows[index - 1]?.count ?? 0, most, room);
    return blocks === '' ? padded.join(gap).trimEnd() : [...padded, style.cyan(blocks)].join(gap);
  });
}

function columnWidths(columns: readonly SectionColumn[], table: readonly (readonly string[])[], layout: Layout) {
  const widths = columns.map((_, index) =>
    table.reduce((widest, cells) => Math.max(widest, widthOf(cells[index] ?? '')), 0),
  );
  if (layout.width === undefined) return widths;
  const sizes = columns.map((column, index) =>
    columnSize({ ...column, isRequested: false }, widths[index] ?? 0, index),
  );
  const fitting = fitColumns(sizes, terminalWidth(layout.width), borderless);
  tellLeftOut(columns, fitting, layout);
  return fitting;
}

/** The cell in the width of its column; none if the column is left out. */
function fitted(cell: string, width: number, isNumber: boolean): string[] {
  return width === 0 ? [] : [pad(truncateToWidth(cell, width), width, isNumber)];
}

function pad(cell: string, width: number, isNumber: boolean): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(cell)));
  return isNumber ? space + cell : cell + space;
}

/** The report as Markdown, for a pull request, a wiki or the summary of a workflow. */
export function reportMarkdown({ total, generated_at }: Report, sections: readonly Section[]): string {
  const parts = sections.map(({ title, columns, rows, note }) => {
    const titles = columns.map((column) => column.title);
    const cells = rows.map((row) => row.cells);
    const table = rows.length === 0 ? '' : `${markdownTable(titles, cells)}\n`;
    return `### ${title}\n\n${table}${note === undefined ? '' : `${escaped(note)}\n\n`}`;
  });
  return `## Invitations\n\n${total} in all, on ${generated_at}\n\n${parts.join('').trimEnd()}\n`;
}

/** A bar of blocks in proportion to the longest one; a count above 0 has at least one block. */
function bar(count: number, most: number, width: number): string {
  if (count <= 0 || most <= 0) return '';
  return '█'.repeat(Math.max(1, Math.round((count / most) * width)));
}
