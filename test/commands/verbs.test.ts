import { beforeEach, describe, expect, test } from 'vitest';
import { useDesk } from '../support/desk.ts';
import { serveTestSandbox } from '../support/served-sandbox.ts';

const { invite, json, column, ok, write } = useDesk();
const emails = (line: string) => column('email', line);

describe('create', () => {
  test('invites one and returns an object with every field of the API', async () => {
    const created = await json('create ann@example.com');
    const fields = 'api_version auth_type creator email expires_at id kind metadata outcome state status user';
    expect(Object.keys(created).sort()).toEqual(fields.split(' '));
    const { email, outcome, state, status } = created;
    expect([email, outcome, state, status]).toEqual(['ann@example.com', 'created', 'pending', 'INVITE_STATUS_SENT']);
  });

  test('looks before it mails: what is found decides', async () => {
    await ok('create ann@example.com bob@example.com cyd@example.com dan@example.com');
    await ok('sandbox accept bob@example.com', 'sandbox expire cyd@example.com', 'delete dan@example.com --yes');
    const line = 'create ANN@example.com bob@example.com cyd@example.com dan@example.com eve@example.com';
    const outcomes = ['already_invited', 'already_member', 'reinvited', 'reinvited', 'created'];
    expect(await column('outcome', line)).toEqual(outcomes);
  });

  test('named twice is mailed once', async () => {
    const { code, stdout, stderr } = await invite('create ann@example.com Ann@Example.com -o json');
    const words = '"Ann@Example.com" was named more than once; it counts once\n';
    expect([code, JSON.parse(stdout).length, stderr]).toEqual([0, 1, words]);
  });

  test('a star in an address is that character, not the rest of another address', async () => {
    await ok('create ann@example.com');
    expect(await json('create a*n@example.com')).toMatchObject({ outcome: 'created', email: 'a*n@example.com' });
    for (const line of ['get', 'wait', 'resend --yes', 'delete --yes'])
      expect(await invite(`${line} *@example.com`)).toMatchObject({ code: 6, stdout: '' });
  });

  test('--strict makes "already" a failure, alone and among others', async () => {
    await ok('create ann@example.com');
    const stderr = 'error: "ann@example.com" is already invited\n';
    expect(await invite('create ann@example.com --strict')).toEqual({ code: 7, stdout: '', stderr });
    const { code, stdout } = await invite('create ann@example.com bob@example.com --strict -o json');
    const ann = { outcome: 'already_invited', error: { code: 'already_exists' } };
    expect([code, JSON.parse(stdout)]).toMatchObject([7, [ann, { outcome: 'created' }]]);
  });

  test('all bad addresses are listed at once, and nothing is sent', async () => {
    const stderr =
      'error: 2 of 3 are not e-mail addresses\n  "ann": it has no @\n  "eve@x": the domain "x" has no dot\n';
    expect(await invite('create ann bob@example.com eve@x')).toEqual({ code: 2, stdout: '', stderr });
    expect(await json('list')).toEqual([]);
  });

  test('grants roles to the user, and again when run again', async () => {
    const line = 'create ann@example.com --role EnvironmentAdmin@env-1';
    const crn_pattern = expect.stringMatching(/^crn:\/\/confluent\.cloud\/organization=[^/]+\/environment=env-1$/);
    const [granted] = await column('roles', line);
    expect(granted).toEqual([{ role_name: 'EnvironmentAdmin', crn_pattern, outcome: 'granted' }]);
    const roles = [{ outcome: 'already_granted' }];
    expect(await json(line)).toMatchObject({ outcome: 'already_invited', roles });
  });
});

