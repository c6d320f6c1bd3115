import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { keys, runInPty, type Step, visible } from '../support/pty.ts';
import { temporaryFolder } from '../support/run-cli.ts';

const program = join(import.meta.dirname, '..', '..', 'bin', 'invite.js');
let home: string;

/** Types a line at a terminal, and what comes after. */
async function atTerminal(line: string, steps: readonly Step[], columns = 80) {
  const env = {
    HOME: home,
    INVITE_PROFILE: 'sandbox',
    INVITE_CONFIG_DIR: join(home, 'config'),
    INVITE_STATE_DIR: join(home, 'state'),
  };
  const ran = await runInPty([process.execPath, program, ...line.split(' ')], steps, { env, cwd: home, columns });
  return { ...ran, text: visible(ran.drawn) };
}

function people(text: string): void {
  writeFileSync(join(home, 'people.csv'), text);
}

beforeEach(() => {
  home = temporaryFolder();
});

describe('the built program asks at a terminal', { timeout: 60_000 }, () => {
  test('whom to create an invitation for, as a list or with blanks between', async () => {
    const steps = [{ expect: 'separated by commas:', send: `ann@example.com  bob@example.com${keys.enter}` }];
    const { code, text } = await atTerminal('create', steps);
    expect({ code, text }).toEqual({ code: 0, text: expect.stringContaining('2 created') });
  });

  test('before OrganizationAdmin is granted; Enter alone is a no', async () => {
    const line = 'create ann@example.com --role OrganizationAdmin';
    const question = 'grant OrganizationAdmin on the organization to ann@example.com?';
    const refused = await atTerminal(line, [{ expect: question, send: keys.enter }]);
    expect({ code: refused.code, text: refused.text }).toEqual({
      code: 130,
      text: expect.stringContaining('nothing was changed'),
    });
    const { code, text } = await atTerminal(line, [{ expect: question, send: `y${keys.enter}` }]);
    expect({ code, text }).toEqual({
      code: 0,
      text: expect.stringContaining('OrganizationAdmin on the organization granted'),
    });
  });

  test('which file to import, until there is one, and lists each role with its people', async () => {
    people('email,role\nann@example.com,AccountAdmin\nbob@example.com,Operator\neve@example.com,Operator\n');
    const { code, text } = await atTerminal('import', [
      { expect: 'file to import:', send: `peple.csv${keys.enter}` },
      { expect: 'no such file: "peple.csv"', send: `${keys.backspace.repeat(8)}eople.csv${keys.enter}` },
      { expect: 'Operator on the organization for 2 people', send: `y${keys.enter}` },
    ]);
    expect(text).toContain('invite 3 people from "people.csv" into "Sandbox"');
    expect(text).toMatch(
      / {2}AccountAdmin on the organization for 1 person: ann@example\.com\s+Operator on the organization for 2 people\s/,
    );
    expect({ code, text }).toEqual({ code: 0, text: expect.stringContaining('3 created') });
  });

  test.each([
    ['y', 'Operator on the organization for 1 person'],
    ['n', 'ignored columns: "Zugriff"'],
  ])('whether a column that looks like roles holds some: %s', async (answer, shown) => {
    people('email;Zugriff\nann@example.com;Operator\n');
    const { code, text, left } = await atTerminal('import people.csv', [
      { expect: 'the column "Zugriff" looks like roles (Operator); grant them?', send: `${answer}${keys.enter}` },
      { expect: 'into "Sandbox"', send: `y${keys.enter}` },
    ]);
    expect({ code, left, text }).toEqual({ code: 0, left: 0, text: expect.stringContaining(shown) });
  });

  test.each([keys.ctrlC, keys.ctrlD])('and %j leaves each question', async (key) => {
    for (const [line, question] of [
      ['create', 'separated by commas:'],
      ['import', 'file to import:'],
    ] as const) {
      const { code } = await atTerminal(line, [{ expect: question, send: key }]);
      expect({ line, code }).toEqual({ line, code: 130 });
    }
  });
});
