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
import { shellQuote } from '../text/suggest.ts';
import { counted, firstOf, frequencies } from '../text/times.ts';
import { formatColumns } from './columns.ts';
import { fieldOf, isWish, type Telling } from './headings.ts';
import { type FileProblems, inOneLine } from './problems.ts';
import type { ColumnPlace } from './profile.ts';
import { mergeRoles, rolesIn, scopeOf } from './roles.ts';
import type { Table, TableRow } from './table.ts';
import { type Answers, answerKey, type ReadingRules, type Understood } from './understand.ts';
import { daysIn, type End, endIn, standingIn } from './values.ts';

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

/** What became known of a file before its rows are read. */
export interface ColumnsOfFile {
  readonly understood: Understood;
  /** Written by this program. */
  readonly isOurs: boolean;
  /** Headings of what stands beside the people, and is said of all of them. */
  readonly shared: ReadonlySet<string> | undefined;
  readonly answers: Answers;
  /** Names of roles that are known beside the predefined ones; undefined if all are let through. */
  readonly knownRoles: ReadonlySet<string> | undefined;
}

interface RowOptions extends ReadingRules, ColumnsOfFile {
  readonly problems: FileProblems;
  readonly take: (row: Row, problems: FileProblems) => void;
}

/** Reads and checks every row, passes on those that are to be invited, and returns the others. */
export function readRows(table: Table, options: RowOptions): LeftOut[] {
  const { problems, take } = options;
  const reader = new RowReader(options);
  const width = table.header === undefined ? undefined : table.columns.length;
  for (const row of table.rows) {
    const { length } = row.cells;
    const isWhole = width === undefined || length === width;
    if (!isWhole) problems.add(row.line, `it has ${counted(length, 'cell')}, the header has ${width}`);
    const read = isWhole ? reader.read(row) : undefined;
    if (read !== undefined) take(read, problems);
  }
  return reader.leftOut;
}

/** What a column says about the person of a row. */
interface Said {
  /** Why they are not invited, as it is counted. */
  readonly reason?: string;
  readonly end?: End;
  readonly problem?: string;
}

/** A time at which nobody's has ended. */
const always = Number.NEGATIVE_INFINITY;

class RowReader {
  readonly leftOut: LeftOut[] = [];
  readonly #options: RowOptions;

  constructor(options: RowOptions) {
    this.#options = options;
  }

  /** Undefined if the row is left out, or wrong. */
  read({ line, cells }: TableRow): Row | undefined {
    const { understood, allowedDomains, skipRowsWithoutEmail, includeInactive, now = always } = this.#options;
    const address = emailText(cellOf(cells, understood.email));
    const email = address.includes('@') ? address : '';
    const leave = (reason: string) => void this.leftOut.push({ line, email, reason });
    const before = this.#options.problems.count;
    const ends: End[] = [];
    const problems: [string, ColumnPlace, string][] = [];
    for (const [column, telling] of understood.tellings) {
      const { reason, end, problem } = this.#said(column, telling, cellOf(cells, column));
      if (reason !== undefined) return leave(reason);
      if (end !== undefined) ends.push(end);
      if (problem !== undefined) problems.push([problem, column, ignoringDays(column, telling)]);
    }
    if (fieldOf(address) === 'email')
      return void this.#options.problems.add(line, 'another table begins here; a file holds one');
    if (skipRowsWithoutEmail && !isMeantAsAddress(address)) return leave('no address');
    for (const [words, column, hint] of problems) this.#options.problems.add(line, named(words, column), { hint });
    const [until] = ends.sort((one, other) => one.end - other.end);
    if (until !== undefined && until.end <= now && !includeInactive) return leave(`ended ${until.text.slice(0, 10)}`);
    const row = { ...this.#parse(line, cells), ...(until === undefined ? {} : { until }) };
    const isRead = this.#options.problems.count === before;
    const external = row.email === '' ? undefined : externalProblem(row.email, allowedDomains);
    if (external !== undefined) this.#options.problems.add(line, external, { isEmail: true, hint: externalHint });
    this.#checkRoles(row);
    return isRead ? row : undefined;
  }

  #said(column: ColumnPlace, telling: Telling, text: string): Said {
    const { includeInactive, isOurs, now = always, answers } = this.#options;
    const date = ofDays.has(telling) ? endIn(text) : undefined;
    const day = typeof date === 'object' ? date : undefined;
    if (telling === 'until') {
      const words = `"${truncate(text, 40)}" is not a date; write it as 2027-01-31 or 2027-01-31T18:00:00Z`;
      if (day !== undefined) return { end: day };
      return date === 'none' ? {} : { problem: date === 'ambiguous' ? whichMonth(text) : words };
    }
    if (telling === 'from' && !includeInactive && now !== always) {
      const today = new Date(now).toISOString();
      const days = date === 'ambiguous' ? daysIn(text) : [day];
      const later = days.filter((one) => one !== undefined && one.text > today);
      if (later.length > 0 && later.length < days.length) return { problem: whichMonth(text) };
      if (later.length > 0) return { reason: `starts ${day?.text.slice(0, 10) ?? text}` };
    }
    const standing = answers.get(answerKey(column, text)) ? 'gone' : standingIn(telling, text, isOurs);
    // The day on which somebody leaves may have yet to come.
    const isGone =
      standing === 'gone' && (!includeInactive || isWish(telling)) && !(day !== undefined && day.end > now);
    if (standing === 'machine' || isGone) return { reason: `${column.heading} "${truncate(text, 41)}"` };
    return day === undefined || telling === 'from' ? {} : { end: day };
  }

