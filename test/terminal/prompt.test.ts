import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { bundle, type Script } from '../support/bundle.ts';
import { keys, runInPty, type Step, visible } from '../support/pty.ts';

const secret = 'cfltSecret0123456789abcd';

// Each of these starts several processes, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let script: Script;

beforeAll(async () => {
  const prompt = join(import.meta.dirname, '../../src/terminal/prompt.ts');
  script = await bundle(`
    import { askChoice, askSecret, askText, askYesNo } from '${prompt}';
    const end = new AbortController();
    process.on('SIGTERM', () => end.abort());
    const desk = { input: process.stdin, output: process.stderr, signal: end.signal };
    const questions = {
      yes: () => askYesNo(desk, 'Really?'),
      text: () => askText(desk, 'Name:', { validate: (text) => text.length > 2 || 'too short' }),
      secret: () => askSecret(desk, 'Secret:'),
      two: async () => [await askText(desk, 'Key:'), await askSecret(desk, 'Secret:')],
      plain: () => askText({ ...desk, color: false }, 'Name:'),
      choice: () => askChoice(desk, 'Which?', [{ name: 'first', value: 1 }, { name: 'second', value: 2 }]),
    };
    try {
      process.stdout.write(JSON.stringify(await questions[process.argv[2]]()));
    } catch (error) {
      process.stdout.write(JSON.stringify([error.code ?? 'bug', error.message]));
      process.exitCode = error.exitCode ?? 99;
    }`);
});

afterAll(() => rmSync(script.folder, { recursive: true }));

async function ask(question: string, steps: readonly Step[]) {
  const result = await runInPty([process.execPath, script.path, question], steps, { stdout: 'pipe' });
  return { ...result, answer: JSON.parse(result.stdout || '"nothing"') };
}

describe('what is answered', () => {
  test.each([
    ['y\r', true],
    ['yes\r', true],
    ['n\r', false],
    ['\r', false],
  ])('a yes or no: %j is %j', async (send, expected) => {
    expect((await ask('yes', [{ expect: 'Really?', send }])).answer).toBe(expected);
  });

  test('text, and a complaint until it will do', async () => {
    const { answer, drawn } = await ask('text', [
      { expect: 'Name:', send: 'ab\r' },
      { expect: 'too short', send: 'c\r' },
    ]);
    expect(answer).toBe('abc');
    expect(visible(drawn)).toContain('Name: abc');
  });

  test('a choice by arrow key', async () => {
    expect((await ask('choice', [{ expect: 'second', send: keys.down + keys.enter }])).answer).toBe(2);
  });

  test('without colour where none is wanted', async () => {
    const step = { expect: 'Name:', send: 'abc\r' };
    const drawn = async (question: string) => (await runInPty([process.execPath, script.path, question], [step])).drawn;
    expect(await drawn('text')).toMatch(/\x1b\[[\d;]*m/);
    expect(await drawn('plain')).not.toMatch(/\x1b\[[\d;]*m/);
  });

  test('two questions, one after the other', async () => {
    const steps = [
      { expect: 'Key:', send: 'ABCD\r' },
      { expect: 'Secret:', send: `${secret}\r` },
    ];
    expect((await ask('two', steps)).answer).toEqual(['ABCD', secret]);
  });
});

describe('a secret', () => {
  test('is never drawn, not even at Ctrl-T', async () => {
    const { answer, drawn } = await ask('secret', [
      { expect: 'Secret:', send: secret },
      { expect: '*'.repeat(secret.length), send: keys.ctrlT },
      { send: keys.ctrlT, pause: 200 },
      { send: keys.enter, pause: 200 },
    ]);
    expect(answer).toBe(secret);
    expect(drawn).not.toContain(secret.slice(0, 6));
  });

  test('of nothing but space is asked for again', async () => {
    const steps = [
      { expect: 'Secret:', send: '  \r' },
      { expect: 'then press Enter', send: `${secret}\r` },
    ];
    expect((await ask('secret', steps)).answer.trim()).toBe(secret);
  });

  test('may be pasted with the line break after it', async () => {
    for (const send of [`${secret}\r`, `${secret}\n`, `${secret}\r\n`]) {
      expect((await ask('secret', [{ expect: 'Secret:', send }])).answer).toBe(secret);
    }
  });

  test.each(['secret', 'text'])('pasted with a line break inside is refused, not cut: %s', async (question) => {
    const { answer, code } = await ask(question, [{ expect: ':', send: 'cflt-one\ncflt-two\r' }]);
    expect([answer[0], code]).toEqual(['usage', 2]);
  });
});

describe('leaving', () => {
  test.each([
    ['Ctrl-C', { send: keys.ctrlC }],
    ['Ctrl-D', { send: keys.ctrlD }],
    ['Ctrl-D after some text', { send: `some${keys.ctrlD}` }],
    ['SIGTERM', { signal: 'SIGTERM' as const }],
  ])('%s is cancelled, exit 130, and the terminal is as it was', async (_, step) => {
    for (const question of ['secret', 'choice']) {
      const { answer, code, drawn, echo } = await ask(question, [{ expect: '?', ...step }]);
      expect([question, answer[0], code, echo]).toEqual([question, 'cancelled', 130, true]);
      expect(drawn).not.toContain('\x1b[?25l');
      expect(drawn.endsWith('\n') || drawn.endsWith('\x1b[G')).toBe(true);
    }
  });

  test('a terminal that hangs up ends the question', async () => {
    const { signal, code } = await ask('text', [{ expect: 'Name:', signal: 'SIGHUP' }]);
    expect([signal, code]).not.toEqual([null, 0]);
  });
});
