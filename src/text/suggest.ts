import distance from 'leven';

/** The only known word with this beginning, or the nearest one within two edits and half the length of what was typed. */
export function nearest(typed: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.min(2, Math.floor(typed.length / 2)) + 1;
  if (typed.length > 64) return undefined;
  const beginning = known.filter((word) => typed.length > 2 && word.startsWith(typed));
  if (beginning.length === 1) return beginning[0];
  for (const word of known) {
    const edits = distance(typed.toLowerCase(), word.toLowerCase());
    if (edits < bestDistance) [best, bestDistance] = [word, edits];
  }
  return best;
}

/** A hint with the nearest known word, or no hint. */
export function didYouMean(typed: string, known: readonly string[]): string[] {
  const suggestion = nearest(typed, known);
  return suggestion === undefined ? [] : [`did you mean "${suggestion}"?`];
}
