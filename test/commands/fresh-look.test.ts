// What has changed since somebody was looked up: by other processes, on other machines, and in the lists themselves.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Settings } from '../../src/sandbox/sandbox.ts';
import {
  answering,
  before,
  changing,
  type Hook,
  losing,
  type ObservedSandbox,
  observeSandbox,
  onceListed,
  sendAnswer,
} from '../support/observed-sandbox.ts';
import { atTerminal } from '../support/run-cli.ts';

const minute = 60_000;
const email = 'ann@example.com';

/** A file for import. */
const written = (api: ObservedSandbox, emails: readonly string[], role = '') =>
  api.write('people.csv', `email,role\n${emails.map((one) => `${one},${role}\n`).join('')}`);

/** A file of people for apply. */
const wanted = (api: ObservedSandbox, emails: readonly string[]) =>
  api.write('people.yaml', `version: 1\npeople:\n${emails.map((one) => `  - ${one}\n`).join('')}`);

/** Somebody on another machine types a line. */
function elsewhere(api: ObservedSandbox, line: string) {
  return api.invite(line, { folder: join(api.folder, 'elsewhere') });
}

describe('what was looked up more than a minute ago is looked up again', () => {
  /** The list was read, then time passes, in which something else happens. */
  async function late(meanwhile: (api: ObservedSandbox) => Promise<unknown>): Promise<ObservedSandbox> {
    const api = await observeSandbox();
    await api.invite('create bob@example.com');
    api.hook = onceListed(async () => {
      api.clock.pass(2 * minute);
      await meanwhile(api);
    });
    return api;
  }

  const both = [email, 'cyd@example.com'];
  test.each<[string, (api: ObservedSandbox) => string]>([
    ['create', () => `create ${both.join(' ')}`],
    ['import', (api) => `import ${written(api, both)} --yes`],
    ['apply', (api) => `apply ${wanted(api, both)} --yes`],
  ])('by %s', async (verb, line) => {
    const api = await late((one) => elsewhere(one, `create ${email}`));
    const { code, stdout, stderr } = await api.invite(`${line(api)} -o json`);
    const results: { email: string; outcome: string }[] = JSON.parse(stdout);
    expect([code, results.find((one) => one.email === 'cyd@example.com')?.outcome]).toEqual([0, 'created']);
    expect(`${stderr} ${stdout}`).toMatch(verb === 'apply' ? /no longer needed: invite ann/ : /"already_invited"/);
    expect(await api.mailed(email)).toBe(1);
  });

  test('by resend, which mails nobody who has accepted meanwhile', async () => {
    const api = await late((one) => one.sandbox.accept('bob@example.com'));
    const { code, stderr } = await api.invite('resend bob@example.com --yes');
    expect([code, stderr]).toEqual([7, expect.stringContaining('already accepted')]);
    expect(await api.mailed()).toBe(1);
  });

  test('by delete, which leaves alone who has accepted meanwhile', async () => {
    const api = await late((one) => one.sandbox.accept('bob@example.com'));
    const { code, stderr } = await api.invite('delete bob@example.com --yes');
    expect([code, stderr]).toEqual([7, expect.stringContaining('invite remove bob@example.com')]);
    expect(api.requests.filter((request) => request.startsWith('DELETE'))).toEqual([]);
  });
});

test.each([
  ['import', written],
  ['apply', wanted],
] as const)('%s looks again once its question was answered', async (verb, write) => {
  const api = await observeSandbox();
  await api.invite('create cyd@example.com');
  api.hook = onceListed(() => elsewhere(api, `create ${email}`));
  const { code, stderr } = await api.invite(`${verb} ${write(api, [email, 'bob@example.com'])}`, atTerminal('y\n'));
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(/invited meanwhile, and not mailed again: ann@|no longer needed: invite ann@/);
  expect(await api.mailed()).toBe(3);
});

