// The package as its users get it: packed, installed into an empty place without any dependency, and run.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'invite-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const program = join(folder, 'lib', 'node_modules', 'invite', 'bin', 'invite.js');

beforeAll(async () => {
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root });
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  await run('npm', ['install', '--global', '--offline', '--no-audit', '--prefix', folder, join(folder, filename)], {
    cwd: folder,
  });
}, 120_000);

test('the install is one package and the command', () => {
  expect(readdirSync(join(folder, 'lib', 'node_modules'))).toEqual(['invite']);
  expect(existsSync(join(folder, 'lib', 'node_modules', 'invite', 'node_modules'))).toBe(false);
  expect(readdirSync(join(folder, 'bin'))).toEqual(['invite']);
});

/** One line as its user types it, with nothing in the environment but what a machine of its own has. */
async function typed(node: string, args: readonly string[]): Promise<string> {
  const home = join(folder, 'home');
  mkdirSync(home, { recursive: true });
  const env = { PATH: process.env.PATH, HOME: home, INVITE_STATE_DIR: join(home, node.replaceAll('/', '_')) };
  const { stdout, stderr } = await run(node, [program, ...args], { env, cwd: home });
  expect(stderr).not.toMatch(/warning|error/i);
  return stdout;
}

/** The whole way from nothing to a list, and every part that is loaded late. */
async function smoke(node: string): Promise<void> {
  expect(await typed(node, ['--version'])).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(await typed(node, ['--help'])).toContain('Usage: invite <command> [options]');
  const made = JSON.parse(await typed(node, ['-p', 'sandbox', 'create', 'ann@example.com', '--json']));
  expect(made).toMatchObject({ email: 'ann@example.com', outcome: 'created' });
  for (const format of ['table', 'json', 'ndjson', 'csv', 'yaml', 'id']) {
    expect(await typed(node, ['-p', 'sandbox', 'list', '-o', format])).toContain(
      format === 'id' ? 'i-' : 'ann@example.com',
    );
  }
  for (const shell of ['bash', 'zsh', 'fish', 'powershell'])
    expect(await typed(node, ['completion', shell])).toContain('invite');
}

test('it runs on this machine’s Node', { timeout: 120_000 }, () => smoke(process.execPath));

/** A Node of another version out of the registry, where it can be had: `INVITE_TEST_NODES=22,24,26`. */
async function nodeOf(major: string): Promise<string> {
  const place = join(folder, `node-${major}`);
  mkdirSync(place);
  writeFileSync(join(place, 'package.json'), '{}');
  const name = `node-${process.platform}-${process.arch}`;
  await run('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', `${name}@${major}`], { cwd: place });
  return join(place, 'node_modules', name, 'bin', 'node');
}

const others = (process.env.INVITE_TEST_NODES ?? '').split(',').filter((major) => major !== '');

describe.skipIf(others.length === 0)(
  'and on other versions, if INVITE_TEST_NODES names them',
  { timeout: 240_000 },
  () => {
    test.each(others)('Node %s', async (major) => {
      const node = await nodeOf(major);
      expect((await run(node, ['--version'])).stdout).toMatch(new RegExp(`^v${major}\\.`));
      await smoke(node);
    });
  },
);
