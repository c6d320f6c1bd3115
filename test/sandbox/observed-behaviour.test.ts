// Behaviours that clients of the real API have met, each behind a setting.
import { describe, expect, test } from 'vitest';
import { parseSetting } from '../../src/sandbox/settings.ts';
import { emails, openWorld, type World } from './world.ts';

const path = '/iam/v2/invitations';
const bindings = '/iam/v2/role-bindings';
const organization = 'crn://confluent.cloud/organization=00000000-0000-4000-8000-73616e64626f';
const inOrganization = `crn_pattern=${organization}`;

describe('a person who is invited again', () => {
  test.each([
    ['same_id', true, true],
    ['new_id', false, true],
    ['new_user', false, false],
  ] as const)('while pending: %s', async (reissue, sameId, sameUser) => {
    const { invite, ask, sandbox } = await openWorld({ reissue });
    const [first, second] = [await invite('ann@example.com'), await invite('Ann@example.com')];
    expect([first.id === second.id, first.user.id === second.user.id]).toEqual([sameId, sameUser]);
    const role = { role_name: 'MetricsViewer', crn_pattern: organization };
    expect((await ask(`POST ${bindings}`, { ...role, principal: `User:${second.user.id}` })).status).toBe(201);
    expect(emails(await ask(`GET ${path}`))).toEqual(['ann@example.com']);
    expect((await ask(`GET ${path}/${first.id}`)).status).toBe(sameId ? 200 : 404);
    expect(await sandbox.mails()).toEqual(new Map([['ann@example.com', 2]]));
  });

  test('while pending is a conflict in the words for a member', async () => {
    const { invite, ask } = await openWorld({ reissue: 'conflict' });
    await invite('ann@example.com');
    const { status, json } = await ask(`POST ${path}`, { email: 'ann@example.com' });
    expect([status, json.errors[0].detail]).toEqual([409, 'This user already exists within the Organization']);
  });

  test.each([
    ['new_id', false, false],
    ['same_user', false, true],
    ['same_id', true, true],
  ] as const)('after expiry: %s', async (reinvite, sameId, sameUser) => {
    const { invite, sandbox } = await openWorld({ reinvite });
    const first = await invite('ann@example.com');
    await sandbox.expire('ann@example.com');
    const second = await invite('ann@example.com');
    expect([first.id === second.id, first.user.id === second.user.id]).toEqual([sameId, sameUser]);
    expect((await sandbox.accept('ann@example.com')).user).toMatchObject({ id: second.user.id });
  });
});

test('a row of the list can have only what is required; the invitation itself has everything', async () => {
  const { invite, ask } = await openWorld({ list_rows: 'minimal' });
  const { id } = await invite('ann@example.com');
  const [row] = (await ask(`GET ${path}?email=ann@example.com`)).json.data;
  expect(Object.keys(row)).toEqual(['api_version', 'kind', 'id', 'email', 'metadata']);
  expect((await ask(`GET ${path}/${id}`)).json.user.id).toMatch(/^u-/);
});

test('the clock of the API can differ: in Date, and in what it calls expired', async () => {
  const hour = 3_600_000;
  const { invite, ask, clock } = await openWorld({ clock_offset: 2 * hour });
  const { id, metadata } = await invite('ann@example.com');
  const { headers } = await ask(`GET ${path}/${id}`);
  expect(Date.parse(headers.get('date') ?? '')).toBe(clock.now() + 2 * hour);
  expect(Date.parse(metadata.created_at)).toBe(clock.now() + 2 * hour);
  clock.pass(71 * hour);
  expect((await ask(`GET ${path}/${id}`)).json.status).toBe('INVITE_STATUS_SENT');
  clock.pass(hour);
  expect((await ask(`GET ${path}/${id}`)).json.status).toBe('INVITE_STATUS_EXPIRED');
});

test.each([
  ['by_position', 5],
  ['by_offset', 4],
] as const)('paging %s: a member who is deleted meanwhile', async (paging, seen) => {
  const { sandbox, ask } = await openWorld({ paging });
  const people = await sandbox.populate({
    people: ['a', 'b', 'c', 'd'].map((name) => ({ email: `${name}@example.com` })),
  });
  const first = await ask('GET /iam/v2/users?page_size=3');
  await ask(`DELETE /iam/v2/users/${people[0]?.user}`);
  const second = await ask(`GET ${first.json.metadata.next.replace('https://api.confluent.cloud', '')}`);
  expect(new Set([...emails(first), ...emails(second)]).size).toBe(seen);
  expect(second.json.metadata.next).toBeUndefined();
});

test.each(['400', '422'] as const)('what a list rejects is %s', async (rejected_status) => {
  const { ask } = await openWorld({ rejected_status, large_page: 'rejected', filters: 'rejected' });
  for (const query of ['page_size=101', 'email=ann@example.com']) {
    expect(String((await ask(`GET ${path}?${query}`)).status)).toBe(rejected_status);
  }
});

test('a role binding can be missing from lists for a while', async () => {
  const { ask, sandbox, clock } = await openWorld({ role_binding_list_lag: 90_000 });
  await sandbox.populate({ role_bindings: [{ principal: 'User:sa-1', role_name: 'MetricsViewer' }] });
  const listed = async () => (await ask(`GET ${bindings}?${inOrganization}&principal=User:sa-1`)).json.data.length;
  expect(await listed()).toBe(0);
  clock.pass(90_000);
  expect(await listed()).toBe(1);
});

