import Table from 'cli-table3';
import { relativeTime } from '../text/times.ts';
import { truncateToWidth, widthOf } from '../text/width.ts';
import { cellText, columnsOf, type TableColumn } from './fields.ts';
import { loadStyle, type Paint, paintState, type Style } from './style.ts';
import type { RenderOptions, View } from './view.ts';

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
export async function drawTable<T>(view: View<T>, items: readonly T[], paper: RenderOptions): Promise<string> {
  const records = items.map((item) => view.record(item));
  const columns = columnsOf(view, paper.fields);
  const texts = columns.map((column) => records.map((record) => shownCell(record, column, paper.now)));
  const wishes = columns.map((column, index) => columnSize(column, texts[index] ?? []));
  const style = await loadStyle(paper.color);
  const fitted = fitColumns(wishes, roomOn(paper)).flatMap((width, index) => {
    const column = columns[index];
    if (column === undefined || width === 0) return [];
    return { width, texts: texts[index] ?? [], title: column.title, paint: paintOf(column, style) };
  });
  return `${draw(fitted, style)}\n`;
}

function shownCell(record: Record<string, unknown>, column: TableColumn, now: number): string {
  const text = cellText(record, column);
  return column.isTime ? relativeTime(text, now) : text;
}

function columnSize({ title, rank, asked }: TableColumn, texts: readonly string[]) {
  const width = Math.max(widthOf(title), ...texts.map(widthOf));
  if (asked) return { width, rank: 0, least: Math.min(width, least.asked) };
  return { width, rank, least: rank === 0 ? width : Math.min(width, least.unasked) };
}

function roomOn({ width }: RenderOptions): number {
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

/** A column and the space it would like. */
export interface ColumnSize {
  readonly width: number;
  /** As narrow as it may become; below that it goes. */
  readonly least: number;
  /** The highest goes first where space is short; 0 always stays. */
  readonly rank: number;
}

/** The width that each column gets so that a bordered table fits into the room, 0 for those that had to go. */
export function fitColumns(wishes: readonly ColumnSize[], room: number): number[] {
  const kept = new Set(wishes);
  while (tableWidth([...kept].map((wish) => wish.least)) > room) {
    const dropped = leastImportant(kept);
    if (dropped === undefined) break;
    kept.delete(dropped);
  }
  const widths = wishes.map((wish) => (kept.has(wish) ? wish.width : 0));
  while (tableWidth(widths) > room && narrowWidest(widths, wishes));
  return widths;
}

/** Each column has a border and a space on its left and a space on its right; one border closes the table. */
function tableWidth(widths: readonly number[]): number {
  return widths.reduce((sum, width) => (width === 0 ? sum : sum + width + 3), 1);
}

function leastImportant(kept: ReadonlySet<ColumnSize>): ColumnSize | undefined {
  const droppable = [...kept].filter((wish) => wish.rank > 0);
  return droppable.reduce<ColumnSize | undefined>(
    (last, wish) => (wish.rank > (last?.rank ?? 0) ? wish : last),
    undefined,
  );
}

/** Takes one from the widest column that can still give; false if none can. */
function narrowWidest(widths: number[], wishes: readonly ColumnSize[]): boolean {
  let widest: number | undefined;
  for (const [index, { least }] of wishes.entries()) {
    const width = widths[index] ?? 0;
    if (width > least && width > (widths[widest ?? -1] ?? 0)) widest = index;
  }
  if (widest === undefined) return false;
  widths[widest] = (widths[widest] ?? 0) - 1;
  return true;
}
