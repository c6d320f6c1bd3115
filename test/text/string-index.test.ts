import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EmailIndex } from '../../src/api/by-email.ts';
import { StringIndex } from '../../src/text/string-index.ts';

const texts = fc.array(fc.string({ unit: fc.constantFrom('a', 'A', 'é', '例', '1'), maxLength: 4 }), {
  maxLength: 2000,
});

describe('an index of strings', () => {
  test('numbers distinct strings as they come, case and all', () => {
    fc.assert(
      fc.property(texts, (all) => {
        const index = new StringIndex();
        const distinct = [...new Set(all)];
        expect(all.map((text) => index.add(text))).toEqual(all.map((text) => distinct.indexOf(text)));
        expect(distinct.map((_, number) => index.at(number))).toEqual(distinct);
        expect(index.numberOf('never added')).toBeUndefined();
      }),
      { numRuns: 20 },
    );
  });

  test('finds each of a hundred thousand', () => {
    const index = new StringIndex();
    const count = 100_000;
    const name = (number: number) => `rb-${number.toString(36)}`;
    for (let number = 0; number < count; number += 1) index.add(name(number));
    const found = Array.from({ length: count + 1 }, (_, number) => index.numberOf(name(number)));
    expect(found).toEqual([...Array(count).keys(), undefined]);
  });

  test('of e-mails, differing in ASCII case is no difference', () => {
    const index = new EmailIndex();
    expect(['Ann@x.org', 'ann@X.ORG', 'É@x.org', 'é@x.org'].map((email) => index.add(email))).toEqual([0, 0, 1, 2]);
    expect(index.at(0)).toBe('Ann@x.org');
  });
});
