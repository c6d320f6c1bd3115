import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { bundle } from '../support/bundle.ts';
import { keys, runInPty, type Step, visible } from '../support/pty.ts';

const secret = 'cfltSecret0123456789abcd';

// Each of these starts several processes, which mostly wait, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let script: string;

beforeAll(async () => {
  const prompt = join(import.meta.dirname, '../../src/terminal/prompt.ts');
  script = await bundle(`
    import { askMany, askOne, askSecret, askText, askYesNo } from '${prompt}';
    const end = new AbortController();
    process.on('SIGTERM', () => end.abort());
    const prompter = { input: process.stdin, output: process.stderr, signal: end.signal };
    const dumb = { ...prompter, isPlain: true };
    const watched = { write: (text) => process.stderr.write('raw: ' + process.stdin.isRaw + ', ' + text) };
    const choices = ['ann@a.example', 'bob@a.example', 'cyd@b.example'].map((name) => ({ name, value: name.slice(0, 3) }));
    const questions = {
      yes: () => askYesNo(prompter, 'Really?'),
      lines: () => askYesNo(prompter, 'Sure:\\n  ann (i-1)'),
      text: () => askText(prompter, 'Name:', (text) => text.length > 2 || 'too short'),
      secret: () => askSecret(prompter, 'Secret:'),
      plain: () => askText({ ...prompter, color: false }, 'Name:'),
      choice: () => askOne(prompter, 'Which?', choices),
      many: () => askMany(prompter, 'Which?', choices),
      dumbYes: () => askYesNo(dumb, 'Really?'),
      dumbText: () => askText(dumb, 'Name:', (text) => text.length > 2 || 'too short'),
      dumbSecret: () => askSecret(dumb, 'Secret:'),
      watchedSecret: () => askSecret({ ...dumb, output: watched }, 'Secret:'),
      dumbChoice: () => askOne(dumb, 'Which?', choices),
      dumbMany: () => askMany(dumb, 'Which?', choices),
      dumbLong: () => askMany(dumb, 'Which?', Array.from({ length: 30 }, (_, at) => ({ name: 'x', value: String(4000 + at) }))),
    };
    try {
      process.stdout.write(JSON.stringify(await questions[process.argv[2]]()));
    } catch (error) {
      process.stdout.write(JSON.stringify([error.code ?? 'bug', error.message]));
      process.exitCode = error.exitCode ?? 99;
    }`);
});

async function ask(question: string, steps: readonly Step[]) {
  const result = await runInPty([process.execPath, script, question], steps, { stdout: 'pipe' });
  return { ...result, answer: JSON.parse(result.stdout || '"nothing"') };
}

