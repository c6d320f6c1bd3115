import { expect, test } from 'vitest';
import { isJsonObject, numberAt, textAt, valueAt } from '../../src/text/json-fields.ts';

const value = JSON.parse(
  '{"user":{"id":"u-1","count":2},"list":[{"id":"x"}],"none":null,"empty":"","text":"5","__proto__":{"id":"evil"}}',
);

test('a field is read at any depth, of the type that is asked for', () => {
  expect(valueAt(value, 'user')).toBe(value.user);
  expect([textAt(value, 'user', 'id'), numberAt(value, 'user', 'count')]).toEqual(['u-1', 2]);
  for (const path of [['empty'], ['user', 'count'], ['none']]) expect(textAt(value, ...path)).toBeUndefined();
  for (const wrong of ['text', 'empty', 'none']) expect(numberAt(value, wrong)).toBeUndefined();
  expect(numberAt({ nan: Number.NaN }, 'nan')).toBeUndefined();
});

test.each([
  ['list', 'id'],
  ['list', 'length'],
  ['none', 'id'],
  ['user', 'id', 'length'],
  ['absent', 'id'],
  ['constructor'],
  ['toString'],
  ['user', 'hasOwnProperty'],
  ['id'],
])('there is nothing at %s %s', (...path) => {
  expect(valueAt(value, ...path)).toBeUndefined();
});

test('what is no object has no fields', () => {
  for (const root of [undefined, null, 'text', 7, []]) expect(valueAt(root, 'length')).toBeUndefined();
  expect([{}, [], null, 'a', 1, undefined].map(isJsonObject)).toEqual([true, false, false, false, false, false]);
});
