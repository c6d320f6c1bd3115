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
  readonly hints: readonly string[];

  constructor(line: number, message: string, hints: readonly string[] = []) {
    super(message);
    this.line = line;
    this.hints = hints;
  }
}

/** An object of a document, with the line that it begins in; its keys are in their order, each once. */
export class Mapping {
  readonly line: number;
  readonly keys: string[] = [];
  readonly values: unknown[] = [];

  constructor(line: number) {
    this.line = line;
  }

  add(key: string, value: unknown): void {
    this.keys.push(key);
    this.values.push(value);
  }

  get(key: string): unknown {
    return this.values[this.keys.indexOf(key)];
  }
}

/** A cell as text, as written to a file. */
export function cellText(cell: unknown): string {
  if (typeof cell === 'string') return cell.trim();
  if (cell === null || cell === undefined) return '';
  try {
    return typeof cell === 'object' ? JSON.stringify(plain(cell)) : String(cell);
  } catch {
    // Nested too deeply.
    return '…';
  }
}

/** A value as `JSON.parse` has it. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  return value instanceof Mapping
    ? Object.fromEntries(value.keys.map((key, at) => [key, plain(value.values[at])]))
    : value;
}
