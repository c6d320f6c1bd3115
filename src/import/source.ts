import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { CliError } from '../errors.ts';

/** Bytes of the largest file that is read. */
export const mostBytes = 50 * 1024 * 1024;

/** The bytes of a file, and what it is called in sentences. */
export interface Source {
  readonly name: string;
  /** Undefined for stdin. */
  readonly path?: string;
  readonly bytes: Buffer;
}

/** Reads a regular file. Throws `invalid_file` on everything else: a pipe or a device might never end. */
export function readFile(name: string): Source {
  try {
    const kind = kindOf(name);
    if (kind !== undefined) throw unreadable(name, `it is ${kind}, a file was due`, hintFor(kind, name));
    const file = openSync(name, 'r');
    try {
      const { size } = fstatSync(file);
      if (size > mostBytes) throw tooLarge(name);
      return { name, path: resolve(name), bytes: readAll(file, name, size) };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw unreadable(name, reasons.get(code ?? '') ?? code ?? message);
  }
}

/** Reads all of stdin. Throws `invalid_file` if it is more than a file may be. */
export async function readStream(stream: NodeJS.ReadableStream, signal: AbortSignal): Promise<Source> {
  const chunks: Buffer[] = [];
  let size = 0;
  const stop = () => 'destroy' in stream && typeof stream.destroy === 'function' && stream.destroy(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of stream) {
      const bytes = Buffer.from(chunk);
      size += bytes.length;
      if (size > mostBytes) throw tooLarge('stdin');
      chunks.push(bytes);
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
  signal.throwIfAborted();
  return { name: 'stdin', bytes: Buffer.concat(chunks) };
}

const reasons = new Map([
  ['ENOENT', 'there is no such file'],
  ['EACCES', 'it may not be read'],
  ['ENOTDIR', 'there is no such file'],
  ['ENAMETOOLONG', 'its name is too long'],
]);

function kindOf(name: string): string | undefined {
  const found = statSync(name);
  if (found.isFile()) return undefined;
  if (found.isDirectory()) return 'a directory';
  if (found.isFIFO()) return 'a pipe';
  return found.isSocket() ? 'a socket' : 'a device';
}

function hintFor(kind: string, name: string): string[] {
  return kind === 'a pipe' ? [`cat ${name} | invite import -`] : [];
}

/** One byte more than it said it had, so that one that grows meanwhile is found out. */
function readAll(file: number, name: string, size: number): Buffer {
  const bytes = Buffer.alloc(size + 1);
  let done = 0;
  for (let count = -1; count !== 0 && done < bytes.length; done += count) {
    count = readSync(file, bytes, done, bytes.length - done, null);
  }
  if (done > size) throw unreadable(name, 'it grew while it was read');
  return bytes.subarray(0, done);
}

function tooLarge(name: string): CliError {
  return unreadable(name, 'it is larger than 50 MiB', ['split it']);
}

function unreadable(name: string, reason: string, hints: readonly string[] = []): CliError {
  return new CliError('invalid_file', `cannot read "${name}"`, { reason, hints, target: name });
}
