import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { injectDiskFault } from '../support/disk-faults.ts';
import { runAgainst } from '../support/fault-rows.ts';
import { temporaryFolder } from '../support/run-cli.ts';

const create = 'create new@example.com -o json';
const login = 'auth login work --api-key K --secret-command op --no-verify -o json';
const lines = [create, 'import FILE --yes -o json', login];

const calls = [
  'openSync',
  'readSync',
  'writeSync',
  'fsyncSync',
  'fdatasync',
  'closeSync',
  'renameSync',
  'unlinkSync',
  'mkdirSync',
  'lstatSync',
  'fstatSync',
  'readdirSync',
];

const words: Readonly<Record<string, string>> = {
  EIO: 'i/o error (EIO)',
  ENOSPC: 'no space left on device (ENOSPC)',
  EROFS: 'read-only file system (EROFS)',
  EDQUOT: 'disk quota exceeded (EDQUOT)',
};

const codes = Object.keys(words);

type Hits = Parameters<typeof injectDiskFault>[1]['hits'];

async function run(line: string, code: string, hits: Hits) {
  const folder = temporaryFolder();
  const file = join(folder, 'people.csv');
  writeFileSync(file, 'email\nfirst@example.com\nsent@example.com\n');
  const stop = injectDiskFault(folder, { code, hits });
  try {
    const args = line.split(' ').map((word) => (word === 'FILE' ? file : word));
    const { outcome, server } = await runAgainst('honest', args, { folder });
    return { ...outcome, folder, mails: (await server.mails()).size };
  } finally {
    stop();
  }
}

/** It never ends as a bug of ours; what was done is told; what was not done is told, too, in the system's words. */
async function expectHonest(line: string, code: string, hits: Hits): Promise<void> {
  const { stdout, stderr, mails, folder, ...ended } = await run(line, code, hits);
  const seen = `${ended.code} ${stdout}\n${stderr}`;
  expect(seen).not.toMatch(/"internal"|a bug in invite/);
  expect([0, 1, 9], seen).toContain(ended.code);
  if (mails > 0) expect(JSON.parse(stdout), seen).toEqual(expect.anything());
  if (ended.code === 0) return;
  expect(stderr, seen).toContain(words[code]);
  const error = JSON.parse(stderr.trim().split('\n').at(-1) ?? '').error;
  expect(error, seen).toMatchObject({ code: 'io_error', exit_code: 1 });
  if (line === login) expect(isStored(folder), seen).toBe(false);
}

function isStored(folder: string): boolean {
  try {
    return readFileSync(join(folder, 'config', 'config.json'), 'utf8').includes('"work"');
  } catch {
    return false;
  }
}

describe.each(lines)('%s', (line) => {
  // Each of the four for every call, over the three lines: they differ in their words alone.
  test.each(calls.map((call, index) => [call, codes[(index + lines.indexOf(line)) % codes.length] ?? 'EIO']))(
    '%s that always ends with %s',
    (call, code) => expectHonest(line, code, (name) => name === call),
  );
});

test.each([create, login, 'sandbox add ann@example.com -o json'])('%s: each call that fails once', async (line) => {
  let all = 0;
  await run(line, 'EIO', (_, index) => {
    all = index;
    return false;
  });
  expect(all).toBeGreaterThan(10);
  for (let nth = 1; nth <= all; nth += 1) await expectHonest(line, 'EIO', (_, index) => index === nth);
});
