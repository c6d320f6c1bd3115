import { describe, expect, test } from 'vitest';
import { openWorld } from './world.ts';

const path = '/iam/v2/invitations';
const users = '/iam/v2/users';
const day = 86_400_000;

describe('POST', () => {
  test('for a member is a conflict, with the Location of the user, until the user is deleted', async () => {
    const { ask, status, invite, sandbox } = await openWorld();
    const { user } = await invite('ann');
    await sandbox.accept('ann@example.com');
    const refused = await ask(`POST ${path}`, { email: 'ANN@example.com' });
    expect([refused.status, refused.json.errors[0]]).toMatchObject([
      409,
      { code: 'resource_already_exists', detail: 'This user already exists within the Organization' },
    ]);
    expect(refused.headers.get('location')).toBe(`https://api.confluent.cloud${users}/${user.id}`);
    expect(await status(`DELETE ${users}/${user.id}`)).toBe(204);
    expect(await status(`POST ${path}`, { email: 'ann@example.com' })).toBe(201);
  });

  test('fails once the quota is used up, except for pending e-mails; ended ones do not count', async () => {
    const { ask, status, invite, clock } = await openWorld({ quota: 2 });
    const post = async (name: string) => status(`POST ${path}`, { email: `${name}@example.com` });
    await invite('a');
    const second = await invite('b');
    expect([await post('c'), await post('b')]).toEqual([402, 201]);
    await ask(`DELETE ${path}/${second.id}`);
    expect([await post('c'), await post('d')]).toEqual([201, 402]);
    clock.pass(3 * day);
    expect(await post('d')).toBe(201);
  });
});

describe('expiry and acceptance', () => {
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
});

describe('DELETE', () => {
  test('of an accepted invitation is 400, of an unknown id 404 without code and detail', async () => {
    const { ask, invite, sandbox } = await openWorld();
    const { id } = await invite('ann');
    await sandbox.accept('ann@example.com');
    const accepted = await ask(`DELETE ${path}/${id}`);
    expect([accepted.status, accepted.json.errors[0].detail]).toEqual([
      400,
      'Bad Request. The invitation was already accepted',
    ]);
    const { status, json, headers } = await ask(`DELETE ${path}/i-none`);
    const error = { id: headers.get('x-request-id'), status: '404', title: 'Not Found' };
    expect([status, json]).toEqual([404, { errors: [error] }]);
  });
});
