import { expect, test } from 'vitest';
import { renderer } from '../../src/output/id.ts';
import { ann, batches, bob, forbidden, hostile, many, pipe, view, written } from './samples.ts';

test('an id a line, as each batch comes; nothing for an item without one', async () => {
  const { parts } = await written(renderer.many(view, batches([ann, { email: 'x' }, bob], [{}], [ann]), pipe));
  expect(parts).toEqual(['i-7od91\ni-2\n', 'i-7od91\n']);
});

test('one', () => {
  expect(renderer.one(view, ann, pipe)).toBe('i-7od91\n');
  expect(renderer.one(view, {}, pipe)).toBe('');
});

test.each(hostile)('%j is one safe line', async (id) => {
  const text = await many(renderer, [{ id }]);
  expect(text).toMatch(/^[^\n]+\n$/);
  expect(text).not.toMatch(forbidden);
});
