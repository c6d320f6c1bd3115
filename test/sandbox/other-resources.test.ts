import { describe, expect, test } from 'vitest';
import type { Settings } from '../../src/sandbox/sandbox.ts';
import { emails, openWorld, type World } from './world.ts';

const organization = 'crn://confluent.cloud/organization=00000000-0000-4000-8000-73616e64626f';
const bindings = '/iam/v2/role-bindings';

describe('users', () => {
  test('are the members: the owner of the key, and those who accepted', async () => {
    const { ask, invite, sandbox } = await openWorld();
    await invite('ann@example.com');
    await invite('bob@example.com');
    await sandbox.accept('bob@example.com');
    expect(emails(await ask('GET /iam/v2/users?email=nobody'))).toEqual(['owner@sandbox.example', 'bob@example.com']);
    const first = await ask('GET /iam/v2/users?page_size=1');
    const { searchParams } = new URL(first.json.metadata.next);
    expect(emails(await ask(`GET /iam/v2/users?page_token=${searchParams.get('page_token')}`))).toEqual([
      'bob@example.com',
    ]);
  });

  test('are deleted with their role bindings', async () => {
    const { ask, invite, sandbox } = await openWorld();
    const { user } = await invite('ann@example.com');
    await sandbox.accept('ann@example.com');
    await ask(`POST ${bindings}`, {
      principal: `User:${user.id}`,
      role_name: 'MetricsViewer',
      crn_pattern: organization,
    });
    expect((await ask(`DELETE /iam/v2/users/${user.id}`)).status).toBe(204);
    expect((await ask(`GET /iam/v2/users/${user.id}`)).status).toBe(404);
    expect((await ask(`DELETE /iam/v2/users/${user.id}`)).status).toBe(404);
    const left = await ask(`GET ${bindings}?crn_pattern=${organization}&principal=User:${user.id}`);
    expect(left.json.data).toEqual([]);
  });

  test('cannot be deleted if pending, or if they own the key', async () => {
    const { ask, invite } = await openWorld();
    const { user } = await invite('ann@example.com');
    expect((await ask(`DELETE /iam/v2/users/${user.id}`)).status).toBe(404);
    expect((await ask('DELETE /iam/v2/users/u-sandbox')).status).toBe(403);
    expect((await ask('POST /iam/v2/invitations', { email: 'owner@sandbox.example' })).status).toBe(409);
  });
});

