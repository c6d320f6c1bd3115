import { describe, expect, test } from 'vitest';
import type { Invitation } from '../../src/api/invitation.ts';
import { CliError, type FailureCode } from '../../src/errors.ts';
import { NoResponse, UnknownOutcome } from '../../src/http/failure.ts';
import type { Change } from '../../src/mail/change.ts';
import { planDeletes } from '../../src/mail/plan.ts';
import { type Result, Tally } from '../../src/mail/result.ts';
import { attempt, performAll, pool } from '../../src/mail/run-changes.ts';
import { creation, invitation, now, type Script, scripted } from './tools.ts';

const email = 'ann@example.com';
const cancelled = new CliError('cancelled', 'cancelled');
const lost = () => new UnknownOutcome(new CliError('network', 'cannot reach it', { reason: 'cut off' }));
const conflict = (more = {}) => new CliError('already_exists', 'cannot post', { http_status: 409, ...more });
const role = (name: string) => ({ typed: name, role_name: name, crn_pattern: 'crn://x' });

function people(count: number): Change[] {
  return Array.from({ length: count }, (_, n) => creation(`p${n}@example.com`));
}

const sent: NonNullable<Script['create']>[number] = (who: string) => invitation(`i-${who}`, { email: who });
const refused = (code: FailureCode) => new CliError(code, code);

/** Creates so many people, one after the other, with these answers. */
async function run(count: number, answers: Script) {
  const { tools, asked } = scripted(answers);
  const tally = new Tally();
  const performance = { tools, tally, concurrency: 1 };
  const results: Result[] = [];
  for await (const [number, result] of performAll([people(count)], performance)) results[number] = result;
  return { outcomes: results.map(({ outcome }) => outcome), tally, asked };
}

describe('failures that would meet all the others', () => {
  const final = ['auth_required', 'auth_invalid', 'quota_exceeded', 'rate_limited', 'tls'] as const;
  test.each(final)('%s stops the rest', async (code) => {
    const { outcomes, tally, asked } = await run(4, { create: [sent, refused(code)] });
    expect(outcomes).toEqual(['created', 'failed', 'not_attempted', 'not_attempted']);
    expect(asked).toHaveLength(2);
    const reason = expect.stringContaining('2 of 4 were not attempted');
    expect(tally.error()).toMatchObject({ code, details: { reason } });
  });

  test('five outages in a row do, four and a success do not', async () => {
    const five = await run(7, { create: Array(7).fill(refused('network')) });
    expect(five.outcomes).toEqual([...Array(5).fill('failed'), 'not_attempted', 'not_attempted']);
    expect(five.tally.error()).toMatchObject({ code: 'network' });
    const four = [...Array(4).fill(refused('network')), sent, ...Array(4).fill(refused('timeout'))];
    const { outcomes, tally } = await run(9, { create: four });
    expect(outcomes.filter((outcome) => outcome === 'failed')).toHaveLength(8);
    expect(tally.error()).toMatchObject({ code: 'partial_failure' });
  });

  test('what could not be confirmed is unknown, and five of those in a row are an outage', async () => {
    const down = refused('api_unavailable');
    const { outcomes, tally } = await run(7, { create: Array.from({ length: 7 }, lost), find: Array(7).fill(down) });
    expect(outcomes).toEqual([...Array(5).fill('unknown'), 'not_attempted', 'not_attempted']);
    expect(tally.error()).toMatchObject({ code: 'outcome_unknown' });
    // Those of an earlier run say nothing of now.
    const earlier = await run(7, { create: Array(7).fill(refused('outcome_unknown')) });
    expect(earlier.outcomes).toEqual(Array(7).fill('unknown'));
    // A key that was revoked meanwhile looks for nobody else either.
    const revoked = await run(3, { create: [lost()], find: [refused('auth_invalid')] });
    expect(revoked.outcomes).toEqual(['unknown', 'not_attempted', 'not_attempted']);
    expect(revoked.tally.error()).toMatchObject({ code: 'auth_invalid' });
  });
});

