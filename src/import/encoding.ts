import { isUtf8 } from 'node:buffer';
import { CliError } from '../errors.ts';

/** What was to be done with the file, and how to mend it, for a refusal. */
export interface Purpose {
  readonly act: string;
  readonly hint: string;
}

const importing: Purpose = { act: 'import', hint: 'save it as "CSV UTF-8"' };

/** The text as UTF-8 without a mark in front, whatever Excel wrote it as. Throws `invalid_file`, naming what it is instead. */
export function decode(bytes: Buffer, name: string, purpose: Purpose = importing): Buffer {
  const refused = (reason: string) => refusal(name, reason, purpose);
  const wide = wideEncodings.find(({ mark }) => startsWith(bytes, mark));
  if (wide !== undefined && wide.label === undefined) throw refused(`it is in ${wide.encoding}`);
  const text = wide?.label === undefined ? withoutMark(bytes) : fromWide(bytes, wide.label, refused);
  const kind = archives.find(({ magic }) => startsWith(text, magic))?.kind;
  if (kind !== undefined) throw refused(`it is ${kind}`);
  if (hasControls(text))
    throw refused(looksWide(text) ? 'it looks like UTF-16 without its mark' : 'it is a binary file');
  if (!isUtf8(text)) throw refused(`${wordsForLatin(text)}; it is not UTF-8`);
  return text;
}

const wideEncodings: readonly { mark: readonly number[]; encoding: string; label?: 'utf-16le' | 'utf-16be' }[] = [
  { mark: [0xff, 0xfe, 0, 0], encoding: 'UTF-32' },
  { mark: [0, 0, 0xfe, 0xff], encoding: 'UTF-32' },
  { mark: [0xff, 0xfe], encoding: 'UTF-16LE', label: 'utf-16le' },
  { mark: [0xfe, 0xff], encoding: 'UTF-16BE', label: 'utf-16be' },
];

const archives = [
  { magic: [0x50, 0x4b, 3, 4], kind: 'an Excel workbook or another zip archive' },
  { magic: [0xd0, 0xcf, 0x11, 0xe0], kind: 'an old Excel workbook' },
  { magic: [0x1f, 0x8b], kind: 'a gzip archive' },
  { magic: [0x25, 0x50, 0x44, 0x46], kind: 'a PDF' },
];

function startsWith(bytes: Buffer, start: readonly number[]): boolean {
  return start.every((byte, index) => bytes[index] === byte);
}

function withoutMark(bytes: Buffer): Buffer {
  return startsWith(bytes, [0xef, 0xbb, 0xbf]) ? bytes.subarray(3) : bytes;
}

type Refused = (reason: string) => CliError;

function fromWide(bytes: Buffer, label: 'utf-16le' | 'utf-16be', refused: Refused): Buffer {
  try {
    return Buffer.from(new TextDecoder(label, { fatal: true }).decode(bytes));
  } catch {
    throw refused(`it begins as ${label.toUpperCase()} and does not go on as such`);
  }
}

/** Tabs and line ends are none. */
function hasControls(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13) return true;
  }
  return false;
}

/** Plain letters with a zero before or after each. */
function looksWide(bytes: Buffer): boolean {
  const start = bytes.subarray(0, 64);
  if (hasControls(Buffer.from(start.filter((byte) => byte !== 0)))) return false;
  const zeros = (parity: number) => start.filter((byte, index) => index % 2 === parity && byte === 0).length;
  return Math.max(zeros(0), zeros(1)) > start.length / 4;
}

function wordsForLatin(bytes: Buffer): string {
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
