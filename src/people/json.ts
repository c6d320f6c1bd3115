import { printParseErrorCode, visit } from 'jsonc-parser';
import type { Entry, Value } from './document.ts';
import { deepest, UnreadableFile } from './problems.ts';

/** Commas of the largest text that is parsed: each stands for a value, of which the parser would run out of memory. */
const mostCommas = 5_000_000;

interface Start {
  readonly offset: number;
  readonly line: number;
}

/**
 * The values of a text: one, or several after each other as in NDJSON and in the pages that some clients print. Throws
 * `UnreadableFile` if it is not valid JSON, or has a key twice, which `JSON.parse` would not notice. The home of
 * jsonc-parser.
 */
export function jsonValues(text: string): Value[] {
  let commas = 0;
  for (let at = text.indexOf(','); at >= 0; at = text.indexOf(',', at + 1)) commas += 1;
  if (commas > mostCommas) throw new UnreadableFile(1, `the file has more than ${mostCommas} values`);
  const found: Value[] = [];
  for (let next: Start | undefined = { offset: 0, line: 1 }; next !== undefined; ) next = readValue(text, next, found);
  return found;
}

/** Adds the value that begins there to those found. Returns where the next one begins. */
function readValue(text: string, start: Start, found: Value[]): Start | undefined {
  const open: Exclude<Value, { kind: 'scalar' }>[] = [{ kind: 'list', line: start.line, items: found }];
  let name: Pick<Entry, 'key' | 'line'> = { key: '', line: 0 };
  let next: Start | undefined;
  const add = (value: Value) => {
    const around = open.at(-1);
    if (around?.kind === 'map') around.entries.push({ ...name, value });
    else around?.items.push(value);
  };
  const begin = (value: (typeof open)[number]) => {
    if (open.length > deepest) throw new UnreadableFile(value.line, 'it is nested too deeply');
    add(value);
    open.push(value);
  };
  const end = () => {
    const ended = open.pop();
    const keys = new Set<string>();
    for (const { key, line } of ended?.kind === 'map' ? ended.entries : []) {
      if (keys.has(key)) throw new UnreadableFile(line, `the key "${key}" appears twice`);
      keys.add(key);
    }
  };
  visit(text.slice(start.offset), {
    onObjectBegin: (_, __, line) => begin({ kind: 'map', line: start.line + line, entries: [] }),
    onObjectProperty: (key, _, __, line) => {
      name = { key, line: start.line + line };
    },
    onObjectEnd: end,
    onArrayBegin: (_, __, line) => begin({ kind: 'list', line: start.line + line, items: [] }),
    onArrayEnd: end,
    onLiteralValue: (scalar, _, __, line) => add({ kind: 'scalar', line: start.line + line, scalar }),
    onError: (code, offset, length, line) => {
      const reason = printParseErrorCode(code);
      if (reason !== 'EndOfFileExpected') throw invalid(start.line + line, reason, length);
      next = { offset: start.offset + offset, line: start.line + line };
    },
  });
  return next;
}

/** @param reason In camel case. */
function invalid(line: number, reason: string, length: number): UnreadableFile {
  const kind = length === 0 || reason === 'UnexpectedEndOfString' ? 'the JSON is cut off' : 'invalid JSON';
  const words = reason.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
  return new UnreadableFile(line, `${kind}: ${words}`);
}