describe('an expired invitation beside one that was accepted', () => {
  const known = [
    invitation('i-1', { status: 'INVITE_STATUS_ACCEPTED' }),
    invitation('i-2', { status: 'INVITE_STATUS_EXPIRED', metadata: { created_at: '2026-01-05T13:00:00Z' } }),
  ];
  const resent = (gone: readonly string[]) => {
    const absent = [{ gone: new Set(gone), unsure: new Set<string>() }];
    const { tools, asked } = scripted({ absent, create: [sent], get: [invitation('i-2')] });
    // Of a kind that we do not know: the new mail is to be like the old one.
    const sentBefore = invitation('i-2', { auth_type: 'AUTH_TYPE_PASSKEY' });
    const decision = { act: 'post', invitation: sentBefore } as const;
    return { asked, result: attempt({ kind: 'resend', target: email, known, decision, rolesOf: () => [] }, tools) };
  };

  test('of a member is not mailed again', async () => {
    const { asked, result } = resent([]);
    // The result shows the one that it is about.
    const invitation = { id: 'i-2', email };
    expect(await result).toMatchObject({ outcome: 'failed', invitation, error: { code: 'already_accepted' } });
    expect(asked).toEqual(['absent u-i-1']);
  });

  test('of somebody who has left is', async () => {
    const { asked, result } = resent([email]);
    expect(await result).toMatchObject({ outcome: 'resent' });
    expect(asked).toEqual(['absent u-i-1', `create ${email} AUTH_TYPE_PASSKEY`]);
  });
});

test('what was cut off is unknown if it had been sent, and else not attempted', async () => {
  const cutOff = async (sent: boolean) => {
    const cut = () => {
      for (const end of [soft, hard]) end.abort(cancelled);
      throw new NoResponse('cancelled', 'cut off', { sent });
    };
    const { tools, soft, hard } = scripted({ create: [cut] });
    return attempt(creation(email), tools);
  };
  expect(await cutOff(false)).toEqual({ target: email, outcome: 'not_attempted' });
  expect(await cutOff(true)).toMatchObject({ outcome: 'unknown' });
});

describe('a conflict', () => {
  const nobody = new Set<string>();
  const ann = new Set([email]);
  const member = { gone: nobody, unsure: nobody };

  test.each<[string, Invitation, string]>([
    ['somebody who was invited meanwhile', invitation('i-2'), 'already_invited'],
    ['a member', invitation('i-2', { status: 'INVITE_STATUS_ACCEPTED' }), 'already_member'],
  ])('with %s names that invitation', async (_, there, outcome) => {
    const old = invitation('i-0', { status: 'INVITE_STATUS_DEACTIVATED' });
    const { tools } = scripted({ create: [conflict()], find: [[old, there]], absent: [member] });
    expect(await attempt(creation(email), tools)).toMatchObject({ outcome, invitation: { id: 'i-2' } });
  });

  const refusal = { code: 'already_exists', details: { reason: expect.stringContaining('refuses this address') } };
  const doubt = [expect.stringContaining('may not look up')];
  test.each([
    ['of nobody is no membership', [], ann, nobody, {}, { outcome: 'failed', error: { code: 'already_exists' } }],
    ['of who may not be read is doubtful', [], nobody, ann, {}, { outcome: 'already_member', warnings: doubt }],
    ['after a lost answer, of a member', [lost()], nobody, nobody, {}, { outcome: 'already_member' }],
    ['after a lost answer, of nobody', [lost()], ann, nobody, {}, { outcome: 'unknown' }],
    ['after a lost answer, of who may not be read', [lost()], nobody, ann, {}, { outcome: 'unknown' }],
    ['of who has left', [lost()], nobody, nobody, { hasLeft: true }, { outcome: 'failed', error: refusal }],
  ])('%s', async (_, before, gone, unsure, more, expected) => {
    const script = { create: [...before, conflict()], find: Array(7).fill([]), absent: [{ gone, unsure }] };
    expect(await attempt({ ...creation(email), ...more }, scripted(script).tools)).toMatchObject(expected);
  });

  test('of a pending one that is mailed again says so, and how to make a new one', async () => {
    const pending = invitation('i-1');
    const { tools } = scripted({ create: [conflict()] });
    const decision = { act: 'post', invitation: pending } as const;
    const { outcome, error } = await attempt({ kind: 'resend', target: email, known: [pending], decision }, tools);
    expect([outcome, error?.code]).toEqual(['failed', 'already_exists']);
    expect(error?.details).toMatchObject({
      reason: expect.stringContaining('pending'),
      hints: ['for a new one: invite delete ann@example.com', 'then: invite create ann@example.com'],
    });
  });

  test('with a user whom the API names: they get the roles', async () => {
    const location = 'https://api.confluent.cloud/iam/v2/users/u-7';
    const script = { create: [conflict({ location })], find: [[]], absent: [member] };
    const { tools, asked } = scripted({ ...script, grant: ['already_granted'] });
    expect(await attempt(creation(email, [], { roles: [role('One')] }), tools)).toMatchObject({
      outcome: 'already_member',
      location,
      roles: [{ outcome: 'already_granted' }],
    });
    expect(asked).toEqual([`create ${email}`, `find ${email}`, 'absent u-7', 'grant User:u-7 One']);
  });
});

