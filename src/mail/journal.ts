import { writeSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { type Outcome, outcomes } from '../cli/outcomes.ts';
import { CliError } from '../errors.ts';
import type { JournalHeader } from '../people/import-input.ts';
import { textAt } from '../text/json-fields.ts';
import type { Change, MailOutcome } from './change.ts';
import type { Recorder } from './perform.ts';
import type { Result } from './result.ts';
import { OutcomeUnknown } from './send-invitation.ts';

/** What a journal needs of its file; tests bring one that fails. */
export interface JournalFile extends Pick<FileHandle, 'datasync' | 'close'> {
  /** Returns the number of bytes that the system has taken. */
  write(bytes: Buffer): number;
}

/** A file of the disk. It is written to at once, and only flushed in the background: to wait for both takes a third longer. */
export function journalFile(file: FileHandle): JournalFile {
  return {
    write: (bytes) => writeSync(file.fd, bytes),
    datasync: () => file.datasync(),
    close: () => file.close(),
  };
}

interface Waiting {
  readonly bytes: Buffer;
  resolve(): void;
  reject(error: CliError): void;
}

/** Writes to disk what is begun and what is done, before and after. Lines of the same moment share one write. */
export class Journal implements Recorder {
  readonly path: string;
  readonly #file: JournalFile;
  readonly #now: () => number;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #failure: CliError | undefined;

  /** @param now Milliseconds since 1970. */
  constructor(path: string, file: JournalFile, now: () => number) {
    this.path = path;
    this.#file = file;
    this.#now = now;
  }

  async begin(change: Change): Promise<void> {
    if (change.kind !== 'create' || change.decision.act !== 'post') return;
    await this.#append({
      started: change.target,
      as: change.decision.outcome,
      at: new Date(this.#now()).toISOString(),
    });
  }

  async end({ kind }: Change, result: Result): Promise<void> {
    const { target, outcome, error } = result;
    // Only invitations mail somebody; any other change can be made again.
    if (outcome === 'not_attempted' || kind !== 'create') return;
    const id = textAt(result.invitation ?? {}, 'id');
    await this.#append({
      ...{ done: target, outcome },
      ...(id === undefined ? {} : { id }),
      ...(error === undefined ? {} : { error: error.code }),
      ...(error instanceof OutcomeUnknown && error.answered ? { answered: true } : {}),
    });
    // What was begun with the same write is sent first.
    await new Promise(setImmediate);
  }

  /** Resolves once the text is on disk. After a failure nothing is written any more: its end may be half a line. */
  write(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ bytes: Buffer.from(text), resolve, reject });
      this.#writing ??= this.#drain();
    });
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file.close();
  }

  #append(entry: JournalEntry): Promise<void> {
    return this.write(formatEntry(entry));
  }

  async #drain(): Promise<void> {
    // Whatever else is added in this turn, as after many answers at once, shares the write.
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      try {
        if (this.#failure !== undefined) throw this.#failure;
        writeAll(this.#file, Buffer.concat(batch.map(({ bytes }) => bytes)));
        await this.#file.datasync();
        for (const { resolve } of batch) resolve();
      } catch (error) {
        const failure = this.#fail(error);
        for (const { reject } of batch) reject(failure);
      }
    }
    this.#writing = undefined;
  }

  #fail(error: unknown): CliError {
    this.#failure ??= new CliError('io_error', `cannot write the journal "${this.path}"`, {
      reason: `${errorReason(error)}; nothing more was sent`,
      hints: ['make room on the disk, then run the same command again'],
      target: this.path,
      cause: error,
    });
    return this.#failure;
  }
}

/** A full disk may write a part without an error. */
function writeAll(file: JournalFile, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) {
    const written = file.write(bytes.subarray(done));
    if (written === 0) throw new Error('the disk takes no more');
    done += written;
  }
}

/** The system's code, or else what it says. */
export function errorReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message ?? String(error);
}

/** A change that is about to be begun, or one that has ended. */
export type JournalEntry =
  | { readonly started: string; readonly as: MailOutcome; readonly at: string }
  | {
      readonly done: string;
      readonly outcome: Outcome;
      readonly id?: string;
      readonly error?: string;
      /** The API took it, but what it answered was not learnt. */
      readonly answered?: boolean;
      readonly at?: string;
    };

const started: readonly unknown[] = ['created', 'reinvited', 'resent'] satisfies MailOutcome[];

const version = 1;

export function formatHeader(head: JournalHeader): string {
  return `${JSON.stringify({ invite_journal: version, ...head })}\n`;
}

export function formatEntry(entry: JournalEntry): string {
  return `${JSON.stringify(entry)}\n`;
}

/** Throws an `Error` that says what is wrong with the line. */
export function parseHeader(line: string): JournalHeader {
  const value = objectOf(line);
  if (value.invite_journal !== version) throw new Error('it is not the beginning of a journal of this version');
  const { file, file_sha256, origin, created_at } = value;
  for (const text of [file, file_sha256, origin, created_at]) {
    if (typeof text !== 'string') throw new Error('it lacks what the first line of a journal says');
  }
  return value as unknown as JournalHeader;
}

/** Throws an `Error` that says what is wrong with the line. */
export function parseEntry(line: string): JournalEntry {
  const value = objectOf(line);
  const isStart = typeof value.started === 'string' && started.includes(value.as);
  if (isStart && !Number.isNaN(Date.parse(String(value.at)))) return value as JournalEntry;
  const isEnd = typeof value.done === 'string' && outcomes.some((outcome) => outcome === value.outcome);
  if (isEnd && isTextOrNone(value.id) && isTextOrNone(value.error)) return value as JournalEntry;
  throw new Error('it says neither that something was started nor that it is done');
}

function isTextOrNone(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function objectOf(line: string): Record<string, unknown> {
  const value: unknown = JSON.parse(line);
  if (typeof value === 'object' && value !== null) return { ...value };
  throw new Error('it is no JSON object');
}