describe('what the key may not do does not happen', () => {
  async function inhabited(switches: Parameters<typeof openWorld>[0]): Promise<World & { rows: string[] }> {
    const world = await openWorld(switches);
    const [member, pending] = await world.sandbox.populate({
      people: [
        { email: 'mem@example.com', roles: ['MetricsViewer'] },
        { email: 'ann@example.com', state: 'pending' },
      ],
      role_bindings: [{ id: 'rb-1', principal: 'User:sa-1', role_name: 'MetricsViewer' }],
    });
    const rows = [`/iam/v2/users/${member?.user}`, `${path}/${pending?.invitation}`, `${bindings}/rb-1`];
    return { ...world, rows };
  }

  test.each([
    ['403', 'documented'],
    ['403', 'recorded'],
    ['404', 'documented'],
  ] as const)('a DELETE is %s, %s', async (forbidden_status, forbidden_body) => {
    const forbidden = ['users.delete', 'invitations.delete', 'role_bindings.delete'] as const;
    const { ask, rows } = await inhabited({ forbidden, forbidden_status, forbidden_body });
    for (const row of rows) {
      const { status, json } = await ask(`DELETE ${row}`);
      expect(String(status)).toBe(forbidden_status);
      if (forbidden_body === 'recorded') expect(json.errors[0]).toMatchObject({ code: 'forbidden_access', source: {} });
      expect(await ask(`GET ${row}`)).toMatchObject({ status: 200 });
    }
    expect((await ask('GET /iam/v2/users')).json.data).toHaveLength(2);
  });

  test.each([
    ['users.list', 'GET /iam/v2/users'],
    ['role_bindings.list', `GET ${bindings}?${inOrganization}`],
    ['api_keys.list', 'GET /iam/v2/api-keys'],
    ['applied_quotas.list', 'GET /service-quota/v1/applied-quotas?scope=ORGANIZATION'],
    ['invitations.create', `POST ${path}`],
  ] as const)('%s alone', async (operation, line) => {
    const { ask, sandbox, rows } = await inhabited({ forbidden: [operation] });
    expect((await ask(line, { email: 'new@example.com' })).status).toBe(403);
    expect((await ask(`GET ${path}`)).status).toBe(200);
    for (const row of rows) expect((await ask(`DELETE ${row}`)).status).toBeLessThan(300);
    expect((await sandbox.mails()).has('new@example.com')).toBe(false);
  });
});

test('an invitation keeps its e-mail when that of the member changes', async () => {
  const { sandbox, ask } = await openWorld();
  const eve = { email: 'eve.smith@example.com', invited_as: 'eve.miller@example.com' };
  const [added] = await sandbox.populate({ people: [eve] });
  expect(await ask(`GET /iam/v2/users/${added?.user}`)).toMatchObject({ json: { email: 'eve.smith@example.com' } });
  const invitation = await ask(`GET ${path}/${added?.invitation}`);
  expect(invitation.json).toMatchObject({ email: 'eve.miller@example.com', user: { id: added?.user } });
});

describe('role bindings by crn_pattern', () => {
  const nested = `${organization}/environment=env-a`;
  const subject = `${nested}/schema-registry=lsrc-1/subject=:.prod:pay`;

  async function granted(switches: Parameters<typeof openWorld>[0]) {
    const world = await openWorld(switches);
    const principal = 'User:sa-1';
    await world.sandbox.populate({
      role_bindings: [
        { principal, role_name: 'MetricsViewer' },
        { principal, role_name: 'EnvironmentAdmin', crn_pattern: nested },
        { principal, role_name: 'ResourceOwner', crn_pattern: subject },
      ],
    });
    const roles = async (pattern: string) => {
      const query = `crn_pattern=${encodeURIComponent(pattern)}&principal=${principal}`;
      return (await world.ask(`GET ${bindings}?${query}`)).json.data.map((row: { role_name: string }) => row.role_name);
    };
    return { ...world, roles };
  }

  test.each([
    ['by_scope', organization, ['MetricsViewer']],
    ['by_scope', `${organization}/*`, ['EnvironmentAdmin', 'ResourceOwner']],
    ['by_scope', nested, ['EnvironmentAdmin']],
    ['by_scope', `${nested}/*`, ['ResourceOwner']],
    ['by_scope', 'environment=env-a', []],
    ['by_scope', subject, ['ResourceOwner']],
    ['by_scope', subject.replace('=:.prod:', '=%3A.prod%3a'), ['ResourceOwner']],
    ['by_part', organization, ['MetricsViewer', 'EnvironmentAdmin', 'ResourceOwner']],
    ['by_part', `${organization}/*`, ['EnvironmentAdmin', 'ResourceOwner']],
    ['by_part', 'environment=env-a', ['EnvironmentAdmin', 'ResourceOwner']],
    ['by_part', 'env-b', []],
  ] as const)('%s: %s', async (crn_pattern, pattern, expected) => {
    const { roles } = await granted({ crn_pattern });
    expect(await roles(pattern)).toEqual(expected);
  });
});

test('settings are read from text as from code', () => {
  expect(parseSetting('clock_offset=-2h')).toEqual({ clock_offset: -7_200_000 });
  expect(parseSetting('forbidden=users.list,users.delete')).toEqual({ forbidden: ['users.list', 'users.delete'] });
  expect(parseSetting('retention=forever')).toEqual({ retention: Number.POSITIVE_INFINITY });
  for (const text of ['clock_offset=--2h', 'forbidden=users.lost', 'quota=1e3', 'list_lag=5', '__proto__=1', 'quota'])
    expect(() => parseSetting(text)).toThrow(/is not a (value of the )?setting/);
});
