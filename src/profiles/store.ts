import { realpathSync, type Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CliError } from '../errors.ts';
import { wordsOf } from '../files/io-error.ts';
import { withLock } from '../files/lock.ts';
import { isMissing, readBytes } from '../files/read.ts';
import { makeFolder, moveIntoPlace } from '../files/write.ts';
import type { Clock, Processes } from '../host.ts';
import { brokenConfig, configVersion, emptyConfig, parseConfig } from './config.ts';
import type { Config } from './profile.ts';
import {
  checkPermissions,
  type PermissionOptions,
  remainingSecrets,
  removeStaleFiles,
  temporaryName,
} from './secure-file.ts';

export interface Store {
  /** The file of the profiles. */
  readonly path: string;
  /** What is stored; empty if there is no file. Throws `config_invalid`. */
  read(): Config;
  /** Reads, changes and saves under a lock. Throws `config_invalid`, `io_error`, or what `change` throws. */
  update(change: (config: Config) => Config): Promise<void>;
}

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
export function createStore(options: StoreOptions): Store {
  const path = join(options.folder, 'config.json');
  const permissions = { uid: options.uid, say: sayOnce(options.say) };
  const read = () => readConfig(path, permissions);
  const update: Store['update'] = async (change) => {
    try {
      makeFolder(options.folder);
      await withLock(`${realPath(path)}.lock`, { ...options, wait: lockTimeout }, () =>
        save(path, change, permissions),
      );
    } catch (error) {
      throw notSaved(path, error);
    }
  };
  return { path, read, update };
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
    throw brokenConfig(path, `it cannot be read: ${wordsOf(error)}`);
  }
}

/** Only ever under the lock. The file is replaced only after the new one has been read back from the disk and compared. */
async function save(path: string, change: (config: Config) => Config, permissions: PermissionOptions): Promise<void> {
  const before = readConfig(path, permissions);
  if (before.version > configVersion) throw tooNew(path, before.version);
  const after = change(before);
  const text = JSON.stringify(after);
  parseConfig(Buffer.from(text), path);
  const target = realPath(path);
  removeStaleFiles(target);
  try {
    const written = await writeNewFile(target, after);
    if (!contains(written, text)) throw new Error('the new file was cut short');
    moveIntoPlace(written, target);
  } finally {
    removeStaleFiles(target);
  }
  for (const rest of remainingSecrets(target, before, after)) {
    permissions.say(`"${rest}" still contains the secret that was removed: remove that file, too`);
  }
}

function contains(path: string, text: string): boolean {
  try {
    return JSON.stringify(JSON.parse(readBytes(path, { maxBytes, noFollow: true }).toString())) === text;
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
  const isOurs = error instanceof CliError;
  if (isOurs && error.code !== 'locked' && error.code !== 'io_error') return error;
  const reason = isOurs ? (error.details.reason ?? error.message) : wordsOf(error);
  const hints = isOurs
    ? (error.details.hints ?? [])
    : ['the file was not changed: is the disk full, or write-protected?'];
  return new CliError('io_error', `cannot save "${path}"`, { reason, hints, cause: error, target: path });
}
