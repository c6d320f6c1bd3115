import { describe, expect, test } from 'vitest';
import type { Handler, HttpRequest } from '../../src/sandbox/api.ts';
import { failAtRandom, limitRate } from '../../src/sandbox/server.ts';
import { testClock } from './world.ts';

const call: HttpRequest = {
  method: 'GET',
  path: '/iam/v2/invitations',
  query: new URLSearchParams(),
  headers: {},
  body: '',
};

/** An API that only counts, and answers with this status. */
function counting(status = 200): Handler & { calls: number } {
  const handler = Object.assign(
    async () => {
      handler.calls += 1;
      return { status, headers: new Map([['x-ratelimit-limit', '10000']]), body: new Uint8Array() };
    },
    { calls: 0 },
  );
  return handler;
}

describe('the rate limit', () => {
  test('allows the requests of one second at once, then rejects until there is a token', async () => {
    const clock = testClock();
    const api = counting();
    const handler = limitRate({ rate: 5, headers: 'all' }, clock, api);
    const statuses = [];
    for (let index = 0; index < 7; index++) statuses.push((await handler(call)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
    expect(api.calls).toBe(5);
    clock.pass(199);
    expect((await handler(call)).status).toBe(429);
    clock.pass(1);
    expect((await handler(call)).status).toBe(200);
    expect((await handler(call)).status).toBe(429);
    clock.pass(60_000);
    const later = [];
    for (let index = 0; index < 6; index++) later.push((await handler(call)).status);
    expect(later).toEqual([200, 200, 200, 200, 200, 429]);
  });

  test('reports the remaining requests and the seconds until reset in headers', async () => {
    const handler = limitRate({ rate: 2, headers: 'all' }, testClock(), counting());
    const rate = async () => {
      const { headers } = await handler(call);
      return ['limit', 'remaining', 'reset'].map((name) => headers.get(`x-ratelimit-${name}`));
    };
    expect(await rate()).toEqual(['2', '1', '1']);
    expect(await rate()).toEqual(['2', '0', '1']);
    const refused = await handler(call);
    expect(Object.fromEntries(refused.headers)).toEqual({
      'x-request-id': expect.stringMatching(/^[0-9a-f]{32}$/),
      'x-ratelimit-limit': '2',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': '1',
      'retry-after': '1',
    });
    expect(refused.body).toHaveLength(0);
  });

  test('can omit its headers, but not Retry-After', async () => {
    for (const [headers, path] of [
      ['none', call.path],
      ['not_role_bindings', '/iam/v2/role-bindings'],
    ] as const) {
      const handler = limitRate({ rate: 1, headers }, testClock(), counting());
      expect((await handler({ ...call, path })).headers.get('x-ratelimit-remaining')).toBeUndefined();
      const refused = await handler({ ...call, path });
      expect([refused.status, refused.headers.get('x-ratelimit-limit')]).toEqual([429, undefined]);
      expect(refused.headers.get('retry-after')).toBe('1');
    }
  });
});

describe('failing at random', () => {
  test.each([
    [0, 500],
    [0.04, 500],
    [0.05, 503],
    [0.09, 503],
    [0.1, 200],
    [0.99, 200],
  ])('a tenth of the requests, random number %d: %i', async (chance, status) => {
    const api = counting();
    const handler = failAtRandom(
      0.1,
      testClock(() => chance),
      api,
    );
    const answer = await handler(call);
    expect(answer.status).toBe(status);
    expect(api.calls).toBe(status === 200 ? 1 : 0);
  });
});
