import { EmailMap, type EmailRules } from '../api/email.ts';
import { formatRole, type Role } from '../api/roles.ts';
import { shellQuote } from '../text/shell.ts';
import { AddressColumns, RoleColumns } from './column-contents.ts';
import {
  type ColumnHeadings,
  type ColumnMapping,
  formatColumns,
  ignoredColumns,
  knownColumns,
  mapColumns,
  missingHeading,
  repeatedColumn,
} from './columns.ts';
import { type FileProblem, FileProblems } from './problems.ts';
import { type FileRecord, UnreadableRecord } from './record.ts';
import { firstLine, formatOf, recordsOf } from './records.ts';
import { type Row, rowParser } from './row.ts';

/** Rows of the longest file that is accepted. */
export const mostRows = 100_000;

/** What was read from a file without a mistake in it. */
export interface Rows {
  /** One for each person, in the order of the file. */
  readonly rows: EmailMap<Row>;
  /** Columns that nothing is read from. */
  readonly ignored: readonly string[];
  /** Those among them whose cells all look like roles, with some of the cells. */
  readonly roleColumns: ReadonlyMap<string, string>;
  /** The column that the roles were read from. */
  readonly roleColumn: string | undefined;
  /** Rows of somebody who is in the file before: their roles were added to the first. */
  readonly repeated: readonly { readonly email: string; readonly line: number }[];
  readonly repetitions: number;
}

/** How a file is read. */
interface RowOptions extends EmailRules {
  /** What `--columns` says. */
  readonly headings?: ColumnHeadings;
  /** Is called with what is wrong with a line as soon as it is found. */
  readonly onProblem?: (problem: FileProblem) => void;
}

/** Reads and checks all of it. Throws one error with everything that is wrong, each with its line. */
export async function readRows(text: Buffer, name: string, options: RowOptions = {}): Promise<Rows> {
  const reader = new RowReader(options);
  const { problems } = reader;
  const format = formatOf(text, options.headings);
  if (format === undefined) problems.add(1, 'the file is empty');
  try {
    if (format !== undefined) await reader.readAll(recordsOf(text, format));
  } catch (error) {
    if (!(error instanceof UnreadableRecord)) throw error;
    problems.add(error.line, error.message);
  }
  problems.throwIfAny(name, [...reader.hints, ...(format?.kind === 'lines' ? hintsForLines(text) : [])]);
  return reader.rows();
}

function hintsForLines(text: Buffer): string[] {
  const line = firstLine(text).trim();
  const isHeading = !line.includes('@') && line.length < 100;
  const columns = shellQuote(formatColumns(new Map([['email', line]])));
  return [
    ...(isHeading ? [`if the first line is a heading: --columns ${columns}`] : []),
    `a table begins with a line that names its columns: ${knownColumns}`,
  ];
}

/** Repetitions that are named; the others are counted. */
const named = 10;

const mostIgnored = 100;

class RowReader {
  readonly problems: FileProblems;
  readonly hints: string[] = [];
  readonly #headings: ColumnHeadings;
  readonly #rows = new EmailMap<Row>();
  readonly #parse: ReturnType<typeof rowParser>;
  readonly #repeated: { email: string; line: number }[] = [];
  readonly #ignored = new Set<string>();
  readonly #roleColumns = new RoleColumns();
  #roleColumn: string | undefined;
  #repetitions = 0;
  #count = 0;
  #columns: readonly string[] | undefined;
  #mapping: ColumnMapping = mapColumns([]);

  constructor({ onProblem, headings = new Map(), ...rules }: RowOptions) {
    this.problems = new FileProblems(onProblem);
    this.#headings = headings;
    this.#parse = rowParser(rules);
  }

