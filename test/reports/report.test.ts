import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Invitation } from '../../src/api/invitation.ts';
import { asInvited } from '../../src/membership/observed.ts';
import { durationsOf, summaryOf } from '../../src/reports/report.ts';

const now = Date.UTC(2026, 0, 10);
const hour = 3_600_000;
const day = 24 * hour;

const at = (time: number) => new Date(time).toISOString();

function invitation(fields: Record<string, unknown> & { created?: number } = {}): Invitation {
  const { created = now - hour, ...rest } = fields;
  return {
    id: 'i-1',
    email: 'ann@example.com',
    status: 'INVITE_STATUS_SENT',
    expires_at: at(now + 2 * day),
    creator: { id: 'u-1' },
    metadata: { created_at: at(created) },
    ...rest,
  };
}

const summary = (...invitations: Invitation[]) => summaryOf(invitations.map(asInvited), now);

test('an empty list has every state, with none', () => {
  expect(summary()).toMatchObject({
    total: 0,
    by_domain: [],
    by_inviter: [],
    expiring: [],
    generated_at: at(now),
    by_state: { pending: 0, expired: 0, accepted: 0, staged: 0, deactivated: 0, unknown: 0 },
    time_to_acceptance: { count: 0, median_seconds: null, p90_seconds: null },
  });
});

test('states are those of the clock, not of the server that lags', () => {
  const { by_state } = summary(
    invitation(),
    invitation({ expires_at: at(now - 1) }),
    invitation({ status: 'INVITE_STATUS_STAGED' }),
    invitation({ status: 'INVITE_STATUS_NEW' }),
  );
  expect(by_state).toMatchObject({ pending: 1, expired: 1, staged: 1, unknown: 1 });
});

test('only what can still be accepted has an age, and a border belongs to the older span', () => {
  const { pending_by_age } = summary(
    invitation({ created: now - day + 1 }),
    invitation({ created: now - day }),
    invitation({ created: now - 40 * day, status: 'INVITE_STATUS_STAGED' }),
    invitation({ created: now - 40 * day, status: 'INVITE_STATUS_EXPIRED' }),
    invitation({ metadata: null }),
  );
  expect(pending_by_age.map(({ age, count }) => `${age} ${count}`)).toEqual([
    'under 1 day 1',
    '1 to 2 days 1',
    '2 to 3 days 0',
    '3 to 7 days 0',
    '7 to 30 days 0',
    'over 30 days 1',
    'unknown 1',
  ]);
});

test('what expires within seven days comes soonest first', () => {
  const { expiring } = summary(
    invitation({ id: 'i-late', expires_at: at(now + 7 * day) }),
    invitation({ id: 'i-later', expires_at: at(now + 7 * day + 1) }),
    invitation({ id: 'i-soon', expires_at: at(now + hour) }),
    invitation({ id: 'i-gone', expires_at: at(now + hour), status: 'INVITE_STATUS_ACCEPTED' }),
    invitation({ id: 'i-staged', expires_at: at(now - day), status: 'INVITE_STATUS_STAGED' }),
    invitation({ id: 'i-young', created: now - 1, expires_at: at(now + 3 * day) }),
    invitation({ id: 'i-old', created: now - day, expires_at: at(now + 3 * day) }),
  );
  expect(expiring.map(({ id }) => id)).toEqual(['i-soon', 'i-old', 'i-young', 'i-late']);
});

test('an acceptance before the invitation, or without a time, is not measured', () => {
  const { by_state, time_to_acceptance } = summary(
    ...[at(now), at(now - 2 * day), '0001-01-01T00:00:00Z', null].map((accepted_at) =>
      invitation({ status: 'INVITE_STATUS_ACCEPTED', created: now - day, accepted_at }),
    ),
  );
  expect(by_state.accepted).toBe(4);
  expect(time_to_acceptance).toEqual({ count: 1, median_seconds: 86_400, p90_seconds: 86_400 });
});

test('domains are told apart without regard to case, the largest first', () => {
  const { by_domain, by_inviter } = summary(
    invitation({ email: 'ann@B.example' }),
    invitation({ email: 'bob@a.example' }),
    invitation({ email: 'cy@A.EXAMPLE', creator: null }),
    invitation({ email: null }),
  );
  expect(by_domain.map(({ domain, total }) => `${domain} ${total}`)).toEqual([
    'a.example 2',
    '(none) 1',
    'b.example 1',
  ]);
  const none = { expired: 0, accepted: 0, staged: 0, deactivated: 0, unknown: 0 };
  expect(by_inviter).toEqual([
    { creator: 'u-1', total: 3, pending: 3, ...none },
    { creator: '(none)', total: 1, pending: 1, ...none },
  ]);
});

test('the times until acceptance have the middle and the nine tenths', () => {
  expect(durationsOf([3000, 1000, 2000])).toEqual({ count: 3, median_seconds: 2, p90_seconds: 3 });
  expect(durationsOf([4000, 1000])).toEqual({ count: 2, median_seconds: 2.5, p90_seconds: 4 });
  const ten = Array.from({ length: 10 }, (_, index) => (index + 1) * 1000);
  expect(durationsOf(ten)).toEqual({ count: 10, median_seconds: 5.5, p90_seconds: 9 });
});

test('every invitation is in one state, one domain and one inviter', () => {
  const anything = fc.record({
    email: fc.oneof(fc.constant(null), fc.emailAddress()),
    status: fc.constantFrom('INVITE_STATUS_SENT', 'INVITE_STATUS_ACCEPTED', 'x', 7),
    creator: fc.oneof(fc.constant(null), fc.record({ id: fc.constantFrom('u-1', '__proto__', 'constructor') })),
  });
  const sum = (groups: readonly { readonly total: number }[]) => groups.reduce((all, { total }) => all + total, 0);
  fc.assert(
    fc.property(fc.array(anything), (invitations) => {
      const { by_state, by_domain, by_inviter } = summary(...invitations);
      const states = Object.values(by_state).reduce((a, b) => a + b, 0);
      expect([states, sum(by_domain), sum(by_inviter)]).toEqual(Array(3).fill(invitations.length));
    }),
  );
});
