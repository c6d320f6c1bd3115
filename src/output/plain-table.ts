import { cellOf, columnsOf } from './cells.ts';
import { guardLines } from './sanitize.ts';
import type { View } from './view.ts';

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
      return columns.map((column) => cellOf(record, column));
    });
    const rows = [...head, ...cells];
    head = [];
    // Each cell is measured once: with a hundred thousand rows this is where the time goes.
    const widthOf = await ruler(rows);
    const measured = rows.map((row) => row.map(widthOf));
    for (const row of measured) widen(widths, row);
    return guardLines(rows.map((row, index) => line(row, measured[index] ?? [], widths)).join(''));
  };
}

/** What measures these cells. What knows the width of any character is loaded where there is one beyond ASCII. */
async function ruler(rows: readonly (readonly string[])[]): Promise<(cell: string) => number> {
  if (rows.every((row) => row.every((cell) => ascii.test(cell)))) return (cell) => cell.length;
  return (await import('./width.ts')).widthOf;
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
