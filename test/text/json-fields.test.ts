import { expect, test } from 'vitest';
import { isJsonObject, numberAt, textAt, valueAt } from '../../src/text/json-fields.ts';

test('a field is read at any depth, and undefined where something on the way is no object', () => {
  const value = { user: { id: 'u-1', count: 2 }, list: [{ id: 'x' }], none: null };
  expect(valueAt(value, 'user')).toBe(value.user);
  expect(textAt(value, 'user', 'id')).toBe('u-1');
  expect(numberAt(value, 'user', 'count')).toBe(2);
  for (const path of [
    ['list', 'id'],
    ['list', 'length'],
    ['none', 'id'],
    ['user', 'id', 'length'],
    ['absent', 'id'],
  ]) {
    expect(valueAt(value, ...path), path.join('.')).toBeUndefined();
  }
  for (const root of [undefined, null, 'text', 7, []]) expect(valueAt(root, 'length')).toBeUndefined();
});

test('what every object inherits is no field', () => {
  for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
    expect(valueAt({}, name), name).toBeUndefined();
  }
});

test('a value of another type than the one asked for is not there', () => {
  const value = { empty: '', number: 5, text: '5', nan: Number.NaN, nothing: null };
  expect(
    [textAt(value, 'empty'), textAt(value, 'number'), textAt(value, 'nothing')].every((one) => one === undefined),
  ).toBe(true);
  expect(
    [numberAt(value, 'text'), numberAt(value, 'nan'), numberAt(value, 'empty')].every((one) => one === undefined),
  ).toBe(true);
});

test('an array is no object, nor is null', () => {
  expect([{}, [], null, 'a', 1, undefined].map(isJsonObject)).toEqual([true, false, false, false, false, false]);
});
