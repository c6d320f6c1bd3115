import { describe, expect, test } from 'vitest';
import type { Handler, HttpRequest } from '../../src/sandbox/api.ts';
import { failAtRandom, limitRate } from '../../src/sandbox/server.ts';
import { fixedClock } from './world.ts';

const path = '/iam/v2/invitations';
const call: HttpRequest = { method: 'GET', path, query: new URLSearchParams(), headers: {}, body: '' };

const ok: Handler = async () => ({ status: 200, headers: new Map(), body: new Uint8Array() });

describe('the rate limit', () => {
  test('allows the requests of one second at once, then rejects until there is a token', async () => {
    const clock = fixedClock();
    const handler = limitRate({ rate: 5, headers: 'all' }, clock, ok);
    const statuses = async (count: number) => {
      const all = [];
      for (let index = 0; index < count; index++) all.push((await handler(call)).status);
      return all.join(' ');
    };
    expect(await statuses(7)).toBe('200 200 200 200 200 429 429');
    clock.pass(199);
    expect(await statuses(1)).toBe('429');
    clock.pass(1);
    expect(await statuses(2)).toBe('200 429');
    clock.pass(60_000);
    expect(await statuses(6)).toBe('200 200 200 200 200 429');
  });

  test.each([
    ['all', path, '2 1 1', '2 0 1'],
    ['none', path, undefined, undefined],
    ['not_role_bindings', '/iam/v2/role-bindings', undefined, undefined],
  ] as const)('reports itself in headers (%s), and Retry-After always', async (headers, asked, first, third) => {
    const handler = limitRate({ rate: 2, headers }, fixedClock(), ok);
    const heard = async () => (await handler({ ...call, path: asked })).headers;
    const said = (all: ReadonlyMap<string, string>) =>
      all.has('x-ratelimit-limit')
        ? ['limit', 'remaining', 'reset'].map((name) => all.get(`x-ratelimit-${name}`)).join(' ')
        : undefined;
    const one = await heard();
    await heard();
    const three = await heard();
    expect([said(one), said(three), three.get('retry-after')]).toEqual([first, third, '1']);
  });
});

test.each([
  [0.04, 500],
  [0.05, 503],
  [0.09, 503],
  [0.1, 200],
])('a tenth of the requests fails at random: at %d with %i', async (chance, status) => {
  expect(
    (
      await failAtRandom(
        0.1,
        fixedClock(() => chance),
        ok,
      )(call)
    ).status,
  ).toBe(status);
});
