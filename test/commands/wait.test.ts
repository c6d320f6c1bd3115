import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts';
import { virtualClock } from '../http/virtual-clock.ts';
import { realClock } from '../support/real-clock.ts';
import { runCli, temporaryFolder, testHost } from '../support/run-cli.ts';
import { serveTestSandbox } from '../support/served-sandbox.ts';

const second = 1000;
const minute = 60 * second;

/** A sandbox with people in it, whose time passes by itself, and in which something may happen meanwhile. */
async function world(...emails: string[]) {
  const clock = { ...virtualClock(), random: () => 0.5 };
  const folder = temporaryFolder();
  const { processes } = testHost().host;
  const sandbox = openSandbox({ folder: join(folder, 'state'), clock, processes });
  for (const email of emails) await runCli(['-p', 'sandbox', 'create', email], { folder, clock });
  // Loaded before, for this clock runs on while the program is read.
  await runCli('wait --help', { folder, clock });
  await runCli('-p sandbox wait --status sent --for pending -o csv', { folder, clock });
  await runCli('-p sandbox list', { folder, clock, tty: true });
  const start = clock.monotonic();
  return {
    sandbox,
    elapsed: () => clock.monotonic() - start,
    after: (milliseconds: number, act: (sandbox: Sandbox) => Promise<unknown>) =>
      void clock.sleep(milliseconds).then(() => act(sandbox)),
    run: (line: string, more = {}) => runCli(`-p sandbox ${line}`, { folder, clock, ...more }),
  };
}

const outcomesIn = (json: string) =>
  JSON.parse(json).map((one: Record<string, { code: string }>) => [one.email, one.outcome, one.error?.code]);
const requests = (log: string) => log.match(/^.*GET .*$/gm) ?? [];

describe('one target', () => {
  test('that was accepted already ends at once', async () => {
    const { run, sandbox, elapsed } = await world('ann@example.com');
    await sandbox.accept('ann@example.com');
    const { code, stdout, stderr } = await run('wait ann@example.com -o json');
    expect([code, stderr, elapsed()]).toEqual([0, '', 0]);
    expect(JSON.parse(stdout)).toMatchObject({ email: 'ann@example.com', state: 'accepted', outcome: 'reached' });
  });

  test('is looked at until it is accepted, and every change is said', async () => {
    const { run, after, elapsed } = await world('ann@example.com');
    after(20 * second, (sandbox) => sandbox.accept('ann@example.com'));
    const { code, stdout, stderr } = await run('wait ann@example.com -o id');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^i-\w+\n$/);
    expect(stderr.replace(/i-\w+/g, 'i-1')).toBe(
      [
        'ann@example.com (i-1): pending, expires in 3 days',
        'waiting at most 2 hours for the state accepted',
        'ann@example.com (i-1): pending -> accepted',
        '',
      ].join('\n'),
    );
    // Looks at 5, 12.5 and 23.75 seconds.
    expect(elapsed()).toBe(23.75 * second);
  });

  test('that expires cannot be accepted any more', async () => {
    const { run, after } = await world('ann@example.com');
    after(20 * second, (sandbox) => sandbox.expire('ann@example.com'));
    const { code, stdout, stderr } = await run('wait ann@example.com');
    expect([code, stdout]).toEqual([7, '']);
    expect(stderr).toMatch(/pending -> expired/);
    const message = 'error: "ann@example.com" can no longer become accepted\n  the invitation is expired since 20';
    for (const words of [message, 'hint: invite -p sandbox create ann@example.com']) expect(stderr).toContain(words);
    const shown = expect.stringMatching(/^ann@example\.com \(i-\w+\): expired just now$/m);
    const again = await run('wait ann@example.com --for deactivated --timeout 1s');
    expect(again).toMatchObject({ code: 8, stderr: shown });
  });

  test('that stays pending ends with the time, told in json', async () => {
    const { run, elapsed } = await world('ann@example.com');
    const { code, stdout, stderr } = await run('wait ann@example.com --timeout 90s -o json -q');
    expect([code, stdout, elapsed()]).toEqual([8, '', 90 * second]);
    const message = '"ann@example.com" is still pending: not accepted after 1 minute';
    expect(JSON.parse(stderr).error).toMatchObject({ code: 'pending', exit_code: 8, retryable: true, message });
  });

  const missing = ['wait i-none', 'wait nobody@example.com ann@example.com'];
  test.each(missing)('%s ends at once: it is not there', async (line) => {
    const { run, elapsed } = await world('ann@example.com');
    const { code, stdout } = await run(line);
    expect([code, stdout, elapsed()]).toEqual([6, '', 0]);
  });

  test.each([
    ['wait', 'missing target'],
    ['wait -', 'nothing to wait for'],
    ['wait i-1 --for waiting', 'invalid argument "waiting" for "--for"'],
    ['wait i-1 --for INVITE_STATUS_NEW', 'invalid argument "INVITE_STATUS_NEW" for "--for"'],
  ])('%s is a usage error', async (line, message) => {
    const { run } = await world();
    expect(await run(line)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });
});

