// Who is in: people, trace, report and export, by the whole program.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Settings } from '../../src/sandbox/sandbox.ts';
import {
  answering,
  both,
  changing,
  everybody,
  fileText,
  firstOf,
  type Hook,
  line,
  openMembershipApi,
  organization,
  outcomes,
  owner,
  person,
  planned,
  type Row,
  root,
  rowsOf,
} from './api.ts';

describe('people', () => {
  test.each(both)('has a row for each, in five passes, with the bindings of %o', async (switches) => {
    const role_bindings = [{ principal: 'User:sa-1', role_name: 'Operator' }];
    const api = await openMembershipApi({ people: everybody, role_bindings }, switches);
    const { rows, stderr, code } = await rowsOf(api, 'people --api-keys');
    expect(rows.map(({ email, state, roles }) => [email.split('@')[0], state, roles.length].join(' '))).toEqual([
      'expired expired 1',
      'founder member 1',
      'gone left 0',
      'invited member 1',
      'new member 0',
      'owner member 1',
      'pending pending 2',
      'revoked deactivated 1',
      'sso member 1',
    ]);
    expect(code).toBe(0);
    expect(stderr).toContain('1 service account');
    const lists = api.requests.flatMap((request) => /^GET \/iam\/v2\/([a-z-]+)$/.exec(request)?.[1] ?? []);
    expect(lists.sort()).toEqual(['api-keys', 'invitations', 'role-bindings', 'role-bindings', 'users']);
  });

  test('says how each came in, and what it does not know', async () => {
    const api = await openMembershipApi({ people: everybody });
    const { rows } = await rowsOf(api, 'people old@example.com sso@example.com u-founder PENDING@example.com');
    const renamed = { email: 'new@example.com', invited_as: 'old@example.com', state: 'member', user: { id: 'u-new' } };
    expect(rows).toMatchObject([
      { ...renamed, origin: 'invitation', signs_in: 'local', invited_by: 'owner@sandbox.example' },
      { signs_in: 'sso', origin: 'sso', invited_by: null, invited_at: null, invitation: null, full_name: 'sso' },
      { origin: 'unknown', accepted_at: null },
      { state: 'pending', full_name: null, accepted_at: null, user: { id: 'u-pending' } },
    ]);
    expect(rows.every((row) => !Object.hasOwn(row, 'api_keys'))).toBe(true);
    const table = await api.invite('people new@example.com sso@example.com');
    expect(table.stdout).toMatch(/new@example\.com \(invited as old@example\.com\) +member/);
    expect(table.stdout).toMatch(/sso@example\.com .*EnvironmentAdmin on environment=env-a +by SSO/);
  });

  test.each<[string, Partial<Settings>, Hook | undefined]>([
    ['nearly everything', { list_rows: 'minimal' }, undefined],
    ['whose each of them is', {}, changing(/^GET .*invitations /, ({ user, ...row }) => row)],
  ])('reads by id what a list of invitations leaves out: %s', async (_, switches, hook) => {
    const api = await openMembershipApi({ people: everybody }, switches);
    api.hook = hook;
    const { rows } = await rowsOf(api, 'people pending@example.com expired@example.com old@example.com');
    expect(rows.map(({ state, roles }) => `${state} ${roles.length}`)).toEqual(['pending 2', 'expired 1', 'member 0']);
    expect(await rowsOf(api, 'remove expired@example.com --yes')).toMatchObject({ rows: [{ outcome: 'removed' }] });
    expect(api.changes()).toHaveLength(1);
    const file = api.write('people.csv', 'email,role\npending@example.com,MetricsViewer\n');
    expect((await api.invite(`import ${file} --yes`)).code).toBe(0);
    expect(api.changes()).toEqual([]);
  });

  test('sign in as the API says of each, where its list does not', async () => {
    const api = await openMembershipApi({ people: everybody });
    const silent = changing(/^GET .*users /, ({ id, email, metadata }) => ({ id, email, metadata }));
    api.hook = silent;
    const shown = (await rowsOf(api, 'people sso@example.com founder@example.com invited@example.com')).rows;
    expect(shown).toMatchObject([{ signs_in: 'sso', origin: 'sso' }, { signs_in: 'local' }, { signs_in: 'local' }]);
    expect((await rowsOf(api, 'people --sso')).rows).toMatchObject([{ email: 'sso@example.com' }]);
    // Who may be the identity provider's is never removed for being absent from a file.
    api.hook = firstOf(silent, answering(/^GET .*users.u-sso/, 404));
    const file = api.file('people', `${owner}\n  - founder@example.com`);
    const { rows } = await planned(api, `${file} --max-removals 9`);
    expect(rows.filter((row) => row.includes(' sso@'))).toEqual([expect.stringMatching(/^blocked .*how they sign in/)]);
  });

  test('are who the lists name, whatever their ids look like', async () => {
    const odd = [
      person('odd', 'member', { user: '12345', roles: ['MetricsViewer'] }),
      person('guest', 'pending', { user: 'x-1', roles: ['MetricsViewer'] }),
    ];
    const role_bindings = [{ principal: 'User:777', role_name: 'Operator' }];
    const api = await openMembershipApi({ people: odd, role_bindings });
    const { rows, stderr } = await rowsOf(api, 'people 12345 x-1');
    const found = rows.map(({ email, roles }) => `${email} ${roles.length}`);
    expect(found).toEqual(['odd@example.com 1', 'guest@example.com 1']);
    expect(stderr).toContain('not shown: 1 other principal;');
    expect(await rowsOf(api, 'people 777')).toMatchObject({ code: 2, error: 'usage', rows: [] });
    expect((await api.invite('people -o id')).stdout).toBe('x-1\n12345\nu-sandbox\n');
    const piped = await rowsOf(api, 'remove 12345 x-1 --yes');
    expect(outcomes(piped.rows)).toEqual(['removed odd', 'withdrawn guest']);
  });

  test('of the identity provider are so, too, where a list does not say how they sign in', async () => {
    const provisioned = Array.from({ length: 25 }, (_, n) => person(`sso${n}`, 'sso_member'));
    const api = await openMembershipApi({ people: [...provisioned, person('founder', 'member')] });
    api.hook = changing(/^GET .*users /, ({ auth_type, ...row }) => row);
    const { rows } = await planned(api, api.file('people', owner));
    expect(rows).toEqual([expect.stringContaining('remove founder@example.com')]);
    expect((await api.invite('export')).stderr).toContain('25 SSO members are not listed');
  });

  test('without an id are members, and nobody whom the API does not name', async () => {
    const api = await openMembershipApi({ people: [person('noid', 'member'), person('pending', 'pending')] });
    const isNoid = ({ email }: { readonly email?: unknown }) => email === 'noid@example.com';
    api.hook = firstOf(
      changing(/^GET .*users /, ({ id, ...row }) => (isNoid(row) ? row : { id, ...row })),
      changing(/^GET .*invitations /, ({ user, creator, ...row }) => row),
      answering(/^GET .*invitations.i-/, 404),
    );
    const { rows } = await rowsOf(api, 'people');
    expect(rows).toMatchObject([
      { email: 'noid@example.com', state: 'member', user: null, invitation: null, roles: '?' },
      { email: 'owner@sandbox.example', state: 'member' },
      { email: 'pending@example.com', state: 'pending', invited_by: null, roles: '?' },
    ]);
    expect((await rowsOf(api, 'people --api-keys')).rows).toMatchObject([{ api_keys: '?' }, {}, { api_keys: 0 }]);
    const { stdout } = await api.invite('trace noid@example.com');
    expect(stdout).toContain('Role bindings:\n  unknown: the API does not name their user\n');
    expect(stdout).toContain('  all their API keys, which could not be read;');
    const { people } = await api.json('export');
    expect(people.map(({ email, roles }: Row) => [email, roles?.length])).toEqual([
      ['noid@example.com', undefined],
      ['owner@sandbox.example', 1],
      ['pending@example.com', undefined],
    ]);
    const { rows: due } = await planned(api, api.file('none', line('noid', 'MetricsViewer')));
    expect(due).toEqual([expect.stringMatching(/^blocked .* cannot be granted .* the id of their user/)]);
    expect(await rowsOf(api, 'role revoke pending@example.com Operator')).toMatchObject({ error: 'bad_response' });
    const { code, stderr } = await rowsOf(api, 'remove noid@example.com --with-api-keys --yes');
    expect([code, stderr, api.changes()]).toEqual([10, expect.stringContaining('the id of their user'), []]);
  });

  test('have their roles in one order, whichever answer comes first', async () => {
    const nested = { role_name: 'DataSteward', crn_pattern: `${root}/environment=env-a` };
    const api = await openMembershipApi({ people: [person('ann', 'member', { roles: ['Operator', nested] })] });
    const shown = [];
    for (const turn of [0, 1]) {
      let asked = 0;
      api.hook = (request) => {
        if (!request.includes('role-bindings ')) return undefined;
        asked += 1;
        return asked % 2 === turn ? new Promise((resolve) => setTimeout(resolve, 100, undefined)) : undefined;
      };
      const { roles } = await api.json('people ann@example.com').then(([row]) => row);
      const { role_bindings } = await api.json('trace ann@example.com');
      shown.push(...[roles, role_bindings].map((held: Row['roles']) => held.map(({ role_name }) => role_name)));
    }
    expect(shown).toEqual(Array(4).fill(['DataSteward', 'Operator']));
  });

  test('are sorted by what SINCE shows: when members accepted, and others were invited', async () => {
    const accepted = person('accepted', 'accepted', { created_at: '2026-01-01T00:00:00Z' });
    const times = { created_at: '2026-01-01T12:00:00Z', expires_at: '2099-01-01T00:00:00Z' };
    const again = person('accepted', 'expired', { user: 'u-again', created_at: '2026-01-05T00:00:00Z' });
    const founder = person('founder', 'member');
    const asked = person('founder', 'expired', { user: 'u-asked', created_at: '2026-01-03T00:00:00Z' });
    const pending = person('pending', 'pending', times);
    const api = await openMembershipApi({ people: [accepted, again, pending, founder, asked] });
    const { stdout } = await api.invite('people --domain example.com --sort since --fields email,since -o csv');
    const trace = JSON.parse((await api.invite('trace u-accepted -o json')).stdout);
    expect(trace.invitations.map(({ state }: { readonly state: string }) => state)).toEqual(['expired', 'accepted']);
    const rows = ['pending@example.com,2026-01-01T12:00:00Z', 'accepted@example.com,2026-01-02T00:00:00.000000Z'];
    // That somebody did not accept an invitation tells nothing.
    expect(stdout.trim().split('\n')).toEqual(['email,since', ...rows, 'founder@example.com,']);
  });

  test('are sorted by address whether or not that is said, capitals among small letters', async () => {
    const api = await openMembershipApi({ people: ['Zed', 'ann', 'Bob'].map((name) => person(name, 'pending')) });
    const line = 'people --domain example.com --fields email -o csv';
    const { stdout } = await api.invite(line);
    expect(stdout).toBe('email\nann@example.com\nBob@example.com\nZed@example.com\n');
    expect((await api.invite(`${line} --sort email`)).stdout).toBe(stdout);
  });

  test('are sorted by the number of their keys, not by its digits', async () => {
    const people = [2, 10, 0].map((api_keys) => person(`keys${api_keys}`, 'accepted', { api_keys }));
    const api = await openMembershipApi({ people });
    const line = 'people --api-keys --domain example.com --sort api_keys --fields email,api_keys -o';
    const csv = 'email,api_keys\nkeys0@example.com,0\nkeys2@example.com,2\nkeys10@example.com,10\n';
    expect((await api.invite(`${line} csv`)).stdout).toBe(csv);
    const markdown = '| EMAIL | API\\_KEYS |\n| --- | --- |\n| keys0@example.com | 0 |\n';
    expect((await api.invite(`${line} markdown --limit 1`)).stdout).toBe(markdown);
  });

  const listedWithoutOwner = changing(/^GET .*api-keys /, ({ spec, ...row }) => row);
  const ownerless = firstOf(listedWithoutOwner, answering(/^GET .*api-keys.KEY/, 404));
  test.each([
    ['of each', listedWithoutOwner, [1, 0], 'owns 1 API key'],
    ['nowhere', ownerless, ['?', '?'], 'they could not be read'],
  ] as const)('own the keys whose owner the API tells %s', async (_, hook, counts, why) => {
    const people = [person('keys', 'member', { api_keys: ['KEY1'] }), person('none', 'member')];
    const api = await openMembershipApi({ people });
    api.hook = hook;
    const { stdout } = await api.invite('people u-keys u-none --api-keys -o json');
    expect(JSON.parse(stdout).map(({ api_keys }: { api_keys: unknown }) => api_keys)).toEqual(counts);
    expect((await rowsOf(api, 'remove u-keys --yes')).stderr).toContain(why);
  });

  test('answers a stranger with a row and 6', async () => {
    const api = await openMembershipApi({ people: everybody });
    const { rows, code, error } = await rowsOf(api, 'people nobody@example.com founder@example.com');
    expect([rows.map(({ state }) => state), code, error]).toEqual([['none', 'member'], 6, 'not_found']);
  });

  test('are read from stdin, of which an empty one is nobody', async () => {
    const api = await openMembershipApi({ people: everybody });
    const named = (stdin: string) => api.invite('people - -o id', { stdin });
    expect(await named('# leavers\r\nFOUNDER@example.com\r\nu-sso')).toMatchObject({
      code: 0,
      stdout: 'u-founder\nu-sso\n',
    });
    expect(await named('')).toMatchObject({ code: 0, stdout: '' });
    expect(await named('nobody@example.com')).toMatchObject({ code: 6 });
  });

  test('are filtered', async () => {
    const api = await openMembershipApi({ people: everybody });
    const expected = {
      '--admins': 'owner',
      '--without-roles': 'new',
      '--without-roles --state left,member': 'gone new',
      '--sso': 'sso',
      '--role EnvironmentAdmin --state member': 'invited sso',
      '--role EnvironmentAdmin@env-b --role MetricsViewer': 'expired founder pending',
      '--state expired,deactivated --sort state --reverse': 'expired revoked',
      '--with-api-keys': 'owner',
      '--invited-by OWNER@sandbox.example --state left': 'gone',
      '--domain sandbox.example': 'owner',
      '--limit 2': 'expired founder',
    };
    const found: Record<string, string> = {};
    for (const flags of Object.keys(expected))
      found[flags] = (await rowsOf(api, `people ${flags}`)).rows.map(({ email }) => email.split('@')[0]).join(' ');
    expect(found).toEqual(expected);
  });

  test('are not listed for what nobody can be', async () => {
    const api = await openMembershipApi({});
    for (const [flags, code, error] of [
      ['--state membr', 2, 'usage'],
      ['--role MetricViewer', 2, 'usage'],
      ['--role Admin', 2, 'usage'],
      ['--role Operator@crn://confluent.cloud/organization=other', 2, 'usage'],
      ['--invited-by nobody@example.com', 6, 'not_found'],
      ['sa-123', 2, 'usage'],
      ['i-123', 2, 'usage'],
      ['founder@example.com EnvironmentAdmin@env-a', 2, 'usage'],
      ['founder@example.com DeveloperRead@env-a/lkc-1/topic=a.b', 2, 'usage'],
    ] as const)
      expect(await rowsOf(api, `people ${flags}`), flags).toMatchObject({ code, error, rows: [] });
  });

  test('lists who is not in a file, by ids for the next command', async () => {
    const api = await openMembershipApi({ people: everybody });
    const file = api.write('hr.csv', 'email\nOLD@example.com\nfounder@example.com\nowner@sandbox.example\n');
    const { stdout } = await api.invite(`people --state member --not-in ${file} -o id`);
    const piped = await api.invite('people --state member --not-in - -o id', { stdin: readFileSync(file, 'utf8') });
    expect(piped.stdout).toBe(stdout);
    expect(stdout).toBe('u-invited\nu-sso\n');
    const ignore = 'ignore: ["*@sandbox.example", u-sso]\n';
    const late = '  - { email: late@example.com, was: founder@example.com }';
    const ended = '  - { email: invited@example.com, until: 2020-01-01 }';
    const document = api.file('none', `${late}\n${ended}`, ignore);
    expect((await api.invite(`people --state member --not-in ${document} -o id`)).stdout).toBe('u-invited\nu-new\n');
  });

  test('have a ? for what may not be read', async () => {
    const api = await openMembershipApi({ people: everybody }, { forbidden: ['role_bindings.list', 'api_keys.list'] });
    for (const format of ['table', 'json', 'csv', 'markdown']) {
      const { code, stdout, stderr } = await api.invite(`people founder@example.com --api-keys -o ${format}`);
      expect([format, code, stdout.match(/\?/g)?.length]).toEqual([format, 0, 2]);
      expect(stderr).toContain('this key may not list role bindings');
    }
    const crn_pattern = `crn://confluent.cloud/organization=${organization}/environment=env-a`;
    const role_bindings = [{ principal: 'User:sa-1', role_name: 'EnvironmentAdmin', crn_pattern }];
    const half = await openMembershipApi({ people: everybody, role_bindings });
    half.hook = answering(/^GET .*role-bindings /, 403, 1);
    const words = 'warning: this key may not list role bindings, so roles are shown as ?\n';
    expect((await half.invite('people')).stderr).toBe(words);
    for (const flag of ['--admins', '--with-api-keys'])
      expect(await rowsOf(api, `people ${flag}`), flag).toMatchObject({ code: 5, error: 'forbidden', rows: [] });
    api.hook = answering(/role-bindings/, 500);
    expect(await rowsOf(api, 'people --retries 0')).toMatchObject({ code: 3, error: 'api_unavailable', rows: [] });
  });
});

