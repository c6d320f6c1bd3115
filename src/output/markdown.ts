import { clean } from '../text/sanitize.ts';
import { cellText, columnsFor, columnsOf } from './cells.ts';
import type { Fields, Renderer, View } from './view.ts';

/** A table of the view's columns, for a page or an issue. */
export const renderer: Renderer = {
  async *many<T>(view: View<T>, batches: AsyncIterable<readonly T[]>) {
    const records: Fields[] = [];
    for await (const batch of batches) for (const item of batch) records.push(view.record(item));
    const columns = columnsFor(columnsOf(view, {}), records);
    yield markdownTable(
      columns.map(({ title }) => title),
      records.map((record) => columns.map((column) => cellText(record, column))),
    );
  },
  one: (view, item) => {
    const record = view.record(item);
    const columns = columnsFor(columnsOf(view, {}), [record]);
    const rows = columns.map((column) => [column.title, cellText(record, column)]);
    return markdownTable(['FIELD', 'VALUE'], rows);
  },
};

/** A table as GitHub draws it. Every cell is text: nothing in it makes a link, a tag or another row. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => undefined), ...rows];
  return lines
    .map((cells) => `| ${cells.map((cell) => (cell === undefined ? '---' : escaped(cell))).join(' | ')} |\n`)
    .join('');
}

/** The text escaped for Markdown, on one line. */
export function escaped(text: string): string {
  return clean(text).replace(/[\\`*_~[\]<>|&#!$]/g, '\\$&');
}
