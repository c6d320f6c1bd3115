// What json, ndjson, csv, yaml and id have in common, and what each of them is for.

import { parse as parseCsv } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { renderer as csv } from '../../src/output/csv.ts';
import { formatDefinition } from '../../src/output/formats.ts';
import { jsonRenderer as json, ndjsonRenderer as ndjson } from '../../src/output/json.ts';
import type { Renderer, RenderOptions } from '../../src/output/view.ts';
import { renderer as yaml } from '../../src/output/yaml.ts';
import { clean } from '../../src/text/sanitize.ts';
import {
  ann,
  batches,
  bob,
  failing,
  forbidden,
  hostile,
  type Item,
  many,
  nested,
  pipe,
  terminal,
  view,
  written,
} from './samples.ts';

const id = await formatDefinition('id').load();

const lineOf = (item: unknown) => `${JSON.stringify(item)}\n`;
const header = 'id,email,state,expires_at,user.id,metadata.created_at\n';
const annRecord = 'i-7od91,ann@example.com,pending,2026-01-03T12:00:00.123456Z,u-r0jy59,2026-01-01T09:00:00Z\n';
const bobRecord = 'i-2,bob.with.a.long.name@example.com,accepted,,,\n';
const annYaml = `id: i-7od91
email: ann@example.com
state: pending
expires_at: "2026-01-03T12:00:00.123456Z"
user:
  id: u-r0jy59
  related: https://api.example.com/u-r0jy59
metadata:
  created_at: "2026-01-01T09:00:00Z"
`;
const inSequence = (text: string) => text.replace(/^/gm, '  ').replace('  ', '- ').trimEnd().concat('\n');
const bobYaml = 'id: i-2\nemail: bob.with.a.long.name@example.com\nstate: accepted\nexpires_at: null\nuser: null\n';

interface Golden {
  readonly renderer: Renderer;
  readonly none: string;
  /** Of a batch of one, an empty batch, and a batch of another one. */
  readonly parts: readonly string[];
  readonly one: string;
  /** Of `user.id` and `id`. */
  readonly fields: string;
  /** What is written of one item before the source fails. */
  readonly failed: string;
}

const goldens: Record<string, Golden> = {
  json: {
    renderer: json,
    none: '[]\n',
    parts: [`[${JSON.stringify(ann)}`, `,\n${JSON.stringify(bob)}`, ']\n'],
    one: lineOf(ann),
    fields: '[{"user":{"id":"u-r0jy59"},"id":"i-7od91"},\n{"user":{"id":null},"id":"i-2"}]\n',
    failed: `[${JSON.stringify(ann)}`,
  },
  ndjson: {
    renderer: ndjson,
    none: '',
    parts: [lineOf(ann), lineOf(bob)],
    one: lineOf(ann),
    fields: '{"user":{"id":"u-r0jy59"},"id":"i-7od91"}\n{"user":{"id":null},"id":"i-2"}\n',
    failed: lineOf(ann),
  },
  csv: {
    renderer: csv,
    none: header,
    parts: [header + annRecord, bobRecord],
    one: header + annRecord,
    fields: 'user.id,id\nu-r0jy59,i-7od91\n,i-2\n',
    failed: header + annRecord,
  },
  yaml: {
    renderer: yaml,
    none: '[]\n',
    parts: [inSequence(annYaml), inSequence(bobYaml)],
    one: annYaml,
    fields: '- user:\n    id: u-r0jy59\n  id: i-7od91\n- user:\n    id: null\n  id: i-2\n',
    failed: inSequence(annYaml),
  },
  id: {
    renderer: id,
    none: '',
    parts: ['i-7od91\n', 'i-2\n'],
    one: 'i-7od91\n',
    fields: 'i-7od91\ni-2\n',
    failed: 'i-7od91\n',
  },
};

