import { readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CliError, ifPossible, ioError, UnusableFile, unusable, wordsOf } from '../errors.ts';
import { withLock } from '../files/lock.ts';
import { isMissing, look, ownerProblem, readBytes } from '../files/read.ts';
import { makeFolder, makePrivate, makePrivateAt, moveIntoPlace, removeFile } from '../files/write.ts';
import type { Clock, Processes } from '../host.ts';
import { isJsonObject } from '../text/json-fields.ts';
import { type Config, isProfileName, sandboxName } from './profile.ts';

export type Store = ReturnType<typeof createStore>;

interface StoreOptions {
  readonly folder: string;
  /** Undefined where files have no owner ids. */
  readonly uid: number | undefined;
  readonly clock: Clock;
  readonly processes: Processes;
  readonly platform: NodeJS.Platform;
  /** Prints a warning about the file, each one once. */
  readonly say: (text: string) => void;
}

type PermissionOptions = Pick<StoreOptions, 'uid' | 'say'>;

/** Milliseconds to wait for another process that is saving. */
const lockTimeout = 5000;

/** More than any number of profiles needs. */
const maxBytes = 4 * 1024 * 1024;

/** The profiles of this user. The file is not touched before it is read or written. */
export function createStore({ folder, uid, say, ...world }: StoreOptions) {
  const path = join(folder, 'config.json');
  const printed = new Set<string>();
  const sayOnce = (text: string) => {
    if (!printed.has(text)) say(text);
    printed.add(text);
  };
  const permissions = { uid, say: sayOnce };
  return {
    path,
    /** What is stored; empty if there is no file. Throws `config_invalid`. */
    read: () => readConfig(path, permissions),
    /** Reads, changes and saves under a lock; resolves to what is stored now. Throws `config_invalid`, `io_error`, or what `change` throws. */
    update: async (change: (config: Config) => Config): Promise<Config> => {
      try {
        makeFolder(folder);
        const lock = `${realPath(path)}.lock`;
        return await withLock(lock, { ...world, wait: lockTimeout }, () => save(path, change, permissions));
      } catch (error) {
        throw notSaved(path, error);
      }
    },
  };
}

function readConfig(path: string, permissions: PermissionOptions): Config {
  const check = (file: number, stats: Stats) => checkPermissions(file, stats, path, permissions);
  try {
    return parseConfig(readBytes(path, { maxBytes, check }), path);
  } catch (error) {
    if (error instanceof CliError) throw error;
    if (isMissing(error)) return emptyConfig;
    const failure = unusable('config_invalid', `cannot read "${path}"`, path, error);
    throw failure instanceof CliError
      ? failure.with({ hints: ['move it away and log in again', withoutFile] })
      : failure;
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
    ifPossible(() => removeStaleFiles(target));
  }
  ifPossible(() => {
    for (const rest of remainingSecrets(target, before, after))
      permissions.say(`"${rest}" still contains the secret that was removed: remove that file, too`);
  });
  return after;
}

function contains(path: string, text: string): boolean {
  const bytes = readBytes(path, { maxBytes, noFollow: true });
  return ifPossible(() => JSON.stringify(JSON.parse(bytes.toString()))) === text;
}

/**
 * Lets `conf` write the new file next to the old one: on a full disk it takes a short write for a complete one and would
 * replace the good file with it. Loaded here, as reading does not need it.
 */
