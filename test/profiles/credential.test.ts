import { expect, test } from 'vitest';
import type { CliError } from '../../src/errors.ts';
import {
  expiryOfToken,
  parseAccessToken,
  parseCredential,
  parseKeyId,
  shortKeyId,
} from '../../src/profiles/profile.ts';

test.each([
  ['abc', 'abc'],
  ['  abc\r\n', 'abc'],
  ['\ufeffabc\u00a0', 'abc'],
  ['"abc"', 'abc'],
  ["'abc'\n", 'abc'],
  ['" abc "', 'abc'],
  ['a"b', 'a"b'],
  ['cflt+/=', 'cflt+/='],
])('%j is read as %j', (text, value) => {
  expect(parseCredential('the secret', text)).toBe(value);
});

test.each([
  ['marker\nmarker', 'it contains a line break'],
  ['marker marker', 'it contains a space'],
  ['marker\0', 'it contains a character that is not allowed'],
  ['marker\x1b[0m', 'it contains a character that is not allowed'],
  ['markér', 'it contains a character that is not allowed'],
  ['marker\u200b', 'it contains a character that is not allowed'],
  ['  ', 'it is empty'],
  ['""', 'it is empty'],
  ['marker'.repeat(1000), 'it is longer than 4096 characters'],
])('%j is rejected without being shown', (text, reason) => {
  const error = failure(() => parseCredential('the secret', text));
  expect([error.code, error.message, error.details.reason]).toEqual(['usage', 'cannot use the secret', reason]);
  expect(JSON.stringify(error.toRecord())).not.toContain('mark');
});

test.each([
  ['marker\nmarker', 'it contains a line break'],
  ['marker marker', 'it contains a space'],
  ['marker\tmarker', 'it contains a space'],
  ['marker\x07', 'it contains a character that is not allowed'],
  ['Bearer marker', 'it begins with the word Bearer'],
  ['   ', 'it is empty'],
  ['marker'.repeat(3000), 'it is longer than 16384 characters'],
])('an access token %j is refused without being shown', (text, reason) => {
  const error = failure(() => parseAccessToken('THE_TOKEN', text));
  expect([error.code, error.message, error.details.reason]).toEqual(['usage', 'cannot use THE_TOKEN', reason]);
  expect(JSON.stringify(error.toRecord())).not.toContain('mark');
});

test('an access token may be long, and is trimmed', () => {
  const long = 'a'.repeat(8000);
  expect(parseAccessToken('THE_TOKEN', ` ${long}\r\n`)).toBe(long);
});

test.each([
  [{ exp: 1_780_000_000 }, 1_780_000_000_000],
  [{ exp: '1780000000' }, undefined],
  [{ exp: 1e300 }, undefined],
  [{}, undefined],
  [null, undefined],
])('a JWT with %j expires at %j', (claims, expected) => {
  const [header, payload] = [{ alg: 'RS256' }, claims].map((one) =>
    Buffer.from(JSON.stringify(one)).toString('base64url'),
  );
  expect(expiryOfToken(`${header}.${payload}.c2ln`)).toBe(expected);
});

test.each(['opaque', 'a.b.c', 'a.b', '..', ''])('the token %j does not tell when it expires', (token) => {
  expect(expiryOfToken(token)).toBeUndefined();
});

test('a key id holds no colon', () => {
  expect(parseKeyId('the key', ' ABCD ')).toBe('ABCD');
  expect(failure(() => parseKeyId('the key', 'ABCD:secret')).details.reason).toBe('it contains a colon');
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
