import { valueAt } from '../text/json-fields.ts';
import { parseTime, relativeTime } from '../text/times.ts';
import { type CellSource, cellSource, cellText, columnsOf, requestedFields, rowOf } from './fields.ts';
import { loadStyle, paintState } from './style.ts';
import { drawTable, plainTable, type TextColumn, type TextRow } from './text-table.ts';
import type { Batches, Fields, Renderer, RenderOptions, View } from './view.ts';

/** Rows that a table with borders has at most. */
const mostDrawn = 100;

/** Columns of `59 minutes ago`. */
const typicalRelativeTime = 14;

/** A table with borders on a terminal; for a pipe or many rows plain columns as the rows come; one item is a block of lines. */
export const renderer: Renderer = {
  async *many<T>(view: View<T>, batches: Batches<T>, options: RenderOptions) {
    if (options.accessible) return yield* lists(view, batches, options);
    const { isTTY, width, leftOut } = options;
    const style = await loadStyle(options.color);
    const sources = columnsOf(view, options);
    const columns = sources.map(
      ({ typical = 0, ...column }): TextColumn => ({
        ...column,
        typical: isTTY && column.isTime ? Math.min(typical, typicalRelativeTime) : typical,
        ...(column.field === 'state' ? { paint: (text: string) => paintState(text, style) } : {}),
      }),
    );
    const paper = { style, width: isTTY ? width : undefined, leftOut };
    const plain = plainTable(columns, paper);
    let held: readonly TextRow[] = [];
    let isPlain = !isTTY;
    for await (const batch of batches) {
      held = [...held, ...batch.map((item) => cellsOf(view, item, sources, options))];
      isPlain ||= held.length > mostDrawn;
      if (!isPlain || held.length === 0) continue;
      yield plain(held);
      held = [];
    }
    if (held.length === 0) return;
    yield options.borderless ? plain(held) : await drawTable(columns, held, paper);
  },
  one: block,
};

function cellsOf<T>(view: View<T>, item: T, columns: readonly CellSource[], { isTTY, now }: RenderOptions): TextRow {
  const time = now();
  return rowOf(columns, view.record(item, time), isTTY ? time : undefined);
}

/** The cells of each row as a block, an empty line between them: what a table would show, read out. */
async function* lists<T>(view: View<T>, batches: Batches<T>, options: RenderOptions) {
  const columns = columnsOf(view, options);
  let isFirst = true;
  for await (const batch of batches) {
    for (const item of batch) {
      const cells = cellsOf(view, item, columns, options);
      const shown = columns.flatMap(({ field, optional }, index) => {
        const text = cells[index] ?? '-';
        return optional && text === '-' ? [] : [[field, text] as const];
      });
      yield isFirst ? lines(shown) : `\n${lines(shown)}`;
      isFirst = false;
    }
  }
}

/** One item as aligned `field: value` lines; at a terminal a time is also given in words. */
function block<T>(view: View<T>, item: T, options: RenderOptions): string {
  const record = view.record(item, options.now());
  const names = requestedFields(view, options) ?? view.block.filter((name) => isShown(view, name, record));
  return lines(
    names.map((name) => {
      const source = cellSource(view, name);
      const text = cellText(record, source);
      const isInWords = source.isTime && options.isTTY && parseTime(text) !== undefined;
      return [name, isInWords ? `${text} (${relativeTime(text, options.now())})` : text];
    }),
  );
}

/** A field without a value is left out, and so is one that a table would show as empty, such as the end of what has ended. */
function isShown<T>(view: View<T>, name: string, record: Fields): boolean {
  if (valueAt(record, ...name.split('.')) === undefined) return false;
  const read = view.columns.find(({ field }) => field === name)?.value;
  return read === undefined || read(record) !== undefined;
}

function lines(cells: readonly (readonly [name: string, text: string])[]): string {
  const width = Math.max(...cells.map(([name]) => name.length)) + 1;
  return cells.map(([name, text]) => `${`${name}:`.padEnd(width)} ${text}\n`).join('');
}
