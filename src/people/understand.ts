import { addressIn } from '../api/email.ts';
import { isKnownRole, resemblesRole } from '../api/roles.ts';
import { truncate } from '../text/sanitize.ts';
import { type ColumnField, type ColumnHeadings, placeOf } from './columns.ts';
import {
  emailRank,
  fieldOf,
  foldHeading,
  foldWord,
  formTimes,
  isSecondary,
  type ScopePart,
  scopeParts,
  type Telling,
  tellingIn,
} from './headings.ts';
import { isLeftAlone, isRemark, likelyPlace, likelyTelling } from './likely.ts';
import { namesPart, partIn, roleWords } from './roles.ts';
import type { Table } from './table.ts';
import { endIn, isStatus, standingIn } from './values.ts';

/** Which columns of a file hold what. */
export interface Understood {
  readonly email?: Column | undefined;
  readonly role?: Column | undefined;
  readonly auth_type?: Column | undefined;
  readonly note?: Column | undefined;
  readonly scope: ReadonlyMap<ScopePart, Column>;
  /** Those that say whether somebody is to be invited at all. */
  readonly tellings: ReadonlyMap<Column, Telling>;
  /** Headings of columns that nothing is read from. */
  readonly ignored: readonly string[];
}

export interface Column {
  readonly heading: string;
  /** Its place in a row. */
  readonly at: number;
  /** What it tells by its heading; a guess if only a word of that says so. */
  readonly telling: Telling | undefined;
  readonly isGuess: boolean;
  /** The different cells that are not empty, with the number of rows that have them. */
  readonly values: Map<string, number>;
  filled: number;
  /** Cells of people who are not left out that say nothing known about them, with their number. */
  readonly unknown: Map<string, number>;
  /** The different addresses of people who are not left out, and whether one of them is there twice. */
  readonly addresses: Set<string>;
  repeats: boolean;
}

/** What is to be known of a file before any of its columns is believed. */
export interface Profile {
  readonly columns: readonly Column[];
  /** Rows that are not left out. */
  readonly rows: number;
  /** Written by this program. */
  readonly isOurs: boolean;
  /** Answers to a form: the first address is that of the sender. */
  readonly isForm: boolean;
}

/** What a file does not answer by itself. Each is asked at a terminal, and an error elsewhere. */
export interface Question {
  /** The field of `--columns` that answers it. */
  readonly field: ColumnField;
  readonly words: string;
  /** Columns that may be meant, the likeliest first, each with some of its cells. */
  readonly candidates: readonly { readonly heading: string; readonly examples: string }[];
  /** What `--columns` says if it is none of them: the heading of the present one, or nothing. */
  readonly otherwise?: string;
  /** The column of which each of these values, with their number, has to be decided. */
  readonly undecided?: { readonly column: Column; readonly values: ReadonlyMap<string, number> };
}

interface UnderstandOptions {
  readonly headings: ColumnHeadings;
  /** Whether roles are granted that stand in no column, as those of `--role`. */
  readonly hasRoles: boolean;
  /** Whether it only matters who is in the file, since others are removed: then nobody is left out by a guess. */
  readonly ignoresRoles: boolean;
  /** Names of roles that are not predefined, and that somebody in the organization holds. */
  readonly held: ReadonlySet<string>;
  readonly allowUnknownRoles: boolean;
  readonly includeInactive: boolean;
  readonly answers: Answers;
}

/** Values of columns that say who is there, as they were decided: whether somebody with it is not to be invited. */
export class Answers {
  readonly #answers = new Map<string, boolean>();

  get({ heading }: Column, value: string): boolean | undefined {
    return this.#answers.get(JSON.stringify([heading, value]));
  }

  set({ heading }: Column, value: string, isGone: boolean): void {
    this.#answers.set(JSON.stringify([heading, value]), isGone);
  }
}

