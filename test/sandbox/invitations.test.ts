import { describe, expect, test } from 'vitest';
import { emails, openWorld } from './world.ts';

const path = '/iam/v2/invitations';
const day = 86_400_000;

describe('POST', () => {
  test('creates and mails an invitation that is valid for three days, with its Location', async () => {
    const { ask } = await openWorld();
    const made = await ask(`POST ${path}`, { email: 'ann@example.com' });
    expect(made.status).toBe(201);
    expect(made.json).toMatchObject({
      email: 'ann@example.com',
      status: 'INVITE_STATUS_SENT',
      auth_type: 'AUTH_TYPE_LOCAL',
      expires_at: '2026-01-08T12:00:00.000000Z',
      creator: { id: 'u-sandbox' },
      metadata: { created_at: '2026-01-05T12:00:00.000000Z', updated_at: '2026-01-05T12:00:00.000000Z' },
    });
    expect(made.json).not.toHaveProperty('accepted_at');
    expect(made.headers.get('location')).toBe(`https://api.confluent.cloud${path}/${made.json.id}`);
    expect((await ask(`GET ${path}/${made.json.id}`)).json).toEqual(made.json);
  });

  test('for a pending e-mail mails it again with the same id and a later expiry', async () => {
    const { ask, invite, clock, sandbox } = await openWorld();
    const first = await invite('ann@example.com');
    clock.pass(day);
    const second = await invite('Ann@Example.com');
    expect(second).toMatchObject({ id: first.id, email: 'ann@example.com', expires_at: '2026-01-09T12:00:00.000000Z' });
    expect(second.metadata).toMatchObject({
      created_at: '2026-01-05T12:00:00.000000Z',
      updated_at: '2026-01-06T12:00:00.000000Z',
    });
    expect(await sandbox.mails()).toEqual(new Map([['ann@example.com', 2]]));
    expect(emails(await ask(`GET ${path}`))).toEqual(['ann@example.com']);
  });

  test('after expiry or deletion creates a new invitation and keeps the old one', async () => {
    const { ask, invite, clock } = await openWorld();
    const first = await invite('ann@example.com');
    clock.pass(3 * day);
    const second = await invite('ann@example.com');
    await ask(`DELETE ${path}/${second.id}`);
    const third = await invite('ann@example.com');
    expect(new Set([first.id, second.id, third.id]).size).toBe(3);
    const listed = (await ask(`GET ${path}`)).json.data.map((row: { status: string }) => row.status);
    expect(listed).toEqual(['INVITE_STATUS_EXPIRED', 'INVITE_STATUS_DEACTIVATED', 'INVITE_STATUS_SENT']);
  });

  test('for a member is a conflict, with the Location of the user', async () => {
    const { ask, invite, sandbox } = await openWorld();
    const { user } = await invite('ann@example.com');
    await sandbox.accept('ann@example.com');
    const refused = await ask(`POST ${path}`, { email: 'ANN@example.com' });
    expect(refused.status).toBe(409);
    expect(refused.json.errors[0]).toMatchObject({
      code: 'resource_already_exists',
      detail: 'This user already exists within the Organization',
    });
    expect(refused.headers.get('location')).toBe(`https://api.confluent.cloud/iam/v2/users/${user.id}`);
  });

  test('works for a deleted member', async () => {
    const { ask, invite, sandbox } = await openWorld();
    const { user } = await invite('ann@example.com');
    await sandbox.accept('ann@example.com');
    expect((await ask(`DELETE /iam/v2/users/${user.id}`)).status).toBe(204);
    expect((await ask(`POST ${path}`, { email: 'ann@example.com' })).status).toBe(201);
  });

  test('fails once the quota is used up, except for pending e-mails; ended ones do not count', async () => {
    const { ask, invite, clock } = await openWorld({ quota: 2 });
    const status = async (name: string) => (await ask(`POST ${path}`, { email: `${name}@example.com` })).status;
    await invite('a@example.com');
    const second = await invite('b@example.com');
    const refused = await ask(`POST ${path}`, { email: 'c@example.com' });
    expect([refused.status, refused.json.errors[0].code]).toEqual([402, 'quota_exceeded']);
    expect(await status('b')).toBe(201);
    await ask(`DELETE ${path}/${second.id}`);
    expect([await status('c'), await status('d')]).toEqual([201, 402]);
    clock.pass(3 * day);
    expect(await status('d')).toBe(201);
  });

  test('the quota error can have status 400', async () => {
    const { ask } = await openWorld({ quota: 0, quota_status: '400' });
    const refused = await ask(`POST ${path}`, { email: 'c@example.com' });
    expect(refused.status).toBe(400);
    expect(refused.json.errors[0].detail).toContain('is currently limited to 0');
  });

  test.each([
    [{}],
    [{ email: '' }],
    [{ email: 'ann' }],
    [{ email: '@example.com' }],
    [{ email: 'a b@example.com' }],
    [{ email: 'a@b@example.com' }],
    [{ email: `${'a'.repeat(65)}@example.com` }],
    [{ email: `a@${'b'.repeat(260)}.com` }],
    [{ email: 'ann\u0007@example.com' }],
  ])('%j is 422 with the pointer /email', async (body) => {
    const { ask } = await openWorld();
    const refused = await ask(`POST ${path}`, body);
    expect(refused.status).toBe(422);
    expect(refused.json.errors[0].source).toEqual({ pointer: '/email' });
  });

  test('accepts two values of auth_type', async () => {
    const { ask } = await openWorld();
    const made = await ask(`POST ${path}`, { email: 'ann@example.com', auth_type: 'AUTH_TYPE_SSO', unknown: 1 });
    expect(made.json.auth_type).toBe('AUTH_TYPE_SSO');
    const refused = await ask(`POST ${path}`, { email: 'bob@example.com', auth_type: 'SSO' });
    expect([refused.status, refused.json.errors[0].source]).toEqual([422, { pointer: '/auth_type' }]);
  });

  test('into an organization with single sign-on', async () => {
    const { ask, invite } = await openWorld({ sso: 'yes', sso_accepts: 'at_once', local_into_sso: 'forbidden' });
    const made = await invite('ann@example.com');
    expect(made).toMatchObject({ auth_type: 'AUTH_TYPE_SSO', status: 'INVITE_STATUS_ACCEPTED' });
    expect((await ask(`GET /iam/v2/users/${made.user.id}`)).status).toBe(200);
    const refused = await ask(`POST ${path}`, { email: 'bob@example.com', auth_type: 'AUTH_TYPE_LOCAL' });
    expect(refused.status).toBe(403);
  });

  test('with the key of a service account', async () => {
    const works = await openWorld({ service_account_key: 'works' });
    expect((await works.invite('ann@example.com')).creator.id).toBe('sa-sandbox');
    const { ask } = await openWorld({ service_account_key: 'rejected' });
    const refused = await ask(`POST ${path}`, { email: 'ann@example.com' });
    expect([refused.status, refused.json.errors[0].detail]).toEqual([400, 'Must not use GetUser for service account']);
  });

  test('keeps the case of the e-mail, or lowers it', async () => {
    expect((await (await openWorld()).invite('Ann@Example.com')).email).toBe('Ann@Example.com');
    expect((await (await openWorld({ email_case: 'lowered' })).invite('Ann@Example.com')).email).toBe(
      'ann@example.com',
    );
  });

  test('can begin STAGED, which never expires by itself', async () => {
    const { ask, invite, clock } = await openWorld({ new_status: 'staged' });
    const { id } = await invite('ann@example.com');
    clock.pass(30 * day);
    expect((await ask(`GET ${path}/${id}`)).json.status).toBe('INVITE_STATUS_STAGED');
  });
});

