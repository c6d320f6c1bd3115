import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCount, resolveGlobals, withConnectionFlags } from '../../src/cli/global-options.ts';
import { parseDuration } from '../../src/text/times.ts';
import { failureIn } from '../support/failures.ts';
import { runCli } from '../support/run-cli.ts';

const env = { INVITE_PROFILE: 'sandbox' };

const odd = ['', ' ', '0', '-0', '+5', '5.0', '1e3', '0x10', 'Infinity', '1_000', '٣', '1'.repeat(400)];

describe('numbers', () => {
  test('a number within the range is taken as it is, any other text is refused', () => {
    const anything = fc.oneof(
      fc.constantFrom(...odd),
      fc.string(),
      fc.integer().map(String),
      fc.double().map(String),
      fc.nat(40).map(String),
    );
    fc.assert(
      fc.property(anything, (text) => {
        const isMeant = /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 32;
        if (isMeant) expect(parseCount(text, '--x', [1, 32])).toBe(Number(text));
        else expect(failureIn(() => parseCount(text, '--x', [1, 32])).code).toBe('usage');
      }),
    );
  });

  test.each([
    'list --limit 100001',
    'list --retries 11',
    'create ann@example.com --concurrency 33',
    'list --timeout 8d',
  ])('%s is a usage error', async (line) => {
    expect(await runCli(line, { env })).toMatchObject({ code: 2, stdout: '' });
  });

  test('a concurrency from the environment is looked at like a typed one, before anything else', async () => {
    const world = { env: { ...env, INVITE_CONCURRENCY: '33' } };
    for (const line of ['create ann@example.com --dry-run', 'import nowhere.csv']) {
      const { code, stdout, stderr } = await runCli(line, world);
      expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(/^error: .*INVITE_CONCURRENCY.*\n$/)]);
    }
    expect(await runCli('create ann@example.com --dry-run --concurrency 2', world)).toMatchObject({ code: 0 });
    expect(await runCli('list', world)).toMatchObject({ code: 0 });
  });
});

describe('durations', () => {
  test('whatever the text, it is a number of milliseconds or refused', () => {
    const unit = fc.constantFrom('ms', 's', 'm', 'h', 'd', 'w', '', 'S', 'min');
    const length = fc
      .tuple(fc.oneof(fc.nat(), fc.bigInt(), fc.double()), unit)
      .map(([amount, name]) => `${amount}${name}`);
    fc.assert(
      fc.property(fc.oneof(fc.string(), length), (text) => {
        const isMeant = /^\d{1,9}(ms|s|m|h|d|w)$/.test(text);
        if (isMeant) expect(parseDuration(text)).toBeLessThan(Number.POSITIVE_INFINITY);
        else expect(failureIn(() => parseDuration(text)).code).toBe('usage');
      }),
    );
  });

  test('the longest one is only longer than anything', async () => {
    for (const filter of ['older-than', 'newer-than', 'expiring']) {
      expect(await runCli(`list --${filter} 999999999w -o json`, { env })).toMatchObject({ code: 0, stdout: '[]\n' });
    }
  });

  test('a timeout is longer than nothing and at most a week', () => {
    const timeout = (text: string) => resolveGlobals({ timeout: text }, {}).timeout;
    expect([timeout('1ms'), timeout('7d')]).toEqual([1, 604_800_000]);
    for (const text of ['0s', '0ms', '8d', '604801s']) expect(failureIn(() => timeout(text)).code).toBe('usage');
  });
});

test('short options are written together and with their values, those of the command and those of all', async () => {
  const lines = ['create ann@example.com -nq', 'create ann@example.com -qnojson', 'create -nqo json ann@example.com'];
  for (const line of [...lines, '-qpsandbox list -s=sent', '-p=sandbox list -qssent'])
    expect(await runCli(line, { env }), line).toMatchObject({ code: 0, stderr: '' });
  expect(await runCli('create -nq -- -nq', { env })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('"-nq"'),
  });
});

test.each(['-pdemo list', '-p=shop list'])(
  '%s does not take the command for the value of another option',
  async (line) => {
    expect(await runCli(line)).toMatchObject({
      code: 6,
      stdout: '',
      stderr: expect.stringContaining('there is no profile'),
    });
  },
);

test('a value that is no option may begin with a dash, as in the hint for such a target', async () => {
  const { code, stderr } = await runCli(['-p', 'sandbox', 'list', '--email', '--yes*'], {});
  expect([code, stderr]).toEqual([0, 'no invitations\n']);
});

describe('a command in a message can be pasted', () => {
  test.each([
    ['hint: invite list', 'hint: invite -p work list'],
    [
      'review it: invite plan -o json, invite apply plan.json',
      'review it: invite -p work plan -o json, invite -p work apply plan.json',
    ],
    ['list the profiles: invite auth list', 'list the profiles: invite auth list'],
    ['invite -p other list', 'invite -p other list'],
  ])('%s', (text, shown) => {
    expect(withConnectionFlags(text, { profile: 'work', endpoint: undefined })).toBe(shown);
    expect(withConnectionFlags(text, { profile: undefined, endpoint: undefined })).toBe(text);
  });
});