describe('get', () => {
  test('by id and by e-mail', async () => {
    const { id } = await json('create ann@example.com');
    expect(await json(`get ${id}`)).toMatchObject({ id, email: 'ann@example.com', state: 'pending' });
    expect(await json('get Ann@Example.com')).toMatchObject({ id });
  });

  test('of several it is the live one, and stderr says so', async () => {
    await ok('create ann@example.com', 'sandbox expire ann@example.com');
    const { id } = await json('create ann@example.com');
    const { code, stdout, stderr } = await invite('get ann@example.com -o id');
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${id}\n` });
    expect(stderr).toContain('"ann@example.com" has 2 invitations');
  });

  test('by a line of stdin, and by no more than one', async () => {
    const { id } = await json('create ann@example.com');
    expect(await invite('get - -o id', { stdin: 'ann@example.com\n' })).toMatchObject({ code: 0, stdout: `${id}\n` });
    for (const stdin of ['', 'ann@example.com\nbob@example.com\n'])
      expect(await invite('get -', { stdin })).toMatchObject({ code: 2, stdout: '' });
  });

  test('what is not there', async () => {
    const stderr = 'error: no invitation of "nobody@example.com"\nhint: invite people nobody@example.com\n';
    expect(await invite('get nobody@example.com')).toEqual({ code: 6, stdout: '', stderr });
    expect(await invite('get i-00000')).toMatchObject({ code: 6, stdout: '' });
  });
});

describe('list', () => {
  beforeEach(async () => {
    await ok('create ann@example.com bob@example.org cyd@example.com');
    await ok('sandbox accept bob@example.org', 'sandbox expire cyd@example.com');
  });

  test.each([
    ['list --status sent', ['ann@example.com']],
    ['list --domain @EXAMPLE.com,example.net', ['ann@example.com', 'cyd@example.com']],
    ['list --expiring 7d', ['ann@example.com']],
    ['list --expiring 1h', []],
    ['list --newer-than 1h', ['ann@example.com', 'bob@example.org', 'cyd@example.com']],
    ['list --older-than 1h', []],
    ['list --sort email --reverse', ['cyd@example.com', 'bob@example.org', 'ann@example.com']],
    ['ls --reverse', ['cyd@example.com', 'bob@example.org', 'ann@example.com']],
  ])('%s', async (line, expected) => expect(await emails(line)).toEqual(expected));

  test('--user with an address finds the invitation that counts, which has another user than an expired one', async () => {
    await ok('sandbox expire ann@example.com', 'create ann@example.com');
    expect(await column('state', 'list --user ann@example.com')).toEqual(['pending']);
  });

  test('follows all pages', async () => {
    await ok('sandbox seed --count 250');
    expect(new Set(await column('id', 'list')).size).toBe(253);
  });

  test('--unordered asks for every status by itself', async () => {
    const { stdout, stderr } = await invite('list --unordered --debug -o json');
    const asked = stderr.match(/(?<=status=)\w+/g);
    expect([JSON.parse(stdout).length, new Set(asked).size]).toEqual([3, 5]);
  });

  test('an empty list is success', async () => {
    expect(await invite('list --creator u-nobody -o json')).toEqual({ code: 0, stdout: '[]\n', stderr: '' });
    expect(await invite('list --creator u-nobody')).toEqual({ code: 0, stdout: '', stderr: 'no invitations\n' });
    expect(await invite('list --creator u-nobody -q')).toEqual({ code: 0, stdout: '', stderr: '' });
  });
});

describe('delete', () => {
  test('a pending one, by e-mail and by id', async () => {
    const { id } = await json('create ann@example.com');
    await ok('create bob@example.com');
    expect(await json('delete bob@example.com --yes')).toMatchObject({ email: 'bob@example.com', outcome: 'deleted' });
    expect(await json(`rm ${id} -y`)).toMatchObject({ id, outcome: 'deleted' });
    expect(await emails('list --status sent')).toEqual([]);
  });

  test('the result says the state afterwards, a dry run the state now', async () => {
    await ok('create ann@example.com');
    const before = await json('delete ann@example.com -n');
    expect(before).toMatchObject({ outcome: 'deleted', state: 'pending', status: 'INVITE_STATUS_SENT', dry_run: true });
    const after = await json('delete ann@example.com -y');
    expect(after).toMatchObject({ state: 'deactivated', outcome: 'deleted' });
    expect(after).not.toHaveProperty('status');
    expect(await json('delete ann@example.com -y')).toMatchObject({ id: after.id, outcome: 'already_deleted' });
  });

  test('an accepted one is refused, with the command that removes the member', async () => {
    await ok('create ann@example.com', 'sandbox accept ann@example.com');
    const stderr =
      'error: cannot delete "ann@example.com"\n  the invitation was already accepted\n' +
      'hint: to remove the member: invite remove ann@example.com\n';
    expect(await invite('delete ann@example.com --yes')).toEqual({ code: 7, stdout: '', stderr });
  });

  test('of many, those that fail are told apart', async () => {
    await ok('create ann@example.com');
    const { code, stdout } = await invite('delete ann@example.com nobody@example.com i-00000 --yes -o json');
    expect(code).toBe(9);
    expect(JSON.parse(stdout)).toMatchObject([
      { email: 'ann@example.com', outcome: 'deleted' },
      { email: 'nobody@example.com', outcome: 'failed', error: { code: 'not_found', exit_code: 6 } },
      { id: 'i-00000', outcome: 'failed', error: { code: 'not_found' } },
    ]);
  });

  test('an id and the e-mail of the same invitation count once', async () => {
    const { id } = await json('create ann@example.com');
    expect(await json(`delete ann@example.com ${id} --yes`)).toMatchObject([{ id, outcome: 'deleted' }]);
  });

  test('--if-exists makes a missing one success', async () => {
    const nobody = { email: 'nobody@example.com', outcome: 'not_found' };
    expect(await json('delete nobody@example.com --if-exists --yes')).toEqual(nobody);
    const { stderr } = await invite('delete nobody@example.com --if-exists --yes');
    expect(stderr).toBe('no invitation of "nobody@example.com"; nothing to delete\n');
    expect(await json('delete i-00000 --if-exists --yes')).toEqual({ id: 'i-00000', outcome: 'not_found' });
    expect(await invite('delete i-00000 --yes')).toMatchObject({ code: 6, stdout: '' });
  });

  test('of one of many that fails comes with commands that can be pasted', async () => {
    const { code, stdout } = await invite('-p sandbox delete nobody@example.com i-00000 --yes -o json');
    const hints = JSON.parse(stdout).flatMap((one: { error: { hints: string[] } }) => one.error.hints);
    const people = 'invite -p sandbox people nobody@example.com';
    expect({ code, hints }).toEqual({ code: 9, hints: [people, 'invite -p sandbox list'] });
  });

  test('by filter and from stdin', async () => {
    await ok('create ann@example.com bob@example.org', 'sandbox expire ann@example.com');
    expect(await emails('delete --status expired --yes')).toEqual(['ann@example.com']);
    const [bob] = await json('delete - --yes', { stdin: 'bob@example.org\n' });
    expect(bob).toMatchObject({ email: 'bob@example.org', outcome: 'deleted' });
    expect(await json('delete - --yes', { stdin: '' })).toEqual([]);
  });
});

describe('resend', () => {
  test('mails a pending and an expired one again, an accepted one not', async () => {
    await ok('create ann@example.com bob@example.com cyd@example.com');
    await ok('sandbox expire bob@example.com', 'sandbox accept cyd@example.com');
    expect(await json('resend ann@example.com -n')).toMatchObject({ outcome: 'resent', dry_run: true });
    expect(await json('resend ann@example.com --yes')).toMatchObject({ email: 'ann@example.com', outcome: 'resent' });
    expect(await json('resend bob@example.com --yes')).toMatchObject({ outcome: 'resent', state: 'pending' });
    expect(await invite('resend cyd@example.com --yes')).toMatchObject({ code: 7, stdout: '' });
    expect(await invite('resend nobody@example.com --yes')).toMatchObject({ code: 6, stdout: '' });
  });

  test.each(['pending', 'expired'])('of a member by SSO with a %s one says that they are a member', async (state) => {
    for (const one of [state, 'sso_member']) await ok(`sandbox add ann@example.com --state ${one}`);
    const stderr = 'error: cannot mail "ann@example.com" again\n  they are a member already\n';
    for (const option of ['--dry-run', '--yes'])
      expect(await invite(`resend ann@example.com ${option}`)).toEqual({ code: 7, stdout: '', stderr });
  });

  test('a dry run shows the roles that an expired one would hand on, as the run does', async () => {
    await ok('create ann@example.com --role MetricsViewer', 'sandbox expire ann@example.com');
    const roles = [{ role_name: 'MetricsViewer', outcome: 'granted' }];
    for (const option of ['-n', '--yes'])
      expect([option, await json(`resend ann@example.com ${option}`)]).toMatchObject([option, { roles }]);
  });
});

test('the key of a service account that may not invite: the error says what to do, of one and of many', async () => {
  const { env, close } = await serveTestSandbox({ switches: { service_account_key: 'rejected' } });
  const file = write('people.csv', 'email\nann@example.com\nbob@example.com\n');
  for (const line of ['create ann@example.com', 'create ann@example.com bob@example.com', `import ${file} --yes`]) {
    const { code, stderr } = await invite(line, { env });
    expect([line, code > 0, stderr]).toEqual([line, true, expect.stringContaining('hint: use an API key of a user')]);
  }
  await close();
});
