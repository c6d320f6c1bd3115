import { expect, test } from 'vitest';
import { colorLevel, loadStyle, paintState, plainStyle } from '../../src/output/style.ts';

type Wish = Parameters<typeof colorLevel>[0];

const tty = { isTTY: true };
const pipe = { isTTY: false };
const xterm = { TERM: 'xterm' };

test.each<[string, Wish, number]>([
  ['a terminal has colors', { ...tty, env: xterm }, 1],
  ['as many as it says', { ...tty, env: { TERM: 'xterm-256color' } }, 2],
  ['or all', { ...tty, env: { ...xterm, COLORTERM: 'truecolor' } }, 3],
  ['a pipe has none', { ...pipe, env: xterm }, 0],
  ['nor has a dumb terminal', { ...tty, env: { TERM: 'dumb' } }, 0],
  ['auto is the default', { ...tty, flag: 'auto', env: { NO_COLOR: '1' } }, 0],
  ['NO_COLOR', { ...tty, env: { ...xterm, NO_COLOR: '1' } }, 0],
  ['NO_COLOR, whatever it holds', { ...tty, env: { ...xterm, NO_COLOR: '0' } }, 0],
  ['an empty NO_COLOR is unset', { ...tty, env: { ...xterm, NO_COLOR: '' } }, 1],
  [
    'NO_COLOR beats FORCE_COLOR',
    { ...tty, env: { ...xterm, NO_COLOR: '1', FORCE_COLOR: '3', CLICOLOR_FORCE: '1' } },
    0,
  ],
  ['--color always beats NO_COLOR', { ...pipe, flag: 'always', env: { ...xterm, NO_COLOR: '1' } }, 1],
  ['--color always on a dumb pipe', { ...pipe, flag: 'always', env: { TERM: 'dumb' } }, 1],
  ['--color never beats FORCE_COLOR', { ...tty, flag: 'never', env: { ...xterm, FORCE_COLOR: '3' } }, 0],
  ['FORCE_COLOR colors a pipe', { ...pipe, env: { FORCE_COLOR: '1' } }, 1],
  ['with as many as asked', { ...pipe, env: { FORCE_COLOR: '3' } }, 3],
  ['or as the terminal has', { ...pipe, env: { FORCE_COLOR: 'true', TERM: 'screen-256color' } }, 2],
  ['FORCE_COLOR=0 is none', { ...tty, env: { ...xterm, FORCE_COLOR: '0' } }, 0],
  ['an empty FORCE_COLOR is unset', { ...pipe, env: { ...xterm, FORCE_COLOR: '' } }, 0],
  ['CLICOLOR_FORCE colors a pipe', { ...pipe, env: { CLICOLOR_FORCE: '1' } }, 1],
  ['CLICOLOR_FORCE beats CLICOLOR=0', { ...pipe, env: { CLICOLOR_FORCE: '1', CLICOLOR: '0' } }, 1],
  ['CLICOLOR_FORCE=0 forces nothing', { ...pipe, env: { CLICOLOR_FORCE: '0' } }, 0],
  ['CLICOLOR=0', { ...tty, env: { ...xterm, CLICOLOR: '0' } }, 0],
  ['CLICOLOR=1 does not color a pipe', { ...pipe, env: { ...xterm, CLICOLOR: '1' } }, 0],
])('%s', (_, wish, level) => {
  expect(colorLevel(wish)).toBe(level);
});

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
