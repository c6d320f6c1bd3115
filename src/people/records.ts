import { splitAddresses } from '../api/email.ts';
import { type ColumnHeadings, isEmailHeading, placeOf } from './columns.ts';
import { csvRecords, type Delimiter, delimiters, isVersionLine } from './csv-records.ts';
import { FileProblems } from './problems.ts';
import { type FileRecord, UnreadableRecord } from './record.ts';

/** The format of a file. */
export type FileFormat =
  | { readonly kind: 'json' }
  | { readonly kind: 'yaml' }
  | { readonly kind: 'lines' }
  | {
      readonly kind: 'csv';
      readonly delimiter: Delimiter;
      /** The line of the header, from 1, and where it begins. */
      readonly line: number;
      readonly start: number;
      /** Whether something other than blank lines, comments and what programs put there stands above it. */
      readonly isBelow: boolean;
    };

/** Detected by the content, because file names lie and stdin has none. Undefined if there is nothing in it. */
export function formatOf(text: Buffer, headings: ColumnHeadings = new Map()): FileFormat | undefined {
  const lines = firstLines(text);
  const [first] = lines;
  if (first === undefined) return undefined;
  if (/^\s*[[{]/.test(first.text)) return { kind: 'json' };
  const top = lines.find((line) => !isAside(line.text)) ?? first;
  if (surelyYaml.test(top.text)) return { kind: 'yaml' };
  const header = headerIn(lines, headings);
  if (header !== undefined) return header;
  if (/^["\w-]+:(?:\s*$|\s+\S)/.test(top.text)) return { kind: 'yaml' };
  const delimiter = top.text.includes('@') ? undefined : delimiterOf(top.text);
  if (delimiter === undefined) return { kind: 'lines' };
  return { kind: 'csv', delimiter, line: top.line, start: top.start, isBelow: false };
}

/** A list, or a document with one of the keys that stand at the top of it. */
const surelyYaml =
  /^(?:---\s*(?:$|#)|- \S|"?(?:version|organization|managed|people|teams|ignore|domains|auth_type|reinvite|\$schema|x-[\w-]+)"?:(?:\s|$))/;

/** Whether a file has people one by one, rather than a document that says more about all of them. */
export function isTable(text: Buffer, format: FileFormat): boolean {
  const head = text.toString('utf8', 0, 1 << 16).trimStart();
  switch (format.kind) {
    case 'csv':
    case 'lines':
      return true;
    case 'json':
      return head.startsWith('[') || /^\{.*\}\s*\n\s*\{/.test(head) || !/"(?:version|people|managed)"\s*:/.test(head);
    case 'yaml':
      return /^(?:(?:#.*|---\s*)?\n)*- /.test(head);
    default:
      throw new Error(`no such format: ${format satisfies never}`);
  }
}

interface Line {
  readonly text: string;
  readonly line: number;
  /** Its first byte. */
  readonly start: number;
}

/** For messages. */
export function firstLine(text: Buffer): string {
  return firstLines(text)[0]?.text ?? '';
}

/** Lines among which a header is looked for. */
const mostAbove = 20;

/** The first lines that are not blank, as far as anybody would read a header. */
function firstLines(text: Buffer): Line[] {
  const lines: Line[] = [];
  let line = 1;
  for (let start = 0; start < Math.min(text.length, 1 << 20) && lines.length < mostAbove; line += 1) {
    const end = endOfLine(text, start);
    const shown = text.toString('utf8', start, Math.min(end, start + (1 << 16))).trimEnd();
    if (shown.trim() !== '') lines.push({ text: shown, line, start });
    start = end + (text[end] === 13 && text[end + 1] === 10 ? 2 : 1);
  }
  return lines;
}

function endOfLine(text: Buffer, start: number): number {
  const [feed, carriage] = [text.indexOf(10, start), text.subarray(start, start + (1 << 16)).indexOf(13)];
  const ends = [feed, carriage < 0 ? -1 : start + carriage].filter((end) => end >= 0);
  return ends.length === 0 ? text.length : Math.min(...ends);
}

const separatorLine = /^"?sep=(.)"?$/i;

/** Lines of a program, not of people. */
function isAside(line: string): boolean {
  return separatorLine.test(line) || isVersionLine(line) || /^\s*#/.test(line);
}

/** The first line that names a column of addresses, and holds none itself. */
function headerIn(lines: readonly Line[], headings: ColumnHeadings): FileFormat | undefined {
  const sep = separatorLine.exec(lines[0]?.text ?? '')?.[1];
  const told = delimiters.find((one) => one === sep);
  for (const [index, { text, line, start }] of lines.entries()) {
    if (text.includes('@') && !/\[\w+\]/.test(text)) continue;
    const delimiter = told ?? delimiterOf(text) ?? ',';
    const cells = cellsOf(text, delimiter);
    const named = headings.get('email') ?? '';
    const isHeader = named === '' ? cells.some(isEmailHeading) : placeOf(named, cells) !== undefined;
    if (!isHeader) continue;
    const isBelow = lines.slice(0, index).some((above) => !isAside(above.text));
    return { kind: 'csv', delimiter, line, start, isBelow };
  }
  const [first, second] = lines;
  if (told === undefined || first === undefined || second === undefined) return undefined;
  return { kind: 'csv', delimiter: told, line: second.line, start: second.start, isBelow: false };
}

/** The cells of a line, as far as its header goes: a quoted cell may hold delimiters, but no line ends. */
function cellsOf(line: string, delimiter: string): string[] {
  const cells = line.match(new RegExp(`(?:"(?:[^"]|"")*"|[^"${delimiter === '|' ? '|' : delimiter}])+`, 'g')) ?? [];
  return cells.map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
}

/** The most frequent one outside of quotes. */
function delimiterOf(line: string): Delimiter | undefined {
  const plain = line.replace(/"[^"]*"/g, '');
  let best: { delimiter: Delimiter; count: number } | undefined;
  for (const delimiter of delimiters) {
    const count = plain.split(delimiter).length - 1;
    if (count > (best?.count ?? 0)) best = { delimiter, count };
  }
  return best?.delimiter;
}

/** The rows of a file, and what there is to say about where they were found. */
interface Records {
  readonly records: AsyncIterable<FileRecord>;
  readonly notes: string[];
}

/** The rows of a file, one by one. Throws `UnreadableRecord` where the rest cannot be read. */
export async function recordsOf(text: Buffer, format: FileFormat): Promise<Records> {
  const notes: string[] = [];
  switch (format.kind) {
    case 'lines':
      return { records: inTurn(lineRecords(text)), notes };
    case 'csv':
      if (format.isBelow) notes.push(`line ${format.line} is taken as the header, what stands above it is left out`);
      return { records: csvRecords(text, format, notes), notes };
    case 'json':
    case 'yaml': {
      const { recordsIn, jsonValues } = await import('./json-records.ts');
      const values = format.kind === 'json' ? jsonValues(text.toString()) : await yamlValues(text);
      return { records: inTurn(recordsIn(values, notes)), notes };
    }
    default:
      throw new Error(`no such format: ${format satisfies never}`);
  }
}

async function* inTurn(records: Iterable<FileRecord>): AsyncGenerator<FileRecord> {
  yield* records;
}

/** Bytes of the longest file in YAML: its parser needs a hundred times as much memory. */
const mostYaml = 8 * 1024 * 1024;

async function yamlValues(text: Buffer) {
  if (text.length > mostYaml) throw new UnreadableRecord(1, 'as YAML it is larger than 8 MiB; write it as CSV');
  const { fromYaml, parseYaml } = await import('./yaml.ts');
  let fault: UnreadableRecord | undefined;
  const root = parseYaml(
    text.toString(),
    new FileProblems((one) => (fault ??= new UnreadableRecord(one.line, one.message))),
  );
  if (root === undefined) throw fault ?? new UnreadableRecord(1, 'it is not valid YAML');
  return [{ value: fromYaml(root), line: root.line }];
}

const justEmail = ['email'] as const;

/** Characters of a line that may hold a list of addresses; of a longer one only the beginning is shown. */
const longestLine = 1_000_000;

function* lineRecords(text: Buffer): Generator<FileRecord> {
  let line = 0;
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf(10, start);
    const stop = end < 0 ? text.length : end;
    line += 1;
    const whole = text.toString('utf8', start, Math.min(stop, start + longestLine)).trim();
    if (!whole.startsWith('#')) {
      const cells = splitAddresses(whole);
      checkHeadless(cells, line);
      for (const cell of cells) if (cell !== '') yield { line, columns: justEmail, cells: [cell] };
    }
    start = stop + 1;
  }
}

/** A table without a header looks like a list of which every other address is wrong. */
function checkHeadless(cells: readonly string[], line: number): void {
  if (line > 1 || cells.length < 2 || cells.every((cell) => cell.includes('@')) || !cells[0]?.includes('@')) return;
  throw new UnreadableRecord(line, 'it holds an address, but the first line names the columns');
}
