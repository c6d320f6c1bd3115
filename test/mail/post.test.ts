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
async function posted(script: Script, known: readonly Invitation[] = []) {
  const { tools, asked, clock } = scripted(script);
  const answer = postInvitation({ email, known, isAgain: false }, marking(asked), tools);
  const [result, error] = await answer.then(
    (done) => [done, undefined],
    (reason: unknown) => [undefined, reason],
  );
  return { result, error, asked, waits: clock.waits };
}

test('an answer about somebody else warns, and is looked up', async () => {
  const other = invitation('i-9', { email: 'eve@example.net' });
  const fresh = invitation('i-1');
  const { result } = await posted({ create: [other], find: [[fresh]] });
  const warnings = ['asked to invite "ann@example.com", the API answered about "eve@example.net"'];
  expect(result).toEqual({ invitation: fresh, reconciled: true, warnings });
  // A whole minute, so that an outage gives many people one reason.
  const reason = /, but its answer is about "eve@example\.net"; it can be tried again at .*:00Z$/;
  const { error } = await posted({ create: [other], find: [[], [], []] });
  expect(error).toMatchObject({ details: { reason: expect.stringMatching(reason) } });
});

describe('no answer', () => {
  const fresh = invitation('i-1');
  const accepted = invitation('i-1', { status: 'INVITE_STATUS_ACCEPTED' });
  test.each<[string, Invitation, (readonly Invitation[])[], number[]]>([
    ['at the third look: a list may lag by five seconds', fresh, [[], [], [fresh]], [1000, 2500, 5000]],
    ['accepted meanwhile', accepted, [[accepted]], [1000]],
  ])('the invitation is found %s', async (_, invitation, looks, waits) => {
    const asked = [create, ...waits.map(() => find)];
    const done = await posted({ create: [lost()], find: [...looks] });
    expect(done).toEqual({ result: { invitation, reconciled: true }, asked, waits });
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
    const answer = postInvitation({ email, known: [], isAgain: false }, marking(asked), tools);
    await expect(answer).rejects.toMatchObject({ code: 'outcome_unknown' });
    expect(asked).toEqual([create]);
  });
});

test.each([
  [199, 2],
  [200, 1],
  [299, 1],
  [300, 2],
])(
  'a response with %i whose body was lost: %i POSTs at most, for a 2xx says that the mail has left',
  async (status, most) => {
    const answered = new UnknownOutcome(new CliError('network', 'cut off', { http_status: status }));
    const { asked } = await posted({ create: [answered, invitation('i-1')], find: [[], [], []] });
    expect(asked.filter((one) => one === create)).toHaveLength(most);
  },
);

describe('what was there before', () => {
  const expired = invitation('i-0', { status: 'INVITE_STATUS_EXPIRED', expires_at: '2026-01-01T00:00:00Z' });
  const pending = invitation('i-0');
  const overdue = invitation('i-0', { expires_at: new Date(now).toISOString() });

  test.each([
    ['an expired one', expired],
    ['one that is deactivated', invitation('i-0', { status: 'INVITE_STATUS_DEACTIVATED' })],
    ['one past its time that the server has not noticed', overdue],
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
    expect(error).toMatchObject({ code: 'outcome_unknown', answered: false });
    expect(asked).toEqual([create, find, find, find, 'get i-0']);
  });

  test.each([
    ['updated_at', { metadata: { created_at: '2026-01-05T12:00:00Z', updated_at: '2026-01-05T12:00:09Z' } }],
    ['expires_at', { expires_at: '2026-01-09T12:00:00Z' }],
    ['status', { status: 'INVITE_STATUS_STAGED' }],
  ])('the same id with a new %s counts: ids may be used again', async (_, change) => {
    const touched = invitation('i-0', change);
    const { result } = await posted({ create: [lost()], find: [[touched]] }, [pending]);
    expect(result).toMatchObject({ invitation: touched, reconciled: true });
  });
});
