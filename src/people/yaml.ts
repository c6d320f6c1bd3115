import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Value } from './document.ts';
import { deepest, type FileProblems, UnreadableFile } from './problems.ts';

/** Of the longest text: the parser needs a hundred times as much memory. */
const maxLength = 8 * 1024 * 1024;

/**
 * Parses YAML and JSON. Undefined if it is not valid: then the problems are reported. Throws `UnreadableFile` if it is
 * too long, its aliases stand for too much, or it is nested too deeply. The only user of the parser of `yaml`.
 */
export function parseYaml(text: string, problems: FileProblems): Value | undefined {
  if (text.length > maxLength) throw new UnreadableFile(1, 'it is larger than 8 MiB; write it as CSV');
  checkDepth(text);
  const lines = new LineCounter();
  // The parser takes no CR by itself for the end of a line. Its own check for repeated keys takes quadratic time.
  const document = parseDocument(text.replace(/\r\n?/g, '\n'), {
    lineCounter: lines,
    uniqueKeys: false,
    // Whatever %YAML and tags a file names: `yes` and dates are text, and there is no binary.
    schema: 'core',
    resolveKnownTags: false,
  });
  const before = problems.count;
  // The parser only warns of an unknown tag.
  for (const { code, message, linePos } of [...document.errors, ...document.warnings]) {
    problems.add(linePos?.[0].line ?? 1, describe(code, message));
  }
  if (problems.count > before) return undefined;
  const root = new Reader(document, lines, problems).valueOf(document.contents, 1);
  return problems.count > before ? undefined : root;
}

/** Of a parser that runs out of its stack the whole process may die. */
function checkDepth(text: string): void {
  let depth = 0;
  for (const [sign] of text.matchAll(/[[\]{}]/g)) {
    depth = Math.max(0, depth + (sign === '[' || sign === '{' ? 1 : -1));
    if (depth > deepest) break;
  }
  const isIndented = new RegExp(`^[ ?:-]{${deepest}}`, 'm').test(text);
  if (depth > deepest || isIndented) throw new UnreadableFile(1, 'it is nested too deeply');
}

const reasons: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'a second document begins here; a file holds one',
  TAB_AS_INDENT: 'this line is indented with a tab; YAML allows only spaces',
  BAD_ALIAS: 'this begins with "*", which refers to an anchor; write it in quotes',
};

function describe(code: string, message: string): string {
  const [first = ''] = message.split('\n');
  const text =
    reasons[code] ?? first.replace(/ at line \d+, column \d+:?$/, '').replace(/^./, (letter) => letter.toLowerCase());
  return code === 'BAD_SCALAR_START' ? `${text}; write it in quotes` : text;
}

/** The maximum number of values of a document with its aliases expanded. */
const maxValues = 2_000_000;

class Reader {
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;
  readonly #problems: FileProblems;
  /** What an alias stands for, with the number of values in it; it ends before its aliases begin, or is in itself. */
  readonly #anchored = new Map<unknown, { readonly value: Value; readonly size: number }>();
  #count = 0;

  constructor(document: Document.Parsed, lines: LineCounter, problems: FileProblems) {
    this.#document = document;
    this.#lines = lines;
    this.#problems = problems;
  }

  /** @param outer The line of what it is in. */
  valueOf(node: unknown, outer: number): Value {
    const before = this.#count;
    const line = this.#lineOf(node) ?? outer;
    this.#add(1);
    // A role in an alias is reported in the line of the alias.
    if (isAlias(node)) return { ...this.#aliased(node.resolve(this.#document), node.source, line), line };
    const value = this.#read(node, line);
    if (isNode(node) && node.anchor !== undefined) this.#anchored.set(node, { value, size: this.#count - before });
    return value;
  }

  #add(values: number): void {
    this.#count += values;
    if (this.#count > maxValues) throw new UnreadableFile(1, `its aliases stand for more than ${maxValues} values`);
  }

  #read(node: unknown, line: number): Value {
    if (isSeq(node)) return { kind: 'list', line, items: node.items.map((item) => this.valueOf(item, line)) };
    if (!isMap(node)) return { kind: 'scalar', line, scalar: isScalar(node) ? node.value : null };
    this.#checkKeys(node.items);
    const entries = node.items.map(({ key, value }) => {
      const own = this.#lineOf(key) ?? line;
      return { key: keyText(key), line: own, value: this.valueOf(value, own) };
    });
    return { kind: 'map', line, entries };
  }

  #aliased(node: unknown, name: string, line: number): Value {
    const known = this.#anchored.get(node);
    if (node === undefined)
      this.#problems.add(line, `"*${name}" refers to an anchor that does not exist; write it in quotes`);
    else this.#add(known?.size ?? Number.POSITIVE_INFINITY);
    return known?.value ?? { kind: 'scalar', line, scalar: null };
  }

  #checkKeys(items: readonly { readonly key: unknown }[]): void {
    const seen = new Set<string>();
    for (const { key } of items) {
      const text = keyText(key);
      const line = this.#lineOf(key) ?? 1;
      if (text === '<<') this.#problems.add(line, 'merge keys ("<<") are not supported; use teams');
      else if (seen.has(text)) this.#problems.add(line, `the key "${text}" appears twice in this mapping`);
      seen.add(text);
    }
  }

  #lineOf(node: unknown): number | undefined {
    const start = isNode(node) ? node.range?.[0] : undefined;
    return start === undefined ? undefined : this.#lines.linePos(start).line;
  }
}

function keyText(key: unknown): string {
  if (isScalar(key)) return key.source ?? String(key.value);
  return isAlias(key) ? `*${key.source}` : '(not text)';
}