test('a trace tells what would be deleted and what would remain', async () => {
  const ann = { email: 'Ann@example.com', user: 'u-ann', roles: ['MetricsViewer'], api_keys: ['KEY0000001'] };
  const role_bindings = [{ principal: 'User:u-ghost', role_name: 'Operator' }];
  const api = await openMembershipApi({ people: [ann], role_bindings });
  // As remove does: this is nobody who could leave.
  const if_removed = { deleted: [], remains: ['1 role binding'] };
  const ghost = { email: null, state: 'unknown', role_bindings: [{ principal: 'User:u-ghost' }], if_removed };
  expect(await rowsOf(api, 'trace u-ghost')).toMatchObject({ code: 0, rows: [ghost] });
  const listed = { state: 'none', roles: [{ role_name: 'Operator' }] };
  expect((await rowsOf(api, 'people u-ghost')).rows).toMatchObject([listed]);
  const shown = await api.invite('trace ann@example.com');
  const text = shown.stdout.replace(/\d{4}-\d\d-\d\d/g, 'DAY').replace(/i-\w+/g, 'i-1');
  expect(text).toBe(`Ann@example.com  member  u-ann  signs in with AUTH_TYPE_LOCAL

Invitations:
  i-1  accepted  created DAY  accepted DAY

Role bindings:
  MetricsViewer on the organization

API keys:
  KEY0000001

If they were removed, this would be deleted:
  the user u-ann
  1 role binding
  1 API key: KEY0000001; whatever uses it stops working

and this would remain:
  the invitation i-1 in the list, accepted
`);
  expect(await api.invite('trace u-ann')).toEqual(shown);
  const record = JSON.parse((await api.invite('trace u-ann -o json')).stdout);
  expect(record).toMatchObject({ user: { id: 'u-ann' }, state: 'member', api_keys: ['KEY0000001'] });
  for (const [target, code] of Object.entries({ 'nobody@example.com': 6, 'u-nobody': 6, 'i-1': 2 }))
    expect((await api.invite(`trace ${target}`)).code, target).toBe(code);
});

