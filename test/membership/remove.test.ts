// Who goes, and who loses or gets a role: remove and role, by the whole program.
import { describe, expect, test } from 'vitest';
import { type Leaver, removalQuestion } from '../../src/membership/removal.ts';
import { rosterOf } from '../../src/membership/roster.ts';
import { spoiling } from '../support/observed-sandbox.ts';
import {
  answering,
  atTerminal,
  before,
  both,
  changing,
  everybody,
  firstOf,
  losing,
  type MembershipApi,
  member,
  openMembershipApi,
  outcomes,
  owner,
  person,
  planned,
  type Row,
  removeElsewhere,
  rowsOf,
} from './api.ts';
import { now, Organization } from './organization.ts';

describe('remove', () => {
  const ends: readonly [name: string, outcome: string, changes: readonly string[]][] = [
    ['invited', 'removed', ['DELETE users']],
    ['founder', 'removed', ['DELETE users']],
    ['sso', 'removed', ['DELETE users']],
    ['gone', 'already_gone', []],
    ['pending', 'withdrawn', ['DELETE invitations']],
    ['expired', 'removed', ['DELETE role-bindings']],
    ['revoked', 'removed', ['DELETE role-bindings']],
    ['new', 'removed', ['DELETE users']],
  ];
  const shortly = (request: string) => request.replace(/\/iam\/v2\/([a-z-]+).*/, '$1');

  test.each(ends)('of %s ends with %s, by e-mail, in capitals and by id', async (name, outcome, changes) => {
    const targets = [`${name}@example.com`, `${name.toUpperCase()}@example.com`, `u-${name}`];
    const number = ends.findIndex(([one]) => one === name);
    const api = await openMembershipApi({ people: everybody }, both[number % 2]);
    const result = [{ outcome, email: `${name}@example.com`, user: { id: `u-${name}` } }];
    for (const target of targets)
      expect((await rowsOf(api, `remove ${target} --dry-run`)).rows, target).toMatchObject(result);
    expect(api.changes()).toEqual([]);
    const target = targets[number % 3];
    expect(await rowsOf(api, `remove ${target} --yes`)).toMatchObject({ code: 0, rows: result });
    expect(api.changes().map(shortly)).toEqual(changes);
    // Of a user without an invitation under this name, the API keeps nothing.
    const isUnknown = ['founder', 'sso'].includes(name) || (name === 'new' && target?.includes('@'));
    const again = await rowsOf(api, `remove ${target} --yes`);
    expect([again.code, api.changes()]).toEqual([isUnknown ? 6 : 0, []]);
  });

  test('of an id spares whose id differs from it by case', async () => {
    const people = [person('bob', 'member', { user: 'u-ab1' }), person('cyd', 'member', { user: 'u-Ab1' })];
    const api = await openMembershipApi({ people });
    const rows = [{ outcome: 'removed', email: 'cyd@example.com' }];
    expect(await rowsOf(api, 'remove u-Ab1 --yes')).toMatchObject({ code: 0, rows });
    expect(api.changes()).toEqual(['DELETE /iam/v2/users/u-Ab1']);
  });

  test('of an id spares who has no address, and an id that differs by case', async () => {
    const people = [person('bob', 'member', { user: 'u-ab1' }), person('cyd', 'member', { user: 'u-Ab1' })];
    const api = await openMembershipApi({ people });
    api.hook = changing(/^GET .*users /, ({ email, ...row }) => (row.id === 'u-Ab1' ? row : { ...row, email }));
    const rows = [{ outcome: 'removed', email: 'bob@example.com' }];
    expect(await rowsOf(api, 'remove u-ab1 --yes')).toMatchObject({ code: 0, rows });
    expect(api.changes()).toEqual(['DELETE /iam/v2/users/u-ab1']);
  });

  test('of a member whom somebody has invited again shows the invitation as it is left', async () => {
    const again = person('invited', 'pending', { user: 'u-again', email: 'INVITED@example.com' });
    const api = await openMembershipApi({ people: [person('invited', 'accepted'), again] });
    const { rows } = await rowsOf(api, 'remove invited@example.com --yes');
    expect(api.changes().map(shortly)).toEqual(['DELETE invitations', 'DELETE users']);
    expect(rows).toMatchObject([{ outcome: 'removed', state: 'deactivated', email: 'invited@example.com' }]);
    expect(rows[0]).not.toHaveProperty('status');
  });

  test('names a role that two bindings gave once, as its dry run does', async () => {
    const api = await openMembershipApi({
      people: [person('expired', 'expired', { roles: ['Operator', 'Operator'] })],
    });
    for (const how of ['--dry-run', '--yes'])
      expect((await rowsOf(api, `remove expired@example.com ${how}`)).rows[0]?.roles, how).toHaveLength(1);
    expect(api.changes()).toHaveLength(2);
  });

  test('leaves alone whose invitation has ended where nobody can tell which user has their roles', async () => {
    const api = await openMembershipApi({ people: everybody });
    api.hook = firstOf(
      changing(/^GET .*invitations /, ({ user, ...row }) => row),
      answering(/^GET .*invitations.i-/, 404),
    );
    const { rows, error } = await rowsOf(api, 'remove expired@example.com pending@example.com --yes');
    expect([outcomes(rows), error]).toEqual([['blocked expired', 'withdrawn pending'], 'drift']);
    expect(api.changes()).toHaveLength(1);
  });

  test('of a stranger ends with 6 alone, 9 among others, 0 if that is meant', async () => {
    const api = await openMembershipApi({ people: everybody });
    const stderr = expect.stringContaining('neither a member nor invited');
    expect(await api.invite('remove nobody@example.com --yes')).toMatchObject({ code: 6, stderr });
    const among = await rowsOf(api, 'remove nobody@example.com pending@example.com PENDING@example.com --yes');
    expect([among.code, outcomes(among.rows)]).toEqual([9, ['not_found nobody', 'withdrawn pending']]);
    expect(among.stderr).toContain('nobody@example.com');
    const meant = await rowsOf(api, 'remove u-nobody gone@example.com --if-exists --yes');
    expect(meant).toMatchObject({ code: 0, rows: [{ outcome: 'not_found', user: { id: 'u-nobody' } }, {}] });
    expect(meant.rows[0]).not.toHaveProperty('id');
  });

  test('is told under both addresses of a member, whichever was typed', async () => {
    const api = await openMembershipApi({ people: everybody });
    const renamed = { email: 'new@example.com', invited_as: 'old@example.com' };
    const thrice = await rowsOf(api, 'remove old@example.com new@example.com u-new --dry-run');
    expect(thrice.rows).toMatchObject([{ ...renamed, outcome: 'removed' }]);
    expect((await rowsOf(api, 'role grant old@example.com Operator')).rows).toMatchObject([renamed]);
    const { stdout } = await api.invite('remove old@example.com --yes');
    expect(stdout).toContain('new@example.com (invited as old@example.com)');
  });

  const admins = [member('boss', 'OrganizationAdmin'), member('chief', 'OrganizationAdmin')];
  const twelve = Array.from({ length: 12 }, (_, n) => person(`p${n}`, 'pending'));
  const keyOwner = person('keys', 'member', { api_keys: 2 });

  test('leaves owners of API keys alone, and says so in the question', async () => {
    const people = [...twelve, ...admins, keyOwner];
    const api = await openMembershipApi({ people });
    const words = `remove ${twelve.map(({ email }) => email).join(' ')} boss@example.com keys@example.com`;
    const unasked = await api.invite(words);
    expect([unasked.code, api.changes()]).toEqual([2, []]);
    const asked = await api.invite(words, atTerminal('\n'));
    expect([asked.code, api.changes()]).toEqual([130, []]);
    expect(asked.stderr.match(/- withdraw/g)).toHaveLength(12);
    const one = await api.invite('remove boss@example.com', atTerminal('boss@example.com\n'));
    expect([one.code, api.changes()]).toEqual([0, [expect.stringMatching(/^DELETE \/iam\/v2\/users/)]]);
    await api.sandbox.populate({ people: [member('boss', 'OrganizationAdmin')] });
    const { code, rows, error } = await rowsOf(api, `${words} --yes`);
    expect([code, error, outcomes(rows).slice(12)]).toEqual([10, 'drift', ['removed boss', 'blocked keys']]);
    const why = /left alone: owns 2 API keys: \S+, \S+; --with-api-keys/;
    expect(rows.at(-1)?.error).toMatchObject({ message: expect.stringMatching(why) });
    expect(api.changes()).toHaveLength(13);
    const removed = await rowsOf(api, 'remove keys@example.com --with-api-keys --yes');
    expect([removed.code, removed.rows]).toMatchObject([0, [{ outcome: 'removed', api_keys: 2 }]]);
  });

  const founder = 'founder@example.com';
  const more = 'more would be removed than was confirmed';
  const plainIsAdmin = { role_bindings: [{ principal: 'User:u-plain', role_name: 'OrganizationAdmin' }] };
  const nextFounder = { people: [person('founder', 'member', { user: 'u-next' })] };
  const replaceFounder = (api: MembershipApi) =>
    removeElsewhere(api, 'u-founder').then(() => api.sandbox.populate(nextFounder));

  test.each<[string, string, (api: MembershipApi) => Promise<unknown>, number, string, string?]>([
    ['an administrator less', 'boss@example.com', (api) => removeElsewhere(api, 'u-chief'), 7, 'administrator'],
    ['accepted', '--state pending', ({ sandbox }) => sandbox.accept('pending@example.com'), 10, more],
    ['an administrator', 'plain@example.com', ({ sandbox }) => sandbox.populate(plainIsAdmin), 10, more],
    ['gone', founder, (api) => removeElsewhere(api, 'u-founder'), 0, 'already_gone'],
    ['somebody else', founder, replaceFounder, 0, 'already_gone', 'DELETE /iam/v2/users/u-founder'],
  ])('looks again when the question was answered: %s', async (_, words, change, code, says, sent) => {
    const others = ['founder', 'plain'].map((name) => person(name, 'member'));
    const chief = person('chief', 'member', { roles: ['OrganizationAdmin'] });
    const people = [member('boss', 'OrganizationAdmin'), chief, person('pending', 'pending'), ...others];
    const api = await openMembershipApi({ people });
    // When the organization is looked at for the second time.
    api.hook = before(/^GET .*organizations /, () => change(api), 2);
    const ran = await api.invite(`remove ${words}`, atTerminal(`${words.startsWith('--') ? 1 : words}\n`));
    expect([ran.code, api.changes()], ran.stderr).toEqual([code, sent === undefined ? [] : [sent]]);
    expect(ran.stderr + ran.stdout).toContain(says);
  });

  test('of a list names the strangers, and sends nothing the second time', async () => {
    const leavers = Array.from({ length: 31 }, (_, n) => person(`m${n}`, 'accepted', { roles: ['MetricsViewer'] }));
    const left = ['x', 'y', 'z'].map((name) => person(name, 'left'));
    const strangers = Array.from({ length: 6 }, (_, n) => `s${n}@example.com`);
    const api = await openMembershipApi({ people: [...leavers, ...left] });
    const stdin = [...[...leavers, ...left].map(({ email }) => email), ...strangers].join('\r\n');
    const words = 'remove - --max-removals 40 --yes -o json';
    const first = await api.invite(words, { stdin });
    expect(first.code).toBe(9);
    for (const email of strangers) expect(first.stderr).toContain(email);
    expect(api.changes()).toHaveLength(31);
    const again = await api.invite(words, { stdin });
    expect([again.code, api.changes()]).toEqual([9, []]);
    const ends = new Set(JSON.parse(again.stdout).map(({ outcome }: Row) => outcome));
    expect(ends).toEqual(new Set(['already_gone', 'not_found']));
    // One pass over the keys, as of 20 people.
    expect(api.requests.filter((request) => request === 'GET /iam/v2/api-keys').length).toBeLessThan(35);
  });

  test.each(['users', 'invitations'])('of whose row slips between two pages of %s finds them', async (list) => {
    const people = [...Array.from({ length: 120 }, (_, n) => person(`p${n}`, 'pending')), ...everybody];
    const crowd = Array.from({ length: 120 }, (_, n) => member(`m${n}`));
    const api = await openMembershipApi({ people: [...people, ...crowd] });
    for (const name of ['pending', 'sso']) {
      let left = 2;
      const slipped = changing(RegExp(`^GET .*${list} `), (row) => (row.email === `${name}@example.com` ? [] : row));
      // Two pages, in the first pass alone.
      api.hook = async (...about) =>
        /users |invitations /.test(about[0]) && about[0].includes(list) && left-- > 0 ? slipped(...about) : undefined;
      const { code, rows } = await rowsOf(api, `remove ${name}@example.com nobody@example.com --yes`);
      expect([code, outcomes(rows)[1]]).toEqual([9, 'not_found nobody']);
      expect(outcomes(rows)[0]).toMatch(/^(removed|withdrawn)/);
    }
  });

  /** Many role bindings, of which those of this role are missing when they are listed for the first time. */
  async function slippingApi(people: ReturnType<typeof person>[]) {
    const crowd = Array.from({ length: 20 }, (_, n) => member(`m${n}`, 'DataDiscovery'));
    const api = await openMembershipApi({ people: [...people, ...crowd] }, { role_binding_page: 10 });
    const missed = new Set<unknown>();
    api.hook = changing(/^GET .*role-bindings /, (row) => {
      const isMissing = row.role_name === 'Operator' && !missed.has(row.id);
      missed.add(row.id);
      return isMissing ? [] : row;
    });
    return api;
  }

  test.each(['people --without-roles', 'remove --without-roles --dry-run', 'export -o csv', 'report'])(
    'of whose role slips between two pages does not take them for one without: %s',
    async (line) => {
      const api = await slippingApi([member('ann', 'Operator'), member('bob')]);
      const { stdout } = await api.invite(line);
      expect(stdout).toMatch(/bob@example.com/);
      expect(stdout).not.toMatch(/ann@example.com(?!,Operator)/);
    },
  );

  test.each(['ann', 'old'])('of roles of which a row slips between two pages finds them: %s', async (name) => {
    const people = [member('ann', 'Operator', 'MetricsViewer'), person('old', 'expired', { roles: ['Operator'] })];
    const api = await slippingApi(people);
    const line = { ann: 'role revoke ann@example.com Operator', old: 'remove old@example.com' }[name];
    const { code, rows } = await rowsOf(api, `${line} --yes`);
    expect([code, rows]).toMatchObject([0, [{ roles: [{ role_name: 'Operator', outcome: 'revoked' }] }]]);
  });

  test('of an address that two members had before names them, until it is somebody else', async () => {
    const people = ['one', 'two'].map((name) => person(name, 'accepted', { invited_as: 'team@example.com' }));
    const api = await openMembershipApi({ people });
    const { code, stderr } = await rowsOf(api, 'remove team@example.com --yes');
    expect([code, stderr]).toEqual([10, expect.stringMatching(/several users have this address: u-(one|two), u-/)]);
    await api.sandbox.populate({ people: [person('team', 'pending')] });
    expect(await rowsOf(api, 'remove team@example.com --yes')).toMatchObject({ rows: [{ outcome: 'withdrawn' }] });
    expect(api.changes()).toHaveLength(1);
  });

  test('of an address that went to somebody who left after that names neither who had it before', async () => {
    const eve = person('eve', 'accepted', { invited_as: 'desk@example.com', created_at: '2025-01-01T00:00:00Z' });
    const desk = person('desk', 'left', { created_at: '2025-06-01T00:00:00Z', roles: ['Operator'] });
    const api = await openMembershipApi({ people: [eve, desk] });
    const line = 'remove desk@example.com --yes';
    expect(await rowsOf(api, line)).toMatchObject({ code: 0, rows: [{ outcome: 'already_gone' }] });
    expect(api.changes()).toEqual([]);
    const { rows } = await rowsOf(api, 'people u-eve desk@example.com');
    expect(rows).toMatchObject([{ email: 'eve@example.com', state: 'member', roles: [] }, { state: 'left' }]);
  });

  test('of two addresses ends both, though the API names one user for them', async () => {
    const people = ['one', 'two'].map((name) => person(name, 'pending', { user: 'u-same' }));
    const api = await openMembershipApi({ people });
    const names = 'one@example.com TWO@example.com one@example.com';
    expect((await rowsOf(api, `people ${names}`)).rows.map(({ email }) => email)).toHaveLength(2);
    expect(outcomes((await rowsOf(api, `remove ${names} --yes`)).rows)).toEqual(['withdrawn one', 'withdrawn two']);
  });

  test('of an address with several open invitations names them, and touches none', async () => {
    const twice = ['u-one', 'u-two'].map((user) => person('twice', 'pending', { user }));
    const api = await openMembershipApi({ people: twice });
    const { code, error, stderr } = await rowsOf(api, 'remove twice@example.com --yes');
    expect([code, error, api.changes()]).toEqual([10, 'drift', []]);
    expect(stderr).toMatch(/several invitations are open: i-\w+, i-\w+; invite delete/);
  });

  test('of nobody, or of what is no person, is refused before anything is asked', async () => {
    const api = await openMembershipApi({ people: everybody });
    const empty = api.write('e.csv', '');
    const nobody = api.write('n.csv', 'email\n');
    for (const [words, error] of [
      ['', 'usage'],
      ['sa-123 --yes', 'usage'],
      ['bob --yes', 'usage'],
      ['a@example.com,b@example.com --if-exists --yes', 'invalid_email'],
      ['u-invited sa-123 --yes', 'usage'],
      ['--limit 3 --yes', 'usage'],
      ['--admins u-invited --yes', 'usage'],
      [`--not-in ${empty} --yes`, 'invalid_file'],
      ['--not-in missing.csv --yes', 'invalid_file'],
      [`--not-in ${nobody} --yes`, 'invalid_file'],
    ] as const) {
      const ran = await api.invite(`remove ${words} -o json`, { stdin: '\n' });
      const { code } = JSON.parse(ran.stderr.trim().split('\n').at(-1) ?? '').error;
      expect([words, ran.code, code]).toEqual([words, 2, error]);
    }
    expect(api.requests).toEqual([]);
  });

  test('has the same csv for nobody, and a dry run says beside it that it was one', async () => {
    const api = await openMembershipApi({ people: [person('ann', 'pending')] });
    const head = 'email,user.id,outcome,roles,api_keys,error.code,error.message\n';
    const nobody = await api.invite('remove --domain example.org --yes -o csv');
    expect(nobody).toEqual({ code: 0, stdout: head, stderr: '' });
    expect(await api.invite('remove - --yes -o csv', { stdin: '\n' })).toEqual(nobody);
    const words = 'nothing was sent; this is what would be done';
    const { stdout, stderr } = await api.invite('remove --domain example.com --dry-run -o csv');
    expect([stdout, stderr]).toEqual([`${head}ann@example.com,u-ann,withdrawn,,,,\n`, `${words}: 1 withdrawn\n`]);
    expect((await api.invite('delete ann@example.com --dry-run -o id')).stderr).toBe(`${words}\n`);
  });

  test('by what a file lacks is limited, and never ends who runs it', async () => {
    const people = [...Array.from({ length: 20 }, (_, n) => member(`m${n}`)), ...admins];
    const api = await openMembershipApi({ people });
    const notIn = (listed: readonly { email: string }[], more: string, flags = '') =>
      rowsOf(api, `remove --not-in - ${flags} --yes`, `${listed.map(({ email }) => email).join('\n')}\n${more}\n`);
    const half = [...people.slice(0, 10), ...admins];
    const owner = 'owner@sandbox.example';
    const refused = (words: string) => ({ code: 7, error: 'unsafe_plan', stderr: expect.stringContaining(words) });
    expect(await notIn(half, owner)).toMatchObject(refused('--max-removals 10'));
    // Each of them counts, whatever addresses they share.
    await api.sandbox.populate({ people: ['u-one', 'u-two'].map((user) => person('twin', 'member', { user })) });
    expect(await notIn(people, owner, '--max-removals 1')).toMatchObject(refused('2 of 25 people'));
    expect(await notIn(people, '')).toMatchObject(refused(''));
    expect(api.changes()).toEqual([]);
    const raised = await rowsOf(api, `remove --domain example.com --without-roles --limit 2 --yes`);
    expect([raised.code, outcomes(raised.rows)]).toEqual([0, ['removed m0', 'removed m10']]);
  });

  test('by what a file lacks leaves alone who has no e-mail that it could have', async () => {
    const api = await openMembershipApi({ people: [member('silent'), member('extra')] });
    api.hook = changing(/^GET .*users /, (row) => (row.email === 'silent@example.com' ? { ...row, email: '' } : row));
    expect((await planned(api, api.file('people', owner))).rows).toEqual([
      expect.stringMatching(/^remove extra/),
      expect.stringMatching(/^blocked u-.*: the API does not name their e-mail/),
    ]);
    const file = api.write('all.txt', 'owner@sandbox.example\n');
    const { code, rows } = await rowsOf(api, `remove --not-in ${file} --yes`);
    expect([code, rows.map(({ outcome }) => outcome)]).toEqual([10, ['removed', 'blocked']]);
    expect(rows[1]?.error).toMatchObject({ message: expect.stringContaining('does not name their e-mail') });
  });

  test('never ends the last administrators, nor who runs it', async () => {
    const api = await openMembershipApi({ people: [member('boss', 'OrganizationAdmin')] });
    const self = ['owner@sandbox.example', 'u-sandbox --with-api-keys'];
    const refused = { code: 7, error: 'unsafe_plan', rows: [] };
    for (const targets of ['boss@example.com', ...self, 'boss@example.com nobody@x.com'])
      for (const flag of ['--yes', '--dry-run'])
        expect(await rowsOf(api, `remove ${targets} ${flag}`), targets).toMatchObject(refused);
    expect(api.changes()).toEqual([]);
  });

  test.each([
    ['role_bindings.list', ['blocked invited', 'blocked pending', 'blocked expired', 'already_gone gone']],
    ['api_keys.list', ['blocked invited', 'withdrawn pending', 'removed expired', 'already_gone gone']],
  ] as const)('refuses whom it cannot judge without %s', async (operation, expected) => {
    const api = await openMembershipApi({ people: everybody }, { forbidden: [operation] });
    const targets = ['invited', 'pending', 'expired', 'gone'].map((name) => `${name}@example.com`).join(' ');
    const { code, rows } = await rowsOf(api, `remove ${targets} --yes`);
    expect([code, outcomes(rows)]).toEqual([10, expected]);
  });

  const byId = '(users|invitations|role-bindings)/[^ ]';
  test.each([
    // What is in the list is there, whatever the API says about it by itself.
    ['refused, as is a look at it', answering(RegExp(` .*/${byId}`), 403)],
    ['said to be missing, as it is itself', answering(RegExp(` .*/${byId}`), 404)],
  ])('fails with what is %s', async (_, hook) => {
    const api = await openMembershipApi({ people: everybody });
    api.hook = hook;
    const targets = 'invited@example.com pending@example.com expired@example.com';
    const { code, rows } = await rowsOf(api, `remove ${targets} --yes`);
    expect([code, outcomes(rows)]).toEqual([9, ['failed invited', 'failed pending', 'failed expired']]);
    expect((await rowsOf(api, 'remove invited@example.com --yes')).code).toBe(5);
  });

  test('leaves alone who accepts while the request is on its way', async () => {
    const api = await openMembershipApi({ people: everybody });
    api.hook = before(/^DELETE .*invitations/, () => api.sandbox.accept('pending@example.com'));
    const stderr = expect.stringContaining('they have accepted meanwhile');
    expect(await rowsOf(api, 'remove pending@example.com --yes')).toMatchObject({ code: 10, error: 'drift', stderr });
  });

  test.each([
    ['an answer that was lost', losing(/^DELETE/)],
    ['a 429', answering(/^DELETE/, 429, 1)],
  ])('gets over %s', async (_, hook) => {
    const api = await openMembershipApi({ people: everybody }, { missing_reads: 'forbidden' });
    api.hook = hook;
    const { code, rows } = await rowsOf(api, 'remove invited@example.com --yes');
    expect([code, outcomes(rows)]).toEqual([0, ['removed invited']]);
  });

  test('looks once more: who accepted meanwhile, made a key or moved is left alone', async () => {
    const people = [...everybody, person('late', 'accepted')];
    const api = await openMembershipApi({ people });
    // Between the lists and the looks before the first change.
    const meanwhile = before(/^GET \/iam\/v2\/(users|invitations)\/./, async () => {
      await api.sandbox.accept('pending@example.com');
      await api.sandbox.populate({ api_keys: [{ owner: 'u-late' }] });
    });
    const other = JSON.stringify({ id: 'u-founder', email: 'other@example.com' });
    api.hook = firstOf(
      meanwhile,
      spoiling(/^GET .*users.u-founder/, (response) => response.end(other)),
    );
    const names = ['pending', 'late', 'founder'];
    const { code, rows } = await rowsOf(api, `remove ${names.map((name) => `${name}@example.com`).join(' ')} --yes`);
    expect([code, outcomes(rows)]).toEqual([10, names.map((name) => `blocked ${name}`)]);
    expect(JSON.stringify(rows[2])).toContain('the user u-founder is \\"other@example.com\\" now');
    expect(api.changes()).toEqual([]);
  });

  test('ends members whose invitations a list still shows as open', async () => {
    const api = await openMembershipApi({ people: everybody });
    const open = { status: 'INVITE_STATUS_SENT', expires_at: '2099-01-01T00:00:00Z' };
    const isInvited = ({ email }: { readonly email?: unknown }) => email === 'invited@example.com';
    api.hook = changing(/^GET .*invitations /, (row) => (isInvited(row) ? { ...row, ...open } : row));
    const { rows } = await rowsOf(api, 'remove --role EnvironmentAdmin --state member --limit 1 --yes');
    expect(outcomes(rows)).toEqual(['removed invited']);
    expect(api.changes()).toEqual(['DELETE /iam/v2/users/u-invited']);
  });

  test('counts as gone who has disappeared since the lists were read', async () => {
    const api = await openMembershipApi({ people: everybody }, { missing_reads: 'forbidden' });
    api.hook = before(/^GET \/iam\/v2\/users\//, () => removeElsewhere(api, 'u-invited'));
    const { code, rows } = await rowsOf(api, 'remove invited@example.com --yes');
    expect([code, outcomes(rows), api.changes()]).toEqual([0, ['already_gone invited'], []]);
  });
});

test('the question before a removal names who administers and who owns keys', () => {
  const organization = new Organization();
  organization.member('boss@example.com', ['OrganizationAdmin']);
  const keys = organization.member('keys@example.com');
  for (const name of ['ann', 'hal']) organization.member(`${name}@example.com`);
  const rows = rosterOf({ observed: organization.observe(), now, apiKeys: undefined });
  const people = rows.map((person): Leaver => {
    const { email, user } = person;
    const action = email.startsWith('hal') ? 'blocked' : 'remove';
    const apiKeys = new Map([[user?.id ?? '', user?.id === keys ? ['A', 'B', 'C'] : []]]);
    const row = { action, email, state: 'member', what: 'owns 2 API keys', why: '' } as const;
    return { person, target: email, apiKeys, rows: [row] };
  });
  const about = { organization: { id: 'o-1', display_name: 'acme' }, profile: 'prod' };
  expect(removalQuestion(people, about)).toEqual([
    'remove 3 people from organization "acme" (o-1)?',
    '  administrators: boss@example.com',
    '  owners of API keys, which are deleted with them: keys@example.com (3)',
    '  left alone: hal@example.com (owns 2 API keys)',
    '  with the profile "prod"',
  ]);
});

describe('role', () => {
  test.each(['founder', 'pending'])('is granted and revoked, once, of %s', async (name) => {
    const api = await openMembershipApi({ people: everybody });
    const role = `${name}@example.com Operator DataDiscovery@env-a`;
    for (const [verb, outcome, changes] of [
      ['grant', 'granted', 2],
      ['grant', 'already_granted', 0],
      ['revoke', 'revoked', 2],
      ['revoke', 'not_granted', 0],
    ] as const) {
      const { code, rows } = await rowsOf(api, `role ${verb} ${role}`);
      expect([code, outcomes(rows), rows[0]?.roles.length]).toEqual([0, [`${outcome} ${name}`], 2]);
      expect(api.changes()).toHaveLength(changes);
      const strict = await rowsOf(api, `role ${verb} ${role} --strict`);
      expect([strict.code, strict.error, api.changes()]).toEqual([7, 'already_exists', []]);
      expect(strict.stderr).toMatch(/: Operator on the organization \w+ granted, DataDiscovery on environment=env-a/);
    }
  });

  test('is not granted where the answer is about somebody else', async () => {
    const api = await openMembershipApi({ people: everybody });
    const other = JSON.stringify({ principal: 'User:u-sso', role_name: 'Operator' });
    api.hook = spoiling(/^POST .*role-bindings/, (response) => response.end(other));
    const failed = { code: 3, error: 'bad_response' };
    expect(await rowsOf(api, 'role grant u-founder Operator')).toMatchObject(failed);
  });

  test('is refused for whom or what it cannot be', async () => {
    const api = await openMembershipApi({ people: [...everybody, member('boss', 'OrganizationAdmin')] });
    const foreign = 'EnvironmentAdmin@crn://confluent.cloud/organization=other/environment=env-a';
    for (const words of ['MetricViewer', 'Nonsense'])
      expect(await rowsOf(api, `role grant founder@example.com ${words}`)).toMatchObject({ code: 2, error: 'usage' });
    expect(api.requests).toEqual([]);
    for (const [words, code, error, says] of [
      ['grant founder@example.com EnvironmentAdmin', 2, 'usage', 'EnvironmentAdmin@env-abc'],
      ['grant founder@example.com OrganizationAdmin', 2, 'confirmation_required', 'OrganizationAdmin on'],
      [`grant founder@example.com ${foreign}`, 2, 'usage', foreign],
      ['grant nobody@example.com MetricsViewer', 6, 'not_found', 'invite create nobody@example.com'],
      ['grant gone@example.com MetricsViewer', 7, 'not_possible', 'they have left'],
      ['grant gone@example.com MetricsViewer', 7, 'not_possible', 'create gone@example.com --role MetricsViewer'],
      ['grant sa-123 MetricsViewer', 2, 'usage', 'neither an e-mail nor the id of a user'],
      ['grant i-123 MetricsViewer', 2, 'usage', 'invite get i-123'],
      ['revoke founder@example.com MetricViewer', 2, 'usage', 'MetricsViewer'],
      ['revoke owner@sandbox.example OrganizationAdmin --yes', 7, 'unsafe_plan', 'who runs this'],
      ['revoke boss@example.com OrganizationAdmin --yes', 7, 'unsafe_plan', '--min-admins'],
    ] as const) {
      const refused = await rowsOf(api, `role ${words}`);
      expect(refused, words).toMatchObject({ code, error, rows: [], stderr: expect.stringContaining(says) });
    }
    expect(api.changes()).toEqual([]);
  });

  test('is granted to the user of a member, whatever another user had, and revoked of both', async () => {
    const old = person('bob', 'expired', { user: 'u-old', roles: ['MetricsViewer'] });
    const api = await openMembershipApi({ people: [old, person('bob', 'member', { user: 'u-new' })] });
    const words = 'bob@example.com MetricsViewer';
    expect(outcomes((await rowsOf(api, `role grant ${words}`)).rows)).toEqual(['granted bob']);
    expect(outcomes((await rowsOf(api, `role revoke ${words}`)).rows)).toEqual(['revoked bob']);
    expect(api.changes()).toHaveLength(3);
  });

  test.each([
    ['left', [], 'they have left'],
    ['been followed by somebody else', [person('ann', 'member', { user: 'u-next' })], 'another user now'],
  ])('is not granted to who has %s while the question was open', async (_, people, why) => {
    const api = await openMembershipApi({ people: [person('ann', 'accepted')] });
    const follow = () => removeElsewhere(api, 'u-ann').then(() => api.sandbox.populate({ people }));
    api.hook = before(/^GET .*organizations /, follow, 2);
    const { code, stderr } = await api.invite('role grant ann@example.com OrganizationAdmin', atTerminal('y\n'));
    expect([code, stderr, api.changes()]).toEqual([7, expect.stringContaining(why), []]);
  });

  test('is not said to be revoked where one of two users keeps it', async () => {
    const roles = ['Operator'];
    const users = (['expired', 'member'] as const).map((state) => person('bob', state, { user: `u-${state}`, roles }));
    const api = await openMembershipApi({ people: users });
    api.hook = before(/^DELETE/, async () => {
      api.hook = answering(/role-bindings\/[^ ]/, 403);
    });
    expect(await rowsOf(api, 'role revoke bob@example.com Operator')).toMatchObject({ code: 5, error: 'forbidden' });
  });

  test('names the command that grants again what was refused', async () => {
    const api = await openMembershipApi({ people: everybody });
    api.hook = answering(/^POST/, 403, 1);
    const words = 'role grant u-founder Assigner';
    const refused = await rowsOf(api, `${words} Operator`);
    expect([refused.code, refused.stderr]).toEqual([9, expect.stringContaining(`"hints":["invite ${words}"]`)]);
    expect(outcomes(refused.rows)).toEqual(['failed founder']);
    expect(await rowsOf(api, words)).toMatchObject({ code: 0, rows: [{ outcome: 'granted' }] });
  });

  test.each(['grant', 'revoke'])('of which nothing came ends as its refusal does: %s', async (verb) => {
    const api = await openMembershipApi({ people: [member('bob', 'Operator')] });
    const role = verb === 'grant' ? 'MetricsViewer' : 'Operator';
    for (const [status, code, error] of [
      [401, 4, 'auth_invalid'],
      [403, 5, 'forbidden'],
      [501, 3, 'api_unavailable'],
    ] as const) {
      api.hook = answering(/^(POST|DELETE)/, status);
      const refused = await rowsOf(api, `role ${verb} bob@example.com ${role}`);
      expect(refused).toMatchObject({ code, error, rows: [] });
    }
  });

  test('is not revoked by a key that may not read roles', async () => {
    const api = await openMembershipApi({ people: everybody }, { forbidden: ['role_bindings.list'] });
    expect(await rowsOf(api, 'role revoke founder@example.com MetricsViewer')).toMatchObject({ code: 5 });
  });
});
