import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { CliError } from '../errors.ts';
import { ByEmail } from '../invitations/addresses.ts';
import { foldEmail } from '../invitations/email.ts';
import type { MailOutcome } from './change.ts';
import { entryOf, headOf, type JournalEntry, type JournalHead } from './journal-lines.ts';
import type { Outcome } from './result.ts';

export interface Done {
  readonly outcome: Outcome;
  readonly id?: string;
}

export interface Begun {
  readonly as: MailOutcome;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The API took it: a mail has left, whether or not a list shows it. */
  readonly answered?: boolean;
}

/** What earlier runs wrote down, by e-mail. */
export interface Past {
  /** Ended well: not to be done again. */
  readonly done: ByEmail<Done>;
  /** Begun, and nobody knows how it ended. */
  readonly begun: Map<string, Begun>;
  /** Refused, to be tried again. */
  readonly failed: Set<string>;
  /** Bytes up to the end of the last whole line; 0 if there is no journal yet. */
  readonly size: number;
}

/**
 * Reads a journal as far as it is whole: a last line without its end was being written when the power went. Throws
 * `io_error` at any other line that it did not write, for then nobody can say what was done.
 */
export function readPast(path: string): Past {
  const past: Past = { done: new ByEmail(), begun: new Map(), failed: new Set(), size: 0 };
  let size = 0;
  let number = 0;
  for (const line of wholeLines(path)) {
    number += 1;
    size += line.length + 1;
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(line);
      if (number === 1) headOf(text);
      else learn(past, entryOf(text));
    } catch (error) {
      throw damaged(path, number, error);
    }
  }
  return { ...past, size };
}

function learn({ done, begun, failed }: Past, entry: JournalEntry): void {
  if ('started' in entry) {
    begun.set(foldEmail(entry.started), { as: entry.as, at: Date.parse(entry.at) });
    return;
  }
  const email = foldEmail(entry.done);
  // It may have left all the same.
  if (entry.outcome === 'unknown') {
    const last = begun.get(email);
    if (last !== undefined && entry.answered) begun.set(email, { ...last, answered: true });
    return;
  }
  begun.delete(email);
  failed.delete(email);
  if (entry.error !== undefined) failed.add(email);
  else done.set(email, { outcome: entry.outcome, ...(entry.id === undefined ? {} : { id: entry.id }) });
}

/** The lines that have an end, one by one: the file may be long. None if there is no file. */
export function* wholeLines(path: string): Generator<Buffer> {
  const file = opened(path);
  if (file === undefined) return;
  try {
    let rest: Buffer = Buffer.alloc(0);
    const chunk = Buffer.allocUnsafe(1 << 18);
    for (;;) {
      const count = readSync(file, chunk, 0, chunk.length, null);
      if (count === 0) return;
      const bytes = Buffer.concat([rest, chunk.subarray(0, count)]);
      let start = 0;
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
        yield bytes.subarray(start, end);
        start = end + 1;
      }
      rest = bytes.subarray(start);
    }
  } finally {
    closeSync(file);
  }
}

function opened(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new CliError('io_error', `cannot read the journal "${path}"`, { reason: code ?? message, cause: error });
  }
}

function damaged(path: string, line: number, cause: unknown): CliError {
  return new CliError('io_error', `the journal "${path}" is damaged in line ${line}`, {
    reason: `${cause instanceof Error ? cause.message : cause}; so it is not known who was mailed, and nothing was sent`,
    hints: ['--restart keeps the damaged file aside and looks at everybody again'],
    target: path,
    cause,
  });
}

/** When a file of this name was imported with other content than now; undefined if it never was. */
export function otherImportOf(folder: string, head: JournalHead): JournalHead | undefined {
  const heads = journalsIn(folder).flatMap((path) => headIn(path) ?? []);
  const others = heads.filter(({ file, file_sha256 }) => file === head.file && file_sha256 !== head.file_sha256);
  return others.sort((a, b) => (a.created_at < b.created_at ? 1 : -1))[0];
}

/** The journals of a folder, by name; none if there is no such folder. */
export function journalsIn(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.ndjson'));
    return names.sort().map((name) => join(folder, name));
  } catch {
    return [];
  }
}

/** The same with those that were set aside. */
export function allJournalsIn(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => /\.ndjson(\.\d|$)/.test(name));
    return names.map((name) => join(folder, name));
  } catch {
    return [];
  }
}

/** What a journal begins with; undefined if that cannot be read. */
export function headIn(path: string): JournalHead | undefined {
  try {
    for (const line of wholeLines(path)) return headOf(line.toString('utf8'));
  } catch {
    // Whatever it is, it is not of this file.
  }
  return undefined;
}
