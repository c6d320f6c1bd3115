import { closeSync, openSync, readSync } from 'node:fs';
import { EmailMap, foldEmail } from '../api/email.ts';
import type { Outcome } from '../cli/outcomes.ts';
import { CliError } from '../errors.ts';
import type { JournalHeader } from '../people/import-input.ts';
import type { MailOutcome, Tools } from './change.ts';
import { type JournalEntry, parseEntry, parseHeader } from './journal.ts';
import { listLag } from './send-invitation.ts';

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
  readonly done: EmailMap<CompletedRow>;
  /** Begun, and nobody knows how it ended. */
  readonly begun: Map<string, StartedRow>;
  /** Refused, to be tried again. */
  readonly failed: Set<string>;
  /** Bytes up to the end of the last whole line; 0 if there is no journal yet. */
  readonly size: number;
}

/** Of a run before which there was none. */
export function noJournal(): JournalState {
  return { done: new EmailMap(), begun: new Map(), failed: new Set(), size: 0 };
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

/** What a journal begins with; undefined if that cannot be read. */
export function readHeader(path: string): JournalHeader | undefined {
  try {
    for (const line of wholeLines(path)) return parseHeader(line.toString('utf8'));
  } catch {
    // Whatever it is, it is not of this file.
  }
  return undefined;
}

/** What an earlier run sent last may not be in the list yet; nobody is mailed again before it had time to appear. */
export async function waitForListLag(
  { begun }: JournalState,
  { clock, signal }: Pick<Tools, 'clock' | 'signal'>,
): Promise<void> {
  const latest = Math.max(...[...begun.values()].map(({ at }) => at), Number.NEGATIVE_INFINITY);
  const wait = Math.min(listLag, latest + listLag - clock.now());
  if (wait > 0) await clock.sleep(wait, signal);
}
