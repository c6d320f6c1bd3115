import type { FileFormat } from './format.ts';
import { jsonRecords } from './json-records.ts';

/** One row as it stands in the file. */
export interface FileRecord {
  /** Where it begins, counted from 1. */
  readonly line: number;
  /** The same array for all rows, where a header names them for all. */
  readonly columns: readonly string[];
  /** Texts, or in JSON anything; one for each column, or the row is wrong. */
  readonly cells: readonly unknown[];
  /** The line that names the columns; it has no cells. */
  readonly isHeader?: true;
}

/** The rows of a file, one by one. Throws `Unreadable` where it cannot be read on. */
export async function* recordsOf(text: Buffer, format: FileFormat): AsyncGenerator<FileRecord> {
  if (format.kind === 'lines') yield* lineRecords(text);
  if (format.kind === 'json') yield* jsonRecords(text);
  if (format.kind === 'csv') {
    const { csvRecords } = await import('./csv.ts');
    yield* csvRecords(text, format.delimiter);
  }
}

const justEmail = ['email'] as const;

function* lineRecords(text: Buffer): Generator<FileRecord> {
  let line = 0;
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf(10, start);
    const stop = end < 0 ? text.length : end;
    line += 1;
    // No address is longer, and a file without line ends is not to be copied whole.
    const cell = text.toString('utf8', start, Math.min(stop, start + 1000)).trim();
    if (cell !== '') yield { line, columns: justEmail, cells: [cell] };
    start = stop + 1;
  }
}
