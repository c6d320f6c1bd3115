// Which invitations a command is about: names, filters, --limit, and what is on this machine's own record.
import { describe, expect, test } from 'vitest';
import { losing, type ObservedSandbox, observeSandbox } from '../support/observed-sandbox.ts';
import { runCli } from '../support/run-cli.ts';

const minute = 60_000;
const hour = 60 * minute;

/** The e-mails of the rows that a line shows, in their order. */
async function emails(api: ObservedSandbox, line: string): Promise<string[]> {
  return (await api.json(line)).map((one: { email: string }) => one.email);
}

/** The hints below the table that a terminal shows. */
async function hints(api: ObservedSandbox, line: string): Promise<string[]> {
  const { code, stderr } = await api.invite(line, { tty: true, columns: 200, env: { INVITE_NO_INPUT: '1' } });
  expect(code).toBe(0);
  return stderr.trimEnd().split('\n');
}

/** Two expired ones of each domain, one of which the server still shows as SENT, and a pending one. */
async function expiredPeople(): Promise<ObservedSandbox> {
  const api = await observeSandbox({ expires_after: hour, expiry_lag: 3 * hour });
  await api.invite('create a@example.com b@example.net');
  api.clock.pass(2 * hour);
  await api.invite('create c@example.com d@example.net');
  api.clock.pass(2.5 * hour);
  await api.invite('create e@example.com f@example.net');
  return api;
}

describe('--status expired, while the server still says SENT of some', () => {
  test('list shows both kinds, those that are still SENT first', async () => {
    const api = await expiredPeople();
    const { stdout } = await api.invite('list -o csv --fields email,state,status');
    expect(stdout.trim().split('\n')).toEqual([
      'email,state,status',
      'a@example.com,expired,INVITE_STATUS_EXPIRED',
      'b@example.net,expired,INVITE_STATUS_EXPIRED',
      'c@example.com,expired,INVITE_STATUS_SENT',
      'd@example.net,expired,INVITE_STATUS_SENT',
      'e@example.com,pending,INVITE_STATUS_SENT',
      'f@example.net,pending,INVITE_STATUS_SENT',
    ]);
    const found = await emails(api, 'list --status expired');
    expect(found).toEqual(['c@example.com', 'd@example.net', 'a@example.com', 'b@example.net']);
  });

  test.each([
    '--status expired --domain example.net',
    '--status expired --limit 3',
    "--status expired,pending --limit 3 --email '?@*'",
    "--email '*@example.net' --limit 2",
  ])('delete and resend choose who list %s shows', async (options) => {
    const api = await expiredPeople();
    const listed = await emails(api, `list ${options}`);
    expect(await emails(api, `delete ${options} -n`)).toEqual(listed);
    expect(await emails(api, `resend ${options} -n`)).toEqual(listed);
    expect(await emails(api, `resend ${options} -y`)).toEqual(listed);
    expect(await api.mailed()).toBe(6 + listed.length);
  });

  test('somebody with a newer invitation is not mailed because of the old one', async () => {
    const api = await expiredPeople();
    await api.invite('create a@example.com');
    expect(await emails(api, 'resend --status expired --domain example.com -n')).toEqual(['c@example.com']);
  });
});

describe('the hints of a list', () => {
  const expired = 'hint: 4 have expired: invite resend --status expired';
  const expiring = 'hint: 2 will expire within 48 hours: invite resend --expiring 48h';

  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['list', [expiring, expired]],
    ['list --limit 100', [expiring, expired]],
    [
      'list --domain example.net',
      [
        'hint: 1 will expire within 48 hours: invite resend --domain example.net --expiring 48h',
        'hint: 2 have expired: invite resend --status expired --domain example.net',
      ],
    ],
    ["list --email 'a@*'", ["hint: 1 has expired: invite resend --email 'a@*' --status expired"]],
    ['list --expiring 7d', ['hint: 2 will expire within 48 hours: invite resend --expiring 48h']],
    ['list --expiring 90m', ['hint: 2 will expire within 48 hours: invite resend --expiring 90m']],
    // Only some of the expired ones are SENT.
    [
      'list --status sent',
      ['hint: 2 will expire within 48 hours: invite resend --status sent --expiring 48h', 'hint: 2 have expired'],
    ],
    ['list --status expired --limit 3', ['hint: 3 have expired']],
    ['list --limit 2', ['hint: 2 have expired']],
    ['list --status expired,pending --limit 5', ['hint: 2 will expire within 48 hours', 'hint: 3 have expired']],
  ];

  test('say what expires, with a command where one chooses the same people', async () => {
    const api = await expiredPeople();
    for (const [line, expected] of rows) expect([line, await hints(api, line)]).toEqual([line, expected]);
  });
});

