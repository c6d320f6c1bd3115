import { fchmodSync, lstatSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { CliError } from '../errors.ts';

export interface Owner {
  /** Undefined where files have no numbered owners. */
  readonly uid: number | undefined;
  readonly say: (text: string) => void;
}

/**
 * Sees to it that nobody else can have written the open file, and that nobody else can read it from now on. Throws
 * `config_invalid` if it is another's, or others may write it or, where a link leads to it, the folder it is in.
 */
export function guardFile(descriptor: number, file: Stats, path: string, { uid, say }: Owner): void {
  if (uid === undefined) return;
  const isLink = lstatSync(path).isSymbolicLink();
  const reason =
    complaintAbout(file, uid) ?? (isLink ? complaintAboutFolder(dirname(realpathSync(path)), uid) : undefined);
  if (reason !== undefined) throw unsafe(path, reason);
  if ((file.mode & 0o077) !== 0) say(tighten(descriptor, path));
}

function tighten(descriptor: number, path: string): string {
  try {
    fchmodSync(descriptor, 0o600);
    return `others could read "${path}": it is now readable by you alone`;
  } catch (error) {
    return `others can read "${path}", and that cannot be changed: ${(error as NodeJS.ErrnoException).code}`;
  }
}

function complaintAbout(file: Stats, uid: number): string | undefined {
  if (file.uid !== uid) return `it belongs to another user (number ${file.uid})`;
  return (file.mode & 0o022) === 0 ? undefined : 'others may write to it';
}

/** In a sticky folder, such as /tmp, nobody can put a file of theirs in the place of another's. */
function complaintAboutFolder(folder: string, uid: number): string | undefined {
  const { uid: owner, mode } = statSync(folder);
  if (owner !== uid && owner !== 0) return `the folder "${folder}" belongs to another user (number ${owner})`;
  return (mode & 0o022) === 0 || (mode & 0o1000) !== 0 ? undefined : `others may write to the folder "${folder}"`;
}

function unsafe(path: string, reason: string): CliError {
  const hints = ['make it yours, and writable by you alone, if you trust what is in it: see chown and chmod 600'];
  return new CliError('config_invalid', `cannot trust "${path}"`, { reason, hints, target: path });
}
