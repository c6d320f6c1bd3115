import { existsSync, lstatSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { runAgainst } from '../support/fault-rows.ts';
import { runCli, temporaryFolder } from '../support/run-cli.ts';

let folder: string;
let file: string;
let rejected: string;

function invite(line: string, more: Parameters<typeof runCli>[1] = {}) {
  return runCli(line, { folder, env: { INVITE_PROFILE: 'sandbox' }, ...more });
}

beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder, 'people.csv');
  rejected = `${file}.rejected.csv`;
});

describe('roles are seen before they are granted', () => {
  const roles =
    'email,role\nann@example.com,OrganizationAdmin\nbob@example.com,DeveloperRead@env-1\neve@example.com,DeveloperRead@env-1\n';

  test('--dry-run lists each with its people, names administrators, and says what would be granted', async () => {
    writeFileSync(file, roles);
    const { code, stdout, stderr } = await invite(`import ${file} -n`);
    expect(code).toBe(0);
    expect(stderr).toContain(
      'roles that would be granted:\n  OrganizationAdmin on the organization for 1 person: ann@example.com\n  DeveloperRead@env-1 for 2 people\n',
    );
    expect(stdout).toMatch(/^OUTCOME +ID +EMAIL +STATE +EXPIRES +ROLES/);
    expect(stdout).toContain('DeveloperRead on environment=env-1 would be granted');
  });

  test('a hint never suggests another role, and none is glued to the row', async () => {
    writeFileSync(file, 'email,role\nann@example.com,DeveloperRead@prod\n');
    const { code, stderr } = await invite(`import ${file}`);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/line 2: "prod" is not a scope for DeveloperRead; a scope is an id/),
    });
    expect(stderr).not.toMatch(/OrganizationAdmin|--role/);
  });
});

describe('a column that looks like roles', () => {
  const text = 'E-Mail-Adresse;Zugriff\nann@example.com;Operator\n';

  test('is an error that names --columns where nobody can be asked', async () => {
    writeFileSync(file, text);
    expect(await invite(`import ${file} --yes`)).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(
        /the column "Zugriff" looks like roles \(Operator\).*\nhint: --columns role=Zugriff grants them\nhint: --columns role= ignores them\n$/,
      ),
    });
  });

  test.each([
    ['--columns role=Zugriff', 'Operator on the organization granted', ''],
    ['--columns role=', '', 'ignored columns: "Zugriff"'],
  ])('%s settles it', async (flag, shown, said) => {
    writeFileSync(file, text);
    const { code, stdout, stderr } = await invite(`import ${file} --yes ${flag}`);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: expect.stringContaining(shown),
      stderr: expect.stringContaining(said),
    });
  });
});

describe('rows that failed', () => {
  const one = 'email,Zugriff\nann@example.com,\nbob@example.com,NobodyKnowsThis\n';

  test('are one hint with all options, and the command in it removes their file when they are done', async () => {
    writeFileSync(file, one);
    const { code, stderr } = await invite(
      `import ${file} --yes --allow-unknown-roles --columns role=Zugriff --role MetricsViewer`,
    );
    expect(code).toBe(9);
    expect(stderr.match(/^hint: .*$/gm)).toEqual([
      `hint: correct the rows in ${rejected}, then: invite import ${rejected} --columns role=Zugriff --role MetricsViewer --allow-unknown-roles`,
    ]);
    expect(stderr).toContain('HTTP 400');
    expect(readFileSync(rejected, 'utf8')).toMatch(/^email,Zugriff,error\nbob@example\.com,NobodyKnowsThis,.*HTTP 400/);
    writeFileSync(rejected, readFileSync(rejected, 'utf8').replaceAll('NobodyKnowsThis', 'Operator'));
    const done = await invite(`import ${rejected} --columns role=Zugriff --role MetricsViewer --yes`);
    const kept = rejected.replace(/csv$/, 'done.csv');
    expect(done.stderr).toContain(`none of the rows in ${rejected} fails now; it is kept as ${kept}`);
    expect({ code: done.code, there: existsSync(rejected), kept: existsSync(kept) }).toEqual({
      code: 0,
      there: false,
      kept: true,
    });
  });

  test('that still fail stay in the same file', async () => {
    writeFileSync(file, 'email,role\nbob@example.com,NobodyKnowsThis\neve@example.com,NobodyKnowsThat\n');
    await invite(`import ${file} --yes --allow-unknown-roles`);
    writeFileSync(rejected, readFileSync(rejected, 'utf8').replaceAll('NobodyKnowsThis', 'Operator'));
    const { stderr } = await invite(`import ${rejected} --yes --allow-unknown-roles`);
    expect(stderr).toContain(
      `correct the rows in ${rejected}, then: invite import ${rejected} --allow-unknown-roles\n`,
    );
    expect(readFileSync(rejected, 'utf8').match(/^\w+@/gm)).toEqual(['eve@']);
    expect(existsSync(`${rejected}.rejected.csv`)).toBe(false);
  });

  test.each(['profile', 'nowhere'])('are never written through a link: to %s', async (name) => {
    const target = join(folder, name);
    if (name === 'profile') writeFileSync(target, 'theirs');
    symlinkSync(target, rejected);
    writeFileSync(file, 'email,role\nbob@example.com,NobodyKnowsThis\n');
    const { code, stderr } = await invite(`import ${file} --yes --allow-unknown-roles`);
    expect([code, stderr.includes(`is kept as ${rejected}.bak`)]).toEqual([9, true]);
    expect(lstatSync(rejected).isFile()).toBe(true);
    expect(existsSync(target) && readFileSync(target, 'utf8')).toBe(name === 'profile' && 'theirs');
  });

  test('leave no file behind once the import itself succeeds, unless it was corrected', async () => {
    writeFileSync(file, 'email,note\nann@example.com,1\n');
    writeFileSync(rejected, 'email,note,error\nann@example.com,1,"it was refused"\n');
    expect((await invite(`import ${file} --yes --allow-unknown-roles`)).stderr).toContain(`removed ${rejected}`);
    expect(existsSync(rejected)).toBe(false);
    writeFileSync(rejected, 'email,note,error\nanna@example.com,1,"it was refused"\n');
    await invite(`import ${file} --yes --allow-unknown-roles`);
    expect(existsSync(rejected)).toBe(true);
  });

  test('do not overwrite a correction', async () => {
    writeFileSync(file, 'email,role\nbob@example.com,NobodyKnowsThis\n');
    await invite(`import ${file} --yes --allow-unknown-roles`);
    writeFileSync(rejected, readFileSync(rejected, 'utf8').replace('NobodyKnowsThis', 'Operator'));
    const { stderr } = await invite(`import ${file} --yes --allow-unknown-roles`);
    expect(stderr).toContain(`${rejected} was edited and is kept as ${rejected}.bak`);
    expect(readFileSync(`${rejected}.bak`, 'utf8')).toContain('Operator');
    expect(readFileSync(rejected, 'utf8')).toContain('NobodyKnowsThis');
  });

  test('--dry-run touches no file', async () => {
    writeFileSync(file, 'email\nann@example.com\n');
    writeFileSync(rejected, 'email,error\nann@example.com,x\n');
    await invite(`import ${file} -n`);
    expect(existsSync(rejected)).toBe(true);
  });
});

