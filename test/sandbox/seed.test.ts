import { expect, test } from 'vitest';
import { emails, openWorld, temporaryFolder } from './world.ts';

const list = 'GET /iam/v2/invitations?page_size=100';

test('seed creates invitations in every status, the oldest first', async () => {
  const { ask, sandbox, clock } = await openWorld();
  expect(await sandbox.seed(50)).toBe(50);
  const heard = await ask(list);
  const rows: { status: string; expires_at: string; metadata: { created_at: string } }[] = heard.json.data;
  expect(new Set(emails(heard)).size).toBe(50);
  const count = (status: string) => rows.filter((row) => row.status === `INVITE_STATUS_${status}`).length;
  expect(['SENT', 'ACCEPTED', 'EXPIRED', 'DEACTIVATED'].map(count)).toEqual([15, 20, 10, 5]);
  const created = rows.map((row) => row.metadata.created_at);
  expect(created).toEqual([...created].sort());
  for (const { status, expires_at } of rows)
    expect(Date.parse(expires_at) > clock.now()).toBe(status === 'INVITE_STATUS_SENT');
});

test('an accepted invitation has a user', async () => {
  const { ask, sandbox } = await openWorld();
  await sandbox.seed(10);
  const accepted = await ask(`${list}&status=INVITE_STATUS_ACCEPTED`);
  for (const { user, email } of accepted.json.data) {
    expect((await ask(`GET /iam/v2/users/${user.id}`)).json.email).toBe(email);
  }
  expect((await ask('POST /iam/v2/invitations', { email: emails(accepted)[0] })).status).toBe(409);
});

test('never uses up the quota', async () => {
  const { ask, sandbox } = await openWorld();
  await sandbox.seed(2000);
  await sandbox.seed(1);
  expect((await ask('POST /iam/v2/invitations', { email: 'new@example.com' })).status).toBe(201);
});

test('is the same each time, and a second seed adds others', async () => {
  const one = await openWorld();
  const two = await openWorld();
  await one.sandbox.seed(7);
  await one.sandbox.seed(5);
  await two.sandbox.seed(7);
  const people = emails(await one.ask(list));
  expect(emails(await two.ask(list))).toEqual(people.slice(0, 7));
  expect(new Set(people).size).toBe(12);
});

test('seeds one, or none', async () => {
  const { ask, sandbox } = await openWorld({}, { folder: temporaryFolder() });
  expect(await sandbox.seed(0)).toBe(0);
  expect(await sandbox.seed(1)).toBe(1);
  expect(emails(await ask(list))).toHaveLength(1);
});
