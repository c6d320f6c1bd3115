import { formatRole, type Role } from '../confluent/roles.ts';
import { EmailIndex, GrowableUint32Array } from '../invitations/by-email.ts';
import type { EmailRules } from '../invitations/email.ts';
import type { AuthType } from '../invitations/invitation.ts';
import { type ColumnMapping, ignoredColumns, knownColumns, mapColumns, repeatedColumn } from './columns.ts';
import { type FileProblem, FileProblems } from './problems.ts';
import { type FileRecord, UnreadableRecord } from './record.ts';
import { formatOf, recordsOf } from './records.ts';
import { type Row, rowParser } from './row.ts';

/** Rows of the longest file that is taken. */
export const mostRows = 100_000;

/** A file that may be carried out. */
export interface Rows {
  /** One for each person, in the order of the file. */
  readonly rows: RowsByEmail;
  /** Columns that mean nothing here and are carried along. */
  readonly carried: readonly string[];
  /** Rows whose person stood in the file before: their roles were added to the first. */
  readonly repeated: readonly { readonly email: string; readonly line: number }[];
  readonly repetitions: number;
}

/** How a file is read. */
export interface RowOptions extends EmailRules {
  /** Is told what is wrong with a line as soon as it is found. */
  readonly hear?: (complaint: FileProblem) => void;
}

/** Reads and checks all of it. Throws one error with everything that is wrong, each with its line. */
export async function readRows(text: Buffer, name: string, reader: RowOptions = {}): Promise<Rows> {
  const reading = new Reading(reader);
  const format = formatOf(text);
  if (format === undefined) reading.complaints.add(1, 'the file is empty');
  try {
    if (format !== undefined) for await (const record of recordsOf(text, format)) reading.take(record);
  } catch (error) {
    if (!(error instanceof UnreadableRecord)) throw error;
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
  readonly complaints: FileProblems;
  readonly #rows = new RowsByEmail();
  readonly #read: ReturnType<typeof rowParser>;
  readonly #repeated: { email: string; line: number }[] = [];
  readonly #carried = new Set<string>();
  #repetitions = 0;
  #count = 0;
  #columns: readonly string[] | undefined;
  #meanings: ColumnMapping = mapColumns([]);

  constructor({ hear, ...rules }: RowOptions) {
    this.complaints = new FileProblems(hear);
    this.#read = rowParser(rules);
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
    if (this.#count > mostRows) throw new UnreadableRecord(line, `the file has more than ${mostRows} rows`);
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
    this.#meanings = mapColumns(columns);
    for (const column of ignoredColumns(columns, this.#meanings))
      if (this.#carried.size < 100) this.#carried.add(column);
    const twice = repeatedColumn(columns);
    if (twice !== undefined) throw new UnreadableRecord(line, `the column "${twice}" stands there twice`);
    if (this.#meanings.email !== undefined) return;
    const hasAddress = columns.some((column) => column.includes('@'));
    const words = hasAddress
      ? 'it holds an address, but the first line names the columns'
      : 'there is no column "email"';
    throw new UnreadableRecord(line, `${words}; known columns: ${knownColumns}`);
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
    this.#rows.set({ ...first, authType, roles: mergeRoles(first.roles, row.roles) });
  }
}

/** All roles of both, each once. */
export function mergeRoles(first: readonly Role[], more: readonly Role[]): readonly Role[] {
  if (more.length === 0) return first;
  if (first.length === 0) return more;
  const known = new Set(first.map(formatRole));
  return [...first, ...more.filter((role) => !known.has(formatRole(role)))];
}

const authTypeCodes: readonly (AuthType | undefined)[] = [undefined, 'sso', 'local'];

/** The people of a file, each once, found by their address. What their rows say is kept as numbers, too. */
export class RowsByEmail {
  readonly #addresses = new EmailIndex();
  readonly #lines = new GrowableUint32Array();
  readonly #roles = new GrowableUint32Array();
  readonly #authTypes = new GrowableUint32Array();
  readonly #roleLists: (readonly Role[])[] = [[]];
  readonly #roleNumbers = new Map<readonly Role[], number>();

  get size(): number {
    return this.#addresses.size;
  }

  has(email: string): boolean {
    return this.#addresses.numberOf(email) !== undefined;
  }

  /** The row of this person, if there is one. */
  get(email: string): Row | undefined {
    const number = this.#addresses.numberOf(email);
    return number === undefined ? undefined : this.#row(number);
  }

  /** Adds a person, or gives the one that is there another row. */
  set(row: Row): void {
    const number = this.#addresses.add(row.email);
    this.#lines.set(number, row.line);
    this.#roles.set(number, this.#numberOf(row.roles));
    this.#authTypes.set(number, authTypeCodes.indexOf(row.authType));
  }

  *[Symbol.iterator](): Generator<Row> {
    for (let number = 0; number < this.size; number += 1) yield this.#row(number);
  }

  #row(number: number): Row {
    return {
      line: this.#lines.at(number),
      email: this.#addresses.at(number),
      authType: authTypeCodes[this.#authTypes.at(number)],
      roles: this.#roleLists[this.#roles.at(number)] ?? [],
    };
  }

  #numberOf(roles: readonly Role[]): number {
    if (roles.length === 0) return 0;
    const number = this.#roleNumbers.get(roles) ?? this.#roleLists.push(roles) - 1;
    this.#roleNumbers.set(roles, number);
    return number;
  }
}
