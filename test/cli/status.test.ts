import { describe, expect, onTestFinished, test } from 'vitest';
import { listenForSignals } from '../../src/cli/context.ts';
import { resolveGlobals } from '../../src/cli/global-options.ts';
import { createMessages } from '../../src/cli/printer.ts';
import { createRedactor } from '../../src/http/redact.ts';
import { realClock } from '../support/real-clock.ts';
import { runCli, testHost } from '../support/run-cli.ts';
import { serveTestSandbox } from '../support/served-sandbox.ts';

const clear = '\r\u001b[K';

describe('the line that is drawn in place', () => {
  function messagesOn(columns = 80) {
    const { host, stderr } = testHost({ tty: true, columns });
    const window = { columns };
    Object.defineProperty(host.stderr, 'columns', { get: () => window.columns });
    const messages = createMessages({ host, globals: resolveGlobals({}, {}), redactor: createRedactor() });
    const draw = (line?: string) => messages.draw?.answer(line);
    const progress = (line?: string) => messages.draw?.progress(line);
    return { messages, draw, progress, window, text: () => stderr.splice(0).join('') };
  }

  test('takes the place of the one before, and leaves nothing behind', () => {
    const { draw, text } = messagesOn();
    for (const line of ['1 s', '2 s', '2 s', undefined, undefined]) draw(line);
    expect(text()).toBe(`1 s${clear}2 s${clear}`);
  });

  test('makes room for words and for results, and is drawn again', () => {
    const { messages, draw, text } = messagesOn();
    draw('1 s');
    messages.say('rate limited');
    expect(text()).toBe(`1 s${clear}rate limited\n1 s`);
    messages.withoutLine(() => messages.print('a result'));
    expect(text()).toContain(`${clear}a result\n`);
    draw(undefined);
    messages.say('done');
    expect(text()).toMatch(/done\n$/);
  });

  test('stands where the progress bar is, which comes back after it', () => {
    const { draw, progress, text } = messagesOn();
    progress('1/3');
    draw('1 s');
    progress('2/3');
    draw(undefined);
    expect(text()).toBe(`1/3${clear}1 s${clear}2/3`);
    progress(undefined);
    expect(text()).toBe(clear);
  });

  test('is erased with all its rows after the window has become narrower', () => {
    const { draw, text, window } = messagesOn(120);
    draw('x'.repeat(72));
    window.columns = 60;
    draw('y');
    draw('z');
    expect(text()).toBe(`${'x'.repeat(72)}\x1b[1A\r\x1b[Jy${clear}z`);
  });

  test.each([1, 2, 10, 20])('never wraps in %i columns, nor with the ^C behind it', (columns) => {
    const { draw, text } = messagesOn(columns);
    draw('x'.repeat(200));
    expect(text().length).toBe(Math.max(columns - 3, 1));
  });
});

describe('a signal that ends the process at once', () => {
  function interrupted(...signals: ('SIGINT' | 'SIGTERM' | 'SIGHUP')[]) {
    const { host, stderr } = testHost({ tty: true });
    const listeners: ((signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP') => void)[] = [];
    const exits: string[] = [];
    const messages = createMessages({ host, globals: resolveGlobals({}, {}), redactor: createRedactor() });
    const onSignal: typeof host.onSignal = (listener) => {
      listeners.push(listener);
      return () => {};
    };
    const exit = (code: number) => void exits.push(`${stderr.splice(0).join('')}<exit ${code}>`);
    listenForSignals({ ...host, onSignal, exit }, { cleanUp: messages.clear });
    messages.draw?.answer('1 s');
    for (const signal of signals) listeners[0]?.(signal);
    return exits;
  }

  test.each([
    [['SIGTERM'], 143],
    [['SIGHUP'], 129],
    [['SIGINT', 'SIGINT'], 130],
  ] as const)('%j erases the line first', (signals, code) => {
    expect(interrupted(...signals)).toEqual([`1 s${clear}<exit ${code}>`]);
  });

  test('one Ctrl-C alone ends nothing at once', () => {
    expect(interrupted('SIGINT')).toEqual([]);
  });

  test('the end of a command calls off what is under way', () => {
    const { deadline, end } = listenForSignals(testHost({}).host, { cleanUp: () => {} });
    end();
    expect(deadline.reason).toMatchObject({ code: 'cancelled' });
  });
});

describe('a server that is slow to answer', () => {
  /** It answers after a tenth of a second, in which ten pass for the program. */
  async function list(words: string, tty: boolean, env: Readonly<Record<string, string>>) {
    const served = await serveTestSandbox({ latency: 100, clock: realClock });
    onTestFinished(served.close);
    const start = performance.now();
    return runCli(`list ${words}`, {
      tty,
      env: { ...served.env, NO_COLOR: '1', ...env },
      clock: {
        monotonic: () => (performance.now() - start) * 100,
        every: (milliseconds, act) => {
          const timer = setInterval(act, milliseconds / 100);
          return () => clearInterval(timer);
        },
      },
    });
  }
  const line = String.raw`127\.0\.0\.1:\d+ has not answered for \d+ s, attempt 1 of 3`;
  const redrawn = new RegExp(`^(?:${line}\r\u001b\\[K)+(?![^\n]*attempt)`);
  const said = new RegExp(`^${line}\n(?!.*attempt)`);
  const nothing = /^$/;

  test.each([
    ['', true, {}, redrawn],
    ['-o json', true, {}, redrawn],
    ['', false, {}, said],
    ['', true, { ACCESSIBLE: '1' }, said],
    ['-q', true, {}, nothing],
    ['-q', false, {}, nothing],
    ['-o json', false, {}, nothing],
    ['-o ndjson', false, {}, nothing],
  ])('is talked about as somebody may read it: "%s", on a terminal: %s, %o', async (words, tty, env, expected) => {
    expect(await list(words, tty, env)).toMatchObject({ code: 0, stderr: expect.stringMatching(expected) });
  });
});
