import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clean } from '../../src/text/sanitize.ts';
import { truncateToWidth, widthOf } from '../../src/text/width.ts';

test.each([
  ['', 0],
  ['abc', 3],
  ['Zoë', 3],
  ['e\u0301', 1],
  ['日本', 4],
  ['ｱ', 1],
  ['👍🏽', 2],
  ['🇩🇪', 2],
  ['❤️', 2],
  ['नि', 1],
  ['…', 1],
])('%j is %i wide', (text, width) => {
  expect(widthOf(text)).toBe(width);
});

describe('truncateToWidth', () => {
  test.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdef', 5, 'abcd…'],
    ['abcdef', 1, '…'],
    ['日本語', 6, '日本語'],
    ['日本語', 5, '日本…'],
    ['日本語', 4, '日…'],
    ['e\u0301e\u0301e\u0301', 3, 'e\u0301e\u0301e\u0301'],
    ['e\u0301e\u0301e\u0301', 2, 'e\u0301…'],
    ['a👍🏽b👍🏽', 4, 'a👍🏽…'],
    ['🇩🇪🇫🇷', 3, '🇩🇪…'],
  ])('%j in %i columns is %j', (text, width, cut) => {
    expect(truncateToWidth(text, width)).toBe(cut);
  });

  test('never wider than asked, never half a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }).map(clean), fc.integer({ min: 1, max: 12 }), (text, width) => {
        const cut = truncateToWidth(text, width);
        expect(widthOf(cut)).toBeLessThanOrEqual(width);
        expect(cut).not.toMatch(/\p{Cs}/u);
        expect(text.startsWith(cut === text ? text : cut.slice(0, -1))).toBe(true);
      }),
    );
  });

  test('marks piled up on one character are cut as well', () => {
    expect(truncateToWidth(`a${'\u0301'.repeat(1_000_000)}`, 10)).toBe('…');
    expect(truncateToWidth(`ab${'\u{1e945}'.repeat(100)}`, 10)).toBe(`ab${'\u{1e945}'.repeat(19)}…`);
    expect(truncateToWidth('a\u0301'.repeat(1_000_000), 4)).toBe('a\u0301a\u0301a\u0301…');
  });
});
