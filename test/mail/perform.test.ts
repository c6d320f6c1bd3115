import { describe, expect, test } from 'vitest';
import { CliError, type FailureCode } from '../../src/errors.ts';
import { NoResponse } from '../../src/http/failure.ts';
import type { Change, Tools } from '../../src/mail/change.ts';
import { type Result, Tally } from '../../src/mail/result.ts';
import { attempt, performAll, performOne } from '../../src/mail/run-changes.ts';
import { creation, invitation, type Script, scripted } from './tools.ts';

function people(count: number): Change[] {
  return Array.from({ length: count }, (_, n) => creation(`p${n}@example.com`));
}

function sent(count: number): Script {
  return { create: Array.from({ length: count }, () => (email: string) => invitation(`i-${email}`, { email })) };
}

function refusals(count: number, code: FailureCode): Script {
  return { create: Array.from({ length: count }, () => new CliError(code, code)) };
}

async function run(changes: readonly Change[], script: Script, more: { concurrency?: number } = {}) {
  const { tools, asked, soft } = scripted(script);
  const tally = new Tally();
  const results: Result[] = [];
  const performance = { tools, tally, concurrency: more.concurrency ?? 1, dryRun: false };
  for await (const [number, result] of performAll([changes], performance)) results[number] = result;
  return { outcomes: results.map(({ outcome }) => outcome), tally, asked, soft };
}

describe('failures that would meet all the others', () => {
  const final = ['auth_required', 'auth_invalid', 'quota_exceeded', 'rate_limited', 'tls'] as const;
  test.each(final)('%s stops the rest', async (code) => {
    const { outcomes, tally, asked } = await run(people(4), {
      create: [...(sent(1).create ?? []), new CliError(code, code)],
    });
    expect(outcomes).toEqual(['created', 'failed', 'not_attempted', 'not_attempted']);
    expect(asked).toHaveLength(2);
    expect(tally.error()).toMatchObject({
      code,
      details: { reason: expect.stringContaining('2 of 4 were not attempted') },
    });
  });

  test('one of a single row does not', async () => {
    const { outcomes, tally } = await run(people(3), {
      create: [new CliError('forbidden', 'no'), ...(sent(2).create ?? [])],
    });
    expect(outcomes).toEqual(['failed', 'created', 'created']);
    expect(tally.error()).toMatchObject({ code: 'partial_failure' });
  });

  test('five outages in a row do, four and a success do not', async () => {
    const five = await run(people(7), refusals(7, 'network'));
    expect(five.outcomes).toEqual(['failed', 'failed', 'failed', 'failed', 'failed', 'not_attempted', 'not_attempted']);
    expect(five.tally.error()).toMatchObject({ code: 'network' });
    const mixed = [refusals(4, 'network'), sent(1), refusals(4, 'timeout')].flatMap(({ create = [] }) => create);
    const four = await run(people(9), { create: mixed });
    expect(four.outcomes.filter((outcome) => outcome === 'failed')).toHaveLength(8);
    expect(four.tally.error()).toMatchObject({ code: 'partial_failure' });
  });
});

test('what cannot be written down is not begun, and nothing after it', async () => {
  const { tools, asked } = scripted(sent(3));
  const full = new CliError('io_error', 'no space left on device');
  let turns = 0;
  const inTurn: Tools['mails']['inTurn'] = async (...turn) => {
    turns += 1;
    if (turns === 2) throw full;
    return tools.mails.inTurn(...turn);
  };
  const tally = new Tally();
  const outcomes: string[] = [];
  const performance = { tools: { ...tools, mails: { ...tools.mails, inTurn } }, tally, concurrency: 1, dryRun: false };
  for await (const [, { outcome }] of performAll([people(3)], performance)) outcomes.push(outcome);
  expect(outcomes).toEqual(['created', 'not_attempted', 'not_attempted']);
  expect(asked).toEqual(['create p0@example.com']);
  expect(tally.error()).toMatchObject({ code: 'io_error' });
});

