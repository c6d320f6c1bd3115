import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fileWord, shellQuote } from '../../src/text/suggest.ts';

test.each([
  ['ann@example.com', 'ann@example.com'],
  ['a+b=c@example.com', 'a+b=c@example.com'],
  ['https://api.example.com:443/x%20y', 'https://api.example.com:443/x%20y'],
  ['', "''"],
  ['=ls', "'=ls'"],
  ['~root', "'~root'"],
  ['two words', "'two words'"],
  ["it's", "'it'\\''s'"],
  ['$(reboot) `id` "x" \\', '\'$(reboot) `id` "x" \\\''],
  ['zoë', "'zoë'"],
  ['ends with a line\n', "'ends with a line\n'"],
])('quotes %j as %s', (value, quoted) => {
  expect(shellQuote(value)).toBe(quoted);
});

test('a file whose name begins as an option does is no option', () => {
  expect(['-x.csv', '-', '- x', 'x.csv'].map(fileWord)).toEqual(['./-x.csv', '-', "'./- x'", 'x.csv']);
});

test('a shell reads back every value', () => {
  const character = fc.constantFrom(...'\'"`$\\ \n\t!*?[]{}()<>|&;#~=%-a1é日\x1b');
  const values = fc.array(fc.oneof(fc.string({ unit: character }), fc.string({ unit: 'grapheme' })), {
    minLength: 30,
    maxLength: 60,
  });
  fc.assert(
    fc.property(values, (given) => {
      const usable = given.map((value) => value.replaceAll('\0', ''));
      // The final x keeps `printf` from seeing no value at all, and the markers keep trailing line ends apart.
      const script = `printf '%s\\0' ${usable.map(shellQuote).join(' ')} x`;
      const read = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -2);
      expect(read).toEqual(usable);
    }),
    { numRuns: 20 },
  );
});
