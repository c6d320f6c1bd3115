import { describe, expect, test } from 'vitest';
import { csvTable } from '../../src/people/table.ts';

function read(text: string) {
  return csvTable(text, { kind: 'csv', delimiter: ',', line: 1, start: 0, isBelow: false });
}

describe('a CSV file', () => {
  test('counts every line, empty ones, too', async () => {
    expect(await read('\nemail,role\r\n\r\nann@example.com,A\n\n\nbob@example.com,B')).toMatchObject({
      header: 2,
      rows: [
        { line: 4, cells: ['ann@example.com', 'A'] },
        { line: 7, cells: ['bob@example.com', 'B'] },
      ],
    });
  });

  test('may have no row longer than a million characters', async () => {
    await expect(read(`email\n${'a'.repeat(1_000_002)}\n`)).rejects.toEqual(expect.objectContaining({ line: 2 }));
  });
});