/** Looks at every cell of a file. */
export function profileOf(table: Table, headings: ColumnHeadings): Profile {
  const isOurs = ownFields.some((fields) => fields.every((field) => table.columns.includes(field)));
  const columns = table.columns.flatMap((heading, at) =>
    heading.trim() === '' ? [] : [newColumn(heading, at, headings)],
  );
  const tellings = columns.filter(({ telling }) => telling !== undefined && telling !== 'until');
  let rows = 0;
  for (const { cells } of table.rows) {
    // It is complained about when the rows are read.
    if (table.header !== undefined && cells.length !== table.columns.length) continue;
    const isThere = tellings.every((column) => speaksFor(column, cells[column.at]?.trim() ?? '', isOurs));
    if (isThere) rows += 1;
    for (const column of columns) addCell(column, cells[column.at]?.trim() ?? '', isThere);
  }
  const isForm = table.columns.slice(0, 2).some((heading) => formTimes.has(foldHeading(heading)));
  return { columns, rows, isOurs, isForm };
}

/** Fields that only files have that this program wrote. */
const ownFields = [
  ['email', 'status', 'auth_type', 'expires_at'],
  ['email', 'user.id', 'creator.id'],
  ['email', 'user.id', 'invitation.id'],
  ['email', 'signs_in', 'origin'],
];

function newColumn(heading: string, at: number, headings: ColumnHeadings): Column {
  return {
    ...{ heading, at, ...tellingFor(heading, headings), filled: 0, repeats: false },
    ...{ values: new Map(), unknown: new Map(), addresses: new Set() },
  };
}

/** What a column tells by its heading, where `--columns` does not say that another one does, or none. */
function tellingFor(heading: string, headings: ColumnHeadings): Pick<Column, 'telling' | 'isGuess'> {
  const own = tellingIn(heading);
  const named = [...headings].find(([, one]) => placeOf(one, [heading]) !== undefined)?.[0];
  if (named === 'until') return { telling: 'until', isGuess: false };
  if (named === 'status') return { telling: own === undefined || own === 'until' ? 'status' : own, isGuess: false };
  const isFree = own === undefined && fieldOf(heading) === undefined && emailRank(heading) === undefined;
  const telling = isFree ? likelyTelling(heading) : own;
  if (named !== undefined || isTold(telling, headings)) return { telling: undefined, isGuess: false };
  return { telling, isGuess: isFree && telling !== undefined };
}

/** Whether `--columns` names the columns that tell such things. */
function isTold(telling: Telling | undefined, headings: ColumnHeadings): boolean {
  switch (telling) {
    case undefined:
    case 'principal':
      return false;
    case 'until':
      return headings.has('until');
    case 'type':
    case 'machine':
      return headings.get('status') === '';
    case 'status':
    case 'active':
    case 'gone':
    case 'leaving':
    case 'wish':
    case 'control':
      return headings.has('status');
    default:
      throw new Error(`no such column: ${telling satisfies never}`);
  }
}

/** Whether a cell speaks for inviting its person; what it says otherwise is noted. */
function speaksFor({ telling, unknown }: Column, text: string, isOurs: boolean): boolean {
  if (telling === undefined || telling === 'until') return true;
  const standing = standingIn(telling, text, isOurs);
  if (standing === 'unknown') unknown.set(text, (unknown.get(text) ?? 0) + 1);
  return standing === 'there' || standing === 'unknown';
}

function addCell(column: Column, text: string, isThere: boolean): void {
  if (text === '') return;
  column.filled += 1;
  column.values.set(text, (column.values.get(text) ?? 0) + 1);
  if (!isThere || !isAddress(text)) return;
  const address = addressIn(text).toLowerCase();
  column.repeats ||= column.addresses.has(address);
  column.addresses.add(address);
}

function isAddress(text: string): boolean {
  return text.includes('@') && !/^(?:crn|https?):/.test(text);
}

/** The number of cells of a kind. */
function count({ values }: Column, isOfKind: (text: string) => boolean): number {
  return [...values].reduce((sum, [text, rows]) => sum + (isOfKind(text) ? rows : 0), 0);
}

/** Different names of roles in a column; one with more of them is of something else, as names of people. */
const mostNames = 200;

/** The names of roles that the cells of a column may be; undefined if they cannot be roles. */
function roleNames({ values }: Column): ReadonlySet<string> | undefined {
  const names = new Set<string>();
  for (const text of values.keys()) {
    for (const word of text === '-' ? [] : roleWords(text)) names.add(word.replace(/@.*/s, ''));
    if (names.size > mostNames) return undefined;
  }
  return names;
}

