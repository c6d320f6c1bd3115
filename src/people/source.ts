import { isUtf8 } from 'node:buffer';
import { readdirSync, type Stats, statSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { CliError } from '../errors.ts';
import { unusable } from '../files/io-error.ts';
import { isMissing, readBytes } from '../files/read.ts';
import type { Host } from '../host.ts';

/** The maximum size of a file in bytes. */
export const mostBytes = 50 * 1024 * 1024;

/** The bytes of a file, and its name for messages. */
interface Source {
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
    if (isMissing(error)) throw unreadable(name, 'there is no such file');
    const failure = unusable('invalid_file', `cannot read "${name}"`, name, error);
    throw failure instanceof CliError ? failure.with({ hints: hintFor(failure.details.reason ?? '') }) : failure;
  }
}

/** What reads stdin: a command. */
interface StdinReader {
  readonly host: Pick<Host, 'stdin'>;
  readonly signal: AbortSignal;
  say(text: string): void;
}

/** Reads all of stdin. At a terminal, where it would seem to hang, it says so. */
export function readStdin({ host: { stdin }, signal, say }: StdinReader): Promise<Source> {
  if (stdin.isTTY) say('reading from the terminal; Ctrl-D on a line of its own ends it');
  return readStream(stdin.stream, signal);
}

/**
 * A file, or every file of people in a folder, at any depth; what is hidden, as workflows are, is none. Throws
 * `invalid_file` for an empty folder.
 */
