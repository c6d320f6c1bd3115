import { closeSync, fstatSync, ftruncateSync, openSync, readSync, renameSync, statSync, writeSync } from 'node:fs';
import { CliError } from '../errors.ts';
import { damaged, type Entry, entryOf, objectOf } from './rows.ts';

/** The first line; a file that begins with another one was written by a program that means something else. */
const header = '{"invite_sandbox":1}';

export interface Reader {
  /** The file is another one than before, or there is none any more: forget everything. */
  restart(): void;
  entry(entry: Entry): void;
}

/**
 * The file that the state is kept in: a line for each change, only ever added to. It is read from where it was left, so
 * that processes see what others did; whoever writes must hold the lock.
 */
export class StoreFile {
  readonly #path: string;
  readonly #reader: Reader;
  /** Kept open so that no new file can get the same inode number, by which another file is told. */
  #file: number | undefined;
  #inode = 0;
  /** Bytes read, up to the end of a line. */
  #offset = 0;
  #lines = 0;

  constructor(path: string, reader: Reader) {
    this.#path = path;
    this.#reader = reader;
  }

  /** Reads what was added since the last time. Throws `config_invalid` on a damaged line that is not the last one. */
  read(): void {
    const found = attempt(`cannot read "${this.#path}"`, () => statSync(this.#path, { throwIfNoEntry: false }));
    if (found === undefined) {
      this.forget();
      return;
    }
    if (this.#file === undefined || found.ino !== this.#inode || found.size < this.#offset) this.#open();
    if (found.size > this.#offset) this.#readFrom(this.#file ?? 0, found.size - this.#offset);
  }

  /** Adds lines at the end. What a process that died left of a line there is cut off. */
  append(lines: readonly string[]): void {
    const first = this.#offset === 0 ? [header] : [];
    const text = Buffer.from([...first, ...lines, ''].join('\n'));
    attempt(`cannot write "${this.#path}"`, () => {
      const file = openSync(this.#path, 'a', 0o600);
      try {
        this.#write(file, text);
      } finally {
        closeSync(file);
      }
    });
    if (this.#file === undefined) this.#keepOpen();
    this.#offset += text.length;
    this.#lines += first.length + lines.length;
  }

  /** Puts an empty file in the place of whatever is there. */
  replace(): void {
    const next = `${this.#path}.new`;
    attempt(`cannot write "${this.#path}"`, () => {
      const file = openSync(next, 'w', 0o600);
      try {
        writeAll(file, Buffer.from(`${header}\n`));
      } finally {
        closeSync(file);
      }
      renameSync(next, this.#path);
    });
  }

  /** Starts over at the next read. */
  forget(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    this.#offset = 0;
    this.#lines = 0;
    this.#reader.restart();
  }

  #open(): void {
    this.forget();
    this.#keepOpen();
  }

  #keepOpen(): void {
    const file = attempt(`cannot read "${this.#path}"`, () => openSync(this.#path, 'r'));
    this.#file = file;
    this.#inode = fstatSync(file).ino;
  }

  #readFrom(file: number, size: number): void {
    let rest: Buffer = Buffer.alloc(0);
    try {
      for (let left = size; left > 0; ) {
        const chunk = attempt(`cannot read "${this.#path}"`, () => bytesAt(file, this.#offset + rest.length, left));
        if (chunk.length === 0) return;
        left -= chunk.length;
        rest = this.#take(rest.length === 0 ? chunk : Buffer.concat([rest, chunk]));
      }
    } catch (error) {
      this.forget();
      throw error;
    }
  }

  /** Reads the whole lines at the beginning of some bytes; returns what is left. */
  #take(bytes: Buffer): Buffer {
    const end = bytes.lastIndexOf(0x0a) + 1;
    if (end === 0) return bytes;
    for (const line of bytes.toString('utf8', 0, end - 1).split('\n')) this.#line(line);
    this.#offset += end;
    return bytes.subarray(end);
  }

  #line(line: string): void {
    this.#lines += 1;
    try {
      if (this.#lines > 1) this.#reader.entry(entryOf(line));
      if (this.#lines === 1 && objectOf(line).invite_sandbox !== 1) throw damaged('it was not written by this version');
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      const message = `the sandbox cannot read "${this.#path}", line ${this.#lines}`;
      throw new CliError('config_invalid', message, { ...error.details, hints: ['invite sandbox reset'] });
    }
  }

  /** All of it or nothing: half a batch would look like a batch to the next reader. */
  #write(file: number, text: Buffer): void {
    if (fstatSync(file).size > this.#offset) ftruncateSync(file, this.#offset);
    try {
      writeAll(file, text);
    } catch (error) {
      ftruncateSync(file, this.#offset);
      throw error;
    }
  }
}

function bytesAt(file: number, position: number, atMost: number): Buffer {
  const chunk = Buffer.allocUnsafe(Math.min(atMost, 1 << 20));
  return chunk.subarray(0, readSync(file, chunk, 0, chunk.length, position));
}

function writeAll(file: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}

function attempt<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof CliError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CliError('io_error', what, { reason: code ?? message, cause: error });
  }
}
