import { type ColumnHeadings, headingTold } from './columns.ts';
import { fieldOf, headingAmong } from './headings.ts';
import { FileProblems, UnreadableFile } from './problems.ts';
import { type CsvFormat, csvTable, type Delimiter, delimiters, linesTable, type Table } from './table.ts';

export type FileFormat = { readonly kind: 'json' | 'yaml' | 'lines' } | CsvFormat;

/** Detected by the content, because file names lie and stdin has none. Undefined if there is nothing in it. */
export function formatOf(text: string, headings: ColumnHeadings = []): FileFormat | undefined {
  const lines = firstLines(text);
  const [first] = lines;
  if (first === undefined) return undefined;
  if (/^\s*[[{]/.test(first.text)) return { kind: 'json' };
  const top = lines.find((line) => !isAside(line.text)) ?? first;
  if (surelyYaml.test(top.text) || lines.every((line) => ofMapping.test(line.text))) return { kind: 'yaml' };
  const header = headerIn(lines, headings);
  if (header !== undefined) return header;
  if (/^["\w-]+:(?:\s*$|\s+\S)/.test(top.text)) return { kind: 'yaml' };
  const delimiter = top.text.includes('@') ? undefined : delimiterOf(top.text);
  if (delimiter === undefined) return { kind: 'lines' };
  return { kind: 'csv', delimiter, line: top.line, start: top.start, isBelow: false };
}

/** What stands at the top of a file for `invite plan`. */
const documentKeys =
  'version|organization|managed|people|teams|ignore|domains|auth_type|reinvite|within|\\$schema|x-[\\w-]+';

/** A list, or a document with one of the keys that stand at the top of it. */
const surelyYaml = new RegExp(`^(?:---\\s*(?:$|#)| *-(?: |$)|"?(?:${documentKeys})"?:(?:\\s|$))`);

/** A line of a mapping in YAML, in whose keys there may be headings of tables as well. */
const ofMapping = /^ *(?:- |"?[\w.$-]+"?:(?:\s|$))/;

/** Whether a file has people one by one, rather than a document that says more about all of them. */
export function isTable(text: string, { kind }: FileFormat): boolean {
  if (kind === 'yaml') return /^(?: *(?:#.*|---.*)?[\r\n])* *-\s/.test(text.trimStart());
  return kind !== 'json' || !topKeys(text).some((key) => /^(?:version|managed|people)$/.test(key));
}

/** A file for `invite plan`: several of the keys at its top stand at the top of such a file. */
export function isPeopleFile(keys: readonly string[]): boolean {
  return keys.filter((key) => new RegExp(`^(?:${documentKeys})$`).test(key)).length > 1;
}

/** The keys of a document. Of JSON that is not valid, all keys at its beginning: what may limit others is not taken for a list. */
export function topKeys(text: string): string[] {
  const kind = formatOf(text)?.kind;
  if (kind !== 'json') return kind === 'yaml' ? keysIn(text, /^"?([\w$-]+)"?:(?=\s|$)/gm) : [];
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? Object.keys(value) : [];
  } catch {
    const isList = /^\s*(?:\[|\{.*\}\s*\{)/.test(text);
    return isList ? [] : keysIn(text.slice(0, 1 << 16), /"([\w$-]+)"\s*:/g);
  }
}

function keysIn(text: string, key: RegExp): string[] {
  return [...text.matchAll(key)].map(([, name = '']) => name);
}

interface Line {
  readonly text: string;
  readonly line: number;
  /** Its first character. */
  readonly start: number;
}

export function firstLine(text: string): string {
  return firstLines(text)[0]?.text ?? '';
}

/** Lines among which a header is looked for. */
const mostAbove = 20;

/** The first lines that are not blank, as far as anybody would read a header. */
function firstLines(text: string): Line[] {
  const lines: Line[] = [];
  let line = 0;
  for (const { 0: whole, index: start } of text.slice(0, 1 << 20).matchAll(/[^\r\n]*(?:\r\n|[\r\n]|$)/g)) {
    line += 1;
    const shown = whole.slice(0, 1 << 16).trimEnd();
    if (shown.trim() !== '') lines.push({ text: shown, line, start });
    if (lines.length >= mostAbove) break;
  }
  return lines;
}

const separatorLine = /^"?sep=(.)"?$/i;

/** Stands above the header in the files that Microsoft Entra hands out. */
const versionLine = /^version:v[\d.]+[,;\t]*$/;

/** Lines of a program, not of people. */
function isAside(line: string): boolean {
  return separatorLine.test(line) || versionLine.test(line) || /^\s*#/.test(line);
}

/** The first line that names a column of addresses, and holds none itself. */
function headerIn(lines: readonly Line[], headings: ColumnHeadings): FileFormat | undefined {
  const sep = separatorLine.exec(lines[0]?.text ?? '')?.[1];
  const told = delimiters.find((one) => one === sep);
  for (const [index, { text, line, start }] of lines.entries()) {
    if (text.includes('@') && !/\[\w+\]/.test(text)) continue;
    const delimiter = told ?? delimiterOf(text) ?? ',';
    const cells = cellsOf(text, delimiter);
    const named = headingTold(headings, 'email') ?? '';
    const isHeader =
      named === '' ? cells.some((cell) => fieldOf(cell) === 'email') : headingAmong(cells, named) !== undefined;
    if (!isHeader) continue;
    return {
      kind: 'csv',
      delimiter,
      line,
      start,
      isBelow: lines.slice(0, index).some((above) => !isAside(above.text)),
    };
  }
  const [first, second] = lines;
  if (told === undefined || first === undefined || second === undefined) return undefined;
  return { kind: 'csv', delimiter: told, line: second.line, start: second.start, isBelow: false };
}

/** The cells of a line, as far as its header goes: a quoted cell may hold delimiters, but no line ends. */
function cellsOf(line: string, delimiter: string): string[] {
  const cells = line.match(new RegExp(`(?:"(?:[^"]|"")*"|[^"${delimiter}])+`, 'g')) ?? [];
  return cells.map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
}

/** The most frequent one outside of quotes. */
function delimiterOf(line: string): Delimiter | undefined {
  const plain = line.replace(/"[^"]*"/g, '');
  const counts = delimiters.map((delimiter) => plain.split(delimiter).length);
  const most = Math.max(...counts);
  return most > 1 ? delimiters[counts.indexOf(most)] : undefined;
}

/** Throws `UnreadableFile` where it is not of its format. */
export async function tableOf(text: string, format: FileFormat): Promise<Table> {
  switch (format.kind) {
    case 'lines':
      return linesTable(text);
    case 'csv':
      return csvTable(text, format);
    case 'json':
    case 'yaml': {
      const { tableOfValues } = await import('./objects.ts');
      if (format.kind === 'yaml') return tableOfValues([await yamlValue(text)]);
      const { jsonValues } = await import('./json.ts');
      return tableOfValues(jsonValues(text));
    }
    default:
      throw new Error(`no such format: ${format satisfies never}`);
  }
}

/** Bytes of the longest file in YAML: its parser needs a hundred times as much memory. */
const mostYaml = 8 * 1024 * 1024;

async function yamlValue(text: string) {
  if (text.length > mostYaml) throw new UnreadableFile(1, 'as YAML it is larger than 8 MiB; write it as CSV');
  const { parseYaml } = await import('./yaml.ts');
  const problems = new FileProblems(({ line, message }) => {
    throw new UnreadableFile(line, message);
  });
  const root = parseYaml(text, problems);
  if (root === undefined) throw new UnreadableFile(1, 'it is not valid YAML');
  return root;
}
