// How many requests a plan takes: 760 at most for 10,000 people with 50,000 bindings. The benchmarks measure its memory and time.
import { expect, test } from 'vitest';
import type { Settings } from '../../src/sandbox/sandbox.ts';
import { openMembershipApi, owner, person, root } from './api.ts';

const roles = ['a', 'b', 'c', 'd', 'e'].map((name) => ({
  role_name: 'MetricsViewer',
  crn_pattern: `${root}/environment=env-${name}`,
}));

test.each<[people: number, switches: Partial<Settings>, pages: number]>([
  [2000, { role_binding_page: 100 }, 100],
  [1000, {}, 5],
])('%i people, half as many invitations more, five bindings each, %j', async (people, switches, pages) => {
  const members = Array.from({ length: people - 1 }, (_, n) => person(`p${n}`, 'accepted', { roles }));
  const expired = Array.from({ length: people / 2 }, (_, n) => person(`x${n}`, 'expired'));
  const api = await openMembershipApi({ people: [...members, ...expired] }, { ...switches, crn_pattern: 'by_scope' });
  const { code, stderr } = await api.invite(`plan ${api.file('none', owner)} --expect-no-changes`);
  expect([code, stderr.split('\n')[0]]).toEqual([0, `no changes to ${people} members`]);
  const counts = new Map<string, number>();
  for (const request of api.requests) counts.set(request, (counts.get(request) ?? 0) + 1);
  expect(Object.fromEntries(counts)).toEqual({
    'GET /org/v2/organizations': 1,
    'GET /iam/v2/api-keys/FAKEKEY0MARKER01': 1,
    'GET /iam/v2/invitations': (1.5 * people) / 100,
    'GET /iam/v2/users': people / 100,
    'GET /iam/v2/role-bindings': pages + 1,
  });
});
