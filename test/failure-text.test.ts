import { describe, expect, test } from 'vitest';
import { CliError } from '../src/errors.ts';
import { failureText } from '../src/main.ts';
import { loadStyle, plainStyle } from '../src/output/style.ts';
import { forbidden, hostile } from './output/samples.ts';

const full = new CliError('already_accepted', 'cannot delete "i-1"', {
  reason: 'The invitation was already accepted\nsecond line',
  hints: ['invite delete i-1 --if-exists', 'invite get i-1'],
  http_status: 400,
  request_id: 'r-1',
  target: 'i-1',
});

describe('failureText', () => {
  test('says what, why, what to do and the request id', () => {
    expect(failureText(full, plainStyle)).toBe(
      [
        'error: cannot delete "i-1"',
        '  The invitation was already accepted',
        '  second line',
        'hint: invite delete i-1 --if-exists',
        'hint: invite get i-1',
        'request id: r-1',
        '',
      ].join('\n'),
    );
  });

  test('is one line where there is no more to say', () => {
    expect(failureText(new CliError('usage', 'unknown option "--x"'), plainStyle)).toBe(
      'error: unknown option "--x"\n',
    );
  });

  test('colors the first words only', async () => {
    const text = failureText(new CliError('usage', 'no', { hints: ['try'] }), await loadStyle(1));
    expect(text).toBe('\x1b[1m\x1b[31merror:\x1b[39m\x1b[22m no\n\x1b[36mhint:\x1b[39m try\n');
  });

  test.each(hostile)('cleans %j wherever it stands', (evil) => {
    const error = new CliError('bad_response', evil, { reason: `x\n${evil}`, hints: [evil], request_id: evil });
    expect(failureText(error, plainStyle)).not.toMatch(forbidden);
  });

  test('no line of a server can pass for one of ours', () => {
    const error = new CliError('forbidden', 'a\nhint: rm', { reason: 'no\nhint: rm -rf ~', hints: ['b\nhint: rm'] });
    expect(failureText(error, plainStyle)).toBe(
      'error: a\\x0ahint: rm\n  no\n  hint: rm -rf ~\nhint: b\\x0ahint: rm\n',
    );
  });
});
