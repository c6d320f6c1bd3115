import { columnMeanings } from './columns.ts';

/** How the rows of a file are written. */
export type FileFormat =
  | { readonly kind: 'json' }
  | { readonly kind: 'lines' }
  | { readonly kind: 'csv'; readonly delimiter: ',' | ';' | '\t' };

/** Told by what is in it, for names lie and stdin has none. Undefined if there is nothing in it. */
export function formatOf(text: Buffer): FileFormat | undefined {
  const line = firstLine(text);
  if (line === '') return undefined;
  if (/^\s*[[{]/.test(line)) return { kind: 'json' };
  const delimiter = delimiterOf(line);
  if (delimiter !== undefined) return { kind: 'csv', delimiter };
  const isHeader = columnMeanings([line.replace(/^"(.*)"$/, '$1')]).email !== undefined;
  return isHeader ? { kind: 'csv', delimiter: ',' } : { kind: 'lines' };
}

/** The first line that is not empty, as far as anybody would read a header. */
function firstLine(text: Buffer): string {
  const start = text.toString('utf8', 0, 1 << 16).trimStart();
  return /^[^\r\n]*/.exec(start)?.[0] ?? '';
}

/** The most frequent one outside of quotes. */
function delimiterOf(line: string): ',' | ';' | '\t' | undefined {
  const plain = line.replace(/"[^"]*"/g, '');
  let best: { delimiter: ',' | ';' | '\t'; count: number } | undefined;
  for (const delimiter of [',', ';', '\t'] as const) {
    const count = plain.split(delimiter).length - 1;
    if (count > (best?.count ?? 0)) best = { delimiter, count };
  }
  return best?.delimiter;
}