  #parse(line: number, cells: readonly string[]): Row {
    const { email, role, auth_type, note, scope } = this.#options.understood;
    const written = cellOf(cells, role);
    const text = cellOf(cells, note);
    const hasNoRole = written === '-';
    const firstPlace = scope[0]?.[1];
    const addressed = cellOf(cells, email);
    const emailHint = isMeantAsAddress(addressed) ? undefined : skipHint;
    const address = this.#attempt(line, email, () => emailIn(addressed, this.#options), emailHint);
    const authType = this.#attempt(line, auth_type, () => authTypeIn(cellOf(cells, auth_type)), authTypeHint);
    const places = scope.map(([part, column]) => [part, cellOf(cells, column)] as const);
    const place = this.#attempt(line, firstPlace, () => scopeOf(places), scopeHint);
    const own = { text: hasNoRole ? '' : written, scope: place, isOwn: role !== undefined };
    const forAll = this.#options.roles ?? [];
    const rolesHint = place === undefined ? undefined : scopeHint;
    const roles = this.#attempt(line, role ?? firstPlace, () => rolesIn(own, forAll), rolesHint);
    return {
      line,
      email: address ?? '',
      authType,
      roles: roles ?? [],
      ...(hasNoRole ? { hasNoRole } : {}),
      ...(text === '' ? {} : { note: text }),
    };
  }

  #attempt<T>(line: number, column: ColumnPlace | undefined, parse: () => T, hint?: string): T | undefined {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      const isEmail = error.code === 'invalid_email';
      this.#options.problems.add(line, named(inOneLine(error), column), { isEmail, hint });
      return undefined;
    }
  }

  #checkRoles({ line, roles }: Row): void {
    const { knownRoles, understood } = this.#options;
    if (knownRoles === undefined) return;
    for (const { role_name } of roles) {
      if (isKnownRole(role_name) || knownRoles.has(role_name)) continue;
      const words = named(`unknown role "${role_name}"; ${nearestRoles(role_name)}`, understood.role);
      this.#options.problems.add(line, words, { hint: '--allow-unknown-roles sends it as it is' });
    }
  }
}

/** The flag that ignores a column of days, and no other one. */
function ignoringDays({ heading }: ColumnPlace, telling: Telling): string {
  const flag = formatColumns([{ field: 'ignore', heading }]);
  return `--columns ${shellQuote(flag)} ignores when access ${telling === 'until' ? 'ends' : 'begins'}`;
}

function whichMonth(text: string): string {
  return `it is not certain which number of "${text}" is the month; write it as 2027-01-31`;
}

/** What tells a day on which access begins or ends. */
export const ofDays: ReadonlySet<Telling> = new Set(['until', 'from', 'gone', 'leaving', 'refusal']);

const skipHint = '--skip-rows-without-email leaves out rows without an address';
const authTypeHint = '--columns auth_type= ignores how they sign in';
const scopeHint = '--columns scope= ignores what the roles are for; --columns scope=HEADING names its column';

function named(words: string, column: ColumnPlace | undefined): string {
  return column === undefined || plainNames.has(column.heading) ? words : `${words} (column "${column.heading}")`;
}

/** Headings that add nothing to a complaint about what they name. */
const plainNames: ReadonlySet<string> = new Set(['email', 'role', 'roles', 'scope', 'auth_type', 'until']);

function cellOf(cells: readonly string[], column: ColumnPlace | undefined): string {
  return (column === undefined ? undefined : cells[column.at])?.trim() ?? '';
}

/** Not so a blank or a name; `ann(at)example.com` is somebody, who is not to be passed over. */
function isMeantAsAddress(text: string): boolean {
  return /[@\uff20\ufe6b]|[([{<]\s*at\s*[)\]}>]/i.test(text);
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
  throw notAuthType(text);
}

export function notAuthType(text: string): CliError {
  return new CliError('usage', `"${text}" is not an auth_type; it is sso or local`);
}

/** `2 Status "Suspended", 1 no address` */
export function countsByReason(leftOut: readonly LeftOut[]): string {
  const counts = frequencies(leftOut.map(({ reason }) => reason)).map(([reason, count]) => `${count} ${reason}`);
  return firstOf(counts, 10, 'other reasons').join(', ');
}

/** The rows of a file, one a person: roles of rows that repeat an address are added to the first. */
export class People {
  readonly rows = new EmailMap<Row>();
  /** Rows of somebody who is in the file before. */
  readonly repeated: { readonly email: string; readonly line: number }[] = [];

  readonly add = (row: Row, problems: FileProblems): void => {
    const { line, email, authType } = row;
    const first = this.rows.get(email);
    if (first === undefined) return void this.rows.set(email, row);
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
