/** One row of the file, before it is checked. */
export interface FileRecord {
  /** The first line of the row, from 1. */
  readonly line: number;
  /** With a header, the same array for all rows. */
  readonly columns: readonly string[];
  /** Texts, or any values in JSON; a row is invalid unless it has one for each column. */
  readonly cells: readonly unknown[];
  /** Set for the header, which has no cells. */
  readonly isHeader?: true;
}

/** A problem after which the rest of the file cannot be read. */
export class UnreadableRecord extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}
