/** The width of a page, which fits the usual terminal. */
const columns = 80;

/**
 * Lays out a text with empty lines between its paragraphs. A paragraph is filled to the width of the page. Lines that
 * begin with two blanks stay as they are; if each is a term, two blanks or more, and its meaning, they are drawn in two
 * columns. A line above them is their title.
 */
export function page(text: string): string {
  return `${text
    .trim()
    .split(/\n{2,}/)
    .map(laidOut)
    .join('\n\n')}\n`;
}

/** The lines of terms and their meanings, for a page. */
export function rows(terms: readonly (readonly [term: string, meaning: string])[]): string {
  return terms.map(([term, meaning]) => `  ${term}  ${meaning}`).join('\n');
}

function laidOut(paragraph: string): string {
  const lines = paragraph.split('\n');
  const begin = lines.findIndex((line) => line.startsWith('  '));
  if (begin < 0) return wrap(paragraph, columns).join('\n');
  const indented = lines.slice(begin);
  const terms = indented.flatMap((line) => {
    const [, term, meaning] = /^ {2}( *\S.*?) {2,}(\S.*)$/.exec(line) ?? [];
    return term === undefined || meaning === undefined ? [] : [[term, meaning] as const];
  });
  const drawn = terms.length === indented.length ? inColumns(terms) : indented;
  return [...lines.slice(0, begin), ...drawn].join('\n');
}

function inColumns(terms: readonly (readonly [term: string, meaning: string])[]): string[] {
  const width = Math.max(...terms.map(([term]) => term.length)) + 4;
  return terms.flatMap(([term, meaning]) => {
    const [first = '', ...more] = wrap(meaning, columns - width);
    return [`  ${term}`.padEnd(width) + first, ...more.map((line) => ' '.repeat(width) + line)];
  });
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.trim().split(/\s+/)) {
    const longer = `${lines.at(-1) ?? ''} ${word}`;
    if (lines.length > 0 && longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
