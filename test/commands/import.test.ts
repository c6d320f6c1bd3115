import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { openSandbox } from '../../src/sandbox/sandbox.ts';
import { runCli, temporaryFolder, testHost } from '../support/run-cli.ts';

let folder: string;
let file: string;

function invite(line: string, more: Parameters<typeof runCli>[1] = {}) {
  return runCli(line, { folder, env: { INVITE_PROFILE: 'sandbox' }, ...more });
}

async function ok(line: string) {
  expect(await invite(line)).toMatchObject({ code: 0 });
}

/** How many mails each person got. */
async function mails(): Promise<Record<string, number>> {
  const { clock, processes } = testHost().host;
  const sandbox = openSandbox({ folder: join(folder, 'state'), clock, processes });
  return Object.fromEntries(await sandbox.mails());
}

function write(text: string): void {
  writeFileSync(file, text);
}

beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder, 'people.csv');
});

describe('import', () => {
  test('invites everybody, each as their row says', async () => {
    write('email,role,scope,auth_type,team\nann@example.com,EnvironmentAdmin,env-1,sso,red\nbob@example.com,,,,blue\n');
    const { code, stdout } = await invite(`import ${file} --yes --role MetricsViewer --auth-type local -o json`);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([
      {
        ...{ email: 'ann@example.com', outcome: 'created', auth_type: 'AUTH_TYPE_SSO' },
        roles: [
          { role_name: 'MetricsViewer', outcome: 'granted' },
          {
            role_name: 'EnvironmentAdmin',
            crn_pattern: expect.stringMatching(/organization=[^/]+\/environment=env-1$/),
          },
        ],
      },
      {
        email: 'bob@example.com',
        outcome: 'created',
        auth_type: 'AUTH_TYPE_LOCAL',
        roles: [{ role_name: 'MetricsViewer' }],
      },
    ]);
  });

  test('looks at everybody first: nobody who is in gets a mail', async () => {
    await ok('create ann@example.com bob@example.com cyd@example.com');
    await ok('sandbox accept bob@example.com');
    await ok('sandbox expire cyd@example.com');
    write('ANN@example.com\nbob@example.com\ncyd@example.com\ndan@example.com\n');
    const { stdout } = await invite(`import ${file} --yes -o json`);
    expect(JSON.parse(stdout).map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      ...['already_invited', 'already_member', 'reinvited', 'created'],
    ]);
    expect(await mails()).toEqual({
      'ann@example.com': 1,
      'bob@example.com': 1,
      'cyd@example.com': 2,
      'dan@example.com': 1,
    });
  });

  test('typed again looks again: who is there gets no mail and no role twice, who was deleted is invited', async () => {
    write('email,role\nann@example.com,MetricsViewer\nbob@example.com,MetricsViewer\n');
    await ok(`import ${file} --yes`);
    expect(await invite(`import ${file} --yes`)).toMatchObject({ code: 0 });
    const again = JSON.parse((await invite(`import ${file} --yes -o json`)).stdout);
    const one = { outcome: 'already_invited', roles: [{ outcome: 'already_granted' }] };
    expect(again).toMatchObject([one, one]);
    await ok('delete ann@example.com --yes');
    await ok('sandbox expire bob@example.com');
    expect(JSON.parse((await invite(`import ${file} --yes -o json`)).stdout)).toMatchObject([
      { email: 'ann@example.com', outcome: 'reinvited' },
      { email: 'bob@example.com', outcome: 'reinvited' },
    ]);
    expect(await mails()).toEqual({ 'ann@example.com': 2, 'bob@example.com': 2 });
  });

  test('--dry-run shows the same and leaves nothing behind', async () => {
    write('email,role\nann@example.com,MetricsViewer\n');
    const { code, stdout, stderr } = await invite(`import ${file} --dry-run -o json`);
    expect({ code, results: JSON.parse(stdout) }).toMatchObject({
      code: 0,
      results: [
        { email: 'ann@example.com', outcome: 'created', dry_run: true, roles: [{ role_name: 'MetricsViewer' }] },
      ],
    });
    expect(stderr).toContain('nothing was sent');
    expect(await mails()).toEqual({});
    expect(existsSync(join(folder, 'state', 'mails'))).toBe(false);
  });

  test.each(['email\n', '', ' \n\n', '[]'])('of nobody, as %j, is done', async (text) => {
    write(text);
    const { code, stdout, stderr } = await invite(`import ${file} --yes -o json`);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: '[]\n',
      stderr: expect.stringContaining('has 0 rows'),
    });
    expect(stderr).not.toMatch(/^columns: $/m);
  });

  test('asks, and where nobody can be asked says what it would have asked', async () => {
    write('ann@example.com\nbob@example.com\n');
    expect(await invite(`import ${file}`)).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(
        /invite 2 people from ".*people\.csv" into "[^"]+" \([^)]+\)\?\nhint: --yes confirms\n$/,
      ),
    });
    expect(await mails()).toEqual({});
  });

  test('the command for the rows that failed goes to the same place as this one', async () => {
    write('email,role\nann@example.com,NobodyKnowsThis\n');
    const { stderr } = await invite(`import -p sandbox ${file} --yes --allow-unknown-roles`, { env: {} });
    expect(stderr).toContain(
      `correct the rows in ${file}.rejected.csv, then: invite -p sandbox import ${file}.rejected.csv --allow-unknown-roles\n`,
    );
  });
});