test('a trace finds somebody under either address, and both users of one address', async () => {
  const twin = (user: string, ...roles: string[]) => person('twin', 'member', { user, roles });
  const twins = [twin('u-two', 'Operator', 'Assigner'), twin('u-one', 'MetricsViewer')];
  const api = await openMembershipApi({ people: [...everybody, ...twins] });
  for (const name of ['old@example.com', 'new@example.com', 'u-new']) {
    const { rows } = await rowsOf(api, `trace ${name}`);
    expect(rows).toMatchObject([{ email: 'new@example.com', invited_as: 'old@example.com', state: 'member' }]);
  }
  const { rows } = await rowsOf(api, 'trace twin@example.com');
  const principals = ['User:u-one', 'User:u-two', 'User:u-two'].map((principal) =>
    expect.objectContaining({ principal, id: expect.any(String) }),
  );
  expect(rows).toMatchObject([{ users: [{ id: 'u-one' }, { id: 'u-two' }], role_bindings: principals }]);
  expect((await api.invite('trace twin@example.com')).stdout).toContain('u-two: Operator');
  expect((await api.json('trace u-two')).if_removed.deleted).toEqual(['the user u-two', '2 role bindings']);
  const listed = (await rowsOf(api, 'people twin@example.com u-one')).rows;
  expect(listed.map(({ roles }) => roles.length)).toEqual([1, 2]);
  const removed = await rowsOf(api, 'remove twin@example.com --yes');
  expect([removed.code, removed.error, api.changes()]).toEqual([10, 'drift', []]);
  const third = person('twin', 'pending', { user: 'u-three', roles: ['OrganizationAdmin'] });
  await api.sandbox.populate({ people: [third] });
  const administers = [{ email: 'twin@example.com', state: 'pending', user: { id: 'u-three' } }];
  expect((await rowsOf(api, 'people --admins --domain example.com')).rows).toMatchObject(administers);
  expect((await rowsOf(api, 'people u-three')).rows).toMatchObject(administers);
  expect(outcomes((await rowsOf(api, 'remove u-three --yes')).rows)).toEqual(['withdrawn twin']);
  expect((await rowsOf(api, 'remove u-two --yes')).code).toBe(0);
  // The list lags behind that of the users.
  const open = { status: 'INVITE_STATUS_SENT', expires_at: '2099-01-01T00:00:00Z' };
  api.hook = changing(/^GET .*invitations /, (row) => ({ ...row, ...open }));
  const accepted = { invitations: [{ status: 'INVITE_STATUS_ACCEPTED' }] };
  expect((await rowsOf(api, 'trace u-invited')).rows).toMatchObject([accepted]);
});

