import { describe, expect, test } from 'vitest';
import type { PersonSeed, Settings } from '../../src/sandbox/sandbox.ts';
import { personStates } from '../../src/sandbox/state.ts';
import {
  answering,
  apply,
  changing,
  line,
  lines,
  member,
  openMembershipApi,
  organization,
  owner,
  person,
  planned,
  root,
  rowsOf,
  savePlan,
} from './api.ts';

const day = 86_400_000;

describe('plan', () => {
  const people = personStates.map((state, number) => ({
    email: `p${number}@example.com`,
    state,
    roles: ['MetricsViewer', { role_name: 'DataDiscovery', crn_pattern: `${root}/environment=env-a` }],
    api_keys: number % 3,
  }));
  const others = ['User:sa-1', 'User:pool-1', 'User:group-1', 'Group:team', 'User:u-nobody'];
  const role_bindings = others.map((principal) => ({ principal, role_name: 'MetricsViewer' }));

  test.each([
    ['yaml', ''],
    ['json', '-o json'],
  ])('of an export as %s changes nothing', async (_, format) => {
    const api = await openMembershipApi({ people, role_bindings }, { crn_colon: 'encoded' });
    const exported = await api.invite(`export --sso ${format}`);
    expect([exported.code, exported.stderr]).toEqual([0, expect.stringMatching(/^not shown: .*\n$/)]);
    const file = api.write('people', exported.stdout);
    const ran = await api.invite(`plan ${file} --expect-no-changes`);
    expect([ran.code, ran.stderr.split('\n')[0]]).toEqual([0, 'no changes to 4 members']);
    expect(api.changes()).toEqual([]);
  });

  test('says who is not in the file, which is drift if it is to list everybody', async () => {
    const people = [member('ann'), member('left'), person('joe', 'pending'), person('sso', 'sso_member')];
    const api = await openMembershipApi({ people });
    const file = api.file('none', owner, 'ignore: [left@example.com]\n');
    const told = `2 members and invited people are not in people.yaml: invite export --missing-from ${file}\n`;
    const ran = await api.invite(`plan ${file} --expect-no-changes`);
    expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining(told)]);
    const strict = await api.invite(`plan ${file} --expect-no-changes=people`);
    expect([strict.code, strict.stderr]).toEqual([10, expect.stringContaining('2 people are not in it')]);
    expect(strict.stderr).toContain(`hint: invite export --missing-from ${file}\n`);
    // Where there is no one file into which they could be pasted, none is named.
    const saved = await api.invite(`plan ${await savePlan(api, file)} --expect-no-changes=people`);
    expect([saved.code, saved.stderr]).toEqual([10, expect.not.stringContaining('--missing-from')]);
    const whole = api.write('whole.yaml', (await api.invite('export')).stdout);
    expect((await api.invite(`plan ${whole} --expect-no-changes=people`)).code).toBe(0);
  });

  test('export --diff prints the entries to paste, and what differs in them', async () => {
    const people = [member('bob'), member('deb'), member('eve'), member('ann', 'Operator'), member('cyd', 'Assigner')];
    const api = await openMembershipApi({ people });
    const listed = lines(owner, line('ann', 'MetricsViewer'), '  - bob@example.com', line('cyd', 'Assigner'));
    const stdout = `  # line 7: +Operator -MetricsViewer
  - { email: ann@example.com, roles: [Operator] }
  # not in the file
  - { email: deb@example.com, roles: [] }
`;
    const diff = `export --diff ${api.file('none', listed, 'ignore: [eve@example.com]\n')}`;
    expect(await api.invite(diff)).toEqual({ code: 0, stdout, stderr: '' });
  });

  test('says beside the rows that nobody is invited for what has ended', async () => {
    const api = await openMembershipApi({});
    const file = api.file('none', '  - { email: ann@example.com, roles: [{ role: Operator, until: 2020-01-01 }] }');
    const told = 'not invited, since everything of theirs has ended: ann@example.com';
    expect(await planned(api, file)).toMatchObject({ code: 0, rows: [] });
    expect((await api.invite(`plan ${file}`)).stderr).toContain(told);
    expect((await planned(api, `${file} --all`)).rows).toEqual([expect.stringMatching(/^keep ann.*not invited/)]);
  });

  test('names an ignore rule that fits nobody', async () => {
    const api = await openMembershipApi({ people: [member('ann', 'Operator')] });
    const rules = 'ann@example.com, Operator, "*@example.com", u-nobody, jo@example.com, DataSteward';
    const { stderr } = await api.invite(`plan ${api.file('people', owner, `ignore: [${rules}]\n`)}`);
    const unfit = ['u-nobody', 'jo@example.com', 'DataSteward'];
    expect(stderr.match(/^warning: "[^"]*"/gm)).toEqual(unfit.map((rule) => `warning: "${rule}"`));
  });

  test('refuses the resources of another organization before anything is sent', async () => {
    const api = await openMembershipApi();
    const other = 'MetricsViewer@crn://confluent.cloud/organization=11111111-1111-4111-8111-111111111111';
    const named = api.file('none', lines(owner, line('ann'), line('bob', other)));
    const unnamed = api.write('people.csv', `email,role\nann@example.com,\nbob@example.com,${other}\n`);
    for (const [file, place] of [
      [named, 'line 7'],
      [unnamed, 'line 3'],
    ]) {
      const { code, stderr } = await api.invite(`apply ${file} --yes`, { env: { GITHUB_ACTIONS: 'true' } });
      const said = `${place}: "${other}" is in the organization 11111111`;
      expect([code, stderr]).toEqual([2, expect.stringContaining(said)]);
      // The one that names its organization is refused before anything is asked, the other one after.
      expect(stderr).toContain(`::error file=${file},line=${place?.slice(5)}::`);
    }
    expect(api.changes()).toEqual([]);
  });

  test('refuses a role that is ignored under its other name, once the organization is known', async () => {
    const api = await openMembershipApi();
    const rule = `ignore: ["Operator@${root}/environment=env-a"]\n`;
    const file = api.write('people.yaml', `version: 1\n${rule}people:\n${line('ann', 'Operator@env-a')}\n`);
    const stderr = expect.stringContaining('line 4: the role "Operator" is listed, and "Operator@');
    expect(await api.invite(`plan ${file}`)).toMatchObject({ code: 2, stderr });
  });
});

