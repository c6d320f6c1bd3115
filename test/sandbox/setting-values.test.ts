// Settings with several values, each tested with every value. Others are tested with their subject.
import { describe, expect, test } from 'vitest';
import { emails, openWorld } from './world.ts';

const path = '/iam/v2/invitations';
const bindings = '/iam/v2/role-bindings';
const organization = 'crn://confluent.cloud/organization=00000000-0000-4000-8000-73616e64626f';
const day = 86_400_000;

describe('POST for an e-mail with an invitation', () => {
  test.each([
    ['new_id', 'new', { isSame: false, created_at: '2026-01-09T12:00:00.000000Z', listed: 2 }],
    ['new_id', 'kept', { isSame: false, created_at: '2026-01-05T12:00:00.000000Z', listed: 2 }],
    ['same_id', 'new', { isSame: true, created_at: '2026-01-09T12:00:00.000000Z', listed: 1 }],
    ['same_id', 'kept', { isSame: true, created_at: '2026-01-05T12:00:00.000000Z', listed: 1 }],
  ] as const)('after it expired: %s, created_at %s', async (reinvite, reinvite_created_at, expected) => {
    const { ask, invite, clock, sandbox } = await openWorld({ reinvite, reinvite_created_at });
    const first = await invite('ann@example.com');
    clock.pass(4 * day);
    const second = await invite('ann@example.com');
    expect({
      isSame: second.id === first.id && second.user.id === first.user.id,
      created_at: second.metadata.created_at,
      listed: emails(await ask(`GET ${path}`)).length,
    }).toEqual(expected);
    expect(second).toMatchObject({ status: 'INVITE_STATUS_SENT', expires_at: '2026-01-12T12:00:00.000000Z' });
    expect(await sandbox.mails()).toEqual(new Map([['ann@example.com', 2]]));
    expect((await sandbox.accept('ann@example.com')).id).toBe(second.id);
  });

  test('can be a conflict while it is pending, without a mail', async () => {
    const { ask, invite, sandbox } = await openWorld({ reissue: 'conflict' });
    const { id } = await invite('ann@example.com');
    const refused = await ask(`POST ${path}`, { email: 'ann@example.com' });
    expect([refused.status, refused.headers.get('location')]).toEqual([
      409,
      `https://api.confluent.cloud${path}/${id}`,
    ]);
    expect(await sandbox.mails()).toEqual(new Map([['ann@example.com', 1]]));
  });

  test.each([
    ['created', 201],
    ['conflict', 409],
  ] as const)('somebody who has left: %s', async (left_member, status) => {
    const { ask, invite, sandbox } = await openWorld({ left_member });
    await sandbox.populate({ people: [{ email: 'gus@example.com', state: 'left' }] });
    expect((await ask(`POST ${path}`, { email: 'Gus@example.com' })).status).toBe(status);
    const { user } = await invite('ann@example.com');
    await sandbox.accept('ann@example.com');
    expect((await ask(`POST ${path}`, { email: 'ann@example.com' })).status).toBe(409);
    await ask(`DELETE /iam/v2/users/${user.id}`);
    expect((await ask(`POST ${path}`, { email: 'ann@example.com' })).status).toBe(status);
  });

  test.each(['422', '400'] as const)('a malformed e-mail is %s', async (invalid_email_status) => {
    const { ask } = await openWorld({ invalid_email_status });
    const refused = await ask(`POST ${path}`, { email: 'ann' });
    expect([String(refused.status), refused.json.errors[0].source]).toEqual([
      invalid_email_status,
      { pointer: '/email' },
    ]);
  });
});