test('a list of invitations takes addresses of people', async () => {
  const api = await openMembershipApi({ people: everybody });
  for (const [flags, code, count] of [
    ['--creator OWNER@sandbox.example --status expired', 0, 1],
    ['--user pending@example.com', 0, 1],
    ['--creator old@example.com', 0, 0],
    ['--creator nobody@example.com', 6, 0],
    ['--creator nonsense', 2, 0],
  ] as const)
    expect(await rowsOf(api, `list ${flags}`), flags).toMatchObject({ code, rows: { length: count } });
});

test('a report is the access review', async () => {
  const boss = person('boss', 'accepted', { roles: ['OrganizationAdmin'], api_keys: 3 });
  const ended = person('ended', 'expired', { roles: ['AccountAdmin'] });
  const role_bindings = ['sa-1', 'u-ghost'].map((id) => ({ principal: `User:${id}`, role_name: 'OrganizationAdmin' }));
  const api = await openMembershipApi({ people: [...everybody, boss, ended], role_bindings });
  const { stdout } = await api.invite('report --api-keys -o json');
  expect(JSON.parse(stdout)).toMatchObject({
    organization: { id: organization },
    generated_by: 'owner@sandbox.example',
    people_by_state: { member: 6, pending: 1, expired: 2, deactivated: 1, left: 1 },
    administrators: [
      { email: 'boss@example.com', since: expect.any(String), invited_by: 'owner@sandbox.example' },
      // As people --admins has them.
      { email: 'ended@example.com', state: 'expired' },
      { email: 'owner@sandbox.example', since: null, invited_by: null },
    ],
    api_key_owners: [
      { email: 'boss@example.com', api_keys: 3 },
      { email: 'owner@sandbox.example', api_keys: 1 },
    ],
    without_roles: [{ email: 'new@example.com', state: 'member' }],
    pending: [{ email: 'pending@example.com' }],
    expired: [{ email: 'ended@example.com' }, { email: 'expired@example.com' }],
    not_shown: { service_accounts: 1, unknown_users: 1 },
  });
  const markdown = await api.invite('report -o markdown');
  for (const words of ['## Access review', 'by owner', 'OrganizationAdmin on the organization', '1 unknown user;'])
    expect(markdown.stdout).toContain(words);
  expect(JSON.parse((await api.invite('report -o json')).stdout)).not.toHaveProperty('api_key_owners');
});

