import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressIn, checkEmails, emailProblem, foldEmail, punycode, splitAddresses } from '../../src/api/email.ts';
import { CliError } from '../../src/errors.ts';

const longLocal = `${'a'.repeat(64)}@example.com`;

describe('an e-mail address', () => {
  test.each(['ann@example.com', 'ann+tag@example.co.uk', "o'neil@example.com", 'a.b-c_d@ex-ample.com', longLocal])(
    '%s is one',
    (email) => expect(emailProblem(email)).toBeUndefined(),
  );

  test.each([
    ['', 'it is empty'],
    ['ann', 'it has no @'],
    ['ann@', 'the domain "" has no dot'],
    ['@example.com', 'the part before the @ is empty'],
    ['ann@bob@example.com', 'it has more than one @'],
    ['ann@localhost', 'the domain "localhost" has no dot'],
    ['ann@exa mple.com', 'a space at column 8 is not allowed'],
    ['ann\u0007@example.com', 'U+0007 at column 4 is not allowed'],
    ['ann\u200b@example.com', 'U+200B at column 4 is not allowed'],
    ['ann\u202e@example.com', 'U+202E at column 4 is not allowed'],
    ['аnn@example.com', '"а" (U+0430) at column 1 is not ASCII; --allow-unicode allows it'],
    ['ann＠example.com', 'U+FF20 at column 4 is not allowed'],
    ['"ann"@example.com', '" at column 1 is not allowed'],
    ['<ann@example.com>', '< at column 1 is not allowed'],
    ['-ann@example.com', 'it begins with -'],
    ['=ann@example.com', 'it begins with ='],
    ['.ann@example.com', 'misplaced dot before the @'],
    ['an..n@example.com', 'misplaced dot before the @'],
    ['ann@-example.com', 'the domain "-example.com" is not a domain name'],
    ['ann@example..com', 'the domain "example..com" is not a domain name'],
    ['ann@example.com.', 'the domain "example.com." is not a domain name'],
    ['ann@10.0.0.1', 'the domain "10.0.0.1" is not a domain name'],
    [`a${longLocal}`, '65 characters stand before the @, 64 are allowed'],
    [`ann@${'a.'.repeat(130)}com`, 'it is 267 characters long, 254 are allowed'],
  ])('%j is none: %s', (email, problem) => expect(emailProblem(email)).toBe(problem));

  test('beyond ASCII only if asked for, and never invisible', () => {
    expect(emailProblem('jörg@bücher.example', { allowUnicode: true })).toBeUndefined();
    expect(emailProblem('jo\u200brg@example.com', { allowUnicode: true })).toBe('U+200B at column 3 is not allowed');
    expect(punycode('jörg@bücher.example')).toBe('jörg@xn--bcher-kva.example');
  });

  test('all bad ones are listed at once, and the space around good ones is dropped', () => {
    expect(checkEmails([' ann@example.com\u00a0'])).toEqual(['ann@example.com']);
    const check = () => checkEmails(['ann', 'bob@example.com', 'eve@x']);
    expect(check).toThrow(CliError);
    expect(check).toThrow('2 of 3 are not e-mail addresses');
  });

  test.each([
    ['Ann Bee <ann@example.com>', 'ann@example.com'],
    ['"Bee, Ann" <ann@example.com>', 'ann@example.com'],
    [' <ann@example.com> ', 'ann@example.com'],
    ['ann@example.com', 'ann@example.com'],
    ['Ann <Bee> <ann@example.com>', 'Ann <Bee> <ann@example.com>'],
    ['bob@example.com <ann@example.com>', 'bob@example.com <ann@example.com>'],
    ['<ann@example.com', '<ann@example.com'],
    ['ann@example.com>', 'ann@example.com>'],
    ["'ann@example.com' <Ann@example.com>", 'Ann@example.com'],
    ['ann@example.com<mailto:ann@example.com>', 'ann@example.com'],
    ['Ann Bee [mailto:ann@example.com]', 'ann@example.com'],
    ['ann@[10.0.0.1]', 'ann@[10.0.0.1]'],
  ])('%j holds %s', (text, address) => expect(addressIn(text)).toBe(address));

  test.each([
    ['a@x.io', ['a@x.io']],
    ['a@x.io, b@x.io;c@x.io,', ['a@x.io', 'b@x.io', 'c@x.io']],
    ['Ann Bee <a@x.io>; "Cy; D" <c@x.io>', ['Ann Bee <a@x.io>', '"Cy; D" <c@x.io>']],
    ['Bee, Ann <a@x.io>, b@x.io', ['Bee, Ann <a@x.io>', 'b@x.io']],
    ['ann, b@x.io', ['ann', 'b@x.io']],
    ['a@x.io, ann', ['a@x.io', 'ann']],
  ])('%j is a list of %j', (text, addresses) => expect(splitAddresses(text)).toEqual(addresses));

  test('is compared without regard to the case of ASCII letters alone', () => {
    expect(foldEmail('Ann@EXAMPLE.com')).toBe('ann@example.com');
    expect(foldEmail('İ@x.io')).toBe('İ@x.io');
  });

  test('any text is accepted or refused, and what is accepted has the shape that is promised', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'grapheme' }),
          fc.string({ unit: 'binary-ascii' }),
          fc.emailAddress(),
          fc.string({ maxLength: 400 }),
        ),
        (text) => {
          if (emailProblem(text) !== undefined) return;
          expect(text).toMatch(/^[!-~]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/);
          expect(text.length).toBeLessThanOrEqual(254);
        },
      ),
    );
  });
});
