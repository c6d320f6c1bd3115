import { expect, test } from 'vitest';
import { ndjsonRenderer as renderer } from '../../src/output/json.ts';
import {
  ann,
  batches,
  bob,
  failing,
  forbidden,
  hostile,
  many,
  nested,
  pipe,
  terminal,
  view,
  written,
} from './samples.ts';

const lineOf = (item: unknown) => `${JSON.stringify(item)}\n`;

test('a line for each item, written as each batch comes', async () => {
  const { parts } = await written(renderer.many(view, batches([ann, bob], [], [ann]), terminal));
  expect(parts).toEqual([lineOf(ann) + lineOf(bob), lineOf(ann)]);
});

test('nothing for nothing', async () => {
  expect(await many(renderer, [])).toBe('');
});

test('a line for one item, also on a terminal', () => {
  expect(renderer.one(view, ann, terminal)).toBe(lineOf(ann));
});

test('only the fields asked for', async () => {
  expect(await many(renderer, [ann], { ...pipe, fields: ['email', 'user.id'] })).toBe(
    '{"email":"ann@example.com","user":{"id":"u-r0jy59"}}\n',
  );
});

test('a source that fails has printed whole lines', async () => {
  const error = new Error('page 2');
  expect(await written(renderer.many(view, failing([ann], error), pipe))).toMatchObject({ text: lineOf(ann), error });
});

test.each(hostile)('%j keeps its value and its line', async (evil) => {
  const text = await many(renderer, [{ email: evil }, ann]);
  expect(text).not.toMatch(forbidden);
  expect(text.split('\n')).toHaveLength(3);
  expect(JSON.parse(text.split('\n')[0] ?? '')).toEqual({ email: evil });
});

test('an answer nested too deeply is a bad one', async () => {
  await expect(many(renderer, [{ extra: nested(50_000) }])).rejects.toMatchObject({ code: 'bad_response' });
});