const ago = (days: number) => new Date(Date.now() - days * day).toISOString();

describe('what an API may say, and is drift', () => {
  const overdue = person('bob', 'expired', { created_at: ago(4), expires_at: ago(1) });
  const ended = '  - { email: bob@example.com, until: 2020-01-01 }';
  const unread = /^blocked bob@example.com: may own API keys: they could not be read/;

  test.each<[name: string, bob: PersonSeed, listed: string, row: RegExp, switches?: Partial<Settings>]>([
    ['a pending one past its expiry', overdue, line('bob'), /^reinvite bob@\S+ mail 2/, { expiry_lag: 30 * day }],
    ['API keys that may not be read', person('bob', 'member'), '', unread, { api_keys: 'own_only' }],
    ['a user of the identity provider', person('bob', 'sso_member'), ended, /^remove bob@\S+ no role; no API keys/],
  ])('%s', async (_, bob, listed, row, switches) => {
    const api = await openMembershipApi({ people: [bob] }, switches);
    const file = api.file('people', lines(owner, listed));
    expect((await planned(api, file)).rows).toEqual([expect.stringMatching(row)]);
    expect((await api.invite(`plan ${file} --expect-no-changes`)).code).toBe(10);
  });
});

describe('the organization that is planned for', () => {
  test('is that of the file, or nothing is read', async () => {
    const api = await openMembershipApi();
    const other = organization.replace('8000', '8111');
    const planned = (id: string) =>
      rowsOf(api, `plan ${api.write('people.yaml', `version: 1\norganization: ${id}\npeople: []\n`)}`);
    expect(await planned(other)).toMatchObject({ code: 2, error: 'invalid_file' });
    expect(api.requests).toEqual(['GET /org/v2/organizations']);
    expect(await planned(organization.toUpperCase())).toMatchObject({ code: 0 });
  });

  test('is found by its invitations where the key may not list it', async () => {
    const api = await openMembershipApi({ people: [person('ann', 'pending')] });
    api.hook = answering(/organizations/, 403);
    expect((await api.invite(`plan ${api.file('none', '  - ann@example.com')} --expect-no-changes`)).code).toBe(0);
  });

  test('is not planned without users', async () => {
    const api = await openMembershipApi();
    api.hook = changing(/^GET .*users /, () => []);
    const stderr = expect.stringContaining('the list of users is empty');
    const refused = { code: 3, error: 'bad_response', rows: [], stderr };
    expect(await rowsOf(api, `plan ${api.file('people', owner)}`)).toEqual(refused);
  });
});

describe('somebody who accepted and is not in the list of users', () => {
  test('is kept, if only the list lags', async () => {
    const api = await openMembershipApi({ people: [person('ann', 'pending')] }, { user_list_lag: day });
    api.clock.pass(2 * day);
    await api.sandbox.accept('ann@example.com');
    const file = api.file('none', line('ann'));
    expect((await planned(api, `${file} --all`)).rows).toEqual(['keep ann@example.com: no role (line 5)']);
  });

  test('is mailed again if they have left, or found if the API refuses', async () => {
    const api = await openMembershipApi({ people: [person('ann', 'left')] }, { left_member: 'conflict' });
    const file = api.file('none', '  - ann@example.com');
    expect((await planned(api, file)).rows).toEqual([expect.stringMatching(/^reinvite ann@example.com: mail 2 /)]);
    expect(await apply(api, file)).toMatchObject({ code: 10, outcomes: ['blocked ann'] });
    expect(await api.mails()).toEqual({});
  });
});

test('a service account may run this', async () => {
  const api = await openMembershipApi({ people: [member('eve')] }, { service_account_key: 'works' });
  expect((await api.invite(`apply ${api.file('people', owner)} --yes`)).code).toBe(0);
  expect(await api.state()).toEqual(['owner@sandbox.example OrganizationAdmin']);
});
