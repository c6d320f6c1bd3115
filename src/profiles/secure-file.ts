import { readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CliError } from '../errors.ts';
import { wordsOf } from '../files/io-error.ts';
import { look, ownerProblem, readBytes } from '../files/read.ts';
import { makePrivate, removeFile } from '../files/write.ts';
import type { Config } from './profile.ts';

export interface PermissionOptions {
  /** Undefined where files have no owner ids. */
  readonly uid: number | undefined;
  readonly say: (text: string) => void;
}

/**
 * Checks that no other user can have written the open file, and makes it unreadable for them. Throws `config_invalid` if
 * it belongs to another user, or if others may write to it or, where it is a symbolic link, to the folder of its target.
 */
export function checkPermissions(descriptor: number, file: Stats, path: string, { uid, say }: PermissionOptions): void {
  if (uid === undefined) return;
  const isLink = look(path)?.isSymbolicLink() === true;
  const reason = ownerProblem(file, uid) ?? (isLink ? problemWithFolder(dirname(realpathSync(path)), uid) : undefined);
  if (reason !== undefined) throw unsafe(path, reason);
  if ((file.mode & 0o077) !== 0) say(tighten(descriptor, path));
}

function tighten(descriptor: number, path: string): string {
  try {
    makePrivate(descriptor);
    return `others could read "${path}": it is now readable by you only`;
  } catch (error) {
    return `others can read "${path}", and that cannot be changed: ${wordsOf(error)}`;
  }
}

/** In a sticky folder, such as /tmp, nobody can replace the file of another user. */
function problemWithFolder(folder: string, uid: number): string | undefined {
  const { uid: owner, mode } = statSync(folder);
  if (owner !== uid && owner !== 0) return `the folder "${folder}" belongs to another user (uid ${owner})`;
  return (mode & 0o022) === 0 || (mode & 0o1000) !== 0 ? undefined : `others may write to the folder "${folder}"`;
}

function unsafe(path: string, reason: string): CliError {
  const hints = ['if you trust its content, make it yours and writable by you only: chown, chmod 600'];
  return new CliError('config_invalid', `cannot trust "${path}"`, { reason, hints, target: path });
}

/** The name of the file until it is complete. */
export function temporaryName(name: string): string {
  return `${name}.new`;
}

/** The suffixes of incomplete files: ours, and those that `conf` writes first. */
const leftover = /^(?:\.new)?(?:\.tmp-\d{10}[0-9a-f]{6})?$/;

/**
 * Removes the incomplete files of a save that was killed, and the secrets in them. Only ever under the lock, so that no
 * other process is saving.
 */
export function removeStaleFiles(path: string): void {
  for (const name of siblings(path)) {
    if (leftover.test(name.slice(basename(path).length))) removeFile(join(dirname(path), name));
  }
}

/** Files next to this one, such as an editor's backup, that still contain a secret which is no longer in use. */
export function remainingSecrets(path: string, before: Config, after: Config): string[] {
  const kept = new Set(secretsOf(after));
  const gone = secretsOf(before).filter((secret) => !kept.has(secret));
  if (gone.length === 0) return [];
  const files = [basename(path), ...siblings(path)].map((name) => join(dirname(path), name));
  return files.filter((file) => containsAny(file, gone));
}

function siblings(path: string): string[] {
  const name = basename(path);
  return readdirSync(dirname(path)).filter((other) => other.startsWith(name) && other !== name);
}

function secretsOf(config: Config): string[] {
  return Object.values(config.profiles).flatMap((profile) =>
    'api_secret' in profile && profile.api_secret !== undefined ? [profile.api_secret] : [],
  );
}

/** A larger file is no copy of one. */
const maxBytes = 64 * 1024 * 1024;

function containsAny(file: string, secrets: readonly string[]): boolean {
  try {
    const bytes = readBytes(file, { maxBytes });
    // As it is, and as it is written in JSON.
    return secrets.some((secret) => bytes.includes(secret) || bytes.includes(JSON.stringify(secret).slice(1, -1)));
  } catch {
    // Unreadable files are skipped.
    return false;
  }
}
