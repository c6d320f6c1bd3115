import { getSystemErrorMap } from 'node:util';
import { CliError, type FailureCode } from '../errors.ts';

/** What a path leads to is nothing that may be read or written; the message says what it is. */
export class UnusableFile extends Error {
  override readonly name = 'UnusableFile';
}

/** Where the system's own words would mislead, or libuv has none. */
const words: Readonly<Record<string, string>> = {
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is not a directory',
  ELOOP: 'it is a symbolic link',
  ENXIO: 'it is a pipe or a device, not a file',
  EDQUOT: 'disk quota exceeded',
};

/** EDQUOT is unknown to Node, which gives only the number: of Linux, of macOS. */
const codes = new Map([
  [-122, 'EDQUOT'],
  [-69, 'EDQUOT'],
]);

/** The code of an error of the system, such as ENOSPC; undefined for any other error. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, errno } = error as NodeJS.ErrnoException;
  if (code !== undefined && /^E[A-Z0-9]+$/.test(code)) return code;
  if (errno === undefined || !/^Unknown system error/.test(code ?? error.message)) return undefined;
  return codes.get(errno) ?? `E${-errno}`;
}

/** Why it failed, as `no space left on device (ENOSPC)`; the error's own message where the system has not spoken. */
export function wordsOf(error: unknown): string {
  const code = errnoOf(error);
  if (code === undefined) return error instanceof Error ? error.message : String(error);
  const known = words[code] ?? [...getSystemErrorMap().values()].find(([name]) => name === code)?.[1];
  return known === undefined ? code : `${known} (${code})`;
}

/** The failure for what went wrong with a file. What is no error of the system or of its files is returned as it is. */
export function ioError(message: string, path: string | undefined, error: unknown): unknown {
  if (!(error instanceof UnusableFile) && errnoOf(error) === undefined) return error;
  return new CliError('io_error', message, {
    reason: wordsOf(error),
    target: path,
    cause: error,
  });
}

/** What says that the path is wrong, or not for this user, and nothing about the disk. */
const ofThePath = ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EISDIR', 'ENAMETOOLONG', 'ELOOP', 'ENXIO'];

/** The failure for a file that cannot be used: `code` where another path or file would do, else `io_error`. */
export function unusable(code: FailureCode, message: string, path: string, error: unknown): unknown {
  const errno = errnoOf(error);
  const isFault = errno !== undefined && !ofThePath.includes(errno);
  const failure = ioError(message, path, error);
  const isOther = isFault || !(failure instanceof CliError) || failure === error;
  return isOther ? failure : new CliError(code, failure.message, failure.details);
}
