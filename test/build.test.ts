import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'invite-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A checkout without `dist`. */
function checkout(name: string): string {
  const place = join(folder, name);
  mkdirSync(place);
  for (const part of ['.build', 'bin', 'completions', 'src', 'package.json', 'tsconfig.json']) {
    cpSync(join(root, part), join(place, part), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'));
  return place;
}

function run(script: string, args: readonly string[] = []) {
  return new Promise<{ failed: boolean; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [script, ...args], (error, stdout, stderr) =>
      resolve({ failed: error !== null, stdout, stderr }),
    );
  });
}

describe('a fresh checkout builds itself', { timeout: 120_000 }, () => {
  test('on the first run, and several first runs at once do not get into each other’s way', async () => {
    const place = checkout('several');
    const ran = await Promise.all([1, 2].map(() => run(join(place, 'bin', 'invite.js'), ['--help'])));
    expect(ran.map(({ failed }) => failed)).toEqual([false, false]);
    for (const { stdout } of ran) expect(stdout).toContain('Usage: invite <command> [options]');
    expect(readdirSync(place).filter((name) => name.startsWith('.dist-'))).toEqual([]);
    expect(statSync(join(place, 'dist')).mode & 0o777).toBe(0o755);
  });

  test('sweeps up what a killed build left, but not what a build of this minute makes', async () => {
    const place = checkout('swept');
    const [old, young] = [join(place, '.dist-old'), join(place, '.dist-young')];
    mkdirSync(old);
    mkdirSync(young);
    const hourAgo = Date.now() / 1000 - 3600;
    utimesSync(old, hourAgo, hourAgo);
    expect((await run(join(place, '.build', 'build.js'))).failed).toBe(false);
    expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
  });
});