async function writeNewFile(target: string, config: Config): Promise<string> {
  const { default: Conf } = await import('conf');
  const conf = new Conf<Record<string, unknown>>({
    cwd: dirname(target),
    configName: `${basename(target)}.new`,
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
  return ifPossible(() => realpathSync(path)) ?? path;
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

/**
 * Checks that no other user can have written the open file, and makes it unreadable for them. Throws `config_invalid` if
 * it belongs to another user, or if others may write to it or, where it is a symbolic link, to the folder of its target.
 */
function checkPermissions(descriptor: number, file: Stats, path: string, { uid, say }: PermissionOptions): void {
  if (uid === undefined) return;
  const isLink = look(path)?.isSymbolicLink() === true;
  const reason = ownerProblem(file, uid) ?? (isLink ? problemWithFolder(dirname(realpathSync(path)), uid) : undefined);
  if (reason !== undefined) {
    const hints = ['if you trust its content, make it yours and writable by you only: chown, chmod 600'];
    throw new CliError('config_invalid', `cannot trust "${path}"`, { reason, hints, target: path });
  }
  if ((file.mode & 0o077) === 0) return;
  try {
    makePrivate(descriptor);
    say(`others could read "${path}": it is now readable by you only`);
  } catch (error) {
    say(`others can read "${path}", and that cannot be changed: ${wordsOf(error)}`);
  }
}

/** In a sticky folder, such as /tmp, nobody can replace the file of another user. */
function problemWithFolder(folder: string, uid: number): string | undefined {
  const { uid: owner, mode } = statSync(folder);
  if (owner !== uid && owner !== 0) return `the folder "${folder}" belongs to another user (uid ${owner})`;
  return (mode & 0o022) === 0 || (mode & 0o1000) !== 0 ? undefined : `the folder "${folder}" is writable by others`;
}

/** The suffixes of incomplete files: ours, and those that `conf` writes first. */
const leftover = /^(?:\.new)?(?:\.tmp-\d{10}[0-9a-f]{6})?$/;

/** Removes the incomplete files of a save that was killed, and the secrets in them: under the lock nobody else is saving. */
function removeStaleFiles(path: string): void {
  for (const file of siblings(path)) if (leftover.test(file.slice(path.length))) removeFile(file);
}

/** Files that begin with this one's name, such as an editor's backup. */
function siblings(path: string): string[] {
  const name = basename(path);
  const names = readdirSync(dirname(path)).filter((other) => other.startsWith(name) && other !== name);
  return names.map((other) => join(dirname(path), other));
}

/** The files that still contain a secret which is no longer in use. */
function remainingSecrets(path: string, before: Config, after: Config): string[] {
  const kept = secretsOf(after);
  // As it is, and as it is written in JSON.
  const gone = secretsOf(before)
    .filter((secret) => !kept.some((one) => one.includes(secret)))
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);
  if (gone.length === 0) return [];
  return [path, ...siblings(path)].filter((file) => {
    // Unreadable files are skipped.
    const bytes = ifPossible(() => readBytes(file, { maxBytes: maxCopy }));
    return gone.some((text) => bytes?.includes(text));
  });
}

function secretsOf(config: Config): string[] {
  return Object.values(config.profiles).flatMap((profile) => ('api_secret' in profile && profile.api_secret) || []);
}

/** Bytes; a larger file is no copy of one. */
const maxCopy = 64 * 1024 * 1024;

const configVersion = 1;

export const emptyConfig: Config = { version: configVersion, profiles: {} };

/** The checked content of the file, unknown keys included. Throws `config_invalid`, which shows nothing of the text. */
export function parseConfig(bytes: Buffer, path: string): Config {
  const text = bytes.toString('utf8');
  if (!Buffer.from(text).equals(bytes))
    throw broken(path, 'it is not UTF-8', textPosition(text, text.indexOf('\ufffd')));
  // Some editors write a byte order mark.
  const json = text.replace(/^\ufeff/, '');
  const place = firstJsonError(json);
  if (place !== undefined) throw broken(path, 'it is not JSON', place);
  const config: unknown = JSON.parse(json);
  const problem = problemWith(config);
  if (problem !== undefined) throw broken(path, problem);
  return { ...emptyConfig, ...(config as object) };
}

const withoutFile = 'CONFLUENT_CLOUD_API_KEY and CONFLUENT_CLOUD_API_SECRET work without it';

/** @param place Where in the file it is, if it is in one place. */
function broken(path: string, reason: string, place?: TextPosition): CliError {
  const where = place === undefined ? '' : ` at line ${place.line}, column ${place.column}`;
  return new CliError('config_invalid', `cannot use "${path}"${where}`, {
    reason,
    hints: ['fix it in an editor, or move it away and log in again; it was not changed', withoutFile],
    target: path,
  });
}

function problemWith(config: unknown): string | undefined {
  if (!isJsonObject(config)) return 'it must be an object';
  // Node reads deeper nesting than it writes.
  if (ifPossible(() => JSON.stringify(config)) === undefined) return 'it is nested too deeply';
  const { version = configVersion, current, profiles = {} } = config;
  if (!Number.isInteger(version) || Number(version) < 1) return '"version" must be a whole number';
  if (current !== undefined && !(isText(current) && isProfileName(current)))
    return '"current" must be the name of a profile';
  if (!isJsonObject(profiles)) return '"profiles" must be an object';
  const problems = Object.entries(profiles).map(([name, profile]) => {
    const problem = problemWithProfile(name, profile);
    return problem && `profile "${name}": ${problem}`;
  });
  return problems.find((problem) => problem !== undefined);
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isList = (value: unknown) => Array.isArray(value) && value.length > 0 && value.every(isText);
const isCommand = (value: unknown) =>
  Array.isArray(value) && isText(value[0]) && value.every((word) => typeof word === 'string');

/** The fields of a profile that are understood, in the order in which they are checked. */
const fields: readonly (readonly [name: string, isValid: (value: unknown) => boolean, words: string])[] = [
  ['endpoint', isText, 'a string'],
  ['created_at', isText, 'a string'],
  ['allowed_domains', isList, 'a list of domains'],
  ['identity_pool_id', isText, 'a string'],
  ['token_command', isCommand, 'a list of strings'],
  ['api_key', isText, 'a string'],
  ['api_secret', isText, 'a string'],
  ['secret_command', isCommand, 'a list of strings'],
];

function problemWithProfile(name: string, profile: unknown): string | undefined {
  if (name === sandboxName) return 'the name is reserved for the built-in sandbox';
  if (!isProfileName(name)) return 'it is not a valid profile name';
  if (!isJsonObject(profile)) return 'it must be an object';
  const isPool = profile.identity_pool_id !== undefined;
  const required = isPool ? 'token_command' : 'api_key';
  for (const [field, isValid, words] of fields) {
    const value = profile[field];
    if ((value !== undefined || field === required) && !isValid(value)) return `"${field}" must be ${words}`;
  }
  const { api_key, api_secret, secret_command } = profile;
  if (!isPool && (api_secret === undefined) === (secret_command === undefined))
    return 'it needs either "api_secret" or "secret_command"';
  const other = Object.entries({ api_key, api_secret, secret_command }).find(
    ([, value]) => isPool && value !== undefined,
  );
  return other && `it needs either "identity_pool_id" or "${other[0]}"`;
}

interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** White space, and then punctuation, a string, or a number or literal. */
const token =
  /[ \t\r\n]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)\b))/y;