export function filesIn(name: string): string[] {
  try {
    if (!isFolder(name)) return [name];
    const found = readdirSync(name, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(?:ya?ml|json|csv)$/i.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter(
        (path) =>
          !relative(name, path)
            .split(sep)
            .some((part) => part.startsWith('.')),
      )
      .sort();
    if (found.length > 0) return found;
  } catch (error) {
    throw unusable('invalid_file', `cannot read "${name}"`, name, error);
  }
  throw unreadable(name, 'there is no .yaml, .json or .csv file in this folder');
}

function isFolder(name: string): boolean {
  return name !== '-' && statSync(name, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Reads a stream to its end. Throws `invalid_file` if it exceeds the maximum size. */
export async function readStream(stream: NodeJS.ReadableStream, signal: AbortSignal): Promise<Source> {
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

/** The file of `<(...)` ends with the command, so its name cannot be used in a hint. */
function hintFor(reason: string): string[] {
  return reason.startsWith('it is a pipe') ? ['use "-" as the file, and pipe the data into the command'] : [];
}

function tooLarge(name: string): CliError {
  return unreadable(name, 'it is larger than 50 MiB', ['split it']);
}

function unreadable(name: string, reason: string, hints: readonly string[] = []): CliError {
  return new CliError('invalid_file', `cannot read "${name}"`, { reason, hints, target: name });
}

/** The verb of the message, and the hint, if a file cannot be decoded. */
interface Purpose {
  readonly act: string;
  readonly hint: string;
}

const importing: Purpose = { act: 'import', hint: 'save it as "CSV UTF-8"' };

/** Converts the encodings that Excel writes to UTF-8 without a byte order mark. Throws `invalid_file` for others. */
export function decode(bytes: Buffer, name: string, purpose: Purpose = importing): Buffer {
  const refused = (reason: string, hint = purpose.hint) => refusal(name, reason, { ...purpose, hint });
  const wide = wideEncodings.find(({ mark }) => startsWith(bytes, mark));
  if (wide !== undefined && wide.label === undefined) throw refused(`it is in ${wide.encoding}`);
  const text = wide?.label === undefined ? withoutMark(bytes) : fromWide(bytes, wide.label, refused);
  const kind = archives.find(({ magic }) => startsWith(text, magic));
  if (kind !== undefined) throw refused(`it is ${kind.kind}`, kind.hint);
  const other = otherFormat(text);
  if (other !== undefined) throw refused(`it is ${other.kind}`, other.hint);
  if (hasControls(text))
    throw refused(looksWide(text) ? 'it looks like UTF-16 without a byte order mark' : 'it is a binary file');
  if (!isUtf8(text)) throw refused(`${describeLatin(text)}; it is not UTF-8`);
  return text;
}

/** The form of a text file, so that another one can be written like it. */
interface TextForm {
  readonly encoding: 'utf8' | 'utf-16le' | 'utf-16be';
  readonly hasMark: boolean;
  readonly crlf: boolean;
}

/** @param text The bytes, decoded. */
export function formOf(bytes: Buffer, text: Buffer): TextForm {
  const encoding =
    wideEncodings.find(({ mark, label }) => label !== undefined && startsWith(bytes, mark))?.label ?? 'utf8';
  const hasMark = encoding !== 'utf8' || startsWith(bytes, utf8Mark);
  return { encoding, hasMark, crlf: text[text.indexOf(10) - 1] === 13 };
}

export function encode(text: string, encoding: TextForm['encoding']): Buffer {
  if (encoding === 'utf8') return Buffer.from(text);
  const wide = Buffer.from(text, 'utf16le');
  return encoding === 'utf-16be' ? wide.swap16() : wide;
}

const utf8Mark = [0xef, 0xbb, 0xbf];

const wideEncodings: readonly { mark: readonly number[]; encoding: string; label?: 'utf-16le' | 'utf-16be' }[] = [
  { mark: [0xff, 0xfe, 0, 0], encoding: 'UTF-32' },
  { mark: [0, 0, 0xfe, 0xff], encoding: 'UTF-32' },
  { mark: [0xff, 0xfe], encoding: 'UTF-16LE', label: 'utf-16le' },
  { mark: [0xfe, 0xff], encoding: 'UTF-16BE', label: 'utf-16be' },
];

const fromSpreadsheet = 'open it in the spreadsheet program, and save the sheet as "CSV UTF-8" (File > Save As)';

const archives = [
  {
    magic: [0x50, 0x4b, 3, 4],
    kind: 'an Excel workbook or another zip archive',
    hint: fromSpreadsheet,
  },
  { magic: [0xd0, 0xcf, 0x11, 0xe0], kind: 'an old Excel workbook', hint: fromSpreadsheet },
  { magic: [0x1f, 0x8b], kind: 'a gzip archive', hint: 'unpack it, as in: gunzip -c FILE | invite import -' },
  { magic: [0x25, 0x50, 0x44, 0x46], kind: 'a PDF', hint: 'export the people as CSV instead' },
];

/** Texts that hold people, in a form that is not read. */
const otherFormats: readonly { start: RegExp; kind: string; hint: string }[] = [
  {
    start: /^(?:version: 1\s+)?(?:#.*\s+)*dn::? \S/,
    kind: 'LDIF, an export of a directory',
    hint: 'export the people as CSV instead, with their mail and whether they are locked, for example with csvde',
  },
  {
    start: /^BEGIN:VCARD\b/i,
    kind: 'vCard, an export of contacts',
    hint: 'export the contacts as CSV instead: in Google Contacts, Outlook and Apple Numbers it is one of the formats',
  },
  { start: /^(?:<\?xml|<!doctype|<html)\b/i, kind: 'XML or HTML', hint: 'export the people as CSV or JSON instead' },
  {
    start: /^From(?: \S+@|: )/,
    kind: 'an e-mail',
    hint: 'copy the addresses from it into a file, or export them as CSV',
  },
];

function otherFormat(text: Buffer): { readonly kind: string; readonly hint: string } | undefined {
  const head = text.toString('utf8', 0, 4096).trimStart();
  return otherFormats.find(({ start }) => start.test(head));
}

function startsWith(bytes: Buffer, start: readonly number[]): boolean {
  return start.every((byte, index) => bytes[index] === byte);
}

function withoutMark(bytes: Buffer): Buffer {
  return startsWith(bytes, utf8Mark) ? bytes.subarray(3) : bytes;
}

type Refused = (reason: string, hint?: string) => CliError;

function fromWide(bytes: Buffer, label: 'utf-16le' | 'utf-16be', refused: Refused): Buffer {
  try {
    return Buffer.from(new TextDecoder(label, { fatal: true }).decode(bytes));
  } catch {
    throw refused(`it begins as ${label.toUpperCase()} but is not valid ${label.toUpperCase()}`);
  }
}

/** Except for tabs and line ends. */
function hasControls(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13) return true;
  }
  return false;
}

/** ASCII with a zero byte before or after each letter. */
function looksWide(bytes: Buffer): boolean {
  const start = bytes.subarray(0, 64);
  if (hasControls(Buffer.from(start.filter((byte) => byte !== 0)))) return false;
  const zeros = (parity: number) => start.filter((byte, index) => index % 2 === parity && byte === 0).length;
  return Math.max(zeros(0), zeros(1)) > start.length / 4;
}

function describeLatin(bytes: Buffer): string {
  const line = lineOfFault(bytes);
  return `line ${line} looks like Latin-1 or Windows-1252`;
}

function lineOfFault(bytes: Buffer): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line += 1) {
    const end = bytes.indexOf(10, start);
    const stop = end < 0 ? bytes.length : end;
    if (!isUtf8(bytes.subarray(start, stop))) return line;
    start = stop + 1;
  }
  return line;
}

function refusal(name: string, reason: string, { act, hint }: Purpose): CliError {
  return new CliError('invalid_file', `cannot ${act} "${name}"`, { reason, hints: [hint], target: name });
}
