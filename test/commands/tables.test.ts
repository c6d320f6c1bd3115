import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { invitationView } from '../../src/api/invitation.ts';
import { waitResultView } from '../../src/commands/wait.ts';
import { leaveView, memberChangeView, removalView, resultView } from '../../src/mail/result.ts';
import { rosterView } from '../../src/membership/roster.ts';
import { openSandbox } from '../../src/sandbox/sandbox.ts';
import { runCli, temporaryFolder, testHost, type World } from '../support/run-cli.ts';

const now = Date.UTC(2026, 0, 10);
const clock = { now: () => now };
const folder = temporaryFolder();
const long = 'somebody.with.a.long.name@subsidiary.example.com';

beforeAll(async () => {
  const { host } = testHost();
  const state = { folder: join(folder, 'state'), clock: { ...host.clock, ...clock }, processes: host.processes };
  const sandbox = openSandbox(state);
  await sandbox.seed(6);
  await runCli(`-p sandbox create ${long}`, { folder, clock });
});

const run = (line: string, world: World = {}) => runCli(`-p sandbox ${line}`, { folder, clock, ...world });
const terminal = (columns: number, env: World['env'] = {}): World => ({
  tty: true,
  columns,
  env: { NO_COLOR: '1', ...env },
});

function headOf(stdout: string): string[] {
  const [first = ''] = stdout.split('\n').filter((line) => /[A-Z]/.test(line));
  return first.split(/[│\s]+/).filter(Boolean);
}

describe('list on a terminal', () => {
  test.each([
    [200, ['ID', 'EMAIL', 'STATE', 'AUTH', 'EXPIRES', 'USER', 'CREATED'], undefined],
    [80, ['ID', 'EMAIL', 'STATE', 'EXPIRES'], 'AUTH, USER, CREATED'],
    [40, ['ID', 'EMAIL', 'STATE'], 'AUTH, EXPIRES, USER, CREATED'],
  ])('of %i columns', async (columns, head, leftOut) => {
    const { code, stdout, stderr } = await run('list', terminal(columns));
    expect([code, headOf(stdout)]).toEqual([0, head]);
    for (const line of stdout.split('\n')) expect([...line].length).toBeLessThanOrEqual(columns);
    const note = `not shown, the terminal is too narrow: ${leftOut} (-o json has everything)`;
    expect(stderr.split('\n').filter((line) => line.startsWith('not shown'))).toEqual(
      leftOut === undefined ? [] : [note],
    );
    expect(stdout.includes(long)).toBe(columns === 200);
    expect(stdout).toMatch(/somebod[^│]*(…|com)/);
  });

  test('is told nothing about columns with -q, and in a pipe nothing is left out', async () => {
    expect((await run('list -q', terminal(40))).stderr).toBe('');
    const piped = await run('list');
    expect([headOf(piped.stdout).length, piped.stderr]).toEqual([7, '']);
  });

  test('that is dumb has no borders and no color', async () => {
    const { stdout } = await run('list', { tty: true, columns: 80, env: { TERM: 'dumb' } });
    expect(headOf(stdout)).toContain('STATE');
    expect(stdout).not.toMatch(/[│─\x1b]/);
  });
});

test('OUTCOME or STATE, then EMAIL, then ID are the last columns to go', () => {
  const people = rosterView({ apiKeys: true });
  for (const { columns } of [
    invitationView,
    resultView,
    removalView,
    memberChangeView,
    leaveView,
    waitResultView,
    people,
  ]) {
    const last = columns.toSorted((a, b) => a.rank - b.rank).map(({ title }) => title);
    const id = last.includes('ID') ? ['ID'] : [];
    const wanted = [last.includes('OUTCOME') ? 'OUTCOME' : 'STATE', 'EMAIL', ...id];
    expect(last.slice(0, wanted.length)).toEqual(wanted);
  }
});

test.each([
  [40, 'EXPIRES, '],
  [80, undefined],
])('report in %i columns', async (columns, leftOut) => {
  const { stdout, stderr } = await run('report --fields expiring,by_domain,by_state', terminal(columns));
  const [, ...tables] = stdout.split('\n');
  for (const line of tables) expect([...line].length).toBeLessThanOrEqual(columns);
  expect(stderr.includes(`not shown, the terminal is too narrow: ${leftOut}`)).toBe(leftOut !== undefined);
});

describe('one vocabulary', () => {
  test.each(['AUTH,CREATED', 'auth,created', 'auth_type,metadata.created_at'])('--fields %s', async (fields) => {
    const { code, stdout } = await run(`list --limit 1 --fields ${fields} -o csv`);
    expect([code, stdout.split('\n')[0]]).toEqual([0, 'auth_type,metadata.created_at']);
  });

  test('a heading that was asked for is shown as it was asked for', async () => {
    expect(headOf((await run('list --fields id,CREATED,expires')).stdout)).toEqual(['ID', 'CREATED', 'EXPIRES']);
  });

  test('--sort CREATED sorts by metadata.created_at', async () => {
    const ids = async (field: string) => (await run(`list --sort ${field} --reverse -o id`)).stdout;
    expect(await ids('CREATED')).toBe(await ids('metadata.created_at'));
    expect(await ids('state')).not.toBe(await ids('created'));
  });

  test('EXPIRES is empty where nothing can expire any more', async () => {
    const { stdout } = await run('list --fields STATE,EXPIRES');
    const rows = stdout
      .split('\n')
      .slice(1, -1)
      .map((line) => line.split(/\s+/));
    for (const [state, expires] of rows) {
      expect([state, expires === '-']).toEqual([state, state === 'accepted' || state === 'deactivated']);
    }
    expect(new Set(rows.map(([state]) => state)).size).toBeGreaterThan(2);
  });
});

describe('with ACCESSIBLE', () => {
  test('a list is read out by the cells of its table, and nothing else', async () => {
    const { stdout } = await run('list --limit 2', terminal(80, { ACCESSIBLE: '1' }));
    const people = stdout.trimEnd().split('\n\n');
    expect(people).toHaveLength(2);
    const names = ['id', 'email', 'state', 'auth_type', 'expires_at', 'user.id', 'metadata.created_at'];
    for (const text of people) expect(text.split('\n').map((line) => line.split(':')[0])).toEqual(names);
  });
});

test('whoever accepted is not shown to expire', async () => {
  const { stdout: id } = await run('list --status accepted --limit 1 -o id');
  const { stdout } = await run(`get ${id.trim()}`, terminal(100));
  expect(stdout).toMatch(/^accepted_at: /m);
  expect(stdout).not.toContain('expires_at');
});
