import { beforeEach, describe, expect, test } from 'vitest';
import { useDesk } from '../support/desk.ts';
import { keys, runInPty, visible } from '../support/pty.ts';
import { environmentOf, program } from '../support/run-built.ts';

const { invite, column, ok, path, write } = useDesk();
const { enter } = keys;

/** What is waited for, and what is typed then. */
type Answer = readonly [question: string, answer: string];

/** Types a line at a terminal, and answers; every question has to come. */
async function typed(line: string, answers: readonly Answer[], more: Readonly<Record<string, string>> = {}) {
  const steps = answers.map(([expect, send]) => ({ expect, send }));
  const home = path('.');
  const env = environmentOf(home, {
    env: {
      CONFLUENT_CLOUD_API_KEY: undefined,
      CONFLUENT_CLOUD_API_SECRET: undefined,
      INVITE_PROFILE: 'sandbox',
      ...more,
    },
  });
  const ran = await runInPty([process.execPath, program, ...line.split(' ')], steps, { env, cwd: home });
  expect(ran.left, ran.drawn).toBe(0);
  return { code: ran.code, drawn: ran.drawn, text: visible(ran.drawn) };
}

/** Without what they are indented by. */
const lines = (text: string) => text.replaceAll(/\r?\n +/g, '\n');

const pending = () => column('email', 'list --status sent');
const invited = () => ok('create ann@example.com bob@example.com cyd@example.com');

