import { readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MailLog } from '../../src/mail/mail-log.ts';
import { temporaryFolder } from '../support/run-cli.ts';

const email = 'ann@example.com';
const minute = 60_000;

/** A machine with a time of its own, on which these processes run. */
function machine() {
  const stateDir = temporaryFolder();
  const running = new Set([1, 2]);
  const time = { now: Date.UTC(2026, 10, 29, 12) };
  const now = () => time.now;
  const open = async (pid: number, place = 'here/1', sender = 'api') => {
    const startTime = (one: number) => (running.has(one) ? 'x' : undefined);
    const processes = { pid, startTime, place: () => place };
    const host = { stateDir, processes, uid: undefined, clock: { now } };
    const isKin = () => true;
    const log = new MailLog({ host, sender, isKin, command: 'create', now, say: () => {} });
    await log.open();
    return log;
  };
  return { open, running, time, folder: join(stateDir, 'mails') };
}

test('the earliest open claim wins, and the next one when it has ended', async () => {
  const { open } = machine();
  const first = await open(1);
  const second = await open(2);
  const one = await first.claim(email, 'created');
  const other = await second.claim(email, 'created');
  first.readBack();
  expect([first.claims.rivalOf(one), second.claims.rivalOf(other)?.id]).toEqual([undefined, one.id]);
  // Who comes later waits, and has sent nothing.
  expect(first.claims.past(email, one)).toEqual({});
  first.end(one, { outcome: 'sent', id: 'i-1' });
  await first.close();
  second.readBack();
  expect(second.claims.rivalOf(other)).toBeUndefined();
  expect(second.claims.past(email, other)).toEqual({ id: 'i-1', sentAt: expect.any(Number) });
});

test.each([
  ['api', 'org'],
  ['org', 'api'],
])('a claim in the file of %s goes before a later one in that of %s', async (one, other) => {
  const { open } = machine();
  const first = await open(1, 'here/1', one);
  const second = await open(2, 'here/1', other);
  const claimed = await first.claim(email, 'created');
  const later = await second.claim(email, 'created');
  first.readBack();
  expect([first.claims.rivalOf(claimed), second.claims.rivalOf(later)?.id]).toEqual([undefined, claimed.id]);
});

test('a claim of a process that has ended is an unknown end', async () => {
  const { open, running, time } = machine();
  const killed = await open(1);
  await killed.claim(email, 'created');
  running.delete(1);
  const log = await open(2);
  expect(log.claims.rivalOf(await log.claim(email, 'created'))).toBeUndefined();
  const again = await log.claim('cyd@example.com', 'created');
  await log.note(again, 'send', { again: true });
  log.end(again, { outcome: 'unknown' });
  const blockedUntil = time.now + 10 * minute;
  expect(log.claims.past('cyd@example.com')).toEqual({ unknownAt: time.now, blockedUntil });
  time.now = blockedUntil;
  expect(log.claims.past('cyd@example.com')).toEqual({});
});

test.each(['there/1', 'here/2'])('a claim from %s is one for ten minutes, for nobody can look there', async (place) => {
  const { open, time } = machine();
  const elsewhere = await open(99, place);
  const theirs = await elsewhere.claim(email, 'created');
  const log = await open(2);
  const own = await log.claim(email, 'created');
  expect(log.claims.rivalOf(own)?.id).toBe(theirs.id);
  time.now += 10 * minute + 1;
  expect(log.claims.rivalOf(own)).toBeUndefined();
});

test.each<[string, (world: ReturnType<typeof machine>) => void]>([
  ['a file of a new day', ({ time }) => Object.assign(time, { now: time.now + 24 * 60 * minute })],
  [
    'a file that was set aside',
    ({ folder }) => {
      const [name = ''] = readdirSync(folder);
      renameSync(join(folder, name), join(folder, `${name}.aside`));
    },
  ],
])('%s is where everybody claims, whoever has opened another one', async (_, change) => {
  const world = machine();
  const old = await world.open(1);
  await old.claim('bob@example.com', 'created');
  change(world);
  const fresh = await world.open(2);
  const first = await fresh.claim(email, 'created');
  const second = await old.claim(email, 'created');
  expect(old.claims.rivalOf(second)?.id).toBe(first.id);
  fresh.readBack();
  expect(fresh.claims.rivalOf(first)).toBeUndefined();
});
