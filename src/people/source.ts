import { isUtf8 } from 'node:buffer';
import { readdirSync, type Stats, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { CliError, ifPossible, unusable } from '../errors.ts';
import { isMissing, readBytes } from '../files/read.ts';

export const mostBytes = 50 * 1024 * 1024;

interface Source {
  /** For messages. */
  readonly name: string;
  /** Undefined for stdin. */
  readonly path?: string;
  readonly bytes: Buffer;
}

/** Reads a regular file. Throws `invalid_file` for anything else: a pipe or a device might never end. */
export function readFile(name: string): Source {
  const check = (_: number, { size }: Stats) => {
    if (size > mostBytes) throw tooLarge(name);
  };
  try {
    return { name, path: resolve(name), bytes: readBytes(name, { maxBytes: Number.POSITIVE_INFINITY, check }) };
  } catch (error) {
    if (error instanceof CliError) throw error;
    if (isMissing(error)) throw unreadable(name, 'no such file or directory');
    const failure = unusable('invalid_file', `cannot read "${name}"`, name, error);
    const isPipe = failure instanceof CliError && failure.details.reason?.startsWith('it is a pipe');
    // The file of `<(...)` ends with the command, so its name cannot be used in a hint.
    throw isPipe ? failure.with({ hints: ['use "-" as the file, and pipe the data into the command'] }) : failure;
  }
}

interface StdinReader {
  readonly host: { readonly stdin: { readonly isTTY: boolean; readonly stream: NodeJS.ReadableStream } };
  readonly signal: AbortSignal;
  say(text: string): void;
}

/** Reads all of stdin. At a terminal, where it would seem to hang, it says so. Throws `invalid_file` if it is too large. */
export async function readStdin({ host, signal, say }: StdinReader): Promise<Source> {
  const { isTTY, stream } = host.stdin;
  if (isTTY) say('reading from the terminal; Ctrl-D on a line of its own ends it');
  const chunks: Buffer[] = [];
  let size = 0;
  const stop = () => 'destroy' in stream && typeof stream.destroy === 'function' && stream.destroy(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of stream) {
      const bytes = Buffer.from(chunk);
      size += bytes.length;
      if (size > mostBytes) throw tooLarge('stdin');
      chunks.push(bytes);
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
  signal.throwIfAborted();
  return { name: 'stdin', bytes: Buffer.concat(chunks) };
}

/**
 * A file, or every file of people in a folder, at any depth; what is hidden, as workflows are, is none. Throws
 * `invalid_file` for an empty folder.
 */
export function filesIn(name: string): string[] {
  try {
    const isFolder = name !== '-' && statSync(name, { throwIfNoEntry: false })?.isDirectory() === true;
    if (!isFolder) return [name];
    const found = readdirSync(name, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(?:ya?ml|json|csv)$/i.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !/(?:^|[\\/])\./.test(relative(name, path)))
      .sort();
    if (found.length > 0) return found;
  } catch (error) {
    throw unusable('invalid_file', `cannot read "${name}"`, name, error);
  }
  throw unreadable(name, 'there is no .yaml, .json or .csv file in this folder');
}

function tooLarge(name: string): CliError {
  return unreadable(name, 'it is larger than 50 MiB', ['split it']);
}

function unreadable(name: string, reason: string, hints: readonly string[] = []): CliError {
  return new CliError('invalid_file', `cannot read "${name}"`, { reason, hints, target: name });
}

/**
 * The text of a file, in one of the encodings that Excel writes, without a byte order mark. Throws `invalid_file` for
 * what is no text, or is people in a form that is not read.
 */
export function decode(bytes: Buffer, name: string): string {
  const refused = (reason: string, hint = 'save it as UTF-8, in a spreadsheet program as "CSV UTF-8"') =>
    unreadable(name, reason, [hint]);
  const mark = markOf(bytes);
  if (mark?.encoding === 'utf-32') throw refused('it is in UTF-32');
  const { encoding = 'utf8' } = mark ?? {};
  // Of what is not UTF-8, each wrong byte becomes a U+FFFD.
  const text = ifPossible(() => new TextDecoder(encoding, { fatal: encoding !== 'utf8' }).decode(bytes));
  if (text === undefined)
    throw refused(`it begins as ${encoding.toUpperCase()} but is not valid ${encoding.toUpperCase()}`);
  const other = otherFormats.find(({ start }) => start.test(text.slice(0, 4096).trimStart()));
  if (other !== undefined) throw refused(`it is ${other.kind}`, other.hint);
  const control = text.search(controls);
  if (control >= 0) throw refused(withControl(text, control));
  if (encoding !== 'utf8' || isUtf8(bytes)) return text;
  const line = lineAt(text, text.indexOf('\ufffd'));
  throw refused(`line ${line} looks like Latin-1 or Windows-1252; it is not UTF-8`);
}

type Encoding = 'utf8' | 'utf-16le' | 'utf-16be';

/** Byte order marks; that of UTF-32 begins as one of UTF-16. */
const marks: readonly { readonly start: readonly number[]; readonly encoding: Encoding | 'utf-32' }[] = [
  { start: [0xff, 0xfe, 0, 0], encoding: 'utf-32' },
  { start: [0, 0, 0xfe, 0xff], encoding: 'utf-32' },
  { start: [0xff, 0xfe], encoding: 'utf-16le' },
  { start: [0xfe, 0xff], encoding: 'utf-16be' },
  { start: [0xef, 0xbb, 0xbf], encoding: 'utf8' },
];

function markOf(bytes: Buffer) {
  return marks.find(({ start }) => start.every((byte, index) => bytes[index] === byte));
}

/** The form of a text file, so that another one can be written like it. */
export function formOf(bytes: Buffer) {
  const mark = markOf(bytes);
  const encoding: Encoding = mark === undefined || mark.encoding === 'utf-32' ? 'utf8' : mark.encoding;
  // In UTF-16 a zero byte stands beside each.
  const [lineEnd = '\n'] = /\r\n?|\n/.exec(bytes.toString('latin1', 0, 1 << 16).replaceAll('\0', '')) ?? [];
  return { encoding, hasMark: mark !== undefined, lineEnd };
}

export function encode(text: string, encoding: Encoding): Buffer {
  if (encoding === 'utf8') return Buffer.from(text);
  const wide = Buffer.from(text, 'utf16le');
  return encoding === 'utf-16be' ? wide.swap16() : wide;
}

const fromSpreadsheet = 'open it in the spreadsheet program, and save the sheet as "CSV UTF-8" (File > Save As)';

/** What holds people in a form that is not read. */
const otherFormats: readonly { readonly start: RegExp; readonly kind: string; readonly hint: string }[] = [
  { start: /^PK\x03\x04/, kind: 'an Excel workbook or another zip archive', hint: fromSpreadsheet },
  { start: /^\ufffd\ufffd\x11/, kind: 'an old Excel workbook', hint: fromSpreadsheet },
  { start: /^\x1f\ufffd/, kind: 'a gzip archive', hint: 'unpack it with gunzip' },
  { start: /^%PDF/, kind: 'a PDF', hint: 'export the people as CSV instead' },
  {
    start: /^(?:version: 1\s+)?(?:#[^\r\n]*[\r\n]\s*)*dn::? \S/,
    kind: 'LDIF, an export of a directory',
    hint: 'export the people as CSV instead, with their mail and whether they are locked, for example with csvde',
  },
  {
    start: /^BEGIN:VCARD\b/i,
    kind: 'vCard, an export of contacts',
    hint: 'export the contacts as CSV instead: in Google Contacts, Outlook and Apple Numbers it is one of the formats',
  },
  { start: /^\{\\rtf/, kind: 'an RTF document', hint: 'copy the addresses from it into a file, one a line' },
  {
    start: /^(?:#[^\r\n]*[\r\n]\s*)*\[\[?(?!(?:null|true|false)\b)[A-Za-z][\w .-]*\]/,
    kind: 'TOML or an INI file',
    hint: 'write the people as CSV, JSON or YAML instead',
  },
  {
    start: /^<(?:[?!]|[a-z][\w.-]*(?::\w+)?[\s>])/i,
    kind: 'XML or HTML',
    hint: 'export the people as CSV or JSON instead',
  },
  {
    // `From: 2026-01-01` may stand above a table, as the time of which it is.
    start:
      /^(?:From \S+@|(?:Return-Path|Received|Delivered-To|MIME-Version|Message-ID|X-[\w-]+): |(?:(?:From|To|Date|Subject): .*[\r\n]+)*(?:From|To): .*@)/,
    kind: 'an e-mail',
    hint: 'copy the addresses from it into a file, or export them as CSV',
  },
];

/** Control characters except for tabs and line ends. */
const controls = /[\0-\x08\x0b\x0c\x0e-\x1f]/;

/** What is wrong with a text that has a control character, or is none. */
function withControl(text: string, at: number): string {
  // ASCII with a zero byte before or after each letter.
  const isWide = /^(?:(?:[\t\n\r -~]\0){3}|(?:\0[\t\n\r -~]){3})/.test(text);
  if (isWide) return 'it looks like UTF-16 without a byte order mark';
  const around = text.slice(Math.max(0, at - 200), at + 200);
  if (around.includes('\ufffd') || around.split(controls).length > 4) return 'it is a binary file';
  const code = text.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0');
  return `line ${lineAt(text, at)} contains the control character U+${code}`;
}

function lineAt(text: string, at: number): number {
  return text.slice(0, at).split(/\r\n?|\n/).length;
}
