import { describe, expect, test } from 'vitest';
import { emails, openWorld } from './world.ts';

const path = '/iam/v2/invitations';
const users = '/iam/v2/users';
const bindings = '/iam/v2/role-bindings';
const quotas = '/service-quota/v1/applied-quotas';
const organization = 'crn://confluent.cloud/organization=00000000-0000-4000-8000-73616e64626f';

test('acceptance creates the user as a member', async () => {
  const { ask, status, invite, sandbox } = await openWorld();
  const { id, user } = await invite('ann.lee');
  expect(await status(`GET ${users}/${user.id}`)).toBe(404);
  const accepted = await sandbox.accept('ANN.lee@example.com');
  expect(accepted).toMatchObject({
    id,
    status: 'INVITE_STATUS_ACCEPTED',
    accepted_at: '2026-01-05T12:00:00.000000Z',
  });
  expect((await ask(`GET ${path}/${id}`)).json).toEqual(accepted);
  const member = { email: 'ann.lee@example.com', full_name: 'ann lee' };
  expect((await ask(`GET ${users}/${user.id}`)).json).toMatchObject(member);
  expect(await sandbox.accept('ann.lee@example.com')).toEqual(accepted);
});

test('users are deleted with their role bindings and API keys, and the invitation stays', async () => {
  const { ask, status, sandbox } = await openWorld();
  const person = { email: 'ann@example.com', roles: ['OrganizationAdmin'], api_keys: 3 };
  const [{ user, invitation } = {}] = await sandbox.populate({ people: [person] });
  expect([await status(`DELETE ${users}/${user}`), await status(`DELETE ${users}/${user}`)]).toEqual([204, 404]);
  const query = `crn_pattern=${organization}&principal=User:${user}`;
  expect((await ask(`GET ${bindings}?${query}`)).json.data).toEqual([]);
  expect((await ask('GET /iam/v2/api-keys')).json.data).toHaveLength(1);
  expect((await ask(`GET ${path}/${invitation}`)).json.status).toBe('INVITE_STATUS_ACCEPTED');
});

test('a user can be renamed', async () => {
  const { ask, clock } = await openWorld();
  clock.pass(1000);
  const renamed = await ask(`PATCH ${users}/u-sandbox`, { full_name: 'Ada', unknown: 1 });
  expect(renamed.json).toMatchObject({ full_name: 'Ada', metadata: { updated_at: '2026-01-05T12:00:01.000000Z' } });
  expect((await ask(`GET ${users}/u-sandbox`)).json).toEqual(renamed.json);
});

test('what cannot be accepted or expired is an error', async () => {
  const { ask, invite, sandbox } = await openWorld();
  await expect(sandbox.accept('nobody@example.com')).rejects.toMatchObject({ code: 'not_found' });
  const { id } = await invite('ann');
  await ask(`DELETE ${path}/${id}`);
  await expect(sandbox.accept('ann@example.com')).rejects.toMatchObject({ code: 'already_exists' });
  await invite('bob');
  await sandbox.accept('bob@example.com');
  await expect(sandbox.expire('bob@example.com')).rejects.toMatchObject({ code: 'already_accepted' });
});

async function inviteMany(count: number, switches: Parameters<typeof openWorld>[0] = {}) {
  const world = await openWorld(switches);
  const people = Array.from({ length: count }, (_, index) => `p${index}`);
  for (const person of people) await world.invite(person);
  return { ...world, people };
}

describe('pages', () => {
  test('ten rows a page by default, a hundred at most', async () => {
    const { invited, people } = await inviteMany(105);
    for (const [query, size] of [
      ['', 10],
      ['page_size=3', 3],
      ['page_size=500', 100],
    ] as const)
      expect(await invited(query)).toEqual(people.slice(0, size));
  });

  test.each(['0', '-1', 'x', '1.5', '1e9999'])('the page_size "%s" is rejected, or means the default', async (size) => {
    const refused = await (await openWorld()).ask(`GET ${path}?page_size=${size}`);
    expect([refused.status, refused.json.errors[0].source]).toEqual([400, { parameter: 'page_size' }]);
    const { invited } = await inviteMany(11, { small_page: 'default' });
    expect(await invited(`page_size=${size}`)).toHaveLength(10);
  });
});

