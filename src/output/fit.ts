/** A column and the space it would like. */
export interface Wish {
  readonly width: number;
  /** As narrow as it may become; below that it goes. */
  readonly least: number;
  /** The highest goes first where space is short; 0 always stays. */
  readonly rank: number;
}

/** The width that each column gets so that a bordered table fits into the room, 0 for those that had to go. */
export function fitColumns(wishes: readonly Wish[], room: number): number[] {
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

function leastImportant(kept: ReadonlySet<Wish>): Wish | undefined {
  const droppable = [...kept].filter((wish) => wish.rank > 0);
  return droppable.reduce<Wish | undefined>((last, wish) => (wish.rank > (last?.rank ?? 0) ? wish : last), undefined);
}

/** Takes one from the widest column that can still give; false if none can. */
function narrowWidest(widths: number[], wishes: readonly Wish[]): boolean {
  let widest: number | undefined;
  for (const [index, { least }] of wishes.entries()) {
    const width = widths[index] ?? 0;
    if (width > least && width > (widths[widest ?? -1] ?? 0)) widest = index;
  }
  if (widest === undefined) return false;
  widths[widest] = (widths[widest] ?? 0) - 1;
  return true;
}
