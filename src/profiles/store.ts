import { closeSync, constants, existsSync, fstatSync, mkdirSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CliError } from '../errors.ts';
import { replaceFile } from '../files/file.ts';
import { withLock } from '../files/lock.ts';
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
  /** Where the profiles are kept. */
  readonly path: string;
  /** What is stored; nothing yet is no failure. Throws `config_invalid`. */
  read(): Config;
  /** Saves what `change` makes of what is stored at that moment. Throws `config_invalid` or `io_error`. */
  update(change: (config: Config) => Config): Promise<void>;
}

export interface StoreOptions {
  readonly folder: string;
  readonly uid: number | undefined;
  readonly clock: Clock;
  readonly processes: Processes;
  readonly platform: NodeJS.Platform;
  /** Hears, once, that something about the file was mended or is left to be done. */
  readonly say: (text: string) => void;
}

/** Milliseconds to wait for another process that saves. */
const patience = 5000;

/** More than any number of profiles takes. */
const maxBytes = 4 * 1024 * 1024;

/** The profiles of this user. Nothing is touched before it is read or written. */
export function createStore(options: StoreOptions): Store {
  const path = join(options.folder, 'config.json');
  const owner = { uid: options.uid, say: sayOnce(options.say) };
  const read = () => readConfig(path, owner);
  const update: Store['update'] = async (change) => {
    try {
      makeFolder(options.folder);
      await withLock(`${realPath(path)}.lock`, { ...options, wait: patience }, () => save(path, change, owner));
    } catch (error) {
      throw notSaved(path, error);
    }
  };
  return { path, read, update };
}

/** Not by the `recursive` of Node, which never comes back from a place where nothing can be made, such as /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function sayOnce(say: PermissionOptions['say']): PermissionOptions['say'] {
  const said = new Set<string>();
  return (text) => {
    if (!said.has(text)) say(text);
    said.add(text);
  };
}

function readConfig(path: string, owner: PermissionOptions): Config {
  const file = open(path);
  if (file === undefined) return emptyConfig;
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw brokenConfig(path, 'it is not a file');
    if (stats.size > maxBytes) throw brokenConfig(path, `it has more than ${maxBytes} bytes`);
    checkPermissions(file, stats, path, owner);
    return parseConfig(readFileSync(file), path);
  } finally {
    closeSync(file);
  }
}

function open(path: string): number | undefined {
  try {
    // Without the second flag a pipe of that name would be waited for; some systems do not have it.
    return openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw brokenConfig(path, `it cannot be read (${code})`);
  }
}

/** Only ever under the lock. The file stays as it is until the new one has been read back from the disk and found right. */
async function save(path: string, change: (config: Config) => Config, owner: PermissionOptions): Promise<void> {
  const before = readConfig(path, owner);
  if (before.version > configVersion) throw tooNew(path, before.version);
  const after = change(before);
  const text = JSON.stringify(after);
  parseConfig(Buffer.from(text), path);
  const target = realPath(path);
  removeStaleFiles(target);
  try {
    const staged = await stage(target, after);
    if (!holds(staged, text)) throw new Error('the new file was cut short');
    replaceFile(target, staged);
  } finally {
    removeStaleFiles(target);
  }
  for (const rest of remainingSecrets(target, before, after)) {
    owner.say(`"${rest}" still holds the secret that was removed: remove that file too`);
  }
}

function holds(path: string, text: string): boolean {
  try {
    return JSON.stringify(JSON.parse(readFileSync(path, 'utf8'))) === text;
  } catch {
    return false;
  }
}

/**
 * `conf` writes the new file beside the old one, for it takes a short write on a full disk for a whole one and puts
 * the stump in the place of the good file. Loaded here, as reading does without it.
 */
async function stage(target: string, config: Config): Promise<string> {
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

/** A link to the file stays one, and who comes to the file by another way finds the same lock. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function tooNew(path: string, version: number): CliError {
  const hints = ['install the newest invite; this one can read the file, but not save it'];
  const reason = `a newer invite wrote it (version ${version})`;
  return new CliError('config_invalid', `cannot save "${path}"`, { reason, hints, target: path });
}

function notSaved(path: string, error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  const isOurs = error instanceof CliError;
  if (isOurs && code !== 'locked' && code !== 'io_error') return error;
  const reason = isOurs ? (error.details.reason ?? message) : (code ?? message);
  const hints = isOurs
    ? (error.details.hints ?? [])
    : ['the file is as it was: is the disk full, or may it not be written?'];
  return new CliError('io_error', `cannot save "${path}"`, { reason, hints, cause: error, target: path });
}
