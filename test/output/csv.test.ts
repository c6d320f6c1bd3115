import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderer } from '../../src/output/csv.ts';
import { clean } from '../../src/text/sanitize.ts';
import { ann, batches, bob, forbidden, hostile, many, nested, pipe, view, written } from './samples.ts';

const header = 'id,email,state,expires_at,user.id,metadata.created_at\n';
const annLine = 'i-7od91,ann@example.com,pending,2026-01-03T12:00:00.123456Z,u-r0jy59,2026-01-01T09:00:00Z\n';
const bobLine = 'i-2,bob.with.a.long.name@example.com,accepted,,,\n';

const cellFor = async (email: unknown, csvRaw = false) => {
  const text = await many(renderer, [{ email }], { ...pipe, fields: ['email', 'id'], csvRaw });
  return parse(text, { from: 2 })[0]?.[0];
};

test('a header, then a record an item, as each batch comes', async () => {
  const { parts } = await written(renderer.many(view, batches([ann], [], [bob]), pipe));
  expect(parts).toEqual([header, annLine, bobLine]);
});

test('a header even over nothing', async () => {
  expect(await many(renderer, [])).toBe(header);
});

test('one', () => {
  expect(renderer.one(view, ann, pipe)).toBe(header + annLine);
});

test('only the fields asked for', async () => {
  expect(await many(renderer, [ann], { ...pipe, fields: ['state', 'user', 'id'] })).toBe(
    'state,user,id\npending,"{""id"":""u-r0jy59"",""related"":""https://api.example.com/u-r0jy59""}",i-7od91\n',
  );
});

test.each([
  [null, ''],
  [undefined, ''],
  [5, '5'],
  [false, 'false'],
  ['a,b', 'a,b'],
  ['say "x"', 'say "x"'],
  [['x', { y: 1 }], '["x",{"y":1}]'],
])('the value %j is the cell %j', async (value, cell) => {
  expect(await cellFor(value)).toBe(cell);
});

test('the year 1 is no time', async () => {
  expect(
    await many(renderer, [{ expires_at: '0001-01-01T00:00:00Z' }], { ...pipe, fields: ['id', 'expires_at'] }),
  ).toBe('id,expires_at\n,\n');
});

test('a record of one empty cell is still a record', async () => {
  const text = await many(renderer, [bob, bob], { ...pipe, fields: ['expires_at'] });
  expect(text).toBe('expires_at\n""\n""\n');
  expect(parse(text, { skip_empty_lines: true })).toHaveLength(3);
});

describe('what a spreadsheet would run', () => {
  test.each([
    ['=HYPERLINK("http://evil.example")', '\'=HYPERLINK("http://evil.example")'],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['  =1', "'  =1"],
    ['\u00a0=1', "'\u00a0=1"],
    ['\t=1', "'\\x09=1"],
    ['\rx', "'\\x0dx"],
    ['a\n=1', "a\n'=1"],
    ['a\n\n  @x', "a\n\n'  @x"],
    ['a\r\n=1', "a\\x0d\n'=1"],
    ['a=1', 'a=1'],
    ["'=1", "'=1"],
  ])('%j becomes %j', async (text, cell) => {
    expect(await cellFor(text)).toBe(cell);
  });

  test('no line of any cell begins with it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom('=', '+', '@', '-', ' ', '\n', '\r', '\t', 'a', '"', ',') }),
        async (text) => {
          for (const line of String(await cellFor(text)).split('\n'))
            expect(line).not.toMatch(/^[\s\u00a0]*[=+\-@\t\r]/);
        },
      ),
    );
  });

  test('csvRaw leaves it', async () => {
    expect(await cellFor('=1\n@x', true)).toBe('=1\n@x');
  });
});

test.each(hostile)('%j is safe, raw or not', async (evil) => {
  for (const csvRaw of [false, true]) {
    const text = await many(renderer, [{ id: evil, email: evil, user: { id: { [evil]: evil } } }], { ...pipe, csvRaw });
    expect(text.replaceAll('\n', '\n')).not.toMatch(forbidden);
  }
});

test('lines end as in RFC 4180 where that was asked for', async () => {
  const lf = await many(renderer, [bob]);
  expect(await many(renderer, [bob], { ...pipe, csvCrlf: true })).toBe(lf.replaceAll('\n', '\r\n'));
  expect(renderer.one(view, bob, { ...pipe, csvCrlf: true })).toBe(lf.replaceAll('\n', '\r\n'));
});

test('a reader gets back every cell of a raw file', async () => {
  const cell = fc.string({ unit: 'grapheme' }).filter((text) => clean(text) === text && !text.includes('::'));
  const lines = fc.array(cell, { maxLength: 3 }).map((given) => given.join('\n'));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record({ id: lines, email: lines }), { minLength: 1 }), async (items) => {
      const text = await many(renderer, items, { ...pipe, fields: ['email', 'id'], csvRaw: true });
      const records = parse(text, { record_delimiter: '\n' });
      expect(records).toEqual([['email', 'id'], ...items.map(({ id, email }) => [email, id])]);
    }),
  );
});

test('a value nested too deeply is a bad answer', async () => {
  await expect(many(renderer, [{ email: nested(50_000) }])).rejects.toMatchObject({ code: 'bad_response' });
  expect(await many(renderer, [{ ...bob, extra: nested(50_000) }])).toBe(header + bobLine);
});
