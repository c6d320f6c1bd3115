import stringWidth from 'fast-string-width';

const ascii = /^[\x20-\x7e]*$/;
/** A character with all that combines with it, or a flag; joiners never get here, `clean` spells them out. */
const grapheme = /\p{RI}{2}|.[\p{M}\p{Emoji_Modifier}]*/gsu;
/** UTF-16 units for each column that a cell may take; more combining marks than this are an attack or a mistake. */
const unitsPerColumn = 4;

/** Columns that a cleaned text takes on a terminal. The home of fast-string-width. */
export function widthOf(text: string): number {
  if (ascii.test(text)) return text.length;
  return stringWidth(text);
}

/** The text in at most this many columns, with `…` for what was cut off its end; a character is never cut in two. */
export function truncateToWidth(text: string, width: number): string {
  if (ascii.test(text)) return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
  const mostUnits = width * unitsPerColumn;
  if (text.length <= mostUnits && stringWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const [piece] of text.slice(0, mostUnits + 1).matchAll(grapheme)) {
    used += widthOf(piece);
    if (used >= width || kept.length + piece.length > mostUnits) break;
    kept += piece;
  }
  return `${kept}…`;
}
