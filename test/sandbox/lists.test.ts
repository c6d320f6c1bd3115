import { describe, expect, test } from 'vitest';
import { emails, openWorld, type World } from './world.ts';

const path = '/iam/v2/invitations';

async function inviteMany({ invite }: World, count: number): Promise<string[]> {
  const people = Array.from({ length: count }, (_, index) => `p${index}@example.com`);
  for (const person of people) await invite(person);
  return people;
}

function tokenOf(next: string): string {
  return new URL(next).searchParams.get('page_token') ?? '';
}

describe('pages', () => {
  test('ten rows a page by default, a hundred at most', async () => {
    const world = await openWorld();
    const people = await inviteMany(world, 105);
    expect(emails(await world.ask(`GET ${path}`))).toEqual(people.slice(0, 10));
    expect(emails(await world.ask(`GET ${path}?page_size=3`))).toEqual(people.slice(0, 3));
    expect(emails(await world.ask(`GET ${path}?page_size=500`))).toEqual(people.slice(0, 100));
  });

  test('next holds the page_token alone, and the last page has none', async () => {
    const world = await openWorld();
    const people = await inviteMany(world, 5);
    const first = (await world.ask(`GET ${path}?page_size=3`)).json;
    expect([...new URL(first.metadata.next).searchParams.keys()]).toEqual(['page_token']);
    expect(tokenOf(first.metadata.next)).toMatch(/^[\w-]{1,255}$/);
    const second = await world.ask(`GET ${path}?page_size=3&page_token=${tokenOf(first.metadata.next)}`);
    expect(emails(second)).toEqual(people.slice(3));
    expect(second.json.metadata).toEqual({ first: `https://api.confluent.cloud${path}` });
  });

  test('a page_token stays valid while rows are added and removed', async () => {
    const world = await openWorld({ reissue: 'new_id' });
    const people = await inviteMany(world, 6);
    const first = (await world.ask(`GET ${path}?page_size=3`)).json;
    await world.invite('new@example.com');
    // The last row of the first page moves to the end.
    await world.invite('p2@example.com');
    const rest = await world.ask(`GET ${path}?page_size=100&page_token=${tokenOf(first.metadata.next)}`);
    expect(emails(rest)).toEqual([...people.slice(3), 'new@example.com', 'p2@example.com']);
  });

  test('the newest first, with list_order=newest', async () => {
    const world = await openWorld({ list_order: 'newest' });
    const people = (await inviteMany(world, 5)).reverse();
    const first = await world.ask(`GET ${path}?page_size=3`);
    await world.invite('new@example.com');
    const second = await world.ask(`GET ${path}?page_size=3&page_token=${tokenOf(first.json.metadata.next)}`);
    expect([...emails(first), ...emails(second)]).toEqual(people);
    expect(emails(await world.ask(`GET ${path}?email=p1@example.com`))).toEqual(['p1@example.com']);
  });

  test('a page_token carries the filters and the page_size, or does not', async () => {
    const query = `${path}?page_size=1&status=INVITE_STATUS_SENT`;
    for (const [page_token_carries, expected] of [
      ['position', ['p1@example.com', 'p2@example.com']],
      ['filters', ['p2@example.com']],
    ] as const) {
      const world = await openWorld({ page_token_carries });
      await inviteMany(world, 3);
      await world.sandbox.accept('p1@example.com');
      const token = tokenOf((await world.ask(`GET ${query}`)).json.metadata.next);
      expect(emails(await world.ask(`GET ${path}?page_token=${token}`))).toEqual(expected);
    }
  });

  test.each(['x', 'W10', Buffer.from('0..0123456789abcdef').toString('base64url'), '%00', 'A'.repeat(300)])(
    'the page_token "%s" is refused',
    async (token) => {
      const { ask } = await openWorld();
      const refused = await ask(`GET ${path}?page_token=${token}`);
      expect([refused.status, refused.json.errors[0].source]).toEqual([400, { parameter: 'page_token' }]);
    },
  );

  test('the page_token of another list is refused', async () => {
    const { ask, sandbox } = await openWorld();
    await sandbox.seed(5);
    const { next } = (await ask('GET /iam/v2/users?page_size=1')).json.metadata;
    expect((await ask(`GET ${path}?page_token=${tokenOf(next)}`)).status).toBe(400);
  });

  test.each(['0', '-1', 'x', '1.5', '1e9999'])('the page_size "%s" is rejected, or means the default', async (size) => {
    const refused = await (await openWorld()).ask(`GET ${path}?page_size=${size}`);
    expect([refused.status, refused.json.errors[0].source]).toEqual([400, { parameter: 'page_size' }]);
    const kind = await openWorld({ small_page: 'default' });
    await inviteMany(kind, 11);
    expect(emails(await kind.ask(`GET ${path}?page_size=${size}`))).toHaveLength(10);
  });

  test('a page_size above the maximum is capped, or rejected', async () => {
    const { ask } = await openWorld({ large_page: 'rejected' });
    expect((await ask(`GET ${path}?page_size=101`)).status).toBe(400);
    expect((await ask(`GET ${path}?page_size=100`)).status).toBe(200);
  });

  test.each([
    ['null', null],
    ['empty', ''],
  ] as const)('next of the last page can read %s', async (last_next, value) => {
    const { ask } = await openWorld({ last_next });
    expect((await ask(`GET ${path}`)).json.metadata.next).toBe(value);
  });

  test('a full last page can be followed by an empty one', async () => {
    const world = await openWorld({ trailing_page: 'yes' });
    await inviteMany(world, 2);
    const first = (await world.ask(`GET ${path}?page_size=2`)).json;
    const second = (await world.ask(`GET ${path}?page_size=2&page_token=${tokenOf(first.metadata.next)}`)).json;
    expect(second.data).toEqual([]);
    expect(second.metadata).not.toHaveProperty('next');
  });

  test.each([
    ['counted', 2],
    ['zero', 0],
    ['absent', undefined],
  ] as const)('total_size can be %s', async (total_size, value) => {
    const world = await openWorld({ total_size });
    await inviteMany(world, 3);
    await world.sandbox.accept('p1@example.com');
    const page = await world.ask(`GET ${path}?page_size=1&status=INVITE_STATUS_SENT`);
    expect(page.json.metadata.total_size).toBe(value);
  });

  test('a new row can be missing from lists for a while', async () => {
    const { ask, invite, clock } = await openWorld({ list_lag: 2000 });
    const { id } = await invite('ann@example.com');
    clock.pass(1999);
    expect((await ask(`GET ${path}`)).json.data).toEqual([]);
    expect((await ask(`GET ${path}/${id}`)).status).toBe(200);
    clock.pass(1);
    expect(emails(await ask(`GET ${path}?email=ann@example.com`))).toEqual(['ann@example.com']);
  });
});

