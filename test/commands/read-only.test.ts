import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildProgram } from '../../src/program.ts';
import { startApi } from '../doctor/api.ts';
import { runCli, temporaryFolder } from '../support/run-cli.ts';

const folder = temporaryFolder();
const file = join(folder, 'people.csv');
const readOnly = { INVITE_READ_ONLY: '1' };

beforeAll(async () => {
  writeFileSync(file, 'email\nann@example.com\n');
  expect(await runCli('-p sandbox create ann@example.com', { folder })).toMatchObject({ code: 0 });
});

const changes = [
  'create bob@example.com',
  'delete ann@example.com --yes',
  'resend ann@example.com --yes',
  `import ${file} --yes`,
  'remove ann@example.com --yes',
  'role grant ann@example.com MetricsViewer',
  'role revoke ann@example.com MetricsViewer --yes',
  `apply ${file} --yes`,
  'sandbox seed',
  'sandbox add eve@example.com',
  'sandbox accept ann@example.com',
  'sandbox expire ann@example.com',
  'sandbox reset --yes',
  'auth login work --api-key K --secret-command op --no-verify',
  'auth logout work --yes',
  'auth use sandbox',
];

describe('a change', () => {
  test.each(changes)('%s: exit 2, and nothing is changed or sent', async (line) => {
    const api = await startApi();
    const remote = { CONFLUENT_CLOUD_API_KEY: 'K', CONFLUENT_CLOUD_API_SECRET: 'S', CONFLUENT_CLOUD_ENDPOINT: api.url };
    const before = await runCli('-p sandbox list -o json', { folder });
    for (const [typed, env] of [
      [`${line} -p sandbox -o json`, readOnly],
      [`${line} -o json`, { ...remote, ...readOnly }],
    ] as const) {
      const { code, stdout, stderr } = await runCli(typed, { folder, env });
      const { error } = JSON.parse(stderr);
      expect([code, stdout, error.code, error.exit_code]).toEqual([2, '', 'read_only', 2]);
      expect(error.hints.join()).toContain('--dry-run');
    }
    expect(api.log).toEqual([]);
    expect(await runCli('-p sandbox list -o json', { folder })).toEqual(before);
  });

  const anywhere = changes.filter((line) => !line.startsWith('auth log'));

  test.each(anywhere)('%s --dry-run works', async (line) => {
    expect(await runCli(`${line} -n -p sandbox`, { folder, env: readOnly })).toMatchObject({ code: 0 });
  });

  test('INVITE_READ_ONLY=0 allows it', async () => {
    const world = { folder, env: { INVITE_READ_ONLY: '0' } };
    expect(await runCli('-p sandbox create zoe@example.com', world)).toMatchObject({ code: 0 });
  });
});

test('every command that has --dry-run is tried above', async () => {
  const program = await buildProgram(() => async () => {}, { write: () => {} });
  const all = (command: Command, path = ''): string[] => [
    ...(command.options.some(({ long }) => long === '--dry-run') ? [path] : []),
    ...command.commands.flatMap((child) => all(child, `${path} ${child.name()}`.trim())),
  ];
  const found = all(program).filter((path) => !changes.some((line) => line.startsWith(path)));
  expect(found).toEqual([]);
});

test('looking is as it was', async () => {
  for (const line of ['-p sandbox list', '-p sandbox get ann@example.com', '-p sandbox report', 'auth list']) {
    expect(await runCli(line, { folder, env: readOnly })).toMatchObject({ code: 0 });
  }
});
