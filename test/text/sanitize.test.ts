import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clean, cleanLine, cleanLines, jsonSafe } from '../../src/text/sanitize.ts';
import { forbidden, hostile } from '../output/samples.ts';

/** Strings rich in what must not get through. */
const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom(...hostile),
      fc.constantFrom('#', '[', ':', ' ', '\\', '❤️', 'a\ufe0f'),
      fc.string({ unit: fc.nat(0x10ffff).map((code) => String.fromCodePoint(code)) }),
    ),
  )
  .map((parts) => parts.join(''));

describe('clean', () => {
  test.each([
    ['plain ASCII [with] brackets, #, : and \\', 'plain ASCII [with] brackets, #, : and \\'],
    ['Zoë 日本 👍🏽 e\u0301', 'Zoë 日本 👍🏽 e\u0301'],
    ['\x1b[31mred\x1b[0m', '\\x1b[31mred\\x1b[0m'],
    ['\x9b2J\x00\x7f', '\\x9b2J\\x00\\x7f'],
    ['a\nb\tc\rd', 'a\\x0ab\\x09c\\x0dd'],
    ['\u202eevil\u2069', '\\u202eevil\\u2069'],
    ['a\u200bb\u200dc\ufeff\u00ad', 'a\\u200bb\\u200dc\\ufeff\\xad'],
    ['a\u2028b\u2029c', 'a\\u2028b\\u2029c'],
    ['\ud83d and \udc4d', '\\ud83d and \\udc4d'],
    ['\u{e0041}', '\\u{e0041}'],
    ['\ufff9note\u0604', '\\ufff9note\\u0604'],
    ['❤️ keeps its selector, a\ufe0f does not', '❤️ keeps its selector, a\\ufe0f does not'],
    ['##[error]x ###[y', '##\\x5berror]x ###\\x5by'],
  ])('shows %j as %j', (text, shown) => {
    expect(clean(text)).toBe(shown);
  });

  test('leaves nothing forbidden, and nothing to do a second time', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const cleaned = clean(text);
        expect(cleaned).not.toMatch(/[\x00-\x1f]/);
        expect(cleaned.replace(/^[\s:]+/, '')).not.toMatch(forbidden);
        expect(clean(cleaned)).toBe(cleaned);
      }),
    );
  });
});

describe('cleanLines', () => {
  test('keeps line ends and nothing else', () => {
    expect(cleanLines('one\r\ntwo\n\tthree')).toBe('one\\x0d\ntwo\n\\x09three');
  });

  test.each([
    ['::error::x', '\\x3a:error::x'],
    ['a\n::set-output name=x::y', 'a\n\\x3a:set-output name=x::y'],
    ['a\n\u00a0 \u3000::x', 'a\n\u00a0 \u3000\\x3a:x'],
    ['\n\n::x', '\n\n\\x3a:x'],
    ['at [::1]:80', 'at [::1]:80'],
  ])('lets no line begin with a workflow command: %j', (text, shown) => {
    expect(cleanLines(text)).toBe(shown);
  });

  test('leaves nothing forbidden, and nothing to do a second time', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const cleaned = cleanLines(text);
        expect(cleaned).not.toMatch(forbidden);
        expect(cleanLines(cleaned)).toBe(cleaned);
        expect(cleaned.split('\n')).toHaveLength(text.split('\n').length);
      }),
    );
  });
});

test('cleanLine guards the start of a single line', () => {
  expect(cleanLine('  ::x\n::y')).toBe('  \\x3a:x\\x0a::y');
});

describe('jsonSafe', () => {
  test('escapes what JSON.stringify leaves raw', () => {
    const json = JSON.stringify({ a: '\x7f\x9b\u202e\u200b\u2028\u{e0041}##[x', b: '日本 ❤️' });
    expect(jsonSafe(json)).toBe('{"a":"\\u007f\\u009b\\u202e\\u200b\\u2028\\udb40\\udc41##\\u005bx","b":"日本 ❤️"}');
  });

  test('keeps the value and leaves nothing forbidden', () => {
    fc.assert(
      fc.property(fc.oneof(nasty, fc.jsonValue()), (value) => {
        const json = jsonSafe(JSON.stringify({ value }, null, 2));
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ value })));
        expect(json).not.toMatch(forbidden);
      }),
    );
  });
});

describe('a text that is spared the pattern', () => {
  // The pattern as a whole, without any look beforehand.
  const pattern =
    /(?!(?<=\p{Extended_Pictographic})[\ufe0e\ufe0f])[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{DI}]|(?<=##)\[/gu;
  test('holds no character that it would find', () => {
    const missed: string[] = [];
    // In the planes in which characters are assigned; those for private use have nothing of the kind.
    for (let code = 0; code <= 0xe0fff; code += code === 0x3ffff ? 0xa0001 : 1) {
      const text = String.fromCodePoint(code);
      const isFound = text.search(pattern) === 0;
      const isControl = code < 0x20;
      if (isFound !== (jsonSafe(text) !== text)) missed.push(`${code.toString(16)} in JSON`);
      if ((isFound || isControl) !== (clean(text) !== text)) missed.push(`${code.toString(16)} in a cell`);
    }
    expect(missed).toEqual([]);
  });
});
