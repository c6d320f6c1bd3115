import { expect, test } from 'vitest';
import { type Format, formatDefinition, formatDefinitions, formatsWith } from '../../src/output/formats.ts';

const names = Object.keys(formatDefinitions) as Format[];

test('every format has its renderer', async () => {
  for (const format of names) {
    expect(Object.keys(await formatDefinition(format).load()), format).toEqual(['many', 'one']);
  }
});

test('a program reads all but the table', () => {
  expect(names.filter((format) => formatDefinition(format).reader === 'person')).toEqual(['table']);
});

test('markdown is for commands that ask for it', () => {
  expect(formatsWith()).toEqual(['table', 'json', 'ndjson', 'csv', 'yaml', 'id']);
  expect(formatsWith(['markdown'])).toEqual([...formatsWith(), 'markdown']);
});
