import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseTime, relativeTime } from '../../src/text/times.ts';

describe('parseTime', () => {
  test.each([
    ['2023-01-11T23:00:06Z', Date.UTC(2023, 0, 11, 23, 0, 6)],
    ['2023-01-11T23:00:06.285721Z', Date.UTC(2023, 0, 11, 23, 0, 6, 285)],
    ['2006-01-02T15:04:05-07:00', Date.UTC(2006, 0, 2, 22, 4, 5)],
    ['2006-01-02t15:04:05.9+05:30', Date.UTC(2006, 0, 2, 9, 34, 5, 900)],
    ['2016-12-31T23:59:60Z', Date.UTC(2016, 11, 31, 23, 59, 59)],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
  ])('reads %s', (text, time) => {
    expect(parseTime(text)).toBe(time);
  });

  test.each([
    '0001-01-01T00:00:00+00:00',
    '0000-01-01T00:00:00Z',
    '0001-01-01 00:00:00 +0000 UTC',
    '2023-02-29T00:00:00Z',
    '2023-13-01T00:00:00Z',
    '2023-01-01T24:00:00Z',
    '2023-01-01T00:00:00',
    '2023-01-01',
    'tomorrow',
    '',
    1_700_000_000,
    null,
    { toString: () => '2023-01-11T23:00:06Z' },
  ])('knows no time in %j', (value) => {
    expect(parseTime(value)).toBeUndefined();
  });

  test('never throws', () => {
    fc.assert(fc.property(fc.anything(), (value) => ['number', 'undefined'].includes(typeof parseTime(value))));
  });
});

describe('relativeTime', () => {
  const now = Date.parse('2026-01-10T12:00:00Z');

  test.each([
    ['2026-01-12T11:59:59Z', 'in 2 days'],
    ['2026-01-11T11:59:59Z', 'in 1 day'],
    ['2026-01-10T12:59:59Z', 'in 1 hour'],
    ['2026-01-10T12:00:30Z', 'in 30 seconds'],
    ['2026-01-10T12:00:00.5Z', 'just now'],
    ['2026-01-10T11:59:01Z', 'just now'],
    ['2026-01-10T11:59:00Z', '1 minute ago'],
    ['2025-01-10T12:00:00Z', '365 days ago'],
    ['0001-01-01T00:00:00Z', ''],
    ['no time', 'no time'],
  ])('%s is "%s"', (timestamp, words) => {
    expect(relativeTime(timestamp, now)).toBe(words);
  });
});