test('on a terminal a large import shows what changed, and counts the others; a program gets all', async () => {
  const emails = Array.from({ length: 25 }, (_, n) => `p${n}@example.com`);
  await invite(`create ${emails.slice(0, 24).join(' ')}`);
  writeFileSync(file, emails.join('\n'));
  const { stdout, stderr } = await invite(`import ${file} --yes --allow-unknown-roles`, { tty: true, columns: 100 });
  expect(stdout.match(/p\d+@/g)).toEqual(['p24@']);
  expect(stderr).toContain('24 unchanged are not shown (-o csv shows everybody)');
  expect(
    (await invite(`import ${file} --yes --allow-unknown-roles -o id`, { tty: true })).stdout.trim().split('\n'),
  ).toHaveLength(25);
  expect((await invite(`import ${file} --yes --allow-unknown-roles`)).stdout.trim().split('\n')).toHaveLength(26);
});

test('in a workflow the log of the changes is a group', async () => {
  writeFileSync(file, 'ann@example.com\n');
  const env = { INVITE_PROFILE: 'sandbox', GITHUB_ACTIONS: 'true' };
  const { stderr, stdout } = await invite(`import ${file} --yes --allow-unknown-roles -o id`, { env });
  expect(stderr).toMatch(/^::group::invite 1 person\n::endgroup::$/m);
  expect(stdout).toMatch(/^i-\w+\n$/);
});

describe('what is left of an import is one hint, and only what is wrong in a row is to be corrected', () => {
  const again = 'hint: to continue: invite import - --yes';
  const correct =
    'hint: correct the rows in invite-import.rejected.csv, then: invite import invite-import.rejected.csv';

  test.each([
    ['quota-after:1', 11, again.replace('continue', 'continue once there is room')],
    ['post-lost-list-down', 9, again],
    ['post-422-bad', 9, correct],
    ['post-403', 9, correct],
  ])('%s', async (scenario, code, hint) => {
    const input = 'email\nbad@example.com\ngood@example.com\nnew@example.com\n';
    const { outcome } = await runAgainst(scenario, ['import', '-', '--yes'], { input, folder });
    expect({ code: outcome.code, ways: outcome.stderr.match(/^hint: .*invite import.*$/gm) }, outcome.stderr).toEqual({
      code,
      ways: [hint],
    });
  });
});

test('a role that the API could not grant for now is tried again, not corrected', async () => {
  const input = 'email\nnew@example.com\n';
  const args = ['import', '-', '--yes', '--role', 'Operator'];
  const { outcome } = await runAgainst('bind-500', args, { input, folder });
  expect(outcome).toMatchObject({
    code: 9,
    stderr: expect.stringContaining('hint: to continue: invite import - --role Operator --yes\n'),
  });
});
