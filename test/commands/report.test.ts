import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openSandbox } from '../../src/sandbox/sandbox.ts';
import { runCli, temporaryFolder, testHost } from '../support/run-cli.ts';

const now = Date.UTC(2026, 0, 10);
const clock = { now: () => now };
const folder = temporaryFolder();
const world = { folder, clock };

beforeAll(async () => {
  const { host } = testHost();
  const state = { folder: join(folder, 'state'), clock: { ...host.clock, ...clock }, processes: host.processes };
  await openSandbox(state).seed(20);
});

const run = (line: string, more = {}) => runCli(`-p sandbox ${line}`, { ...world, ...more });

describe('invite report', () => {
  test('is plain columns in a pipe', async () => {
    const { code, stdout, stderr } = await run('report --fields by_state,by_domain');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe(`20 invitations on 2026-01-10T00:00:00.000Z

State
STATE        COUNT
pending          6
expired          4
accepted         8
staged           0
deactivated      2

Domain
NAME         TOTAL  PENDING  EXPIRED  ACCEPTED  DEACTIVATED
example.com      7        2        1         3            1
example.org      7        2        1         3            1
example.net      6        2        2         2            0
`);
  });

  test('has bars on a terminal that fit, times in words, and color only there', async () => {
    const { stdout } = await run('report', { tty: true, columns: 60, env: { TERM: 'xterm' } });
    const lines = stdout.replace(/\x1b\[\d+m/g, '').split('\n');
    expect(lines).toContain(`accepted         8  ${'█'.repeat(40)}`);
    expect(lines.find((line) => line.startsWith('i-'))).toMatch(/in \d+ (hours?|days?)$/);
    expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(60);
    expect(stdout).toContain('\x1b[');
  });

  test('draws no bars for a screen reader', async () => {
    const { stdout } = await run('report', { tty: true, columns: 100, env: { ACCESSIBLE: '1' } });
    expect(stdout).not.toContain('█');
  });

  test('is a document in markdown', async () => {
    const { stdout } = await run('report -o markdown --fields by_state');
    expect(stdout).toContain(`## Access review

Organization Sandbox (00000000-0000-4000-8000-73616e64626f), 20 invitations on 2026-01-10T00:00:00.000Z, by owner@sandbox.example

### State

| STATE | COUNT |
| --- | --- |
| pending | 6 |
`);
    expect((await run('report', { env: { INVITE_OUTPUT: 'markdown' } })).stdout).toMatch(/^## Access review\n/);
  });

  test('is a number a row in csv', async () => {
    const { stdout } = await run('report -o csv --fields total,by_inviter');
    const states = [',20', 'pending,6', 'expired,4', 'accepted,8', 'deactivated,2'];
    const rows = states.map((state) => `by_inviter,u-sandbox,${state}`);
    expect(stdout.split('\n')).toEqual(['section,name,state,value', 'total,,,20', ...rows, '']);
  });

  test.each([
    ['report -o id', 'invalid argument "id" for "--output"'],
    ['report --fields email', 'unknown field "email"'],
    ['report --json -o markdown', '--json and -o \\"markdown\\" contradict each other'],
    ['list -o markdown', 'invalid argument "markdown" for "--output"'],
  ])('%s is a usage error', async (line, message) => {
    expect(await run(line)).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
  });
});
