import { describe, expect, test } from 'vitest';
import { renderer } from '../../src/output/table.ts';
import { ann, forbidden, hostile, many, nested, pipe, terminal, view, wide } from './samples.ts';

describe('cells', () => {
  test.each<[unknown, string]>([
    [null, '-'],
    [undefined, '-'],
    ['', '-'],
    [0, '0'],
    [false, 'false'],
    [[], '-'],
    [['a', 'b'], 'a, b'],
    [[1, null], '[1,null]'],
    [{ id: 'u-1', kind: 'User' }, 'u-1'],
    [{ id: 5 }, '{"id":5}'],
    [{ content: 'x', colSpan: 2 }, '{"content":"x","colSpan":2}'],
    [new Date(0), '"1970-01-01T00:00:00.000Z"'],
    ['INVITE_STATUS_NEW', 'INVITE_STATUS_NEW'],
    ['a\nb\tc\u2028d', 'a\\x0ab\\x09c\\u2028d'],
    ['\u064b', ' \u064b'],
  ])('%j is shown as %s', async (state, shown) => {
    const fields = ['state', 'id'];
    const [, line] = (await many(renderer, [{ state, id: 'i-1' }], { ...pipe, fields })).split('\n');
    expect(line?.slice(0, line.lastIndexOf('i-1')).trimEnd()).toBe(shown);
    expect(await many(renderer, [{ state, id: 'i-1' }], { ...terminal, fields })).toContain(`│ ${shown} `);
  });

  test.each([
    ['0001-01-01T00:00:00Z', '-', '-'],
    ['0001-01-01T00:00:00+00:00', '-', '-'],
    ['tomorrow', 'tomorrow', 'tomorrow'],
    [12, '12', '12'],
    ['2026-01-01T11:00:00-02:00', '2026-01-01T11:00:00-02:00', 'in 1 hour'],
  ])('the time %j is %s on a pipe and %s on a terminal', async (expires_at, piped, shown) => {
    const fields = ['expires_at'];
    expect(await many(renderer, [{ expires_at }], { ...pipe, fields })).toBe(`EXPIRES_AT\n${piped}\n`);
    expect(await many(renderer, [{ expires_at }], { ...terminal, fields })).toContain(`│ ${shown} `);
  });

  test.each(hostile)('%j is one safe line of an aligned table', async (evil) => {
    for (const paper of [pipe, wide]) {
      const text = await many(renderer, [{ id: evil, email: evil, state: evil, expires_at: evil }, ann], paper);
      expect(text).not.toMatch(forbidden);
      expect(text.split('\n')).toHaveLength(paper.isTTY ? 7 : 4);
    }
    expect(renderer.one(view, { id: evil, expires_at: evil }, terminal)).not.toMatch(forbidden);
  });

  test.each([
    ['32 kB of ESC', '\x1b'.repeat(32_768)],
    ['32 kB of unfinished escape sequences', '\x1b[1;'.repeat(8192)],
    ['1 MiB of text', 'a'.repeat(1_048_576)],
    ['1 MiB of marks', `a${'\u0301'.repeat(1_048_575)}`],
    ['1 MiB beyond ASCII', '日'.repeat(349_525)],
  ])('%s are cut, and soon', async (_, email) => {
    for (const paper of [pipe, terminal]) {
      const text = await many(renderer, Array(20).fill({ id: 'i-1', email }), { ...paper, fields: ['email', 'id'] });
      expect(text).toContain('…');
      expect(text.length).toBeLessThan(24 * 520 * 2);
    }
  });

  test('a value nested too deeply is a bad answer, beside the columns it does not matter', async () => {
    await expect(many(renderer, [{ email: nested(50_000) }])).rejects.toMatchObject({ code: 'bad_response' });
    expect(await many(renderer, [{ id: 'i-1', extra: nested(50_000) }], { ...pipe, fields: ['id'] })).toBe('ID\ni-1\n');
  });

  test('keys named like those of every object are nothing special', async () => {
    const odd = JSON.parse('{"id":"i-1","__proto__":{"email":"evil@example.com"},"constructor":{"name":"x"}}');
    expect(await many(renderer, [odd], { ...pipe, fields: ['id', 'email'] })).toBe('ID   EMAIL\ni-1  -\n');
  });
});
