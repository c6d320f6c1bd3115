import type { FileHandle } from 'node:fs/promises';
import { CliError } from '../errors.ts';
import { textAt } from '../invitations/invitation.ts';
import type { Change } from './change.ts';
import { entryLine, type JournalEntry } from './journal-lines.ts';
import type { Recorder } from './perform.ts';
import { OutcomeUnknown } from './post.ts';
import type { Result } from './result.ts';

/** What a journal needs of its file; tests bring one that fails. */
export type JournalFile = Pick<FileHandle, 'write' | 'datasync' | 'close'>;

interface Waiting {
  readonly bytes: Buffer;
  resolve(): void;
  reject(error: CliError): void;
}

/** Says on disk what is begun and what is done, before and after. Lines that come together share the way to the disk. */
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

  async end(_change: Change, result: Result): Promise<void> {
    const { target, outcome, error } = result;
    if (outcome === 'not_attempted') return;
    const id = textAt(result.invitation ?? {}, 'id');
    await this.#append({
      ...{ done: target, outcome },
      ...(id === undefined ? {} : { id }),
      ...(error === undefined ? {} : { error: error.code }),
      ...(error instanceof OutcomeUnknown && error.answered ? { answered: true } : {}),
    });
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
    return this.write(entryLine(entry));
  }

  async #drain(): Promise<void> {
    // Whatever else asks in this turn goes along.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      try {
        if (this.#failure !== undefined) throw this.#failure;
        await writeAll(this.#file, Buffer.concat(batch.map(({ bytes }) => bytes)));
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
      reason: `${wordsOf(error)}; nothing more was sent`,
      hints: ['make room on the disk, then run the same command again'],
      target: this.path,
      cause: error,
    });
    return this.#failure;
  }
}

/** A full disk takes a part without a word. */
async function writeAll(file: JournalFile, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done);
    if (bytesWritten === 0) throw new Error('the disk takes no more');
    done += bytesWritten;
  }
}

/** The system's code, or else what it says. */
export function wordsOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message ?? String(error);
}