describe('several targets', () => {
  test('are given up together as soon as one of them cannot any more', async () => {
    const { run, after, elapsed } = await world('ann@example.com', 'bob@example.com', 'cy@example.com');
    after(10 * second, (sandbox) => sandbox.accept('cy@example.com'));
    after(20 * second, (sandbox) => sandbox.expire('ann@example.com'));
    const { code, stdout, stderr } = await run('wait ann@example.com bob@example.com cy@example.com -o json');
    expect([code, elapsed()]).toEqual([7, 23.75 * second]);
    expect(outcomesIn(stdout)).toEqual([
      ['cy@example.com', 'reached', undefined],
      ['ann@example.com', 'impossible', 'not_possible'],
      ['bob@example.com', 'pending', 'pending'],
    ]);
    const message = '"bob@example.com" is still pending: not accepted after 23 seconds';
    expect(JSON.parse(stdout)[2].error).toMatchObject({ message, hints: [] });
    expect(stderr).toContain('1 of 3 can no longer become accepted');
  });

  test('are told with what is known of them where a check fails for good', async () => {
    let answered = Infinity;
    const refused = { status: 401, headers: new Map<string, string>(), body: new TextEncoder().encode('{}') };
    const { env, sandbox, close } = await serveTestSandbox({
      around: (handler) => async (request) => (--answered < 0 ? refused : handler(request)),
    });
    await runCli('create ann@example.com bob@example.com', { env });
    await sandbox.accept('bob@example.com');
    answered = 1;
    const { code, stdout, stderr } = await runCli('wait ann@example.com bob@example.com --timeout 1s -o json -q', {
      env,
      clock: realClock,
    });
    expect(outcomesIn(stdout)).toEqual([
      ['bob@example.com', 'reached', undefined],
      ['ann@example.com', 'pending', 'auth_invalid'],
    ]);
    expect([code, JSON.parse(stderr).error.code]).toEqual([4, 'auth_invalid']);
    await close();
  });

  test('that are not all accepted in time end with 8', async () => {
    const { run, after } = await world('ann@example.com', 'bob@example.com');
    after(20 * second, (sandbox) => sandbox.accept('ann@example.com'));
    const { code, stdout, stderr } = await run('wait - --timeout 5m', { stdin: 'ann@example.com\nbob@example.com\n' });
    expect(code).toBe(8);
    expect(stdout.split('\n').map((line) => line.split(/ +/)[0])).toEqual(['OUTCOME', 'reached', 'pending', '']);
    expect(stderr).toContain('error: 1 of 2 are not accepted after 5 minutes');
  });

  test('are found in one pass over the list', async () => {
    const { run } = await world('ann@example.com', 'bob@example.com');
    const { stderr } = await run('wait ann@example.com bob@example.com --timeout 1s --debug');
    // The first look and the one at the end of the time.
    expect(requests(stderr)).toHaveLength(2);
  });
});

