import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkout } from './support/checkout.ts';

const undici = createRequire(import.meta.url)('undici/package.json').version;

function run(script: string, args: readonly string[] = []) {
  return new Promise<{ failed: boolean; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [script, ...args], (error, stdout, stderr) =>
      resolve({ failed: error !== null, stdout, stderr }),
    );
  });
}

describe('a fresh checkout', { timeout: 120_000 }, () => {
  test('says what to type, and several builds at once do not get into each other’s way', async () => {
    const place = checkout();
    const program = join(place, 'bin', 'invite.js');
    expect(await run(program, ['--help'])).toEqual({
      ...{ failed: true, stdout: '', stderr: 'error: invite is not built yet: type "npm run build"\n' },
    });
    const [killed, young] = ['.dist-killed', '.dist-young'];
    for (const name of [killed, young]) mkdirSync(join(place, name));
    const hourAgo = Date.now() / 1000 - 3600;
    utimesSync(join(place, killed), hourAgo, hourAgo);
    const built = await Promise.all([1, 2].map(() => run(join(place, '.build', 'build.js'))));
    // Not a word: a warning would be the first thing that a newcomer sees.
    expect(built).toEqual(built.map(() => ({ failed: false, stdout: '', stderr: '' })));
    expect((await run(program, ['--help'])).stdout).toContain('Usage: invite <command> [options]');
    // What a killed build left is swept up, but not what a build of this minute makes.
    expect(readdirSync(place).filter((name) => name.startsWith('.dist-'))).toEqual([young]);
    expect(statSync(join(place, 'dist')).mode & 0o777).toBe(0o755);
  });

  test('is not built with another undici, whose parts may be others', async () => {
    const place = checkout();
    const recipe = join(place, '.build', 'lean.js');
    writeFileSync(recipe, readFileSync(recipe, 'utf8').replace(/undiciVersion = '.*'/, "undiciVersion = '7.0.0'"));
    const { failed, stderr } = await run(join(place, '.build', 'build.js'));
    expect({ failed, stderr }).toEqual({ failed: true, stderr: expect.stringMatching(/undici is 7\.\d+\.\d+: see/) });
    writeFileSync(
      recipe,
      readFileSync(recipe, 'utf8')
        .replace(/undiciVersion = '.*'/, `undiciVersion = '${undici}'`)
        .replace("'./client-h2.js'", "'./client-h3.js'"),
    );
    expect((await run(join(place, '.build', 'build.js'))).stderr).toContain('nothing asks any more for ./client-h3.js');
  });
});
