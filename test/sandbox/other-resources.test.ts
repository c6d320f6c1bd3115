import { describe, expect, test } from 'vitest';
import { openWorld } from './world.ts';

const organization = 'crn://confluent.cloud/organization=00000000-0000-4000-8000-73616e64626f';
const bindings = '/iam/v2/role-bindings';
const quotas = '/service-quota/v1/applied-quotas';

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
