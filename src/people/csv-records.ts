import { Readable } from 'node:stream';
import { truncate } from '../text/sanitize.ts';
import { foldWord, words } from './headings.ts';
import { type FileRecord, UnreadableRecord } from './record.ts';

export const delimiters = [',', ';', '\t', '|'] as const;

export type Delimiter = (typeof delimiters)[number];

/** Where the table begins in a text. */
interface Start {
  readonly delimiter: Delimiter;
  readonly line: number;
  readonly start: number;
}

/** Stands above the header in the files that Microsoft Entra hands out. */
export function isVersionLine(line: string): boolean {
  return /^version:v[\d.]+[,;\t]*$/.test(line);
}

/** Characters of one row; a quote that is never closed would otherwise swallow the whole file. */
const longestRow = 1_000_000;
const mostColumns = 1000;

interface Parsed {
  readonly record: readonly string[];
  /** The line that it ends in. */
  readonly end: number;
}

/**
 * The header and the rows below it. Comments, example rows and what stands below the table are left out and noted.
 * Throws `UnreadableRecord` where it is not CSV.
 */
export async function* csvRecords(text: Buffer, { delimiter, line: first, start }: Start, notes: string[] = []) {
  const body = text.subarray(start);
  const below = new Below(notes);
  let columns: readonly string[] | undefined;
  let line = first;
  for await (const { record, end } of hasQuotes(body) ? parsed(body, delimiter) : split(body, delimiter)) {
    const cells = delimiter === '|' ? record.map((cell) => cell.trim()) : record;
    const at = line;
    line = first + end;
    if (isBlank(cells)) continue;
    if (columns === undefined) {
      yield headerOf(cells, at);
      columns = cells;
    } else if (isRow(cells, at, notes)) {
      const row: FileRecord = { line: at, columns, cells };
      if (below.isPart(cells, columns)) below.hold(row);
      else {
        yield* below.release();
        yield row;
      }
    }
  }
  below.drop();
}

/** False for comments, rulers and examples. */
function isRow(cells: readonly string[], line: number, notes: string[]): boolean {
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

/** Rows that may stand below the table, which is known only when the file has ended. */
class Below {
  readonly #notes: string[];
  #held: FileRecord[] = [];

  constructor(notes: string[]) {
    this.#notes = notes;
  }

  /** A single cell in a table of several columns, or a total. */
  isPart(cells: readonly string[], columns: readonly string[]): boolean {
    if (columns.length < 2) return false;
    const filled = cells.filter((cell) => cell.trim() !== '');
    const isSingle = cells.length === 1 && !filled[0]?.includes('@');
    return (
      isSingle ||
      (totals.has(foldWord((filled[0] ?? '').replace(/[\s:=]*\d*$/, ''))) && !filled.some((cell) => cell.includes('@')))
    );
  }

  hold(record: FileRecord): void {
    this.#held.push(record);
  }

  /** Another row follows, so they are rows as well. */
  *release(): Generator<FileRecord> {
    yield* this.#held;
    this.#held = [];
  }

  drop(): void {
    const [first, ...more] = this.#held;
    if (first === undefined) return;
    const shown = `"${truncate(first.cells.filter((cell) => cell !== '').join(' '), 60)}"`;
    const lines = more.length === 0 ? `line ${first.line}` : `lines ${first.line} to ${more.at(-1)?.line}`;
    const verb = more.length === 0 ? 'stands' : 'stand';
    this.#notes.push(`${lines}, ${shown}, ${verb} below the table and ${more.length === 0 ? 'is' : 'are'} left out`);
  }
}

/** Whether a cell may hold more than what stands between two delimiters, or a line end that no split finds. */
function hasQuotes(text: Buffer): boolean {
  return text.includes('"') || (text.includes('\r') && /\r(?!\n)/.test(text.toString('latin1')));
}

/** The rows of a file without quotes: a tenth of the parser's time. */
function* split(text: Buffer, delimiter: string): Generator<Parsed> {
  let end = 0;
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf(10, start);
    const stop = found < 0 ? text.length : found;
    end += 1;
    const row = text.toString('utf8', start, text[stop - 1] === 13 ? stop - 1 : stop);
    if (row.length > longestRow) throw new UnreadableRecord(end, tooLong);
    yield { record: row.split(delimiter), end };
    start = stop + 1;
  }
}

async function* parsed(text: Buffer, delimiter: string): AsyncGenerator<Parsed> {
  // The parser is ahead of its reader, and rows before an error may never arrive.
  const ends: number[] = [];
  let last = 0;
  const { parse } = await import('csv-parse');
  const parser = parse({
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    max_record_size: longestRow,
    on_record: (record: string[], { lines }) => {
      ends.push(lines);
      last = lines;
      return record;
    },
  });
  // In pieces, so that no more rows are in memory than are being looked at.
  const records: AsyncIterable<readonly string[]> = Readable.from(pieces(text)).pipe(parser);
  try {
    for await (const record of records) yield { record, end: ends.shift() ?? last };
  } catch (error) {
    throw describeParseError(error, last + 1);
  }
}

function* pieces(text: Buffer): Generator<Buffer> {
  const size = 1 << 16;
  for (let start = 0; start < text.length; start += size) yield text.subarray(start, start + size);
}

function isBlank(record: readonly string[]): boolean {
  return record.every((cell) => cell.trim() === '');
}

function headerOf(columns: readonly string[], line: number): FileRecord {
  if (columns.length <= mostColumns) return { line, columns, cells: [], isHeader: true };
  throw new UnreadableRecord(line, `it names ${columns.length} columns, at most ${mostColumns} are allowed`);
}

function describeParseError(error: unknown, line: number): unknown {
  if (!(error instanceof Error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  const reason = reasons.get(code ?? '');
  return reason === undefined ? error : new UnreadableRecord(line, reason);
}

const tooLong = 'the row is longer than a million characters; is a quote not closed?';
const reasons = new Map([
  ['CSV_QUOTE_NOT_CLOSED', 'a quote is opened here and never closed'],
  ['CSV_MAX_RECORD_SIZE', tooLong],
  ['INVALID_OPENING_QUOTE', 'there is a quote in the middle of a cell; double it and quote the whole cell'],
  ['CSV_INVALID_CLOSING_QUOTE', 'there is text after a closing quote; double a quote inside a cell'],
]);
