import { type FileRecord, UnreadableRecord } from './record.ts';

/** The maximum length of one value. */
const longestValue = 1_000_000;

/**
 * The items of an array, or a sequence of values. Parsed one at a time, because a parsed file of 50 MiB would take ten
 * times the memory. Throws `UnreadableRecord` if the text is not valid JSON.
 */
export function* jsonRecords(text: Buffer): Generator<FileRecord> {
  const reader = new JsonReader(text);
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
    throw new UnreadableRecord(line, 'expected an object, or an address in quotes');
  }
  return { line, columns: Object.keys(value), cells: Object.values(value) };
}

const [newline, quote, backslash] = [10, 34, 92];
const opening = new Set([...'[{'].map((character) => character.charCodeAt(0)));
const closing = new Set([...']}'].map((character) => character.charCodeAt(0)));
const blank = new Set([9, newline, 13, 32]);
/** The characters after a number or a literal. */
const ending = new Set([...blank, ...closing, 44]);

/** A position in the text, and its line. */
class JsonReader {
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
    throw new UnreadableRecord(this.line, `${this.#fault}: expected "${character}"`);
  }

  expectEnd(): void {
    this.skipBlank();
    if (!this.isAtEnd) throw new UnreadableRecord(this.line, 'there is text after the end of the JSON');
  }

  /** Parses the value at this position. */
  value(): unknown {
    const { line } = this;
    const start = this.#at;
    this.#at = this.#endOfValue(start);
    try {
      return JSON.parse(this.#text.toString('utf8', start, this.#at));
    } catch (error) {
      throw new UnreadableRecord(line, `${this.#fault}: ${error instanceof Error ? error.message : error}`);
    }
  }

  get #fault(): string {
    return this.isAtEnd ? 'the JSON is cut off' : 'invalid JSON';
  }

  #endOfValue(start: number): number {
    let depth = 0;
    let isInText = false;
    for (let at = start; at < this.#text.length; at += 1) {
      const byte = this.#text[at] ?? 0;
      if (at - start > longestValue)
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

  /** The line end after a number is not part of it. */
  #backFrom(at: number, byte: number): number {
    if (byte === newline) this.line -= 1;
    return at;
  }
}
