import { describe, expect, test } from 'vitest';
import { renderer } from '../../src/output/table.ts';
import {
  ann,
  batches,
  bob,
  failing,
  type Item,
  many,
  numbered,
  pipe,
  terminal,
  view,
  wide,
  written,
} from './samples.ts';

/** The golden tables below begin with a line end, for the eye. */
const drawn = async (items: readonly Item[], paper = terminal) => `\n${await many(renderer, items, paper)}`;

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

  test('80 columns', async () => {
    expect(await drawn([ann, bob, lin])).toBe(`
┌─────────┬──────────────────────────────────┬──────────┬───────────┐
│ ID      │ EMAIL                            │ STATE    │ EXPIRES   │
├─────────┼──────────────────────────────────┼──────────┼───────────┤
│ i-7od91 │ ann@example.com                  │ pending  │ in 2 days │
│ i-2     │ bob.with.a.long.name@example.com │ accepted │ -         │
│ i-3     │ 林@例え.jp                       │ expired  │ 1 day ago │
└─────────┴──────────────────────────────────┴──────────┴───────────┘
`);
  });

  test('40 columns', async () => {
    expect(await drawn([ann, lin], { ...terminal, width: 40 })).toBe(`
┌─────────┬─────────────────┬─────────┐
│ ID      │ EMAIL           │ STATE   │
├─────────┼─────────────────┼─────────┤
│ i-7od91 │ ann@example.com │ pending │
│ i-3     │ 林@例え.jp      │ expired │
└─────────┴─────────────────┴─────────┘
`);
  });

  test('what has rank 0 is neither dropped nor cut', async () => {
    expect(await drawn([bob], { ...terminal, width: 40 })).toBe(`
┌─────┬──────────────────────────────────┐
│ ID  │ EMAIL                            │
├─────┼──────────────────────────────────┤
│ i-2 │ bob.with.a.long.name@example.com │
└─────┴──────────────────────────────────┘
`);
  });

  test('long cells are cut where a few columns are missing', async () => {
    const long = {
      id: 'i-1',
      email: 'a@b.co',
      state: 'INVITE_STATUS_OF_TOMORROW',
      user: { id: '日本日本日本日本日本日本' },
    };
    expect(await drawn([long], { ...terminal, width: 79 })).toBe(`
┌─────┬────────┬────────────────────┬─────────┬─────────────────────┬─────────┐
│ ID  │ EMAIL  │ STATE              │ EXPIRES │ USER                │ CREATED │
├─────┼────────┼────────────────────┼─────────┼─────────────────────┼─────────┤
│ i-1 │ a@b.co │ INVITE_STATUS_OF_… │ -       │ 日本日本日本日本日… │ -       │
└─────┴────────┴────────────────────┴─────────┴─────────────────────┴─────────┘
`);
  });

  test('fields that were asked for all stay', async () => {
    const paper = { ...terminal, width: 40, fields: ['email', 'user.related', 'id', 'expires_at'] };
    expect(await drawn([ann], paper)).toBe(`
┌──────────┬──────────┬─────────┬──────────┐
│ EMAIL    │ USER.RE… │ ID      │ EXPIRES… │
├──────────┼──────────┼─────────┼──────────┤
│ ann@exa… │ https:/… │ i-7od91 │ in 2 da… │
└──────────┴──────────┴─────────┴──────────┘
`);
  });

  test.each([0, -1, Number.NaN, 1, 19])('a width of %d is none that a terminal has', async (width) => {
    const like = width > 0 ? 20 : 80;
    expect(await drawn([ann, bob], { ...terminal, width })).toBe(await drawn([ann, bob], { ...terminal, width: like }));
  });

  test('the head is bold and the state coloured, nothing else', async () => {
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
    expect(text).toBe(
      await written(renderer.many(view, batches(numbered(60), numbered(60), numbered(1)), pipe)).then(
        (plain) => plain.text,
      ),
    );
  });
});
