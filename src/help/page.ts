/** The width of a page, which fits the usual terminal. */
const columns = 80;

/** Terms and their meanings, in two columns. */
export function terms(rows: readonly (readonly [term: string, meaning: string])[]): string {
  const width = Math.max(...rows.map(([term]) => term.length)) + 4;
  return rows
    .map(([term, meaning]) => {
      const [first = '', ...more] = wrap(meaning, columns - width);
      return [`  ${term}`.padEnd(width) + first, ...more.map((line) => ' '.repeat(width) + line)].join('\n');
    })
    .join('\n');
}

/** Running text, filled to the width of the page. */
export function prose(text: string): string {
  return wrap(text.replace(/\s+/g, ' ').trim(), columns).join('\n');
}

/** Paragraphs with an empty line between them. */
export function page(...parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n`;
}

export function commands(...lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join('\n');
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1) ?? ''} ${word}`;
    if (lines.length > 0 && longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
