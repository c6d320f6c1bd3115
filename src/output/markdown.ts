import { clean } from '../text/sanitize.ts';

/** A table as GitHub draws it. Every cell is text: nothing in it makes a link, a tag or another row. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => undefined), ...rows];
  return lines
    .map((cells) => `| ${cells.map((cell) => (cell === undefined ? '---' : escaped(cell))).join(' | ')} |\n`)
    .join('');
}

/** The text as Markdown that shows just it, on one line. */
export function escaped(text: string): string {
  return clean(text).replace(/[\\`*_~[\]<>|&#!$]/g, '\\$&');
}
