import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Config } from './profile.ts';

/** What the file is called until it is finished. */
export function stagedName(name: string): string {
  return `${name}.new`;
}

/** The unfinished file and the ones that it is made from, which carry the time and some letters. */
const leftover = /^(?:\.new)?(?:\.tmp-\d{10}[0-9a-f]{6})?$/;

/**
 * Removes what a save left behind when it was killed, and with it the secrets in there. Only ever under the lock: then
 * nobody else is in the middle of a save.
 */
export function removeLeftovers(path: string): void {
  for (const name of siblings(path)) {
    if (leftover.test(name.slice(basename(path).length))) rmSync(join(dirname(path), name), { force: true });
  }
}

/** The files beside this one, such as an editor's backup, that still hold a secret which is no longer in use. */
export function restsOf(path: string, before: Config, after: Config): string[] {
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
