import { addressIn } from '../api/email.ts';
import type { ColumnHeadings } from './columns.ts';
import {
  emailRank,
  fieldOf,
  foldHeading,
  formTimes,
  headingAmong,
  likelyTelling,
  type Telling,
  tellingIn,
} from './headings.ts';
import type { Table } from './table.ts';
import { standingIn } from './values.ts';

/** Where a column is in a row, and what it is called. */
export interface ColumnPlace {
  readonly heading: string;
  readonly at: number;
}

/** A column of a file, as far as its cells decide what it is. */
export interface Column extends ColumnPlace {
  /** What it tells by its heading; a guess if only a word of that says so. */
  readonly telling: Telling | undefined;
  readonly isGuess: boolean;
  /** `--columns` names another column of this kind: only what is certain is read from this one. */
  readonly isOverruled: boolean;
  /** The different cells that are not empty, with the number of rows that have them. */
  readonly values: Map<string, number>;
  filled: number;
  /** Cells of people who are not left out that say nothing known about them, with their number. */
  readonly unknown: Map<string, number>;
  /** The different addresses of people who are not left out. */
  readonly addresses: Set<string>;
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
    ...{ heading, at, ...tellingFor(heading, headings), filled: 0 },
    ...{ values: new Map(), unknown: new Map(), addresses: new Set() },
  };
}

/** What a column tells by its heading, where `--columns` does not say that another one does, or none. */
function tellingFor(heading: string, headings: ColumnHeadings): Pick<Column, 'telling' | 'isGuess' | 'isOverruled'> {
  const certain = (telling: Telling | undefined, isOverruled = false) => ({ telling, isGuess: false, isOverruled });
  const own = tellingIn(heading);
  const named = [...headings].find(([, one]) => headingAmong([heading], one) !== undefined)?.[0];
  if (named === 'until') return certain('until');
  if (named === 'status') return certain(own === undefined || own === 'until' ? 'status' : own);
  if (named !== undefined) return certain(undefined);
  const isFree = own === undefined && fieldOf(heading) === undefined && emailRank(heading) === undefined;
  const telling = isFree ? likelyTelling(heading) : own;
  if (telling === undefined || telling === 'principal') return certain(telling);
  const told = headings.get(telling === 'until' ? 'until' : 'status');
  const isKind = telling === 'type' || telling === 'machine';
  if (told === undefined || (isKind && told !== '')) return { telling, isGuess: isFree, isOverruled: false };
  return telling === 'until' || isFree || told === '' ? certain(undefined) : certain(telling, true);
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
  if (isThere && isAddress(text)) column.addresses.add(addressIn(text).toLowerCase());
}

export function isAddress(text: string): boolean {
  return text.includes('@') && !/^(?:crn|https?):/.test(text);
}