describe.each(Object.entries(goldens))('%s', (_, { renderer, none, parts, one, fields, failed }) => {
  test('nothing, many as their batches come, and one', async () => {
    expect(await many(renderer, [])).toBe(none);
    expect((await written(renderer.many(view, batches([ann], [], [bob]), pipe))).parts).toEqual(parts);
    expect(renderer.one(view, ann, pipe)).toBe(one);
  });

  test('only the fields asked for, in their order', async () => {
    expect(await many(renderer, [ann, bob], { ...pipe, fields: ['user.id', 'id'] })).toBe(fields);
  });

  test('what is written of a source that fails', async () => {
    const error = new Error('page 2');
    expect(await written(renderer.many(view, failing([ann], error), pipe))).toMatchObject({ text: failed, error });
    // Nothing, for a reader would take a header or [] for an empty list.
    expect(await written(renderer.many(view, failing([], error), pipe))).toMatchObject({ text: '', error });
  });
});

/** What a reader makes of the text for many items. */
const readers: Record<string, { readonly renderer: Renderer; read(text: string): unknown; readonly paper?: object }> = {
  json: { renderer: json, read: (text) => JSON.parse(text) },
  'json on a terminal': { renderer: json, read: (text) => JSON.parse(text), paper: terminal },
  ndjson: {
    renderer: ndjson,
    read: (text) =>
      text
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line)),
  },
  yaml: { renderer: yaml, read: (text) => parseYaml(text) },
};

describe.each(Object.entries(readers))('%s', (name, { renderer, read, paper = {} }) => {
  test.each(hostile)('%j keeps its value and is safe on a terminal', async (evil) => {
    if (name === 'yaml' && /\p{Cs}/u.test(evil)) return;
    const items = [{ id: evil, [evil]: [`long ${evil}`.repeat(20)] }, ann];
    const text = await many(renderer, items, { ...pipe, ...paper });
    expect(text).not.toMatch(forbidden);
    expect(text).not.toContain('\t');
    expect(read(text)).toEqual(items);
    expect(renderer.one(view, items[0] ?? {}, { ...pipe, ...paper })).not.toMatch(forbidden);
  });

  test('an answer nested too deeply is a bad one, where it is shown', async () => {
    const deep = { id: 'i-1', extra: nested(50_000) };
    const { error, text } = await written(renderer.many(view, batches([deep]), { ...pipe, ...paper }));
    expect([error, text]).toEqual([expect.objectContaining({ code: 'bad_response', exitCode: 3 }), '']);
    expect(() => renderer.one(view, deep, terminal)).toThrow('nested so deeply');
    expect(read(await many(renderer, [deep], { ...pipe, fields: ['id'] }))).toEqual([{ id: 'i-1' }]);
  });
});

describe('json', () => {
  test('is indented for a person', async () => {
    const { text } = await written(json.many(view, batches([ann], [bob, {}]), terminal));
    expect(text).toBe(`${JSON.stringify([ann, bob, {}], null, 2)}\n`);
    expect(json.one(view, ann, terminal)).toBe(`${JSON.stringify(ann, null, 2)}\n`);
    expect(ndjson.one(view, ann, terminal)).toBe(lineOf(ann));
  });
});

