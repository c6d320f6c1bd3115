import { describe, expect, test } from 'vitest';
import { CliError } from '../../src/errors.ts';
import { parseSetting, settingDefinitions } from '../../src/sandbox/settings.ts';

describe('parsing a setting', () => {
  test.each([
    ['quota=5', { quota: 5 }],
    ['quota=0', { quota: 0 }],
    ['expires_after=2h', { expires_after: 7_200_000 }],
    ['list_lag=50ms', { list_lag: 50 }],
    ['email_filter=ignore_case', { email_filter: 'ignore_case' }],
    ['quota_status=400', { quota_status: '400' }],
    ['clock_offset=-2h', { clock_offset: -7_200_000 }],
    ['clock_offset=90s', { clock_offset: 90_000 }],
    ['forbidden=users.list,users.delete', { forbidden: ['users.list', 'users.delete'] }],
    ['forbidden=none', { forbidden: [] }],
  ])('%s', (text, expected) => {
    expect(parseSetting(text)).toEqual(expected);
  });

  test.each([
    ['quotas=5', '"quotas" is not a setting of the sandbox', 'did you mean "quota"?'],
    ['', '"" is not a setting of the sandbox', 'the settings are quota, '],
    ['__proto__=1', '"__proto__" is not a setting of the sandbox', 'the settings are quota, '],
    ['toString=1', '"toString" is not a setting of the sandbox', 'the settings are quota, '],
    ['quota', '"" is not a value of the setting "quota"', 'quota takes a whole number'],
    ['quota=-1', '"-1" is not a value of the setting "quota"', 'quota takes a whole number'],
    ['quota=1e3', '"1e3" is not a value of the setting "quota"', 'quota takes a whole number'],
    ['list_lag=5', '"5" is not a value of the setting "list_lag"', 'list_lag takes a duration'],
    ['clock_offset=--2h', '"--2h" is not a value of the setting "clock_offset"', 'clock_offset takes a duration'],
    ['forbidden=users.lost', '"users.lost" is not a value of the setting "forbidden"', 'forbidden takes none, or'],
    ['sso=maybe', '"maybe" is not a value of the setting "sso"', 'sso takes no, yes'],
    ['sso=yes=no', '"yes=no" is not a value of the setting "sso"', 'sso takes no, yes'],
  ])('"%s" is a usage error', (text, message, hint) => {
    const failure = failureOf(() => parseSetting(text));
    expect([failure.code, failure.message]).toEqual(['usage', message]);
    expect(failure.details.hints?.join('\n')).toContain(hint);
  });

  test('every setting has a description', () => {
    for (const { meaning, values } of Object.values(settingDefinitions)) {
      expect(meaning.length).toBeGreaterThan(20);
      expect(values).not.toBe('');
    }
  });
});

function failureOf(act: () => unknown): CliError {
  try {
    act();
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
  throw new Error('nothing failed');
}
