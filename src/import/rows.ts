import type { EmailRules } from '../invitations/email.ts';
import { formatRole, type Role } from '../roles/role.ts';
import { columnMeanings, knownColumns, type Meanings, otherColumns, repeatedColumn } from './columns.ts';
import { type Complaint, Complaints, Unreadable } from './complaints.ts';
import { formatOf } from './format.ts';
import { People } from './people.ts';
import { type FileRecord, recordsOf } from './records.ts';
import { type Row, rowReader } from './row.ts';

/** Rows of the longest file that is taken. */
export const mostRows = 100_000;

/** A file that may be carried out. */
export interface Rows {
  /** One for each person, in the order of the file. */
  readonly rows: People;
  /** Columns that mean nothing here and are carried along. */
  readonly carried: readonly string[];
  /** Rows whose person stood in the file before: their roles were added to the first. */
  readonly repeated: readonly { readonly email: string; readonly line: number }[];
  readonly repetitions: number;
}

/** How a file is read. */
export interface Reader extends EmailRules {
  /** Is told what is wrong with a line as soon as it is found. */
  readonly hear?: (complaint: Complaint) => void;
}

/** Reads and checks all of it. Throws one error with everything that is wrong, each with its line. */
export async function readRows(text: Buffer, name: string, reader: Reader = {}): Promise<Rows> {
  const reading = new Reading(reader);
  const format = formatOf(text);
  if (format === undefined) reading.complaints.add(1, 'the file is empty');
  try {
    if (format !== undefined) for await (const record of recordsOf(text, format)) reading.take(record);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    reading.complaints.add(error.line, error.message);
  }
  const isPlain = format?.kind === 'lines';
  reading.complaints.throwIfAny(
    name,
    isPlain ? [`a table begins with a line that names its columns: ${knownColumns}`] : [],
  );
  return reading.rows();
}

/** Repetitions that are named; the others are counted. */
const named = 10;

class Reading {
  readonly complaints: Complaints;
  readonly #rows = new People();
  readonly #read: ReturnType<typeof rowReader>;
  readonly #repeated: { email: string; line: number }[] = [];
  readonly #carried = new Set<string>();
  #repetitions = 0;
  #count = 0;
  #columns: readonly string[] | undefined;
  #meanings: Meanings = columnMeanings([]);

  constructor({ hear, ...rules }: Reader) {
    this.complaints = new Complaints(hear);
    this.#read = rowReader(rules);
  }

  rows(): Rows {
    return {
      rows: this.#rows,
      carried: [...this.#carried],
      repeated: this.#repeated,
      repetitions: this.#repetitions,
    };
  }

  take(record: FileRecord): void {
    const { line, columns, cells } = record;
    if (columns !== this.#columns) this.#learn(record);
    if (record.isHeader) return;
    this.#count += 1;
    if (this.#count > mostRows) throw new Unreadable(line, `the file has more than ${mostRows} rows`);
    if (cells.length !== columns.length) {
      this.complaints.add(line, `it has ${cells.length} cells, the first line names ${columns.length} columns`);
      return;
    }
    const read = this.#read(record, this.#meanings);
    if ('row' in read) this.#add(read.row);
    else for (const { words, kind } of read.problems) this.complaints.add(line, words, kind);
  }

  /** What the columns mean. A header tells it once, an object of JSON for itself. */
  #learn({ columns, line }: FileRecord): void {
    this.#columns = columns;
    this.#meanings = columnMeanings(columns);
    for (const column of otherColumns(columns, this.#meanings)) if (this.#carried.size < 100) this.#carried.add(column);
    const twice = repeatedColumn(columns);
    if (twice !== undefined) throw new Unreadable(line, `the column "${twice}" stands there twice`);
    if (this.#meanings.email !== undefined) return;
    const hasAddress = columns.some((column) => column.includes('@'));
    const words = hasAddress
      ? 'it holds an address, but the first line names the columns'
      : 'there is no column "email"';
    throw new Unreadable(line, `${words}; known columns: ${knownColumns}`);
  }

  #add(row: Row): void {
    const first = this.#rows.get(row.email);
    if (first === undefined) {
      this.#rows.set(row);
      return;
    }
    this.#repetitions += 1;
    if (this.#repeated.length < named) this.#repeated.push({ email: row.email, line: row.line });
    if (first.authType !== row.authType && row.authType !== undefined && first.authType !== undefined) {
      this.complaints.add(row.line, `"${row.email}" has another auth_type than in line ${first.line}`);
    }
    const authType = first.authType ?? row.authType;
    this.#rows.set({ ...first, authType, roles: together(first.roles, row.roles) });
  }
}

/** All roles of both, each once. */
export function together(first: readonly Role[], more: readonly Role[]): readonly Role[] {
  if (more.length === 0) return first;
  if (first.length === 0) return more;
  const known = new Set(first.map(formatRole));
  return [...first, ...more.filter((role) => !known.has(formatRole(role)))];
}
