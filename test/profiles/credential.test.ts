import { expect, test } from 'vitest';
import type { CliError } from '../../src/errors.ts';
import { parseCredential, parseKeyId, shortKeyId } from '../../src/profiles/credential.ts';

test.each([
  ['abc', 'abc'],
  ['  abc\r\n', 'abc'],
  ['\ufeffabc\u00a0', 'abc'],
  ['"abc"', 'abc'],
  ["'abc'\n", 'abc'],
  ['" abc "', 'abc'],
  ['a"b', 'a"b'],
  ['cflt+/=', 'cflt+/='],
])('B16: %j is read as %j', (text, value) => {
  expect(parseCredential('the secret', text)).toBe(value);
});

test.each([
  ['marker\nmarker', 'it contains a line break'],
  ['marker marker', 'it contains a space'],
  ['marker\0', 'it contains a character that no key has'],
  ['marker\x1b[0m', 'it contains a character that no key has'],
  ['markér', 'it contains a character that no key has'],
  ['marker\u200b', 'it contains a character that no key has'],
  ['  ', 'it is empty'],
  ['""', 'it is empty'],
  ['marker'.repeat(1000), 'it is longer than 4096 characters'],
])('B16: %j is refused without being shown', (text, reason) => {
  const error = failure(() => parseCredential('the secret', text));
  expect([error.code, error.message, error.details.reason]).toEqual(['usage', 'cannot use the secret', reason]);
  expect(JSON.stringify(error.toRecord())).not.toContain('mark');
});

test('a key id holds no colon', () => {
  expect(parseKeyId('the key', ' ABCD ')).toBe('ABCD');
  expect(failure(() => parseKeyId('the key', 'ABCD:secret')).details.reason).toBe('it holds a colon');
});

test('of a key id, the first and the last four characters are shown', () => {
  expect(shortKeyId('ABCDEFGH12345678')).toBe('ABCD…5678');
  expect(shortKeyId('ABCD5678')).toBe('ABCD5678');
});

function failure(act: () => unknown): CliError {
  try {
    act();
  } catch (error) {
    return error as CliError;
  }
  return expect.unreachable('it should have failed');
}