describe('filters', () => {
  const csv = (line: string) => `${line} -o csv --fields email,outcome`;

  test('choose once, at the start, and all that match are waited for', async () => {
    const { run, after } = await world('ann@example.com', 'bob@example.com', 'cy@example.org');
    after(10 * second, (sandbox) => sandbox.accept('bob@example.com'));
    after(20 * second, () => run('create dan@example.com'));
    after(minute, (sandbox) => sandbox.accept('ann@example.com'));
    const { code, stdout } = await run(csv('wait --status sent --domain example.com'));
    expect([code, stdout]).toEqual([0, 'email,outcome\nbob@example.com,reached\nann@example.com,reached\n']);
  });

  test('that match nothing have nothing to wait for', async () => {
    const { run, elapsed } = await world('ann@example.com');
    expect(await run('wait --domain example.net -o json')).toEqual({ code: 0, stdout: '[]\n', stderr: '' });
    expect(await run('wait --domain example.net')).toEqual({ code: 0, stdout: '', stderr: 'no invitations match\n' });
    expect(elapsed()).toBe(0);
  });

  test('are said as they are before it is waited, which is said only if it is', async () => {
    const { run } = await world('ann@example.com', 'bob@example.com');
    const said = async (line: string) => (await run(line)).stderr.match(/^(?:ann|bob|waiting|error)/gm);
    const wait = 'wait ann@example.com bob@example.com --timeout 1m';
    expect(await said(wait)).toEqual(['ann', 'bob', 'waiting', 'error']);
    await run('delete bob@example.com --yes');
    expect(await said(wait)).toEqual(['ann', 'error']);
  });

  test('that match many tell of changes only', async () => {
    const emails = Array.from({ length: 11 }, (_, number) => `a${number}@example.com`);
    const { run, after } = await world(...emails);
    after(10 * second, (sandbox) => sandbox.accept('a3@example.com'));
    const { code, stderr } = await run('wait --status pending --timeout 1m');
    const [first, change, ...rest] = stderr.split('\n');
    expect([code, first]).toEqual([8, 'waiting at most 1 minute for 11 invitations to be accepted']);
    expect(change).toMatch(/^i-\w+ \(a3@example\.com\): pending -> accepted$/);
    expect(rest.filter((line) => line.includes('->'))).toEqual([]);
  });
});

test('the states of --for may be several', async () => {
  const { run } = await world('ann@example.com');
  expect((await run('wait ann@example.com --for pending,expired')).code).toBe(0);
  expect((await run('wait ann@example.com --timeout 10s --for accepted --for deactivated')).code).toBe(8);
});

describe('a wait shows that it is alive', () => {
  test('on a terminal by one line that is redrawn every second and taken away at the end', async () => {
    const { run, after } = await world('ann@example.com', 'bob@example.com');
    after(2 * second, (sandbox) => sandbox.accept('ann@example.com'));
    after(20 * second, (sandbox) => sandbox.accept('bob@example.com'));
    const { code, stderr } = await run('wait ann@example.com bob@example.com', { tty: true, columns: 100 });
    expect(code).toBe(0);
    const lines = stderr.split('\r\u001b[K').map((line) => line.replaceAll(/i-\w+/g, 'i-1'));
    expect(lines).toEqual(
      expect.arrayContaining([
        '2 of 2 not yet accepted after 1 second, next check in 4 s',
        '1 of 2 not yet accepted after 5 seconds, next check in 8 s',
        '1 of 2 not yet accepted after 6 seconds, next check in 7 s',
      ]),
    );
    expect(stderr.endsWith('\r\u001b[K')).toBe(true);
  });

  test('elsewhere, and for a screen reader, by a line a minute at most', async () => {
    for (const more of [{}, { tty: true, env: { ACCESSIBLE: '1' } }]) {
      const { run } = await world('ann@example.com');
      const { code, stderr } = await run('wait ann@example.com --timeout 10m', more);
      expect(code).toBe(8);
      const lines = stderr.split('\n').filter((line) => line.includes('not yet'));
      expect(lines.length).toBeGreaterThan(6);
      expect(lines.length).toBeLessThanOrEqual(10);
      expect(lines[0]).toBe('ann@example.com not yet accepted after 1 minute');
      expect(stderr).not.toContain('\r');
    }
  });
});
