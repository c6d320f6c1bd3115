import {
  appendFileSync,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withLock } from '../../src/files/lock.ts';
import { personStates } from '../../src/sandbox/state.ts';
import { temporaryFolder } from '../support/run-cli.ts';
import { fixedClock, openWorld } from './world.ts';

const path = '/iam/v2/invitations';
const list = `GET ${path}?page_size=100`;

/** Two sandboxes on one folder, as two processes would have them. */
async function pair() {
  const options = { folder: temporaryFolder(), clock: fixedClock() };
  const open = async () => ({ ...(await openWorld({}, options)), file: join(options.folder, 'sandbox.ndjson'), open });
  return [await open(), await open()] as const;
}

describe('two sandboxes on one folder', () => {
  test('see the changes of each other', async () => {
    const [one, two] = await pair();
    const { id, user } = await one.invite('ann');
    expect(await two.invited()).toEqual(['ann']);
    await two.sandbox.accept('ann@example.com');
    expect((await one.ask(`GET ${path}/${id}`)).json.status).toBe('INVITE_STATUS_ACCEPTED');
    expect((await one.ask(`POST ${path}`, { email: 'ann@example.com' })).status).toBe(409);
    await one.ask(`DELETE /iam/v2/users/${user.id}`);
    expect((await two.ask(`GET /iam/v2/users/${user.id}`)).status).toBe(404);
  });

  test('never issue an id twice, nor invite an e-mail twice', async () => {
    const [one, two] = await pair();
    const people = Array.from({ length: 40 }, (_, index) => `p${index % 30}@example.com`);
    const made = await Promise.all(people.map((person, index) => (index % 2 === 0 ? one : two).invite(person)));
    expect(new Set(made.map(({ id }) => id)).size).toBe(30);
    expect(new Set(await one.invited()).size).toBe(30);
    expect(await two.ask(list)).toMatchObject({ json: (await one.ask(list)).json });
    expect([...(await one.sandbox.mails()).values()].reduce((sum, mails) => sum + mails)).toBe(40);
  });

  test('a change waits until no other process makes one', async () => {
    const [one] = await pair();
    await one.invite('ann');
    const lock = { clock: fixedClock(), processes: { pid: 1, startTime: () => 'now', place: () => 'here/1' } };
    await withLock(one.file.replace('.ndjson', '.lock'), { ...lock, wait: 0 }, async () => {
      await expect(one.invite('bob')).rejects.toMatchObject({ code: 'locked' });
    });
    expect(await one.invited()).toEqual(['ann']);
  });

  test('a lock of another machine goes by the clock of this one, not by that of the API', async () => {
    const folder = temporaryFolder();
    const clock = fixedClock();
    const { invite } = await openWorld({ clock_offset: 7_200_000 }, { folder, clock });
    const elsewhere = { pid: 1, startTime: () => 'now', place: () => 'there/1' };
    const lock = join(folder, 'sandbox.lock');
    await withLock(lock, { clock, processes: elsewhere, wait: 0 }, async () => {
      utimesSync(lock, clock.now() / 1000, clock.now() / 1000);
      await expect(invite('ann')).rejects.toMatchObject({ code: 'locked' });
    });
  });

  test('a file that was removed is an empty sandbox', async () => {
    const [one] = await pair();
    await one.invite('ann');
    await one.ask(list);
    rmSync(one.file);
    expect(await one.invited()).toEqual([]);
    await one.invite('bob');
    expect(await one.invited()).toEqual(['bob']);
  });
});

