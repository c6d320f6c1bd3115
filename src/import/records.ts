import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { UnreadableRecord } from './row.ts';
import type { FileFormat } from './source.ts';

/** One row as it stands in the file. */
export interface FileRecord {
  /** Where it begins, counted from 1. */
  readonly line: number;
  /** The same array for all rows, where a header names them for all. */
  readonly columns: readonly string[];
  /** Texts, or in JSON anything; one for each column, or the row is wrong. */
  readonly cells: readonly unknown[];
  /** The line that names the columns; it has no cells. */
  readonly isHeader?: true;
}

/** The rows of a file, one by one. Throws `Unreadable` where it cannot be read on. */
export async function* recordsOf(text: Buffer, format: FileFormat): AsyncGenerator<FileRecord> {
  if (format.kind === 'lines') yield* lineRecords(text);
  if (format.kind === 'json') yield* jsonRecords(text);
  if (format.kind === 'csv') {
    const { csvRecords } = await import('./records.ts');
    yield* csvRecords(text, format.delimiter);
  }
}

const justEmail = ['email'] as const;

function* lineRecords(text: Buffer): Generator<FileRecord> {
  let line = 0;
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf(10, start);
    const stop = end < 0 ? text.length : end;
    line += 1;
    // No address is longer, and a file without line ends is not to be copied whole.
    const cell = text.toString('utf8', start, Math.min(stop, start + 1000)).trim();
    if (cell !== '') yield { line, columns: justEmail, cells: [cell] };
    start = stop + 1;
  }
}

/** Characters of one row; a quote that is never closed would else swallow the whole file. */
const mostOfRow = 1_000_000;
const mostColumns = 1000;

interface Parsed {
  readonly record: readonly string[];
  /** The line that it ends in. */
  readonly end: number;
}

/** The header and the rows below it. Throws `Unreadable` where it is no CSV. */
export async function* csvRecords(text: Buffer, delimiter: string): AsyncGenerator<FileRecord> {
  let columns: readonly string[] | undefined;
  let line = 1;
  for await (const { record, end } of parsed(text, delimiter)) {
    if (!isBlank(record)) {
      yield columns === undefined ? headerOf(record, line) : { line, columns, cells: record };
      columns ??= record;
    }
    line = end + 1;
  }
}

async function* parsed(text: Buffer, delimiter: string): AsyncGenerator<Parsed> {
  // The parser is ahead of whoever reads from it, and rows before an error may never arrive.
  const ends: number[] = [];
  let last = 0;
  const parser = parse({
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    max_record_size: mostOfRow,
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
    throw wordsFor(error, last + 1);
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
  throw new UnreadableRecord(line, `it names ${columns.length} columns, ${mostColumns} are the most`);
}

function wordsFor(error: unknown, line: number): unknown {
  if (!(error instanceof Error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  const words = reasons.get(code ?? '');
  return words === undefined ? error : new UnreadableRecord(line, words);
}

const reasons = new Map([
  ['CSV_QUOTE_NOT_CLOSED', 'a quote is opened here and never closed'],
  ['CSV_MAX_RECORD_SIZE', 'the row is longer than a million characters; is a quote not closed?'],
  ['INVALID_OPENING_QUOTE', 'a quote stands in the middle of a cell; write it twice and quote the whole cell'],
  ['CSV_INVALID_CLOSING_QUOTE', 'text stands behind a closing quote; write a quote inside a cell twice'],
]);

const mostOfValue = 1_000_000;

/**
 * The items of an array, or the values that follow one another. Read one by one, because a parsed file of 50 MiB would
 * be ten times as large. Throws `Unreadable` where it is no JSON.
 */
export function* jsonRecords(text: Buffer): Generator<FileRecord> {
  const reader = new Reader(text);
  reader.skipBlank();
  const isArray = reader.take('[');
  for (let count = 0; ; count += 1) {
    reader.skipBlank();
    if (isArray && reader.take(']')) break;
    if (reader.isAtEnd && !isArray) break;
    if (isArray && count > 0) reader.expect(',');
    reader.skipBlank();
    const line = reader.line;
    yield recordOf(reader.value(), line);
  }
  if (isArray) reader.expectEnd();
}

function recordOf(value: unknown, line: number): FileRecord {
  if (typeof value === 'string') return { line, columns: ['email'], cells: [value] };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UnreadableRecord(line, 'an object or an address in quotes was due');
  }
  return { line, columns: Object.keys(value), cells: Object.values(value) };
}

const [newline, quote, backslash] = [10, 34, 92];
const opening = new Set([...'[{'].map((character) => character.charCodeAt(0)));
const closing = new Set([...']}'].map((character) => character.charCodeAt(0)));
const blank = new Set([9, newline, 13, 32]);
/** What ends a number or a word. */
const ending = new Set([...blank, ...closing, 44]);

/** A place in the text, and the line that it is in. */
class Reader {
  readonly #text: Buffer;
  #at = 0;
  line = 1;

  constructor(text: Buffer) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  skipBlank(): void {
    for (; blank.has(this.#text[this.#at] ?? 0); this.#at += 1) {
      if (this.#text[this.#at] === newline) this.line += 1;
    }
  }

  take(character: string): boolean {
    if (this.#text[this.#at] !== character.charCodeAt(0)) return false;
    this.#at += 1;
    return true;
  }

  expect(character: string): void {
    if (this.take(character)) return;
    const words = this.isAtEnd ? 'the JSON is cut off' : 'the JSON is not right here';
    throw new UnreadableRecord(this.line, `${words}: "${character}" was due`);
  }

  expectEnd(): void {
    this.skipBlank();
    if (!this.isAtEnd) throw new UnreadableRecord(this.line, 'the JSON goes on behind its end');
  }

  /** The value that begins here. */
  value(): unknown {
    const { line } = this;
    const start = this.#at;
    this.#at = this.#endOfValue(start);
    try {
      return JSON.parse(this.#text.toString('utf8', start, this.#at));
    } catch (error) {
      const words = this.isAtEnd ? 'the JSON is cut off' : 'the JSON is not right here';
      throw new UnreadableRecord(line, `${words}: ${error instanceof Error ? error.message : error}`);
    }
  }

  #endOfValue(start: number): number {
    let depth = 0;
    let isInText = false;
    for (let at = start; at < this.#text.length; at += 1) {
      const byte = this.#text[at] ?? 0;
      if (at - start > mostOfValue)
        throw new UnreadableRecord(this.line, 'one value is longer than a million characters');
      if (byte === newline) this.line += 1;
      if (isInText && byte === backslash) at += 1;
      else if (byte === quote) isInText = !isInText;
      if (isInText) continue;
      if (opening.has(byte)) depth += 1;
      if (depth === 0 && ending.has(byte)) return this.#backFrom(at, byte);
      if (closing.has(byte)) depth -= 1;
      const isWhole = depth === 0 && (closing.has(byte) || byte === quote);
      if (isWhole) return at + 1;
    }
    return this.#text.length;
  }

  /** The line end behind a number is not part of it. */
  #backFrom(at: number, byte: number): number {
    if (byte === newline) this.line -= 1;
    return at;
  }
}