describe('--limit', () => {
  test.each(['delete', 'resend'])('%s --limit needs a filter, and takes no names beside it', async (command) => {
    const api = await observeSandbox();
    await api.invite('create ann@example.com');
    for (const [line, message] of [
      [`${command} -y`, 'error: missing target'],
      [`${command} --limit 1 -y`, 'error: --limit needs a filter\n'],
      [`${command} ann@example.com --limit 1 -y`, 'error: name targets or give --limit, not both\n'],
      [`${command} ann@example.com --status sent -y`, 'error: name targets or give filters, not both\n'],
    ] as const) {
      const { code, stdout, stderr } = await api.invite(line);
      expect([line, code, stdout, stderr.slice(0, message.length)]).toEqual([line, 2, '', message]);
    }
    expect(await api.mailed()).toBe(1);
  });

  test('asks for no page that it does not need', async () => {
    const api = await observeSandbox();
    await api.sandbox.seed(150);
    api.requests.length = 0;
    expect(await emails(api, 'delete --status sent --limit 2 -n')).toHaveLength(2);
    expect(api.requests).toHaveLength(1);
  });
});

describe('directly after create, where the list lags by a minute', () => {
  const email = 'ann@example.com';

  test.each([
    [`get ${email}`, 'pending', undefined],
    ['get ANN@example.com', 'pending', undefined],
    [`delete ${email} -y`, 'deactivated', 'deleted'],
    [`resend ${email} -y`, 'pending', 'resent'],
    [`wait ${email} --for pending`, 'pending', 'reached'],
  ])('%s', async (line, state, outcome) => {
    const api = await observeSandbox({ list_lag: minute });
    const created = await api.json(`create ${email}`);
    const found = await api.json(line);
    expect(found).toMatchObject({ email, state, ...(outcome === undefined ? {} : { outcome }) });
    if (outcome !== 'resent') expect(found.id).toBe(created.id);
  });

  test('several at once, one of whom nobody invited', async () => {
    const api = await observeSandbox({ list_lag: minute });
    await api.invite(`create ${email} bob@example.com`);
    const { code, stdout } = await api.invite(`delete ${email} bob@example.com cyd@example.com -y -o json`);
    const ends = ['deleted', 'deleted', 'failed'].map((outcome) => ({ outcome }));
    expect([code, JSON.parse(stdout)]).toMatchObject([9, ends]);
  });

  test('the one that was sent last counts, not the expired one that the list shows', async () => {
    const api = await observeSandbox({ list_lag: minute, expires_after: hour });
    await api.invite(`create ${email}`);
    api.clock.pass(2 * hour);
    const { id } = await api.json(`create ${email}`);
    expect((await api.invite(`get ${email} -o id`)).stdout).toBe(`${id}\n`);
  });

  test('without an id on record, the error says that a mail may be on its way', async () => {
    const api = await observeSandbox({ list_lag: hour });
    api.hook = losing(/^POST/, Number.POSITIVE_INFINITY);
    await api.invite(`create ${email}`);
    const stderr = expect.stringContaining('it was mailed from this machine in the last 24 hours');
    expect(await api.invite(`get ${email}`)).toMatchObject({ code: 6, stderr });
  });

  test.each(['delete --if-exists', 'remove --if-exists', 'resend'])(
    '%s does not say that nobody is there to whom a mail may be on its way',
    async (line) => {
      const api = await observeSandbox({ list_lag: hour });
      api.hook = losing(/^POST/, Number.POSITIVE_INFINITY);
      await api.invite(`create ${email}`);
      const stderr = expect.stringContaining(`error: a mail to "${email}" may be on its way since`);
      expect(await api.invite(`${line} ${email} --yes`)).toMatchObject({ code: 3, stdout: '', stderr });
    },
  );

  test('no request is made for an id that the list shows', async () => {
    const api = await observeSandbox();
    await api.invite(`create ${email}`);
    api.requests.length = 0;
    await api.invite(`get ${email}`);
    expect(api.requests).toEqual(['GET /iam/v2/invitations']);
  });
});

test.each([
  ['delete - --yes --if-exists', true],
  ['import - --dry-run', true],
  ['delete - --yes --if-exists', false],
])('%s says that it reads from the terminal, if stdin is one: %s', async (line, tty) => {
  const { stderr } = await runCli(`-p sandbox ${line} --no-input`, { stdin: 'nobody@example.com\n', tty });
  expect(stderr.includes('reading from the terminal; Ctrl-D')).toBe(tty);
});
