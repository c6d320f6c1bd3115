import { splitAddresses } from '../api/email.ts';
import { truncate } from '../text/sanitize.ts';
import { foldWord, words } from './headings.ts';
import { UnreadableFile } from './problems.ts';

/** A file as a table, whatever its format is. */
export interface Table {
  /** Of objects in JSON, the names in any of them. */
  readonly columns: readonly string[];
  /** The line that names the columns; undefined if each row names its own. */
  readonly header?: number;
  readonly rows: readonly TableRow[];
  /** Sentences about what stands around the rows. */
  readonly notes: readonly string[];
  /** The columns of what stands beside a list of the rows, and is said of all of them. */
  readonly shared?: ReadonlySet<string>;
}

export interface TableRow {
  /** Its first line, from 1. */
  readonly line: number;
  /** With a header, the row is invalid unless there is one for each column. */
  readonly cells: readonly string[];
}

/** Rows of the longest file that is accepted. */
export const mostRows = 100_000;

export const mostColumns = 1000;

/** Adds a row. Throws `UnreadableFile` if there are too many. */
export function addRow(rows: TableRow[], row: TableRow): void {
  if (rows.length >= mostRows) throw new UnreadableFile(row.line, `the file has more than ${mostRows} rows`);
  rows.push(row);
}

export const delimiters = [',', ';', '\t', '|'] as const;

export type Delimiter = (typeof delimiters)[number];

export interface CsvFormat {
  readonly kind: 'csv';
  readonly delimiter: Delimiter;
  /** The line of the header, from 1, and where it begins. */
  readonly line: number;
  readonly start: number;
  /** Whether something other than blank lines, comments and what programs put there stands above it. */
  readonly isBelow: boolean;
}

/** Characters of one row or line; a quote that is never closed would otherwise swallow the whole file. */
const longestRow = 1_000_000;

/**
 * The rows below the header. Comments, example rows and what stands below the table are left out and noted. Throws
 * `UnreadableFile` where it is not CSV. The home of csv-parse.
 */
export async function csvTable(text: string, format: CsvFormat): Promise<Table> {
  const { CsvError, parse } = await import('csv-parse/sync');
  const { delimiter, line: first, start, isBelow } = format;
  const notes = isBelow ? [`line ${first} is taken as the header, the lines above it are left out`] : [];
  const rows: TableRow[] = [];
  let header: TableRow | undefined;
  let next = first;
  const take = (record: readonly string[], lines: number) => {
    const cells = delimiter === '|' ? record.map((cell) => cell.trim()) : record;
    const row = { line: next, cells };
    next = first + lines;
    if (cells.every((cell) => cell.trim() === '')) return;
    if (header === undefined) header = headerIn(row);
    else if (isRow(row, notes)) addRow(rows, row);
  };
  try {
    parse(text.slice(start), {
      delimiter,
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      max_record_size: longestRow,
      on_record: (record: string[], { lines }) => {
        take(record, lines);
        return null;
      },
    });
  } catch (error) {
    throw error instanceof CsvError ? new UnreadableFile(next, reasons.get(error.code) ?? error.message) : error;
  }
  const { line, cells: columns } = header ?? { line: first, cells: [] };
  return { columns, header: line, rows: withoutEnd(rows, columns, notes), notes };
}

function headerIn(row: TableRow): TableRow {
  const count = row.cells.length;
  if (count <= mostColumns) return row;
  throw new UnreadableFile(row.line, `it names ${count} columns, at most ${mostColumns} are allowed`);
}

/** False for comments, rulers and examples. */
function isRow({ line, cells }: TableRow, notes: string[]): boolean {
  const [first = ''] = cells;
  if (cells.every((cell) => /^[-+:=\s]*$/.test(cell)) && cells.join('').length > 2) return false;
  if (first.startsWith('#')) {
    notes.push(`line ${line} is a comment and is left out`);
    return false;
  }
  if (!/^(?:example|beispiel|exemple|ejemplo|exemplo|例)\s*[:：]/i.test(first)) return true;
  notes.push(`line ${line} is an example ("${first.slice(0, 60)}") and is left out`);
  return false;
}

const totals = words(
  'total,totals,sum,grand total,count,Summe,Gesamt,Gesamtsumme,Anzahl,somme,total général,suma,total general,soma,合計,総計',
  'totale,totali,totaal,razem,łącznie',
);

/** Leaves out what stands below the table: single cells, and totals. */
function withoutEnd(rows: readonly TableRow[], columns: readonly string[], notes: string[]): readonly TableRow[] {
  const length = columns.length < 2 ? rows.length : rows.findLastIndex((row) => !isBelowTable(row)) + 1;
  const first = rows[length];
  if (first === undefined) return rows;
  const shown = `"${truncate(first.cells.filter((cell) => cell !== '').join(' '), 60)}"`;
  const line = rows.length - length > 1 ? `from line ${first.line} on, ${shown}` : `line ${first.line}, ${shown}`;
  notes.push(`${line}, stands below the table and is left out`);
  return rows.slice(0, length);
}

/** A single cell in a table of several columns, or a total. */
function isBelowTable({ cells }: TableRow): boolean {
  const filled = cells.filter((cell) => cell.trim() !== '');
  if (filled.some((cell) => cell.includes('@'))) return false;
  return cells.length === 1 || totals.has(foldWord((filled[0] ?? '').replace(/[\s:=]*\d*$/, '')));
}

const reasons: ReadonlyMap<string, string> = new Map([
  ['CSV_QUOTE_NOT_CLOSED', 'a quote is opened here and never closed'],
  ['CSV_MAX_RECORD_SIZE', 'the row is longer than a million characters; is a quote not closed?'],
  ['INVALID_OPENING_QUOTE', 'there is a quote in the middle of a cell; double it and quote the whole cell'],
  ['CSV_INVALID_CLOSING_QUOTE', 'there is text after a closing quote; double a quote inside a cell'],
]);

/** A row for each of the addresses, of which a line may hold several. */
export function linesTable(text: string): Table {
  const rows: TableRow[] = [];
  for (const [index, whole] of text.split(/\r\n?|\n/).entries()) {
    const line = index + 1;
    if (whole.length > longestRow) throw new UnreadableFile(line, 'the line is longer than a million characters');
    const shown = whole.trim();
    const cells = shown.startsWith('#') ? [] : splitAddresses(shown);
    checkHeadless(cells, line);
    for (const cell of cells) if (cell !== '') addRow(rows, { line, cells: [cell] });
  }
  return { columns: ['email'], rows, notes: [] };
}

/** A table without a header looks like a list of which every other address is wrong. */
function checkHeadless(cells: readonly string[], line: number): void {
  if (line > 1 || cells.length < 2 || cells.every((cell) => cell.includes('@')) || !cells[0]?.includes('@')) return;
  throw new UnreadableFile(line, 'it holds an address, but the first line names the columns');
}
