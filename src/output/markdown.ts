import { cellSource, cellText } from './fields.ts';
import type { Renderer, View } from './view.ts';

/** A table of the view's columns, for a page or an issue. */
export const renderer: Renderer = {
  async *many<T>(view: View<T>, batches: AsyncIterable<readonly T[]>) {
    const rows: string[][] = [];
    for await (const batch of batches) for (const item of batch) rows.push(cellsOf(view, item));
    yield markdownTable(
      view.columns.map(({ title }) => title),
      rows,
    );
  },
  one: (view, item) =>
    markdownTable(
      ['FIELD', 'VALUE'],
      view.columns.map(({ title }, index) => [title, cellsOf(view, item)[index] ?? '']),
    ),
};

function cellsOf<T>(view: View<T>, item: T): string[] {
  const record = view.record(item);
  return view.columns.map(({ field }) => cellText(record, cellSource(view, field)));
}

import { clean } from '../text/sanitize.ts';

/** A table as GitHub draws it. Every cell is text: nothing in it makes a link, a tag or another row. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => undefined), ...rows];
  return lines
    .map((cells) => `| ${cells.map((cell) => (cell === undefined ? '---' : escaped(cell))).join(' | ')} |\n`)
    .join('');
}

/** The text as Markdown that shows just it, on one line. */
export function escaped(text: string): string {
  return clean(text).replace(/[\\`*_~[\]<>|&#!$]/g, '\\$&');
}
