import {
  accessSync,
  chmodSync,
  constants,
  fchmodSync,
  fdatasync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { errnoOf, ifPossible, ioError, UnusableFile, wordsOf } from '../errors.ts';
import { close, look, noLink, refuseSpecial } from './read.ts';

/** Makes a folder, and those above it, that nobody else may enter. Throws `io_error`. */
export function makeFolder(path: string): void {
  try {
    makeFolders(path);
  } catch (error) {
    throw ioError(`cannot create the folder "${path}"`, path, error);
  }
}

/** Without Node's `recursive`, which never returns where no folder can be created, such as /proc. */
function makeFolders(path: string): void {
  if (isFolder(path)) return;
  if (dirname(path) !== path) makeFolders(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
    chmodSync(path, 0o700);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
    if (!isFolder(path)) throw new UnusableFile('it is a file, not a folder');
  }
}

/** Why no file can be written to a folder, which need not exist yet; undefined if one can. Creates nothing. */
export function folderProblem(path: string): string | undefined {
  try {
    // The dot is refused where this is a file.
    accessSync(`${path}/.`, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return errnoOf(error) === 'ENOENT' && dirname(path) !== path ? folderProblem(dirname(path)) : wordsOf(error);
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/**
 * Writes a file beside its place and moves it there, so that it is always either the old or the new one, and a link in
 * its place is replaced, never followed. `write-file-atomic` does not serve for this: it follows links, reuses what lies
 * under its temporary name, and takes no parts. Throws `io_error`, or what the parts throw.
 */
export async function replaceFile(
  path: string,
  parts: Iterable<string | Buffer> | AsyncIterable<string | Buffer>,
): Promise<void> {
  // Loaded here: a command that writes nothing starts without it.
  const { randomBytes } = await import('node:crypto');
  const unfinished = `${path}.${randomBytes(6).toString('hex')}.new`;
  let isCreated = false;
  try {
    const found = look(path);
    if (found?.isSymbolicLink() === false) refuseSpecial(found);
    const file = openSync(unfinished, 'wx', 0o600);
    isCreated = true;
    try {
      makePrivate(file);
      for await (const part of parts) writeAll(file, typeof part === 'string' ? Buffer.from(part) : part);
    } finally {
      close(file);
    }
    moveIntoPlace(unfinished, path);
  } catch (error) {
    if (isCreated) ifPossible(() => unlinkSync(unfinished));
    throw ioError(`cannot write "${path}"`, path, error);
  }
}

/** Puts a complete file in its place, durably. Throws what the system says. */
export function moveIntoPlace(complete: string, path: string): void {
  flush(complete, constants.O_RDWR | noLink);
  renameSync(complete, path);
  flushFolder(path);
}

/** Makes a new or removed entry of its folder last. */
function flushFolder(path: string): void {
  // Not every system can flush a folder; the file is there anyway.
  ifPossible(() => flush(dirname(path), constants.O_RDONLY));
}

function flush(path: string, flags: number): void {
  const file = openSync(path, flags);
  try {
    fsyncSync(file);
  } finally {
    close(file);
  }
}

/** Lets its user, and nobody else, read and write an open file, whatever the umask. Throws what the system says. */
export function makePrivate(file: number): void {
  fchmodSync(file, 0o600);
}

/** The same for a file that another library wrote. */
export function makePrivateAt(path: string): void {
  chmodSync(path, 0o600);
}

/** A full disk may take a part without an error. */
export function writeAll(file: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) {
    const written = writeSync(file, bytes, done);
    if (written === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    done += written;
  }
}

/** Whether there was one. Throws `io_error`. */
export function removeFile(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw ioError(`cannot remove "${path}"`, path, error);
  }
}

/** Throws `io_error`. */
export function renameFile(path: string, to: string): void {
  try {
    renameSync(path, to);
  } catch (error) {
    throw ioError(`cannot rename "${path}"`, path, error);
  }
}

/** A file that only grows, by whole lines, and that several processes may write to. */
export interface LogFile {
  /** Resolves once the lines are on disk; those of the same moment are flushed together. Rejects with `io_error`. */
  append(lines: string): Promise<void>;
  close(): void;
}

/**
 * Opens a log, or begins it with `head`. A last line that was cut off is ended first, so that it spoils no other. Throws
 * `io_error`.
 */
export function openLog(path: string, head = ''): LogFile {
  const failure = (error: unknown) => ioError(`cannot write "${path}"`, path, error);
  try {
    const file = openForAppending(path);
    writeAll(file, Buffer.from(beginningOf(file, head)));
    flushFolder(path);
    return { append: appender(file, failure), close: () => close(file) };
  } catch (error) {
    throw failure(error);
  }
}

function openForAppending(path: string): number {
  // Without waiting for the reader of a pipe.
  const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | noLink | (constants.O_NONBLOCK ?? 0);
  const found = look(path);
  if (found !== undefined) refuseSpecial(found);
  const file = openSync(path, flags, 0o600);
  try {
    const stats = fstatSync(file);
    refuseSpecial(stats);
    if ((stats.mode & 0o777) !== 0o600) makePrivate(file);
    return file;
  } catch (error) {
    close(file);
    throw error;
  }
}

function beginningOf(file: number, head: string): string {
  const { size } = fstatSync(file);
  if (size === 0) return head;
  const last = Buffer.alloc(1);
  readSync(file, last, 0, 1, size - 1);
  return last[0] === 10 ? '' : '\n';
}

/** After a failure nothing is written any more: the end of the file may be half a line. */
function appender(file: number, failure: (error: unknown) => unknown): LogFile['append'] {
  const waiting: string[] = [];
  let next: Promise<void> | undefined;
  let last: Promise<void> = Promise.resolve();
  const write = async (before: Promise<void>) => {
    // Whatever else is added in this turn, or while the one before is being flushed, shares the write.
    await Promise.all([before, new Promise(setImmediate)]);
    next = undefined;
    try {
      writeAll(file, Buffer.from(waiting.splice(0).join('')));
      await promisify(fdatasync)(file);
    } catch (error) {
      throw failure(error);
    }
  };
  return (lines) => {
    waiting.push(lines);
    next ??= write(last);
    last = next;
    return next;
  };
}

/** Adds to a file that others own, such as one that a CI system names. Throws what the system says. */
export function appendTo(path: string, text: string): void {
  const file = openToAppend(path);
  try {
    writeAll(file, Buffer.from(text));
  } finally {
    close(file);
  }
}

/** Whose mode a file is that is there already is not for us to say. A pipe that nobody reads is not waited for. */
function openToAppend(path: string): number {
  const flags = constants.O_WRONLY | constants.O_APPEND | (constants.O_NONBLOCK ?? 0);
  try {
    const file = openSync(path, flags | constants.O_CREAT | constants.O_EXCL, 0o600);
    makePrivate(file);
    return file;
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
    return openSync(path, flags);
  }
}
