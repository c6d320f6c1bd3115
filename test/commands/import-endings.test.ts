// What is left when an import ends: rows that failed, the file that keeps them, and the command that goes on.
import { existsSync, lstatSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { useDesk } from '../support/desk.ts';
import { runAgainst } from '../support/fault-rows.ts';
import { observeSandbox } from '../support/observed-sandbox.ts';
import { temporaryFolder } from '../support/run-cli.ts';

const { invite, ok, path, write } = useDesk();
let file: string;
let rejected: string;

beforeEach(() => {
  file = path('people.csv');
  rejected = `${file}.rejected.csv`;
});

/** Imports rows of which the API may refuse a role. */
function importRows(text: string, flags = '') {
  writeFileSync(file, text);
  return invite(`import ${file} --yes --allow-unknown-roles ${flags}`);
}

const read = (file: string) => readFileSync(file, 'utf8');
const correct = (from: string, to: string) => writeFileSync(rejected, read(rejected).replaceAll(from, to));
const one = 'email,role\nbob@example.com,NobodyKnowsThis\n';

describe('rows that failed', () => {
  test('are one hint with all options, and the command in it removes their file when they are done', async () => {
    const flags = '--columns role=Zugriff --role MetricsViewer';
    const text = 'email,Zugriff\nann@example.com,\nbob@example.com,NobodyKnowsThis\n';
    const { code, stderr } = await importRows(text, `-p sandbox ${flags}`);
    expect([code, stderr.match(/^hint: .*$/gm)]).toEqual([
      9,
      [
        `hint: correct the rows in ${rejected}, then: invite -p sandbox import ${rejected} --allow-unknown-roles ${flags}`,
      ],
    ]);
    expect(read(rejected)).toMatch(/^email,Zugriff,error\nbob@example\.com,NobodyKnowsThis,.*HTTP 400/);
    correct('NobodyKnowsThis', 'Operator');
    const done = await invite(`import ${rejected} ${flags} --yes`);
    const kept = rejected.replace(/csv$/, 'done.csv');
    expect(done.stderr).toContain(`none of the rows in ${rejected} fails now; it is kept as ${kept}`);
    expect([done.code, existsSync(rejected), existsSync(kept)]).toEqual([0, false, true]);
  });

  test('that still fail stay in the same file', async () => {
    await importRows(`${one}eve@example.com,NobodyKnowsThat\n`);
    correct('NobodyKnowsThis', 'Operator');
    const { stderr } = await invite(`import ${rejected} --yes --allow-unknown-roles`);
    expect(stderr).toContain(
      `correct the rows in ${rejected}, then: invite import ${rejected} --allow-unknown-roles\n`,
    );
    expect(read(rejected).match(/^\w+@/gm)).toEqual(['eve@']);
    expect(existsSync(`${rejected}.rejected.csv`)).toBe(false);
  });

  test.each(['profile', 'nowhere'])('are never written through a link: to %s', async (name) => {
    const target = path(name);
    if (name === 'profile') writeFileSync(target, 'theirs');
    symlinkSync(target, rejected);
    const { code, stderr } = await importRows(one);
    expect([code, stderr.includes(`is kept as ${rejected}.bak`)]).toEqual([9, true]);
    expect(lstatSync(rejected).isFile()).toBe(true);
    expect(existsSync(target) && read(target)).toBe(name === 'profile' && 'theirs');
  });

  test('leave no file behind once the import itself succeeds, unless it was corrected; a dry run touches none', async () => {
    const text = 'email,note\nann@example.com,1\n';
    write('people.csv.rejected.csv', 'email,note,error\nann@example.com,1,"it was refused"\n');
    await importRows(text, '-n');
    expect(existsSync(rejected)).toBe(true);
    expect((await importRows(text)).stderr).toContain(`removed ${rejected}`);
    expect(existsSync(rejected)).toBe(false);
    write('people.csv.rejected.csv', 'email,note,error\nanna@example.com,1,"it was refused"\n');
    await importRows(text);
    expect(existsSync(rejected)).toBe(true);
  });

  test('do not overwrite a correction', async () => {
    await importRows(one);
    correct('NobodyKnowsThis', 'Operator');
    const { stderr } = await importRows(one);
    expect(stderr).toContain(`${rejected} was edited and is kept as ${rejected}.bak`);
    expect([read(`${rejected}.bak`), read(rejected)]).toEqual([
      expect.stringContaining('Operator'),
      expect.stringContaining('NobodyKnowsThis'),
    ]);
  });

  test('are marked in a workflow with their line, and the log of the changes is a group', async () => {
    const workflow = { env: { INVITE_PROFILE: 'sandbox', GITHUB_ACTIONS: 'true' } };
    const flags = '--yes --allow-unknown-roles';
    write('people.csv', `email,role\nann@example.com,\n${one.split('\n')[1]}\n`);
    const failed = await invite(`import ${file} ${flags}`, workflow);
    expect(failed.stderr).toMatch(/^::group::invite 2 people\n/m);
    expect(failed.stderr).toMatch(new RegExp(`^::error file=${file},line=3::.*NobodyKnowsThis`, 'm'));
    expect((await invite(`import ${file} ${flags} --no-github`, workflow)).stderr).not.toContain('::');
    write('people.csv', 'email\nann@example.com\nbob\ncyd@@example.com\n');
    const wrong = await invite(`import ${file} ${flags}`, workflow);
    expect([wrong.code, wrong.stderr.match(/^::error file=.*people\.csv,line=\d::/gm)?.length]).toEqual([2, 2]);
    const typed = await invite(`import - ${flags}`, { ...workflow, stdin: 'ann@example.com\nbob\n' });
    expect(typed.stderr).toContain('::error::line 2: ');
  });
});

test('on a terminal a large import shows what changed, and counts the others; a program gets all', async () => {
  const emails = Array.from({ length: 25 }, (_, n) => `p${n}@example.com`);
  await ok(`create ${emails.slice(0, 24).join(' ')}`);
  write('people.csv', emails.join('\n'));
  const { stdout, stderr } = await invite(`import ${file} --yes`, { tty: true, columns: 100 });
  expect(stdout.match(/p\d+@/g)).toEqual(['p24@']);
  expect(stderr).toContain('24 unchanged are not shown (-o csv shows everybody)');
  const ids = await invite(`import ${file} --yes -o id`, { tty: true });
  const piped = await invite(`import ${file} --yes`);
  expect([ids, piped].map((ran) => ran.stdout.trim().split('\n').length)).toEqual([25, 26]);
});

describe('what is left of an import is one hint, and only what is wrong in a row is to be corrected', () => {
  const again = 'hint: to continue: invite import - --yes';
  const correct =
    'hint: correct the rows in invite-import.rejected.csv, then: invite import invite-import.rejected.csv';
  const whom = '--include-inactive --skip-rows-without-email --allowed-domains acme.org --allow-external';

  test.each([
    ['quota-after:1', 11, '', again.replace('continue', 'continue once there is room')],
    ['post-lost-list-down', 9, '', again],
    ['post-422-bad', 9, '', correct],
    ['post-403', 9, '', correct],
    // A role that could not be granted for now is tried again.
    ['bind-500', 9, '--role Operator ', again.replace('--yes', '--role Operator --yes')],
    ['slow-create:300', 130, '--concurrency 1 ', again.replace('--yes', '--concurrency 1 --yes')],
    // Without these it would be about others, or be refused.
    ['post-422-bad', 9, `${whom} `, `${correct} ${whom}`],
  ])('%s', async (scenario, code, flags, hint) => {
    const input = 'email\nbad@example.com\ngood@example.com\nnew@example.com\n';
    const args = `import - ${flags}--yes`.split(' ');
    const world = { input, folder: temporaryFolder(), ...(code === 130 ? { interrupt: 1 } : {}) };
    const { outcome } = await runAgainst(scenario, args, world);
    expect([outcome.code, outcome.stderr.match(/^hint: .*invite import.*$/gm)], outcome.stderr).toEqual([code, [hint]]);
  });
});

test('a used-up quota stops the rest, and the same line goes on once there is room', async () => {
  const api = await observeSandbox({ quota: 20 });
  const emails = Array.from({ length: 50 }, (_, n) => `p${n}@example.com`);
  const line = `import ${api.write('people.csv', emails.join('\n'))} --yes -o json`;
  const forecast = '20 invitations may be pending at once, there is room for 20: 30 will be refused';
  expect((await api.invite(`${line} --dry-run`)).stderr).toContain(forecast);
  for (const [round, code] of [11, 11, 0].entries()) {
    const ran = await api.invite(line);
    const results: { outcome: string; email: string; error?: { code: string } }[] = JSON.parse(ran.stdout);
    const created = results.filter(({ outcome }) => outcome === 'created');
    const failed = results.filter(({ outcome }) => outcome === 'failed');
    expect([ran.code, created.length], ran.stderr).toEqual([code, round < 2 ? 20 : 10]);
    expect(failed.length > 0 && failed.length <= 4).toBe(round < 2);
    expect(failed.every(({ error }) => error?.code === 'quota_exceeded')).toBe(true);
    if (round === 0) expect(ran.stderr).toContain(forecast);
    for (const { email } of created) await api.sandbox.accept(email);
  }
  expect(await api.mailed()).toBe(50);
});

test('who is left out is skipped by an import that a quota ended, and by an import of its results', async () => {
  const api = await observeSandbox({ quota: 1 });
  const people = 'email,status\nann@example.com,active\nbob@example.com,active\ncyd@example.com,left\n';
  for (const format of ['json', 'csv']) {
    const ran = await api.invite(`import ${api.write('people.csv', people)} --concurrency 1 --yes -o ${format}`);
    const again = await api.invite(`import ${api.write('results', ran.stdout)} --yes -o csv --fields outcome`);
    const outcomes = again.stdout.trim().split('\n').sort();
    expect([ran.code, ...outcomes], ran.stderr).toEqual([11, 'already_invited', 'failed', 'outcome', 'skipped']);
  }
  expect(await api.mailed()).toBe(1);
});