describe.concurrent('what is answered', () => {
  test('text, and a complaint until it will do', async () => {
    const { answer, drawn } = await ask('text', [
      { expect: 'Name:', send: 'ab\r' },
      { expect: 'too short', send: 'c\r' },
    ]);
    expect(answer).toBe('abc');
    expect(visible(drawn)).toContain('Name: abc');
  });

  const zz = `zz${keys.enter}`;
  const help = 'type to search, arrows move, Enter selects, Esc cancels';
  const none = { '3, 0 selected': zz, 'nothing matches "zz"': keys.backspace.repeat(2), '0 selected': keys.enter };

  /** What is waited for, and what is typed then. */
  test.each<[what: string, question: string, typed: Readonly<Record<string, string>>, answer: unknown]>([
    ['a choice by arrow key, whatever Tab was pressed on', 'choice', { cyd: `\t${keys.down}${keys.enter}` }, 'bob'],
    ['a choice by typing a part of it', 'choice', { [help]: 'B.EX', '1 of 3 match': keys.enter }, 'cyd'],
    ['nothing that matches cannot be chosen', 'many', none, ['ann']],
    ['a yes or no that is neither is asked for again', 'yes', { 'Really?': 'maybe\r', 'answer y or n': 'y\r' }, true],
    ['a secret of space as well', 'secret', { 'Secret:': '  \r', 'then press Enter': `${secret}\r` }, `  ${secret}`],
  ])('%s', async (_, question, typed, answer) => {
    const steps = Object.entries(typed).map(([expect, send]) => ({ expect, send }));
    expect((await ask(question, steps)).answer).toEqual(answer);
  });

  test('several, selected by the space bar and found by typing, in the order of the list', async () => {
    const steps = [
      { expect: '3, 0 selected', send: 'cyd' },
      { expect: '1 of 3 match', send: ' ' },
      { expect: 'Enter accepts 1', send: keys.backspace.repeat(3) },
      { expect: '[x] cyd', send: ' ' },
      { expect: '3, 2 selected', send: keys.enter },
    ];
    const { answer, drawn } = await ask('many', steps);
    expect(answer).toEqual(['ann', 'cyd']);
    expect(visible(drawn)).toContain('Which? 2 selected');
  });

  test('all that match at Ctrl-A, none of them at the second', async () => {
    const marking = [
      { expect: '3, 0 selected', send: 'a.ex' },
      { expect: '2 of 3 match', send: keys.ctrlA },
    ];
    const take = { expect: 'Enter accepts 2', send: keys.enter };
    expect((await ask('many', [...marking, take])).answer).toEqual(['ann', 'bob']);
    const unselect = { expect: 'Enter accepts 2', send: keys.ctrlA };
    const takeOne = { expect: 'Enter accepts this one', send: keys.enter };
    expect((await ask('many', [...marking, unselect, takeOne])).answer).toEqual(['ann']);
  });

  test('without color where none is wanted', async () => {
    const step = { expect: 'Name:', send: 'abc\r' };
    const drawn = async (question: string) => (await runInPty([process.execPath, script, question], [step])).drawn;
    expect(await drawn('text')).toMatch(/\x1b\[[\d;]*m/);
    expect(await drawn('plain')).not.toMatch(/\x1b\[[\d;]*m/);
  });
});

describe.concurrent('a secret', () => {
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

  test('may be pasted with the line break after it', async () => {
    for (const send of [`${secret}\r`, `${secret}\n`, `${secret}\r\n`]) {
      expect((await ask('secret', [{ expect: 'Secret:', send }])).answer).toBe(secret);
    }
  });

  test.each([
    ['secret', 'Secret:'],
    ['text', 'Name:'],
    ['lines', 'Sure:'],
  ])('pasted with a line break inside is refused, not cut: %s', async (question, words) => {
    const { answer, code } = await ask(question, [{ expect: ':', send: 'cflt-one\ncflt-two\r' }]);
    expect([answer, code]).toEqual([['usage', `cannot take several lines for "${words}"`], 2]);
  });
});

describe.concurrent('on a dumb terminal, where nothing is redrawn', () => {
  const noEscapes = /^[^\x1b]*$/;

  test.each<[question: string, typed: Readonly<Record<string, string>>, expected: unknown]>([
    ['dumbYes', { 'Really? (y/N)': '' }, false],
    ['dumbYes', { 'Really? (y/N)': 'yeah', 'answer y or n': 'Yes' }, true],
    ['dumbText', { 'Name:': 'ab', 'too short': 'abc' }, 'abc'],
    ['dumbChoice', { 'Which?': 'zed@c.example' }, 'zed@c.example'],
    ['dumbMany', { 'Which?': '4', 'there is no number 4': '1, 3 zed@c.example' }, ['ann', 'cyd', 'zed@c.example']],
    // Of a long list 20 are printed; the numbers of the others are nobody's, but their ids are.
    ['dumbLong', { 'and 10 more': '21', 'there is no number 21': '20 4025' }, ['4019', '4025']],
  ])('%s %j', async (question, typed, expected) => {
    const steps = Object.entries(typed).map(([expect, text]) => ({ expect, send: `${text}\r` }));
    const { answer, drawn } = await ask(question, steps);
    expect(answer).toEqual(expected);
    expect(drawn).toMatch(noEscapes);
  });

  test('a secret is not shown, and can be corrected', async () => {
    const { answer, drawn, echo } = await ask('dumbSecret', [
      { expect: 'Secret:', send: '\r' },
      { expect: 'then press Enter', send: `${secret}x${keys.backspace}\r`, pause: 100 },
    ]);
    expect([answer, echo]).toEqual([secret, true]);
    expect(drawn).not.toContain(secret.slice(0, 6));
  });

  test('a secret is asked for when nothing echoes any more: it may be pasted at once', async () => {
    const { answer, drawn } = await ask('watchedSecret', [{ expect: 'Secret:', send: `${secret}\r` }]);
    expect([answer, drawn]).toEqual([secret, expect.stringContaining('raw: true, Secret:')]);
  });

  test('Ctrl-D cancels', async () => {
    const { answer, code, echo } = await ask('dumbText', [{ expect: ':', send: keys.ctrlD, pause: 100 }]);
    expect([answer[0], code, echo]).toEqual(['cancelled', 130, true]);
  });
});

describe.concurrent('leaving', () => {
  test.each([
    ['secret', 'Esc', { send: '\x1b' }],
    ['dumbSecret', 'Esc', { send: '\x1b' }],
    ['choice', 'Ctrl-C', { send: keys.ctrlC }],
    ['dumbSecret', 'Ctrl-C', { send: keys.ctrlC }],
    ['secret', 'Ctrl-D after some text', { send: `some${keys.ctrlD}` }],
    ['dumbSecret', 'Ctrl-D after some text', { send: `some${keys.ctrlD}` }],
    ['choice', 'SIGTERM', { signal: 'SIGTERM' as const }],
  ])('%s: %s is cancelled, exit 130, and the terminal is as it was', async (question, _, step) => {
    const steps = [{ expect: question === 'choice' ? 'Which?' : 'Secret:', ...step }];
    const { answer, code, drawn, echo } = await ask(question, steps);
    expect([answer[0], code, echo]).toEqual(['cancelled', 130, true]);
    expect(drawn).not.toContain('\x1b[?25l');
    expect(drawn.endsWith('\n') || drawn.endsWith('\x1b[G')).toBe(true);
  });

  test('a terminal that hangs up ends the question', async () => {
    const { signal, code } = await ask('text', [{ expect: 'Name:', signal: 'SIGHUP' }]);
    expect([signal, code]).not.toEqual([null, 0]);
  });
});