describe('expiry and acceptance', () => {
  test('SENT turns into EXPIRED at expires_at, and updated_at stays', async () => {
    const { ask, invite, clock } = await openWorld({ expires_after: 1000 });
    const { id, metadata } = await invite('ann@example.com');
    clock.pass(999);
    expect((await ask(`GET ${path}/${id}`)).json.status).toBe('INVITE_STATUS_SENT');
    clock.pass(1);
    const expired = (await ask(`GET ${path}/${id}`)).json;
    expect(expired.status).toBe('INVITE_STATUS_EXPIRED');
    expect(expired.metadata.updated_at).toBe(metadata.updated_at);
  });

  test('or later, with expiry_lag', async () => {
    const { ask, invite, clock } = await openWorld({ expires_after: 1000, expiry_lag: 500 });
    const { id } = await invite('ann@example.com');
    clock.pass(1499);
    expect((await ask(`GET ${path}/${id}`)).json.status).toBe('INVITE_STATUS_SENT');
    clock.pass(1);
    expect((await ask(`GET ${path}/${id}`)).json.status).toBe('INVITE_STATUS_EXPIRED');
  });

  test('acceptance creates the user as a member', async () => {
    const { ask, invite, sandbox } = await openWorld();
    const { id, user } = await invite('ann.lee@example.com');
    expect((await ask(`GET /iam/v2/users/${user.id}`)).status).toBe(404);
    const accepted = await sandbox.accept('ANN.lee@example.com');
    expect(accepted).toMatchObject({
      id,
      status: 'INVITE_STATUS_ACCEPTED',
      accepted_at: '2026-01-05T12:00:00.000000Z',
    });
    expect((await ask(`GET ${path}/${id}`)).json).toEqual(accepted);
    expect((await ask(`GET /iam/v2/users/${user.id}`)).json).toMatchObject({
      email: 'ann.lee@example.com',
      full_name: 'ann lee',
    });
    expect(await sandbox.accept('ann.lee@example.com')).toEqual(accepted);
  });

  test('expiring ends the invitation now', async () => {
    const { ask, invite, sandbox } = await openWorld();
    const { id } = await invite('ann@example.com');
    const expired = await sandbox.expire('ann@example.com');
    expect(expired).toMatchObject({ id, status: 'INVITE_STATUS_EXPIRED', expires_at: '2026-01-05T12:00:00.000000Z' });
    expect((await ask(`GET ${path}/${id}`)).json).toEqual(expired);
    expect(await sandbox.expire('ann@example.com')).toEqual(expired);
  });

  test('what cannot be accepted or expired is an error', async () => {
    const { ask, invite, sandbox } = await openWorld();
    await expect(sandbox.accept('nobody@example.com')).rejects.toMatchObject({ code: 'not_found', exitCode: 6 });
    await expect(sandbox.expire('nobody@example.com')).rejects.toMatchObject({ code: 'not_found', exitCode: 6 });
    const { id } = await invite('ann@example.com');
    await ask(`DELETE ${path}/${id}`);
    await expect(sandbox.accept('ann@example.com')).rejects.toMatchObject({ code: 'already_exists', exitCode: 7 });
    await invite('bob@example.com');
    await sandbox.accept('bob@example.com');
    await expect(sandbox.expire('bob@example.com')).rejects.toMatchObject({ code: 'already_accepted', exitCode: 7 });
  });

  test.each([
    ['absent', undefined],
    ['null', null],
    ['zero', '0001-01-01T00:00:00+00:00'],
  ] as const)('accepted_at reads %s before anybody accepted', async (accepted_at_unset, value) => {
    const { invite } = await openWorld({ accepted_at_unset });
    expect((await invite('ann@example.com')).accepted_at).toBe(value);
  });
});