/**
 * The position of the first syntax error. The message of `JSON.parse` differs between versions of Node, and it quotes the
 * text, which may contain a secret.
 */
export function firstJsonError(text: string): TextPosition | undefined {
  /** What closes the objects and arrays that are open. */
  const closers: string[] = [];
  const value = '{["0';
  /** The tokens that may come next: marks, `k` for a key, `"` for another string, `0` for another value. */
  let expected = value;
  for (let offset = 0; ; offset = token.lastIndex) {
    token.lastIndex = offset;
    const [whole, mark, string] = token.exec(text) ?? [];
    const kind = mark ?? (string === undefined ? '0' : expected.includes('k') ? 'k' : '"');
    if (whole === undefined || !expected.includes(kind)) {
      const at = offset + text.slice(offset).search(/[^ \t\r\n]|$/);
      return at === text.length && expected === '' ? undefined : textPosition(text, at);
    }
    if (kind === '{' || kind === '[') closers.push(kind === '{' ? '}' : ']');
    if (kind === '}' || kind === ']') closers.pop();
    const follow: Readonly<Record<string, string>> = {
      '{': 'k}',
      '[': `${value}]`,
      k: ':',
      ':': value,
      ',': closers.at(-1) === '}' ? 'k' : value,
    };
    const end = closers.length === 0 ? '' : `,${closers.at(-1)}`;
    expected = follow[kind] ?? end;
  }
}

function textPosition(text: string, offset: number): TextPosition {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}