describe('a list that lags two minutes', () => {
  test('and lost answers: an import typed three times sends two mails, and says when to try again', async () => {
    const api = await observeSandbox({ list_lag: 2 * minute });
    const file = written(api, [email]);
    api.hook = losing(/^POST/, Number.POSITIVE_INFINITY);
    for (let run = 0; run < 3; run += 1) {
      const { code, stdout } = await api.invite(`import ${file} --yes -o json`);
      expect(code).toBe(9);
      const [{ error }] = JSON.parse(stdout);
      expect(error).toMatchObject({ code: 'outcome_unknown', message: expect.stringMatching(/tried again at 20/) });
    }
    expect(await api.mailed()).toBe(2);
    api.hook = undefined;
    api.clock.pass(10 * minute);
    expect(await api.json(`import ${file} --yes`)).toMatchObject([{ outcome: 'already_invited' }]);
    expect(await api.mailed()).toBe(2);
  });

  test('is one organization for every key: its log is named by it', async () => {
    const api = await observeSandbox();
    await api.invite(`create ${email}`);
    const [name = ''] = readdirSync(join(api.stateDir, 'mails'));
    expect(name).toMatch(/^\d{4}-\d\d-\d\d\.http_127_0_0_1_\d+_00000000-0000-4000-8000-73616e64626f\.ndjson$/);
  });
});

/** Somebody deletes a row of the first page of a list once that was read: the first of the second page is in neither. */
const slipping = (): Hook => {
  let lists = 0;
  return async (request, response, honest) => {
    if (request.trim() !== 'GET /iam/v2/invitations') return undefined;
    lists += 1;
    if (lists !== 2) return undefined;
    const answer = await honest();
    const page = JSON.parse(String(answer.body));
    page.data.shift();
    sendAnswer(response, { ...answer, body: Buffer.from(JSON.stringify(page)) });
    return true;
  };
};

type Slip = readonly ['import' | 'apply', number, Partial<Settings>];
test.each<Slip>([
  ['import', 3, {}],
  ['import', 30, {}],
  ['import', 30, { list_rows: 'minimal' }],
  ['apply', 30, {}],
  ['apply', 3, { invitation_page: 20 }],
])('a row that slips between two pages is looked for once more: %s of %i people, %o', async (verb, count, switches) => {
  const { invitation_page: size = 100 } = switches;
  for (const [state, outcome, mails] of [
    ['pending', 'already_invited', 0],
    ['expired', 'reinvited', 1],
  ] as const) {
    const api = await observeSandbox({ quota: 1000, ...switches });
    const people = Array.from({ length: size + 30 }, (_, n) => ({ email: `p${n}@example.com`, state }));
    await api.sandbox.populate({ people });
    const listed = await api.json(`list --limit ${size + 1}`);
    const slipped: string = listed[size].email;
    const all = [slipped, ...Array.from({ length: count - 1 }, (_, n) => `new${n}@example.com`)];
    const file = { import: written, apply: wanted }[verb](api, all);
    api.hook = slipping();
    const results: { email: string }[] = await api.json(`${verb} ${file} --yes`);
    expect(results.find((one) => one.email === slipped)).toMatchObject({ outcome });
    expect(await api.mailed(slipped)).toBe(mails);
  }
});

test.each([
  ['email', 2],
  ['id', 30],
] as const)('a row that slips is not said to be missing: delete by %s, of %i', async (field, count) => {
  const api = await observeSandbox({ quota: 1000 });
  const people = Array.from({ length: 130 }, (_, n) => ({ email: `p${n}@example.com`, state: 'pending' as const }));
  await api.sandbox.populate({ people });
  const listed = await api.json('list --limit 101');
  const strangers = Array.from({ length: count - 2 }, (_, n) => `new${n}@example.com`);
  api.hook = slipping();
  const targets = [listed[100][field], listed[1][field], ...strangers].join(' ');
  const results: { outcome: string }[] = await api.json(`delete ${targets} --yes --if-exists`);
  expect(results.map(({ outcome }) => outcome)).toEqual(['deleted', 'deleted', ...strangers.map(() => 'not_found')]);
});

