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

const narrowestColumn = 3;
const gap = 2;
/** A first batch of this many rows is a page of a list: more may follow, with longer values. */
const fullPage = 50;

export function tableText(columns: readonly TextColumn[], rows: readonly TextRow[], paper: Paper): string {
  return new PlainTable(columns, paper).text(rows);
}

/**
 * A table without borders, written as its rows come: each call turns more of them into text, the first one with the
 * head, if there is a title. The columns keep the widths of a full page, with room for the longest usual values: a longer
 * cell moves the rest of its own line only. A terminal's lines are fitted to its width; a pipe's are never cut.
 */
export class PlainTable {
  readonly #columns: readonly TextColumn[];
  readonly #paper: Paper;
  /** Of each column; 0 for one that is not shown. */
  #widths: readonly number[] = [];
  #isNeeded: readonly boolean[] = [];
  /** The widths are those of a full page; what comes in smaller pieces may still widen the columns. */
  #isFull = false;

  constructor(columns: readonly TextColumn[], paper: Paper) {
    this.#columns = columns;
    this.#paper = paper;
  }

  text(rows: readonly TextRow[]): string {
    if (rows.length === 0) return '';
    const before = this.#isNeeded;
    this.#isNeeded = this.#columns.map((column, place) => before[place] || isNeeded(column, place, rows));
    const isNew = this.#isNeeded.some((is, place) => is !== before[place]);
    const isFull = this.#paper.isOpenEnded === true || rows.length >= fullPage;
    if (isNew) [this.#widths, this.#isFull] = [this.#widthsFor(rows, isFull), isFull];
    else if (!this.#isFull && this.#paper.width === undefined)
      this.#widths = this.#widthsFor(rows, isFull).map((width, place) => Math.max(width, this.#widths[place] ?? 0));
    const lines = escapeWorkflowCommands(rows.map((row) => this.#line(row, ({ paint }) => paint)).join(''));
    if (!isNew) return lines;
    // A column that turns out to be needed later begins another table below the first.
    return `${before.length === 0 ? '' : '\n'}${this.#head()}${lines}`;
  }

  #widthsFor(rows: readonly TextRow[], isFull: boolean): number[] {
    const least = ({ typical = 0 }: TextColumn) => Math.max(narrowestColumn, isFull ? typical : 0);
    const { widths, leftOut } = fittedWidths(this.#columns, rows, {
      ...{ width: this.#paper.width, spacing: borderless, least, isNeeded: this.#isNeeded },
    });
    if (leftOut.length > 0) this.#paper.leftOut?.(leftOut);
    return widths;
  }

  #head(): string {
    const titles = this.#columns.map(({ title }) => title);
    const { head = this.#paper.style.bold } = this.#paper;
    return titles.every((title) => title === '') ? '' : this.#line(titles, () => head);
  }

  #line(row: TextRow, paintOf: (column: TextColumn) => Paint | undefined): string {
    let text = '';
    let missing = 0;
    for (const [place, column] of this.#columns.entries()) {
      const width = this.#widths[place] ?? 0;
      if (width === 0) continue;
      const cell = this.#paper.width === undefined ? (row[place] ?? '') : truncateToWidth(row[place] ?? '', width);
      const space = Math.max(0, width - widthOf(cell));
      if (cell !== '') {
        text += ' '.repeat(missing + (column.isNumber ? space : 0)) + (paintOf(column)?.(cell) ?? cell);
        missing = 0;
      }
      missing += cell === '' ? width + gap : gap + (column.isNumber ? 0 : space);
    }
    return `${text}\n`;
  }
}

/** Whether a column is always shown, or has something in one of the rows. */
export function isNeeded({ isRequested, optional }: TextColumn, place: number, rows: readonly TextRow[]): boolean {
  return isRequested === true || optional !== true || rows.some((row) => row[place] !== '-');
}

/** What stands between columns, in columns of the terminal: `each` for every one of them, `once` for the whole line. */
interface Spacing {
  readonly each: number;
  readonly once: number;
}

export const bordered: Spacing = { each: 3, once: 1 };
export const borderless: Spacing = { each: gap, once: -gap };

interface Fitting {
  /** Of the terminal; undefined for a pipe. */
  readonly width: number | undefined;
  readonly spacing: Spacing;
  /** The least width of a column, whatever is in it. */
  least?(column: TextColumn): number;
  /** Of each column; all are needed if left out. */
  readonly isNeeded?: readonly boolean[];
}

/** The width that each column gets, 0 for those that are not needed or go for lack of room, and the titles of the latter. */
export function fittedWidths(
  columns: readonly TextColumn[],
  rows: readonly TextRow[],
  { width: room, spacing, least = () => 0, isNeeded = [] }: Fitting,
): { readonly widths: number[]; readonly leftOut: string[] } {
  const wanted = columns.map((column, index) => {
    if (isNeeded[index] === false) return 0;
    const narrow = Math.max(widthOf(column.title), least(column));
    return rows.reduce((width, row) => Math.max(width, widthOf(row[index] ?? '')), narrow);
  });
  if (room === undefined) return { widths: wanted, leftOut: [] };
  const sizes = columns.map((column, index) => columnSize(column, wanted[index] ?? 0, index));
  const widths = fitColumns(sizes, terminalWidth(room), spacing);
  const isLeftOut = (_: TextColumn, index: number) => widths[index] === 0 && wanted[index] !== 0;
  return { widths, leftOut: columns.filter(isLeftOut).map(({ title }) => title) };
}

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

const defaultWidth = 80;
const narrowestTerminal = 20;

/** The width of a terminal that may not say it, or say nonsense. */
function terminalWidth(width: number): number {
  return width > 0 ? Math.max(width, narrowestTerminal) : defaultWidth;
}

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
  return {
    width,
    rank,
    narrowest: least,
    comfortable: isEssential ? Math.min(width, Math.max(least, longestComfort)) : least,
  };
}

/** The width that each column gets so that the table fits into the room, 0 for those that had to go. */
export function fitColumns(sizes: readonly ColumnSize[], room: number, spacing: Spacing): number[] {
  const kept = new Set(sizes.filter(({ width }) => width > 0));
  const total = (widths: readonly number[]) => tableWidth(widths, spacing);
  drop(kept, essentialRank, () => total([...kept].map(({ comfortable }) => comfortable)) > room);
  drop(kept, 0, () => total([...kept].map((size) => size.narrowest)) > room);
  const widths = sizes.map((size) => (kept.has(size) ? size.width : 0));
  for (const limit of ['comfortable', 'narrowest'] as const) {
    while (total(widths) > room && narrowWidest(widths, sizes, limit));
  }
  return widths;
}

function tableWidth(widths: readonly number[], { each, once }: Spacing): number {
  return widths.reduce((sum, width) => (width === 0 ? sum : sum + width + each), once);
}

/** Takes the least important columns away, as long as there is one above this rank and it is too much. */
function drop(kept: Set<ColumnSize>, rank: number, isTooMuch: () => boolean): void {
  while (isTooMuch()) {
    const last = [...kept].reduce<ColumnSize | undefined>(
      (worst, size) => (size.rank > (worst?.rank ?? rank) ? size : worst),
      undefined,
    );
    if (last === undefined) return;
    kept.delete(last);
  }
}

/** Takes one from the widest column that can still give; false if none can. */
function narrowWidest(widths: number[], sizes: readonly ColumnSize[], limit: 'comfortable' | 'narrowest'): boolean {
  let widest: number | undefined;
  for (const [index, size] of sizes.entries()) {
    const width = widths[index] ?? 0;
    if (width > size[limit] && width > (widths[widest ?? -1] ?? 0)) widest = index;
  }
  if (widest === undefined) return false;
  widths[widest] = (widths[widest] ?? 0) - 1;
  return true;
}

/** A table with borders, fitted to the terminal. The home of cli-table3, which slows down beyond some hundred rows. */
export async function drawTable(
  columns: readonly TextColumn[],
  rows: readonly TextRow[],
  { style, head = style.bold, width: room, leftOut: tell }: Paper,
): Promise<string> {
  const { default: Table } = await import('cli-table3');
  const needed = columns.map((column, place) => isNeeded(column, place, rows));
  const { widths, leftOut } = fittedWidths(columns, rows, { width: room, spacing: bordered, isNeeded: needed });
  if (leftOut.length > 0) tell?.(leftOut);
  const painted: string[] = [];
  // It counts some combining marks as columns, and looks for colors at quadratic cost: it lays out stand-ins of the right
  // width.
  const line = (row: TextRow, paintOf: (column: TextColumn) => Paint | undefined) =>
    columns.flatMap((column, index) => {
      const width = widths[index] ?? 0;
      if (width === 0) return [];
      const text = truncateToWidth(row[index] ?? '', width);
      painted.push(paintOf(column)?.(text) ?? text);
      return [placeholder.repeat(widthOf(text))];
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