describe('the end of the time', () => {
  const cancelled = new CliError('cancelled', 'cancelled');

  test('after a first Ctrl-C nothing new is begun', async () => {
    const { tools, asked, soft } = scripted(sent(3));
    const tally = new Tally();
    const outcomes: string[] = [];
    for await (const [, { outcome }] of performAll([people(3)], { tools, tally, concurrency: 1, dryRun: false })) {
      outcomes.push(outcome);
      soft.abort(cancelled);
    }
    expect({ outcomes, asked }).toEqual({
      outcomes: ['created', 'not_attempted', 'not_attempted'],
      asked: ['create p0@example.com'],
    });
    expect(tally.error(cancelled)).toMatchObject({ code: 'cancelled', exitCode: 130 });
  });

  test('what was cut off is unknown if it had been sent, and else not attempted', async () => {
    const { tools, hard } = scripted({
      create: [
        new NoResponse('cancelled', 'cut off', { sent: false }),
        new NoResponse('cancelled', 'cut off', { sent: true }),
      ],
    });
    hard.abort(cancelled);
    expect(await attempt(creation('a@example.com'), tools)).toEqual({
      target: 'a@example.com',
      outcome: 'not_attempted',
    });
    expect(await attempt(creation('b@example.com'), tools)).toMatchObject({ outcome: 'unknown' });
  });
});

test('roles of somebody who was in the way go to the user that the API named', async () => {
  const location = 'https://api.confluent.cloud/iam/v2/users/u-7';
  const inTheWay = new CliError('already_exists', 'cannot post', { http_status: 409, location });
  const member = { gone: new Set<string>(), unsure: new Set<string>() };
  const { tools, asked } = scripted({ create: [inTheWay], find: [[]], grant: ['already_granted'], absent: [member] });
  const role = { typed: 'MetricsViewer', role_name: 'MetricsViewer', crn_pattern: 'crn://x' };
  expect(await attempt(creation('ann@example.com', [], { roles: [role] }), tools)).toMatchObject({
    outcome: 'already_member',
    location: 'https://api.confluent.cloud/iam/v2/users/u-7',
    roles: [{ outcome: 'already_granted' }],
  });
  expect(asked).toEqual([
    ...['create ann@example.com', 'find ann@example.com', 'absent u-7'],
    'grant User:u-7 MetricsViewer',
  ]);
});

describe('a dry run sends nothing', () => {
  const role = { typed: 'One', role_name: 'One', crn_pattern: 'crn://x', bindings: ['rb-1'] };
  const old = invitation('i-0', { status: 'INVITE_STATUS_EXPIRED' });
  const pending = invitation('i-1');
  const about = { target: 'ann@example.com', known: [pending], user: 'u-i-1', roles: [role] };

  test.each<[string, Change]>([
    ['created', creation(about.target, [], { roles: [role] })],
    ['reinvited', creation(about.target, [old], { roles: [role] })],
    ['already_invited', creation(about.target, [pending], { roles: [role] })],
    ['resent', { ...about, kind: 'resend', decision: { act: 'post', invitation: pending } }],
    [
      'deleted',
      { ...about, kind: 'delete', ifExists: false, decision: { act: 'delete_invitation', invitation: pending } },
    ],
    ['granted', { ...about, kind: 'grant' }],
    ['revoked', { ...about, kind: 'revoke' }],
    [
      'removed',
      {
        ...{ ...about, kind: 'leave', organization: 'o', emails: [], invitations: ['i-1'], apiKeys: [] },
        leftovers: new Map(),
      },
    ],
  ])('where somebody would be %s', async (outcome, change) => {
    // Whatever is asked of these tools beyond reading fails.
    const { tools, asked } = scripted({});
    expect(await performOne(change, { tools, dryRun: true })).toMatchObject({ outcome, dry_run: true });
    expect(asked).toEqual([]);
  });
});
