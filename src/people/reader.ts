import { EmailMap, type EmailRules, externalHint, externalProblem, foldEmail } from '../api/email.ts';
import { formatRole, isKnownRole, nearestRoles, type Role } from '../api/roles.ts';
import { type ColumnMapping, mappingOf, type Understood } from './columns.ts';
import { type FileProblem, FileProblems } from './problems.ts';
import { cellText, type FileRecord, UnreadableRecord } from './record.ts';
import { emailText, type Problem, type Row, rowParser, untilIn } from './row.ts';
import { endIn, standingIn } from './values.ts';

/** Somebody, or something, in the file that is not to be invited. */
export interface LeftOut {
  readonly line: number;
  /** Empty if the row has no address. */
  readonly email: string;
  /** As it is counted: `Status "Suspended"`. */
  readonly reason: string;
}

/** How the rows of a file are read, once its columns are understood. */
export interface RowOptions extends EmailRules {
  readonly understood: Understood;
  readonly isOurs: boolean;
  /** That of the header. */
  readonly line: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Granted to everybody; the scope of a row narrows those without one. */
  readonly roles?: readonly Role[];
  readonly includeInactive?: boolean;
  readonly skipRowsWithoutEmail?: boolean;
  /** Reads those whose time is over as well: what becomes of them is decided later. */
  readonly keepsEnded?: boolean;
  /** Whether a role name is known; undefined if none is checked. */
  readonly isKnown?: (name: string) => boolean;
  /** The only domains of addresses; undefined if all are admitted. */
  readonly allowedDomains?: readonly string[] | undefined;
  /** Which values of columns that were asked about mean that somebody is gone. */
  readonly gone?: ReadonlySet<string>;
  readonly onProblem?: (problem: FileProblem) => void;
  /** Complains about the columns, before the rows are read. */
  readonly check?: (
    file: { readonly understood: Understood; readonly isOurs: boolean; readonly line: number },
    problems: FileProblems,
  ) => void;
}

interface Reading {
  readonly leftOut: readonly LeftOut[];
  readonly problems: FileProblems;
  /** What would let the file pass, as hints. */
  readonly hints: readonly string[];
}

/** Reads and checks every row, and passes on those that are to be invited. */
export async function readRows(
  records: AsyncIterable<FileRecord>,
  options: RowOptions,
  take: (row: Row, problems: FileProblems) => void,
): Promise<Reading> {
  const reader = new RowReader(options, take);
  options.check?.(options, reader.problems);
  try {
    for await (const record of records) if (!record.isHeader) reader.read(record);
  } catch (error) {
    if (!(error instanceof UnreadableRecord)) throw error;
    reader.problems.add(error.line, error.message);
  }
  return { leftOut: reader.leftOut, problems: reader.problems, hints: [...reader.hints] };
}

class RowReader {
  readonly problems: FileProblems;
  readonly leftOut: LeftOut[] = [];
  readonly hints = new Set<string>();
  readonly #options: RowOptions;
  readonly #take: (row: Row, problems: FileProblems) => void;
  readonly #parse: ReturnType<typeof rowParser>;
  #columns: readonly string[] | undefined;
  #mapping: ColumnMapping | undefined;

  constructor(options: RowOptions, take: (row: Row, problems: FileProblems) => void) {
    this.problems = new FileProblems(options.onProblem);
    this.#options = options;
    this.#take = take;
    this.#parse = rowParser(options);
  }

  read(record: FileRecord): void {
    const { line, columns, cells } = record;
    if (cells.length !== columns.length) {
      this.problems.add(line, `it has ${cells.length} cells, the first line names ${columns.length} columns`);
      return;
    }
    const mapping = this.#mappingOf(columns);
    const reason = this.#reasonAgainst(record, mapping);
    const email = mapping.email === undefined ? '' : emailText(cells[mapping.email]);
    if (reason !== undefined) this.leftOut.push({ line, email: email.includes('@') ? email : '', reason });
    else this.#parseRow(record, mapping, email);
  }