test.each([
  ['email=bob@example.com', 'bob'],
  ['email=Ann%2Bx@example.com', 'Ann+x'],
  ['email=ob@example.com', ''],
  ['status=INVITE_STATUS_ACCEPTED', 'cy'],
  ['status=INVITE_STATUS_SENT,INVITE_STATUS_ACCEPTED', ''],
  ['creator=u-nobody', ''],
  ['user=USER', 'Ann+x'],
  ['email=', 'Ann+x bob cy'],
])('the filter %s', async (query, expected) => {
  const { invite, invited, sandbox } = await openWorld();
  const { user } = await invite('Ann+x');
  await invite('bob');
  await invite('cy');
  await sandbox.accept('cy@example.com');
  expect((await invited(query.replace('USER', user.id))).join(' ')).toBe(expected);
});

describe('role bindings', () => {
  async function granted() {
    const world = await openWorld();
    const principal = `User:${(await world.invite('ann')).user.id}`;
    const crn_pattern = `${organization}/environment=env-a/cloud-cluster=lkc-b`;
    return { ...world, principal, grant: { principal, role_name: 'CloudClusterAdmin', crn_pattern } };
  }

  test('lists require a crn_pattern; the other filters are exact', async () => {
    const { ask, grant, principal } = await granted();
    await ask(`POST ${bindings}`, grant);
    await ask(`POST ${bindings}`, { principal, role_name: 'Operator', crn_pattern: organization });
    const refused = await ask(`GET ${bindings}`);
    expect([refused.status, refused.json.errors[0].source]).toEqual([400, { parameter: 'crn_pattern' }]);
    const roles = async (query: string) =>
      (await ask(`GET ${bindings}?${query}`)).json.data.map((row: { role_name: string }) => row.role_name);
    expect(await roles(`crn_pattern=${organization}`)).toEqual(['OrganizationAdmin', 'CloudClusterAdmin', 'Operator']);
    expect(await roles(`crn_pattern=${organization}&role_name=Operator&principal=${principal}`)).toEqual(['Operator']);
    expect(await roles(`crn_pattern=${organization}&role_name=Oper`)).toEqual([]);
    expect(await roles(`crn_pattern=${organization}&principal=User:u-x`)).toEqual([]);
  });

  const elsewhere = 'crn://confluent.cloud/organization=other/environment=a/cloud-cluster=b';
  const bound = (role: string, scope: string, at: string) =>
    `Role ${role} must be bound at scope ${scope}, but was bound at ${at}`;

  test.each<[change: object, status: number, detail?: string]>([
    [{ principal: 'ann' }, 400, 'principal is missing or malformed'],
    [{ role_name: 5 }, 400, 'role_name is missing or malformed'],
    [{ crn_pattern: 'env-a' }, 400, 'crn_pattern is missing or malformed'],
    [{ role_name: 'InvalidMetricsViewer' }, 400, 'Invalid role name : InvalidMetricsViewer'],
    [{ crn_pattern: organization }, 400, bound('CloudClusterAdmin', 'cloud-cluster', 'organization')],
    [{ role_name: 'MetricsViewer' }, 400, bound('MetricsViewer', 'organization', 'cloud-cluster')],
    [{ principal: 'User:i-12345' }, 403, 'Forbidden Access'],
    [{ principal: 'User:u-nobody' }, 403, 'Forbidden Access'],
    [{ crn_pattern: elsewhere }, 403, 'Forbidden Access'],
    [{ principal: 'User:sa-12345' }, 201],
    [{ principal: 'User:pool-1' }, 201],
    [{ principal: 'Group:engineers' }, 201],
  ])('POST of %j', async (change, status, detail) => {
    const { ask, grant } = await granted();
    const { json, ...heard } = await ask(`POST ${bindings}`, { ...grant, ...change });
    expect([heard.status, json.message ?? json.errors?.[0].detail]).toEqual([status, detail]);
  });
});

