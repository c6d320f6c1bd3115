import { describe, expect, test } from 'vitest';
import { renderer } from '../../src/output/table.ts';
import { ann, batches, bob, failing, many, numbered, pipe, view, written } from './samples.ts';

describe('on a pipe', () => {
  test('plain columns, times as the API sent them', async () => {
    expect(`\n${await many(renderer, [ann, bob])}`).toBe(`
ID       EMAIL                             STATE     EXPIRES                      USER      CREATED
i-7od91  ann@example.com                   pending   2026-01-03T12:00:00.123456Z  u-r0jy59  2026-01-01T09:00:00Z
i-2      bob.with.a.long.name@example.com  accepted  -                            -         -
`);
  });

  test('rows as they come, columns growing when they must', async () => {
    const paper = { ...pipe, fields: ['id', 'state'] };
    const { parts } = await written(
      renderer.many(view, batches([{ id: 'a', state: 'x' }], [], [ann, { id: '日' }]), paper),
    );
    expect(parts).toEqual(['ID   STATE\na    x\n', 'i-7od91  pending\n日       -\n']);
  });

  test('what came before a failure is written', async () => {
    const error = new Error('page 2');
    const paper = { ...pipe, fields: ['id'] };
    expect(await written(renderer.many(view, failing([bob], error), paper))).toMatchObject({
      text: 'ID\ni-2\n',
      error,
    });
  });

  test('fields that were asked for, however many', async () => {
    expect(
      await many(renderer, [ann], { ...pipe, width: 20, fields: ['user.related', 'user', 'metadata.created_at'] }),
    ).toBe(
      'USER.RELATED                      USER      METADATA.CREATED_AT\n' +
        'https://api.example.com/u-r0jy59  u-r0jy59  2026-01-01T09:00:00Z\n',
    );
  });

  test('20,000 rows at once, each a line', async () => {
    const text = await many(renderer, numbered(20_000));
    expect(text.split('\n')).toHaveLength(20_002);
  });
});