describe('lists', () => {
  test.each(['email', 'status', 'user', 'creator'])('the filter %s can be rejected', async (name) => {
    const { ask } = await openWorld({ filters: 'rejected' });
    const refused = await ask(`GET ${path}?${name}=x`);
    expect([refused.status, refused.json.errors[0]]).toMatchObject([
      400,
      { code: 'invalid_filter', source: { parameter: name } },
    ]);
    expect((await ask(`GET ${path}?page_size=5&${name}=`)).status).toBe(200);
  });

  test.each([
    `${path}?email=a@b.c&page_size=5`,
    '/iam/v2/users?page_size=5',
    `${bindings}?crn_pattern=crn&principal=x&role_name=x`,
    '/iam/v2/api-keys?spec.owner=x',
    '/service-quota/v1/applied-quotas?scope=ORGANIZATION&id=x',
  ])('an unknown parameter of %s is ignored, or rejected by name', async (target) => {
    expect((await (await openWorld()).ask(`GET ${target}&num_doors=2`)).status).toBe(200);
    const { ask } = await openWorld({ unknown_filter: 'rejected' });
    const refused = await ask(`GET ${target}&num_doors=2`);
    expect([refused.status, refused.json.errors[0]]).toMatchObject([
      400,
      { code: 'invalid_filter', source: { parameter: 'num_doors' } },
    ]);
    expect((await ask(`GET ${target}`)).status).toBe(200);
  });

  test('ended invitations stay in lists, or leave them after a while, but GET still finds them', async () => {
    for (const [retention, listed] of [
      [Number.POSITIVE_INFINITY, 4],
      [30 * day, 1],
    ] as const) {
      const { ask, clock, sandbox, invite } = await openWorld({ retention });
      const states = ['expired', 'deactivated', 'accepted'] as const;
      const people = await sandbox.populate({
        people: states.map((state) => ({ email: `${state}@example.com`, state })),
      });
      expect(emails(await ask(`GET ${path}`))).toHaveLength(3);
      clock.pass(40 * day);
      await invite('ann@example.com');
      expect(emails(await ask(`GET ${path}`))).toHaveLength(listed);
      for (const { invitation } of people) expect((await ask(`GET ${path}/${invitation}`)).status).toBe(200);
    }
  });

  test('a new member can be missing from users for a while', async () => {
    const { ask, invite, clock, sandbox } = await openWorld({ user_list_lag: 2000 });
    const { user } = await invite('ann@example.com');
    await sandbox.accept('ann@example.com');
    clock.pass(1999);
    expect(emails(await ask('GET /iam/v2/users'))).toEqual(['owner@sandbox.example']);
    expect((await ask(`GET /iam/v2/users/${user.id}`)).status).toBe(200);
    clock.pass(1);
    expect(emails(await ask('GET /iam/v2/users'))).toEqual(['owner@sandbox.example', 'ann@example.com']);
  });

  test.each([
    ['array', []],
    ['null', null],
  ] as const)('data without rows reads as %s', async (empty_data, expected) => {
    const { ask, invite } = await openWorld({ empty_data });
    expect((await ask(`GET ${path}`)).json.data).toEqual(expected);
    await invite('ann@example.com');
    expect((await ask(`GET ${path}`)).json.data).toHaveLength(1);
  });

  test('a token with long filters is short, and valid only where it was issued', async () => {
    const { ask, sandbox, folder } = await openWorld({ filters_joined: 'or' });
    await sandbox.seed(4);
    const first = await ask(`GET ${path}?page_size=1&creator=u-sandbox&status=${'x'.repeat(4000)}`);
    const { search } = new URL(first.json.metadata.next);
    expect(search.length).toBeLessThan(255);
    expect((await ask(`GET ${path}${search}`)).json.data).toHaveLength(1);
    const other = await openWorld({ filters_joined: 'or' }, { folder });
    expect((await other.ask(`GET ${path}${search}`)).status).toBe(400);
  });

  test('an altered token is rejected', async () => {
    const { ask, sandbox } = await openWorld();
    await sandbox.seed(15);
    const { search } = new URL((await ask(`GET ${path}`)).json.metadata.next);
    const token = new URLSearchParams(search).get('page_token') ?? '';
    expect((await ask(`GET ${path}?page_token=${token}`)).status).toBe(200);
    for (let at = 0; at < token.length; at++) {
      const altered = `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
      expect((await ask(`GET ${path}?page_token=${altered}`)).status).toBe(400);
    }
    expect((await ask(`GET /iam/v2/users?page_token=${token}`)).status).toBe(400);
  });
});

describe('keys', () => {
  test.each([
    ['401', [401, 401]],
    ['403', [401, 403]],
  ] as const)('a wrong one is %s', async (invalid_key_status, expected) => {
    const { ask } = await openWorld({ invalid_key_status });
    const refusals = [await ask(`GET ${path}`, '', {}), await ask(`GET ${path}`, '', { authorization: 'Basic eDp5' })];
    expect(refusals.map(({ status }) => status)).toEqual(expected);
    const detail = refusals[1]?.json.errors[0].detail;
    expect(detail.includes('invalid API key')).toBe(invalid_key_status === '403');
  });

  test.each([
    ['readable', [200, 200, 200]],
    ['own_only', [200, 403, 403]],
    ['forbidden', [403, 403, 403]],
  ] as const)('may be %s', async (api_keys, expected) => {
    const { ask, sandbox } = await openWorld({ api_keys });
    await sandbox.populate({ api_keys: [{ owner: 'u-other', id: 'OTHER' }] });
    const lines = ['/INVITESANDBOX001', '/OTHER', '?spec.owner=u-other'].map((rest) => `GET /iam/v2/api-keys${rest}`);
    const statuses: number[] = [];
    for (const line of lines) statuses.push((await ask(line)).status);
    expect(statuses).toEqual(expected);
  });

  test.each([
    ['no', 'u-sandbox', 1],
    ['works', 'sa-sandbox', 2],
  ] as const)('the caller’s own belongs to an OrganizationAdmin (service account: %s)', async (account, id, admins) => {
    const { ask } = await openWorld({ service_account_key: account });
    const key = await ask('GET /iam/v2/api-keys/INVITESANDBOX001');
    expect(key.json.spec).toMatchObject({ owner: { id }, resource: { kind: 'Cloud' } });
    const found = await ask(`GET ${bindings}?crn_pattern=${organization}&role_name=OrganizationAdmin`);
    expect(found.json.data).toHaveLength(admins);
    expect(found.json.data.at(-1).principal).toBe(`User:${id}`);
  });
});

describe('role bindings', () => {
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

  test.each([
    ['encoded', subject.replace('=:.prod:', '=%3A.prod%3A')],
    ['plain', subject],
  ] as const)('a colon inside a CRN is %s', async (crn_colon, expected) => {
    const { ask } = await granted({ crn_colon });
    const found = await ask(`GET ${bindings}?crn_pattern=${encodeURIComponent(subject)}`);
    expect(found.json.data[0].crn_pattern).toBe(expected);
    const grant = { principal: 'User:sa-1', role_name: 'ResourceOwner', crn_pattern: expected };
    expect((await ask(`POST ${bindings}`, grant)).status).toBe(409);
  });

  test.each([
    [1000, 400],
    [100, 100],
  ])('a page has at most %i', async (role_binding_page, expected) => {
    const { ask, sandbox } = await openWorld({ role_binding_page });
    await sandbox.seed(0, { principals: 400 });
    const query = `crn_pattern=${organization}/*&page_size=1000`;
    expect((await ask(`GET ${bindings}?${query}`)).json.data).toHaveLength(expected);
  });
});
