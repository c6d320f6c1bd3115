import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { renderer } from '../../src/output/yaml.ts';
import { ann, batches, bob, failing, forbidden, hostile, many, nested, pipe, view, written } from './samples.ts';

const annText = `- id: i-7od91
  email: ann@example.com
  state: pending
  expires_at: "2026-01-03T12:00:00.123456Z"
  user:
    id: u-r0jy59
    related: https://api.example.com/u-r0jy59
  metadata:
    created_at: "2026-01-01T09:00:00Z"
`;

test('a sequence, written as each batch comes', async () => {
  const { parts, text } = await written(renderer.many(view, batches([ann], [], [bob]), pipe));
  expect(parts[0]).toBe(annText);
  expect(parts).toHaveLength(2);
  expect(parse(text)).toEqual([ann, bob]);
});

test('nothing is an empty sequence', async () => {
  expect(await many(renderer, [])).toBe('[]\n');
});

test('a mapping for one', () => {
  expect(renderer.one(view, bob, pipe)).toBe(
    'id: i-2\nemail: bob.with.a.long.name@example.com\nstate: accepted\nexpires_at: null\nuser: null\n',
  );
});

test('only the fields asked for', () => {
  expect(renderer.one(view, ann, { ...pipe, fields: ['user.id', 'id'] })).toBe('user:\n  id: u-r0jy59\nid: i-7od91\n');
});

test('a source that fails has printed whole items', async () => {
  const error = new Error('page 2');
  expect(await written(renderer.many(view, failing([ann], error), pipe))).toMatchObject({ text: annText, error });
});

test('a reader of YAML 1.1 sees texts as texts', () => {
  const words = { a: 'yes', b: 'no', c: '012', d: '1:20', e: '2026-01-02', f: '~', g: 'null' };
  expect(parse(renderer.one(view, words, pipe), { version: '1.1' })).toEqual(words);
});

test('the same object twice is written twice, without an anchor', () => {
  const user = { id: 'u-1' };
  expect(renderer.one(view, { user, creator: user }, pipe)).toBe('user:\n  id: u-1\ncreator:\n  id: u-1\n');
});

test.each(hostile.filter((text) => !/\p{Cs}/u.test(text)))('%j keeps its value and is safe', async (evil) => {
  const item = { id: evil, [evil]: [`long ${evil}`.repeat(20)] };
  for (const text of [await many(renderer, [item, ann]), renderer.one(view, item, pipe)]) {
    expect(text).not.toMatch(forbidden);
    expect(text).not.toContain('\t');
  }
  expect(parse(await many(renderer, [item, ann]))).toEqual([item, ann]);
});

test.each(['word '.repeat(100), `${'line\n'.repeat(50)}`, `${'\u202eword\n'.repeat(50)}`])(
  'one line, however long: %j',
  (id) => {
    const text = renderer.one(view, { id }, pipe);
    expect(text.split('\n')).toHaveLength(2);
    expect(parse(text)).toEqual({ id });
  },
);

test('a lone surrogate is spelled out', () => {
  expect(renderer.one(view, { id: 'a\ud800' }, pipe)).toBe('id: "a\\ud800"\n');
});

test('a reader gets back every value', () => {
  const text = fc.string({
    unit: fc.oneof(fc.constantFrom(...'\'"-#:[]{}|>&*!%@`,? \n\t\\~'), fc.string({ unit: 'grapheme', maxLength: 1 })),
  });
  fc.assert(
    fc.property(fc.array(fc.record({ id: text, email: text }), { minLength: 1, maxLength: 3 }), (items) => {
      expect(items.map((item) => parse(renderer.one(view, item, pipe)))).toEqual(items);
    }),
  );
});

test('an answer nested too deeply is a bad one', async () => {
  await expect(many(renderer, [{ extra: nested(50_000) }])).rejects.toMatchObject({ code: 'bad_response' });
});
