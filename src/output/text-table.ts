import { escapeWorkflowCommands } from '../text/sanitize.ts';
import { truncateToWidth, widthOf } from '../text/width.ts';
import type { Paint, Style } from './style.ts';
import type { Column } from './view.ts';

export interface TextColumn extends Pick<Column, 'title' | 'rank' | 'narrowest' | 'typical' | 'optional'> {
  /** Named in `--fields`: it is always shown, and of several the last go first. */
  readonly isRequested?: boolean;
  readonly isNumber?: boolean;
  readonly paint?: Paint;
}

/** A cell for each column: one cleaned line, `-` for nothing. */
export type TextRow = readonly string[];

/** What a table is written on. */
export interface Paper {
  readonly style: Style;
  /** Columns of the terminal, 0 where it does not say; undefined for a pipe, where nothing is cut. */
  readonly width: number | undefined;
  readonly head?: Paint;
  /** The first rows come one by one, so the columns get the room of the longest usual values at once. */
  readonly isOpenEnded?: boolean;
  /** Called with the titles of columns that the terminal is too narrow for. */
  readonly leftOut?: ((titles: readonly string[]) => void) | undefined;
}

/** A first batch of this many rows is a page of a list: more may follow, with longer values. */
const fullPage = 50;

/**
 * A table without borders, written as its rows come: each call turns more of them into text, the first one with the
 * head, if there is a title. The columns keep the widths of a full page, with room for the longest usual values: a longer
 * cell moves the rest of its own line only. A terminal's lines are fitted to its width; a pipe's are never cut.
 */
export function plainTable(columns: readonly TextColumn[], paper: Paper): (rows: readonly TextRow[]) => string {
  const { width: room, style, head = style.bold } = paper;
  let needed: readonly boolean[] = [];
  let widths: readonly number[] = [];
  let shown: readonly ShownColumn[] = [];
  /** The widths are those of a full page; what comes in smaller pieces may still widen the columns of a pipe. */
  let isFull = false;
  const line = (row: TextRow, paintOf: (column: TextColumn) => Paint | undefined) => {
    const cells = shown.map(({ place, column, width }) => {
      const text = row[place] ?? '';
      const cell = room === undefined ? text : truncateToWidth(text, width);
      const space = ' '.repeat(Math.max(0, width - widthOf(cell)));
      const painted = paintOf(column)?.(cell) ?? cell;
      return column.isNumber ? space + painted : painted + space;
    });
    return `${cells.join(' '.repeat(borderless.each)).trimEnd()}\n`;
  };
  return (rows) => {
    if (rows.length === 0) return '';
    const before = needed;
    needed = columns.map((column, place) => before[place] || isNeeded(column, place, rows));
    const isNew = needed.some((is, place) => is !== before[place]);
    if (isNew || (!isFull && room === undefined)) {
      const isPage = paper.isOpenEnded === true || rows.length >= fullPage;
      const fitted = fittedWidths(columns, rows, { ...paper, spacing: borderless, needed, isPage });
      widths = isNew ? fitted : fitted.map((width, place) => Math.max(width, widths[place] ?? 0));
      shown = shownColumns(columns, widths);
      if (isNew) isFull = isPage;
    }
    const lines = escapeWorkflowCommands(rows.map((row) => line(row, ({ paint }) => paint)).join(''));
    const titles = columns.map(({ title }) => title);
    if (!isNew || titles.every((title) => title === '')) return lines;
    // A column that turns out to be needed later begins another table below the first.
    return `${before.length === 0 ? '' : '\n'}${line(titles, () => head)}${lines}`;
  };
}

/** A table with borders, fitted to the terminal. The home of cli-table3, which slows down beyond some hundred rows. */
export async function drawTable(
  columns: readonly TextColumn[],
  rows: readonly TextRow[],
  paper: Paper,
): Promise<string> {
  const { default: Table } = await import('cli-table3');
  const { style, head = style.bold } = paper;
  const needed = columns.map((column, place) => isNeeded(column, place, rows));
  const shown = shownColumns(columns, fittedWidths(columns, rows, { ...paper, spacing: bordered, needed }));
  const painted: string[] = [];
  // It counts some combining marks as columns, and looks for colors at quadratic cost: it lays out stand-ins of the right
  // width.
  const line = (row: TextRow, paintOf: (column: TextColumn) => Paint | undefined) =>
    shown.map(({ place, column, width }) => {
      const cell = truncateToWidth(row[place] ?? '', width);
      painted.push(paintOf(column)?.(cell) ?? cell);
      return placeholder.repeat(widthOf(cell));
    });
  const titles = columns.map(({ title }) => title);
  const table = new Table({ head: line(titles, () => head), style: { head: [], border: [], compact: true } });
  for (const row of rows) table.push(line(row, ({ paint }) => paint));
  let next = 0;
  return `${table.toString().replaceAll(placeholders, () => painted[next++] ?? '')}\n`;
}

/** For private use, so a font shows nothing sensible for it, and no column wide. */
const placeholder = '\ue000';
const placeholders = /\ue000+/g;

