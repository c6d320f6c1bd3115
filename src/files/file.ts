import { closeSync, fsyncSync, openSync, readSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { CliError } from '../errors.ts';

const reasons = new Map([
  ['ENOENT', 'there is no such file'],
  ['EACCES', 'it may not be read'],
  ['EISDIR', 'it is a folder'],
]);

/** The text of a file or pipe that ought to be short. Throws `invalid_file` if it cannot be read, or is longer. */
export function readSmallFile(path: string, maxBytes: number): string {
  try {
    return readUpTo(path, maxBytes);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = reasons.get(code ?? '') ?? code ?? message;
    throw new CliError('invalid_file', `cannot read "${path}"`, {
      reason,
      target: path,
      cause: error,
    });
  }
}

function readUpTo(path: string, maxBytes: number): string {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(maxBytes + 1);
    let size = 0;
    let read = -1;
    // A pipe gives what it holds at the moment, and nothing only at its end.
    while (read !== 0 && size < bytes.length) {
      read = readSync(file, bytes, size, bytes.length - size, null);
      size += read;
    }
    if (size > maxBytes) throw new Error(`it has more than ${maxBytes} bytes`);
    return bytes.toString('utf8', 0, size);
  } finally {
    closeSync(file);
  }
}

/** Puts a finished file in the place of another, at once and for good: after a crash there is the old one or the new. */
export function replaceFile(path: string, finished: string): void {
  flush(finished, 'r+');
  renameSync(finished, path);
  try {
    flush(dirname(path), 'r');
  } catch {
    // Not every system lets a folder be flushed; the file is in its place all the same.
  }
}

function flush(path: string, flags: string): void {
  const file = openSync(path, flags);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