describe('csv', () => {
  const cellFor = async (email: unknown, csvRaw = false) => {
    const text = await many(csv, [{ email }], { ...pipe, fields: ['email', 'id'], csvRaw });
    return parseCsv(text, { from: 2 })[0]?.[0];
  };

  test.each([
    [null, ''],
    [undefined, ''],
    [5, '5'],
    [false, 'false'],
    ['a,b', 'a,b'],
    ['say "x"', 'say "x"'],
    [['x', { y: 1 }], '["x",{"y":1}]'],
    // What a spreadsheet would run.
    ['=HYPERLINK("http://evil.example")', '\'=HYPERLINK("http://evil.example")'],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['  =1', "'  =1"],
    ['\u00a0=1', "'\u00a0=1"],
    ['\t=1', "'\\x09=1"],
    ['\rx', "'\\x0dx"],
    ['a\n\n  @x', "a\n\n'  @x"],
    ['a\r\n=1', "a\\x0d\n'=1"],
    ['a=1', 'a=1'],
    ["'=1", "'=1"],
  ])('the value %j is the cell %j', async (value, cell) => {
    expect(await cellFor(value)).toBe(cell);
  });

  test('csvRaw leaves what a spreadsheet would run, and a reader gets back every cell', async () => {
    expect(await cellFor('=1\n@x', true)).toBe('=1\n@x');
    const cell = fc.string({ unit: 'grapheme' }).filter((text) => clean(text) === text && !text.includes('::'));
    const lines = fc.array(cell, { maxLength: 3 }).map((given) => given.join('\n'));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ id: lines, email: lines }), { minLength: 1 }), async (items) => {
        const text = await many(csv, items, { ...pipe, fields: ['email', 'id'], csvRaw: true });
        const records = parseCsv(text, { record_delimiter: '\n' });
        expect(records).toEqual([['email', 'id'], ...items.map(({ id, email }) => [email, id])]);
      }),
    );
  });

  test('the year 1 is no time, and a record of one empty cell is still a record', async () => {
    const never: Item = { expires_at: '0001-01-01T00:00:00Z' };
    expect(await many(csv, [never, bob], { ...pipe, fields: ['expires_at'] })).toBe('expires_at\n""\n""\n');
  });

  test.each(hostile)('%j is safe, raw or not', async (evil) => {
    for (const csvRaw of [false, true]) {
      const item = { id: evil, email: evil, user: { id: { [evil]: evil } } };
      expect(await many(csv, [item], { ...pipe, csvRaw })).not.toMatch(forbidden);
    }
  });

  test('lines end as in RFC 4180 where that was asked for', async () => {
    const paper: RenderOptions = { ...pipe, csvCrlf: true };
    expect(await many(csv, [bob], paper)).toBe((header + bobRecord).replaceAll('\n', '\r\n'));
    expect(csv.one(view, bob, paper)).toBe(await many(csv, [bob], paper));
  });
});

describe('yaml', () => {
  test('a reader of YAML 1.1 sees texts as texts', () => {
    const words = { a: 'yes', b: 'no', c: '012', d: '1:20', e: '2026-01-02', f: '~', g: 'null' };
    expect(parseYaml(yaml.one(view, words, pipe), { version: '1.1' })).toEqual(words);
  });

  test('the same object twice is written twice, without an anchor', () => {
    const user = { id: 'u-1' };
    expect(yaml.one(view, { user, creator: user }, pipe)).toBe('user:\n  id: u-1\ncreator:\n  id: u-1\n');
  });

  test.each(['word '.repeat(100), 'line\n'.repeat(50), '\u202eword\n'.repeat(50)])(
    'one line, however long: %j',
    (id) => {
      const text = yaml.one(view, { id }, pipe);
      expect([text.split('\n').length, parseYaml(text)]).toEqual([2, { id }]);
    },
  );

  test('a lone surrogate is spelled out', () => {
    expect(yaml.one(view, { id: 'a\ud800' }, pipe)).toBe('id: "a\\ud800"\n');
  });

  test('a reader gets back every value', () => {
    const text = fc.string({
      unit: fc.oneof(fc.constantFrom(...'\'"-#:[]{}|>&*!%@`,? \n\t\\~'), fc.string({ unit: 'grapheme', maxLength: 1 })),
    });
    fc.assert(
      fc.property(fc.array(fc.record({ id: text, email: text }), { minLength: 1, maxLength: 3 }), (items) => {
        expect(items.map((item) => parseYaml(yaml.one(view, item, pipe)))).toEqual(items);
      }),
    );
  });
});

describe('id', () => {
  test('nothing for an item without one', async () => {
    expect([await many(id, [{ email: 'x' }, { id: '' }, bob]), id.one(view, {}, pipe)]).toEqual(['i-2\n', '']);
  });

  test.each(hostile)('%j is one safe line', async (evil) => {
    const text = await many(id, [{ id: evil }]);
    expect(text).toMatch(/^[^\n]+\n$/);
    expect(text).not.toMatch(forbidden);
  });
});
