import { closeSync, fstatSync, ftruncateSync, openSync, readSync, renameSync, statSync, writeSync } from 'node:fs';
import { CliError } from '../errors.ts';
import { isJsonObject, type JsonObject } from '../text/json-fields.ts';
import { type Entry, inviteStatuses } from './rows.ts';

/** The first line of the file; a file with another first line is of another version or program. */
const header = '{"invite_sandbox":1}';

interface StoreFileEvents {
  /** The file was replaced or deleted: discard what was read. */
  onReset(): void;
  onEntry(entry: Entry): void;
}

/**
 * The file of the state: an append-only log with one change a line. Each read starts where the last one ended, so that
 * processes see the changes of others. A writer must hold the lock.
 */
export class StoreFile {
  readonly #path: string;
  readonly #events: StoreFileEvents;
  /** Kept open so that its inode number, which identifies the file, is not reused. */
  #file: number | undefined;
  #inode = 0;
  /** The number of bytes read, up to the end of a line. */
  #offset = 0;
  #lines = 0;

  constructor(path: string, events: StoreFileEvents) {
    this.#path = path;
    this.#events = events;
  }

  /** Reads the lines added since the last read. Throws `config_invalid` on a damaged line that is not the last one. */
  read(): void {
    const found = attempt(`cannot read "${this.#path}"`, () => statSync(this.#path, { throwIfNoEntry: false }));
    if (found === undefined) {
      this.close();
      return;
    }
    if (this.#file === undefined || found.ino !== this.#inode || found.size < this.#offset) {
      this.close();
      this.#keepOpen();
    }
    if (found.size > this.#offset) this.#readFrom(this.#file ?? 0, found.size - this.#offset);
  }

  /** Appends lines. An incomplete last line, left by a process that died, is removed. */
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

  /** Replaces the file by an empty one. */
  reset(): void {
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

  /** Closes the file; the next read starts at its beginning. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    this.#offset = 0;
    this.#lines = 0;
    this.#events.onReset();
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
      this.close();
      throw error;
    }
  }

  /** Reads the complete lines of some bytes; returns the rest. */
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
      if (this.#lines > 1) this.#events.onEntry(parseEntry(line));
      if (this.#lines === 1 && parseObject(line).invite_sandbox !== 1)
        throw damaged('it was not written by this version');
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      const message = `the sandbox cannot read "${this.#path}", line ${this.#lines}`;
      throw new CliError('config_invalid', message, { ...error.details, hints: ['invite sandbox reset'] });
    }
  }

  /** Writes all lines or none: a reader could not tell half a batch from a whole one. */
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

function attempt<T>(message: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof CliError) throw error;
    const { code, message: reason } = error as NodeJS.ErrnoException;
    throw new CliError('io_error', message, { reason: code ?? reason, cause: error });
  }
}

const stringFields = {
  invitation: ['id', 'email', 'auth_type', 'status', 'created_at', 'updated_at', 'expires_at', 'user', 'creator'],
  user: ['id', 'email', 'full_name', 'auth_type', 'created_at'],
  binding: ['id', 'principal', 'role_name', 'crn_pattern', 'created_at'],
  api_key: ['id', 'owner', 'resource', 'display_name', 'created_at'],
} as const;

const kinds = Object.keys(stringFields) as readonly (keyof typeof stringFields)[];

/** Parses a line of the file. Throws `config_invalid` if it is not an entry. */
function parseEntry(line: string): Entry {
  const entry = parseObject(line);
  if (kinds.some((kind) => kind === entry.delete) && typeof entry.id === 'string') return entry as unknown as Entry;
  const kind = kinds.find((known) => known === entry.put);
  if (kind === undefined || !isRow(entry.row, stringFields[kind])) throw damaged('it is not an entry of the sandbox');
  if (kind === 'invitation' && !isInvitation(entry.row)) throw damaged('it is not an invitation of the sandbox');
  return entry as unknown as Entry;
}

/** Parses a line as a JSON object. Throws `config_invalid` on anything else. */
function parseObject(line: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw damaged('it is not JSON');
  }
  if (!isJsonObject(value)) throw damaged('it is not a JSON object');
  return value;
}

function damaged(reason: string): CliError {
  return new CliError('config_invalid', 'cannot read the state of the sandbox', { reason });
}

function isRow(row: unknown, fields: readonly string[]): row is JsonObject {
  return isJsonObject(row) && fields.every((field) => typeof row[field] === 'string');
}

function isInvitation(row: JsonObject): boolean {
  const times = [row.created_at, row.updated_at, row.expires_at].map((time) => Date.parse(String(time)));
  return (
    inviteStatuses.some((status) => status === row.status) &&
    times.every((time) => !Number.isNaN(time)) &&
    typeof row.mails === 'number'
  );
}
