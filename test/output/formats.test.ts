import { expect, test } from 'vitest';
import { allFormats, commonFormats, formatDefinition } from '../../src/output/formats.ts';

test('a program reads all but the table', () => {
  expect(allFormats.filter((format) => formatDefinition(format).reader === 'person')).toEqual(['table']);
});

test('markdown is for commands that ask for it', () => {
  expect(commonFormats).toEqual(['table', 'json', 'ndjson', 'csv', 'yaml', 'id']);
  expect(allFormats).toEqual([...commonFormats, 'markdown']);
});
