import { describe, expect, test } from 'vitest';
import { renderer } from '../../src/output/table.ts';
import { ann, batches, bob, type Item, many, numbered, pipe, terminal, view, written } from './samples.ts';

const isIdOrNote = ({ field }: { readonly field: string }) => field === 'id' || field === 'note';

describe('on a pipe', () => {
  test('plain columns, times as the API sent them', async () => {
    expect(`\n${await many(renderer, [ann, bob])}`).toBe(`
ID       EMAIL                             STATE     EXPIRES                      USER      CREATED
i-7od91  ann@example.com                   pending   2026-01-03T12:00:00.123456Z  u-r0jy59  2026-01-01T09:00:00Z
i-2      bob.with.a.long.name@example.com  accepted  -                            -         -
`);
  });

  test('rows as they come, one by one, columns growing when they must', async () => {
    const options = { ...pipe, fields: ['id', 'state'] };
    const { parts } = await written(
      renderer.many(view, batches([{ id: 'a', state: 'x' }], [], [ann, { id: '日' }]), options),
    );
    expect(parts).toEqual(['ID   STATE\na    x\n', 'i-7od91  pending\n日       -\n']);
  });

  test('after a full page there is room for the longest usual values', async () => {
    const page = numbered(50).map((item) => ({ ...item, expires_at: null }));
    const later = { ...ann, state: 'deactivated', expires_at: '2026-01-03T12:00:00Z' };
    const { text } = await written(renderer.many(view, batches<Item>(page, [later]), pipe));
    const lines = text.split('\n');
    expect([lines[0], lines[50], lines[51]]).toEqual([
      'ID    EMAIL            STATE        EXPIRES               USER      CREATED',
      'i-49  ann@example.com  pending      -                     u-r0jy59  2026-01-01T09:00:00Z',
      'i-7od91  ann@example.com  deactivated  2026-01-03T12:00:00Z  u-r0jy59  2026-01-01T09:00:00Z',
    ]);
  });

  test('a column that only later rows need begins another table', async () => {
    const noted = { id: 'i-3', note: 'hello' };
    const source = batches<Item>([{ id: 'i-1' }], [noted], [{ id: 'i-4' }]);
    const { text } = await written(renderer.many({ ...view, columns: view.columns.filter(isIdOrNote) }, source, pipe));
    expect(text).toBe('ID\ni-1\n\nID   NOTE\ni-3  hello\ni-4  -\n');
  });

  test('a bold head and states in color, where colors are forced', async () => {
    const text = await many(renderer, [ann, bob], { ...pipe, color: 1, fields: ['state', 'id'] });
    expect(text).toBe(
      '\x1b[1mSTATE\x1b[22m     \x1b[1mID\x1b[22m\n' +
        '\x1b[33mpending\x1b[39m   i-7od91\n' +
        '\x1b[32maccepted\x1b[39m  i-2\n',
    );
  });
});

describe('on a terminal, for many rows', () => {
  const long = { ...ann, email: 'somebody.with.a.very.long.address.indeed@subsidiary.example.com' };
  const rows = [...numbered(100), long];

  test.each([
    [
      80,
      'ID       EMAIL                                       STATE        EXPIRES',
      'i-7od91  somebody.with.a.very.long.address.indeed@…  pending      in 2 days',
    ],
    [40, 'ID       EMAIL               STATE', 'i-7od91  somebody.with.a.v…  pending'],
  ])('%i columns', async (width, head, last) => {
    const leftOut: string[] = [];
    const text = await many(renderer, rows, { ...terminal, width, leftOut: (titles) => leftOut.push(...titles) });
    const lines = text.split('\n');
    expect([lines.length, lines[0], lines[101]]).toEqual([rows.length + 2, head, last]);
    expect(leftOut).toEqual([...(width < 80 ? ['EXPIRES'] : []), 'USER', 'CREATED']);
  });

  test('on a dumb terminal, for few rows too', async () => {
    const text = await many(renderer, [ann], { ...terminal, borderless: true });
    expect(text.split('\n')[0]).toBe('ID       EMAIL            STATE    EXPIRES    USER      CREATED');
  });
});
