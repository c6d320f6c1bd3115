import { type ParseErrorCode, printParseErrorCode, visit } from 'jsonc-parser';
import { isEmailHeading } from './columns.ts';
import { type FileRecord, Mapping, UnreadableRecord } from './record.ts';

/** Values, and objects among them, of a document that are read at most: ten objects for each of the rows allowed. */
const mostValues = 20_000_000;
const mostObjects = 1_000_000;

/**
 * The values of a text: one, or several after each other as in NDJSON and in the pages that some clients print. Throws
 * `UnreadableRecord` if it is not valid JSON, or has a key twice, which `JSON.parse` would not notice.
 */
export function* jsonValues(text: string): Generator<{ readonly value: unknown; readonly line: number }> {
  let line = 1;
  for (let at = 0; at < text.length; ) {
    const blank = /\s*/y;
    blank.lastIndex = at;
    const [space = ''] = blank.exec(text) ?? [];
    line += linesIn(space);
    at += space.length;
    if (at >= text.length) return;
    const { value, end, lines } = valueAt(text.slice(at), line);
    yield { value, line };
    at += end;
    line += lines;
  }
}

function linesIn(text: string): number {
  return text.split('\n').length - 1;
}

/** A value, with the number of characters and of line ends that it takes. */
function valueAt(text: string, line: number): { value: unknown; end: number; lines: number } {
  const tree = new Tree(line);
  try {
    visit(text, tree.visitor);
  } catch (error) {
    if (error === tree.done) return { value: tree.value, end: tree.end, lines: tree.lines };
    if (error instanceof RangeError) throw new UnreadableRecord(line, 'the JSON is nested too deeply');
    throw error;
  }
  return { value: tree.value, end: text.length, lines: tree.lines };
}

/** An array of a document, with the line of each of its items. */
class Items extends Array<unknown> {
  readonly lines: number[] = [];
}

/** Builds a value from what the parser meets, and stops behind it. */
class Tree {
  readonly done = new Error('the value ends here');
  readonly #first: number;
  readonly #open: { readonly into: Mapping | Items; readonly seen: Set<string> | undefined }[] = [];
  #key = '';
  #count = 0;
  #objects = 0;
  #isWhole = false;
  value: unknown;
  end = 0;
  lines = 0;

  constructor(line: number) {
    this.#first = line;
  }

