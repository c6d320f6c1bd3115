import { bar } from '../output/bars.ts';
import { clean, guardLines } from '../output/sanitize.ts';
import type { Style } from '../output/style.ts';
import { widthOf } from '../output/width.ts';
import type { Report } from './report.ts';
import type { Row, Section } from './sections.ts';

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
  return guardLines(`${total} invitation${total === 1 ? '' : 's'} on ${generated_at}\n${parts.join('')}`);
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
