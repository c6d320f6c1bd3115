import { expect, test } from 'vitest';
import { escaped } from '../../src/output/markdown.ts';

/** What GitHub makes of text: the first group of each would become a link, a mention or a reference. */
const live =
  /https?:\/\/|\bwww\.|mailto:(?!<)|(?<!\w)@\w|(?<!&)#\d|\bGH-\d|(?<!\\)<(?!!-- -->)|!\[|(?<!\\)\]\(|(?<!\\)[[`*]/gi;

test.each([
  ['see https://evil.example/x', 'https:<!-- -->//evil.example/x'],
  ['www.evil.example', 'www<!-- -->.evil.example'],
  ['mailto:ann@example.com', 'mailto:<!-- -->ann@example.com'],
  ['@org/security', '@<!-- -->org/security'],
  ['(@ann) .@ann', '(@<!-- -->ann) .@<!-- -->ann'],
  ['#1, org/repo#1, GH-1', '\\#<!-- -->1, org/repo\\#<!-- -->1, GH<!-- -->-1'],
  ['[click](https://evil.example)', '\\[click\\](https:<!-- -->//evil.example)'],
  ['<img src=x> ![x](y)', '\\<img src=x\\> \\!\\[x\\](y)'],
])('%s is text', (text, expected) => {
  const shown = escaped(text);
  expect(shown).toContain(expected);
  expect(shown.match(live)).toBeNull();
});

test('an address stays one that can be copied', () => {
  expect(escaped('ann.b@example.com')).toBe('ann.b@example.com');
});
