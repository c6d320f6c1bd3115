import { describe, expect, test } from 'vitest';
import { openBar } from '../../src/terminal/progress.ts';
import { testClock } from '../support/run-cli.ts';

describe('without a terminal', () => {
  function lines(total: number, each: number, failing: (n: number) => boolean = () => false): string[] {
    const said: string[] = [];
    const clock = testClock({ isFrozen: true });
    const screen = { clock, say: (line: string) => said.push(line) };
    const progress = openBar({ verb: 'inviting', total, screen, columns: () => 80 });
    for (let n = 0; n < total; n += 1) {
      clock.pass(each);
      progress.advance(failing(n));
    }
    progress.end();
    return said;
  }

  test('a line a minute', () => {
    expect(lines(1000, 200, (n) => n === 350)).toEqual([
      'inviting: 30 % (300 of 1000)',
      'inviting: 60 % (600 of 1000, 1 failed)',
      'inviting: 90 % (900 of 1000, 1 failed)',
    ]);
  });

  test('none where it is done before', () => expect(lines(1000, 59)).toEqual([]));
});

describe('on a terminal', () => {
  /** The lines that are drawn, each when the time has come. */
  function bar(columns = 80) {
    const drawn: (string | undefined)[] = [];
    const window = { columns };
    let redraw = () => {};
    const every = (_: number, act: () => void) => {
      redraw = act;
      return () => {};
    };
    const clock = { ...testClock({ isFrozen: true }), every };
    const screen = { clock, draw: (line: string | undefined) => void drawn.push(line), say: () => {} };
    const progress = openBar({ verb: 'inviting', total: 1000, screen, columns: () => window.columns });
    const last = () => {
      redraw();
      return drawn.at(-1);
    };
    return { drawn, clock, progress, window, last };
  }

  test('the bar says how many, how many failed, how fast and how long yet, as far as there is room', () => {
    const { clock, progress, window, last } = bar();
    expect(last()).toBe(` inviting ${'░'.repeat(30)} 0/1000`);
    for (let n = 0; n < 250; n += 1) {
      clock.pass(20);
      progress.advance(n === 7);
    }
    expect(last()).toBe(` inviting ${'█'.repeat(6)}${'░'.repeat(19)} 250/1000, 1 failed, 50/s, 15 seconds left`);
    window.columns = 40;
    expect(last()).toBe(` inviting ${'█'.repeat(2)}${'░'.repeat(6)} 250/1000, 1 failed`);
    window.columns = 20;
    expect(last()).toBe(' inviting 250/1000, 1 failed');
  });

  test('nothing is left of it', () => {
    const { progress, drawn } = bar();
    progress.advance(false);
    progress.end();
    expect(drawn.at(-1)).toBeUndefined();
  });
});
