/** One row as it is in the file. */
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

/** The rest of the file cannot be read. */
export class UnreadableRecord extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}
