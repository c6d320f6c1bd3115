import { describe, expect, test } from 'vitest';
import type { Invitation } from '../../src/api/invitation.ts';
import type { Absence } from '../../src/api/users.ts';
import { CliError } from '../../src/errors.ts';
import { UnknownOutcome } from '../../src/http/failure.ts';
import type { Change, CreateChange, Tools } from '../../src/mail/change.ts';
import { planDeletes } from '../../src/mail/plan.ts';
import { type Result, Tally } from '../../src/mail/result.ts';
import { attempt, performAll } from '../../src/mail/run-changes.ts';
import { creation, invitation, now, type Script, scripted } from './tools.ts';

const lost = () => new UnknownOutcome(new CliError('network', 'cannot reach it', { reason: 'cut off' }));

async function run(changes: readonly Change[], tools: Tools) {
  const tally = new Tally();
  const results: Result[] = [];
  for await (const [number, result] of performAll([changes], { tools, tally, concurrency: 1, dryRun: false })) {
    results[number] = result;
  }
  return { results, outcomes: results.map(({ outcome }) => outcome), tally };
}

describe('many changes', () => {
  test('what could not be confirmed is unknown, and five of those in a row are an outage', async () => {
    const people = Array.from({ length: 7 }, (_, n) => creation(`p${n}@example.com`));
    const down = new CliError('api_unavailable', 'down');
    const { tools } = scripted({ create: Array.from({ length: 7 }, lost), find: Array(7).fill(down) });
    const { outcomes, tally } = await run(people, tools);
    expect(outcomes).toEqual([...Array(5).fill('unknown'), 'not_attempted', 'not_attempted']);
    expect(tally.error()).toMatchObject({ code: 'outcome_unknown' });
  });
});

describe('a conflict', () => {
  const conflict = () => new CliError('already_exists', 'cannot post', { http_status: 409 });

  test.each<[string, Invitation, string]>([
    ['somebody who was invited meanwhile', invitation('i-2'), 'already_invited'],
    ['a member', invitation('i-2', { status: 'INVITE_STATUS_ACCEPTED' }), 'already_member'],
  ])('with %s names that invitation', async (_, there, outcome) => {
    const { tools } = scripted({
      create: [conflict()],
      find: [[invitation('i-0', { status: 'INVITE_STATUS_DEACTIVATED' }), there]],
      absent: [{ gone: new Set(), unsure: new Set() }],
    });
    expect(await attempt(creation('ann@example.com'), tools)).toMatchObject({ outcome, invitation: { id: 'i-2' } });
  });
});

describe('a conflict of somebody whom nobody shows', () => {
  const conflict = () => new CliError('already_exists', 'cannot post', { http_status: 409 });
  const email = 'ann@example.com';

  test('is no membership', async () => {
    const absent = { gone: new Set([email]), unsure: new Set<string>() };
    const { tools } = scripted({ create: [conflict()], find: [[]], absent: [absent] });
    expect(await attempt(creation(email), tools)).toMatchObject({
      outcome: 'failed',
      error: { code: 'already_exists' },
    });
  });

  test('is doubtful where this key may not look', async () => {
    const absent = { gone: new Set<string>(), unsure: new Set([email]) };
    const { tools } = scripted({ create: [conflict()], find: [[]], absent: [absent] });
    expect(await attempt(creation(email), tools)).toMatchObject({
      outcome: 'already_member',
      warnings: [expect.stringContaining('may not look up')],
    });
  });

  test.each<[string, Partial<CreateChange>, Absence, { outcome: string; error?: unknown }]>([
    ['of a member', {}, { gone: new Set(), unsure: new Set() }, { outcome: 'already_member' }],
    ['of nobody', {}, { gone: new Set([email]), unsure: new Set() }, { outcome: 'unknown' }],
    ['of who may not be read', {}, { gone: new Set(), unsure: new Set([email]) }, { outcome: 'unknown' }],
    [
      'of somebody who has left',
      { hasLeft: true },
      { gone: new Set(), unsure: new Set() },
      {
        outcome: 'failed',
        error: { code: 'already_exists', details: { reason: expect.stringContaining('the API refuses this address') } },
      },
    ],
  ])('after an answer that was lost, %s', async (_, more, absent, expected) => {
    const { tools } = scripted({ create: [lost(), conflict()], find: Array(7).fill([]), absent: [absent] });
    expect(await attempt({ ...creation(email), ...more }, tools)).toMatchObject(expected);
  });

  test('of a pending one that is mailed again says so, and how to make a new one', async () => {
    const pending = invitation('i-1');
    const { tools } = scripted({ create: [conflict()] });
    const decision = { act: 'post', invitation: pending } as const;
    expect(await attempt({ kind: 'resend', target: email, known: [pending], decision }, tools)).toMatchObject({
      outcome: 'failed',
      error: {
        code: 'already_exists',
        details: {
          reason: expect.stringContaining('pending'),
          hints: ['for a new one: invite delete ann@example.com', 'then: invite create ann@example.com'],
        },
      },
    });
  });
});

describe('roles', () => {
  const role = (name: string) => ({ typed: name, role_name: name, crn_pattern: 'crn://x' });
  const roles = [role('One'), role('Two'), role('Three')];

  test('the user is looked up once, a refused role keeps no other from being tried, and the repair is said', async () => {
    const script: Script = {
      create: [invitation('i-1', { user: null })],
      get: [invitation('i-1', { user: { id: 'u-1' } })],
      grant: ['granted', new CliError('forbidden', 'no'), 'already_granted'],
    };
    const { tools, asked } = scripted(script);
    const result = await attempt(creation('ann@example.com', [], { roles }), tools);
    expect(result).toMatchObject({
      outcome: 'created',
      roles: [{ outcome: 'granted' }, { outcome: 'failed' }, { outcome: 'already_granted' }],
      error: {
        code: 'partial_failure',
        details: { hints: [expect.stringMatching(/^invite create ann@example\.com .*--role Two/)] },
      },
    });
    expect(asked).toEqual([
      'create ann@example.com',
      'get i-1',
      ...['One', 'Two', 'Three'].map((name) => `grant User:u-1 ${name}`),
    ]);
  });
});

describe('a deletion', () => {
  const there = invitation('i-1');

  async function removed(failure: CliError, ifExists: boolean, known: readonly Invitation[] = [there]) {
    const { tools } = scripted({});
    const gone = { ...tools, invitations: { ...tools.invitations, delete: () => Promise.reject(failure) } };
    const found = { target: { kind: 'id', text: 'i-1' }, invitations: known } as const;
    const [change] = planDeletes({ found: [found], lookedAt: 0 }, ifExists, now);
    return attempt(change as Change, gone);
  }

  const missing = new CliError('not_found', 'gone');

  test.each<[string, readonly Invitation[]]>([
    ['was gone when it came to it', [there]],
    ['was never there', []],
  ])('of what %s fails, unless that was allowed for', async (_, known) => {
    expect(await removed(missing, false, known)).toMatchObject({ outcome: 'failed', error: { code: 'not_found' } });
    expect(await removed(missing, true, known)).toMatchObject({ outcome: 'not_found' });
  });

  test('of what was accepted meanwhile says so, and what to do', async () => {
    const refused = new CliError('already_accepted', 'cannot delete', { http_status: 400, request_id: 'r-1' });
    expect(await removed(refused, true)).toMatchObject({
      error: {
        code: 'already_accepted',
        details: { request_id: 'r-1', hints: ['to remove the member: invite remove ann@example.com'] },
      },
    });
  });
});
