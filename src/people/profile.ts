import { addressIn } from '../api/email.ts';
import {
  type ColumnHeadings,
  emailRank,
  fieldOf,
  placeOf,
  repeatedColumn,
  type ScopePart,
  tellingIn,
} from './columns.ts';
import { foldHeading, formTimes, type Telling } from './headings.ts';
import { likelyTelling, States } from './likely.ts';
import { cellText, type FileRecord, UnreadableRecord } from './record.ts';
import { rolesText, roleWords } from './row.ts';
import { namesPart, partIn } from './scope.ts';
import { standingIn } from './values.ts';

/** Rows of the longest file that is accepted. */
export const mostRows = 100_000;

/** Different cells of a column that are kept, as far as they decide anything. */
const mostKept = 200;

/** What the cells of a column are, over the whole file. */
export interface ColumnProfile {
  readonly heading: string;
  readonly telling: Telling | undefined;
  /** The telling is a guess by a word of the heading. */
  readonly isGuess: boolean;
  readonly states: States;
  filled: number;
  addresses: number;
  /** Addresses of rows that are not left out, and whether one of them is there twice. */
  readonly seen: Set<string>;
  repeats: boolean;
  /** Some cells that are not empty. */
  readonly examples: Set<string>;
  /** The parts of a scope that its cells may be; undefined once a cell is something else. */
  parts: Set<ScopePart> | undefined;
  /** A cell that is a part of a scope, or names one among other words. */
  part?: string;
  /** Cells that are no part of a scope. */
  readonly notParts: Set<string>;
  /** The names of roles that its cells may be; undefined once a cell cannot be one. */
  roles: Map<string, number> | undefined;
  /** Cells that say nothing known about whether somebody is still there, with their number. */
  readonly unknown: Map<string, number>;
}

/** What is to be known of a file before any of its columns is believed. */
export interface Profile {
  readonly columns: readonly ColumnProfile[];
  /** Rows that are not left out. */
  readonly rows: number;
  /** Written by this program. */
  readonly isOurs: boolean;
  /** Answers to a form: the first address is that of the sender. */
  readonly isForm: boolean;
  /** The line that names the columns, and whether one does: objects of JSON name their own. */
  readonly header: { readonly line: number; readonly columns: readonly string[] } | undefined;
}

/** Reads all of a file once. Throws `UnreadableRecord` where it is not of its format. */
export async function profileOf(records: AsyncIterable<FileRecord>, headings: ColumnHeadings): Promise<Profile> {
  const profiler = new Profiler(headings);
  for await (const record of records) profiler.add(record);
  return profiler.profile();
}

class Profiler {
  readonly #headings: ColumnHeadings;
  readonly #byHeading = new Map<string, ColumnProfile>();
  #columns: readonly string[] | undefined;
  #current: readonly (ColumnProfile | undefined)[] = [];
  #header: Profile['header'];
  #count = 0;
  #rows = 0;
  #isOurs = false;
  #isForm = false;

  constructor(headings: ColumnHeadings) {
    this.#headings = headings;
  }

