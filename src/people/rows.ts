import {
  addressIn,
  EmailMap,
  type EmailRules,
  emailProblem,
  externalHint,
  externalProblem,
  foldEmail,
  splitAddresses,
} from '../api/email.ts';
import { type AuthType, authTypes } from '../api/invitation.ts';
import { isKnownRole, nearestRoles, type Role } from '../api/roles.ts';
import { CliError } from '../errors.ts';
import { truncate } from '../text/sanitize.ts';
import type { Telling } from './headings.ts';
import { type FileProblems, inOneLine } from './problems.ts';
import type { Column } from './profile.ts';
import { mergeRoles, rolesIn, scopeOf, type WrittenRoles } from './roles.ts';
import type { Table, TableRow } from './table.ts';
import type { Answers, Understood } from './understand.ts';
import { type End, endIn, standingIn } from './values.ts';

/** A person to invite: one row of a file. */
export interface Row {
  readonly line: number;
  readonly email: string;
  readonly authType: AuthType | undefined;
  readonly roles: readonly Role[];
  /** The role of the row is `-`: none at all. */
  readonly hasNoRole?: true;
  /** When its roles end, or its person if it has none. */
  readonly until?: End;
  readonly note?: string;
}

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
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Granted to everybody; the scope of a row narrows those without one. */
  readonly roles?: readonly Role[];
  readonly includeInactive?: boolean;
  readonly skipRowsWithoutEmail?: boolean;
  /** Reads those whose time is over as well: what becomes of them is decided later. */
  readonly keepsEnded?: boolean;
  /** The only domains of addresses; undefined if all are admitted. */
  readonly allowedDomains?: readonly string[] | undefined;
}

/** What became known of a file before its rows are read. */
export interface ColumnsOfFile {
  readonly understood: Understood;
  /** Written by this program. */
  readonly isOurs: boolean;
  readonly answers: Answers;
  /** Names of roles that are known beside the predefined ones; undefined if all are let through. */
  readonly knownRoles: ReadonlySet<string> | undefined;
}

interface Reading {
  readonly leftOut: readonly LeftOut[];
  /** What would let the file pass, as hints. */
  readonly hints: readonly string[];
}

/** Reads and checks every row, and passes on those that are to be invited. */
export function readRows(
  table: Table,
  options: RowOptions & ColumnsOfFile,
  { problems, take }: { readonly problems: FileProblems; readonly take: (row: Row, problems: FileProblems) => void },
): Reading {
  const reader = new RowReader(options, problems);
  for (const row of table.rows) {
    if (table.header !== undefined && row.cells.length !== table.columns.length) {
      const words = `it has ${row.cells.length} cells, the first line names ${table.columns.length} columns`;
      problems.add(row.line, words);
      continue;
    }
    const read = reader.read(row);
    if (read !== undefined) take(read, problems);
  }
  return { leftOut: reader.leftOut, hints: [...reader.hints] };
}

class RowReader {
  readonly leftOut: LeftOut[] = [];
  readonly hints = new Set<string>();
  readonly #options: RowOptions & ColumnsOfFile;
  readonly #problems: FileProblems;
  /** Rows with the same roles share one list, since there may be a hundred thousand. */
  readonly #shared = new Map<string, readonly Role[]>();

  constructor(options: RowOptions & ColumnsOfFile, problems: FileProblems) {
    this.#options = options;
    this.#problems = problems;
  }

  /** Undefined if the row is left out, or wrong. */
  read({ line, cells }: TableRow): Row | undefined {
    const { understood, allowedDomains } = this.#options;
    const address = emailText(cellOf(cells, understood.email));
    const reason = this.#reasonAgainst(cells);
    if (reason !== undefined) {
      this.leftOut.push({ line, email: address.includes('@') ? address : '', reason });
      return undefined;
    }
    const before = this.#problems.count;
    const row = this.#parse(line, cells);
    if (this.#problems.count > before) {
      if (!address.includes('@')) this.hints.add('--skip-rows-without-email leaves out rows without an address');
      return undefined;
    }
    const external = externalProblem(row.email, allowedDomains);
    if (external !== undefined) this.#complain(line, external, { kind: 'email', hint: externalHint });
    this.#checkRoles(row);
    return row;
  }

