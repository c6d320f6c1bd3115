import { expect, test } from 'vitest';
import { shells } from '../../src/completion/shells.ts';
import { runCli, temporaryFolder } from '../support/run-cli.ts';

const world = {
  folder: temporaryFolder(),
  env: { INVITE_PROFILE: 'sandbox' },
  clock: { sleep: () => new Promise<void>(() => {}) },
};

test.each(shells)('completion %s prints a script, in whatever format', async (shell) => {
  const { code, stdout, stderr } = await runCli(`completion ${shell} -o json`);
  expect({ code, stderr, last: stdout.at(-1) }).toEqual({ code: 0, stderr: '', last: '\n' });
  expect(stdout.slice(0, 200)).toContain(`written by: invite completion ${shell}`);
});

test('candidates are what a command can do something with', async () => {
  await runCli('create ann@example.com bob@example.com', world);
  await runCli('sandbox accept bob@example.com', world);
  const asked = async (line: string) =>
    (await runCli(`completion candidates ${line}`, world)).stdout
      .split('\n')
      .map((row) => row.split('\t')[0])
      .filter((text) => text?.includes('@'));
  expect(await asked('get --typed= -- get')).toEqual(['ann@example.com', 'bob@example.com']);
  expect(await asked('delete --typed= -- delete')).toEqual(['ann@example.com']);
  expect(await asked('delete --typed= -- delete --remove-user')).toEqual(['ann@example.com', 'bob@example.com']);
  expect(await asked('get --typed=b -- get')).toEqual(['bob@example.com']);
  expect(await asked('get --typed= -- get ann@example.com')).toEqual(['bob@example.com']);
});

test.each([
  'delete --typed= -- -p nobody delete',
  'delete --typed= -- --endpoint nonsense delete',
  'nonsense',
  'get --refresh',
])('candidates %s: nothing to say, and no complaint', async (line) => {
  const env = line.includes('nonsense') ? {} : world.env;
  expect(await runCli(`completion candidates ${line}`, { ...world, env })).toEqual({ code: 0, stdout: '', stderr: '' });
});
