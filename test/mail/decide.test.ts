import { describe, expect, test } from 'vitest';
import { type Invitation, stateOf } from '../../src/api/invitation.ts';
import { decideCreate, decideDelete, decideResend } from '../../src/mail/plan.ts';

const now = Date.parse('2026-01-10T00:00:00Z');
const later = '2026-01-12T00:00:00.123456Z';
const earlier = '2026-01-08T00:00:00.123456Z';

function invitation(id: string, status: string, more: Invitation = {}): Invitation {
  return { id, email: 'ann@example.com', status: `INVITE_STATUS_${status}`, expires_at: later, ...more };
}

const sent = invitation('i-sent', 'SENT');
const overdue = invitation('i-overdue', 'SENT', { expires_at: earlier });
const staged = invitation('i-staged', 'STAGED');
const accepted = invitation('i-accepted', 'ACCEPTED');
const expired = invitation('i-expired', 'EXPIRED');
const deactivated = invitation('i-gone', 'DEACTIVATED');
const strange = invitation('i-strange', 'QUEUED');

describe('the state of an invitation', () => {
  test.each([
    [sent, 'pending'],
    [overdue, 'expired'],
    [invitation('i', 'SENT', { expires_at: null }), 'pending'],
    [invitation('i', 'SENT', { expires_at: 'soon' }), 'pending'],
    [staged, 'staged'],
    [accepted, 'accepted'],
    [expired, 'expired'],
    [deactivated, 'deactivated'],
    [strange, 'unknown'],
    [{ id: 'i' }, 'unknown'],
    [{ id: 'i', status: 7 }, 'unknown'],
    // No time, so nothing says that it has expired: reading it as the local time would depend on this machine.
    [invitation('i', 'SENT', { expires_at: '2020-01-01T00:00:00' }), 'pending'],
    [invitation('i', 'SENT', { expires_at: '2020-02-30T00:00:00Z' }), 'pending'],
  ])('%j is %s', (one, state) => expect(stateOf(one, now)).toBe(state));
});

describe('create looks before it mails', () => {
  test.each([
    ['nobody is known', [], 'post', 'created'],
    ['pending', [sent], 'nothing', 'already_invited'],
    ['staged', [staged], 'nothing', 'already_invited'],
    ['expired', [expired], 'post', 'reinvited'],
    ['deactivated', [deactivated], 'post', 'reinvited'],
    ['sent, but past its time', [overdue], 'post', 'reinvited'],
    ['accepted', [accepted], 'nothing', 'already_member'],
    ['a pending one among old ones', [expired, sent, deactivated], 'nothing', 'already_invited'],
    ['accepted once, expired later', [accepted, expired], 'nothing', 'already_member'],
    ['of a status nobody knows', [strange], 'nothing', 'already_invited'],
  ] as const)('%s', (_what, found, act, outcome) => {
    expect(decideCreate(found, now)).toMatchObject({ act, outcome });
  });
});

describe('delete', () => {
  test.each([
    ['nothing there', [], { act: 'refuse', code: 'not_found' }],
    ['pending', [sent], { act: 'delete_invitation', invitation: sent }],
    ['expired', [expired], { act: 'delete_invitation', invitation: expired }],
    ['accepted', [accepted], { act: 'refuse', code: 'already_accepted' }],
    ['revoked', [deactivated], { act: 'nothing', outcome: 'already_deleted', invitation: deactivated }],
    ['several live ones', [sent, staged, expired], { act: 'refuse', code: 'ambiguous', live: [sent, staged] }],
    ['one live, others old', [expired, sent], { act: 'delete_invitation', invitation: sent }],
  ])('%s', (_what, found, decision) => {
    expect(decideDelete(found, now)).toEqual(decision);
  });
});

describe('resend', () => {
  test.each([
    ['pending', [sent], 'post'],
    ['expired', [expired], 'post'],
    ['accepted', [accepted], 'refuse'],
    ['revoked', [deactivated], 'refuse'],
    ['of a status nobody knows', [strange], 'post'],
    ['nothing there', [], 'refuse'],
  ] as const)('%s', (_what, found, act) => expect(decideResend(found, now).act).toBe(act));
});
