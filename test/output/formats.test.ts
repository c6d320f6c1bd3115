import { expect, test } from 'vitest';
import { allFormats, commonFormats, formatDefinition } from '../../src/output/formats.ts';

test('every format has its renderer', async () => {
  for (const format of allFormats) {
    expect(Object.keys(await formatDefinition(format).load()), format).toEqual(['many', 'one']);
  }
});

test('a program reads all but the table', () => {
  expect(allFormats.filter((format) => formatDefinition(format).reader === 'person')).toEqual(['table']);
});

test('markdown is for commands that ask for it', () => {
  expect(commonFormats).toEqual(['table', 'json', 'ndjson', 'csv', 'yaml', 'id']);
  expect(allFormats).toEqual([...commonFormats, 'markdown']);
});
