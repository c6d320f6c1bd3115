import { expect, test } from 'vitest';
import { type ObservedSandbox, observeSandbox } from '../support/observed-sandbox.ts';

const day = 86_400_000;
const email = 'ann@example.com';

/** Runs a line on a machine whose clock is wrong by so much. */
function invite(api: ObservedSandbox, line: string, skew: number) {
  return api.invite(line, { clock: { ...api.clock, now: () => api.clock.now() + skew } });
}

test('a clock four days ahead mails nobody again, and revokes nobody', async () => {
  const api = await observeSandbox();
  await api.invite(`create ${email}`);
  const file = api.write('people.csv', `email\n${email}\n`);
  for (const line of [`create ${email}`, `import ${file} --yes`]) {
    const { code, stdout, stderr } = await invite(api, `${line} -o ndjson`, 4 * day);
    expect({ code, outcome: JSON.parse(stdout).outcome }).toEqual({ code: 0, outcome: 'already_invited' });
    expect(stderr.match(/the clock of this machine is 4 days ahead/g)).toHaveLength(1);
  }
  expect(await api.mailed()).toBe(1);
  expect(JSON.parse((await invite(api, 'delete --status expired --yes -o json', 4 * day)).stdout)).toEqual([]);
  expect(JSON.parse((await invite(api, `get ${email} -o json`, 4 * day)).stdout).state).toBe('pending');
  expect((await invite(api, 'list --expiring 4d -o id', 4 * day)).stdout).toMatch(/^i-/);
});

test('a clock four days behind sees what has expired', async () => {
  const api = await observeSandbox({ expiry_lag: 100 * day });
  await api.invite(`create ${email}`);
  api.clock.pass(4 * day);
  const listed = await invite(api, 'list -o ndjson', -4 * day);
  expect(JSON.parse(listed.stdout)).toMatchObject({ status: 'INVITE_STATUS_SENT', state: 'expired' });
  expect(listed.stderr).toContain('4 days behind');
  const again = await invite(api, `create ${email} -o json`, -4 * day);
  expect(JSON.parse(again.stdout)).toMatchObject({ outcome: 'reinvited' });
});

test('half a minute of difference is none', async () => {
  const api = await observeSandbox();
  expect((await invite(api, 'list', 30_000)).stderr).toBe('no invitations\n');
});

test('what a terminal shows in words goes by the clock of the server', async () => {
  const api = await observeSandbox();
  await api.invite(`create ${email}`);
  const host = { clock: { ...api.clock, now: () => api.clock.now() + 4 * day } };
  for (const line of ['list --fields state,expires_at', `get ${email} --fields expires_at`]) {
    expect((await api.invite(line, { ...host, tty: true })).stdout).toContain('in 3 days');
  }
});

test.each([
  ['ahead', 3 * day, 'there'],
  ['behind', -3 * day, 'over'],
])('a clock three days %s does not decide who in a file is gone', async (_, skew, expected) => {
  const api = await observeSandbox();
  await api.sandbox.populate({
    people: ['ann', 'bob'].map((one) => ({ email: `${one}@example.com`, state: 'member' })),
  });
  // By the clock of this machine it is the other way round.
  const end = new Date(api.clock.now() + (skew > 0 ? day : -2 * day)).toISOString().slice(0, 10);
  const csv = api.write('people.csv', `email,until\nbob@example.com,\nann@example.com,${end}\n`);
  const people = `  - bob@example.com\n  - { email: ann@example.com, until: ${end} }\n`;
  const yaml = api.write('people.yaml', `version: 1\nmanaged: none\npeople:\n${people}`);
  const imported = await invite(api, `import ${csv} --dry-run -o json`, skew);
  expect(imported.stdout).toContain(expected === 'there' ? '"already_member","dry_run"' : '"skipped"');
  expect(api.requests.filter((one) => one === 'GET /org/v2/organizations')).toHaveLength(1);
  for (const file of [csv, yaml]) {
    const { stdout } = await invite(api, `people --domain example.com --not-in ${file} --fields email -o csv`, skew);
    expect(stdout.includes(email)).toBe(expected === 'over');
  }
});
