import { describe, expect, test } from 'vitest';
import { openWorld } from './world.ts';

const path = '/iam/v2/invitations';

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
