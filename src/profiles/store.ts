import { readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CliError } from '../errors.ts';
import { ioError, UnusableFile, unusable, wordsOf } from '../files/io-error.ts';
import { withLock } from '../files/lock.ts';
import { isMissing, look, ownerProblem, readBytes } from '../files/read.ts';
import { makeFolder, makePrivate, makePrivateAt, moveIntoPlace, removeFile } from '../files/write.ts';
import type { Clock, Processes } from '../host.ts';
import { configVersion, emptyConfig, parseConfig } from './config.ts';
import type { Config } from './profile.ts';

export type Store = ReturnType<typeof createStore>;

interface StoreOptions {
  readonly folder: string;
  readonly uid: number | undefined;
  readonly clock: Clock;
  readonly processes: Processes;
  readonly platform: NodeJS.Platform;
  /** Prints a warning about the file, each one once. */
  readonly say: (text: string) => void;
}

/** Milliseconds to wait for another process that is saving. */
const lockTimeout = 5000;

/** More than any number of profiles needs. */
const maxBytes = 4 * 1024 * 1024;

/** The profiles of this user. The file is not touched before it is read or written. */
export function createStore(options: StoreOptions) {
  const path = join(options.folder, 'config.json');
  const permissions = { uid: options.uid, say: sayOnce(options.say) };
  const read = () => readConfig(path, permissions);
  const update = async (change: (config: Config) => Config): Promise<Config> => {
    try {
      makeFolder(options.folder);
      return await withLock(`${realPath(path)}.lock`, { ...options, wait: lockTimeout }, () =>
        save(path, change, permissions),
      );
    } catch (error) {
      throw notSaved(path, error);
    }
  };
  return {
    /** The file of the profiles. */
    path,
    /** What is stored; empty if there is no file. Throws `config_invalid`. */
    read,
    /** Reads, changes and saves under a lock; resolves to what is stored now. Throws `config_invalid`, `io_error`, or what `change` throws. */
    update,
  };
}

function sayOnce(say: PermissionOptions['say']): PermissionOptions['say'] {
  const printed = new Set<string>();
  return (text) => {
    if (!printed.has(text)) say(text);
    printed.add(text);
  };
}

function readConfig(path: string, permissions: PermissionOptions): Config {
  const check = (file: number, stats: Stats) => checkPermissions(file, stats, path, permissions);
  try {
    return parseConfig(readBytes(path, { maxBytes, check }), path);
  } catch (error) {
    if (error instanceof CliError) throw error;
    if (isMissing(error)) return emptyConfig;
    throw unusable('config_invalid', `cannot read "${path}"`, path, error);
  }
}

/** Only ever under the lock. The file is replaced only after the new one has been read back from the disk and compared. */
async function save(path: string, change: (config: Config) => Config, permissions: PermissionOptions): Promise<Config> {
  const before = readConfig(path, permissions);
  if (before.version > configVersion) throw tooNew(path, before.version);
  const after = change(before);
  const text = JSON.stringify(after);
  parseConfig(Buffer.from(text), path);
  const target = realPath(path);
  removeStaleFiles(target);
  try {
    const written = await writeNewFile(target, after);
    makePrivateAt(written);
    if (!contains(written, text)) throw new UnusableFile('the new file was cut short');
    moveIntoPlace(written, target);
  } finally {
    // What cannot be removed does not undo what is saved, nor hide why nothing is.
    attempt(() => removeStaleFiles(target));
  }
  attempt(() => {
    for (const rest of remainingSecrets(target, before, after)) {
      permissions.say(`"${rest}" still contains the secret that was removed: remove that file, too`);
    }
  });
  return after;
}

function attempt(act: () => void): void {
  try {
    act();
  } catch {}
}

function contains(path: string, text: string): boolean {
  const bytes = readBytes(path, { maxBytes, noFollow: true });
  try {
    return JSON.stringify(JSON.parse(bytes.toString())) === text;
  } catch {
    return false;
  }
}

/**
 * Lets `conf` write the new file next to the old one: on a full disk it takes a short write for a complete one and would
 * replace the good file with it. Loaded here, as reading does not need it.
 */
async function writeNewFile(target: string, config: Config): Promise<string> {
  const { default: Conf } = await import('conf');
  const conf = new Conf<Record<string, unknown>>({
    cwd: dirname(target),
    configName: temporaryName(basename(target)),
    fileExtension: '',
    configFileMode: 0o600,
    accessPropertiesByDotNotation: false,
    clearInvalidConfig: false,
  });
  conf.store = { ...config };
  return conf.path;
}

/** A symbolic link is kept, and every path to the file leads to the same lock. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function tooNew(path: string, version: number): CliError {
  const hints = ['install the newest invite; this version can read the file, but not save it'];
  const reason = `it was written by a newer invite (format ${version})`;
  return new CliError('config_invalid', `cannot save "${path}"`, { reason, hints, target: path });
}

function notSaved(path: string, error: unknown): unknown {
  const message = `cannot save "${path}"`;
  if (error instanceof CliError) {
    if (error.code !== 'locked' && error.code !== 'io_error') return error;
    return new CliError('io_error', message, { reason: error.message, ...error.details, target: path });
  }
  const failure = ioError(message, path, error);
  const hints = ['the file was not changed: is the disk full, or write-protected?'];
  return failure instanceof CliError ? failure.with({ hints }) : failure;
}

interface PermissionOptions {
  /** Undefined where files have no owner ids. */
  readonly uid: number | undefined;
  readonly say: (text: string) => void;
}

/**
 * Checks that no other user can have written the open file, and makes it unreadable for them. Throws `config_invalid` if
 * it belongs to another user, or if others may write to it or, where it is a symbolic link, to the folder of its target.
 */
function checkPermissions(descriptor: number, file: Stats, path: string, { uid, say }: PermissionOptions): void {
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
  return (mode & 0o022) === 0 || (mode & 0o1000) !== 0 ? undefined : `the folder "${folder}" is writable by others`;
}

function unsafe(path: string, reason: string): CliError {
  const hints = ['if you trust its content, make it yours and writable by you only: chown, chmod 600'];
  return new CliError('config_invalid', `cannot trust "${path}"`, { reason, hints, target: path });
}

/** The name of the file until it is complete. */
function temporaryName(name: string): string {
  return `${name}.new`;
}

/** The suffixes of incomplete files: ours, and those that `conf` writes first. */
const leftover = /^(?:\.new)?(?:\.tmp-\d{10}[0-9a-f]{6})?$/;

/**
 * Removes the incomplete files of a save that was killed, and the secrets in them. Only ever under the lock, so that no
 * other process is saving.
 */
function removeStaleFiles(path: string): void {
  for (const name of siblings(path)) {
    if (leftover.test(name.slice(basename(path).length))) removeFile(join(dirname(path), name));
  }
}

/** Files next to this one, such as an editor's backup, that still contain a secret which is no longer in use. */
function remainingSecrets(path: string, before: Config, after: Config): string[] {
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

/** Bytes; a larger file is no copy of one. */
const maxCopy = 64 * 1024 * 1024;

function containsAny(file: string, secrets: readonly string[]): boolean {
  try {
    const bytes = readBytes(file, { maxBytes: maxCopy });
    // As it is, and as it is written in JSON.
    return secrets.some((secret) => bytes.includes(secret) || bytes.includes(JSON.stringify(secret).slice(1, -1)));
  } catch {
    // Unreadable files are skipped.
    return false;
  }
}
