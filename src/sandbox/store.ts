import { randomUUID } from 'node:crypto';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { CliError, ioError } from '../errors.ts';
import { withLock } from '../files/lock.ts';
import { headOf, linesIn, look, withFile } from '../files/read.ts';
import { appendTo, makeFolder, replaceFile } from '../files/write.ts';
import type { Clock, Processes } from '../host.ts';
import { type JsonObject, objectIn } from '../text/json-fields.ts';
import type { State } from './state.ts';

interface StoreOptions {
  readonly folder: string;
  /** That of this machine, by which locks go. */
  readonly clock: Clock;
  readonly processes: Processes;
  /** The state before the first entry of the file. */
  newState(): State;
}

/** Milliseconds to wait for another process to release the lock. */
const lockWait = 10_000;

/** Where the state is kept between requests. */
export interface Store {
  read(): State;
  /** Changes the state; resolves once the change is stored. */
  update<T>(act: (state: State) => T): Promise<T>;
  /** Deletes all data. */
  reset(): Promise<void>;
}

/** A state that ends with the process. */
export function memoryStore({ newState }: Pick<StoreOptions, 'newState'>): Store {
  let state = newState();
  const read = () => state.upToDate();
  return {
    read,
    update: async (act) => act(read()),
    reset: async () => {
      state = newState();
    },
  };
}

/**
 * The state that all processes on one folder share. The file has one change a line and only grows: each access reads what
 * others have added, and changes are appended under a lock.
 */
export class FileStore implements Store {
  readonly #options: StoreOptions;
  readonly #path: string;
  #state: State;
  /** The first line of the file that was read, which differs after each reset, and how much was read: bytes and lines. */
  #header = '';
  #offset = 0;
  #lines = 0;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: StoreOptions) {
    this.#options = options;
    this.#path = join(options.folder, 'sandbox.ndjson');
    this.#state = options.newState();
  }

  /** Throws `config_invalid` on a damaged line; an incomplete last one is still being written. */
  read(): State {
    try {
      if (look(this.#path) === undefined) this.#forget();
      else withFile(this.#path, {}, (file, { size }) => this.#readFrom(file, size));
    } catch (error) {
      this.#forget();
      throw ioError(`cannot read "${this.#path}"`, this.#path, error);
    }
    return this.#state.upToDate();
  }

  update<T>(act: (state: State) => T): Promise<T> {
    return this.#exclusively(async () => {
      const state = this.read();
      try {
        const result = act(state);
        this.#append(state.changes.map((change) => JSON.stringify(change)));
        return result;
      } catch (error) {
        // The memory is ahead of the file now: read it again.
        this.#forget();
        throw error;
      }
    });
  }

  reset(): Promise<void> {
    return this.#exclusively(() => replaceFile(this.#path, [`${newHeader()}\n`]));
  }

  /** Runs one at a time in this process and under the lock between processes. */
  #exclusively<T>(act: () => Promise<T>): Promise<T> {
    const { folder, clock, processes } = this.#options;
    const done = this.#queue.then(() => {
      makeFolder(folder);
      return withLock(join(folder, 'sandbox.lock'), { clock, processes, wait: lockWait }, act);
    });
    this.#queue = done.catch(() => {});
    return done;
  }

  /** Writes all lines or none: a reader could not tell half a batch from a whole one. */
  #append(changes: readonly string[]): void {
    if (changes.length === 0) return;
    const header = this.#header || newHeader();
    const added = this.#header === '' ? [header, ...changes] : changes;
    const text = `${added.join('\n')}\n`;
    try {
      this.#truncate();
      appendTo(this.#path, text);
    } catch (error) {
      this.#truncate();
      throw ioError(`cannot write "${this.#path}"`, this.#path, error);
    }
    this.#header = header;
    this.#offset += Buffer.byteLength(text);
    this.#lines += added.length;
  }

  /** Removes what follows the last complete line: a process may have died while it was writing. */
  #truncate(): void {
    if ((look(this.#path)?.size ?? 0) > this.#offset) truncateSync(this.#path, this.#offset);
  }

  #readFrom(file: number, size: number): void {
    const [header = ''] = headOf(file, 100).toString('latin1').split('\n', 1);
    if (header !== this.#header || size < this.#offset) this.#forget();
    for (const { text, end } of linesIn(file, this.#offset)) {
      this.#lines += 1;
      this.#readLine(objectIn(text) ?? {});
      this.#header = header;
      this.#offset = end;
    }
  }

  #readLine(line: JsonObject): void {
    const isHeader = this.#lines === 1;
    if (isHeader ? line.invite_sandbox === 1 : this.#state.load(line)) return;
    throw new CliError('config_invalid', `the sandbox cannot read "${this.#path}", line ${this.#lines}`, {
      reason: isHeader ? 'it was not written by this version' : 'it is not an entry of the sandbox',
      hints: ['invite sandbox reset'],
    });
  }

  /** The next read starts at the beginning. */
  #forget(): void {
    this.#state = this.#options.newState();
    this.#header = '';
    this.#offset = 0;
    this.#lines = 0;
  }
}

/** The first line of a file; one with another first line is of another version or program. */
function newHeader(): string {
  return `{"invite_sandbox":1,"id":"${randomUUID()}"}`;
}
