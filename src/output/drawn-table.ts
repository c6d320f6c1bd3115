import Table from 'cli-table3';
import { cellOf, columnsOf, type TableColumn } from './cells.ts';
import { fitColumns } from './fit.ts';
import { loadStyle, type Paint, paintState, type Style } from './style.ts';
import { relativeTime } from './times.ts';
import type { Paper, View } from './view.ts';
import { cutTo, widthOf } from './width.ts';

interface DrawnColumn {
  readonly width: number;
  readonly texts: readonly string[];
  readonly title: string;
  readonly paint: Paint;
}

const defaultWidth = 80;
const narrowestTerminal = 20;
/** To what a long cell is cut before its column goes, and before it stays because it was asked for. */
const least = { unasked: 16, asked: 8 };

/** A table with borders for a person to look at, fitted to the terminal. The home of cli-table3, which slows down beyond some hundred rows. */
export async function drawTable<T>(view: View<T>, items: readonly T[], paper: Paper): Promise<string> {
  const records = items.map((item) => view.record(item));
  const columns = columnsOf(view, paper.fields);
  const texts = columns.map((column) => records.map((record) => shownCell(record, column, paper.now)));
  const wishes = columns.map((column, index) => wishOf(column, texts[index] ?? []));
  const style = await loadStyle(paper.color);
  const fitted = fitColumns(wishes, roomOn(paper)).flatMap((width, index) => {
    const column = columns[index];
    if (column === undefined || width === 0) return [];
    return { width, texts: texts[index] ?? [], title: column.title, paint: paintOf(column, style) };
  });
  return `${draw(fitted, style)}\n`;
}

function shownCell(record: Record<string, unknown>, column: TableColumn, now: number): string {
  const text = cellOf(record, column);
  return column.isTime ? relativeTime(text, now) : text;
}

function wishOf({ title, rank, asked }: TableColumn, texts: readonly string[]) {
  const width = Math.max(widthOf(title), ...texts.map(widthOf));
  if (asked) return { width, rank: 0, least: Math.min(width, least.asked) };
  return { width, rank, least: rank === 0 ? width : Math.min(width, least.unasked) };
}

function roomOn({ width }: Paper): number {
  return width > 0 ? Math.max(width, narrowestTerminal) : defaultWidth;
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
  const head = columns.map(({ title, width }) => standIn(cutTo(title, width), style.bold));
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  const rows = columns[0]?.texts.length ?? 0;
  for (let row = 0; row < rows; row += 1) {
    table.push(columns.map(({ texts, width, paint }) => standIn(cutTo(texts[row] ?? '', width), paint)));
  }
  let next = 0;
  return table.toString().replaceAll(placeholders, () => shown[next++] ?? '');
}

/** For private use, so a font shows nothing sensible for it, and no column wide. */
const placeholder = '\ue000';
const placeholders = /\ue000+/g;