test.each([
  ['import', /missing required argument/],
  ['import a b', /too many arguments/],
  ['import nowhere.csv', /no such file or directory/],
  ['import nowhere.csv --concurrency 0', /from 1 to 32/],
  ['create a@example.com --concurrency 33', /from 1 to 32/],
  ['delete a@example.com --concurrency 33 --yes', /from 1 to 32/],
  ['import nowhere.csv --role Operatr', /Operator/],
])('%s is refused', async (line, words) => {
  expect(await invite(line)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(words) });
});

describe('other changes of many', () => {
  async function json(line: string, stdin?: string) {
    const { code, stdout, stderr } = await invite(`${line} -o json`, stdin === undefined ? {} : { stdin });
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
    return JSON.parse(stdout);
  }

  test('resend by filter takes people, not invitations: a newer one counts', async () => {
    await ok('create ann@example.com bob@example.com cyd@example.com');
    for (const name of ['ann', 'bob', 'cyd']) await ok(`sandbox expire ${name}@example.com`);
    await ok('create ann@example.com');
    await ok('create bob@example.com');
    await ok('sandbox accept bob@example.com');
    expect(await json('resend --status expired --yes')).toMatchObject([
      { email: 'cyd@example.com', outcome: 'resent' },
    ]);
    expect(await mails()).toEqual({ 'ann@example.com': 2, 'bob@example.com': 2, 'cyd@example.com': 2 });
  });

  test('resend mails a person once, however many ids name them', async () => {
    const first = await json('create ann@example.com');
    await ok('sandbox expire ann@example.com');
    const second = await json('create ann@example.com');
    const { stderr } = await invite('resend - --yes', { stdin: `${first.id}\n${second.id}\nANN@example.com\n` });
    expect(stderr).toContain('is the same person as another target and is mailed once');
    expect(await mails()).toEqual({ 'ann@example.com': 3 });
  });
});

test.each([
  ['people.yaml', '# our people\nversion: 1\npeople:\n  - ann@example.com\n'],
  ['people.json', '{\n "version": 1,\n "people": ["ann@example.com"]\n}\n'],
])('a file of people, %s, is for plan and apply', async (name, text) => {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, text);
  const { code, stdout, stderr } = await runCli(['-p', 'sandbox', 'import', path, '-o', 'json']);
  const { error } = JSON.parse(stderr);
  expect([code, stdout, error.code]).toEqual([2, '', 'invalid_file']);
  expect(error.hints[0]).toBe(`invite -p sandbox plan ${path}`);
});
