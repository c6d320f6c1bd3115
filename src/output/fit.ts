import type { TableColumn } from './cells.ts';
import type { RenderOptions } from './view.ts';

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

/** What stands between columns, in columns of the terminal: `each` for every one of them, `once` for the whole line. */
interface Spacing {
  readonly each: number;
  readonly once: number;
}

export const bordered: Spacing = { each: 3, once: 1 };
export const borderless: Spacing = { each: 2, once: -2 };

/** The highest rank of a column that tells one row from another. */
const essentialRank = 2;

const defaultWidth = 80;
const narrowestTerminal = 20;

/** The width of a terminal that may not say it, or say nonsense. */
export function terminalWidth(width: number): number {
  return width > 0 ? Math.max(width, narrowestTerminal) : defaultWidth;
}

type Narrowing = Pick<TableColumn, 'rank' | 'narrowest' | 'isRequested'>;

/** To what a long cell is shortened before its column goes. */
const narrowest = { usual: 16, requested: 8 };
/** An address longer than this may be shortened while there are less important columns. */
const longestComfort = 30;

/** The space that a column would like whose longest cell has this width. Of those that were asked for, the last go first. */
export function columnSize(column: Narrowing, width: number, index: number): ColumnSize {
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

/** Says which columns there was no room for. */
export function tellLeftOut(
  columns: readonly { readonly title: string }[],
  widths: readonly number[],
  { leftOut }: Pick<RenderOptions, 'leftOut'>,
): void {
  const titles = columns.filter((_, index) => widths[index] === 0).map(({ title }) => title);
  if (titles.length > 0) leftOut?.(titles);
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
