import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
} from 'yaml';
import type { Entry, Value } from './document.ts';
import type { FileProblems } from './problems.ts';

/** The maximum number of values of a document with its aliases expanded. */
const maxValues = 2_000_000;

/**
 * Parses YAML and JSON without building a second copy of the document. Undefined if it is not valid: then the problems
 * are reported. The only user of the parser of `yaml`.
 */
export function parseYaml(text: string, problems: FileProblems): Value | undefined {
  const lines = new LineCounter();
  // The parser's own check for repeated keys takes quadratic time.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: true, uniqueKeys: false });
  const before = problems.count;
  // The parser only warns of an unknown tag.
  for (const { code, message, linePos } of [...document.errors, ...document.warnings]) {
    problems.add(linePos?.[0].line ?? 1, describe(code, message));
  }
  if (problems.count > before) return undefined;
  const tree = new Tree(document, lines);
  tree.check(problems);
  return problems.count > before ? undefined : tree.valueOf(document.contents, 1);
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

class Tree {
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;
  /** The number of values in each node with an anchor; infinite while it is counted, since it then contains itself. */
  readonly #sizes = new Map<unknown, number>();

  constructor(document: Document.Parsed, lines: LineCounter) {
    this.#document = document;
    this.#lines = lines;
  }

  /** Reports repeated keys, aliases without an anchor, and aliases that expand to too many values. */
  check(problems: FileProblems): void {
    const size = this.#sizeOf(this.#document.contents, problems);
    if (size > maxValues) problems.add(1, `its aliases stand for more than ${maxValues} values`);
  }

  valueOf(node: unknown, outer: number): Value {
    const found = isAlias(node) ? this.#resolve(node) : node;
    // A role in an alias is reported in the line of the alias.
    const line = this.#lineOf(node) ?? outer;
    if (isMap(found)) return { kind: 'map', line, entries: () => this.#entries(found, line) };
    if (isSeq(found)) return { kind: 'list', line, items: () => found.items.map((item) => this.valueOf(item, line)) };
    return { kind: 'scalar', line, scalar: isScalar(found) ? found.value : null };
  }

  #entries(map: { readonly items: readonly { key: unknown; value: unknown }[] }, outer: number): Entry[] {
    return map.items.map(({ key, value }) => {
      const line = this.#lineOf(key) ?? outer;
      return { key: keyText(key), line, value: this.valueOf(value, line) };
    });
  }

  #sizeOf(node: unknown, problems: FileProblems): number {
    const known = this.#sizes.get(node);
    if (known !== undefined) return known;
    if (isScalar(node) || node === null) return 1;
    if (isAlias(node)) return this.#sizeOfAlias(node, problems);
    const isAnchor = (isMap(node) || isSeq(node)) && node.anchor !== undefined;
    if (isAnchor) this.#sizes.set(node, Number.POSITIVE_INFINITY);
    let size = 1;
    if (isMap(node)) {
      this.#checkKeys(node.items, problems);
      for (const { value } of node.items) size += this.#sizeOf(value, problems);
    } else if (isSeq(node)) {
      for (const item of node.items) size += this.#sizeOf(item, problems);
    }
    if (isAnchor) this.#sizes.set(node, size);
    return size;
  }

  #sizeOfAlias(alias: Alias, problems: FileProblems): number {
    const found = this.#resolve(alias);
    if (found !== undefined) return this.#sizeOf(found, problems);
    const text = `*${alias.source}`;
    problems.add(this.#lineOf(alias) ?? 1, `"${text}" refers to an anchor that does not exist; write it in quotes`);
    return 1;
  }

  #checkKeys(items: readonly { readonly key: unknown }[], problems: FileProblems): void {
    const seen = new Set<string>();
    for (const { key } of items) {
      const text = keyText(key);
      const line = this.#lineOf(key) ?? 1;
      if (text === '<<') problems.add(line, 'merge keys ("<<") are not supported; use teams');
      else if (seen.has(text)) problems.add(line, `the key "${text}" appears twice in this mapping`);
      seen.add(text);
    }
  }

  #resolve(alias: Alias): Node | undefined {
    return alias.resolve(this.#document);
  }

  #lineOf(node: unknown): number | undefined {
    const start = isScalar(node) || isAlias(node) || isMap(node) || isSeq(node) ? node.range?.[0] : undefined;
    return start === undefined ? undefined : this.#lines.linePos(start).line;
  }
}

function keyText(key: unknown): string {
  if (isScalar(key)) return key.source ?? String(key.value);
  return isAlias(key) ? `*${key.source}` : '(not text)';
}
