import { describe, expect, test } from 'vitest';
import { emails, openWorld } from './world.ts';

const path = '/iam/v2/invitations';
const bindings = '/iam/v2/role-bindings';
const organization = 'crn://confluent.cloud/organization=00000000-0000-4000-8000-73616e64626f';

test('generated members, people who left, bindings and keys', async () => {
  const { ask, sandbox } = await openWorld({ crn_pattern: 'by_scope' });
  const counts = { members: 4, sso_members: 3, left: 2, role_bindings: 20, principals: 8, api_keys: 9 };
  expect(await sandbox.seed(5, counts)).toBe(51);
  expect(await sandbox.seed(0, { members: 4, left: 1 })).toBe(5);
  const users = await ask('GET /iam/v2/users?page_size=100');
  const sso = users.json.data.filter((row: { auth_type: string }) => row.auth_type === 'AUTH_TYPE_SSO');
  expect(sso.length).toBeGreaterThanOrEqual(3);
  expect(new Set(emails(users)).size).toBe(emails(users).length);
  const all = [`${organization}`, `${organization}/*`].map((pattern) =>
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
