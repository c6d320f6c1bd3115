// The single executable does what the package does: without Node on the PATH, at a terminal and in a pipe.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keys, runInPty, visible } from '../support/pty.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'invite-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const program = join(folder, 'invite');
const env = {
  PATH: '/nowhere',
  HOME: folder,
  INVITE_PROFILE: 'sandbox',
  INVITE_CONFIG_DIR: join(folder, 'config'),
  INVITE_STATE_DIR: join(folder, 'state'),
};

/** One line as its user types it. */
async function typed(line: string) {
  const { stdout, stderr } = await run(program, line.split(' '), { env, cwd: folder });
  return { stdout, stderr };
}

// The Node that goes inside is downloaded, and the build takes long: only on request.
describe.runIf(process.env.INVITE_TEST_BINARY)(
  'the single executable, if INVITE_TEST_BINARY is set',
  { timeout: 60_000 },
  () => {
    beforeAll(async () => {
      await run(process.execPath, [join(root, '.build', 'binary.js'), program]);
    }, 300_000);

    test('is one file of the size that CONTRIBUTING.md names', () => {
      const mebibytes = statSync(program).size / 2 ** 20;
      const [, named] = /about (\d+) MiB/.exec(readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')) ?? [];
      expect(Math.abs(mebibytes - Number(named))).toBeLessThan(15);
    });

    test('says its version and its help', async () => {
      const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
      expect(await typed('--version')).toEqual({ stdout: `${version}\n`, stderr: '' });
      expect((await typed('--help')).stdout).toContain('Usage: invite <command> [options]');
    });

    test('imports, lists and completes', async () => {
      writeFileSync(join(folder, 'people.csv'), 'email\nann@example.com\nbob@example.com\n');
      const { stdout } = await typed('import people.csv --yes -o json');
      expect(JSON.parse(stdout).map(({ outcome }: { outcome: string }) => outcome)).toEqual(['created', 'created']);
      for (const format of ['table', 'json', 'ndjson', 'csv', 'yaml']) {
        expect((await typed(`list -o ${format}`)).stdout).toContain('bob@example.com');
      }
      const scripts = ['bash', 'zsh', 'fish', 'powershell'].map((shell) => typed(`completion ${shell}`));
      for (const script of await Promise.all(scripts)) expect(script.stdout).toContain('invite');
    });

    test('offers a choice at a terminal', async () => {
      await typed('create cyd@example.com dan@example.com');
      const steps = [
        { expect: 'show which invitation?', send: 'cyd', pause: 300 },
        { expect: 'cyd@example.com  pending', send: keys.enter, pause: 300 },
      ];
      const { code, drawn } = await runInPty([program, 'get'], steps, { env });
      expect(code).toBe(0);
      expect(visible(drawn)).toMatch(/email: +cyd@example\.com/);
    });

    test('fails as the package does, and leaves nothing behind', async () => {
      await expect(typed('list --status nope')).rejects.toMatchObject({ code: 2, stdout: '' });
      expect(existsSync(join(folder, '.cache'))).toBe(false);
    });
  },
);
