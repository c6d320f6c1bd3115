import { expect, test } from 'vitest';
import { loadStyle, paintState, plainStyle } from '../../src/output/style.ts';

test('level 0 leaves every text as it is and is there without chalk', async () => {
  const style = await loadStyle(0);
  expect(style).toBe(plainStyle);
  expect(Object.values(style).map((paint) => paint('x'))).toEqual(['x', 'x', 'x', 'x', 'x', 'x']);
});

test('other levels color, whatever the environment of the test says', async () => {
  const style = await loadStyle(1);
  expect(style.bold('x')).toBe('\x1b[1mx\x1b[22m');
  expect(style.cyan('x')).toBe('\x1b[36mx\x1b[39m');
});

test.each([
  ['pending', '\x1b[33mpending\x1b[39m'],
  ['accepted', '\x1b[32maccepted\x1b[39m'],
  ['expired', '\x1b[31mexpired\x1b[39m'],
  ['staged', '\x1b[2mstaged\x1b[22m'],
  ['constructor', '\x1b[2mconstructor\x1b[22m'],
])('the state %s keeps its word under the color', async (state, painted) => {
  expect(paintState(state, await loadStyle(1))).toBe(painted);
});