describe('DELETE', () => {
  test('deactivates a pending invitation and deletes the role bindings of its user', async () => {
    const { ask, invite } = await openWorld();
    const { id, user, metadata } = await invite('ann@example.com');
    const crn_pattern = metadata.resource_name.split('/invitation')[0];
    const grant = { principal: `User:${user.id}`, role_name: 'OrganizationAdmin', crn_pattern };
    expect((await ask('POST /iam/v2/role-bindings', grant)).status).toBe(201);
    const gone = await ask(`DELETE ${path}/${id}`);
    expect([gone.status, gone.text]).toEqual([204, '']);
    expect((await ask(`GET ${path}/${id}`)).json).toMatchObject({
      status: 'INVITE_STATUS_DEACTIVATED',
      metadata: { deleted_at: '2026-01-05T12:00:00.000000Z' },
    });
    const left = await ask(`GET /iam/v2/role-bindings?crn_pattern=${crn_pattern}&principal=User:${user.id}`);
    expect(left.json.data).toEqual([]);
    expect((await ask('POST /iam/v2/role-bindings', grant)).status).toBe(403);
  });

  test('of an accepted invitation is 400', async () => {
    const { ask, invite, sandbox } = await openWorld();
    const { id } = await invite('ann@example.com');
    await sandbox.accept('ann@example.com');
    const refused = await ask(`DELETE ${path}/${id}`);
    expect(refused.status).toBe(400);
    expect(refused.json.errors[0].detail).toBe('Bad Request. The invitation was already accepted');
  });

  test.each([
    ['not_found', 404],
    ['forbidden', 403],
  ] as const)('can make it read %s, and vanish from lists', async (deleted_reads, status) => {
    const { ask, invite } = await openWorld({ deleted_reads });
    const { id } = await invite('ann@example.com');
    await ask(`DELETE ${path}/${id}`);
    expect((await ask(`GET ${path}/${id}`)).status).toBe(status);
    expect((await ask(`DELETE ${path}/${id}`)).status).toBe(status);
    expect((await ask(`GET ${path}`)).json.data).toEqual([]);
    expect((await ask(`GET ${path}?email=ann@example.com`)).json.data).toEqual([]);
  });

  test.each([
    ['no_content', 204],
    ['not_found', 404],
  ] as const)('an ended one answers %s', async (delete_ended, status) => {
    const { ask, invite, sandbox } = await openWorld({ delete_ended });
    const { id } = await invite('ann@example.com');
    await sandbox.expire('ann@example.com');
    expect((await ask(`DELETE ${path}/${id}`)).status).toBe(status);
    const after = (await ask(`GET ${path}/${id}`)).json.status;
    expect(after).toBe(status === 204 ? 'INVITE_STATUS_DEACTIVATED' : 'INVITE_STATUS_EXPIRED');
    expect((await ask(`DELETE ${path}/${id}`)).status).toBe(status);
  });

  test('of an unknown id is 404 without code and detail, or 403', async () => {
    const { ask } = await openWorld();
    const heard = await ask(`DELETE ${path}/i-none`);
    expect(heard.status).toBe(404);
    expect(heard.json).toEqual({
      errors: [{ id: heard.headers.get('x-request-id'), status: '404', title: 'Not Found' }],
    });
    const forbidden = await openWorld({ missing_reads: 'forbidden' });
    expect((await forbidden.ask(`GET ${path}/i-none`)).status).toBe(403);
    expect((await forbidden.ask(`DELETE ${path}/i-none`)).status).toBe(403);
  });
});
