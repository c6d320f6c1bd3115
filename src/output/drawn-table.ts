import Table from 'cli-table3';
import { truncateToWidth, widthOf } from '../text/width.ts';
import { columnsFor, columnsOf, shownText, type TableColumn } from './cells.ts';
import { bordered, columnSize, fitColumns, tellLeftOut, terminalWidth } from './fit.ts';
import { loadStyle, type Paint, paintState, type Style } from './style.ts';
import type { RenderOptions, View } from './view.ts';

interface DrawnColumn {
  readonly width: number;
  readonly texts: readonly string[];
  readonly title: string;
  readonly paint: Paint;
}

/** A table with borders, fitted to the terminal. The home of cli-table3, which slows down beyond some hundred rows. */
export async function drawTable<T>(view: View<T>, items: readonly T[], options: RenderOptions): Promise<string> {
  const records = items.map((item) => view.record(item));
  const columns = columnsFor(columnsOf(view, options), records);
  const texts = columns.map((column) => records.map((record) => shownText(record, column, options.now)));
  const sizes = columns.map((column, index) =>
    columnSize(column, widest([column.title, ...(texts[index] ?? [])]), index),
  );
  const widths = fitColumns(sizes, terminalWidth(options.width), bordered);
  const style = await loadStyle(options.color);
  const drawn = columns.flatMap((column, index) => {
    const width = widths[index] ?? 0;
    if (width === 0) return [];
    return { width, texts: texts[index] ?? [], title: column.title, paint: paintOf(column, style) };
  });
  tellLeftOut(columns, widths, options);
  return `${draw(drawn, style)}\n`;
}

function widest(texts: readonly string[]): number {
  return texts.reduce((width, text) => Math.max(width, widthOf(text)), 0);
}

function paintOf({ field }: TableColumn, style: Style): Paint {
  return field === 'state' ? (text) => paintState(text, style) : (text) => text;
}

function draw(columns: readonly DrawnColumn[], style: Style): string {
  const shown: string[] = [];
  // It counts some combining marks as columns, and looks for colours at quadratic cost: it lays out stand-ins of the right width.
  const standIn = (text: string, paint: Paint): string => {
    shown.push(paint(text));
    return placeholder.repeat(widthOf(text));
  };
  const head = columns.map(({ title, width }) => standIn(truncateToWidth(title, width), style.bold));
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  const rows = columns[0]?.texts.length ?? 0;
  for (let row = 0; row < rows; row += 1) {
    table.push(columns.map(({ texts, width, paint }) => standIn(truncateToWidth(texts[row] ?? '', width), paint)));
  }
  let next = 0;
  return table.toString().replaceAll(placeholders, () => shown[next++] ?? '');
}

/** For private use, so a font shows nothing sensible for it, and no column wide. */
const placeholder = '\ue000';
const placeholders = /\ue000+/g;
