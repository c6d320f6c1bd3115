import { UnreadableFile } from './problems.ts';

/** A file as a table, whatever its format is. */
export interface Table {
  /** Of objects in JSON, the names in any of them. */
  readonly columns: readonly string[];
  /** The line that names the columns; undefined if each row names its own. */
  readonly header?: number;
  readonly rows: readonly TableRow[];
  /** Sentences about what stands around the rows. */
  readonly notes: readonly string[];
}

export interface TableRow {
  /** Its first line, from 1. */
  readonly line: number;
  /** With a header, the row is invalid unless there is one for each column. */
  readonly cells: readonly string[];
}

/** Rows of the longest file that is accepted. */
export const mostRows = 100_000;

export const mostColumns = 1000;

/** Adds a row. Throws `UnreadableFile` if there are too many. */
export function addRow(rows: TableRow[], row: TableRow): void {
  if (rows.length >= mostRows) throw new UnreadableFile(row.line, `the file has more than ${mostRows} rows`);
  rows.push(row);
}
