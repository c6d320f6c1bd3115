import { describe, expect, test } from 'vitest';
import type { Invitation } from '../../src/api/invitation.ts';
import { CliError } from '../../src/errors.ts';
import { UnknownOutcome } from '../../src/http/failure.ts';
import { postInvitation } from '../../src/mail/invite.ts';
import { invitation, now, type Script, scripted } from './tools.ts';

const email = 'ann@example.com';
const lost = () =>
  new UnknownOutcome(new CliError('network', 'cannot reach it', { reason: 'cut off', request_id: 'r-1' }));
const create = 'create ann@example.com';
const find = 'find ann@example.com';

/** Writes down what is sent for a second time. */
function marking(asked: string[]) {
  return async (again: boolean) => {
    if (again) asked.push('again');
  };
}

/** What came of a mail: a result or an error, what was asked, and the waits. */
async function posted(script: Script, known: readonly Invitation[] = [], isAgain = false) {
  const { tools, asked, clock } = scripted(script);
  const answer = postInvitation({ email, known, isAgain }, marking(asked), tools);
  const [result, error] = await answer.then(
    (done) => [done, undefined],
    (reason: unknown) => [undefined, reason],
  );
  return { result, error, asked, waits: clock.waits };
}

describe('an answer', () => {
  test.each([
    ['nothing readable', undefined],
    ['no id', { email }],
  ])('with %s is looked up, and never sent again', async (_, answer) => {
    expect(await posted({ create: [answer], find: [[], [], []] })).toMatchObject({
      error: { code: 'outcome_unknown' },
      asked: [create, find, find, find],
      waits: [1000, 2500, 5000],
    });
  });

  test('about somebody else warns, and is looked up', async () => {
    const other = invitation('i-9', { email: 'eve@example.net' });
    const fresh = invitation('i-1');
    const { result } = await posted({ create: [other], find: [[fresh]] });
    expect(result).toEqual({
      invitation: fresh,
      reconciled: true,
      warnings: ['asked to invite "ann@example.com", the API answered about "eve@example.net"'],
    });
    // A whole minute, so that an outage gives many people one reason.
    const reason = /, but its answer is about "eve@example\.net"; it can be tried again at .*:00Z$/;
    const { error } = await posted({ create: [other], find: [[], [], []] });
    expect(error).toMatchObject({ details: { reason: expect.stringMatching(reason) } });
  });
});

describe('no answer', () => {
  const fresh = invitation('i-1');
  const accepted = invitation('i-1', { status: 'INVITE_STATUS_ACCEPTED' });
  test.each<[string, Invitation, (readonly Invitation[])[], number[]]>([
    ['at the first look, a second later', fresh, [[fresh]], [1000]],
    ['at the third: a list may lag by five seconds', fresh, [[], [], [fresh]], [1000, 2500, 5000]],
    ['accepted meanwhile', accepted, [[accepted]], [1000]],
  ])('the invitation is found %s', async (_, invitation, looks, waits) => {
    const asked = [create, ...waits.map(() => find)];
    const done = await posted({ create: [lost()], find: [...looks] });
    expect(done).toEqual({ result: { invitation, reconciled: true }, asked, waits });
  });

  test('and nothing to be found: it is sent once more', async () => {
    const fresh = invitation('i-1');
    const done = await posted({ create: [lost(), fresh], find: [[], [], []] });
    expect(done).toEqual({
      result: { invitation: fresh },
      asked: [create, find, find, find, 'again', create],
      waits: [1000, 2500, 5000],
    });
  });

  test('twice: the truth is looked for once more, and then not known; never a third mail', async () => {
    const { error, asked } = await posted({ create: [lost(), lost()], find: [[], [], [], [], [], []] });
    expect(asked).toEqual([create, find, find, find, 'again', create, find, find, find]);
    expect(error).toMatchObject({
      code: 'outcome_unknown',
      details: {
        hints: ['check with: invite get ann@example.com'],
        request_id: 'r-1',
        target: email,
        reason: expect.stringContaining('cannot reach it: cut off'),
      },
    });
  });

  test('and no time left: not known', async () => {
    const { tools, asked, hard } = scripted({ create: [lost()] });
    hard.abort(new CliError('cancelled', 'cancelled'));
    await expect(postInvitation({ email, known: [], isAgain: false }, marking(asked), tools)).rejects.toMatchObject({
      code: 'outcome_unknown',
    });
    expect(asked).toEqual([create]);
  });
});

