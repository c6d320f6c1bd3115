import { closeSync, fsyncSync, openSync, readSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { CliError } from '../errors.ts';

const reasons = new Map([
  ['ENOENT', 'there is no such file'],
  ['EACCES', 'permission denied'],
  ['EISDIR', 'it is a folder'],
]);

/** The text of a file or pipe. Throws `invalid_file` if it cannot be read, or is larger than `maxBytes`. */
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
    // A read from a pipe returns what is available; 0 bytes mean its end.
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

/** Replaces a file atomically and durably: after a crash it is either the old or the new one. */
export function replaceFile(path: string, complete: string): void {
  flush(complete, 'r+');
  renameSync(complete, path);
  try {
    flush(dirname(path), 'r');
  } catch {
    // Not every system can flush a folder; the file has been replaced anyway.
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