test.each(['before', 'afterwards'])('a list that names the organization only %s hides no mail', async (when) => {
  const api = await observeSandbox();
  const late = new Set<unknown>([email]);
  const invited = changing(/^GET \/iam\/v2\/invitations /, (row) => (late.has(row.email) ? [] : row));
  // The key may not read its organization, which only an invitation names.
  api.hook = async (request, response, honest) => {
    if (!request.startsWith('GET /org/')) return invited(request, response, honest);
    response.writeHead(403).end();
    return true;
  };
  if (when === 'before') await elsewhere(api, 'create bob@example.com');
  await api.json(`create ${email}`);
  if (when === 'before') late.add('bob@example.com');
  else await elsewhere(api, 'create bob@example.com');
  expect(await api.json(`create ${email}`)).toMatchObject({ outcome: 'already_invited' });
  expect(await api.mailed(email)).toBe(1);
});

describe('roles of an earlier invitation', () => {
  test.each([
    ['create', 'new_id'],
    ['resend', 'new_id'],
    ['import', 'new_id'],
    ['create', 'same_user'],
  ] as const)('follow to a new user: %s where a new invitation has %s', async (verb, reinvite) => {
    const api = await observeSandbox({ reinvite });
    await api.invite(`create ${email} --role MetricsViewer --role DataDiscovery@env-abc`);
    await api.sandbox.expire(email);
    const line = `${verb} ${verb === 'import' ? written(api, [email]) : email} --yes`;
    const granted = ['MetricsViewer', 'DataDiscovery'].map((role_name) => ({ role_name, outcome: 'granted' }));
    if (verb !== 'resend')
      expect([await api.json(`${line} -n`)].flat()).toMatchObject([{ outcome: 'reinvited', roles: granted }]);
    const [result] = [await api.json(line)].flat();
    expect(result.roles ?? []).toMatchObject(reinvite === 'new_id' ? granted : []);
  });

  test.each([
    [undefined, 'resend'],
    [403, 'resend'],
    [503, 'resend'],
    [503, 'create'],
  ])('are read once for many people who are mailed again, or not at all: %s, %s', async (status, verb) => {
    const api = await observeSandbox({ reinvite: 'new_id' });
    const all = Array.from({ length: 25 }, (_, n) => `p${n}@example.com`);
    await api.invite(`create ${all.join(' ')} --role MetricsViewer`);
    for (const one of all) await api.sandbox.expire(one);
    api.requests.length = 0;
    if (status !== undefined) api.hook = answering(/^GET .*role-bindings/, status);
    const whom = verb === 'resend' ? '--status expired' : all.join(' ');
    const { stdout, stderr } = await api.invite(`${verb} ${whom} --yes -o json`);
    const results: { roles?: object[] }[] = JSON.parse(stdout);
    const unread = stderr.match(/the roles of the former one, "u-\w+", cannot be read/g) ?? [];
    expect(unread).toHaveLength(status === undefined ? 0 : 25);
    expect(results.filter(({ roles = [] }) => roles.length === 1).length).toBe(status === undefined ? 25 : 0);
    expect(api.requests.filter((one) => one === 'GET /iam/v2/role-bindings').length).toBeLessThanOrEqual(10);
  });

  test('that are refused have a command of their own: importing again would not grant them', async () => {
    const api = await observeSandbox({ reinvite: 'new_id' });
    await api.invite(`create ${email} --role MetricsViewer`);
    await api.sandbox.expire(email);
    api.hook = answering(/^POST .*role-bindings/, 403, 1);
    const { stderr } = await api.invite(`import ${written(api, [email])} --yes`);
    const hint = `role grant ${email} MetricsViewer`;
    expect(stderr).toContain(`hint: invite ${hint}\n`);
    expect(await api.json(hint)).toMatchObject({ outcome: 'granted' });
  });

  test('are counted by a dry run, and asked about first if one of them is that of an administrator', async () => {
    const api = await observeSandbox({ reinvite: 'new_id' });
    await api.invite(`create ${email} --role OrganizationAdmin --yes`);
    await api.sandbox.expire(email);
    const planned = await api.invite(`import ${written(api, [email])} -n`);
    expect(planned.stderr).toContain(`OrganizationAdmin on the organization for 1 person: ${email}`);
    const { code, stderr } = await api.invite(`create ${email}`);
    expect({ code, mails: await api.mailed(email) }).toEqual({ code: 2, mails: 1 });
    const question = 'grant OrganizationAdmin on the organization, as with the invitation before,';
    expect(stderr).toContain(`${question} to ${email}?`);
    // Somebody else invites them while the question waits.
    api.hook = before(/^GET .*role-bindings/, () => elsewhere(api, `create ${email} --yes`));
    const late = await api.invite(`create ${email}`, atTerminal('y\n'));
    expect(late.stderr).toContain('is already invited, no mail was sent');
    expect(await api.mailed(email)).toBe(2);
  });

  test('that was revoked do not', async () => {
    const api = await observeSandbox({ reinvite: 'new_id' });
    await api.invite(`create ${email} --role MetricsViewer`);
    await api.invite(`delete ${email} --yes`);
    expect((await api.json(`create ${email}`)).roles).toBeUndefined();
  });
});