describe('filters', () => {
  async function threePeople(switches = {}): Promise<World & { user: string }> {
    const world = await openWorld(switches);
    const { user } = await world.invite('Ann+x@example.com');
    await world.invite('bob@example.com');
    await world.invite('cy@example.com');
    await world.sandbox.accept('cy@example.com');
    return { ...world, user: user.id };
  }

  test.each([
    ['email=bob@example.com', ['bob@example.com']],
    ['email=Ann%2Bx@example.com', ['Ann+x@example.com']],
    ['email=Ann+x@example.com', []],
    ['email=ann%2Bx@example.com', []],
    ['email=ob@example.com', []],
    ['status=INVITE_STATUS_ACCEPTED', ['cy@example.com']],
    ['status=accepted', []],
    ['status=INVITE_STATUS_SENT,INVITE_STATUS_ACCEPTED', []],
    ['creator=u-nobody', []],
    ['creator=u-sandbox', ['Ann+x@example.com', 'bob@example.com', 'cy@example.com']],
    ['emial=bob@example.com', ['Ann+x@example.com', 'bob@example.com', 'cy@example.com']],
    ['email=', ['Ann+x@example.com', 'bob@example.com', 'cy@example.com']],
  ])('%s', async (query, expected) => {
    const { ask } = await threePeople();
    expect(emails(await ask(`GET ${path}?${query}`))).toEqual(expected);
  });

  test.each([
    ['or', 'INVITE_STATUS_SENT', ['Ann+x@example.com', 'bob@example.com']],
    ['or', 'INVITE_STATUS_ACCEPTED', ['bob@example.com', 'cy@example.com']],
    ['and', 'INVITE_STATUS_SENT', ['bob@example.com']],
    ['and', 'INVITE_STATUS_ACCEPTED', []],
  ] as const)('two of them are joined by %s: bob, %s', async (filters_joined, status, expected) => {
    const { ask } = await threePeople({ filters_joined });
    expect(emails(await ask(`GET ${path}?email=bob@example.com&status=${status}`))).toEqual(expected);
  });

  test('by user', async () => {
    const { ask, user } = await threePeople();
    expect(emails(await ask(`GET ${path}?user=${user}`))).toEqual(['Ann+x@example.com']);
    expect(emails(await ask(`GET ${path}?user=${user}x`))).toEqual([]);
  });

  test('can ignore case, or be ignored', async () => {
    const deaf = await threePeople({ email_filter: 'ignore_case' });
    expect(emails(await deaf.ask(`GET ${path}?email=ANN%2BX@EXAMPLE.COM`))).toEqual(['Ann+x@example.com']);
    const ignoring = await threePeople({ filters: 'ignored' });
    expect(emails(await ignoring.ask(`GET ${path}?email=bob@example.com&status=INVITE_STATUS_SENT`))).toHaveLength(3);
  });
});
