import { describe, expect, onTestFinished, test } from 'vitest';
import { openProgress } from '../../src/terminal/progress.ts';

function clockAt() {
  const state = { elapsed: 0 };
  return {
    state,
    clock: { now: () => state.elapsed, monotonic: () => state.elapsed, random: () => 0, sleep: async () => {} },
  };
}

describe('without a terminal', () => {
  function lines(total: number, each: number, failing: (n: number) => boolean = () => false): string[] {
    const said: string[] = [];
    const { state, clock } = clockAt();
    const progress = openProgress({ verb: 'inviting', total, clock, say: (line) => said.push(line) });
    for (let n = 0; n < total; n += 1) {
      state.elapsed += each;
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
  function bar(columns = 80) {
    const drawn: string[] = [];
    const { state, clock } = clockAt();
    const window = { columns };
    const screen = {
      get columns() {
        return window.columns;
      },
      write: (text: string) => drawn.push(text),
    };
    const progress = openProgress({ verb: 'inviting', total: 1000, clock, screen, say: () => {} });
    onTestFinished(() => progress.end());
    return {
      drawn,
      state,
      progress,
      window,
      last: () => drawn.filter((text) => text.includes('inviting')).at(-1) ?? '',
    };
  }

  /** Lets somebody else write, after which the bar is drawn anew. */
  function redraw({ progress }: ReturnType<typeof bar>): void {
    progress.hide();
    progress.show();
  }

  test('the bar says how many, how many failed, how fast and how long yet', () => {
    const one = bar();
    for (let n = 0; n < 250; n += 1) {
      one.state.elapsed += 20;
      one.progress.advance(n === 7);
    }
    redraw(one);
    expect(one.last()).toMatch(/^ inviting █{7}░{20} 250\/1000, 1 failed, 50\/s, 15 seconds left/);
  });

  test('after others wrote it is there again, even if nothing has changed', () => {
    const one = bar();
    one.progress.advance(false);
    redraw(one);
    const before = one.drawn.length;
    redraw(one);
    expect(one.drawn.slice(before).join('')).toContain('inviting');
  });

  test.each([0, 20, 40, 80, 200])('in %i columns it stays on one line', (columns) => {
    const one = bar(columns);
    redraw(one);
    for (const text of one.drawn)
      expect(text.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '').trimEnd().length).toBeLessThanOrEqual(columns || 80);
  });

  test('a window that becomes narrower leaves nothing of the wider bar behind', () => {
    const one = bar(120);
    for (let n = 0; n < 250; n += 1) {
      one.state.elapsed += 20;
      one.progress.advance(false);
    }
    redraw(one);
    expect(one.last()).toBe(` inviting ${'█'.repeat(8)}${'░'.repeat(22)} 250/1000, 50/s, 15 seconds left`);
    one.window.columns = 60;
    redraw(one);
    // The old line of 72 columns has become two rows, and the upper one is cleared too.
    expect(one.drawn.join('')).toContain('\x1b[1A\r\x1b[J\r\x1b[K');
    expect(one.last()).toBe(` inviting ${'█'.repeat(4)}${'░'.repeat(13)} 250/1000, 50/s, 15 seconds left`);
    one.window.columns = 40;
    redraw(one);
    expect(one.last()).toBe(` inviting ${'█'.repeat(5)}${'░'.repeat(15)} 250/1000`);
    const before = one.drawn.length;
    redraw(one);
    expect(one.drawn.slice(before).join('')).not.toContain('\x1b[1A');
  });

  test('while somebody else writes nothing is drawn, however often it was hidden', () => {
    const { drawn, progress } = bar();
    progress.hide();
    progress.hide();
    expect(drawn.at(-1)).toBe('\r\x1b[K');
    const before = drawn.length;
    for (let n = 0; n < 500; n += 1) progress.advance(false);
    progress.show();
    expect(drawn).toHaveLength(before);
    progress.show();
    expect(drawn.slice(before).join('')).toContain('500/1000');
  });

  test('it never hides the cursor, moves it elsewhere or turns wrapping off, and leaves an empty line', () => {
    const { drawn, progress } = bar();
    progress.advance(false);
    progress.end();
    const text = drawn.join('');
    expect(text).not.toMatch(/\x1b[78]|\x1b\[\?(?:25|7)[hl]/);
    expect(drawn.at(-1)).toMatch(/^\x1b\[[02]?K$/);
  });
});
