import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { retryAfter } from '../../src/http/retry.ts';

const now = Date.UTC(2026, 10, 22, 12, 0, 0);
const wait = (headers: Record<string, string>) => retryAfter(new Map(Object.entries(headers)), now);
const dated = (time: number) => new Date(time).toUTCString();

describe('what the server asks to wait, in milliseconds', () => {
  test.each([
    [{ 'retry-after': '2' }, 2000],
    [{ 'retry-after': '86400' }, 86_400_000],
    [{ 'retry-after': '2147484' }, 2_147_484_000],
    [{ 'retry-after': '100000000000000000000' }, 1e23],
    [{ 'retry-after': dated(now + 5000) }, 5000],
    [{ 'retry-after': dated(now + 3_605_000), date: dated(now + 3_600_000) }, 5000],
    [{ 'retry-after': dated(now + 5000), date: 'yesterday' }, 5000],
    [{ 'x-ratelimit-reset': '2', 'x-ratelimit-remaining': '0' }, 2000],
    [{ 'x-ratelimit-reset': '2' }, 2000],
    [{ 'retry-after': 'soon', 'x-ratelimit-reset': '2' }, 2000],
    [{ 'retry-after': '3', 'x-ratelimit-reset': '2' }, 3000],
  ])('%o is %d', (headers, expected) => {
    expect(wait(headers)).toBe(expected);
  });

  test.each([
    [{}],
    [{ 'retry-after': '-5' }],
    [{ 'retry-after': '1.5' }],
    [{ 'retry-after': '1e20' }],
    [{ 'retry-after': '0x10' }],
    [{ 'retry-after': 'soon' }],
    [{ 'retry-after': '' }],
    [{ 'retry-after': '0' }],
    [{ 'retry-after': '1, 2' }],
    [{ 'retry-after': '2026-11-22' }],
    [{ 'retry-after': 'Sun, 99 Nov 2026 12:00:09 GMT' }],
    [{ 'retry-after': dated(now - 5000) }],
    [{ 'x-ratelimit-reset': '2', 'x-ratelimit-remaining': '1' }],
    [{ 'x-ratelimit-reset': '-2' }],
  ])('%o is nothing to go by', (headers) => {
    expect(wait(headers)).toBeUndefined();
  });

  test('no text makes it throw or ask for a wait that is not above zero', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (asked, date) => {
        const milliseconds = wait({ 'retry-after': asked, date });
        expect(milliseconds === undefined || milliseconds > 0).toBe(true);
      }),
    );
  });

  test('whole seconds and dates are read exactly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: -1e6, max: 1e6 }), (seconds, skew) => {
        expect(wait({ 'retry-after': String(seconds) })).toBe(seconds * 1000);
        const server = now + skew * 1000;
        expect(wait({ 'retry-after': dated(server + seconds * 1000), date: dated(server) })).toBe(seconds * 1000);
      }),
    );
  });
});
