import { expect, test } from 'vitest';
import type { Invitation } from '../../src/api/invitation.ts';
import type { Invitations } from '../../src/api/invitations.ts';
import { parseTarget } from '../../src/api/targets.ts';
import { evaluate, type WatchOptions, watch } from '../../src/commands/wait.ts';
import { CliError } from '../../src/errors.ts';
import { virtualClock } from '../http/virtual-clock.ts';

type Answer = () => Promise<Invitation>;

const email = 'ann@example.com';
const invitation = (status: string): Invitation => ({ id: 'i-1', email, status: `INVITE_STATUS_${status}` });
const is =
  (status: string): Answer =>
  async () =>
    invitation(status);
const fails =
  (retryable: boolean, code: 'network' | 'auth_invalid' | 'forbidden' = 'network'): Answer =>
  () =>
    Promise.reject(new CliError(code, 'no way', { retryable }));
const hangs: Answer = () => new Promise(() => {});

/** Waits ten minutes for an API that answers like this, one after the other, the last one again and again. */
async function watching(...answers: Answer[]) {
  const clock = virtualClock();
  const told: string[] = [];
  let looks = 0;
  const get: Invitations['get'] = () => (answers[Math.min(looks++, answers.length - 1)] ?? hangs)();
  // A list shows it only once.
  const findByEmail = async () => (looks === 0 ? [await get('i-1')] : []);
  const stop = new AbortController();
  const watched: WatchOptions = {
    invitations: { get, findByEmail: findByEmail as Invitations['findByEmail'] } as Invitations,
    clock,
    goal: ['accepted'],
    timeout: 600_000,
    signal: stop.signal,
    now: clock.now,
    reporter: {
      changed: ({ state }, before) => told.push(`${before?.state} ${state}`),
      troubled: ({ message }) => told.push(message),
      pausing: () => {},
      end: () => {},
    },
  };
  const seen: string[] = [];
  const run = async (target = 'i-1') => {
    for await (const { state, evaluation, failure } of watch([parseTarget(target)], watched))
      seen.push([state, evaluation, failure?.code].filter((word) => word !== undefined).join(' '));
    return seen;
  };
  return { run, told, seen, clock, stop, looks: () => looks };
}

test('a failure that may pass is waited out', async () => {
  const { run, told } = await watching(is('SENT'), fails(true), fails(true), is('ACCEPTED'));
  expect(await run()).toEqual(['accepted reached']);
  expect(told).toEqual(['undefined pending', 'no way', 'no way', 'pending accepted']);
});

test.each<[string, end: string, most: number, ...answers: Answer[]]>([
  ['a failure that does not pass ends the wait', 'pending pending auth_invalid', 60_000, fails(false, 'auth_invalid')],
  ['what cannot be seen at the end of the time is told', 'pending pending network', 600_000, fails(true)],
  ['a look that hangs takes a little more than the time there is', 'pending pending timeout', 605_000, hangs],
  ['what may not be seen any more is gone', 'gone impossible', 60_000, fails(false, 'forbidden')],
  ['a state that nobody knows yet may become the right one', 'accepted reached', 60_000, is('BREWING'), is('ACCEPTED')],
])('%s', async (_, end, most, ...answers) => {
  const { run, clock } = await watching(is('SENT'), ...answers);
  expect([await run(), clock.monotonic() <= most]).toEqual([[end], true]);
});

test('the first look has to succeed', async () => {
  const { run } = await watching(fails(true), is('ACCEPTED'));
  await expect(run()).rejects.toMatchObject({ code: 'network' });
});

test('what a list does not show any more is read by its id', async () => {
  const { run, told } = await watching(is('SENT'), is('SENT'), is('ACCEPTED'));
  expect(await run(email)).toEqual(['accepted reached']);
  expect(told).toEqual(['undefined pending', 'pending accepted']);
});

test('pauses grow to a minute and are a fifth shorter or longer by chance', async () => {
  const { run, clock, looks } = await watching(is('SENT'));
  clock.chance = 0.999_999;
  expect(await run()).toEqual(['pending pending']);
  expect(clock.monotonic()).toBe(600_000);
  const pauses = clock.waits.filter((wait) => wait <= 72_000).map(Math.round);
  expect(pauses.slice(0, 3)).toEqual([6000, 9000, 13_500]);
  expect(Math.max(...pauses)).toBe(72_000);
  expect(looks()).toBeLessThan(20);
});

test('Ctrl-C ends it at once', async () => {
  const { run, stop } = await watching(async () => {
    stop.abort(new CliError('cancelled', 'cancelled'));
    return invitation('SENT');
  });
  await expect(run()).rejects.toMatchObject({ code: 'cancelled' });
});

test('Ctrl-C during a check ends it, too', async () => {
  const { run } = await watching(is('SENT'), () => Promise.reject(new CliError('cancelled', 'cancelled')));
  await expect(run()).rejects.toMatchObject({ code: 'cancelled' });
});

test.each([
  ['pending', 'accepted', 'pending'],
  ['staged', 'pending', 'pending'],
  ['unknown', 'accepted', 'pending'],
  ['accepted', 'accepted', 'reached'],
  ['pending', 'sent', 'reached'],
  ['pending', 'INVITE_STATUS_SENT', 'reached'],
  ['expired', 'accepted', 'impossible'],
  ['gone', 'accepted', 'impossible'],
  ['gone', 'deactivated', 'reached'],
  ['accepted', 'expired', 'impossible'],
  ['pending', 'expired', 'pending'],
  ['expired', 'deactivated', 'pending'],
] as const)('%s, when %s is waited for, is %s', (seen, goal, evaluation) => {
  expect(evaluate(seen, [goal])).toBe(evaluation);
});