/** The column of the roles, by `--columns` or by its heading, and the names in it that are not predefined. */
export function unknownRoleNames({ columns }: Profile, headings: ColumnHeadings): string[] {
  const told = headings.get('role');
  const column =
    told === undefined ? columns.find(({ heading }) => fieldOf(heading) === 'role') : columnNamed(told, columns);
  const names = column === undefined ? [] : (roleNames(column) ?? []);
  return [...names].filter((name) => !isKnownRole(name) && /^[A-Za-z]\w*$/.test(name));
}

function columnNamed(heading: string, columns: readonly Column[]): Column | undefined {
  return columns[
    placeOf(
      heading,
      columns.map((column) => column.heading),
    ) ?? -1
  ];
}

/** Decides what each column of a file holds, and what has to be asked. */
export function understand(
  profile: Profile,
  options: UnderstandOptions,
): { readonly understood: Understood; readonly questions: readonly Question[] } {
  const judge = new Judge(profile, options);
  return { understood: judge.understood(), questions: judge.questions };
}

class Judge {
  readonly questions: Question[] = [];
  readonly #profile: Profile;
  readonly #columns: readonly Column[];
  readonly #options: UnderstandOptions;
  /** Columns that are read. */
  readonly #used = new Set<Column | undefined>();

  constructor(profile: Profile, options: UnderstandOptions) {
    this.#profile = profile;
    this.#columns = profile.columns;
    this.#options = options;
  }

  understood(): Understood {
    const { hasRoles, ignoresRoles } = this.#options;
    const email = this.#use(this.#told('email', () => this.#email()));
    const role = ignoresRoles ? undefined : this.#use(this.#told('role', () => this.#role()));
    const scope = role !== undefined || hasRoles ? this.#scope() : new Map<ScopePart, Column>();
    const auth_type = this.#use(this.#told('auth_type', () => this.#ofField('auth_type')));
    const tellings = this.#tellings();
    for (const column of [...scope.values(), ...tellings.keys()]) this.#use(column);
    for (const column of this.#states()) tellings.set(column, 'status');
    const note = this.#use(this.#told('note', () => this.#ofField('note')));
    for (const column of tellings.keys()) this.#use(column);
    const ignored = this.#free().filter((column) => !isEmptyField(column));
    return { email, role, auth_type, note, scope, tellings, ignored: ignored.map(({ heading }) => heading) };
  }

  #use(column: Column | undefined): Column | undefined {
    this.#used.add(column);
    return column;
  }