  #parseRow(record: FileRecord, mapping: ColumnMapping, email: string): void {
    const { line } = record;
    const parsed = this.#parse(record, mapping);
    if ('row' in parsed) {
      this.#checkDomain(parsed.row);
      this.#checkRoles(parsed.row, record.columns[mapping.role ?? -1]);
      this.#take(parsed.row, this.problems);
      return;
    }
    if (!email.includes('@')) this.hints.add('--skip-rows-without-email leaves out rows without an address');
    if (parsed.problems.some(({ words }) => / is not a date| is the month/.test(words)))
      this.hints.add('--columns until= ignores when access ends');
    if (parsed.problems.some(({ words }) => words.includes(' is not a scope without ')))
      this.hints.add('--columns scope= ignores what the roles are for; --columns scope=HEADING names its column');
    for (const problem of parsed.problems) this.#complain(line, problem);
  }

  #complain(line: number, { words, kind, column }: Problem): void {
    const isNamed = column !== undefined && !plainNames.has(column);
    this.problems.add(line, isNamed ? `${words} (column "${column}")` : words, kind);
  }

  #checkDomain({ line, email }: Row): void {
    const words = externalProblem(email, this.#options.allowedDomains);
    if (words === undefined) return;
    this.problems.add(line, words, 'email');
    this.hints.add(externalHint);
  }

  #checkRoles({ line, roles }: Row, column: string | undefined): void {
    const { isKnown } = this.#options;
    if (isKnown === undefined) return;
    for (const { role_name } of roles) {
      if (isKnownRole(role_name) || isKnown(role_name)) continue;
      const near = nearestRoles(role_name).map((name) => `"${name}"`);
      this.#complain(line, {
        words: `unknown role "${role_name}"; did you mean ${near.join(' or ')}?`,
        kind: 'other',
        column,
      });
      this.hints.add('--allow-unknown-roles sends it as it is');
    }
  }

  #mappingOf(columns: readonly string[]): ColumnMapping {
    if (this.#mapping === undefined || columns !== this.#columns)
      this.#mapping = mappingOf(columns, this.#options.understood);
    this.#columns = columns;
    return this.#mapping;
  }

  /** Why the row is left out, if it is. */
  #reasonAgainst(record: FileRecord, mapping: ColumnMapping): string | undefined {
    const { includeInactive = false, skipRowsWithoutEmail = false, keepsEnded = false, now } = this.#options;
    for (const { telling, at, column } of mapping.tellings) {
      const text = cellText(record.cells[at]);
      if (telling === 'until' || text === '') continue;
      const standing = this.#standing(telling, text);
      if (standing === 'machine' || (standing === 'gone' && !includeInactive)) return `${column} "${shortened(text)}"`;
    }
    const until = includeInactive || keepsEnded ? undefined : untilIn(record, mapping, []);
    if (until !== undefined && until.end <= now) return `ended ${until.text.slice(0, 10)}`;
    const cell = mapping.email === undefined ? '' : cellText(record.cells[mapping.email]);
    return skipRowsWithoutEmail && !cell.includes('@') ? 'no address' : undefined;
  }

  #standing(telling: Exclude<ColumnMapping['tellings'][number]['telling'], 'until'>, text: string) {
    const { isOurs, now, gone } = this.#options;
    if (gone?.has(text)) return 'gone';
    const standing = standingIn(telling, text, isOurs);
    const end = (telling === 'gone' || telling === 'leaving') && standing === 'gone' ? endIn(text) : undefined;
    // The day on which somebody leaves may have yet to come.
    return typeof end === 'object' && end.end > now ? 'there' : standing;
  }
}

/** Headings that add nothing to a complaint about what they name. */
const plainNames: ReadonlySet<string> = new Set(['email', 'role', 'roles', 'scope', 'auth_type', 'until']);

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** `2 Status "Suspended", 1 no address` */
export function countsByReason(leftOut: readonly LeftOut[]): string {
  const counts = new Map<string, number>();
  for (const { reason } of leftOut) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  const more = sorted.slice(10).reduce((sum, [, count]) => sum + count, 0);
  return [
    ...sorted.slice(0, 10).map(([reason, count]) => `${count} ${reason}`),
    ...(more > 0 ? [`${more} for other reasons`] : []),
  ].join(', ');
}

/** The rows of a file, one a person: roles of rows that repeat an address are added to the first. */
export class People {
  readonly rows = new EmailMap<Row>();
  /** Rows of somebody who is in the file before. */
  readonly repeated: { readonly email: string; readonly line: number }[] = [];
  repetitions = 0;

  readonly add = (row: Row, problems: FileProblems): void => {
    const first = this.rows.get(row.email);
    if (first === undefined) {
      this.rows.set(row.email, row);
      return;
    }
    this.repetitions += 1;
    if (this.repeated.length < 10) this.repeated.push({ email: row.email, line: row.line });
    if (first.authType !== row.authType && row.authType !== undefined && first.authType !== undefined) {
      problems.add(row.line, `"${row.email}" has another auth_type than in line ${first.line}`);
    }
    const authType = first.authType ?? row.authType;
    this.rows.set(first.email, { ...first, authType, roles: mergeRoles(first.roles, row.roles) });
  };
}

/** Those who were left out and stand in no other row, each once. */
export function absent(leftOut: readonly LeftOut[], rows: { has(email: string): boolean }): LeftOut[] {
  const seen = new Set<string>();
  return leftOut.filter(({ email }) => {
    if (email === '') return true;
    const key = foldEmail(email);
    if (rows.has(email) || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** All roles of both, each once. */
export function mergeRoles(first: readonly Role[], more: readonly Role[]): readonly Role[] {
  if (more.length === 0) return first;
  if (first.length === 0) return more;
  const known = new Set(first.map(formatRole));
  return [...first, ...more.filter((role) => !known.has(formatRole(role)))];
}
