import { parseTime, relativeTime } from '../text/times.ts';
import { cellSource, cellText, columnsOf, shownText } from './cells.ts';
import { requestedFields, valueAt } from './fields.ts';
import { loadStyle, paintState } from './style.ts';
import { type Paper, PlainTable, type TextColumn, type TextRow } from './text-table.ts';
import type { Renderer, RenderOptions, View } from './view.ts';

/** Rows that a table with borders has at most. */
const mostDrawn = 100;

/** A table with borders on a terminal; for a pipe or many rows plain columns as the rows come; one item is a block of lines. */
export const renderer: Renderer = {
  async *many<T>(view: View<T>, batches: AsyncIterable<readonly T[]>, options: RenderOptions) {
    if (options.accessible) return yield* blocks(view, batches, options);
    const { columns, row, paper } = await tableOf(view, options);
    const plain = new PlainTable(columns, paper);
    let held: readonly TextRow[] = [];
    let isPlain = !options.isTTY;
    for await (const batch of batches) {
      held = [...held, ...batch.map(row)];
      isPlain ||= held.length > mostDrawn;
      if (!isPlain || held.length === 0) continue;
      yield plain.text(held);
      held = [];
    }
    if (held.length === 0) return;
    if (options.borderless) return yield plain.text(held);
    const { drawTable } = await import('./drawn-table.ts');
    yield drawTable(columns, held, paper);
  },
  one: block,
};

interface ViewTable<T> {
  readonly columns: readonly TextColumn[];
  row(item: T): TextRow;
  readonly paper: Paper;
}

/** Columns of `59 minutes ago`. */
const typicalRelativeTime = 14;

/** What a table shows of a view, and on what. */
export async function tableOf<T>(view: View<T>, options: RenderOptions): Promise<ViewTable<T>> {
  const { isTTY, width, now, leftOut } = options;
  const style = await loadStyle(options.color);
  const columns = columnsOf(view, options);
  return {
    columns: columns.map(({ typical = 0, ...column }) => ({
      ...column,
      typical: isTTY && column.isTime ? Math.min(typical, typicalRelativeTime) : typical,
      ...(column.field === 'state' ? { paint: (text: string) => paintState(text, style) } : {}),
    })),
    row: (item) => {
      const record = view.record(item);
      return columns.map((column) => (isTTY ? shownText(record, column, now) : cellText(record, column)));
    },
    paper: { style, width: isTTY ? width : undefined, leftOut },
  };
}

/** A block for each item, an empty line between them. */
async function* blocks<T>(view: View<T>, batches: AsyncIterable<readonly T[]>, options: RenderOptions) {
  let isFirst = true;
  for await (const batch of batches) {
    for (const item of batch) {
      yield isFirst ? block(view, item, options) : `\n${block(view, item, options)}`;
      isFirst = false;
    }
  }
}

/** One item as aligned `field: value` lines; at a terminal a time is also given in words. */
function block<T>(view: View<T>, item: T, options: RenderOptions): string {
  const record = view.record(item);
  const names = requestedFields(view, options) ?? view.block.filter((name) => valueAt(record, name) !== undefined);
  const width = Math.max(...names.map((name) => name.length)) + 1;
  return names.map((name) => `${`${name}:`.padEnd(width)} ${shownValue(name)}\n`).join('');

  function shownValue(name: string): string {
    const source = cellSource(view, name);
    const text = cellText(record, source);
    if (!source.isTime || !options.isTTY || parseTime(text) === undefined) return text;
    return `${text} (${relativeTime(text, options.now)})`;
  }
}