  #parse(line: number, cells: readonly string[]): Row {
    const { email, role, auth_type, note, scope } = this.#options.understood;
    const written = cellOf(cells, role);
    const hasNoRole = written === '-';
    const [firstPlace] = scope.values();
    const address = this.#attempt(line, email, () => emailIn(cellOf(cells, email), this.#options));
    const authType = this.#attempt(line, auth_type, () => authTypeIn(cellOf(cells, auth_type)));
    const places = [...scope].map(([part, column]) => [part, cellOf(cells, column)] as const);
    const place = hasNoRole ? undefined : this.#attempt(line, firstPlace, () => scopeOf(places), scopeHint);
    const own = { text: hasNoRole ? '' : written, scope: place, isOwn: role !== undefined };
    const roles = this.#attempt(line, role ?? firstPlace, () => this.#rolesIn(own));
    const until = this.#endOf(cells, (words, column) => this.#complain(line, words, { column, hint: untilHint }));
    const text = cellOf(cells, note);
    return {
      ...{ line, email: address ?? '', authType, roles: roles ?? [] },
      ...(hasNoRole ? { hasNoRole } : {}),
      ...(until === undefined ? {} : { until }),
      ...(text === '' ? {} : { note: text }),
    };
  }

  #attempt<T>(line: number, column: Column | undefined, parse: () => T, hint?: string): T | undefined {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      const kind = error.code === 'invalid_email' ? 'email' : 'other';
      this.#complain(line, inOneLine(error), { kind, column, hint });
      return undefined;
    }
  }

  #complain(line: number, words: string, { kind = 'other', column, hint }: Complaint): void {
    const isNamed = column !== undefined && !plainNames.has(column.heading);
    this.#problems.add(line, isNamed ? `${words} (column "${column.heading}")` : words, kind);
    if (hint !== undefined) this.hints.add(hint);
  }

  #rolesIn(written: WrittenRoles): readonly Role[] {
    const key = JSON.stringify(written);
    const roles = this.#shared.get(key) ?? rolesIn(written, this.#options.roles ?? []);
    this.#shared.set(key, roles);
    return roles;
  }

  #checkRoles({ line, roles }: Row): void {
    const { knownRoles, understood } = this.#options;
    if (knownRoles === undefined) return;
    for (const { role_name } of roles) {
      if (isKnownRole(role_name) || knownRoles.has(role_name)) continue;
      const near = nearestRoles(role_name).map((name) => `"${name}"`);
      const words = `unknown role "${role_name}"; did you mean ${near.join(' or ')}?`;
      this.#complain(line, words, { column: understood.role, hint: '--allow-unknown-roles sends it as it is' });
    }
  }

  /** Why the row is left out, if it is. */
  #reasonAgainst(cells: readonly string[]): string | undefined {
    const { understood, includeInactive, skipRowsWithoutEmail, keepsEnded, now } = this.#options;
    for (const [column, telling] of understood.tellings) {
      const text = cellOf(cells, column);
      const standing = telling === 'until' ? 'there' : this.#standing(column, telling, text);
      if (standing === 'machine' || (standing === 'gone' && includeInactive !== true))
        return `${column.heading} "${text.length > 40 ? `${text.slice(0, 40)}…` : text}"`;
    }
    const until = includeInactive || keepsEnded ? undefined : this.#endOf(cells);
    if (until !== undefined && until.end <= now) return `ended ${until.text.slice(0, 10)}`;
    return skipRowsWithoutEmail && !cellOf(cells, understood.email).includes('@') ? 'no address' : undefined;
  }

  #standing(column: Column, telling: Exclude<Telling, 'until'>, text: string) {
    const { isOurs, now, answers } = this.#options;
    if (answers.get(column, text)) return 'gone';
    const standing = standingIn(telling, text, isOurs);
    const end = (telling === 'gone' || telling === 'leaving') && standing === 'gone' ? endIn(text) : undefined;
    // The day on which somebody leaves may have yet to come.
    return typeof end === 'object' && end.end > now ? 'there' : standing;
  }

  /** The earliest end that the row names. */
  #endOf(cells: readonly string[], complain: (words: string, column: Column) => void = () => {}): End | undefined {
    let earliest: End | undefined;
    for (const [column, telling] of this.#options.understood.tellings) {
      if (telling !== 'until' && telling !== 'gone' && telling !== 'leaving') continue;
      const text = cellOf(cells, column);
      const end = endIn(text);
      if (typeof end === 'object') {
        if (earliest === undefined || end.end < earliest.end) earliest = end;
      } else if (telling === 'until' && end !== 'none')
        complain(
          end === 'ambiguous'
            ? `it is not certain which number of "${text}" is the month; write it as 2027-01-31`
            : `"${truncate(text, 40)}" is not a date; write it as 2027-01-31 or 2027-01-31T18:00:00Z`,
          column,
        );
    }
    return earliest;
  }
}