  readonly visitor = {
    onObjectBegin: (_: number, __: number, line: number) => {
      this.#objects += 1;
      if (this.#objects > mostObjects)
        throw new UnreadableRecord(this.#first + line, `the file has more than ${mostObjects} objects`);
      const into = new Mapping(this.#first + line);
      this.#add(into, line);
      this.#open.push({ into, seen: new Set() });
    },
    onObjectProperty: (name: string, _: number, __: number, line: number) => {
      const seen = this.#open.at(-1)?.seen;
      if (seen?.has(name)) throw new UnreadableRecord(this.#first + line, `the key "${name}" appears twice`);
      seen?.add(name);
      this.#key = name;
    },
    onObjectEnd: (offset: number, length: number, line: number) => this.#close(offset + length, line),
    onArrayBegin: (_: number, __: number, line: number) => {
      const into = new Items();
      this.#add(into, line);
      this.#open.push({ into, seen: undefined });
    },
    onArrayEnd: (offset: number, length: number, line: number) => this.#close(offset + length, line),
    onLiteralValue: (value: unknown, offset: number, length: number, line: number) => {
      this.#add(value, line);
      if (this.#open.length === 0) this.#finish(offset + length, line);
    },
    onError: (code: ParseErrorCode, _: number, length: number, line: number) => {
      // Another value follows: its turn comes.
      if (this.#isWhole && printParseErrorCode(code) === 'EndOfFileExpected') throw this.done;
      const isCut = length === 0 || printParseErrorCode(code) === 'UnexpectedEndOfString';
      const words = printParseErrorCode(code).replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
      const fault = isCut ? 'the JSON is cut off' : 'invalid JSON';
      throw new UnreadableRecord(this.#first + line, `${fault}: ${words.toLowerCase()}`);
    },
  };

  #add(value: unknown, line: number): void {
    this.#count += 1;
    if (this.#count > mostValues)
      throw new UnreadableRecord(this.#first + line, `the file has more than ${mostValues} values`);
    const into = this.#open.at(-1)?.into;
    if (into === undefined) this.value = value;
    else if (into instanceof Mapping) into.add(this.#key, value);
    else {
      into.push(value);
      into.lines.push(this.#first + line);
    }
  }

  #close(end: number, line: number): void {
    this.#open.pop();
    if (this.#open.length === 0) this.#finish(end, line);
  }

  #finish(end: number, line: number): void {
    this.#isWhole = true;
    [this.end, this.lines] = [end, line];
  }
}

/**
 * The people of values of a document: objects, or addresses, in arrays however nested, or in a single list inside. One
 * by one, since a file may have a hundred thousand.
 * @param notes Says where they were found if there is something around them.
 */
export function* recordsIn(
  values: Iterable<{ readonly value: unknown; readonly line: number }>,
  notes: string[],
): Generator<FileRecord> {
  const shape = new Shape();
  for (const { value, line } of values) {
    if (!(value instanceof Mapping) || isPerson(value)) yield* shape.recordsOf(value, line);
    else if (isDocument(value)) yield* shape.recordsOf(value.get('people'), line);
    else if (isByAddress(value)) yield* shape.recordsOf(peopleByAddress(value), line);
    else {
      const inside = listInside(value);
      if (notes.length === 0) notes.push(`the people are those in "${inside.path}"`);
      yield* shape.recordsOf(inside.list, line);
    }
  }
}

/** Whether it has an address under a heading of addresses, or one anywhere and no list beside it. */
function isPerson(value: Mapping): boolean {
  if (value.keys.some((key, index) => isEmailHeading(key) && isAddress(value.values[index]))) return true;
  const isFlat = !value.values.some((one) => Array.isArray(one) && one.some((item) => item instanceof Mapping));
  const inner = value.values.flatMap((one) => (one instanceof Mapping ? one.values : [one]));
  if (!isFlat || isByAddress(value)) return false;
  return inner.some(isAddress) || (!hasPeople(value) && hasAddress(value));
}

/** Objects in objects that are looked into. */
const deepest = 6;

/** Whether several people may be inside, in a list or by their addresses. */
function hasPeople(value: unknown, depth = 0): boolean {
  if (Array.isArray(value)) return value.some((item) => item instanceof Mapping);
  if (!(value instanceof Mapping)) return false;
  return depth > deepest || isByAddress(value) || value.values.some((one) => hasPeople(one, depth + 1));
}

function hasAddress(value: unknown, depth = 0): boolean {
  if (!(value instanceof Mapping)) return isAddress(value);
  return depth < deepest && value.values.some((one) => hasAddress(one, depth + 1));
}

function isAddress(value: unknown): boolean {
  return typeof value === 'string' && value.includes('@');
}

/** As `invite export` writes it: what stands beside the people is not about any of them. */
function isDocument(value: Mapping): boolean {
  return value.keys.includes('version') && Array.isArray(value.get('people'));
}

function isByAddress(value: Mapping): boolean {
  return value.keys.length > 0 && value.keys.every((name) => name.includes('@'));
}

interface Inside {
  readonly path: string;
  readonly list: unknown;
}

/** Throws `UnreadableRecord` unless exactly one list of objects or addresses is inside. */
function listInside(value: Mapping): Inside {
  const lists = [...listsIn(value, '')];
  const [only, ...more] = lists;
  if (only !== undefined && more.length === 0) return only;
  const several = lists.map(({ path }) => `"${path}"`).join(', ');
  throw new UnreadableRecord(
    value.line,
    only === undefined
      ? 'there is no column "email" in it, and no list of people'
      : `there are several lists in it: ${several}; keep one`,
  );
}

function* listsIn(value: Mapping, path: string): Generator<Inside> {
  for (const [index, key] of value.keys.entries()) {
    const inner = value.values[index];
    const here = path === '' ? key : `${path}.${key}`;
    if (Array.isArray(inner)) {
      if (inner.some((item) => item instanceof Mapping || Array.isArray(item) || isAddress(item)))
        yield { path: here, list: inner };
    } else if (inner instanceof Mapping) {
      if (isByAddress(inner)) yield { path: here, list: peopleByAddress(inner) };
      else yield* listsIn(inner, here);
    }
  }
}

/** `{ "ann@example.com": { … } }` as a list of objects with an `email`. */
function peopleByAddress(value: Mapping): unknown[] {
  return value.keys.map((email, index) => {
    const inner = value.values[index];
    const person = new Mapping(inner instanceof Mapping ? inner.line : value.line);
    person.add('email', email);
    if (inner instanceof Mapping) for (const [at, key] of inner.keys.entries()) person.add(key, inner.values[at]);
    return person;
  });
}

/** Objects of one shape share the names of their columns. */
class Shape {
  readonly #known = new Map<string, readonly string[]>();

  *recordsOf(value: unknown, line: number): Generator<FileRecord> {
    if (Array.isArray(value)) {
      const lines = value instanceof Items ? value.lines : [];
      for (const [at, item] of value.entries()) yield* this.recordsOf(item, lines[at] ?? line);
    } else if (value instanceof Mapping) yield this.#recordOf(value);
    else if (typeof value === 'string') yield { line, columns: this.#shared(['email']), cells: [value] };
    else throw new UnreadableRecord(line, 'expected an object, or an address in quotes');
  }

  #recordOf(value: Mapping): FileRecord {
    const columns: string[] = [];
    const cells: unknown[] = [];
    flatten(value, '', (name, cell) => {
      columns.push(name);
      cells.push(cell);
    });
    return { line: value.line, columns: this.#shared(columns), cells };
  }

  #shared(columns: readonly string[]): readonly string[] {
    const key = columns.join('\0');
    const known = this.#known.get(key) ?? columns;
    this.#known.set(key, known);
    return known;
  }
}

/** Items of a list inside an object that become columns. */
const mostItems = 5;

/** Objects inside become columns as `profile.email`, those in a list as `emails[0].value`, the primary one first. */
function flatten(value: Mapping, prefix: string, add: (name: string, cell: unknown) => void): void {
  for (const [index, key] of value.keys.entries()) {
    const cell = value.values[index];
    const name = `${prefix}${key}`;
    if (cell instanceof Mapping) flatten(cell, `${name}.`, add);
    else if (!Array.isArray(cell) || !cell.every((item) => item instanceof Mapping) || cell.length === 0)
      add(name, cell);
    else if (cell.every((item) => item.keys.includes('role_name') || item.keys.includes('role'))) add(name, cell);
    else {
      const sorted = [...cell].sort((a, b) => Number(b.get('primary') === true) - Number(a.get('primary') === true));
      for (const [at, item] of sorted.slice(0, mostItems).entries()) flatten(item, `${name}[${at}].`, add);
    }
  }
}
