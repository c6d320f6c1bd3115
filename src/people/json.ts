import { type ParseErrorCode, printParseErrorCode, visit } from 'jsonc-parser';
import type { Entry, Value } from './document.ts';
import { UnreadableFile } from './problems.ts';

/** Values, and objects and lists among them, of a document that are read at most: ten objects for each row. */
const mostValues = 5_000_000;
const mostObjects = 1_000_000;

/**
 * The values of a text: one, or several after each other as in NDJSON and in the pages that some clients print. Throws
 * `UnreadableFile` if it is not valid JSON, or has a key twice, which `JSON.parse` would not notice. The home of
 * jsonc-parser.
 */
export function* jsonValues(text: string): Generator<Value> {
  let line = 1;
  for (let at = 0; at < text.length; ) {
    const blank = /\s*/y;
    blank.lastIndex = at;
    const [space = ''] = blank.exec(text) ?? [];
    line += space.split('\n').length - 1;
    at += space.length;
    if (at >= text.length) return;
    const tree = new Tree(line);
    yield tree.read(text.slice(at));
    at += tree.end;
    line += tree.lines;
  }
}

/** A list or an object that is not closed yet. */
interface Open {
  readonly add: (value: Value) => void;
  readonly seen?: Set<string>;
}

/** Builds a value from what the parser meets, and stops behind it. */
class Tree {
  readonly #first: number;
  readonly #open: Open[] = [];
  readonly #done = new Error('the value ends here');
  #value: Value | undefined;
  #key = { key: '', line: 1 };
  #count = 0;
  #objects = 0;
  /** Characters, and line ends, that the value takes. */
  end = 0;
  lines = 0;

  constructor(line: number) {
    this.#first = line;
  }

  read(text: string): Value {
    this.end = text.length;
    try {
      visit(text, this.#visitor);
    } catch (error) {
      if (error instanceof RangeError) throw new UnreadableFile(this.#first, 'the JSON is nested too deeply');
      if (error !== this.#done) throw error;
    }
    if (this.#value !== undefined) return this.#value;
    throw new UnreadableFile(this.#first, 'invalid JSON: value expected');
  }

  readonly #visitor = {
    onObjectBegin: (_: number, __: number, at: number) => {
      const [line, entries]: [number, Entry[]] = [this.#first + at, []];
      this.#begin({ kind: 'map', line, entries: () => entries });
      this.#open.push({ add: (value) => entries.push({ ...this.#key, value }), seen: new Set() });
    },
    onObjectProperty: (key: string, _: number, __: number, at: number) => {
      const line = this.#first + at;
      const seen = this.#open.at(-1)?.seen;
      if (seen?.has(key)) throw new UnreadableFile(line, `the key "${key}" appears twice`);
      seen?.add(key);
      this.#key = { key, line };
    },
    onObjectEnd: (offset: number, length: number, line: number) => this.#close(offset + length, line),
    onArrayBegin: (_: number, __: number, at: number) => {
      const items: Value[] = [];
      this.#begin({ kind: 'list', line: this.#first + at, items: () => items });
      this.#open.push({ add: (value) => items.push(value) });
    },
    onArrayEnd: (offset: number, length: number, line: number) => this.#close(offset + length, line),
    onLiteralValue: (scalar: unknown, offset: number, length: number, line: number) => {
      this.#add({ kind: 'scalar', line: this.#first + line, scalar });
      if (this.#open.length === 0) this.#finish(offset + length, line);
    },
    onError: (code: ParseErrorCode, _: number, length: number, line: number) => {
      const name = printParseErrorCode(code);
      // Another value follows: its turn comes.
      if (this.#value !== undefined && name === 'EndOfFileExpected') throw this.#done;
      const isCut = length === 0 || name === 'UnexpectedEndOfString';
      const words = name.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
      const fault = isCut ? 'the JSON is cut off' : 'invalid JSON';
      throw new UnreadableFile(this.#first + line, `${fault}: ${words.toLowerCase()}`);
    },
  };

  #begin(value: Value): void {
    this.#objects += 1;
    if (this.#objects > mostObjects)
      throw new UnreadableFile(value.line, `the file has more than ${mostObjects} objects`);
    this.#add(value);
  }

  #add(value: Value): void {
    this.#count += 1;
    if (this.#count > mostValues) throw new UnreadableFile(value.line, `the file has more than ${mostValues} values`);
    const into = this.#open.at(-1);
    if (into === undefined) this.#value = value;
    else into.add(value);
  }

  #close(end: number, line: number): void {
    this.#open.pop();
    if (this.#open.length === 0) this.#finish(end, line);
  }

  #finish(end: number, line: number): void {
    [this.end, this.lines] = [end, line];
  }
}