test('rows of a list without status and user are read by their ids', async () => {
  const api = await observeSandbox({ list_rows: 'minimal' });
  const file = written(api, [email, 'bob@example.com'], 'MetricsViewer');
  await api.json(`import ${file} --yes`);
  await api.sandbox.expire('bob@example.com');
  const roles = [{ outcome: 'already_granted' }];
  const again = await api.json(`import ${file} --yes`);
  expect(again).toMatchObject([{ outcome: 'already_invited', roles }, { outcome: 'reinvited' }]);
  api.requests.length = 0;
  expect(await api.json(`import ${file} --yes`)).toMatchObject([{ roles }, { roles }]);
  expect(api.requests.filter((request) => request.startsWith('POST'))).toEqual([]);
});

test('a mail whose answer was lost is found among such rows, and not sent again', async () => {
  const api = await observeSandbox({ list_rows: 'minimal' });
  api.hook = losing(/^POST/);
  expect(await api.json(`create ${email}`)).toMatchObject({ outcome: 'created', reconciled: true });
  expect(await api.mailed()).toBe(1);
});

test('a list shows and filters them by what they are', async () => {
  const api = await observeSandbox({ list_rows: 'minimal' });
  await api.json(`create ${email} bob@example.com`);
  await api.sandbox.expire('bob@example.com');
  const seen = async (line: string) =>
    (await api.json(line)).map((row: Record<string, unknown>) => [row.email, row.state]);
  expect(await seen('list')).toEqual([
    [email, 'pending'],
    ['bob@example.com', 'expired'],
  ]);
  for (const filter of ['--status pending', '--status sent', '--expiring 7d'])
    expect(await seen(`list ${filter}`)).toEqual([[email, 'pending']]);
  expect(await api.json('delete --status pending --yes')).toMatchObject([{ email, outcome: 'deleted' }]);
  const { id } = await api.json('create cyd@example.com');
  expect(await api.json(`delete ${id} cyd@example.com --yes`)).toMatchObject([{ id, outcome: 'deleted' }]);
});

test.each([
  ['still there', undefined, 'it is still there'],
  ['only listed', /^GET .*invitations\/i-/, 'it is still there'],
  ['unreadable', /^GET .*invitations/, 'cannot tell whether'],
])('a DELETE that is refused, of what is %s afterwards, is a failure', async (_, hidden, words) => {
  const api = await observeSandbox({ forbidden: ['invitations.delete'] });
  await api.invite(`create ${email}`);
  api.hook = before(/^DELETE/, async () => {
    api.hook = hidden && answering(hidden, 403);
  });
  expect(await api.invite(`delete ${email} --yes`)).toMatchObject({ code: 5, stderr: expect.stringContaining(words) });
});

test('many DELETEs that are refused read the list for none of them, if the API finds them by their addresses', async () => {
  const api = await observeSandbox({ forbidden: ['invitations.delete', 'invitations.get'], quota: 1000 });
  const others = Array.from({ length: 130 }, (_, n) => ({ email: `p${n}@example.com`, state: 'pending' as const }));
  await api.sandbox.populate({ people: others });
  const { code, stderr } = await api.invite('delete p120@example.com p121@example.com p122@example.com --yes');
  expect([code, stderr]).toEqual([9, expect.stringContaining('3 × it is still there')]);
  expect(api.requests.filter((request) => request === 'GET /iam/v2/invitations').length).toBe(2 + 3);
});
