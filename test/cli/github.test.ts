import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createGitHub } from '../../src/github.ts';
import { main } from '../../src/main.ts';
import { key, secret, startApi } from '../doctor/api.ts';
import { clientOf } from '../support/run-built.ts';
import { runCli, temporaryFolder, testHost } from '../support/run-cli.ts';

/** A step of a workflow: its files, and what is in them afterwards. */
function step(more: Record<string, string> = {}) {
  const folder = temporaryFolder();
  const summary = join(folder, 'summary.md');
  const output = join(folder, 'output');
  writeFileSync(summary, '');
  writeFileSync(output, 'before=1\n');
  const env = { GITHUB_ACTIONS: 'true', CI: 'true', GITHUB_STEP_SUMMARY: summary, GITHUB_OUTPUT: output, ...more };
  return {
    run: (line: string, stdin = '') => runCli(`-p sandbox ${line}`, { folder, env, stdin }),
    env,
    folder,
    summary: () => readFileSync(summary, 'utf8'),
    outputs: () =>
      Object.fromEntries(
        readFileSync(output, 'utf8')
          .trim()
          .split('\n')
          .map((line) => line.split('=')),
      ),
  };
}

describe('a step of a workflow', () => {
  test('gets a table of what changes came to, and counts that are all numbers', async () => {
    const { run, summary, outputs } = step();
    await run('create ann@example.com');
    const { code, stdout } = await run('create ann@example.com bob|b@example.com -o json');
    expect([code, JSON.parse(stdout)]).toEqual([0, expect.any(Array)]);
    expect(
      summary()
        .replace(/i-\w+/g, 'i-x')
        .replace(/\d{4}-\S+Z/g, 'T')
        .split('\n')
        .slice(5),
    ).toEqual([
      '### Invitations: 1 created, 1 already invited',
      '',
      '| OUTCOME | ID | EMAIL | STATE | EXPIRES | ERROR |',
      '| --- | --- | --- | --- | --- | --- |',
      '| already\\_invited | i-x | ann@example.com | pending | T | - |',
      '| created | i-x | bob\\|b@example.com | pending | T | - |',
      '',
    ]);
    expect(outputs()).toMatchObject({
      before: '1',
      total: '2',
      created: '1',
      already_invited: '1',
      failed: '0',
      deleted: '0',
    });
  });

  test('counts one as well as many, and nothing at all', async () => {
    const { run, outputs, summary } = step();
    await run('create ann@example.com');
    expect(outputs()).toMatchObject({ total: '1', created: '1' });
    await run('delete --status expired --yes');
    expect(outputs()).toMatchObject({ total: '0', deleted: '0' });
    expect(summary()).toContain('### Invitations: nothing to do');
  });

  test('counts what was done by halves among the failures that the exit code speaks of', async () => {
    const { run, outputs, summary } = step();
    const ran = await run('create ann@example.com bob@example.com --role MetricsViewer@env-1');
    expect([ran.code, ran.stderr]).toEqual([9, expect.stringContaining('2 created (2 failed)\nerror: 2 of 2 failed')]);
    expect(outputs()).toMatchObject({ total: '2', created: '2', failed: '2' });
    expect(summary()).toContain('### Invitations: 2 created (2 failed)');
  });

  test('is told that nothing was sent', async () => {
    const { run, summary } = step();
    await run('create ann@example.com --dry-run');
    expect(summary()).toContain('### Invitations: 1 created (dry run)');
  });

  test('is told of waits, reports and the doctor, and of nothing that only looks', async () => {
    const { run, summary, outputs } = step();
    await run('list');
    await run('auth status');
    expect(summary()).toBe('');
    await run('report');
    expect(summary()).toMatch(/^## Access review\n\n.* 0 invitations on /);
    expect(outputs()).toMatchObject({ total: '0', pending: '0' });
    await run('doctor');
    expect(summary()).toContain('| pass | quota | 0 of 150');
    expect(outputs()).toMatchObject({ fail: '0', warn: '0' });
  });

  test('keeps stdout for the result', async () => {
    const { run } = step();
    const plain = await runCli('-p sandbox create ann@example.com -o csv --fields email,outcome');
    expect(await run('create ann@example.com -o csv --fields email,outcome')).toMatchObject({ stdout: plain.stdout });
  });

  test.each([
    ['--no-github', {}],
    ['', { GITHUB_ACTIONS: 'false' }],
  ])('is told nothing with "%s" and %o', async (flag, env) => {
    const { run, summary, outputs } = step(env);
    await run(`create ann@example.com ${flag}`);
    expect([summary(), outputs()]).toEqual(['', { before: '1' }]);
  });

  test('whose files cannot be written is no failure', async () => {
    const { run } = step({ GITHUB_STEP_SUMMARY: '/nowhere/summary.md' });
    const { code, stderr } = await run('create ann@example.com');
    expect(code).toBe(0);
    expect(stderr).toContain('cannot write "/nowhere/summary.md" for the workflow');
  });

  test('that has no such files gets nothing, and nothing breaks', async () => {
    const { code } = await runCli('-p sandbox create ann@example.com', { env: { GITHUB_ACTIONS: 'true' } });
    expect(code).toBe(0);
  });
});

describe('commands for the log', () => {
  function log() {
    const { host, stderr, stdout } = testHost();
    const redact = (text: string) => text.replaceAll('hush', '[redacted]');
    return { github: createGitHub({ host, redact, say: () => {}, now: () => 0 }), stderr, stdout };
  }

  test('mark a row of a file', () => {
    const { github, stderr, stdout } = log();
    github.reject({ file: 'a:b,c%.csv', line: 3, message: 'bad\n::set-env::x 100% hush' });
    github.reject({ line: 4, message: 'bad' });
    expect(stderr).toEqual([
      '::error file=a%3Ab%2Cc%25.csv,line=3::bad\\x0a::set-env::x 100%25 [redacted]\n',
      '::error::line 4: bad\n',
    ]);
    expect(stdout).toEqual([]);
  });

  test('end after so many that nobody reads them', () => {
    const { github, stderr } = log();
    for (let line = 1; line <= 1000; line += 1) github.reject({ line, message: 'bad' });
    expect(stderr).toHaveLength(50);
  });

  test('hide a secret', () => {
    const { github, stderr } = log();
    github.mask('a%b');
    expect(stderr).toEqual(['::add-mask::a%25b\n']);
  });

  test('hide just those secrets that a program printed, before they are used', async () => {
    const api = await startApi();
    const profile = { api_key: key, secret_command: ['op', 'read'], endpoint: api.url };
    const { host, stderr } = testHost({ env: { GITHUB_ACTIONS: 'true' } });
    mkdirSync(host.configDir, { recursive: true });
    const config = JSON.stringify({ version: 1, current: 'work', profiles: { work: profile } });
    writeFileSync(join(host.configDir, 'config.json'), config, { mode: 0o600 });
    const run = async () => `${secret}\n`;
    expect(await main(['list'], { ...host, run })).toBe(0);
    expect(stderr).toEqual([`::add-mask::${secret}\n`]);
    stderr.splice(0);
    expect(await main(['list', '--no-github'], { ...host, run })).toBe(0);
    expect(await main(['list'], { ...host, env: { ...host.env, ...clientOf(api.url) }, run })).toBe(0);
    expect(stderr).toEqual([]);
  });
});

test('a summary that GitHub would drop is cut', async () => {
  const { env, summary } = step();
  const { host } = testHost({ env });
  const github = createGitHub({ host, redact: (text) => text, say: () => {}, now: () => 0 });
  github.summarize(() => '| é |\n'.repeat(400_000));
  github.close();
  expect(Buffer.byteLength(summary())).toBeLessThan(1_048_576);
  expect(summary()).toMatch(/\| é \|\n\ntruncated: the summary was too long\n$/);
});
