// The recipes of CONTRIBUTING.md, applied to a copy of the source as they are printed there.
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkout } from './support/checkout.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const place = checkout();

/** The changes of all recipes, by the file that they begin with `--- a/` or `+++ b/` and the place in it, `@@`. */
function recipes(): string[] {
  const text = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
  return [...text.matchAll(/^```diff\n(.*?)^```$/gms)].map(([, diff = '']) => diff);
}

function apply(diff: string): void {
  for (const change of diff.split(/^(?=--- )/m)) {
    const [, old, fresh] = /^--- (?:a\/(\S+)|\/dev\/null\n\+\+\+ b\/(\S+))\n/.exec(change) ?? [];
    if (fresh !== undefined) writeFileSync(join(place, fresh), added(change.slice(change.indexOf('\n+++') + 1)));
    else for (const hunk of change.split(/^(?=@@ )/m).slice(1)) applyHunk(join(place, old ?? ''), hunk);
  }
}

/** Below the line that begins as the hunk says, or below what it shows without a sign. */
function applyHunk(path: string, hunk: string): void {
  const [first = '', ...lines] = hunk.split('\n').filter((line) => line !== '');
  const text = readFileSync(path, 'utf8').split('\n');
  const anchor = text.findIndex((line) => line.startsWith(first.slice(3)));
  const shown = lines.filter((line) => !line.startsWith('+'));
  const last = shown.at(-1)?.slice(1);
  const at = last === undefined ? anchor : text.indexOf(last, anchor);
  expect({ hunk: first, found: anchor >= 0 && at >= 0 }).toEqual({ hunk: first, found: true });
  const isReplaced = shown.at(-1)?.startsWith('-') === true;
  text.splice(isReplaced ? at : at + 1, isReplaced ? 1 : 0, ...added(hunk).trimEnd().split('\n'));
  writeFileSync(path, text.join('\n'));
}

function added(lines: string): string {
  const all = lines.split('\n').filter((line) => /^\+(?!\+\+ )/.test(line));
  return `${all.map((line) => line.slice(1)).join('\n')}\n`;
}

beforeAll(async () => {
  for (const recipe of recipes()) apply(recipe);
  await run(process.execPath, [join(place, '.build', 'build.js')]);
  await invite('sandbox', 'add', 'ann@example.com', '--state', 'pending', '--auth-type', 'sso');
  await invite('sandbox', 'add', 'bob@example.com', '--state', 'pending', '--auth-type', 'local');
}, 60_000);

async function invite(...words: readonly string[]): Promise<string> {
  const env = { PATH: process.env.PATH, HOME: place, INVITE_STATE_DIR: place };
  const program = join(place, 'bin', 'invite.js');
  const { stdout } = await run(process.execPath, [program, '-p', 'sandbox', ...words], { env });
  return stdout;
}

describe('CONTRIBUTING.md, as it is printed', () => {
  test('compiles', async () => {
    writeFileSync(join(place, 'tsconfig.src.json'), '{ "extends": "./tsconfig.json", "include": ["src"] }');
    const tsc = join(root, 'node_modules', '.bin', 'tsc');
    const { stdout } = await run(tsc, ['--project', 'tsconfig.src.json'], { cwd: place }).catch((error) => error);
    expect(stdout).toBe('');
  });

  test('adds a command', async () => {
    expect(await invite('count')).toBe('total: 2\n');
    expect(await invite('count', '--json')).toBe('{"total":2}\n');
    const { commands } = JSON.parse(await invite('help', '--json'));
    expect(commands.find(({ name }: { name: string }) => name === 'count')).toMatchObject({ fields: ['total'] });
  });

  test('adds an option', async () => {
    const csv = await invite('list', '-o', 'csv');
    expect(await invite('list', '-o', 'csv', '--no-header')).toBe(csv.slice(csv.indexOf('\n') + 1));
    expect(await invite('list', '--help')).toContain('--no-header');
  });

  test('adds a format', async () => {
    const table = await invite('list', '-o', 'tsv', '--fields', 'email,user,accepted_at,metadata');
    const rows = table.split('\n').map((line) => line.split('\t'));
    expect(rows[0]).toEqual(['email', 'user', 'accepted_at', 'metadata']);
    expect(rows.slice(1, 3).map(([email, user, accepted]) => [email, /^u-\w+$/.test(user ?? ''), accepted])).toEqual(
      expect.arrayContaining([
        ['ann@example.com', true, '-'],
        ['bob@example.com', true, '-'],
      ]),
    );
    expect(table).not.toContain('[object');
  });

  test('adds a filter', async () => {
    const emails = async (type: string) => {
      const rows = JSON.parse(await invite('list', '--auth-type', type, '--json')) as { email: string }[];
      return rows.map(({ email }) => email);
    };
    expect([await emails('sso'), await emails('local')]).toEqual([['ann@example.com'], ['bob@example.com']]);
    await expect(invite('list', '--auth-type', 'sos')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('invalid argument "sos" for "--auth-type": valid values are sso, local'),
    });
  });
});