describe('the file', () => {
  test('is not created by reads, and only its owner can read it', async () => {
    const folder = join(temporaryFolder(), 'deep', 'state');
    const world = await openWorld({}, { folder });
    await world.ask(list);
    expect(existsSync(folder)).toBe(false);
    await world.invite('ann');
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'sandbox.ndjson')).mode & 0o777).toBe(0o600);
    await world.sandbox.reset();
    expect(statSync(join(folder, 'sandbox.ndjson')).mode & 0o777).toBe(0o600);
    expect(existsSync(join(folder, 'sandbox.lock'))).toBe(false);
  });

  test('keeps everything between runs, and one of a version before API keys is read', async () => {
    const [one] = await pair();
    await one.sandbox.populate({
      people: personStates.map((state) => ({ email: `${state}@example.com`, state, api_keys: 1, roles: ['Operator'] })),
    });
    await one.ask('PATCH /iam/v2/users/u-sandbox', { full_name: 'Ada' });
    await one.invite('ann');
    const later = await one.open();
    const bindings = '/iam/v2/role-bindings?crn_pattern=crn';
    for (const target of [path, '/iam/v2/users', '/iam/v2/api-keys', bindings]) {
      const line = `GET ${target}${target.includes('?') ? '&' : '?'}page_size=100`;
      expect((await later.ask(line)).json).toEqual((await one.ask(line)).json);
    }
    expect(await later.sandbox.mails()).toEqual(await one.sandbox.mails());
    const lines = readFileSync(one.file, 'utf8').split('\n');
    writeFileSync(one.file, lines.filter((line) => !line.includes('"api_key"')).join('\n'));
    const old = await one.open();
    expect((await old.ask(list)).json).toEqual((await later.ask(list)).json);
    expect((await old.ask('GET /iam/v2/api-keys')).json.data).toHaveLength(1);
  });

  test('truncated anywhere, keeps every line before the cut, and can be appended to', async () => {
    const [one] = await pair();
    await one.invite('ann');
    await one.invite('bob');
    const whole = readFileSync(one.file);
    const lineEnd = whole.subarray(0, -1).lastIndexOf(0x0a) + 1;
    for (let length = lineEnd; length < whole.length; length += 7) {
      const folder = temporaryFolder();
      writeFileSync(join(folder, 'sandbox.ndjson'), whole.subarray(0, length));
      const cut = await openWorld({}, { folder });
      expect(await cut.invited()).toEqual(['ann']);
      await cut.invite('cy');
      const reader = await openWorld({}, { folder });
      expect(await reader.invited()).toEqual(['ann', 'cy']);
    }
  });

  test('an incomplete last line is read once it is complete', async () => {
    const [one, two] = await pair();
    await one.invite('ann');
    await one.invite('bob');
    const whole = readFileSync(one.file);
    truncateSync(one.file, whole.length - 20);
    expect(await two.invited()).toEqual(['ann']);
    appendFileSync(one.file, whole.subarray(whole.length - 20));
    expect(await two.invited()).toEqual(['ann', 'bob']);
  });

  test.each([
    '{"put":"invitation","row":',
    '{"put":"person","row":{"id":"i-1"}}',
    '{"put":"invitation","row":{"id":"i-1","email":"ann@example.com"}}',
  ])('a damaged line %j in the middle is an error with path and line number', async (line) => {
    const [one, two] = await pair();
    await one.invite('ann');
    appendFileSync(one.file, `${line}\n`);
    for (const attempt of [() => two.ask(list), () => two.ask(list), () => two.invite('bob'), () => one.ask(list)]) {
      await expect(attempt()).rejects.toMatchObject({
        code: 'config_invalid',
        message: `the sandbox cannot read "${one.file}", line 3`,
        details: { reason: 'it is not an entry of the sandbox', hints: ['invite sandbox reset'] },
      });
    }
    await two.sandbox.reset();
    await one.invite('bob');
    expect(await two.invited()).toEqual(['bob']);
  });

  test('a file of another kind or version is not changed', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'sandbox.ndjson'), '{"invite_sandbox":2}\n');
    const { ask, invite } = await openWorld({}, { folder });
    const failure = { code: 'config_invalid', details: { reason: 'it was not written by this version' } };
    await expect(ask(list)).rejects.toMatchObject(failure);
    await expect(invite('ann')).rejects.toMatchObject(failure);
    expect(readFileSync(join(folder, 'sandbox.ndjson'), 'utf8')).toBe('{"invite_sandbox":2}\n');
  });
});
