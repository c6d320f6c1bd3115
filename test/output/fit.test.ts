import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bordered, borderless, fitColumns } from '../../src/output/text-table.ts';

const state = { width: 10, comfortable: 10, narrowest: 10, rank: 0 };
const email = { width: 40, comfortable: 30, narrowest: 12, rank: 1 };
const id = { width: 8, comfortable: 8, narrowest: 8, rank: 2 };
const created = { width: 20, comfortable: 16, narrowest: 16, rank: 3 };

test.each([
  [91, [8, 40, 10, 20]],
  [88, [8, 37, 10, 20]],
  [77, [8, 30, 10, 16]],
  [76, [8, 40, 10, 0]],
  [58, [8, 30, 10, 0]],
  [40, [8, 12, 10, 0]],
  [39, [0, 22, 10, 0]],
  [29, [0, 12, 10, 0]],
  [28, [0, 0, 10, 0]],
  [1, [0, 0, 10, 0]],
])('in %i columns: the rest goes before the address is shortened, then the id, then the address', (room, widths) => {
  expect(fitColumns([id, email, state, created], room, bordered)).toEqual(widths);
});

test('without borders there is more room', () => {
  expect(fitColumns([id, email, state, created], 35, borderless)).toEqual([8, 13, 10, 0]);
});

test('never wider than the room unless what stays needs it, and no column below its narrowest', () => {
  const anySize = fc
    .record({
      width: fc.integer({ min: 1, max: 60 }),
      cut: fc.integer({ min: 0, max: 59 }),
      rank: fc.integer({ min: 0, max: 5 }),
    })
    .map(({ width, cut, rank }) => {
      const narrowest = Math.max(1, width - cut);
      return { width, comfortable: Math.max(narrowest, Math.min(width, 30)), narrowest, rank };
    });
  fc.assert(
    fc.property(fc.array(anySize, { minLength: 1, maxLength: 8 }), fc.integer({ min: 20, max: 200 }), (sizes, room) => {
      const widths = fitColumns(sizes, room, bordered);
      const drawn = widths.filter((width) => width > 0);
      const total = drawn.reduce((sum, width) => sum + width + 3, 1);
      const stubborn = sizes.filter(({ rank }) => rank === 0).reduce((sum, { narrowest }) => sum + narrowest + 3, 1);
      expect(total).toBeLessThanOrEqual(Math.max(room, stubborn));
      for (const [index, { narrowest, width, rank }] of sizes.entries()) {
        const given = widths[index] ?? -1;
        expect(given === 0 ? rank > 0 : given >= narrowest && given <= width).toBe(true);
      }
    }),
  );
});
