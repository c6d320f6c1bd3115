import { expect, test } from 'vitest';
import { type Format, formatDefinition, formatDefinitions, formatsWith } from '../../src/output/formats.ts';
import { ann, batches, bob, forbidden, hostile, many, pipe, view, written } from './samples.ts';

const names = Object.keys(formatDefinitions) as Format[];

test('every format has its renderer', async () => {
  for (const format of names) {
    expect(Object.keys(await formatDefinition(format).load()), format).toEqual(['many', 'one']);
  }
});

test('a program reads all but the table', () => {
  expect(names.filter((format) => formatDefinition(format).reader === 'person')).toEqual(['table']);
});

test('markdown is for commands that ask for it', () => {
  expect(formatsWith()).toEqual(['table', 'json', 'ndjson', 'csv', 'yaml', 'id']);
  expect(formatsWith(['markdown'])).toEqual([...formatsWith(), 'markdown']);
});

const id = await formatDefinition('id').load();

test('an id a line, as each batch comes; nothing for an item without one', async () => {
  const { parts } = await written(id.many(view, batches([ann, { email: 'x' }, bob], [{}], [ann]), pipe));
  expect(parts).toEqual(['i-7od91\ni-2\n', 'i-7od91\n']);
});

test('one id', () => {
  expect(id.one(view, ann, pipe)).toBe('i-7od91\n');
  expect(id.one(view, {}, pipe)).toBe('');
});

test.each(hostile)('the id %j is one safe line', async (evil) => {
  const text = await many(id, [{ id: evil }]);
  expect(text).toMatch(/^[^\n]+\n$/);
  expect(text).not.toMatch(forbidden);
});