test('the organization has quotas, the pending invitations among them', async () => {
  const { ask } = await openWorld({ quota: 7 });
  const id = 'iam.max_pending_invitations.per_organization';
  const found = await ask(`GET ${quotas}?scope=organization&id=${id}`);
  expect(found.json.data).toMatchObject([{ id, scope: 'ORGANIZATION', applied_limit: 7 }]);
  expect((await ask(`GET ${quotas}?scope=ORGANIZATION`)).json.data.length).toBeGreaterThan(1);
  expect((await ask(`GET ${quotas}?scope=ORGANIZATION&page_size=1`)).json.metadata.next).toContain('page_token=');
  expect((await ask(`GET ${quotas}?scope=NETWORK`)).json.data).toEqual([]);
  expect((await ask(`GET ${quotas}`)).json.errors[0].source).toEqual({ parameter: 'scope' });
});

test('generated members, people who left, bindings and keys', async () => {
  const { ask, sandbox } = await openWorld({ crn_pattern: 'by_scope' });
  const counts = { members: 4, sso_members: 3, left: 2, role_bindings: 20, principals: 8, api_keys: 9 };
  expect(await sandbox.seed(5, counts)).toBe(51);
  expect(await sandbox.seed(0, { members: 4, left: 1 })).toBe(5);
  const users = await ask('GET /iam/v2/users?page_size=100');
  const sso = users.json.data.filter((row: { auth_type: string }) => row.auth_type === 'AUTH_TYPE_SSO');
  expect(sso.length).toBeGreaterThanOrEqual(3);
  expect(new Set(emails(users)).size).toBe(emails(users).length);
  const all = [organization, `${organization}/*`].map((pattern) =>
    ask(`GET ${bindings}?crn_pattern=${pattern}&page_size=1000`),
  );
  const rows = (await Promise.all(all)).flatMap(({ json }) => json.data);
  expect(rows).toHaveLength(1 + 20 + 8);
  const texts = rows.map((row) => `${row.principal} ${row.role_name} ${row.crn_pattern}`);
  expect(new Set(texts).size).toBe(texts.length);
  expect(rows.filter(({ principal }) => !principal.startsWith('User:u-'))).toHaveLength(8);
  expect((await ask('GET /iam/v2/api-keys?page_size=100')).json.data).toHaveLength(10);
});

describe('generated invitations', () => {
  test('are in every state, the oldest first, and leave room in the quota', async () => {
    const { ask, sandbox, clock } = await openWorld();
    expect([await sandbox.seed(50), await sandbox.seed(0)]).toEqual([50, 0]);
    const heard = await ask(`GET ${path}?page_size=100`);
    const rows: { status: string; expires_at: string; metadata: { created_at: string } }[] = heard.json.data;
    expect(new Set(emails(heard)).size).toBe(50);
    const count = (status: string) => rows.filter((row) => row.status === `INVITE_STATUS_${status}`).length;
    expect(['SENT', 'ACCEPTED', 'EXPIRED', 'DEACTIVATED'].map(count)).toEqual([15, 20, 10, 5]);
    const created = rows.map((row) => row.metadata.created_at);
    expect(created).toEqual([...created].sort());
    for (const { status, expires_at } of rows)
      expect(Date.parse(expires_at) > clock.now()).toBe(status === 'INVITE_STATUS_SENT');
    await sandbox.seed(2000);
    expect((await ask(`POST ${path}`, { email: 'new@example.com' })).status).toBe(201);
  });
});
