import { describe, expect, test } from 'vitest';
import { jsonRenderer as renderer } from '../../src/output/json.ts';
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

describe('many', () => {
  test('nothing is an empty array', async () => {
    expect(await many(renderer, [])).toBe('[]\n');
    expect(await many(renderer, [], terminal)).toBe('[]\n');
  });

  test('one item a line for a pipe, batches or not', async () => {
    const { text } = await written(renderer.many(view, batches([ann], [], [bob]), pipe));
    expect(text).toBe(`[${JSON.stringify(ann)},\n${JSON.stringify(bob)}]\n`);
    expect(text).toBe(await many(renderer, [ann, bob]));
  });

  test('indented for a person', async () => {
    const { text } = await written(renderer.many(view, batches([ann], [bob, {}]), terminal));
    expect(text).toBe(`${JSON.stringify([ann, bob, {}], null, 2)}\n`);
  });

  test('only the fields asked for, nested as before', async () => {
    const paper = { ...pipe, fields: ['user.id', 'email', 'metadata.created_at'] };
    expect(await many(renderer, [ann, { email: 'x' }], paper)).toBe(
      '[{"user":{"id":"u-r0jy59"},"email":"ann@example.com","metadata":{"created_at":"2026-01-01T09:00:00Z"}},\n' +
        '{"user":{"id":null},"email":"x","metadata":{"created_at":null}}]\n',
    );
  });

  test('nulls, numbers and unknown fields pass through', async () => {
    const odd = {
      id: 5,
      email: null,
      extra: [{ a: true }],
      state: 'INVITE_STATUS_NEW',
      accepted_at: '0001-01-01T00:00:00Z',
    };
    expect(JSON.parse(await many(renderer, [odd]))).toEqual([odd]);
  });

  test('a source that fails prints nothing', async () => {
    const error = new Error('page 2');
    expect(await written(renderer.many(view, failing([ann], error), pipe))).toEqual({ text: '', parts: [], error });
  });

  test('beyond 16 MiB it streams, and a failure leaves the document unclosed', async () => {
    const big = { ...ann, extra: 'x'.repeat(1024 * 1024) };
    const { text, parts, error } = await written(
      renderer.many(view, failing(Array(17).fill(big), new Error('late')), pipe),
    );
    expect(error).toBeInstanceOf(Error);
    expect(parts).toHaveLength(1);
    expect(text.startsWith('[{"id":"i-7od91"')).toBe(true);
    expect(text.endsWith('"}')).toBe(true);
  });

  test('beyond 16 MiB it is still one document', async () => {
    const big = { ...ann, extra: 'x'.repeat(1024 * 1024) };
    const source = batches(Array(17).fill(big), [ann], [bob]);
    const { text, parts } = await written(renderer.many(view, source, pipe));
    expect(parts).toHaveLength(4);
    expect(JSON.parse(text)).toHaveLength(19);
  });
});

describe('one', () => {
  test('a line for a pipe, indented for a person', () => {
    expect(renderer.one(view, ann, pipe)).toBe(`${JSON.stringify(ann)}\n`);
    expect(renderer.one(view, ann, terminal)).toBe(`${JSON.stringify(ann, null, 2)}\n`);
  });

  test('only the fields asked for', () => {
    expect(renderer.one(view, ann, { ...pipe, fields: ['state', 'id'] })).toBe('{"state":"pending","id":"i-7od91"}\n');
  });
});

test.each(hostile)('%j keeps its value and is safe on a terminal', async (evil) => {
  for (const paper of [pipe, terminal]) {
    const texts = [
      await many(renderer, [{ email: evil, [evil]: 1 }], paper),
      renderer.one(view, { email: evil }, paper),
    ];
    for (const text of texts) expect(text).not.toMatch(forbidden);
    expect(JSON.parse(texts[0] ?? '')).toEqual([JSON.parse(JSON.stringify({ email: evil, [evil]: 1 }))]);
  }
});

test('an answer nested too deeply is a bad one, not a bug of ours', async () => {
  const deep = { id: 'i-1', extra: nested(50_000) };
  const { error, text } = await written(renderer.many(view, batches([deep]), pipe));
  expect(error).toMatchObject({ code: 'bad_response', exitCode: 3 });
  expect(text).toBe('');
  expect(() => renderer.one(view, deep, terminal)).toThrow('nested so deeply');
  expect(await many(renderer, [deep], { ...pipe, fields: ['id'] })).toBe('[{"id":"i-1"}]\n');
});