describe('the built program asks about invitations', { timeout: 60_000 }, () => {
  beforeEach(invited);

  test('a yes revokes, a no mails nobody, and the question says which roles go with it', async () => {
    await ok('create bob@example.com --role EnvironmentAdmin@env-1');
    const asked = (text: string) => text.replace(/\s+/g, ' ');
    const again = await typed('resend bob@example.com', [['(y/N)', `n${enter}`]]);
    expect(again.code).toBe(130);
    expect(asked(again.text)).toMatch(
      /mail the invitation of bob.* with EnvironmentAdmin on environment=env-1 again ?\?/,
    );
    const { code, text } = await typed('delete bob@example.com', [['loses all role bindings', `y${enter}`]]);
    expect(code).toBe(0);
    expect(asked(text)).toMatch(/revoke the invitation of bob.* with EnvironmentAdmin on environment=env-1\?/);
    expect(await pending()).toEqual(['ann@example.com', 'cyd@example.com']);
  });

  test('all that there are can be searched, however many', async () => {
    await ok('sandbox seed --count 5200');
    expect(await typed('get', [['\r\n5203', `ann@example.com${enter}`]])).toMatchObject({ code: 0 });
  });

  test('on a dumb terminal they are typed by number', async () => {
    const answers: Answer[] = [
      ['revoke which?', `1 cyd@example.com${enter}`],
      ['(y/N)', `y${enter}`],
    ];
    const { code, drawn } = await typed('delete', answers, { TERM: 'dumb' });
    expect([code, drawn, await pending()]).toEqual([0, expect.not.stringContaining('\x1b'), ['bob@example.com']]);
  });

  test('a mistyped confirmation may be typed once more, and no oftener', async () => {
    await ok(`create ${Array.from({ length: 12 }, (_, n) => `p${n}@example.com`).join(' ')}`);
    for (const [second, code, left] of [
      ['14', 130, 15],
      ['15', 0, 0],
    ] as const) {
      const done = await typed('delete --status sent', [
        ['type 15 to confirm', `16${enter}`],
        ['that is not 15; type it once more', second + enter],
      ]);
      expect([done.code, (await pending()).length]).toEqual([code, left]);
    }
  });

  test('with ACCESSIBLE a missing target is asked for in a line, below those there are', async () => {
    const { code, text } = await typed('get', [['a number or a name):', `bob@example.com${enter}`]], {
      ACCESSIBLE: '1',
    });
    expect(code).toBe(0);
    expect(text).toMatch(
      /ann@example\.com {2}pending.+cyd@example\.com.+show which invitation\?.*email: +bob@example\.com/s,
    );
  });

  test.each([
    ['', true],
    ['1', false],
  ])('an import has a bar, but not with ACCESSIBLE=%s', async (accessible, isDrawn) => {
    write('people.csv', Array.from({ length: 30 }, (_, n) => `p${n}@example.com\n`).join(''));
    const { code, drawn, text } = await typed('import people.csv --yes', [], { ACCESSIBLE: accessible });
    expect([code, text]).toEqual([0, expect.stringContaining('30 created')]);
    expect([/[█░]/.test(drawn), /\x1b\[\d*[A-KJ]/.test(drawn)]).toEqual([isDrawn, isDrawn]);
    // The table begins on a line of its own.
    expect(/[\n\r](?:\x1b\[K)?┌/.test(drawn)).toBe(isDrawn);
  });
});

describe('the built program asks before it invites', { timeout: 60_000 }, () => {
  const whom = 'separated by commas:';
  const admin = 'create ann@example.com --role OrganizationAdmin';
  const grant = 'grant OrganizationAdmin on the organization to ann@example.com?';

  test.each<[about: string, line: string, answer: Answer, code: number, said: string]>([
    ['whom to invite, also with blanks between', 'create', [whom, `a@b.example  c@d.example${enter}`], 0, '2 created'],
    ['whom, which Ctrl-C leaves', 'create', [whom, keys.ctrlC], 130, ''],
    ['for an administrator; Enter alone is a no', admin, [grant, enter], 130, 'nothing was changed'],
    ['for an administrator', admin, [grant, `y${enter}`], 0, 'OrganizationAdmin on the organization granted'],
  ])('%s', async (_, line, answer, code, said) => {
    expect(await typed(line, [answer])).toMatchObject({ code, text: expect.stringContaining(said) });
  });

  test('which file to import, until there is one, and lists each role with its people', async () => {
    write(
      'people.csv',
      'email,role\nann@example.com,AccountAdmin\nbob@example.com,Operator\neve@example.com,Operator\n',
    );
    const { code, text } = await typed('import', [
      ['file to import:', `peple.csv${enter}`],
      ['no such file: "peple.csv"', `${keys.backspace.repeat(8)}eople.csv${enter}`],
      ['Operator on the organization for 2 people', `y${enter}`],
    ]);
    expect(text).toContain('invite 3 people from "people.csv" into "Sandbox"');
    expect(text).toMatch(
      / {2}AccountAdmin on the organization for 1 person: ann@example\.com\s+Operator on the organization for 2 people\s/,
    );
    expect([code, text]).toEqual([0, expect.stringContaining('3 created')]);
  });

  test('about an import, naming administrators first, then domains that nobody has yet', async () => {
    const rows = [
      'ann@example.com,',
      'x@other.example,OrganizationAdmin',
      'w@example.com,',
      'z@third.example,Operator',
    ];
    write('people.csv', `email,role\n${rows.join('\n')}\n`);
    const question = [['with the profile', `n${enter}`]] as const;
    const admin = 'OrganizationAdmin on the organization for 1 person: x@other.example';
    // Of an organization without anybody, every domain is new.
    const { text } = await typed('import people.csv', question);
    expect(text).not.toContain('nobody has yet');
    await ok('create ann@example.com');
    expect(lines((await typed('import people.csv', question)).text)).toContain(
      [
        admin,
        'of a domain that nobody has yet: x@other.example, z@third.example',
        '1 invited already: no mail',
        'Operator on the organization for 1 person',
      ].join('\n'),
    );
    const external = 'import people.csv --allowed-domains third.example --allow-external';
    expect(lines((await typed(external, question)).text)).toContain('nobody has yet: x@other.example\n');
  });
});

test.each([
  ['delete bob@example.com', { CI: '1' }],
  ['delete bob@example.com', { INVITE_NO_INPUT: '1' }],
  ['delete bob@example.com -o id', {}],
  ['get --no-input', {}],
])('nothing is asked at a terminal by %s with %o', async (line, more) => {
  await invited();
  const { code, stderr } = await invite(line, { tty: true, env: { INVITE_PROFILE: 'sandbox', ...more } });
  expect([code, stderr]).toEqual([2, expect.not.stringContaining('(y/N)')]);
  expect(stderr).toMatch(line.startsWith('get') ? /missing|required|name/ : /--yes confirms/);
  expect(await pending()).toHaveLength(3);
});