test('a report says what it may not read', async () => {
  const people = { people: everybody };
  const blind = await openMembershipApi(people, { forbidden: ['role_bindings.list', 'api_keys.list', 'api_keys.get'] });
  const found = JSON.parse((await blind.invite('report --api-keys -o json')).stdout);
  expect(found).toMatchObject({ administrators: null, without_roles: null, api_key_owners: null, not_shown: null });
  expect((await blind.invite('report')).stdout).toContain('Not shown\n?: this key may not read it');
  expect((await blind.invite('report -o csv')).stdout).toContain('not_shown,,,\n');
  expect((await blind.invite('report -o markdown')).stdout).toMatch(/, by an owner whom the API does not name\n/);
  blind.hook = changing(/^GET .*invitations /, ({ accepted_at, ...row }) => row);
  expect((await blind.invite('report')).stdout).toContain('measured over 0 of 3 that were accepted\n');
  const blinder = await openMembershipApi(people, { forbidden: ['users.list'] });
  const blinded = await blinder.invite('report -o json');
  expect(blinded).toMatchObject({ code: 0, stderr: expect.stringContaining('may not list users') });
  expect(JSON.parse(blinded.stdout).total).toBe(6);
  blinder.hook = answering(/^GET .*invitations /, 403);
  const stderr = expect.not.stringContaining('only invitations');
  expect(await rowsOf(blinder, 'report')).toMatchObject({ code: 5, stderr });
  blinder.hook = answering(/^GET .*users /, 500);
  expect(await rowsOf(blinder, 'report --retries 0')).toMatchObject({ code: 3, error: 'api_unavailable' });
});

