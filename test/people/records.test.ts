import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FileRecord } from '../../src/people/record.ts';
import { csvRecords } from '../../src/people/records.ts';

async function read(text: string, delimiter: string): Promise<FileRecord[]> {
  const records: FileRecord[] = [];
  for await (const record of csvRecords(Buffer.from(text), delimiter)) records.push(record);
  return records;
}

describe('a file without quotes', () => {
  const cell = fc.constantFrom('', ' ', 'a', 'b@x.com', 'ż 例', ' padded ', '-');
  const table = fc.record({
    rows: fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 8 }),
    end: fc.constantFrom('\n', '\r\n', '\r'),
    isEnded: fc.boolean(),
    delimiter: fc.constantFrom(',', ';', '\t'),
  });

  test('is read as if every cell had them', async () => {
    await fc.assert(
      fc.asyncProperty(table, async ({ rows, end, isEnded, delimiter }) => {
        const textOf = (written: (cell: string) => string) =>
          rows.map((cells) => cells.map(written).join(delimiter)).join(end) + (isEnded ? end : '');
        const quoted = await read(
          textOf((cell) => `"${cell}"`),
          delimiter,
        );
        expect(
          await read(
            textOf((cell) => cell),
            delimiter,
          ),
        ).toEqual(quoted);
      }),
      { numRuns: 500 },
    );
  });

  test('counts every line, empty ones, too', async () => {
    const records = await read('\nemail,role\r\n\r\nann@example.com,A\n\n\nbob@example.com,B', ',');
    expect(records.map(({ line, cells }) => [line, cells])).toEqual([
      [2, []],
      [4, ['ann@example.com', 'A']],
      [7, ['bob@example.com', 'B']],
    ]);
  });

  test('may have no row longer than a million characters', async () => {
    await expect(read(`email\n${'a'.repeat(1_000_001)}\n`, ',')).rejects.toMatchObject({ line: 2 });
  });
});
