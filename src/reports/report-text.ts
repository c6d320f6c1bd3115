import { states } from '../invitations/invitation.ts';
import { escaped, markdownTable } from '../output/markdown.ts';
import type { Style } from '../output/style.ts';
import { durationInWords } from '../text/durations.ts';
import { clean, escapeWorkflowCommands } from '../text/sanitize.ts';
import { widthOf } from '../text/width.ts';
import type { Group, Report } from './report.ts';

/** A part of the report as a person reads it: a table, or a sentence. */
export interface Section {
  /** The field of the report that it shows. */
  readonly field: keyof Report;
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly Row[];
  /** Said instead of a table without rows, or beside it. */
  readonly note?: string;
}

export interface Row {
  readonly cells: readonly string[];
  /** What a bar shows, for tables that have one. */
  readonly count?: number;
}

/** @param sayTime How a time is written: in words for a person, as the API sent it for others. */
export function sectionsOf(report: Report, sayTime: (time: string) => string): Section[] {
  const sections: Section[] = [
    { field: 'by_state', title: 'State', head: ['STATE', 'COUNT'], rows: counted(Object.entries(report.by_state)) },
    {
      field: 'pending_by_age',
      title: 'Pending, by age',
      head: ['AGE', 'COUNT'],
      rows: counted(report.pending_by_age.map(({ age, count }) => [age, count])),
    },
    expiring(report, sayTime),
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

/** What ought not to happen is only shown where it does. */
function counted(counts: readonly (readonly [string, number])[]): Row[] {
  const shown = counts.filter(([name, count]) => name !== 'unknown' || count > 0);
  return shown.map(([name, count]) => ({ cells: [name, String(count)], count }));
}

function expiring({ expiring: soon }: Report, sayTime: (time: string) => string): Section {
  const rows = soon.map(({ id, email, expires_at }) => ({ cells: [id, email, sayTime(expires_at)] }));
  const title = 'Expiring in the next 7 days';
  const head = ['ID', 'EMAIL', 'EXPIRES'];
  return { field: 'expiring', title, head, rows, ...(rows.length === 0 ? { note: 'none' } : {}) };
}

function acceptance({ time_to_acceptance: { count, median_seconds, p90_seconds } }: Report): Section {
  const rows = [
    ['median', median_seconds],
    ['9 of 10 within', p90_seconds],
  ] as const;
  const common = { field: 'time_to_acceptance', title: 'Time to acceptance', head: ['', 'TIME'] } as const;
  if (median_seconds === null) return { ...common, rows: [], note: 'nobody has accepted yet' };
  return {
    ...common,
    rows: rows.map(([name, seconds]) => ({ cells: [name, durationInWords((seconds ?? 0) * 1000)] })),
    note: `measured over ${count} that were accepted`,
  };
}

/** A row for each name, with a column for every state that occurs at all. */
function groups(named: readonly (readonly [string, Group])[]): Pick<Section, 'head' | 'rows'> {
  const shown = states.filter((state) => named.some(([, group]) => group[state] > 0));
  return {
    head: ['NAME', 'TOTAL', ...shown.map((state) => state.toUpperCase())],
    rows: named.map(([name, group]) => ({
      cells: [name, ...[group.total, ...shown.map((state) => group[state])].map(String)],
      count: group.total,
    })),
  };
}

export interface Layout {
  readonly style: Style;
  /** Columns of the terminal, for bars to fit into; 0 draws none. */
  readonly width: number;
  /** Rows of a section that are shown at most. */
  readonly rows: number;
}

const gap = '  ';
const longestBar = 40;
/** A shorter one shows nothing. */
const shortestBar = 5;

/** The report as plain columns, with bars beside the counts where they are wanted. */
export function reportText({ total, generated_at }: Report, sections: readonly Section[], layout: Layout): string {
  const parts = sections.map((section) => `\n${sectionText(section, layout)}`);
  return escapeWorkflowCommands(`${total} invitation${total === 1 ? '' : 's'} on ${generated_at}\n${parts.join('')}`);
}

function sectionText({ title, head, rows, note }: Section, layout: Layout): string {
  const shown = rows.slice(0, layout.rows);
  const left = rows.length - shown.length;
  const more = left > 0 ? [`and ${left} more; -o json has them all`] : [];
  const lines = [layout.style.bold(title), ...(shown.length === 0 ? [] : tableLines(head, shown, layout))];
  return [...lines, ...more, ...(note === undefined ? [] : [note])].map((line) => `${line}\n`).join('');
}

function tableLines(head: readonly string[], rows: readonly Row[], { style, width }: Layout): string[] {
  const table = [head, ...rows.map(({ cells }) => cells.map(clean))];
  const widths = head.map((_, column) => Math.max(...table.map((cells) => widthOf(cells[column] ?? ''))));
  const numeric = head.map((_, column) => rows.every(({ cells }) => /^\d+$/.test(cells[column] ?? '')));
  const taken = widths.reduce((sum, column) => sum + column + gap.length, 0);
  const room = Math.min(longestBar, width - taken);
  const most = Math.max(...rows.map(({ count }) => count ?? 0));
  return table.map((cells, index) => {
    const padded = cells.map((cell, column) => pad(cell, widths[column] ?? 0, numeric[column] === true));
    if (index === 0) return style.dim(padded.join(gap).trimEnd());
    const blocks = room < shortestBar ? '' : bar(rows[index - 1]?.count ?? 0, most, room);
    return blocks === '' ? padded.join(gap).trimEnd() : [...padded, style.cyan(blocks)].join(gap);
  });
}

function pad(cell: string, width: number, isNumber: boolean): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(cell)));
  return isNumber ? space + cell : cell + space;
}

/** The report for a pull request, a wiki or the summary of a workflow. */
export function reportMarkdown({ total, generated_at }: Report, sections: readonly Section[]): string {
  const parts = sections.map(({ title, head, rows, note }) => {
    const table =
      rows.length === 0
        ? ''
        : `${markdownTable(
            head,
            rows.map(({ cells }) => cells),
          )}\n`;
    return `### ${title}\n\n${table}${note === undefined ? '' : `${escaped(note)}\n\n`}`;
  });
  return `## Invitations\n\n${total} in all, on ${generated_at}\n\n${parts.join('').trimEnd()}\n`;
}

/** A bar of blocks for a share of the longest; what is there at all is seen. */
export function bar(count: number, most: number, width: number): string {
  if (count <= 0 || most <= 0) return '';
  return '█'.repeat(Math.max(1, Math.round((count / most) * width)));
}
