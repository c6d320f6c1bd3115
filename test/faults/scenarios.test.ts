import { describe, expect, test } from 'vitest';
import { ask, invitations, isAnswered, list, post, withServer } from './client.ts';
import { scenarioOf, scenarios } from './scenarios.ts';

describe('the faults', () => {
  test('are named once, and an unknown name is an error', () => {
    expect(Object.keys(scenarios).length).toBeGreaterThan(190);
    expect(() => scenarioOf('nonsense')).toThrow('no scenario is called "nonsense"');
    expect(() => scenarioOf('nonsense:5')).toThrow('no scenario is called "nonsense:5"');
  });

  test.each([
    'accept-rst',
    'accept-fin',
    'reset-mid-headers',
    'reset-mid-body',
    'fin-mid-body',
    'fin-mid-chunk',
    'garbage',
  ])('%s ends in no answer', (scenario) =>
    withServer({ scenario }, async (server) => expect(await isAnswered(server)).toBe(false)),
  );

  test('accept-rst-then-ok breaks the first connection only', () =>
    withServer({ scenario: 'accept-rst-then-ok' }, async (server) => {
      expect([await isAnswered(server), await isAnswered(server)]).toEqual([false, true]);
    }));

  test.each([
    ['200-html', 200, 'text/html; charset=utf-8'],
    ['522-cloudflare', 522, 'text/html; charset=utf-8'],
    ['err-401', 401, 'application/json'],
    ['err-404-bare', 404, null],
    ['redirect-foreign', 302, null],
  ])('%s answers %i as %s', (scenario, status, type) =>
    withServer({ scenario }, async (server) => {
      const response = await ask(server, invitations);
      expect([response.status, response.headers.get('content-type')]).toEqual([status, type]);
    }),
  );

  test('post-lost takes effect without a word', () =>
    withServer({ scenario: 'post-lost' }, async (server) => {
      await expect(post(server, 'new@example.com')).rejects.toThrow();
      expect((await list(server, '?email=new%40example.com')).data).toHaveLength(1);
      expect(server.store.mails).toEqual(new Map([['new@example.com', 1]]));
    }));

  test('post-dropped takes no effect the first time', () =>
    withServer({ scenario: 'post-dropped' }, async (server) => {
      await expect(post(server, 'new@example.com')).rejects.toThrow();
      expect(server.store.mails.size).toBe(0);
      expect((await post(server, 'new@example.com')).status).toBe(201);
    }));

  test('post-lost-dup has a duplicate for whoever posts again', () =>
    withServer({ scenario: 'post-lost-dup' }, async (server) => {
      await expect(post(server, 'new@example.com')).rejects.toThrow();
      await expect(post(server, 'new@example.com')).rejects.toThrow();
      expect(server.store.duplicates).toEqual(['new@example.com']);
    }));

  test('eventual keeps a new invitation out of the list at first', () =>
    withServer({ scenario: 'eventual' }, async (server) => {
      await post(server, 'new@example.com');
      expect((await list(server, '?email=new%40example.com')).data).toEqual([]);
    }));

  test('delete-lost revokes, breaks, and then knows nothing', () =>
    withServer({ scenario: 'delete-lost' }, async (server) => {
      await expect(ask(server, `${invitations}/i-sent`, { method: 'DELETE' })).rejects.toThrow();
      expect((await ask(server, `${invitations}/i-sent`, { method: 'DELETE' })).status).toBe(404);
    }));

  test('rate:2 refuses the third request of a second', () =>
    withServer({ scenario: 'rate:2' }, async (server) => {
      const responses = await Promise.all([1, 2, 3].map(() => ask(server, invitations)));
      expect(responses.map(({ status }) => status).sort()).toEqual([200, 200, 429]);
    }));

  test.each(['quota-after:1', 'auth-revoked-after:1'])('%s refuses the second POST', (scenario) =>
    withServer({ scenario }, async (server) => {
      expect((await post(server, 'a@example.com')).status).toBe(201);
      expect([401, 402]).toContain((await post(server, 'b@example.com')).status);
    }),
  );

  test('the other origin has a log of its own', () =>
    withServer({}, async (server) => {
      await fetch(server.foreignUrl);
      expect([server.log.length, server.foreignLog.length]).toEqual([0, 1]);
    }));
});
