// Whoever can write to the folder in which Node keeps compiled code decides what runs.
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { runBuilt } from '../support/run-built.ts';
import { temporaryFolder } from '../support/run-cli.ts';

const preload = join(import.meta.dirname, '../support/newer-node.cjs');
const isRoot = process.getuid?.() === 0;

describe('compiled code is kept for the next start', () => {
  let home: string;
  const folder = () => join(home, '.cache', 'invite');
  beforeEach(() => {
    home = temporaryFolder();
  });

  /** The folder in which it would be kept; undefined if nowhere. */
  async function keptIn(env: Readonly<Record<string, string | undefined>> = {}): Promise<string | undefined> {
    const kept = join(home, 'kept');
    rmSync(kept, { force: true });
    const { code, stderr } = await runBuilt(['completion', 'bash'], {
      home,
      env: { NODE_OPTIONS: `--require=${preload}`, KEPT: kept, ...env },
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return existsSync(kept) ? readFileSync(kept, 'utf8') : undefined;
  }

  test('in a folder of one’s own', async () => {
    expect(await keptIn()).toBe(folder());
    expect(statSync(folder()).mode & 0o777).toBe(0o700);
    expect(await keptIn()).toBe(folder());
    const cache = join(home, 'elsewhere');
    expect(await keptIn({ XDG_CACHE_HOME: cache })).toBe(join(cache, 'invite'));
    expect(await keptIn({ XDG_CACHE_HOME: 'relative' })).toBe(folder());
    expect(existsSync(join(home, 'relative'))).toBe(false);
  });

  test('not in a folder that others may look into', async () => {
    mkdirSync(folder(), { recursive: true });
    chmodSync(folder(), 0o701);
    expect(await keptIn()).toBeUndefined();
  });

  test('not through a link, nor where there is no folder', async () => {
    mkdirSync(join(home, '.cache'));
    symlinkSync(mkdtempSync(join(home, 'own-')), folder());
    expect(await keptIn()).toBeUndefined();
    rmSync(join(home, '.cache'), { recursive: true });
    writeFileSync(join(home, '.cache'), '');
    expect(await keptIn()).toBeUndefined();
    expect(await keptIn({ HOME: 'relative' })).toBeUndefined();
  });

  test('not in a folder of somebody else, nor in their home', async () => {
    // Root can give a folder away; whoever is not root can find one that is root's.
    if (isRoot) chownSync(home, 65534, 65534);
    const place = isRoot ? home : '/';
    expect(await keptIn({ XDG_CACHE_HOME: place })).toBeUndefined();
    expect(existsSync(join(place, 'invite'))).toBe(false);
    if (!isRoot) return;
    mkdirSync(folder(), { recursive: true, mode: 0o700 });
    chownSync(folder(), 65534, 65534);
    expect(await keptIn()).toBeUndefined();
  });

  test('not on a full disk, on which Node leaves empty files', async () => {
    expect(await keptIn({ FREE: String(15 * 1024 * 1024) })).toBeUndefined();
    expect(existsSync(folder())).toBe(false);
  });

  test('not if Node’s own variable says so', async () => {
    expect(await keptIn({ NODE_DISABLE_COMPILE_CACHE: '1' })).toBeUndefined();
  });
});
