import { createHash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CliError } from '../errors.ts';
import { Journal, wordsOf } from './journal.ts';
import { headLine, type JournalHead } from './journal-lines.ts';

export function journalFolder(stateDir: string): string {
  return join(stateDir, 'journals');
}

/** Where the journal of an import lies: another content, organization or wish is another import. */
export function journalPath(stateDir: string, head: JournalHead): string {
  const { file_sha256, origin, organization, key_id, auth_type, roles } = head;
  const key = JSON.stringify([file_sha256, origin, organization ?? key_id, auth_type, roles]);
  return join(journalFolder(stateDir), `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.ndjson`);
}

/** Keeps a journal that is not to be gone on with; returns where, or undefined if there was none. */
export function setAside(path: string, now: number): string | undefined {
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

export interface Opening {
  readonly head: JournalHead;
  /** Bytes of it that are whole; what lies behind them is cut off. 0 begins it with the head. */
  readonly size: number;
  /** Milliseconds since 1970. */
  now(): number;
}

/**
 * Opens the journal and puts it on disk, so that what cannot be written down is not begun. Throws `config_invalid` if it
 * cannot be written.
 */
export async function openJournal(path: string, { head, size, now }: Opening): Promise<Journal> {
  try {
    const file = await open(path, size === 0 ? 'w' : 'r+', 0o600);
    await file.truncate(size);
    await file.close();
    const journal = new Journal(path, await open(path, 'a', 0o600), now);
    if (size === 0) await journal.write(headLine(head));
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
    reason: `${wordsOf(error)}; without it an interrupted import could not be gone on with, so nothing was sent`,
    hints: ['INVITE_STATE_DIR names another folder'],
    target: path,
    cause: error,
  });
}

function attemptTo(what: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    throw new CliError('io_error', what, { reason: wordsOf(error), cause: error });
  }
}