  #free(): Column[] {
    return this.#columns.filter((column) => !this.#used.has(column));
  }

  /** The column that `--columns` names, if it says anything about the field. */
  #told(field: ColumnField, otherwise: () => Column | undefined): Column | undefined {
    const heading = this.#options.headings.get(field);
    return heading === undefined ? otherwise() : columnNamed(heading, this.#columns);
  }

  #ofField(field: 'role' | 'auth_type' | 'note'): Column | undefined {
    return this.#columns.find(({ heading }) => fieldOf(heading) === field);
  }

  #email(): Column | undefined {
    const { rows, isOurs, isForm } = this.#profile;
    const rank = ({ heading }: Column) => emailRank(heading) ?? Number.POSITIVE_INFINITY;
    const known = this.#columns.filter((column) => Number.isFinite(rank(column))).sort((a, b) => rank(a) - rank(b));
    const candidates = this.#columns.filter((column) => {
      const addresses = fieldOf(column.heading) === undefined ? count(column, isAddress) : 0;
      return addresses * 2 > column.filled || (addresses > 0 && known.includes(column));
    });
    const [first, ...more] = candidates;
    if (first === undefined) return known[0];
    if (isOurs) return this.#columns.find(({ heading }) => heading === 'email');
    if (more.length === 0 && (!isSecondary(first.heading) || known.length === 0)) return first;
    const best = known.find((column) => candidates.includes(column));
    if (best !== undefined && !best.repeats && best.addresses.size === rows && !isForm) return best;
    const isLast = (column: Column) => Number(isSecondary(column.heading) || (isForm && column === best));
    this.questions.push({
      field: 'email',
      words: 'it is not certain which column has the addresses to invite',
      candidates: [...candidates].sort((a, b) => isLast(a) - isLast(b)).map(shown),
    });
    return first;
  }

  #role(): Column | undefined {
    const { allowUnknownRoles, held } = this.#options;
    const isRole = (name: string) => isKnownRole(name) || held.has(name) || (name.length > 4 && resemblesRole(name));
    const column = this.#ofField('role');
    const names = column === undefined ? undefined : roleNames(column);
    const isForeign = names === undefined || (names.size > 0 && ![...names].some(isRole));
    if (column !== undefined && column.filled > 0 && isForeign && !allowUnknownRoles) {
      const words = `no value of the column "${column.heading}" is a role of Confluent (${shown(column).examples})`;
      this.questions.push({ field: 'role', words, candidates: [], otherwise: '' });
    }
    const others = this.#columns.filter((other) => {
      const own = fieldOf(other.heading) === undefined ? roleNames(other) : undefined;
      return own !== undefined && own.size > 0 && [...own].every(isRole);
    });
    const [first] = others.map(shown);
    if (first !== undefined && !this.#profile.isOurs) {
      const words = `the column "${first.heading}" looks like roles (${first.examples}), and nothing says whether to grant them`;
      this.questions.push({ field: 'role', words, candidates: others.map(shown), otherwise: column?.heading ?? '' });
    }
    return column;
  }

  /** The columns that narrow the roles: by their headings, or by cells that are ids. */
  #scope(): ReadonlyMap<ScopePart, Column> {
    if (this.#options.headings.has('scope')) {
      const column = this.#told('scope', () => undefined);
      return new Map(column === undefined ? [] : [['scope', column]]);
    }
    const free = this.#free();
    const found = new Map<ScopePart, Column>();
    for (const column of free) {
      const part = partOf(column);
      if (part !== undefined && !found.has(part)) found.set(part, column);
    }
    const name = this.#columns.find(({ heading }) => foldWord(heading) === 'name');
    if (name !== undefined && found.has('resource_type') && !found.has('resource_name'))
      found.set('resource_name', name);
    for (const [part, column] of found) if (!isOfPart(column, part)) this.#askScope(column);
    const rest = this.#profile.isOurs ? [] : free.filter((column) => ![...found.values()].includes(column));
    for (const column of rest) {
      const named = isLeftAlone(column.heading) ? undefined : [...column.values.keys()].find(namesPart);
      if (named !== undefined || mayNarrow(column, found)) this.#askScope(column, named);
    }
    return new Map(scopeParts.flatMap((part) => [...found].filter(([one]) => one === part)));
  }

  #askScope(column: Column, part?: string): void {
    const values = notParts(column).slice(0, 3).join(', ');
    const why =
      part === undefined ? `and ${values} is no id such as env-abc or lkc-123` : `as "${truncate(part, 80)}" does`;
    const words = `the column "${column.heading}" may say what the roles are for, ${why}`;
    this.questions.push({ field: 'scope', words, candidates: [], otherwise: '' });
  }

  #tellings(): Map<Column, Telling> {
    const { includeInactive, answers, ignoresRoles } = this.#options;
    const tellings = new Map<Column, Telling>();
    const telling = this.#columns.filter(
      (column) => column.filled > 0 && isLikely(column) && !(ignoresRoles && column.isGuess),
    );
    for (const column of telling) {
      if (column.telling === undefined || (this.#profile.isOurs && column.telling === 'until')) continue;
      const values = [...column.unknown].filter(([value]) => answers.get(column, value) === undefined);
      const isSure = (other: Column) => other !== column && other.telling !== 'until' && other.unknown.size === 0;
      const isPlace = placeHeadings.has(foldWord(column.heading)) && telling.some(isSure);
      if (isPlace && values.length > 0) continue;
      tellings.set(column, column.telling);
      if (values.length === 0 || includeInactive) continue;
      const list = values.slice(0, 5).map(([value]) => `"${value}"`);
      const who = column.telling === 'wish' ? 'not to be invited' : 'no longer there';
      const words = `the column "${column.heading}" may say who is ${who}, and ${list.join(', ')} is not known`;
      const undecided = { column, values: new Map(values) };
      this.questions.push({ field: 'status', words, candidates: [], otherwise: '', undecided });
    }
    return tellings;
  }

  /** Columns that say by their cells who is gone: read if each of them is a state, else asked about. */
  #states(): Column[] {
    const { headings, includeInactive, ignoresRoles } = this.#options;
    if (headings.has('status') || includeInactive || ignoresRoles || this.#profile.isOurs) return [];
    const isFree = ({ heading, telling, isGuess }: Column) =>
      (telling === undefined || isGuess) && !isLeftAlone(heading);
    return this.#free()
      .filter(isFree)
      .filter((column) => {
        const areStates = hasOnlyStates(column);
        const remark = areStates ? undefined : remarkIn(column);
        if (remark !== undefined) {
          const words = `the column "${column.heading}" may say who is no longer there ("${truncate(remark, 60)}")`;
          this.questions.push({ field: 'status', words, candidates: [shown(column)], otherwise: '' });
        }
        return areStates;
      });
  }
}

