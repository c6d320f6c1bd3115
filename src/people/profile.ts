import { addressIn } from '../api/email.ts';
import { type ColumnField, type ColumnHeadings, headingTold } from './columns.ts';
import { isOfConsent, isOfRights, likelyTelling, mayTell } from './guess.ts';
import {
  fieldOf,
  foldHeading,
  foldWord,
  formTimes,
  headingAmong,
  isWish,
  type KnownField,
  lastName,
  scopePartOf,
  type Telling,
  tellingIn,
  words,
} from './headings.ts';
import type { Table } from './table.ts';
import { endIn, isOnlyWhether, isRemark, type Standing, standingIn } from './values.ts';

export interface ColumnPlace {
  readonly heading: string;
  readonly at: number;
}

/** A column of a file, as far as its cells decide what it is. */
export interface Column extends ColumnPlace {
  /** What it holds by its heading. */
  readonly field: KnownField | undefined;
  /** What it says about whether its people are to be invited, by its heading. */
  readonly telling: Telling | undefined;
  /** By a word in its heading; or `--columns` names another column, so that only what is certain is read from this one. */
  readonly doubt?: 'guess' | 'overruled';
  /** The different cells that are not empty, with the number of rows that have them. */
  readonly values: Map<string, number>;
  /** Cells of people whom no column leaves out for certain that say nothing known about them, with their number. */
  readonly unknown: Map<string, number>;
  /** Those of people who are left out, with their number. */
  readonly away: Map<string, number>;
}

/** What is to be known of a file before any of its columns is believed. */
export interface Profile {
  readonly columns: readonly Column[];
  /** Rows that are not left out. */
  readonly rows: number;
  /** Written by this program. */
  readonly isOurs: boolean;
  /** Headings of what stands beside the people, and is said of all of them. */
  readonly shared: ReadonlySet<string> | undefined;
  /** Answers to a form: the first address is that of the sender. */
  readonly isForm: boolean;
}

export function profileOf(table: Table, headings: ColumnHeadings): Profile {
  const isOurs = ownFields.some((fields) => fields.every((field) => table.columns.includes(field)));
  const columns: Column[] = table.columns.flatMap((heading, at) => {
    if (heading.trim() === '' || toldOf(heading, headings) === 'ignore') return [];
    const cells = { values: new Map(), unknown: new Map(), away: new Map() };
    const telling = tellingOf(heading, { headings, columns: table.columns });
    return [{ heading, at, field: fieldOf(heading), ...telling, ...cells }];
  });
  let rows = 0;
  for (const { cells } of table.rows) {
    // It is complained about when the rows are read.
    if (table.header !== undefined && cells.length !== table.columns.length) continue;
    const texts = columns.map((column) => [column, cells[column.at]?.trim() ?? ''] as const);
    const standings = texts.map(([column, text]) => standingOf(column, text, isOurs));
    const leaving = columns.filter((_, at) => standings[at] === 'gone' || standings[at] === 'machine');
    const isThere = leaving.length === 0;
    const isAsked = leaving.every(({ doubt }) => doubt !== undefined);
    if (isThere) rows += 1;
    for (const [at, [{ values, unknown, away }, text]] of texts.entries()) {
      const add = (cells: Map<string, number>) => cells.set(text, (cells.get(text) ?? 0) + 1);
      if (text !== '') add(values);
      if (isAsked && standings[at] === 'unknown') add(unknown);
      if (!isThere) add(away);
    }
  }
  // Where no yes is written, a cell without anything in it says nothing.
  for (const { telling, values, unknown } of columns)
    if (telling === 'active' && ![...values.keys()].some((text) => standingIn(telling, text) === 'there'))
      unknown.delete('');
  const isForm = table.columns.slice(0, 2).some((heading) => formTimes.has(foldHeading(heading)));
  return { columns, rows, isOurs, shared: table.shared, isForm };
}

/** Fields that only files have that this program wrote. */
const ownFields = [
  ['email', 'status', 'auth_type', 'expires_at'],
  ['email', 'user.id', 'creator.id'],
  ['email', 'user.id', 'invitation.id'],
  ['email', 'signs_in', 'origin'],
];

function toldOf(heading: string, headings: ColumnHeadings): ColumnField | undefined {
  return headings.find((told) => headingAmong([heading], told.heading) !== undefined)?.field;
}

/** What a column tells by its heading, where `--columns` does not say that another one does, or none. */
function tellingOf(
  heading: string,
  { headings, columns }: { readonly headings: ColumnHeadings; readonly columns: readonly string[] },
): Pick<Column, 'telling' | 'doubt'> {
  const own = tellingIn(heading);
  const isGuess = own === undefined && fieldOf(heading) === undefined;
  const telling = isGuess ? likelyTelling(heading) : own;
  const told = toldOf(heading, headings);
  if (told === 'until') return { telling: 'until' };
  if (told === 'status') return { telling: telling === undefined || telling === 'until' ? 'status' : telling };
  // The kind of something in a list that its person has, as `groups[0].type`, unless their address stands there.
  const item = isKind(telling) ? /^.*\[\d+\]\./.exec(heading)?.[0] : undefined;
  const isOfThing =
    item !== undefined && !columns.some((one) => one.startsWith(item) && fieldOf(lastName(one)) === 'email');
  if (told !== undefined || telling === undefined || isOfThing) return { telling: undefined };
  const field = fieldOfTelling(telling);
  const other = field === undefined ? undefined : headingTold(headings, field);
  if (other === undefined) return { telling, ...(isGuess ? { doubt: 'guess' } : {}) };
  return other === '' || field === 'until' ? { telling: undefined } : { telling, doubt: 'overruled' };
}

