import { createHash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, readSync, renameSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CliError } from '../errors.ts';
import { ByEmail } from '../invitations/by-email.ts';
import { foldEmail } from '../invitations/email.ts';
import type { MailOutcome } from './change.ts';
import {
  errorReason,
  formatHeader,
  Journal,
  type JournalEntry,
  type JournalHeader,
  parseEntry,
  parseHeader,
} from './journal.ts';
import type { Outcome } from './result.ts';

export function journalFolder(stateDir: string): string {
  return join(stateDir, 'journals');
}

/** Where the journal of an import lies: another content, organization or wish is another import. */
export function journalPath(stateDir: string, head: JournalHeader): string {
  const { file_sha256, origin, organization, key_id, auth_type, roles, columns } = head;
  const key = JSON.stringify([file_sha256, origin, organization ?? key_id, auth_type, roles].concat(columns ?? []));
  return join(journalFolder(stateDir), `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.ndjson`);
}

/**
 * Where the journal of the mails of `invite apply` lies: one for an organization, whatever the file, for the plan is made
 * anew each time.
 */
export function applyJournalPath(stateDir: string, { origin, organization, key_id }: JournalHeader): string {
  const key = JSON.stringify(['apply', origin, organization, key_id]);
  return join(journalFolder(stateDir), `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.ndjson.apply`);
}

/** Keeps a journal that is not to be gone on with; returns where, or undefined if there was none. */
export function archiveJournal(path: string, now: number): string | undefined {
  if (!existsSync(path)) return undefined;
  const aside = `${path}.${new Date(now).toISOString().replaceAll(':', '-')}`;
  attemptTo(`cannot move the journal "${path}"`, () => renameSync(path, aside));
  return aside;
}

/** Makes the folder, to which nobody else has access. Throws `config_invalid` if it cannot be written in. */
export function makeJournalFolder(stateDir: string): string {
  const folder = journalFolder(stateDir);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unusable(folder, error);
  }
  return folder;
}

export interface OpenJournalOptions {
  readonly head: JournalHeader;
  /** Bytes of it that are whole; what lies behind them is cut off. 0 begins it with the head. */
  readonly size: number;
  /** Milliseconds since 1970. */
  now(): number;
}

/**
 * Opens the journal and puts it on disk, so that what cannot be written down is not begun. Throws `config_invalid` if it
 * cannot be written.
 */
export async function openJournal(path: string, { head, size, now }: OpenJournalOptions): Promise<Journal> {
  try {
    const file = await open(path, size === 0 ? 'w' : 'r+', 0o600);
    await file.truncate(size);
    await file.close();
    const journal = new Journal(path, await open(path, 'a', 0o600), now);
    if (size === 0) await journal.write(formatHeader(head));
    flushFolder(dirname(path));
    return journal;
  } catch (error) {
    throw unusable(path, error);
  }
}

function flushFolder(folder: string): void {
  try {
    const file = openSync(folder, 'r');
    fsyncSync(file);
    closeSync(file);
  } catch {
    // Not every system lets a folder be flushed.
  }
}

function unusable(path: string, error: unknown): CliError {
  if (error instanceof CliError && error.code !== 'io_error') return error;
  return new CliError('config_invalid', `cannot write the journal "${path}"`, {
    reason: `${errorReason(error)}; without it an interrupted import could not be gone on with, so nothing was sent`,
    hints: ['INVITE_STATE_DIR names another folder'],
    target: path,
    cause: error,
  });
}

function attemptTo(what: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    throw new CliError('io_error', what, { reason: errorReason(error), cause: error });
  }
}

export interface CompletedRow {
  readonly outcome: Outcome;
  readonly id?: string;
}

export interface StartedRow {
  readonly as: MailOutcome;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The API took it: a mail has left, whether or not a list shows it. */
  readonly answered?: boolean;
}

/** What earlier runs wrote down, by e-mail. */
export interface JournalState {
  /** Ended well: not to be done again. */
  readonly done: ByEmail<CompletedRow>;
  /** Begun, and nobody knows how it ended. */
  readonly begun: Map<string, StartedRow>;
  /** Refused, to be tried again. */
  readonly failed: Set<string>;
  /** Bytes up to the end of the last whole line; 0 if there is no journal yet. */
  readonly size: number;
}

/** Of a run before which there was none. */
export function noJournal(): JournalState {
  return { done: new ByEmail(), begun: new Map(), failed: new Set(), size: 0 };
}

/**
 * Reads a journal as far as it is whole: a last line without its end was being written when the power went. Throws
 * `io_error` at any other line that it did not write, for then nobody can say what was done.
 */
export function readJournal(path: string): JournalState {
  const past = noJournal();
  let size = 0;
  let number = 0;
  for (const line of wholeLines(path)) {
    number += 1;
    size += line.length + 1;
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(line);
      if (number === 1) parseHeader(text);
      else learn(past, parseEntry(text));
    } catch (error) {
      throw damagedJournal(path, number, error);
    }
  }
  return { ...past, size };
}

function learn({ done, begun, failed }: JournalState, entry: JournalEntry): void {
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

function damagedJournal(path: string, line: number, cause: unknown): CliError {
  return new CliError('io_error', `the journal "${path}" is damaged in line ${line}`, {
    reason: `${cause instanceof Error ? cause.message : cause}; so it is not known who was mailed, and nothing was sent`,
    hints: ['--restart keeps the damaged file aside and looks at everybody again'],
    target: path,
    cause,
  });
}

/** When a file of this name was imported with other content than now; undefined if it never was. */
export function findOtherImport(folder: string, head: JournalHeader): JournalHeader | undefined {
  const heads = listJournals(folder).flatMap((path) => readHeader(path) ?? []);
  const others = heads.filter(({ file, file_sha256 }) => file === head.file && file_sha256 !== head.file_sha256);
  return others.sort((a, b) => (a.created_at < b.created_at ? 1 : -1))[0];
}

/** The journals of a folder, by name; none if there is no such folder. */
export function listJournals(folder: string): string[] {
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
    const names = readdirSync(folder).filter((name) => /\.ndjson(\.\d|\.apply$|$)/.test(name));
    return names.map((name) => join(folder, name));
  } catch {
    return [];
  }
}

/** What a journal begins with; undefined if that cannot be read. */
export function readHeader(path: string): JournalHeader | undefined {
  try {
    for (const line of wholeLines(path)) return parseHeader(line.toString('utf8'));
  } catch {
    // Whatever it is, it is not of this file.
  }
  return undefined;
}