test('a mail that is a second one already is not sent a third time', async () => {
  const { error, asked } = await posted({ create: [lost()], find: [[], [], []] }, [], true);
  expect(error).toMatchObject({
    code: 'outcome_unknown',
    details: { reason: expect.stringContaining('tried again at') },
  });
  expect(asked).toEqual(['again', create, find, find, find]);
});

describe('a response whose body was lost', () => {
  const answered = (http_status: number) => new UnknownOutcome(new CliError('network', 'cut off', { http_status }));

  test('says that the mail has left: it is looked for, and never sent again', async () => {
    const { error, asked } = await posted({ create: [answered(299)], find: [[], [], []] });
    expect(error).toMatchObject({ code: 'outcome_unknown', details: { http_status: 299 } });
    expect(asked).toEqual([create, find, find, find]);
  });

  test.each([100, 300])('of another status (%i) does not say so', async (status) => {
    const { asked } = await posted({ create: [answered(status), invitation('i-1')], find: [[], [], []] });
    expect(asked).toEqual([create, find, find, find, 'again', create]);
  });
});

describe('what was there before', () => {
  const expired = invitation('i-0', { status: 'INVITE_STATUS_EXPIRED', expires_at: '2026-01-01T00:00:00Z' });
  const pending = invitation('i-0');

  test.each([
    ['an expired one', expired],
    ['one that is deactivated', invitation('i-0', { status: 'INVITE_STATUS_DEACTIVATED' })],
    [
      'one past its time that the server has not noticed',
      invitation('i-0', { expires_at: new Date(now).toISOString() }),
    ],
  ])('%s does not count', async (_, old) => {
    const script = { create: [lost(), invitation('i-1')], find: [[old], [old], [old]], get: [old] };
    const { asked } = await posted(script, [old]);
    expect(asked).toEqual([create, find, find, find, 'get i-0', 'again', create]);
  });

  test('an expired one that the list shows as it was is read by its id', async () => {
    const script = { create: [lost()], find: [[expired], [expired], [expired]], get: [pending] };
    expect(await posted(script, [expired])).toMatchObject({
      result: { invitation: pending, reconciled: true },
      asked: [create, find, find, find, 'get i-0'],
    });
  });

  test('one whose id is gone is sent again; one that cannot be read is not', async () => {
    const find = [[], [], []];
    const gone = new CliError('not_found', 'gone');
    const again = await posted({ create: [lost(), invitation('i-1')], find: [...find], get: [gone] }, [expired]);
    expect(again.asked.filter((one) => one === create)).toHaveLength(2);
    const down = new CliError('api_unavailable', 'down');
    const never = await posted({ create: [lost()], find: [...find], get: [down] }, [expired]);
    expect(never).toMatchObject({ error: { code: 'outcome_unknown' } });
  });

  test('a pending one is not mailed again, for nothing need show that it was', async () => {
    const script = { create: [lost()], find: [[pending], [pending], [pending]], get: [pending] };
    const { error, asked } = await posted(script, [pending]);
    expect(error).not.toMatchObject({ details: { reason: expect.stringContaining('tried again at') } });
    expect({ error, asked }).toMatchObject({
      error: { code: 'outcome_unknown', answered: false },
      asked: [create, find, find, find, 'get i-0'],
    });
  });

  test.each([
    ['updated_at', { metadata: { created_at: '2026-01-05T12:00:00Z', updated_at: '2026-01-05T12:00:09Z' } }],
    ['expires_at', { expires_at: '2026-01-09T12:00:00Z' }],
    ['status', { status: 'INVITE_STATUS_STAGED' }],
  ])('the same id with a new %s counts: ids may be used again', async (_, change) => {
    const touched = invitation('i-0', change);
    expect(await posted({ create: [lost()], find: [[touched]] }, [pending])).toMatchObject({
      result: { invitation: touched, reconciled: true },
    });
  });

  test('an expired one that lives again counts', async () => {
    expect(await posted({ create: [lost()], find: [[pending]] }, [expired])).toMatchObject({
      result: { reconciled: true },
    });
  });
});