  rows(): Rows {
    return {
      rows: this.#rows,
      ignored: [...this.#ignored],
      roleColumns: this.#headings.has('role') ? new Map() : this.#roleColumns.found(),
      roleColumn: this.#roleColumn,
      repeated: this.#repeated,
      repetitions: this.#repetitions,
    };
  }

  /** Throws `UnreadableRecord` where the rest cannot be read. */
  async readAll(records: AsyncIterable<FileRecord>): Promise<void> {
    for await (const record of records) {
      if (record.columns !== this.#columns) this.#learn(record);
      // Awaited here: to leave the loop would end the records that are still to be read.
      if (this.#mapping.email === undefined) return await this.#refuse(record, records);
      if (!record.isHeader) this.#take(record);
    }
  }

  #take(record: FileRecord): void {
    const { line, columns, cells } = record;
    this.#count += 1;
    if (this.#count > mostRows) throw new UnreadableRecord(line, `the file has more than ${mostRows} rows`);
    if (cells.length !== columns.length) {
      this.problems.add(line, `it has ${cells.length} cells, the first line names ${columns.length} columns`);
      return;
    }
    this.#roleColumns.see(record, this.#mapping);
    const parsed = this.#parse(record, this.#mapping);
    if ('row' in parsed) this.#add(parsed.row);
    else for (const { words, kind } of parsed.problems) this.problems.add(line, words, kind);
  }

  /** What the columns mean. A header says it once, an object of JSON for itself. */
  #learn({ columns, line, isHeader }: FileRecord): void {
    this.#columns = columns;
    this.#mapping = mapColumns(columns, this.#headings);
    this.#roleColumn ??= columns[this.#mapping.role ?? -1];
    for (const column of ignoredColumns(columns, this.#mapping))
      if (this.#ignored.size < mostIgnored) this.#ignored.add(column);
    const twice = repeatedColumn(columns);
    if (twice !== undefined) throw new UnreadableRecord(line, `the column "${twice}" appears twice`);
    const missing = isHeader ? missingHeading(columns, this.#headings) : undefined;
    if (missing === undefined) return;
    const names = columns.map((column) => `"${column}"`).join(', ');
    throw new UnreadableRecord(line, `there is no column "${missing}"; the columns are ${names}`);
  }

  /** Without a column of addresses: names the one that looks like it, for which some of the rows are read. */
  async #refuse({ line, columns, cells, isHeader }: FileRecord, rest: AsyncIterable<FileRecord>): Promise<never> {
    const candidates = new AddressColumns(columns);
    if (!isHeader) candidates.see(cells);
    else for await (const record of rest) if (!candidates.see(record.cells)) break;
    const [column] = columns.some((name) => name.includes('@')) ? [] : candidates.found();
    if (column !== undefined) {
      this.hints.push(`--columns ${shellQuote(formatColumns(new Map([...this.#headings, ['email', column]])))}`);
      throw new UnreadableRecord(line, `there is no column "email"; the column "${column}" looks like addresses`);
    }
    const words = columns.some((name) => name.includes('@'))
      ? 'it holds an address, but the first line names the columns'
      : 'there is no column "email"';
    throw new UnreadableRecord(line, `${words}; known columns: ${knownColumns}`);
  }

  #add(row: Row): void {
    const first = this.#rows.get(row.email);
    if (first === undefined) {
      this.#rows.set(row.email, row);
      return;
    }
    this.#repetitions += 1;
    if (this.#repeated.length < named) this.#repeated.push({ email: row.email, line: row.line });
    if (first.authType !== row.authType && row.authType !== undefined && first.authType !== undefined) {
      this.problems.add(row.line, `"${row.email}" has another auth_type than in line ${first.line}`);
    }
    const authType = first.authType ?? row.authType;
    this.#rows.set(row.email, { ...first, authType, roles: mergeRoles(first.roles, row.roles) });
  }
}

/** All roles of both, each once. */
export function mergeRoles(first: readonly Role[], more: readonly Role[]): readonly Role[] {
  if (more.length === 0) return first;
  if (first.length === 0) return more;
  const known = new Set(first.map(formatRole));
  return [...first, ...more.filter((role) => !known.has(formatRole(role)))];
}