describe('role bindings', () => {
  async function granted(switches: Partial<Settings> = {}): Promise<World & { grant: object; principal: string }> {
    const world = await openWorld(switches);
    const principal = `User:${(await world.invite('ann@example.com')).user.id}`;
    return {
      ...world,
      principal,
      grant: {
        principal,
        role_name: 'CloudClusterAdmin',
        crn_pattern: `${organization}/environment=env-a/cloud-cluster=lkc-b`,
      },
    };
  }

  test('are created once, also for a pending user', async () => {
    const { ask, grant } = await granted();
    const made = await ask(`POST ${bindings}`, grant);
    expect([made.status, made.json]).toMatchObject([201, grant]);
    expect(made.headers.get('location')).toBe(`https://api.confluent.cloud${bindings}/${made.json.id}`);
    const again = await ask(`POST ${bindings}`, grant);
    expect([again.status, again.headers.get('location')]).toEqual([409, made.headers.get('location')]);
    expect((await ask(`GET ${bindings}/${made.json.id}`)).json).toEqual(made.json);
  });

  test('DELETE responds 200 with the deleted binding, and GET then 403', async () => {
    const { ask, grant } = await granted();
    const { json } = await ask(`POST ${bindings}`, grant);
    const gone = await ask(`DELETE ${bindings}/${json.id}`);
    expect([gone.status, gone.json]).toEqual([200, json]);
    for (const method of ['GET', 'DELETE']) {
      const heard = await ask(`${method} ${bindings}/${json.id}`);
      expect([heard.status, heard.json.error_code]).toEqual([403, 40301]);
    }
    expect((await ask(`POST ${bindings}`, grant)).status).toBe(201);
  });

  test('lists require a crn_pattern; the other filters are exact', async () => {
    const { ask, grant, principal } = await granted({ crn_pattern: 'by_part' });
    await ask(`POST ${bindings}`, grant);
    await ask(`POST ${bindings}`, { principal, role_name: 'Operator', crn_pattern: organization });
    const refused = await ask(`GET ${bindings}`);
    expect([refused.status, refused.json.errors[0].source]).toEqual([400, { parameter: 'crn_pattern' }]);
    const roles = async (query: string) =>
      (await ask(`GET ${bindings}?${query}`)).json.data.map((row: { role_name: string }) => row.role_name);
    expect(await roles(`crn_pattern=${organization}`)).toEqual(['OrganizationAdmin', 'CloudClusterAdmin', 'Operator']);
    expect(await roles('crn_pattern=environment%3Denv-a')).toEqual(['CloudClusterAdmin']);
    expect(await roles(`crn_pattern=${organization}&role_name=Operator&principal=${principal}`)).toEqual(['Operator']);
    expect(await roles(`crn_pattern=${organization}&role_name=Oper`)).toEqual([]);
    expect(await roles(`crn_pattern=${organization}&principal=User:u-x`)).toEqual([]);
  });

  test.each([
    [{ principal: 'ann' }, 400, 'principal is missing or malformed'],
    [{ role_name: 5 }, 400, 'role_name is missing or malformed'],
    [{ crn_pattern: 'env-a' }, 400, 'crn_pattern is missing or malformed'],
    [{ role_name: 'InvalidMetricsViewer' }, 400, 'Invalid role name : InvalidMetricsViewer'],
    [
      { crn_pattern: organization },
      400,
      'Role CloudClusterAdmin must be bound at scope cloud-cluster, but was bound at organization',
    ],
    [
      { role_name: 'MetricsViewer' },
      400,
      'Role MetricsViewer must be bound at scope organization, but was bound at cloud-cluster',
    ],
    [{ principal: 'User:i-12345' }, 403, 'Forbidden Access'],
    [{ principal: 'User:u-nobody' }, 403, 'Forbidden Access'],
    [
      { crn_pattern: 'crn://confluent.cloud/organization=other/environment=a/cloud-cluster=b' },
      403,
      'Forbidden Access',
    ],
  ])('%j is rejected', async (change, status, detail) => {
    const { ask, grant } = await granted();
    const refused = await ask(`POST ${bindings}`, { ...grant, ...change });
    expect([refused.status, refused.json.message ?? refused.json.errors[0].detail]).toEqual([status, detail]);
  });

  test.each(['User:sa-12345', 'User:pool-1', 'Group:engineers'])(
    '%s is accepted without a check',
    async (principal) => {
      const { ask, grant } = await granted();
      expect((await ask(`POST ${bindings}`, { ...grant, principal })).status).toBe(201);
    },
  );
});

describe('the organization', () => {
  test('is the only one, and its id is in every resource name', async () => {
    const { ask, invite } = await openWorld();
    const { data } = (await ask('GET /org/v2/organizations')).json;
    expect(data).toHaveLength(1);
    expect((await invite('ann@example.com')).metadata.resource_name).toContain(`organization=${data[0].id}/`);
  });

  test('has quotas, the pending invitations among them', async () => {
    const { ask } = await openWorld({ quota: 7 });
    const id = 'iam.max_pending_invitations.per_organization';
    const quotas = '/service-quota/v1/applied-quotas';
    const found = await ask(`GET ${quotas}?scope=organization&id=${id}`);
    expect(found.json.data).toMatchObject([{ id, scope: 'ORGANIZATION', applied_limit: 7 }]);
    expect((await ask(`GET ${quotas}?scope=ORGANIZATION`)).json.data.length).toBeGreaterThan(1);
    const first = (await ask(`GET ${quotas}?scope=ORGANIZATION&page_size=1`)).json;
    expect(first.data).toHaveLength(1);
    expect(first.metadata.next).toContain('page_token=');
    expect((await ask(`GET ${quotas}?scope=NETWORK`)).json.data).toEqual([]);
    expect((await ask(`GET ${quotas}`)).json.errors[0].source).toEqual({ parameter: 'scope' });
  });
});
