import { escapeWorkflowCommands } from '../text/sanitize.ts';
import { parseTime, relativeTime } from '../text/times.ts';
import { cellSource, cellText, columnsFor, columnsOf, shownText, type TableColumn } from './cells.ts';
import { requestedFields, valueAt } from './fields.ts';
import { loadStyle, paintState } from './style.ts';
import type { Fields, Renderer, RenderOptions, View } from './view.ts';

/** Rows that a table with borders has at most. */
const mostDrawn = 100;

/** A table with borders on a terminal; for a pipe or many rows plain columns as the rows come; one item is a block of lines. */
export const renderer: Renderer = {
  async *many<T>(view: View<T>, batches: AsyncIterable<readonly T[]>, options: RenderOptions) {
    if (options.accessible) return yield* blocks(view, batches, options);
    const plain = plainTable(view, options);
    let held: readonly T[] = [];
    let isPlain = !options.isTTY;
    for await (const batch of batches) {
      held = [...held, ...batch];
      isPlain ||= held.length > mostDrawn;
      if (!isPlain || held.length === 0) continue;
      yield await plain(held);
      held = [];
    }
    if (held.length === 0) return;
    if (options.borderless) return yield await plain(held);
    const { drawTable } = await import('./drawn-table.ts');
    yield await drawTable(view, held, options);
  },
  one: block,
};

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

const narrowestColumn = 3;
const gap = 2;
/** A first batch of this many rows is a page of a list: more may follow, with longer values. */
const fullPage = 50;
/** Columns of `59 minutes ago`. */
const typicalRelativeTime = 14;

/**
 * A table without borders, written as its rows come: each call turns more of them into text, the first one with the
 * head. The columns keep the widths of a full page, with room for the longest usual values: a longer cell moves the
 * rest of its own line only. A terminal's lines are fitted to its width; a pipe's are never cut.
 */
export function plainTable<T>(view: View<T>, options: RenderOptions): (items: readonly T[]) => Promise<string> {
  const columns = columnsOf(view, options);
  let layout: Layout | undefined;
  return async (items) => {
    if (items.length === 0) return '';
    const records = items.map((item) => view.record(item));
    const needed = new Set([...(layout?.columns ?? []), ...columnsFor(columns, records)]);
    const isNew = needed.size !== layout?.columns.length;
    const shown = columns.filter((column) => needed.has(column));
    const rows = records.map((record) => shown.map((column) => textFor(record, column, options)));
    if (layout !== undefined && !isNew) {
      if (!layout.isFull && !options.isTTY) layout = await widened(layout, rows, options);
      return linesOf(rows, layout, options);
    }
    // A column that turns out to be needed later begins another table below the first.
    const above = layout === undefined ? '' : '\n';
    const isFull = rows.length >= fullPage;
    layout = { columns: shown, widths: await fittedWidths(shown, rows, options), isFull };
    return above + (await headOf(layout, options)) + (await linesOf(rows, layout, options));
  };
}

interface Layout {
  readonly columns: readonly TableColumn[];
  /** 0 for a column that there is no room for. */
  readonly widths: readonly number[];
  /** Taken from a full page; what comes in smaller pieces may still widen the columns. */
  readonly isFull: boolean;
}

async function widened(layout: Layout, rows: Rows, options: RenderOptions): Promise<Layout> {
  const wider = await fittedWidths(layout.columns, rows, options);
  return { ...layout, widths: layout.widths.map((width, index) => Math.max(width, wider[index] ?? 0)) };
}

function textFor(record: Fields, column: TableColumn, { isTTY, now }: RenderOptions): string {
  return isTTY ? shownText(record, column, now) : cellText(record, column);
}

type Rows = readonly (readonly string[])[];

async function fittedWidths(columns: readonly TableColumn[], rows: Rows, options: RenderOptions): Promise<number[]> {
  const measure = await ruler(rows);
  const widths = columns.map(({ title, typical = 0, isTime }, index) => {
    const room = options.isTTY && isTime ? Math.min(typical, typicalRelativeTime) : typical;
    const least = Math.max(narrowestColumn, title.length, rows.length >= fullPage ? room : 0);
    return rows.reduce((widest, row) => Math.max(widest, measure(row[index] ?? '')), least);
  });
  if (!options.isTTY) return widths;
  const { borderless, columnSize, fitColumns, terminalWidth, tellLeftOut } = await import('./fit.ts');
  const sizes = columns.map((column, index) => columnSize(column, widths[index] ?? 0, index));
  const fitted = fitColumns(sizes, terminalWidth(options.width), borderless);
  tellLeftOut(columns, fitted, options);
  return fitted;
}

/** What measures these cells. The widths of characters beyond ASCII are only loaded where there is one. */
async function ruler(rows: Rows): Promise<(cell: string) => number> {
  if (rows.every((row) => row.every((cell) => ascii.test(cell)))) return (cell) => cell.length;
  return (await import('../text/width.ts')).widthOf;
}

const ascii = /^[\x20-\x7e]*$/;

async function headOf(layout: Layout, options: RenderOptions): Promise<string> {
  const { bold } = await loadStyle(options.color);
  return textOf([layout.columns.map(({ title }) => title)], layout, options, bold);
}

async function linesOf(rows: Rows, layout: Layout, options: RenderOptions): Promise<string> {
  const style = await loadStyle(options.color);
  const state = layout.columns.findIndex(({ field }) => field === 'state');
  return textOf(rows, layout, options, (cell, index) => (index === state ? paintState(cell, style) : cell));
}

type PaintCell = (cell: string, index: number) => string;

async function textOf(rows: Rows, { widths }: Layout, { isTTY }: RenderOptions, paint: PaintCell): Promise<string> {
  const measure = await ruler(rows);
  const cut = isTTY ? (await import('../text/width.ts')).truncateToWidth : (cell: string) => cell;
  const text = rows.map((row) => line(row, widths, { measure, cut, paint })).join('');
  return escapeWorkflowCommands(text);
}

interface CellWriter {
  measure(cell: string): number;
  cut(cell: string, width: number): string;
  paint(cell: string, index: number): string;
}

function line(row: readonly string[], widths: readonly number[], { measure, cut, paint }: CellWriter): string {
  let text = '';
  let missing = 0;
  for (const [index, width] of widths.entries()) {
    if (width === 0) continue;
    const cell = cut(row[index] ?? '', width);
    text += ' '.repeat(missing) + paint(cell, index);
    missing = Math.max(0, width - measure(cell)) + gap;
  }
  return `${text}\n`;
}
