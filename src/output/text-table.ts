import { escapeWorkflowCommands } from '../text/sanitize.ts';
import { truncateToWidth, widthOf } from '../text/width.ts';
import type { Paint, Style } from './style.ts';
import type { Column } from './view.ts';

/** A column of texts. */
export interface TextColumn extends Pick<Column, 'title' | 'rank' | 'narrowest' | 'typical' | 'optional'> {
  /** Named in `--fields`: it is always shown, and of several the last go first. */
  readonly isRequested?: boolean;
  /** Aligned to the right. */
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
  /** Instead of bold. */
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

/** A whole table without borders. */
export function tableText(columns: readonly TextColumn[], rows: readonly TextRow[], paper: Paper): string {
  return new PlainTable(columns, paper).text(rows);
}

interface Layout {
  /** The columns that are shown, by their places. */
  readonly places: readonly number[];
  /** 0 for a column that there is no room for. */
  readonly widths: readonly number[];
  /** Taken from a full page; what comes in smaller pieces may still widen the columns. */
  readonly isFull: boolean;
}

/**
 * A table without borders, written as its rows come: each call turns more of them into text, the first one with the
 * head, if there is a title. The columns keep the widths of a full page, with room for the longest usual values: a longer
 * cell moves the rest of its own line only. A terminal's lines are fitted to its width; a pipe's are never cut.
 */
export class PlainTable {
  readonly #columns: readonly TextColumn[];
  readonly #paper: Paper;
  #layout: Layout | undefined;

  constructor(columns: readonly TextColumn[], paper: Paper) {
    this.#columns = columns;
    this.#paper = paper;
  }

  text(rows: readonly TextRow[]): string {
    if (rows.length === 0) return '';
    const before = this.#layout;
    const needed = new Set([...(before?.places ?? []), ...neededPlaces(this.#columns, rows)]);
    const places = [...needed].sort((a, b) => a - b);
    if (before !== undefined && places.length === before.places.length) {
      const isFixed = before.isFull || this.#paper.width !== undefined;
      const layout = isFixed ? before : { ...before, widths: widest(before.widths, this.#widths(places, rows)) };
      this.#layout = layout;
      return this.#lines(rows, layout);
    }
    const layout = { places, widths: this.#widths(places, rows), isFull: this.#isFull(rows) };
    this.#layout = layout;
    // A column that turns out to be needed later begins another table below the first.
    return (before === undefined ? '' : '\n') + this.#head(layout) + this.#lines(rows, layout);
  }

  #isFull(rows: readonly TextRow[]): boolean {
    return this.#paper.isOpenEnded === true || rows.length >= fullPage;
  }

  #widths(places: readonly number[], rows: readonly TextRow[]): number[] {
    const columns = placed(this.#columns, places);
    const isFull = this.#isFull(rows);
    const least = ({ typical = 0 }: TextColumn) => Math.max(narrowestColumn, isFull ? typical : 0);
    const cells = rows.map((row) => placed(row, places));
    return fittedWidths(columns, cells, { paper: this.#paper, spacing: borderless, least });
  }

  #head(layout: Layout): string {
    const titles = this.#columns.map(({ title }) => title);
    if (titles.every((title) => title === '')) return '';
    const { head = this.#paper.style.bold } = this.#paper;
    return this.#line(titles, layout, () => head);
  }

  #lines(rows: readonly TextRow[], layout: Layout): string {
    const text = rows.map((row) => this.#line(row, layout, ({ paint }) => paint)).join('');
    return escapeWorkflowCommands(text);
  }

  #line(row: TextRow, { places, widths }: Layout, paintOf: (column: TextColumn) => Paint | undefined): string {
    let text = '';
    let missing = 0;
    for (const [index, place] of places.entries()) {
      const width = widths[index] ?? 0;
      const column = this.#columns[place];
      if (width === 0 || column === undefined) continue;
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

/** The columns that at least one row has something in, or that are always shown. */
export function neededPlaces(columns: readonly TextColumn[], rows: readonly TextRow[]): number[] {
  const isNeeded = ({ isRequested, optional }: TextColumn, place: number) =>
    isRequested || optional !== true || rows.some((row) => row[place] !== '-');
  return columns.flatMap((column, place) => (isNeeded(column, place) ? [place] : []));
}

export function placed<T>(items: readonly T[], places: readonly number[]): T[] {
  return items.filter((_, index) => places.includes(index));
}

function widest(widths: readonly number[], others: readonly number[]): number[] {
  return widths.map((width, index) => Math.max(width, others[index] ?? 0));
}

/** What stands between columns, in columns of the terminal: `each` for every one of them, `once` for the whole line. */
interface Spacing {
  readonly each: number;
  readonly once: number;
}

export const bordered: Spacing = { each: 3, once: 1 };
export const borderless: Spacing = { each: gap, once: -gap };

interface Fitting {
  readonly paper: Paper;
  readonly spacing: Spacing;
  /** The least width of a column, whatever is in it. */
  least?(column: TextColumn): number;
}

/** The width that each column gets, 0 for those that there is no room for, which are told. */
export function fittedWidths(
  columns: readonly TextColumn[],
  rows: readonly TextRow[],
  { paper, spacing, least = () => 0 }: Fitting,
): number[] {
  const widths = columns.map((column, index) =>
    rows.reduce(
      (width, row) => Math.max(width, widthOf(row[index] ?? '')),
      Math.max(widthOf(column.title), least(column)),
    ),
  );
  if (paper.width === undefined) return widths;
  const sizes = columns.map((column, index) => columnSize(column, widths[index] ?? 0, index));
  const fitted = fitColumns(sizes, terminalWidth(paper.width), spacing);
  const leftOut = columns.filter((_, index) => fitted[index] === 0).map(({ title }) => title);
  if (leftOut.length > 0) paper.leftOut?.(leftOut);
  return fitted;
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
  const kept = new Set(sizes);
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
  paper: Paper,
): Promise<string> {
  const { default: Table } = await import('cli-table3');
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
