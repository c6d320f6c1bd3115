import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { Entry, Value } from './document.ts';
import { UnreadableFile } from './problems.ts';

/** Commas of the largest text that is parsed: each stands for a value, of which the parser would run out of memory. */
const mostCommas = 5_000_000;

/**
 * The values of a text: one, or several after each other as in NDJSON and in the pages that some clients print. Throws
 * `UnreadableFile` if it is not valid JSON, or has a key twice, which `JSON.parse` would not notice. The home of
 * jsonc-parser.
 */
export function* jsonValues(text: string): Generator<Value> {
  if (countOf(',', text) > mostCommas) throw new UnreadableFile(1, `the file has more than ${mostCommas} values`);
  const lineAt = linesOf(text);
  const next = /\S/g;
  for (let found = next.exec(text); found !== null; found = next.exec(text)) {
    const start = found.index;
    const root = treeOf(text.slice(start), (offset) => lineAt(start + offset));
    yield jsonValueOf(root, (offset) => lineAt(start + offset));
    next.lastIndex = start + root.offset + root.length;
  }
}

function countOf(sign: string, text: string): number {
  let count = 0;
  for (let at = text.indexOf(sign); at >= 0; at = text.indexOf(sign, at + 1)) count += 1;
  return count;
}

type LineAt = (offset: number) => number;

function linesOf(text: string): LineAt {
  const ends = [...text.matchAll(/\r\n?|\n/g)].map(({ index }) => index);
  return (offset) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  };
}

/** The first value of a text, whatever follows it. */
function treeOf(text: string, lineAt: LineAt): Node {
  const errors: ParseError[] = [];
  let root: Node | undefined;
  try {
    root = parseTree(text, errors);
  } catch (error) {
    if (error instanceof RangeError) throw new UnreadableFile(lineAt(0), 'the JSON is nested too deeply');
    throw error;
  }
  const [fault] = errors;
  const name = fault === undefined ? '' : printParseErrorCode(fault.error);
  if (root !== undefined && (fault === undefined || name === 'EndOfFileExpected')) return root;
  const { offset = 0, length = 0 } = fault ?? {};
  const kind = length === 0 || name === 'UnexpectedEndOfString' ? 'the JSON is cut off' : 'invalid JSON';
  const words = name.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
  throw new UnreadableFile(lineAt(offset), `${kind}: ${words}`);
}

function jsonValueOf({ type, value: scalar, offset, children = [] }: Node, lineAt: LineAt): Value {
  const line = lineAt(offset);
  if (type === 'array') return { kind: 'list', line, items: () => children.map((item) => jsonValueOf(item, lineAt)) };
  if (type !== 'object') return { kind: 'scalar', line, scalar };
  return { kind: 'map', line, entries: () => entriesOf(children, lineAt) };
}

function entriesOf(properties: readonly Node[], lineAt: LineAt): Entry[] {
  const seen = new Set<string>();
  return properties.flatMap(({ children: [name, value] = [] }) => {
    if (name === undefined || value === undefined) return [];
    const [key, line] = [String(name.value), lineAt(name.offset)];
    if (seen.has(key)) throw new UnreadableFile(line, `the key "${key}" appears twice`);
    seen.add(key);
    return { key, line, value: jsonValueOf(value, lineAt) };
  });
}
