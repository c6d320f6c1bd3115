import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldEmail } from '../../src/api/email.ts';
import type { Row } from '../../src/people/row.ts';
import { RowsByEmail } from '../../src/people/rows-by-email.ts';

const email = fc.string({ unit: fc.constantFrom(...'aAbBzZ@.[`{éÉ€'), minLength: 1, maxLength: 4 });
const roles = [[], [{ role_name: 'Operator' }], [{ role_name: 'EnvironmentAdmin', scope: 'env-1' }]] as const;
const row: fc.Arbitrary<Row> = fc.record({
  line: fc.integer({ min: 1, max: 100_000 }),
  email,
  authType: fc.constantFrom(undefined, 'sso' as const, 'local' as const),
  roles: fc.constantFrom(...roles),
});

test('it is a map by the address without regard to case, in the order of adding', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 300 }), fc.array(email), (rows, others) => {
      const people = new RowsByEmail();
      const map = new Map<string, Row>();
      for (const one of rows) {
        people.set(one);
        const key = foldEmail(one.email);
        map.set(key, { ...one, email: map.get(key)?.email ?? one.email });
      }
      expect([...people]).toEqual([...map.values()]);
      expect(people.size).toBe(map.size);
      for (const one of [...others, ...rows.map((known) => known.email.toUpperCase())]) {
        expect([people.has(one), people.get(one)]).toEqual([map.has(foldEmail(one)), map.get(foldEmail(one))]);
      }
    }),
  );
});

test('it grows to as many as a file may have', () => {
  const people = new RowsByEmail();
  for (let n = 0; n < 100_000; n += 1)
    people.set({ line: n, email: `person.number.${n}@example.com`, authType: 'sso', roles: [] });
  expect(people.size).toBe(100_000);
  expect(people.get('Person.Number.77777@EXAMPLE.com')).toEqual({
    ...{ line: 77_777, email: 'person.number.77777@example.com', authType: 'sso', roles: [] },
  });
  expect(people.has('person.number.100000@example.com')).toBe(false);
});
