import { clean } from '../text/sanitize.ts';
import { cellText, columnsOf } from './fields.ts';
import { isNeeded, type TextRow } from './text-table.ts';
import type { Renderer, View } from './view.ts';

/** A table of the view's columns, for a page or an issue. */
export const renderer: Renderer = {
  async *many<T>(view: View<T>, batches: AsyncIterable<readonly T[]>) {
    const rows: TextRow[] = [];
    for await (const batch of batches) for (const item of batch) rows.push(rowOf(view, item));
    const columns = columnsOf(view, {});
    const needed = columns.map((column, place) => isNeeded(column, place, rows));
    const shown = (row: TextRow) => row.filter((_, place) => needed[place]);
    yield markdownTable(shown(columns.map(({ title }) => title)), rows.map(shown));
  },
  one: (view, item) => {
    const row = rowOf(view, item);
    const lines = columnsOf(view, {}).flatMap((column, place) =>
      isNeeded(column, place, [row]) ? [[column.title, row[place] ?? '']] : [],
    );
    return markdownTable(['FIELD', 'VALUE'], lines);
  },
};

function rowOf<T>(view: View<T>, item: T): TextRow {
  const record = view.record(item);
  return columnsOf(view, {}).map((column) => cellText(record, column));
}

/** A table as GitHub draws it. Every cell is text: nothing in it makes a link, a tag or another row. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => undefined), ...rows];
  return lines
    .map((cells) => `| ${cells.map((cell) => (cell === undefined ? '---' : escaped(cell))).join(' | ')} |\n`)
    .join('');
}

/**
 * The text escaped for Markdown, on one line. GitHub makes links, mentions and references of what a backslash does not
 * stop; a comment in between does.
 */
export function escaped(text: string): string {
  return clean(text)
    .replace(/[\\`*_~[\]<>|&#!$]/g, '\\$&')
    .replace(/:(?=\/\/)|\bwww(?=\.)|\b(?:mailto|xmpp):|\bGH(?=-\d)|(?:^|\W)@|#(?=\w)/gi, `$&${nothing}`);
}

const nothing = '<!-- -->';