/** A column that has a width, and where its cell is in a row. */
interface ShownColumn {
  readonly column: TextColumn;
  readonly place: number;
  readonly width: number;
}

function shownColumns(columns: readonly TextColumn[], widths: readonly number[]): ShownColumn[] {
  return columns
    .map((column, place) => ({ column, place, width: widths[place] ?? 0 }))
    .filter(({ width }) => width > 0);
}

/** Whether a column is always shown, or has something in one of the rows. */
export function isNeeded({ isRequested, optional }: TextColumn, place: number, rows: readonly TextRow[]): boolean {
  return isRequested === true || optional !== true || rows.some((row) => row[place] !== '-');
}

/** What stands between columns, in columns of the terminal: `each` for every one of them, `once` for the whole line. */
interface Spacing {
  readonly each: number;
  readonly once: number;
  /** The least width of a column, whatever is in it. */
  readonly least: number;
}

export const bordered: Spacing = { each: 3, once: 1, least: 0 };
export const borderless: Spacing = { each: 2, once: -2, least: 3 };

interface Fitting extends Pick<Paper, 'width' | 'leftOut'> {
  readonly spacing: Spacing;
  /** Of each column; all are needed if left out. */
  readonly needed?: readonly boolean[];
  /** More rows may follow: the columns get room for the longest usual values. */
  readonly isPage?: boolean;
}

/** The width that each column gets, 0 for those that are not needed or go for lack of room. */
export function fittedWidths(
  columns: readonly TextColumn[],
  rows: readonly TextRow[],
  { width: room, leftOut, spacing, needed = [], isPage = false }: Fitting,
): number[] {
  const wanted = columns.map(({ title, typical = 0 }, place) => {
    if (needed[place] === false) return 0;
    const least = Math.max(widthOf(title), spacing.least, isPage ? typical : 0);
    return rows.reduce((width, row) => Math.max(width, widthOf(row[place] ?? '')), least);
  });
  if (room === undefined) return wanted;
  const sizes = columns.map((column, place) => columnSize(column, wanted[place] ?? 0, place));
  const widths = fitColumns(sizes, room > 0 ? Math.max(room, narrowestTerminal) : defaultWidth, spacing);
  const tooMuch = columns.filter((_, place) => widths[place] === 0 && wanted[place] !== 0);
  if (tooMuch.length > 0) leftOut?.(tooMuch.map(({ title }) => title));
  return widths;
}

/** Of a terminal that does not say its width, or says nonsense. */
const defaultWidth = 80;
const narrowestTerminal = 20;

/** A column and the space it would like. */
interface ColumnSize {
  /** What its longest cell takes. */
  readonly width: number;
  /** Less than this only once there is nothing but essential columns left. */
  readonly comfortable: number;
  /** As narrow as it may become; below that it goes. */
  readonly narrowest: number;
  /** The highest goes first where space is short; 0 always stays. */
  readonly rank: number;
}

/** The highest rank of a column that tells one row from another. */
const essentialRank = 2;

/** To what a long cell is shortened before its column goes. */
const narrowest = { usual: 16, requested: 8 };
/** An address longer than this may be shortened while there are less important columns. */
const longestComfort = 30;

/** The space that a column would like whose longest cell has this width. Of those that were asked for, the last go first. */
function columnSize(column: TextColumn, width: number, index: number): ColumnSize {
  const rank = column.isRequested ? index : column.rank;
  const usual = column.isRequested ? narrowest.requested : column.rank === 0 ? width : narrowest.usual;
  const least = Math.min(width, column.narrowest ?? usual);
  const isEssential = !column.isRequested && rank <= essentialRank;
  const comfortable = isEssential ? Math.min(width, Math.max(least, longestComfort)) : least;
  return { width, rank, narrowest: least, comfortable };
}

/** The width that each column gets so that the table fits into the room, 0 for those that had to go. */
export function fitColumns(sizes: readonly ColumnSize[], room: number, { each, once }: Spacing): number[] {
  const columns = sizes.map((size) => ({ ...size }));
  const kept = columns.filter(({ width }) => width > 0);
  const isTooWide = (by: 'width' | 'comfortable' | 'narrowest') =>
    kept.reduce((sum, column) => sum + column[by] + each, once) > room;
  for (const [lowest, by] of [[essentialRank, 'comfortable'] as const, [0, 'narrowest'] as const]) {
    const leaving = kept.filter(({ rank }) => rank > lowest).sort((a, b) => b.rank - a.rank);
    for (const column of leaving) if (isTooWide(by)) kept.splice(kept.indexOf(column), 1);
  }
  for (const limit of ['comfortable', 'narrowest'] as const) {
    while (isTooWide('width')) {
      const [widest] = kept.filter((column) => column.width > column[limit]).sort((a, b) => b.width - a.width);
      if (widest === undefined) break;
      widest.width -= 1;
    }
  }
  return columns.map((column) => (kept.includes(column) ? column.width : 0));
}
