import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitColumns } from '../../src/output/drawn-table.ts';

const id = { width: 8, least: 8, rank: 0 };
const state = { width: 10, least: 10, rank: 1 };
const name = { width: 40, least: 16, rank: 2 };

test.each([
  [80, [8, 10, 40]],
  [68, [8, 10, 40]],
  [67, [8, 10, 39]],
  [44, [8, 10, 16]],
  [43, [8, 10, 0]],
  [25, [8, 10, 0]],
  [24, [8, 0, 0]],
  [1, [8, 0, 0]],
])('in %i columns', (room, widths) => {
  expect(fitColumns([id, state, name], room)).toEqual(widths);
});

test('never wider than the room unless what stays needs it, and no column below its least', () => {
  const wish = fc
    .record({
      width: fc.integer({ min: 1, max: 60 }),
      cut: fc.integer({ min: 0, max: 59 }),
      rank: fc.integer({ min: 0, max: 5 }),
    })
    .map(({ width, cut, rank }) => ({ width, least: Math.max(1, width - cut), rank }));
  fc.assert(
    fc.property(fc.array(wish, { minLength: 1, maxLength: 8 }), fc.integer({ min: 20, max: 200 }), (wishes, room) => {
      const widths = fitColumns(wishes, room);
      const drawn = widths.filter((width) => width > 0);
      const total = drawn.reduce((sum, width) => sum + width + 3, 1);
      const stubborn = wishes.filter(({ rank }) => rank === 0).reduce((sum, { least }) => sum + least + 3, 1);
      expect(total).toBeLessThanOrEqual(Math.max(room, stubborn));
      for (const [index, { least, width, rank }] of wishes.entries()) {
        const given = widths[index] ?? -1;
        expect(given === 0 ? rank > 0 : given >= least && given <= width).toBe(true);
      }
    }),
  );
});
