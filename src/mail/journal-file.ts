import { createHash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CliError } from '../errors.ts';
import type { JournalHeader } from '../people/import-input.ts';
import { errorReason, formatHeader, Journal, journalFile } from './journal.ts';
import { readHeader } from './journal-reader.ts';

export function journalFolder(stateDir: string): string {
  return join(stateDir, 'journals');
}

/** Where the journal of an import lies: another content, organization or set of options is another import. */
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

/** Keeps a journal that is not to be resumed; returns where, or undefined if there was none. */
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

interface OpenJournalOptions {
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
    const journal = new Journal(path, journalFile(await open(path, 'a', 0o600)), now);
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
    reason: `${errorReason(error)}; without it an interrupted run could not be resumed, so nothing was sent`,
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
