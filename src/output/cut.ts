/**
 * The beginning of a text that is far too long, with `…` for the rest: at most so many UTF-16 units, and no character
 * cut in two. Columns of a terminal are counted by `cutTo`, which has to load what knows the widths.
 */
export function cutOff(text: string, units: number): string {
  if (text.length <= units) return text;
  const kept = text.slice(0, units - 1);
  const isCut = /[\ud800-\udbff]$/.test(kept);
  return `${isCut ? kept.slice(0, -1) : kept}…`;
}
