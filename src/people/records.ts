import { Readable } from 'node:stream';
import { type ColumnHeadings, mapColumns } from './columns.ts';
import { jsonRecords } from './json-records.ts';
import { type FileRecord, UnreadableRecord } from './record.ts';

/** The format of a file. */
type FileFormat =
  | { readonly kind: 'json' }
  | { readonly kind: 'lines' }
  | { readonly kind: 'csv'; readonly delimiter: ',' | ';' | '\t' };

/** Detected by the content, because file names lie and stdin has none. Undefined if there is nothing in it. */
export function formatOf(text: Buffer, headings?: ColumnHeadings): FileFormat | undefined {
  const line = firstLine(text);
  if (line === '') return undefined;
  if (/^\s*[[{]/.test(line)) return { kind: 'json' };
  const delimiter = delimiterOf(line);
  if (delimiter !== undefined) return { kind: 'csv', delimiter };
  const isHeader = mapColumns([line.replace(/^"(.*)"$/, '$1')], headings).email !== undefined;
  return isHeader ? { kind: 'csv', delimiter: ',' } : { kind: 'lines' };
}

/** The first line that is not empty, as far as anybody would read a header. */
export function firstLine(text: Buffer): string {
  const start = text.toString('utf8', 0, 1 << 16).trimStart();
  const [line = '', next = ''] = start.split(/[\r\n]+/, 2);
  return versionLine.test(line) ? next : line;
}

/** Stands above the header in the files that Microsoft Entra hands out. */
const versionLine = /^version:v[\d.]+[,;\t]*$/;

/** The most frequent one outside of quotes. */
function delimiterOf(line: string): ',' | ';' | '\t' | undefined {
  const plain = line.replace(/"[^"]*"/g, '');
  let best: { delimiter: ',' | ';' | '\t'; count: number } | undefined;
  for (const delimiter of [',', ';', '\t'] as const) {
    const count = plain.split(delimiter).length - 1;
    if (count > (best?.count ?? 0)) best = { delimiter, count };
  }
  return best?.delimiter;
}

/** The rows of a file, one by one. Throws `UnreadableRecord` where the rest cannot be read. */
export async function* recordsOf(text: Buffer, format: FileFormat): AsyncGenerator<FileRecord> {
  if (format.kind === 'lines') yield* lineRecords(text);
  if (format.kind === 'json') yield* jsonRecords(text);
  if (format.kind === 'csv') yield* csvRecords(text, format.delimiter);
}

const justEmail = ['email'] as const;

function* lineRecords(text: Buffer): Generator<FileRecord> {
  let line = 0;
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf(10, start);
    const stop = end < 0 ? text.length : end;
    line += 1;
    // No address is longer, and a file without line ends must not be copied whole.
    const cell = text.toString('utf8', start, Math.min(stop, start + 1000)).trim();
    if (cell !== '') yield { line, columns: justEmail, cells: [cell] };
    start = stop + 1;
  }
}

/** Characters of one row; a quote that is never closed would otherwise swallow the whole file. */
const longestRow = 1_000_000;
const mostColumns = 1000;

interface Parsed {
  readonly record: readonly string[];
  /** The line that it ends in. */
  readonly end: number;
}

/** The header and the rows below it. Throws `UnreadableRecord` where it is not CSV. */
export async function* csvRecords(text: Buffer, delimiter: string): AsyncGenerator<FileRecord> {
  let columns: readonly string[] | undefined;
  let line = 1;
  for await (const { record, end } of parsed(text, delimiter)) {
    const isVersion = columns === undefined && versionLine.test(record.join(','));
    if (!isBlank(record) && !isVersion) {
      yield columns === undefined ? headerOf(record, line) : { line, columns, cells: record };
      columns ??= record;
    }
    line = end + 1;
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
