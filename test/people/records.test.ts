import { describe, expect, test } from 'vitest';
import { csvRecords } from '../../src/people/csv-records.ts';
import type { FileRecord } from '../../src/people/record.ts';

async function read(text: string): Promise<FileRecord[]> {
  const records: FileRecord[] = [];
  for await (const record of csvRecords(Buffer.from(text), { delimiter: ',', line: 1, start: 0 })) records.push(record);
  return records;
}

describe('a CSV file', () => {
  test('counts every line, empty ones, too', async () => {
    const records = await read('\nemail,role\r\n\r\nann@example.com,A\n\n\nbob@example.com,B');
    expect(records.map(({ line, cells }) => [line, cells])).toEqual([
      [2, []],
      [4, ['ann@example.com', 'A']],
      [7, ['bob@example.com', 'B']],
    ]);
  });

  test('may have no row longer than a million characters', async () => {
    await expect(read(`email\n${'a'.repeat(1_000_002)}\n`)).rejects.toMatchObject({ line: 2 });
  });
});
