import { describe, expect, test } from 'vitest';
import { renderer } from '../../src/output/table.ts';
import { ann, batches, bob, failing, type Item, many, numbered, terminal, view, wide, written } from './samples.ts';

/** The golden tables below begin with a line end, for the eye. */
const drawn = async (items: readonly Item[], options = terminal) => `\n${await many(renderer, items, options)}`;

describe('on a terminal', () => {
  const lin = {
    id: 'i-3',
    email: '林@例え.jp',
    state: 'expired',
    expires_at: '2025-12-31T12:00:00Z',
    user: { id: 'u-e\u0301👍🏽' },
  };

  test('200 columns', async () => {
    expect(await drawn([ann, bob, lin], wide)).toBe(`
┌─────────┬──────────────────────────────────┬──────────┬───────────┬──────────┬─────────────┐
│ ID      │ EMAIL                            │ STATE    │ EXPIRES   │ USER     │ CREATED     │
├─────────┼──────────────────────────────────┼──────────┼───────────┼──────────┼─────────────┤
│ i-7od91 │ ann@example.com                  │ pending  │ in 2 days │ u-r0jy59 │ 3 hours ago │
│ i-2     │ bob.with.a.long.name@example.com │ accepted │ -         │ -        │ -           │
│ i-3     │ 林@例え.jp                       │ expired  │ 1 day ago │ u-e\u0301👍🏽    │ -           │
└─────────┴──────────────────────────────────┴──────────┴───────────┴──────────┴─────────────┘
`);
  });

  test('40 columns: the address is shortened, what is left out is told', async () => {
    const leftOut: string[] = [];
    const options = { ...terminal, width: 40, leftOut: (titles: readonly string[]) => leftOut.push(...titles) };
    expect(await drawn([ann, bob, lin], options)).toBe(`
┌─────────┬─────────────────┬──────────┐
│ ID      │ EMAIL           │ STATE    │
├─────────┼─────────────────┼──────────┤
│ i-7od91 │ ann@example.com │ pending  │
│ i-2     │ bob.with.a.lon… │ accepted │
│ i-3     │ 林@例え.jp      │ expired  │
└─────────┴─────────────────┴──────────┘
`);
    expect(leftOut).toEqual(['EXPIRES', 'USER', 'CREATED']);
  });

  test('of the fields that were asked for the last ones go first', async () => {
    const leftOut: string[] = [];
    const told = { leftOut: (titles: readonly string[]) => leftOut.push(...titles) };
    const options = { ...terminal, ...told, width: 40, fields: ['email', 'user.related', 'id', 'EXPIRES'] };
    expect(await drawn([ann], options)).toBe(`
┌──────────────┬─────────────┬─────────┐
│ EMAIL        │ USER.RELAT… │ ID      │
├──────────────┼─────────────┼─────────┤
│ ann@example… │ https://ap… │ i-7od91 │
└──────────────┴─────────────┴─────────┘
`);
    expect(leftOut).toEqual(['EXPIRES']);
  });

  test.each([0, -1, Number.NaN, 1, 19])('a width of %d is none that a terminal has', async (width) => {
    const like = width > 0 ? 20 : 80;
    expect(await drawn([ann, bob], { ...terminal, width })).toBe(await drawn([ann, bob], { ...terminal, width: like }));
  });

  test('the head is bold and the state colored, nothing else', async () => {
    expect(await drawn([ann, bob], { ...terminal, color: 1, fields: ['id', 'state'] })).toBe(`
┌─────────┬──────────┐
│ \x1b[1mID\x1b[22m      │ \x1b[1mSTATE\x1b[22m    │
├─────────┼──────────┤
│ i-7od91 │ \x1b[33mpending\x1b[39m  │
│ i-2     │ \x1b[32maccepted\x1b[39m │
└─────────┴──────────┘
`);
  });

  test('nothing is drawn before all is there, and nothing at all if the source fails', async () => {
    const { parts } = await written(renderer.many(view, batches([ann], [], [bob]), terminal));
    expect(parts).toHaveLength(1);
    const error = new Error('page 2');
    expect(await written(renderer.many(view, failing([ann], error), terminal))).toEqual({ text: '', parts: [], error });
  });

  test('a hundred rows are drawn, more of them are plain', async () => {
    expect(await many(renderer, numbered(100), terminal)).toContain('│ i-99 ');
    const source = batches(numbered(60), numbered(60), numbered(1));
    const { parts, text } = await written(renderer.many(view, source, { ...terminal, color: 1 }));
    expect(parts).toHaveLength(2);
    expect(text.split('\n')).toHaveLength(123);
    expect(text).not.toContain('│');
  });
});