interface Complaint {
  readonly kind?: 'email' | 'other';
  readonly column?: Column | undefined;
  readonly hint?: string | undefined;
}

const scopeHint = '--columns scope= ignores what the roles are for; --columns scope=HEADING names its column';
const untilHint = '--columns until= ignores when access ends';

/** Headings that add nothing to a complaint about what they name. */
const plainNames: ReadonlySet<string> = new Set(['email', 'role', 'roles', 'scope', 'auth_type', 'until']);

function cellOf(cells: readonly string[], column: Column | undefined): string {
  return (column === undefined ? undefined : cells[column.at])?.trim() ?? '';
}

/** The address in a cell, without a name before it and without the sign that keeps a spreadsheet from running it. */
export function emailText(cell: string): string {
  const text = cell.trim();
  return addressIn(/^'[=+\-@]/.test(text) ? text.slice(1) : text);
}

function emailIn(cell: string, rules: EmailRules): string {
  const email = emailText(cell);
  const problem = emailProblem(email, rules);
  if (problem === undefined) return email;
  const several = email.includes(' ::: ') || (/[,;]/.test(email) && splitAddresses(email).length > 1);
  const words = several ? 'it is more than one address' : problem;
  throw new CliError('invalid_email', email === '' ? 'the address is missing' : `"${truncate(email, 80)}": ${words}`);
}

const authTypeNames = Object.keys(authTypes) as AuthType[];

/** As other tools of Confluent name them. */
const otherNames: ReadonlyMap<string, AuthType> = new Map([
  ['username/password', 'local'],
  ['single sign-on', 'sso'],
]);

/** Throws `usage` unless it is sso or local. */
export function authTypeIn(cell: string): AuthType | undefined {
  const text = cell.trim();
  // Other values of the API say how somebody signs in whose type cannot be chosen.
  if (text === '' || text === '-' || text.startsWith('AUTH_TYPE_')) {
    return authTypeNames.find((one) => authTypes[one] === text);
  }
  const small = text.toLowerCase();
  const name = authTypeNames.find((one) => one === small) ?? otherNames.get(small);
  if (name !== undefined) return name;
  throw new CliError('usage', `"${text}" is not an auth_type; it is sso or local`);
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

  readonly add = (row: Row, problems: FileProblems): void => {
    const { line, email, authType } = row;
    const first = this.rows.get(email);
    if (first === undefined) {
      this.rows.set(email, row);
      return;
    }
    this.repeated.push({ email, line });
    if (first.authType !== authType && authType !== undefined && first.authType !== undefined)
      problems.add(line, `"${email}" has another auth_type than in line ${first.line}`);
    const roles = mergeRoles(first.roles, row.roles);
    this.rows.set(email, { ...first, authType: first.authType ?? authType, roles });
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
