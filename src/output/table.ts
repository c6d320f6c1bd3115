import { escapeWorkflowCommands } from '../text/sanitize.ts';
import { parseTime, relativeTime } from '../text/times.ts';
import { cellSource, cellText, columnsOf, valueAt } from './fields.ts';
import type { Renderer, RenderOptions, View } from './view.ts';

/** Rows that a person looks at; more of them, or a pipe, get the plain table. */
const mostDrawn = 100;

/** A table with borders on a terminal, else plain columns as the rows come; one item is a block of lines. */
export const renderer: Renderer = {
  async *many<T>(view: View<T>, batches: AsyncIterable<readonly T[]>, paper: RenderOptions) {
    if (paper.accessible) return yield* blocks(view, batches, paper);
    const plain = plainTable(view, paper.fields);
    let held: readonly T[] = [];
    let isPlain = !paper.isTTY;
    for await (const batch of batches) {
      held = [...held, ...batch];
      isPlain ||= held.length > mostDrawn;
      if (!isPlain || held.length === 0) continue;
      yield await plain(held);
      held = [];
    }
    if (held.length === 0) return;
    const { drawTable } = await import('./drawn-table.ts');
    yield await drawTable(view, held, paper);
  },
  one: block,
};

/** Every item for itself, an empty line between them. */
async function* blocks<T>(view: View<T>, batches: AsyncIterable<readonly T[]>, paper: RenderOptions) {
  let isFirst = true;
  for await (const batch of batches) {
    for (const item of batch) {
      yield isFirst ? block(view, item, paper) : `\n${block(view, item, paper)}`;
      isFirst = false;
    }
  }
}

/** One item as aligned `field: value` lines; to a person a time is said in words too. */
export function block<T>(view: View<T>, item: T, paper: RenderOptions): string {
  const record = view.record(item);
  const names = paper.fields ?? view.block.filter((name) => valueAt(record, name) !== undefined);
  const width = Math.max(...names.map((name) => name.length)) + 1;
  return names.map((name) => `${`${name}:`.padEnd(width)} ${shownValue(name)}\n`).join('');

  function shownValue(name: string): string {
    const place = cellSource(view, name);
    const text = cellText(record, place);
    if (!place.isTime || !paper.isTTY || parseTime(text) === undefined) return text;
    return `${text} (${relativeTime(text, paper.now)})`;
  }
}

const narrowest = 3;
const gap = 2;

/**
 * A table without borders, colour or cut, written as its rows come: each call turns more of them into text, the first
 * one with the head. Columns are as wide as the first rows ask, and grow when later ones need more.
 */
export function plainTable<T>(
  view: View<T>,
  fields: readonly string[] | undefined,
): (items: readonly T[]) => Promise<string> {
  const columns = columnsOf(view, fields);
  const widths = columns.map(() => narrowest);
  let head = [columns.map((column) => column.title)];
  return async (items) => {
    if (items.length === 0) return '';
    const cells = items.map((item) => {
      const record = view.record(item);
      return columns.map((column) => cellText(record, column));
    });
    const rows = [...head, ...cells];
    head = [];
    // Each cell is measured once: with a hundred thousand rows this is where the time goes.
    const widthOf = await ruler(rows);
    const measured = rows.map((row) => row.map(widthOf));
    for (const row of measured) widen(widths, row);
    return escapeWorkflowCommands(rows.map((row, index) => line(row, measured[index] ?? [], widths)).join(''));
  };
}

/** What measures these cells. What knows the width of any character is loaded where there is one beyond ASCII. */
async function ruler(rows: readonly (readonly string[])[]): Promise<(cell: string) => number> {
  if (rows.every((row) => row.every((cell) => ascii.test(cell)))) return (cell) => cell.length;
  return (await import('../text/width.ts')).widthOf;
}

const ascii = /^[\x20-\x7e]*$/;

function widen(widths: number[], row: readonly number[]): void {
  for (let index = 0; index < row.length; index += 1) {
    widths[index] = Math.max(widths[index] ?? 0, row[index] ?? 0);
  }
}

function line(row: readonly string[], measured: readonly number[], widths: readonly number[]): string {
  let text = row[0] ?? '';
  for (let index = 1; index < row.length; index += 1) {
    const missing = (widths[index - 1] ?? 0) - (measured[index - 1] ?? 0);
    text += ' '.repeat(missing + gap) + row[index];
  }
  return `${text}\n`;
}