test('the user is looked up once, a refused role keeps no other from being tried, and the repair is said', async () => {
  const names = ['One', 'Two', 'Three'];
  const { tools, asked } = scripted({
    create: [invitation('i-1', { user: null })],
    get: [invitation('i-1', { user: { id: 'u-1' } })],
    grant: ['granted', refused('forbidden'), 'already_granted'],
  });
  const result = await attempt(creation(email, [], { roles: names.map(role) }), tools);
  expect(result.roles?.map(({ outcome }) => outcome)).toEqual(['granted', 'failed', 'already_granted']);
  const hints = [expect.stringMatching(/^invite create ann@example\.com .*--role Two/)];
  expect(result).toMatchObject({ outcome: 'created', error: { code: 'partial_failure', details: { hints } } });
  expect(asked).toEqual([`create ${email}`, 'get i-1', ...names.map((name) => `grant User:u-1 ${name}`)]);
});

test('the repair of somebody who was named by an id, or whose address is not in ASCII, can be pasted', async () => {
  const jörg = { email: 'jörg@example.com', user: { id: 'u-2' } };
  const old = invitation('i-1', { status: 'INVITE_STATUS_EXPIRED', ...jörg, user: { id: 'u-1' } });
  const refusing = () => scripted({ create: [invitation('i-2', jörg)], grant: [refused('forbidden')] });
  const { tools } = refusing();
  const bindings = {
    ...tools,
    organization: async () => '1111',
    roles: { ...tools.roles, of: async () => [role('One')] },
  };
  const decision = { act: 'post', invitation: old } as const;
  const { error } = await attempt({ kind: 'resend', target: 'i-1', known: [old], decision }, bindings);
  // What an earlier invitation had, inviting again would not grant.
  expect(error?.details.hints).toEqual([
    expect.stringMatching(/^invite role grant 'jörg@example\.com' .*One.* --allow-unknown-roles$/),
  ]);
  const asked = await attempt(creation('jörg@example.com', [], { roles: [role('One')] }), refusing().tools);
  expect(asked.error?.details.hints).toEqual([
    expect.stringMatching(/^invite create 'jörg@example\.com' --allow-unicode .*--role One/),
  ]);
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

  test.each<[string, readonly Invitation[]]>([
    ['was gone when it came to it', [there]],
    ['was never there', []],
  ])('of what %s fails, unless that was allowed for', async (_, known) => {
    const missing = refused('not_found');
    expect(await removed(missing, false, known)).toMatchObject({ outcome: 'failed', error: { code: 'not_found' } });
    expect(await removed(missing, true, known)).toMatchObject({ outcome: 'not_found' });
  });

  test('of what was accepted meanwhile says so, and what to do', async () => {
    const refusal = new CliError('already_accepted', 'cannot delete', { http_status: 400, request_id: 'r-1' });
    const hints = ['to remove the member: invite remove ann@example.com'];
    const error = { code: 'already_accepted', details: { request_id: 'r-1', hints } };
    expect(await removed(refusal, true)).toMatchObject({ error });
  });

  test('that was refused names what was typed, whatever the request named', async () => {
    const found = { target: { kind: 'email', text: 'Ann@example.com' }, invitations: [there] } as const;
    const [change] = planDeletes({ found: [found], lookedAt: 0 }, false, now);
    const refusal = new CliError('forbidden', 'cannot delete "i-1"', { target: 'i-1' });
    const { tools } = scripted({});
    const refusing = { ...tools, invitations: { ...tools.invitations, delete: () => Promise.reject(refusal) } };
    const { error } = await attempt(change as Change, refusing);
    expect(error?.toRecord()).toMatchObject({ code: 'forbidden', target: 'Ann@example.com' });
  });
});

describe('a pool', () => {
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  test('begins nothing before a result is wanted, and makes no item before its turn', async () => {
    const made: number[] = [];
    const items = function* () {
      for (const n of [0, 1, 2]) {
        made.push(n);
        yield n;
      }
    };
    const results = pool(items(), async (n) => n, 1);
    expect(made).toEqual([]);
    await results.next();
    await turn();
    expect(made).toEqual([0]);
  });

  test('keeps nobody else from having a turn, even where no act waits', async () => {
    let isHeard = false;
    setImmediate(() => {
      isHeard = true;
    });
    for await (const [number] of pool([...Array(1000).keys()], async (n) => n, 4)) {
      if (isHeard) return expect(number).toBeLessThan(300);
    }
    expect(isHeard).toBe(true);
  });

  test('ends with the error of an act that rejects', async () => {
    const act = async (n: number) => {
      if (n === 1) throw new Error('a bug');
    };
    const results = pool([0, 1, 2], act, 1);
    await results.next();
    await expect(results.next()).rejects.toThrow('a bug');
  });
});
