import { describe, expect, test } from 'vitest';
import type { Handler, HttpRequest } from '../../src/sandbox/api.ts';
import { failAtRandom, limitRate } from '../../src/sandbox/server.ts';
import { testClock } from './world.ts';

const path = '/iam/v2/invitations';
const call: HttpRequest = { method: 'GET', path, query: new URLSearchParams(), headers: {}, body: '' };

const ok: Handler = async () => {
  return { status: 200, headers: new Map([['x-ratelimit-limit', '10000']]), body: new Uint8Array() };
};

describe('the rate limit', () => {
  test('allows the requests of one second at once, then rejects until there is a token', async () => {
    const clock = testClock();
    const handler = limitRate({ rate: 5, headers: 'all' }, clock, ok);
    const statuses = async (count: number) => {
      const all = [];
      for (let index = 0; index < count; index++) all.push((await handler(call)).status);
      return all;
    };
    expect(await statuses(7)).toEqual([200, 200, 200, 200, 200, 429, 429]);
    clock.pass(199);
    expect(await statuses(1)).toEqual([429]);
    clock.pass(1);
    expect(await statuses(2)).toEqual([200, 429]);
    clock.pass(60_000);
    expect(await statuses(6)).toEqual([200, 200, 200, 200, 200, 429]);
  });

  test('reports the remaining requests and the seconds until reset in headers', async () => {
    const handler = limitRate({ rate: 2, headers: 'all' }, testClock(), ok);
    const heard = async () => Object.fromEntries((await handler(call)).headers);
    const limits = { 'x-ratelimit-limit': '2', 'x-ratelimit-reset': '1' };
    expect(await heard()).toMatchObject({ ...limits, 'x-ratelimit-remaining': '1' });
    expect(await heard()).toMatchObject({ ...limits, 'x-ratelimit-remaining': '0' });
    expect(await heard()).toMatchObject({ ...limits, 'x-ratelimit-remaining': '0', 'retry-after': '1' });
  });

  test.each([
    ['none', path],
    ['not_role_bindings', '/iam/v2/role-bindings'],
  ] as const)('can omit its headers, but not Retry-After: %s', async (headers, asked) => {
    const handler = limitRate({ rate: 1, headers }, testClock(), ok);
    expect((await handler({ ...call, path: asked })).headers.get('x-ratelimit-remaining')).toBeUndefined();
    const refused = await handler({ ...call, path: asked });
    expect([refused.status, refused.headers.get('x-ratelimit-limit')]).toEqual([429, undefined]);
    expect(refused.headers.get('retry-after')).toBe('1');
  });
});

test.each([
  [0.04, 500],
  [0.05, 503],
  [0.09, 503],
  [0.1, 200],
])('a tenth of the requests fails at random: at %d with %i', async (chance, status) => {
  let calls = 0;
  const counting: Handler = (request) => {
    calls += 1;
    return ok(request);
  };
  const clock = testClock(() => chance);
  expect((await failAtRandom(0.1, clock, counting)(call)).status).toBe(status);
  expect(calls).toBe(status === 200 ? 1 : 0);
});
