import Table from 'cli-table3';
import { truncateToWidth, widthOf } from '../text/width.ts';
import type { Paint } from './style.ts';
import {
  bordered,
  fittedWidths,
  neededPlaces,
  type Paper,
  placed,
  type TextColumn,
  type TextRow,
} from './text-table.ts';

/** A table with borders, fitted to the terminal. The home of cli-table3, which slows down beyond some hundred rows. */
export function drawTable(columns: readonly TextColumn[], rows: readonly TextRow[], paper: Paper): string {
  const places = neededPlaces(columns, rows);
  const shown = placed(columns, places);
  const cells = rows.map((row) => placed(row, places));
  const widths = fittedWidths(shown, cells, { paper, spacing: bordered });
  const painted: string[] = [];
  // It counts some combining marks as columns, and looks for colors at quadratic cost: it lays out stand-ins of the right
  // width.
  const line = (row: TextRow, paintOf: (column: TextColumn) => Paint | undefined) =>
    shown.flatMap((column, index) => {
      const width = widths[index] ?? 0;
      if (width === 0) return [];
      const text = truncateToWidth(row[index] ?? '', width);
      painted.push(paintOf(column)?.(text) ?? text);
      return [placeholder.repeat(widthOf(text))];
    });
  const { head = paper.style.bold } = paper;
  const titles = shown.map(({ title }) => title);
  const table = new Table({ head: line(titles, () => head), style: { head: [], border: [], compact: true } });
  for (const row of cells) table.push(line(row, ({ paint }) => paint));
  let next = 0;
  return `${table.toString().replaceAll(placeholders, () => painted[next++] ?? '')}\n`;
}

/** For private use, so a font shows nothing sensible for it, and no column wide. */
const placeholder = '\ue000';
const placeholders = /\ue000+/g;
