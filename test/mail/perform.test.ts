import { describe, expect, test } from 'vitest';
import { CliError, type FailureCode } from '../../src/errors.ts';
import { NoResponse } from '../../src/http/failure.ts';
import type { Change } from '../../src/mail/change.ts';
import { attempt, performAll, preview, type Recorder } from '../../src/mail/perform.ts';
import type { Result } from '../../src/mail/result.ts';
import { Tally } from '../../src/mail/tally.ts';
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

async function run(
  changes: Iterable<Change>,
  script: Script,
  more: { concurrency?: number; recorder?: Recorder } = {},
) {
  const { tools, asked, soft } = scripted(script);
  const tally = new Tally();
  const results: Result[] = [];
  const performance = { tools, tally, concurrency: more.concurrency ?? 1, dryRun: false, recorder: more.recorder };
  for await (const [number, result] of performAll(changes, performance)) results[number] = result;
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

describe('writing down', () => {
  function recorder(fails: (what: string) => boolean = () => false) {
    const written: string[] = [];
    const write = async (what: string) => {
      if (fails(what)) throw new CliError('io_error', 'the disk is full');
      written.push(what);
    };
    const keeper: Recorder = {
      begin: (change) => write(`begin ${change.target}`),
      end: (_, result) => write(`end ${result.target} ${result.outcome}`),
    };
    return { written, keeper };
  }

  test('comes before and after each', async () => {
    const { written, keeper } = recorder();
    await run(
      people(2),
      { create: [...(sent(1).create ?? []), new CliError('forbidden', 'no')] },
      { recorder: keeper },
    );
    expect(written).toEqual([
      ...['begin p0@example.com', 'end p0@example.com created'],
      ...['begin p1@example.com', 'end p1@example.com failed'],
    ]);
  });

  test('that fails keeps the change from being begun, and all others', async () => {
    const { keeper } = recorder((what) => what === 'begin p1@example.com');
    const { outcomes, tally, asked } = await run(people(3), sent(3), { recorder: keeper });
    expect(outcomes).toEqual(['created', 'not_attempted', 'not_attempted']);
    expect(asked).toEqual(['create p0@example.com']);
    expect(tally.error()).toMatchObject({ code: 'io_error' });
  });

  test('that fails afterwards loses no result, and is an error even if nothing was left', async () => {
    const { keeper } = recorder((what) => what.startsWith('end'));
    const { outcomes, tally } = await run(people(1), sent(1), { recorder: keeper });
    expect(outcomes).toEqual(['created']);
    expect(tally.error()).toMatchObject({ code: 'io_error' });
  });

  test('lets what is under way come to its end', async () => {
    const { keeper, written } = recorder((what) => what === 'begin p3@example.com');
    const { outcomes } = await run(people(6), sent(6), { recorder: keeper, concurrency: 4 });
    expect(outcomes.slice(0, 3)).toEqual(['created', 'created', 'created']);
    expect(outcomes.slice(3)).toEqual(['not_attempted', 'not_attempted', 'not_attempted']);
    expect(written.filter((line) => line.startsWith('end'))).toHaveLength(3);
  });
});

describe('the end of the time', () => {
  const cancelled = new CliError('cancelled', 'cancelled');

  test('after a first Ctrl-C nothing new is begun', async () => {
    const { tools, asked, soft } = scripted(sent(3));
    const tally = new Tally();
    const outcomes: string[] = [];
    for await (const [, { outcome }] of performAll(people(3), { tools, tally, concurrency: 1, dryRun: false })) {
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

describe('a change that an earlier run began', () => {
  test('counts as that run would have counted it, if the invitation is there', async () => {
    const there = invitation('i-1');
    const { tools, asked } = scripted({});
    const change = creation('ann@example.com', [there], { begun: 'reinvited' });
    expect(await attempt(change, tools)).toEqual({
      target: 'ann@example.com',
      outcome: 'reinvited',
      invitation: there,
      reconciled: true,
    });
    expect(await preview(change, tools)).toMatchObject({ outcome: 'reinvited', dry_run: true });
    expect(asked).toEqual([]);
  });

  test('is done now if there is none', async () => {
    const { tools, asked } = scripted({ create: [invitation('i-1')] });
    expect(await attempt(creation('ann@example.com', [], { begun: 'created' }), tools)).toMatchObject({
      outcome: 'created',
    });
    expect(asked).toEqual(['create ann@example.com']);
  });

  test('and one that it ended is only told again', async () => {
    const change: Change = { kind: 'earlier', target: 'ann@example.com', known: [{ id: 'i-1' }], outcome: 'created' };
    const { outcomes, tally, asked } = await run([change], {});
    expect({ outcomes, asked, said: tally.summary() }).toEqual({
      outcomes: ['created'],
      asked: [],
      said: '1 done earlier',
    });
  });
});

test('roles of somebody who was in the way go to the user that the API named', async () => {
  const { Conflict } = await import('../../src/http/failure.ts');
  const inTheWay = new Conflict('cannot post', { http_status: 409 }, 'https://api.confluent.cloud/iam/v2/users/u-7');
  const { tools, asked } = scripted({ create: [inTheWay], find: [[]], grant: ['already_granted'] });
  const role = { typed: 'MetricsViewer', role_name: 'MetricsViewer', crn_pattern: 'crn://x' };
  expect(await attempt(creation('ann@example.com', [], { roles: [role] }), tools)).toMatchObject({
    outcome: 'already_member',
    location: 'https://api.confluent.cloud/iam/v2/users/u-7',
    roles: [{ outcome: 'already_granted' }],
  });
  expect(asked).toEqual(['create ann@example.com', 'find ann@example.com', 'grant User:u-7 MetricsViewer']);
});
