import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderer } from '../../src/output/table.ts';
import { clean } from '../../src/text/sanitize.ts';
import { widthOf } from '../../src/text/width.ts';
import { ann, type Item, many, pipe, wide } from './samples.ts';

/** The cells of each line, with the blanks that fill them up. */
const cellsOf = {
  drawn: (text: string) =>
    text
      .split('\n')
      .filter((line) => line.startsWith('│'))
      .map((line) => line.slice(2, -2).split(' │ ')),
  plain: (text: string, widths: readonly number[]) =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => {
        let rest = line;
        return widths.map((width) => {
          let cell = '';
          while (rest !== '' && widthOf(cell + rest[0]) <= width) [cell, rest] = [cell + rest[0], rest.slice(1)];
          rest = rest.slice(2);
          return cell + ' '.repeat(width - widthOf(cell));
        });
      }),
};

test('both tables hold the same cells, filled up to the same width', async () => {
  const cell = fc.oneof(
    fc.constantFrom('日本', 'e\u0301x', 'नि', 'ﾊﾝｶｸ', '…', 'a b'),
    fc.string({ unit: 'grapheme-ascii' }),
    fc.string({ unit: fc.constantFrom('a', '日', 'é', 'ж', '\u064b', '-') }),
  );
  const row = fc.record({ id: cell, email: cell, state: cell }).map((item) => {
    const entries = Object.entries(item).map(([key, text]) => [
      key,
      clean(text)
        // A line that begins with :: is escaped in plain columns; behind a border none does.
        .replaceAll(/[│ ]{2,}|│|::/g, '.')
        .trim(),
    ]);
    return Object.fromEntries(entries) as Item;
  });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 5 }), async (items) => {
      const fields = ['id', 'email', 'state'];
      const boxes = cellsOf.drawn(await many(renderer, [...items, ann], { ...wide, width: 2000, fields }));
      const widths = (boxes[0] ?? []).map(widthOf);
      expect(cellsOf.plain(await many(renderer, [...items, ann], { ...pipe, fields }), widths)).toEqual(boxes);
    }),
  );
});
