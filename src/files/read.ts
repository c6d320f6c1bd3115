import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { errnoOf, ifPossible, UnusableFile, unusable } from '../errors.ts';

interface ReadOptions {
  readonly maxBytes: number;
  /** Refuse a symbolic link: for what decides what runs or whom is mailed. */
  readonly noFollow?: boolean;
  /** Refuse a file that this user does not own, or that others may write to. */
  readonly owner?: number | undefined;
  /** Throws if the open file is not to be read. */
  readonly check?: (file: number, stats: Stats) => void;
}

/** The bytes of a regular file. Throws `UnusableFile`, or what the system says. */
export function readBytes(path: string, options: ReadOptions): Buffer {
  return withFile(path, options, (file, stats) => {
    if (stats.size > options.maxBytes) throw new UnusableFile(`it has more than ${options.maxBytes} bytes`);
    options.check?.(file, stats);
    const bytes = Buffer.alloc(stats.size + 1);
    const size = readInto(file, bytes, 0);
    // One byte more than its size, so that a file that grows meanwhile is noticed.
    if (size > stats.size) throw new UnusableFile('it grew while it was being read');
    return bytes.subarray(0, size);
  });
}

/** The text of a small file that a user named. Throws `invalid_file` or `io_error` if it cannot be read. */
export function readText(path: string, maxBytes: number): string {
  try {
    return textOf(readBytes(path, { maxBytes }));
  } catch (error) {
    throw unusable('invalid_file', `cannot read "${path}"`, path, error);
  }
}

/** Throws `UnusableFile` for UTF-16, which Windows PowerShell writes by default, and for binary data. */
export function textOf(bytes: Buffer): string {
  if (['fffe', 'feff'].includes(bytes.toString('hex', 0, 2)))
    throw new UnusableFile('it is encoded in UTF-16: save it as UTF-8');
  if (bytes.includes(0))
    throw new UnusableFile('it contains zero bytes, as UTF-16 and binary files do: save it as UTF-8');
  return bytes.toString('utf8');
}

/** Opens a regular file for reading, whatever else lies there and without waiting for a pipe, and closes it again. */
export function withFile<T>(
  path: string,
  { noFollow = false, owner }: Pick<ReadOptions, 'noFollow' | 'owner'>,
  act: (file: number, stats: Stats) => T,
): T {
  // Not opened at all: to open a device can do something.
  refuseSpecial(noFollow ? lstatSync(path) : target(path));
  const file = openSync(path, constants.O_RDONLY | cautious | (noFollow ? noLink : 0));
  try {
    const stats = fstatSync(file);
    refuseSpecial(stats);
    const problem = owner === undefined ? undefined : ownerProblem(stats, owner);
    if (problem !== undefined) throw new UnusableFile(problem);
    return act(file, stats);
  } finally {
    close(file);
  }
}

function target(path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    if (isMissing(error) && look(path) !== undefined) throw new UnusableFile('it is a broken symbolic link');
    throw error;
  }
}

/** Some systems lack these. */
const cautious = constants.O_NONBLOCK ?? 0;
export const noLink = constants.O_NOFOLLOW ?? 0;

/** Throws `UnusableFile` for what is not a regular file. */
export function refuseSpecial(found: Stats): void {
  if (!found.isFile()) throw new UnusableFile(`it is ${fileKind(found)}, not a file`);
}

function fileKind(found: Stats): string {
  if (found.isSymbolicLink()) return 'a symbolic link';
  if (found.isDirectory()) return 'a directory';
  if (found.isFIFO()) return 'a pipe';
  return found.isSocket() ? 'a socket' : 'a device';
}

/** Why the content of a file or folder cannot be taken for that of this user. */
export function ownerProblem({ uid, mode }: Stats, user: number): string | undefined {
  if (uid !== user) return `it belongs to another user (uid ${uid})`;
  return (mode & 0o022) === 0 ? undefined : 'it is writable by others';
}

/** What lies at a path, links not followed; undefined if nothing does. Throws what else the system says. */
export function look(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

export function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '');
}

interface Line {
  readonly text: string;
  /** Offset in the file behind its line break. */
  readonly end: number;
}

/** The whole lines of a file from an offset on; what has no line break yet is still being written, or was cut off. */
export function* linesIn(file: number, from = 0): Generator<Line> {
  let rest: Buffer = Buffer.alloc(0);
  let start = from;
  for (;;) {
    const chunk = Buffer.alloc(64 * 1024);
    const size = readInto(file, chunk, start + rest.length);
    if (size === 0) return;
    rest = Buffer.concat([rest, chunk.subarray(0, size)]);
    let begin = 0;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, begin)) {
      yield { text: rest.toString('utf8', begin, end), end: start + end + 1 };
      begin = end + 1;
    }
    start += begin;
    rest = rest.subarray(begin);
  }
}

/** The first bytes of an open file; fewer if it is shorter. */
export function headOf(file: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  return bytes.subarray(0, readInto(file, bytes, 0));
}

/** Reads until the buffer is full or the file ends; returns the number of bytes. */
function readInto(file: number, bytes: Buffer, position: number): number {
  let done = 0;
  for (let count = -1; count !== 0 && done < bytes.length; done += count) {
    count = readSync(file, bytes, done, bytes.length - done, position + done);
  }
  return done;
}

/** What was read has been read, and what was to last has been flushed, whatever becomes of the descriptor. */
export function close(file: number): void {
  ifPossible(() => closeSync(file));
}
