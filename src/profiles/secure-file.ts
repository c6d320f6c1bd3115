import { fchmodSync, lstatSync, readdirSync, readFileSync, realpathSync, rmSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CliError } from '../errors.ts';
import type { Config } from './profile.ts';

export interface PermissionOptions {
  /** Undefined where files have no numbered owners. */
  readonly uid: number | undefined;
  readonly say: (text: string) => void;
}

/**
 * Sees to it that nobody else can have written the open file, and that nobody else can read it from now on. Throws
 * `config_invalid` if it is another's, or others may write it or, where a link leads to it, the folder it is in.
 */
export function checkPermissions(descriptor: number, file: Stats, path: string, { uid, say }: PermissionOptions): void {
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

/** What the file is called until it is finished. */
export function temporaryName(name: string): string {
  return `${name}.new`;
}

/** The unfinished file and the ones that it is made from, which carry the time and some letters. */
const leftover = /^(?:\.new)?(?:\.tmp-\d{10}[0-9a-f]{6})?$/;

/**
 * Removes what a save left behind when it was killed, and with it the secrets in there. Only ever under the lock: then
 * nobody else is in the middle of a save.
 */
export function removeStaleFiles(path: string): void {
  for (const name of siblings(path)) {
    if (leftover.test(name.slice(basename(path).length))) rmSync(join(dirname(path), name), { force: true });
  }
}

/** The files beside this one, such as an editor's backup, that still hold a secret which is no longer in use. */
export function remainingSecrets(path: string, before: Config, after: Config): string[] {
  const kept = new Set(secretsOf(after));
  const gone = secretsOf(before).filter((secret) => !kept.has(secret));
  if (gone.length === 0) return [];
  const files = [basename(path), ...siblings(path)].map((name) => join(dirname(path), name));
  return files.filter((file) => holdsAny(file, gone));
}

function siblings(path: string): string[] {
  const name = basename(path);
  return readdirSync(dirname(path)).filter((other) => other.startsWith(name) && other !== name);
}

function secretsOf(config: Config): string[] {
  return Object.values(config.profiles).flatMap(({ api_secret }) => (api_secret === undefined ? [] : [api_secret]));
}

function holdsAny(file: string, secrets: readonly string[]): boolean {
  try {
    const bytes = statSync(file).isFile() ? readFileSync(file) : Buffer.alloc(0);
    // Both as it is and as it stands in JSON.
    return secrets.some((secret) => bytes.includes(secret) || bytes.includes(JSON.stringify(secret).slice(1, -1)));
  } catch {
    // What cannot be read cannot be warned about.
    return false;
  }
}
