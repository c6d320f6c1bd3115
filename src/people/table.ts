import { splitAddresses } from '../api/email.ts';
import { truncate } from '../text/sanitize.ts';
import { type ColumnHeadings, headingTold } from './columns.ts';
import { fieldOf, foldWord, headingAmong, words } from './headings.ts';
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
  /** A sentence about what says that there are more pages of the list. */
  readonly goesOn?: string | undefined;
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

const delimiters = [',', ';', '\t', '|'] as const;

type Delimiter = (typeof delimiters)[number];

interface CsvFormat {
  readonly kind: 'csv';
  readonly delimiter: Delimiter;
  /** The line of the header, from 1, and where it begins. */
  readonly line: number;
  readonly start: number;
  /** Whether something other than blank lines, comments and what programs put there stands above it. */
  readonly isBelow: boolean;
}

export type FileFormat = { readonly kind: 'json' | 'yaml' | 'lines' } | CsvFormat;

/** Detected by the content, because file names lie and stdin has none. Undefined if there is nothing in it. */
export function formatOf(text: string, headings: ColumnHeadings = []): FileFormat | undefined {
  const lines = firstLines(text);
  const [first] = lines;
  if (first === undefined) return undefined;
  if (/^\s*[[{]/.test(first.text)) return { kind: 'json' };
  const top = lines.find((line) => !isAside(line.text)) ?? first;
  if (surelyYaml.test(top.text) || lines.every((line) => ofMapping.test(line.text))) return { kind: 'yaml' };
  const header = headerIn(lines, headings);
  if (header !== undefined) return header;
  if (/^["\w-]+:(?:\s*$|\s+\S)/.test(top.text)) return { kind: 'yaml' };
  const delimiter = top.text.includes('@') ? undefined : delimiterOf(top.text);
  if (delimiter === undefined) return { kind: 'lines' };
  return { kind: 'csv', delimiter, line: top.line, start: top.start, isBelow: false };
}

/** What stands at the top of a file for `invite plan`. */
const documentKeys =
  'version|organization|managed|people|teams|ignore|domains|auth_type|reinvite|within|\\$schema|x-[\\w-]+';

/** A list, or a document with one of the keys that stand at the top of it. */
const surelyYaml = new RegExp(`^(?:---\\s*(?:$|#)| *-(?: |$)|"?(?:${documentKeys})"?:(?:\\s|$))`);

/** A line of a mapping in YAML, in whose keys there may be headings of tables as well. */
const ofMapping = /^ *(?:- |"?[\w.$-]+"?:(?:\s|$))/;

/** Whether a file has people one by one, rather than a document that says more about all of them. */
export function isTable(text: string, { kind }: FileFormat): boolean {
  if (kind === 'yaml') return /^(?: *(?:#.*|---.*)?[\r\n])* *-\s/.test(text.trimStart());
  return kind !== 'json' || !topKeys(text).some((key) => /^(?:version|managed|people)$/.test(key));
}

/** A file for `invite plan`: several of the keys at its top stand at the top of such a file. */
export function isPeopleFile(keys: readonly string[]): boolean {
  return keys.filter((key) => new RegExp(`^(?:${documentKeys})$`).test(key)).length > 1;
}

/** The keys of a document. Of JSON that is not valid, all keys at its beginning: what may limit others is not taken for a list. */
export function topKeys(text: string): string[] {
  const kind = formatOf(text)?.kind;
  if (kind !== 'json') return kind === 'yaml' ? keysIn(text, /^"?([\w$-]+)"?:(?=\s|$)/gm) : [];
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? Object.keys(value) : [];
  } catch {
    const isList = /^\s*(?:\[|\{.*\}\s*\{)/.test(text);
    return isList ? [] : keysIn(text.slice(0, 1 << 16), /"([\w$-]+)"\s*:/g);
  }
}

function keysIn(text: string, key: RegExp): string[] {
  return [...text.matchAll(key)].map(([, name = '']) => name);
}

interface Line {
  readonly text: string;
  readonly line: number;
  /** Its first character. */
  readonly start: number;
}

export function firstLine(text: string): string {
  return firstLines(text)[0]?.text ?? '';
}

/** Lines among which a header is looked for. */
const mostAbove = 20;

/** The first lines that are not blank, as far as anybody would read a header. */
function firstLines(text: string): Line[] {
  const lines: Line[] = [];
  let line = 0;
  for (const { 0: whole, index: start } of text.slice(0, 1 << 20).matchAll(/[^\r\n]*(?:\r\n|[\r\n]|$)/g)) {
    line += 1;
    const shown = whole.slice(0, 1 << 16).trimEnd();
    if (shown.trim() !== '') lines.push({ text: shown, line, start });
    if (lines.length >= mostAbove) break;
  }
  return lines;
}

const separatorLine = /^"?sep=(.)"?$/i;

/** Stands above the header in the files that Microsoft Entra hands out. */
const versionLine = /^version:v[\d.]+[,;\t]*$/;

/** Lines of a program, not of people. */
function isAside(line: string): boolean {
  return separatorLine.test(line) || versionLine.test(line) || /^\s*#(?![,;\t|])/.test(line);
}

/** The first line that names a column of addresses, and holds none itself. */
function headerIn(lines: readonly Line[], headings: ColumnHeadings): FileFormat | undefined {
  const sep = separatorLine.exec(lines[0]?.text ?? '')?.[1];
  const told = delimiters.find((one) => one === sep);
  for (const [index, { text, line, start }] of lines.entries()) {
    if (text.includes('@') && !/\[\w+\]/.test(text)) continue;
    const delimiter = told ?? delimiterOf(text) ?? ',';
    const cells = cellsOf(text, delimiter);
    const named = headingTold(headings, 'email') ?? '';
    const heading = named === '' ? cells.find((cell) => fieldOf(cell) === 'email') : headingAmong(cells, named);
    if (heading === undefined) continue;
    const above = lines.slice(0, index).filter((one) => !isAside(one.text));
    // Rows stand above it if the lines were sorted.
    if (above.some((one) => /^\S+@\S+$/.test(cellsOf(one.text, delimiter)[cells.indexOf(heading)] ?? ''))) continue;
    return { kind: 'csv', delimiter, line, start, isBelow: above.length > 0 };
  }
  const [, second] = lines;
  if (told === undefined || second === undefined || hasAddress(second.text)) return undefined;
  return { kind: 'csv', delimiter: told, line: second.line, start: second.start, isBelow: false };
}

/** The cells of a line, as far as its header goes: a quoted cell may hold delimiters, but no line ends. */
function cellsOf(line: string, delimiter: string): string[] {
  const cells = line.matchAll(new RegExp(`((?:"(?:[^"]|"")*"|[^"${delimiter}])*)[${delimiter}]?`, 'g'));
  return [...cells].map(([, cell = '']) => cell.trim().replace(/^"(.*)"$/, '$1'));
}

/** The most frequent one outside of quotes. */
function delimiterOf(line: string): Delimiter | undefined {
  const plain = line.replace(/"[^"]*"/g, '');
  const counts = delimiters.map((delimiter) => plain.split(delimiter).length);
  const most = Math.max(...counts);
  return most > 1 ? delimiters[counts.indexOf(most)] : undefined;
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
    const cells = delimiter === '|' ? record.map(unescaped) : record;
    const row = { line: next, cells };
    next = first + lines;
    const isRuler = cells.every((cell) => /^[-+:=\s]*$/.test(cell)) && cells.join('').length > 2;
    if (isRuler || cells.every((cell) => cell.trim() === '')) return;
    if (header === undefined) {
      header = row;
      if (cells.length <= mostColumns) return;
      throw new UnreadableFile(row.line, `it names ${cells.length} columns, at most ${mostColumns} are allowed`);
    }
    const aside = asideIn(cells, header.cells);
    if (aside === undefined) addRow(rows, row);
    else notes.push(`line ${row.line} ${aside} and is left out`);
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

/** A cell of a table in Markdown, without the signs before what would be markup. */
function unescaped(cell: string): string {
  return cell.trim().replace(/\\(?=[!-/:-@[-`{-~])/g, '');
}

/** What a line is, in words, that is no row of its table. */
function asideIn(cells: readonly string[], header: readonly string[]): string | undefined {
  const [first = ''] = cells;
  // The number of a row, or of a ticket, is none.
  if (/^#(?!\d+$)/.test(first)) return 'is a comment';
  if (cells.every((cell, at) => cell === header[at])) return 'repeats the header';
  const isExample = /^(?:example|beispiel|exemple|ejemplo|exemplo|例)\s*[:：]/i.test(first);
  return isExample ? `is an example ("${first.slice(0, 60)}")` : undefined;
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

export function linesTable(text: string): Table {
  const rows: TableRow[] = [];
  let isFirst = true;
  for (const [index, whole] of text.split(/\r\n?|\n/).entries()) {
    const line = index + 1;
    if (whole.length > longestRow) throw new UnreadableFile(line, 'the line is longer than a million characters');
    const shown = whole.trim();
    const cells = shown.startsWith('#') ? [] : splitAddresses(shown);
    if (isFirst) checkHeadless(cells, line);
    isFirst &&= !cells.some(hasAddress);
    for (const cell of cells) if (cell !== '') addRow(rows, { line, cells: [cell] });
  }
  return { columns: ['email'], rows, notes: [] };
}

function hasAddress(cell: string): boolean {
  return cell.includes('@');
}

/** A table without a header looks like a list with other things in it, of which somebody may be gone. */
function checkHeadless(cells: readonly string[], line: number): void {
  // Mail programs write names alone beside addresses in angle brackets.
  if (!cells.some(hasAddress) || cells.every(hasAddress) || cells.some((cell) => cell.includes('<'))) return;
  throw new UnreadableFile(line, 'it holds an address, but the first line names the columns');
}