  profile(): Profile {
    const [isOurs, isForm] = [this.#isOurs, this.#isForm];
    return { columns: [...this.#byHeading.values()], rows: this.#rows, isOurs, isForm, header: this.#header };
  }

  add(record: FileRecord): void {
    const { line, columns, cells } = record;
    if (columns !== this.#columns) this.#learn(record);
    if (record.isHeader) return;
    this.#count += 1;
    if (this.#count > mostRows) throw new UnreadableRecord(line, `the file has more than ${mostRows} rows`);
    // It is complained about when the rows are read.
    if (cells.length !== columns.length) return;
    const texts = cells.map((cell) => (Array.isArray(cell) ? rolesText(cell) : cellText(cell)));
    const isThere = this.#current.every((column, at) => column === undefined || this.#tells(column, texts[at] ?? ''));
    if (isThere) this.#rows += 1;
    for (const [at, column] of this.#current.entries()) {
      const text = texts[at] ?? '';
      if (column !== undefined && text !== '') seeCell(column, text, isThere);
    }
  }

  /** Whether a cell speaks for inviting its person; what it says otherwise is noted. */
  #tells(column: ColumnProfile, text: string): boolean {
    const { telling } = column;
    if (telling === undefined || telling === 'until') return true;
    const standing = standingIn(telling, text, this.#isOurs);
    if (standing === 'unknown' && column.unknown.size < mostKept)
      column.unknown.set(text, (column.unknown.get(text) ?? 0) + 1);
    return standing === 'there' || standing === 'unknown';
  }

  #learn({ columns, line, isHeader }: FileRecord): void {
    this.#columns = columns;
    const twice = repeatedColumn(columns);
    if (twice !== undefined) throw new UnreadableRecord(line, `the column "${twice}" appears twice`);
    if (isHeader) this.#checkNamed(columns, line);
    this.#isOurs ||= isOurs(columns);
    this.#isForm ||= columns.slice(0, 2).some((heading) => formTimes.has(foldHeading(heading)));
    this.#current = columns.map((heading) => (heading.trim() === '' ? undefined : this.#columnOf(heading)));
  }

  #checkNamed(columns: readonly string[], line: number): void {
    this.#header = { line, columns };
    const missing = [...this.#headings.values()].find((one) => one !== '' && placeOf(one, columns) === undefined);
    if (missing === undefined) return;
    const names = columns.map((column) => `"${column}"`).join(', ');
    throw new UnreadableRecord(line, `there is no column "${missing}"; the columns are ${names}`);
  }

  #columnOf(heading: string): ColumnProfile {
    const known = this.#byHeading.get(heading) ?? {
      ...{ heading, ...tellingFor(heading, this.#headings), states: new States() },
      ...{ filled: 0, addresses: 0, seen: new Set<string>(), repeats: false, examples: new Set<string>() },
      ...{ parts: new Set<ScopePart>(), notParts: new Set<string>(), roles: new Map(), unknown: new Map() },
    };
    this.#byHeading.set(heading, known);
    return known;
  }
}

function seeCell(column: ColumnProfile, text: string, isThere: boolean): void {
  column.filled += 1;
  if (column.examples.size < 4) column.examples.add(text);
  seeAddress(column, text, isThere);
  if (column.telling === undefined || column.isGuess) column.states.add(text, column.isGuess);
  const part = partIn(text);
  if (column.part === undefined && namesPart(text)) column.part = text;
  if (part === undefined) {
    column.parts = undefined;
    if (column.notParts.size < 4) column.notParts.add(text);
  } else column.parts?.add(part);
  seeRoles(column, text);
}

function seeAddress(column: ColumnProfile, text: string, isThere: boolean): void {
  if (!text.includes('@') || /^(?:crn|https?):/.test(text)) return;
  column.addresses += 1;
  if (!isThere || column.repeats) return;
  const address = addressIn(text).toLowerCase();
  column.repeats = column.seen.has(address);
  column.seen.add(address);
}

/** Cells of the same words are common, names of people are not: a column of those is given up soon. */
function seeRoles(column: ColumnProfile, text: string): void {
  if (column.roles === undefined || text === '-') return;
  for (const word of roleWords(text)) {
    const [name = ''] = word.split('@');
    column.roles.set(name, (column.roles.get(name) ?? 0) + 1);
  }
  if (column.roles.size > mostKept) column.roles = undefined;
}

const notTellings: readonly Telling[] = ['status', 'active', 'gone', 'leaving', 'type', 'machine', 'control'];

/** What a column tells by its heading, be it by a word in it. */
function tellingFor(heading: string, headings: ColumnHeadings) {
  const known = knownTelling(heading, headings);
  const isFree = known === undefined && fieldOf(heading) === undefined && tellingIn(heading) === undefined;
  const isNamed = [...headings.values()].some((named) => named !== '' && placeOf(named, [heading]) !== undefined);
  const guess = isFree && !isNamed && emailRank(heading) === undefined ? likelyTelling(heading) : undefined;
  const isTold = guess !== undefined && headings.has(guess === 'until' ? 'until' : 'status');
  const isGuess = guess !== undefined && !isTold;
  return { telling: isGuess ? guess : known, isGuess };
}

/** What a column tells, where `--columns` does not say that another one does, or none. */
function knownTelling(heading: string, headings: ColumnHeadings): Telling | undefined {
  for (const [field, named] of headings) {
    if (named === '' || placeOf(named, [heading]) === undefined) continue;
    if (field === 'until') return 'until';
    if (field !== 'status') return undefined;
    const own = tellingIn(heading);
    return own === undefined || own === 'until' ? 'status' : own;
  }
  const telling = tellingIn(heading);
  if (telling === 'until' && headings.has('until')) return undefined;
  const status = headings.get('status');
  if (telling === undefined || status === undefined || !notTellings.includes(telling)) return telling;
  const isOther = status !== '' && (telling === 'type' || telling === 'machine');
  return isOther ? telling : undefined;
}

/** Fields that only files have that this program wrote. */
const ownFields = [
  ['status', 'auth_type', 'expires_at'],
  ['user.id', 'creator.id'],
  ['user.id', 'invitation.id'],
  ['signs_in', 'origin'],
];

function isOurs(columns: readonly string[]): boolean {
  return columns.includes('email') && ownFields.some((fields) => fields.every((field) => columns.includes(field)));
}

/** Columns of addresses, the likeliest first. */
export function addressColumns({ columns }: Profile): ColumnProfile[] {
  const isCandidate = ({ filled, addresses, heading }: ColumnProfile) =>
    addresses * 2 > filled || (addresses > 0 && emailRank(heading) !== undefined);
  return columns.filter((column) => isCandidate(column) && fieldOf(column.heading) === undefined);
}
