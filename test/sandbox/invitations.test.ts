import { describe, expect, test } from 'vitest';
import { openWorld } from './world.ts';

const path = '/iam/v2/invitations';
const users = '/iam/v2/users';

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
