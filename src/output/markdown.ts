import { clean } from '../text/sanitize.ts';
import { columnsOf, rowOf } from './fields.ts';
import { isNeeded, type TextColumn, type TextRow } from './text-table.ts';
import type { Renderer } from './view.ts';

/** A table of the view's columns, for a page or an issue. */
export const renderer: Renderer = {
  async *many(view, batches, options) {
    const columns = columnsOf(view, options);
    const rows: TextRow[] = [];
    for await (const batch of batches)
      for (const item of batch) rows.push(rowOf(columns, view.record(item, options.now())));
    yield columnTable(columns, rows);
  },
  one: (view, item, options) => {
    const columns = columnsOf(view, options);
    const row = rowOf(columns, view.record(item, options.now()));
    const lines = columns.flatMap((column, place) =>
      isNeeded(column, place, [row]) ? [[column.title, row[place] ?? '']] : [],
    );
    return markdownTable(['FIELD', 'VALUE'], lines);
  },
};

/** The rows under the titles of their columns, without those columns that are empty and need not be shown. */
export function columnTable(columns: readonly TextColumn[], rows: readonly TextRow[]): string {
  const needed = columns.map((column, place) => isNeeded(column, place, rows));
  const shown = (row: TextRow) => row.filter((_, place) => needed[place]);
  return markdownTable(shown(columns.map(({ title }) => title)), rows.map(shown));
}

/** A table as GitHub draws it. Every cell is text: nothing in it makes a link, a tag or another row. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head.map(escaped), head.map(() => '---'), ...rows.map((row) => row.map(escaped))];
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

/**
 * The text escaped for Markdown, on one line. GitHub makes links, mentions and references of what a backslash does not
 * stop; a comment in between does.
 */
export function escaped(text: string): string {
  return clean(text)
    .replace(/[\\`*_~[\]<>|&#!$]/g, '\\$&')
    .replace(/:(?=\/\/)|\bwww(?=\.)|\b(?:mailto|xmpp):|\bGH(?=-\d)|(?:^|\W)@|#(?=\w)/gi, '$&<!-- -->');
}
