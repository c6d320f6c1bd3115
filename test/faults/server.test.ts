import { describe, expect, test } from 'vitest';
import { ask, invitations, list, post, withServer } from './client.ts';

describe('the honest server', () => {
  test('answers 401 without credentials', () =>
    withServer({}, async (server) => {
      const response = await fetch(`${server.url}${invitations}`);
      expect(response.status).toBe(401);
    }));

  test('lists in pages whose links hold a token and nothing else', () =>
    withServer({ people: 8 }, async (server) => {
      const first = await list(server);
      const link = new URL(first.metadata.next ?? '');
      const second = await list(server, link.search);
      expect([...link.searchParams.keys()]).toEqual(['page_token']);
      expect([first.data.length, second.data.length, second.metadata.next]).toEqual([10, 3, undefined]);
    }));

  test.each([
    ['?email=sent%40example.com', ['i-sent']],
    ['?email=SENT%40example.com', []],
    ['?status=INVITE_STATUS_EXPIRED', ['i-expired']],
    ['?user=u-i-staged&status=INVITE_STATUS_STAGED', ['i-staged']],
    ['?color=red&status=INVITE_STATUS_ACCEPTED', ['i-accepted']],
  ])('filters %s to %j', (query, ids) =>
    withServer({}, async (server) => {
      const { data } = await list(server, query);
      expect(data.map(({ id }) => id)).toEqual(ids);
    }),
  );

  test('invites, counts the mails and keeps the id of a pending one', () =>
    withServer({}, async (server) => {
      const created = await post(server, 'new@example.com');
      const again = await post(server, 'New@example.com');
      expect([created.status, created.headers.get('location')]).toEqual([201, `${server.url}${invitations}/i-new1`]);
      expect(await again.json()).toMatchObject({ id: 'i-new1' });
      expect(server.store.doubleMails).toEqual(['new@example.com']);
      expect(server.kinds()).toBe('create create');
    }));

  test.each([
    ['a member cannot be invited', 'POST', '', 409],
    ['a member cannot be revoked', 'DELETE', '/i-accepted', 400],
    ['nobody is there', 'DELETE', '/i-nobody', 404],
    ['a pending one is revoked', 'DELETE', '/i-sent', 204],
  ])('%s: %s %s gives %i', (_, method, path, status) =>
    withServer({}, async (server) => {
      const body = method === 'POST' ? { body: '{"email":"accepted@example.com"}' } : {};
      const response = await ask(server, `${invitations}${path}`, { method, ...body });
      expect(response.status).toBe(status);
    }),
  );
});