/** Of a column that is read and has no cell, nothing is lost. */
function isEmptyField({ heading, filled, telling, isGuess }: Column): boolean {
  return filled === 0 && (fieldOf(heading) !== undefined || (telling === 'until' && !isGuess));
}

function shown({ heading, values }: Column) {
  return { heading, examples: [...values.keys()].slice(0, 3).join(', ') };
}

/** The part of a scope that a column holds: by its heading, or by cells that can be nothing else. */
function partOf(column: Column): ScopePart | undefined {
  if (column.filled === 0) return undefined;
  const field = fieldOf(column.heading);
  if (field !== undefined || column.telling !== undefined) return scopeParts.find((one) => one === field);
  const [only, ...more] = new Set([...column.values.keys()].map(partIn));
  return more.length === 0 && only !== 'resource' ? only : undefined;
}

/** Cells that are no part of a scope. */
function notParts({ values }: Column): string[] {
  return [...values.keys()].filter((text) => partIn(text) === undefined);
}

/** Whether every cell can be the part of a scope that its heading names. */
function isOfPart(column: Column, part: ScopePart): boolean {
  const isChecked = part === 'scope' || part === 'environment' || part === 'cluster';
  return !isChecked || notParts(column).every((text) => text === '-' || text === '*');
}

/** Whether its heading may name what the roles are for, beside the parts that were found. */
function mayNarrow({ heading, filled, telling }: Column, found: ReadonlyMap<ScopePart, Column>): boolean {
  if (filled === 0 || telling !== undefined || fieldOf(heading) !== undefined) return false;
  const place = likelyPlace(heading);
  return place !== undefined && !found.has(place) && (place === 'scope' || !found.has('scope'));
}

/** Headings that name a part of a country in exports of addresses. */
const placeHeadings: ReadonlySet<string> = new Set(['state', 'estado', 'etat', '状態']);

/** Different cells of a column of states; one with more of them is of something else. */
const mostStates = 30;

/** A guess by a heading counts as an end if it has days, else if its cells can be states. */
function isLikely(column: Column): boolean {
  const { isGuess, telling, unknown, filled } = column;
  if (!isGuess) return true;
  if (telling === 'leaving' || telling === 'wish') return unknown.size <= mostStates;
  const days = count(column, (text) => typeof endIn(text) === 'object');
  if (telling === 'until') return days > 0;
  const areNumbers = [...unknown.keys()].every((value) => /^\d/.test(value));
  return days < filled && unknown.size <= mostStates && !(telling === 'active' && unknown.size > 0 && areNumbers);
}

/** Whether every cell is a state, and one of them that of somebody who is not to be invited. */
function hasOnlyStates(column: Column): boolean {
  const { values } = column;
  if (values.size > mostStates) return false;
  const found = [...values.keys()].map(isStatus);
  return !found.includes('unknown') && (found.includes('gone') || remarkIn(column) !== undefined);
}

function remarkIn({ heading, values }: Column): string | undefined {
  return [...values.keys()].find((text) => isRemark(text, heading));
}
