import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { keys, runInPty, type Step, visible } from '../support/pty.ts';
import { runCli, temporaryFolder } from '../support/run-cli.ts';

const program = join(import.meta.dirname, '..', '..', 'bin', 'invite.js');
let home: string;
let env: Record<string, string>;

/** The same in this process, which is faster, for what happens before and after. */
function invite(line: string, world = {}) {
  return runCli(line, { folder: home, env, ...world });
}

/** Types a line at a terminal, and what comes after. */
async function atTerminal(line: string, steps: readonly Step[], more = {}) {
  const options = { env: { ...env, ...more }, cwd: home };
  const ran = await runInPty([process.execPath, program, ...line.split(' ')], steps, options);
  return { ...ran, text: visible(ran.drawn) };
}

function people(text: string): void {
  writeFileSync(join(home, 'people.csv'), text);
}

async function pending(): Promise<string[]> {
  const { stdout } = await invite('list --status sent -o ndjson --fields email');
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line).email);
}

beforeEach(() => {
  home = temporaryFolder();
  env = {
    HOME: home,
    INVITE_PROFILE: 'sandbox',
    INVITE_CONFIG_DIR: join(home, 'config'),
    INVITE_STATE_DIR: join(home, 'state'),
  };
});

const invited = () => invite('create ann@example.com bob@example.com cyd@example.com');

describe('the built program asks about invitations', { timeout: 60_000 }, () => {
  beforeEach(invited);

  test('a yes revokes, and the question says what goes with it', async () => {
    const steps = [{ expect: 'loses its role bindings', send: 'y' }, { send: keys.enter }];
    const { code, text, left } = await atTerminal('delete bob@example.com', steps);
    expect({ code, left }).toEqual({ code: 0, left: 0 });
    expect(text).toContain('revoke the invitation of bob@example.com');
    expect(await pending()).toEqual(['ann@example.com', 'cyd@example.com']);
  });

  test('several are selected in a list and revoked together', async () => {
    const steps = [
      { expect: 'type to search, Space selects', send: 'ann' },
      { expect: '1 of 3 match', send: ' ' },
      { expect: '1 selected', send: keys.backspace.repeat(3) },
      { expect: '[x] ann', send: `${keys.down}${keys.down} ` },
      { expect: '2 selected', send: keys.enter },
      { expect: '(y/N)', send: `y${keys.enter}` },
    ];
    const { code, left } = await atTerminal('delete', steps);
    expect({ code, left }).toEqual({ code: 0, left: 0 });
    expect(await pending()).toEqual(['bob@example.com']);
  });

  test('on a dumb terminal they are typed by number', async () => {
    const steps = [
      { expect: 'revoke which?', send: `1 cyd@example.com${keys.enter}` },
      { expect: '(y/N)', send: `y${keys.enter}` },
    ];
    const { code, drawn } = await atTerminal('delete', steps, { TERM: 'dumb' });
    expect(code).toBe(0);
    expect(drawn).not.toContain('\x1b');
    expect(await pending()).toEqual(['bob@example.com']);
  });

  test('a mistyped confirmation may be typed once more, and no oftener', async () => {
    await invite(`create ${Array.from({ length: 12 }, (_, n) => `p${n}@example.com`).join(' ')}`);
    const wrong = { expect: 'type 15 to confirm', send: `16${keys.enter}` };
    const again = 'that is not 15; type it once more';
    const refused = await atTerminal('delete --status sent', [wrong, { expect: again, send: `14${keys.enter}` }]);
    expect(refused.code).toBe(130);
    expect(await pending()).toHaveLength(15);
    const done = await atTerminal('delete --status sent', [wrong, { expect: again, send: `15${keys.enter}` }]);
    expect(done.code).toBe(0);
    expect(await pending()).toHaveLength(0);
  });

  test('with ACCESSIBLE a missing target is asked for in a line, below those there are', async () => {
    const steps = [
      { expect: 'a number or a name):', send: `bob@example.com${keys.enter}` },
      { expect: '', send: '' },
    ];
    const { code, drawn } = await atTerminal('get', steps, { ACCESSIBLE: '1' });
    expect(code).toBe(0);
    expect(visible(drawn)).toMatch(/ann@example\.com {2}pending.+cyd@example\.com.+show which invitation\?/s);
    expect(visible(drawn)).toMatch(/email: +bob@example\.com/);
  });

  test.each([
    ['', true],
    ['1', false],
  ])('an import has a bar, but not with ACCESSIBLE=%s', async (accessible, isDrawn) => {
    people(Array.from({ length: 30 }, (_, n) => `p${n}@example.com\n`).join(''));
    const { code, drawn, text } = await atTerminal('import people.csv --yes', [], { ACCESSIBLE: accessible });
    expect(code).toBe(0);
    expect(text).toContain('30 created');
    expect([/[█░]/.test(drawn), /\x1b\[\d*[A-KJ]/.test(drawn)]).toEqual([isDrawn, isDrawn]);
    // The table begins on a line of its own.
    expect(/[\n\r](?:\x1b\[K)?┌/.test(drawn)).toBe(isDrawn);
  });

  test('the role bindings that go with it are named', async () => {
    await invite('create bob@example.com --role EnvironmentAdmin@env-1');
    const steps = [{ expect: '(y/N)', send: keys.enter }];
    const { drawn } = await atTerminal('delete bob@example.com', steps);
    expect(visible(drawn).replace(/\s+/g, ' ')).toContain('with EnvironmentAdmin on environment=env-1?');
  });

  test('a missing target is chosen from a list that shrinks as one types', async () => {
    const steps = [
      { expect: 'show which invitation?', send: 'bob' },
      { expect: 'bob@example.com  pending', send: keys.enter, pause: 200 },
    ];
    const { code, drawn } = await atTerminal('get', steps);
    expect(code).toBe(0);
    expect(visible(drawn)).toMatch(/email: +bob@example\.com/);
  });

  test('removing a member wants the e-mail typed', async () => {
    await invite('sandbox accept ann@example.com');
    const wrong = [
      { expect: 'type ann@example.com to confirm', send: `y${keys.enter}` },
      { expect: 'that is not ann@example.com', send: `yes${keys.enter}` },
    ];
    expect(await atTerminal('remove ann@example.com', wrong)).toMatchObject({ code: 130 });
    const right = [{ expect: 'type ann@example.com to confirm', send: `ann@example.com${keys.enter}` }];
    expect(await atTerminal('remove ann@example.com', right)).toMatchObject({ code: 0, left: 0 });
  });
});

describe('the built program asks before it invites', { timeout: 60_000 }, () => {
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

describe('nothing is asked at a terminal', () => {
  beforeEach(invited);

  test.each([
    ['delete bob@example.com', { CI: '1' }],
    ['delete bob@example.com', { INVITE_NO_INPUT: '1' }],
    ['delete bob@example.com -o id', {}],
    ['get --no-input', {}],
  ])('by %s with %o', async (line, more) => {
    const { code, stderr } = await invite(line, { tty: true, env: { ...env, ...more } });
    expect({ code, asked: stderr.includes('(y/N)') }).toEqual({ code: 2, asked: false });
    expect(stderr).toMatch(line.startsWith('get') ? /missing|required|name/ : /--yes confirms/);
    expect(await pending()).toHaveLength(3);
  });
});
