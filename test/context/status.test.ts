import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { resolveGlobals } from '../../src/context/global-options.ts';
import { createMessages } from '../../src/context/messages.ts';
import { createRedactor } from '../../src/http/redact.ts';
import { runCli, testHost } from '../support/run-cli.ts';

const clear = '\r\u001b[K';

describe('the line that is drawn in place', () => {
  function voiceOn(columns = 80) {
    const { host, stderr } = testHost({ tty: true, columns });
    const voice = createMessages({ host, globals: resolveGlobals({}, {}), redactor: createRedactor() });
    const seen: string[] = [];
    const drawing = { hide: () => void stderr.push('<hide>'), show: () => void stderr.push('<show>') };
    return { ...{ voice, stderr, seen, drawing }, text: () => stderr.splice(0).join('') };
  }

  test('takes the place of the one before, and leaves nothing behind', () => {
    const { voice, text } = voiceOn();
    voice.status('1 s');
    voice.status('2 s');
    voice.status(undefined);
    voice.status(undefined);
    expect(text()).toBe(`1 s${clear}2 s${clear}`);
  });

  test('makes room for words and for results, and is drawn again', () => {
    const { voice, text } = voiceOn();
    voice.status('1 s');
    voice.say('rate limited');
    expect(text()).toBe(`1 s${clear}rate limited\n1 s`);
    voice.withoutStatus(() => voice.print('a result'));
    expect(text()).toContain(`${clear}a result\n`);
    voice.status(undefined);
    voice.say('done');
    expect(text()).toMatch(/done\n$/);
  });

  test('stands where the progress bar is, which comes back after it', () => {
    const { voice, drawing, text } = voiceOn();
    voice.setOverlay(drawing);
    voice.status('1 s');
    voice.status('2 s');
    voice.status(undefined);
    expect(text()).toBe(`<hide>1 s${clear}2 s${clear}<show>`);
    voice.status('1 s');
    voice.setOverlay(undefined);
    voice.status(undefined);
    expect(text()).toBe(`<hide>1 s${clear}`);
    voice.status('1 s');
    voice.setOverlay(drawing);
    expect(text()).toBe('1 s<hide>');
  });

  test.each([1, 2, 10, 20])('never wraps in %i columns', (columns) => {
    const { voice, text } = voiceOn(columns);
    voice.status('x'.repeat(200));
    expect(text().length).toBeLessThan(Math.max(columns, 2));
  });
});

describe('a server that is slow to answer', () => {
  /** It answers after a tenth of a second, in which ten pass for the program. */
  async function list(words: string, tty: boolean, env: Readonly<Record<string, string>> = {}) {
    const server = createServer((_, response) => {
      setTimeout(() => response.end('{"metadata":{},"data":[{"id":"i-1","email":"ann@example.com"}]}'), 100);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const start = performance.now();
    const { port } = server.address() as AddressInfo;
    return runCli(`list --endpoint http://127.0.0.1:${port} ${words}`, {
      tty,
      env: { CONFLUENT_CLOUD_API_KEY: 'FAKEKEY0MARKER01', CONFLUENT_CLOUD_API_SECRET: 'fake', NO_COLOR: '1', ...env },
      clock: { monotonic: () => (performance.now() - start) * 100 },
      every: (milliseconds, act) => {
        const timer = setInterval(act, milliseconds / 100);
        return () => clearInterval(timer);
      },
    });
  }
  const line = String.raw`127\.0\.0\.1:\d+ has not answered for \d+ s, attempt 1 of 3`;

  test('is told on a terminal, in one place, and nothing of it is left', async () => {
    const { code, stderr } = await list('', true);
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(new RegExp(`^(?:${line}\r\u001b\\[K)+(?![^\n]*attempt)`)),
    ]);
  });

  test('is told on a terminal beside json, too', async () => {
    expect((await list('-o json', true)).stderr).toMatch(new RegExp(`^(?:${line}\r\u001b\\[K)+$`));
  });

  test('is one line elsewhere, and for a screen reader', async () => {
    expect((await list('', false)).stderr).toMatch(new RegExp(`^${line}\n(?!.*attempt)`));
    expect((await list('', true, { ACCESSIBLE: '1' })).stderr).toMatch(new RegExp(`^${line}\n(?!.*attempt)`));
  });

  test.each(['-q', '-o json', '-o ndjson'])('is not talked about with %s', async (words) => {
    expect(await list(words, false)).toMatchObject({ code: 0, stderr: '' });
  });

  test('is not talked about on a terminal with -q', async () => {
    expect((await list('-q', true)).stderr).toBe('');
  });
});