test('a report shows twenty rows of a section on a terminal, and counts the others', async () => {
  const api = await openMembershipApi({ people: Array.from({ length: 25 }, (_, n) => person(`p${n}`, 'pending')) });
  const { stdout } = await api.invite('report --fields pending', { tty: true, columns: 100 });
  expect([stdout.match(/@example/g)?.length, stdout]).toEqual([20, expect.stringContaining('\nand 5 more; -o json')]);
});

test('an export can be imported: nobody is new, and no role is granted again', async () => {
  const api = await openMembershipApi({ people: everybody });
  const file = api.write('people.csv', (await api.invite('export -o csv --sso')).stdout);
  const { code, rows } = await rowsOf(api, `import ${file} --yes`);
  const changed = rows.filter(({ outcome }) => !outcome.startsWith('already_'));
  const granted = rows.flatMap(({ roles = [] }) => roles.filter(({ outcome }) => outcome !== 'already_granted'));
  expect([code, changed, granted, await api.mails()]).toEqual([0, [], [], {}]);
  expect(api.changes().filter((request) => request.includes('role-bindings'))).toEqual([]);
});

test('an export of who is missing from a file has the entries to paste', async () => {
  const api = await openMembershipApi({ people: everybody });
  const stdin = fileText('none', '  - NEW@example.com\n  - pending@example.com', 'ignore: ["*@sandbox.example"]\n');
  const entries = `${line('founder', 'MetricsViewer')}\n${line('invited', 'EnvironmentAdmin@env-a')}\n`;
  expect(await api.invite('export --missing-from -', { stdin })).toMatchObject({ code: 0, stdout: entries });
  const rows = await api.invite(`export --missing-from ${api.write('f.yaml', stdin)} -o csv`);
  expect(rows.stdout).toBe('founder@example.com,MetricsViewer,,,,\ninvited@example.com,EnvironmentAdmin,env-a,,,\n');
  expect((await api.invite('export -o id')).code).toBe(2);
});

test('an export says who is not in it, in the file and beside it', async () => {
  const boss = person('boss', 'sso_member', { roles: ['OrganizationAdmin'] });
  const role_bindings = [{ principal: 'User:pool-1', role_name: 'Operator' }];
  const api = await openMembershipApi({ people: [...everybody, boss], role_bindings });
  const words = '2 SSO members are not listed, among them the administrator boss@example.com; --sso lists them';
  const yaml = await api.invite('export');
  expect(yaml.stdout).toContain(`\n# ${words}\n# not shown: 1 identity pool`);
  for (const format of ['yaml', 'json', 'csv'])
    expect((await api.invite(`export -o ${format}`)).stderr).toContain(words);
  expect((await api.invite('export --sso')).stderr).not.toContain('SSO member');
});
