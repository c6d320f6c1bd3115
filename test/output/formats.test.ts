import { expect, test } from 'vitest';
import { formats, isMachineReadable, loadRenderer } from '../../src/output/formats.ts';

test('every format has its renderer', async () => {
  expect(formats).toEqual(['table', 'json', 'ndjson', 'csv', 'yaml', 'id']);
  for (const format of formats) {
    const renderer = await loadRenderer(format);
    expect(Object.keys(renderer)).toEqual(['many', 'one']);
  }
});

test('a program reads all but the table', () => {
  expect(formats.filter((format) => !isMachineReadable(format))).toEqual(['table']);
});