/** Whether `--columns` says that no column holds what this one does. */
export function isToldAway(heading: string, headings: ColumnHeadings): boolean {
  const telling = mayTell(heading);
  const own = scopePartOf(heading) === undefined ? fieldOf(heading) : 'scope';
  return headings.some(({ field, heading: none }) => {
    const isIts = field === own || (telling !== undefined && field === fieldOfTelling(telling));
    return isIts && none === '';
  });
}

/** The field of `--columns` that says where something is told; undefined for what kind of account it is. */
export function fieldOfTelling(telling: Telling): 'status' | 'until' | undefined {
  if (isKind(telling)) return undefined;
  return telling === 'until' ? 'until' : 'status';
}

/** Whether it says what kind of account it is. */
function isKind(telling: Telling | undefined): boolean {
  return telling === 'type' || telling === 'machine' || telling === 'principal';
}

/** What a cell says about its person; undefined if it is about something else. */
function standingOf({ telling }: Column, text: string, isOurs: boolean): Standing | undefined {
  if (telling === undefined || telling === 'until') return undefined;
  return text === '' && telling === 'active' ? 'unknown' : standingIn(telling, text, isOurs);
}

export function isAddress(text: string): boolean {
  return text.includes('@') && !/^(?:crn|https?):/.test(text);
}

export function count({ values }: Column, isOfKind: (text: string) => boolean = () => true): number {
  return [...values].reduce((sum, [text, rows]) => sum + (isOfKind(text) ? rows : 0), 0);
}

function some({ values }: Column, isOfKind: (text: string) => boolean): boolean {
  return [...values.keys()].some(isOfKind);
}

export function isEvery({ values }: Column, isOfKind: (text: string) => boolean): boolean {
  return values.size > 0 && [...values.keys()].every(isOfKind);
}

/** Of a column that is read and has no cell, nothing is lost. */
export function isEmptyField({ field, values, telling, doubt }: Column): boolean {
  const isField = field !== undefined && field !== 'email';
  return values.size === 0 && (isField || (telling === 'until' && doubt !== 'guess'));
}

export function examplesOf({ values }: Column): string {
  return [...values.keys()].slice(0, 3).join(', ');
}

export function columnInWords(column: Column): string {
  return `the column "${column.heading}" (${examplesOf(column)})`;
}

/** Whether a column of rights says more than that there are some. */
export function mayLimit(column: Column): boolean {
  const isOfOthers = isOfRights(column.heading) && !isLikely(column) && !hasOnlyStates(column);
  return isOfOthers && some(column, (text) => !isOnlyWhether(text));
}

/** Whether it is a part of a country rather than a state that somebody is in, as another column may show. */
export function isOfPlaces(column: Column): boolean {
  const isKnown = some(column, (text) => standingIn('status', text) !== 'unknown');
  return /^(?:state|estado|etat|状態)$/.test(foldWord(column.heading)) && !isKnown;
}

/** Headings that stand beside that of a part of a country. */
export const besidePlaces = words(
  'city,town,zip,zip code,postal code,country,street,ciudad,país,calle,cidade,rua,ville,pays,rue',
);

/** Different cells of a column of states; one with more of them is of something else. */
const mostStates = 30;

/** Whether there is a year in it, also one of two digits behind a day and a month. */
const looksLikeDay = /\d{4}|\d[./-]\s?\w{1,9}[./-]\s?\d{2}(?!\d)/;

/** A guess by a heading counts as an end if it has days, else if its cells can be states. */
export function isLikely(column: Column): boolean {
  const { heading, doubt, telling, unknown, values } = column;
  if (values.size === 0) return false;
  if (telling === 'from') return some(column, (text) => (endIn(text) ?? 'none') !== 'none');
  if (doubt !== 'guess') return telling !== undefined;
  const said = [...unknown.keys()].filter((value) => value !== '');
  if (isOfRights(heading) && said.length > 0) return false;
  const isKnown = !isOfConsent(heading) || some(column, (text) => !unknown.has(text));
  if (telling !== undefined && (telling === 'leaving' || isWish(telling))) return isKnown && unknown.size <= mostStates;
  if (telling === 'until') return some(column, (text) => endIn(text) !== 'none' && looksLikeDay.test(text));
  const days = count(column, (text) => typeof endIn(text) === 'object');
  const areNumbers = said.length > 0 && said.every((value) => /^\d/.test(value));
  return days < count(column) && unknown.size <= mostStates && !(telling === 'active' && areNumbers);
}

/** Whether every cell is a state, and one of them that of somebody who is not to be invited. */
export function hasOnlyStates(column: Column): boolean {
  if (column.values.size > mostStates) return false;
  const found = [...column.values.keys()].map((text) => standingIn('status', text));
  return !found.includes('unknown') && (found.includes('gone') || remarkIn(column) !== undefined);
}

/** The different addresses of people who are not left out. */
export function addressesIn(column: Column): ReadonlySet<string> {
  return new Set(keptOf(column).flatMap((text) => (isAddress(text) ? [addressIn(text).toLowerCase()] : [])));
}

/** The different cells of people who are not left out. */
function keptOf({ values, away }: Column): string[] {
  return [...values].flatMap(([text, rows]) => (rows > (away.get(text) ?? 0) ? [text] : []));
}

/** Where somebody is left out anyway, a remark asks nothing more. */
export function remarkIn(column: Column): string | undefined {
  return keptOf(column).find((text) => isRemark(text, column.heading));
}
