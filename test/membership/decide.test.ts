import { describe, expect, test } from 'vitest';
import { usersToRemove } from '../../src/membership/decide.ts';
import { isChange } from '../../src/membership/plan.ts';
import { ann, bob, file, Organization, planOf, question, read, root, shown, withAnn } from './organization.ts';

const bobAlone = '  - bob@example.com';

/** What comes of bob, beside ann who stays as she is. */
async function ofBob(make: (organization: Organization) => unknown, managed: string, line?: string, more = '') {
  const organization = withAnn(make);
  const text = file(managed, line === undefined ? ann : `${ann}\n${line}`, more);
  return shown(await planOf(organization, text), ({ email }) => email.startsWith('bob'));
}

type Make = (organization: Organization) => unknown;

const invited =
  (how: Parameters<Organization['invite']>[1] = {}): Make =>
  (organization) =>
    organization.invite('bob@example.com', how);
const member =
  (...roles: string[]): Make =>
  (organization) =>
    organization.member('bob@example.com', roles);
const both =
  (...makes: Make[]): Make =>
  (organization) =>
    makes.map((make) => make(organization));
const founder =
  (how: Parameters<Organization['member']>[2]): Make =>
  (organization) =>
    organization.member('bob@example.com', [], { ...how, invited: false });
const another: Make = (organization) => organization.member('BOB@example.com');
const nobody: Make = () => {};

/** `action state: what | why` as a row about bob, whose place in the file is the first reason. */
const ofBobs = (rows: readonly string[], place = 'line 6') =>
  rows.map((row) => {
    const [text = '', ...why] = row.split(' | ');
    return `${text.replace(' ', ' bob@example.com ')} (${[place, ...why].join('; ')})`;
  });

const expired = (...ages: number[]) => both(...ages.map((age) => invited({ status: 'EXPIRED', age })));
const revoked = invited({ status: 'DEACTIVATED', age: 2 });
const undated: Make = (organization) => {
  revoked(organization);
  organization.invitations = organization.invitations.map((one) => ({ ...one, metadata: { self: 'https://…' } }));
};
const left = invited({ status: 'ACCEPTED', age: 90 });
const frozen = invited({ status: 'FROZEN' });
const viewer = 'MetricsViewer on the organization';
const gaveUp = 'gave_up expired: invited';

describe('somebody who is wanted', () => {
  test.each<[name: string, make: Make, line: string, ...expected: string[]]>([
    ['is invited if new', nobody, bob, 'invite nobody: mail 1', `grant nobody: ${viewer}`],
    ['waits if pending', invited(), bob, `grant pending: ${viewer}`, 'wait pending: expires 2026-11-27'],
    ['waits if staged', invited({ status: 'STAGED' }), bobAlone, 'wait staged: expires 2026-11-27'],
    ['is mailed again once expired', expired(4), bobAlone, 'reinvite expired: mail 2 | expired 2026-11-24'],
    ['even if the server is late', invited({ age: 4 }), bobAlone, 'reinvite expired: mail 2 | expired 2026-11-24'],
    ['is given up after 14 days', expired(4, 15), bob, `${gaveUp} 2 times, first on 2026-11-10 | expired 2026-11-24`],
    ['or four mails', expired(5, 6, 7, 8), bobAlone, `${gaveUp} 4 times, first on 2026-11-17 | expired 2026-11-23`],
    ['is mailed again if revoked', revoked, bobAlone, 'reinvite deactivated: mail 2 | was revoked on 2026-11-24'],
    ['or if they have left', left, bobAlone, 'reinvite left: mail 2 | accepted, but is no longer a member'],
    ['is kept if a member', member('MetricsViewer'), bob, `keep member: ${viewer}`],
    ['is kept by their e-mail in capitals', another, bobAlone, 'keep member: no role'],
    [
      'has a pending invitation besides',
      both(member(), invited()),
      bobAlone,
      'ambiguous member: a member, and invitation i-7 is pending',
      'keep member: no role',
    ],
    ['of whom no day is known', undated, bobAlone, 'reinvite deactivated: mail 2 | was revoked on (day unknown)'],
    ['is not mailed in an unknown status', frozen, bob, 'unknown unknown: invitation i-5 is INVITE_STATUS_FROZEN'],
    ['is left alone if two users', both(member(), another), bob, 'ambiguous ambiguous: u-4, u-6'],
    ['is left alone if invited twice', both(invited(), invited()), bob, 'ambiguous ambiguous: i-5, i-7'],
  ])('%s', async (_, make, line, ...expected) => {
    for (const managed of ['none', 'roles', 'people'])
      expect(await ofBob(make, managed, line)).toEqual(ofBobs(expected));
  });

  test('signs in otherwise than the file says: no second mail', async () => {
    const sso = '  - { email: bob@example.com, auth_type: sso }';
    const differs = 'signs in with AUTH_TYPE_LOCAL, not AUTH_TYPE_SSO';
    const fix = 'invite delete bob@example.com and invite create bob@example.com --auth-type sso';
    expect(await ofBob(invited(), 'none', sso)).toEqual(ofBobs([`differs pending: ${differs} | ${fix}`]));
    const inHead = await ofBob(member(), 'none', bobAlone, 'auth_type: sso\n');
    expect(inHead).toEqual(ofBobs([`differs member: ${differs}`], 'line 7'));
  });

  test.each([
    ['never', 4, 'gave_up'],
    ['4d', 4, 'gave_up'],
    ['5d', 4, 'reinvite'],
    ['30d', 29, 'reinvite'],
  ])('reinvite: %s, %i days after the first invitation: %s', async (reinvite, age, action) => {
    const [row] = await ofBob(expired(age), 'none', bobAlone, `reinvite: ${reinvite}\n`);
    expect(row).toMatch(new RegExp(`^${action} bob`));
  });
});

const until = (day: string, email = 'bob@example.com') =>
  `  - { email: ${email}, roles: [MetricsViewer], until: ${day} }`;

describe('somebody who is unwanted, by name or by absence', () => {
  const pastLine = until('2026-11-24');
  const operator = 'Operator on the organization';
  const noKeys = 'no API keys';
  const withOperator =
    (how: Parameters<typeof invited>[0]): Make =>
    (o) =>
      o.bind(o.invite('bob@example.com', how), 'Operator');
  test.each<[name: string, make: Make, ...expected: string[]]>([
    ['was never there', nobody],
    ['is pending', withOperator({}), 'withdraw pending: invitation i-5', `revoke pending: ${operator}`],
    ['is staged', invited({ status: 'STAGED' }), 'withdraw staged: invitation i-5'],
    ['is expired', withOperator({ status: 'EXPIRED', age: 9 }), `revoke expired: ${operator}`],
    ['is deactivated', withOperator({ status: 'DEACTIVATED' }), `revoke deactivated: ${operator}`],
    ['has left', left],
    ['is a member', member('Operator'), `remove member: ${operator}; no API keys`],
    [
      'has many roles',
      member('Operator', 'Assigner', 'DataSteward', 'FlinkAdmin'),
      `remove member: ${['Assigner', 'DataSteward', 'FlinkAdmin'].map((name) => `${name} on the organization, `).join('')}${operator}; ${noKeys}`,
    ],
    // A founder is a member who was never invited.
    ['is a founder', founder({}), `remove member: no role; ${noKeys}`],
    ['is both', both(member(), invited()), `remove member: no role; ${noKeys}`, 'withdraw member: invitation i-7'],
    ['has an unknown status', frozen, 'unknown unknown: invitation i-5 is INVITE_STATUS_FROZEN'],
    ['is two users', both(member(), another), 'ambiguous ambiguous: u-4, u-6'],
  ])('%s', async (_, make, ...expected) => {
    const ids = (rows: readonly string[]) => rows.map((row) => row.replace(/ [iu]-\d+/g, ' …'));
    for (const managed of ['none', 'roles', 'people'])
      expect(ids(await ofBob(make, managed, pastLine))).toEqual(ids(ofBobs(expected, 'line 6; until 2026-11-24')));
    expect(ids(await ofBob(make, 'people'))).toEqual(ids(ofBobs(expected, 'not in people.yaml')));
    for (const managed of ['none', 'roles']) expect(await ofBob(make, managed)).toEqual([]);
  });

  test('a member of the identity provider goes by name only', async () => {
    const sso = founder({ auth_type: 'AUTH_TYPE_SSO' });
    const elsewhere = 'elsewhere member: the identity provider decides | SSO, without an invitation';
    expect(await ofBob(sso, 'people')).toEqual(ofBobs([elsewhere], 'not in people.yaml'));
    const remove = 'remove member: no role; no API keys | until 2026-11-24 | JIT or SCIM may bring them back';
    expect(await ofBob(sso, 'none', pastLine)).toEqual(ofBobs([remove]));
    // An invitation that ended, or whose user is gone, did not bring in the user who is there now.
    for (const status of ['EXPIRED', 'DEACTIVATED', 'ACCEPTED']) {
      const again = both(invited({ status, age: 9 }), sso);
      expect(await ofBob(again, 'people')).toEqual(ofBobs([elsewhere], 'not in people.yaml'));
    }
  });

  test.each<[keys: readonly string[] | 'unreadable' | undefined, blocked: string]>([
    [['ABCDEFGH12345678', 'EFGHIJKL56781234'], 'owns 2 API keys: ABCD…5678, EFGH…1234'],
    ['unreadable', 'may own API keys: they could not be read'],
    [undefined, 'may own API keys: they could not be read'],
  ])('who owns API keys stays without --with-api-keys: %s', async (keys, words) => {
    const organization = withAnn(member('Operator'));
    const apiKeys = new Map(keys === undefined ? [] : [[organization.users.at(-1)?.id ?? '', keys]]);
    const planned = async (withApiKeys: boolean) =>
      shown(await planOf(organization, file('people', ann), { apiKeys, withApiKeys }));
    const blocked = [`blocked member: ${words} | --with-api-keys deletes them, too`];
    expect(await planned(false)).toEqual(ofBobs(blocked, 'not in people.yaml'));
    const remove = [`remove member: Operator on the organization; ${words}`];
    expect(await planned(true)).toEqual(ofBobs(remove, 'not in people.yaml'));
  });

  test('only the keys of those who would be removed need to be read', async () => {
    const organization = withAnn(member());
    organization.member('sso@example.com', [], { auth_type: 'AUTH_TYPE_SSO', invited: false });
    const [, bob] = organization.users;
    const about = question(organization, await read(file('people', ann)));
    expect(usersToRemove(about)).toEqual([bob?.id]);
    expect(usersToRemove({ ...about, desired: await read(file('roles', ann)) })).toEqual([]);
  });

  test('a day counts to its end, in UTC', async () => {
    const organization = withAnn(member('MetricsViewer'));
    const on = async (time: string) =>
      shown(await planOf(organization, file('none', until('2026-11-24')), { now: Date.parse(time) }));
    expect(await on('2026-11-24T23:59:59.999Z')).toEqual([]);
    expect(await on('2026-11-25T00:00:00Z')).toEqual([expect.stringMatching(/^remove bob/)]);
  });
});

describe('the roles of somebody who is wanted', () => {
  const held = member('MetricsViewer', 'Operator@environment=env-a');
  const revoke = 'revoke bob@example.com member: Operator on environment=env-a (line 6 does not have it)';
  const revokeViewer = 'revoke bob@example.com member: MetricsViewer on the organization (line 6 does not have it)';
  const grant = (role: string) => `grant bob@example.com member: ${role} on the organization (line 6)`;
  const until = (day: string) => `{ role: Operator, scope: env-a, until: 2026-11-${day} }`;

  test.each<[managed: string, roles: string, ...expected: string[]]>([
    ['none', ', roles: [MetricsViewer]'],
    ['roles', ', roles: [MetricsViewer]', revoke],
    ['people', ', roles: [MetricsViewer]', revoke],
    ['people', ''],
    ['none', ', roles: []'],
    ['roles', ', roles: []', revokeViewer, revoke],
    ['roles', ', roles: [MetricsViewer, Operator@env-a, Assigner]', grant('Assigner')],
    ['roles', ', roles: [OrganizationAdmin, MetricsViewer, Operator@env-a]', grant('OrganizationAdmin')],
    ['roles', `, roles: [MetricsViewer, ${until('25')}]`],
    ['none', `, roles: [MetricsViewer, ${until('24')}]`, revoke.replace(' does not have it', '; until 2026-11-24')],
    ['none', ', roles: [{ role: Assigner, until: 2026-11-24 }]'],
    ['none', ', roles: [{ role: MetricsViewer, until: 2026-11-24 }, MetricsViewer]'],
  ])('managed: %s%s', async (managed, roles, ...expected) => {
    const rows = await ofBob(held, managed, `  - { email: bob@example.com${roles} }`);
    expect(rows.filter((row) => !row.startsWith('keep'))).toEqual(expected);
  });

  test('a short scope, its full CRN and a team ask for one role', async () => {
    const full = `"Operator@${root}/environment=env-b"`;
    const line = `  - { email: bob@example.com, roles: [Operator@env-b, ${full}], teams: [t] }`;
    const rows = await ofBob(held, 'none', line, 'teams: { t: { roles: [Operator@env-b, Assigner] } }\n');
    expect(rows.slice(0, 2)).toEqual([
      'grant bob@example.com member: Assigner on the organization (team t, line 4)',
      'grant bob@example.com member: Operator on environment=env-b (line 7)',
    ]);
    expect(rows).toHaveLength(3);
  });

  test('%3A and : are the same', async () => {
    const place = 'environment=env-a/cloud-cluster=lkc-1/kafka=lkc-1';
    const line = '  - { email: bob@example.com, roles: ["DeveloperRead@env-a/lkc-1/topic=a:b"] }';
    const rows = await ofBob(member(`DeveloperRead@${place}/topic=a%3Ab`), 'people', line);
    expect(rows).toEqual(ofBobs([`keep member: DeveloperRead on ${place}/topic=a:b`]));
  });

  test('a role that is revoked is not among those that are kept', async () => {
    const rows = await ofBob(held, 'roles', '  - { email: bob@example.com, roles: [MetricsViewer] }');
    expect(rows).toEqual([revoke, 'keep bob@example.com member: MetricsViewer on the organization (line 6)']);
  });

  test('a role that is ignored is kept, at any scope or at one', async () => {
    const actions = async (ignore: string) =>
      (await ofBob(held, 'roles', bob, `ignore: [${ignore}]\n`)).map((row) => row.split(' ')[0]);
    expect(await actions('Operator')).toEqual(['keep']);
    expect(await actions('Operator@env-a')).toEqual(['keep']);
    expect(await actions('Operator@env-b')).toEqual(['revoke', 'keep']);
  });

  test('bindings that are listed twice count once, and two of one role go together', async () => {
    const organization = withAnn((o) => {
      const user = o.member('bob@example.com', ['Operator']);
      o.bind(user, 'Operator');
      o.bindings.push(...o.bindings);
    });
    const { rows } = await planOf(organization, file('roles', '  - { email: bob@example.com, roles: [] }'));
    expect(rows.filter(({ action }) => action === 'revoke').map(({ bindings }) => bindings?.length)).toEqual([2]);
  });
});

describe('who is nobody of the file', () => {
  test('other principals are counted and left alone', async () => {
    const organization = withAnn((o) => {
      for (const principal of ['User:sa-1', 'User:sa-1', 'User:pool-2', 'User:group-3', 'Group:x', 'User:12'])
        o.bind(principal, 'Operator');
    });
    const plan = await planOf(organization, file('people', ann));
    expect(shown(plan)).toEqual([]);
    const counts = { service_accounts: 1, identity_pools: 1, group_mappings: 2, others: 1 };
    expect(organization.observe().others).toEqual(counts);
  });

  test('a user whom nobody knows is a finding, until it is ignored', async () => {
    const organization = withAnn((o) => o.bind('u-ghost', 'Operator'));
    expect(shown(await planOf(organization, file('none', ann)))).toEqual([
      'orphan u-ghost nobody: 1 role binding (no user and no invitation has this id)',
    ]);
    expect(shown(await planOf(organization, file('none', ann, 'ignore: [u-ghost]\n')))).toEqual([]);
  });

  test('who is ignored by e-mail, domain or id is not removed', async () => {
    const organization = withAnn((o) => o.member('u-bob@b.co', ['Operator']));
    const user = organization.users.at(-1)?.id;
    for (const rule of ['U-BOB@b.co', 'u-bob@b.co', '"*@B.co"', user]) {
      expect(shown(await planOf(organization, file('people', ann, `ignore: [${rule}]\n`)))).toEqual([]);
    }
    const both = await planOf(organization, file('people', `${ann}\n  - u-bob@b.co`, `ignore: [${user}]\n`));
    expect(shown(both)).toEqual([`blocked u-bob@b.co member: is ${user} (line 7; ignored in line 4)`]);
  });

  test('an invitation and a user without an e-mail do not stop it', async () => {
    const organization = withAnn();
    organization.users.push({ id: 'u-x', email: '', auth_type: undefined });
    organization.invitations.push({ id: 'i-x' }, {});
    expect(shown(await planOf(organization, file('none', ann)))).toEqual([]);
  });
});

test('who is invited again is whom the answer names, and has the roles of nobody who is gone', async () => {
  const organization = withAnn((o) => {
    o.bind(o.invite('bob@example.com', { status: 'ACCEPTED' }), 'MetricsViewer');
    o.bind(o.invite('cyd@example.com', { status: 'EXPIRED', age: 5 }), 'MetricsViewer');
  });
  const cyd = '  - { email: cyd@example.com, roles: [MetricsViewer, Operator] }';
  const { rows } = await planOf(organization, file('none', `${bob}\n${cyd}`));
  expect(rows.map(({ action, email, role, user }) => [action, email[0], role?.role_name, user])).toEqual([
    ['reinvite', 'b', undefined, undefined],
    ['reinvite', 'c', undefined, undefined],
    ['grant', 'b', 'MetricsViewer', undefined],
    // Held by the user of the invitation that expired; a new one may name another user.
    ['grant', 'c', 'MetricsViewer', undefined],
    ['grant', 'c', 'Operator', undefined],
  ]);
  const [, unmanaged] = shown(await planOf(organization, file('none', '  - cyd@example.com')));
  const why = 'granted by the invitation that expired';
  expect(unmanaged).toBe(`grant cyd@example.com expired: MetricsViewer on the organization (${why})`);
});

test('a role of somebody whose user the API does not name is for a person to look at', async () => {
  const organization = withAnn(invited());
  organization.invitations = organization.invitations.map(({ user, ...rest }) =>
    rest.email === 'bob@example.com' ? rest : { ...rest, user },
  );
  const [row] = shown(await planOf(organization, file('none', bob)));
  const blocked = 'blocked bob@example.com pending: MetricsViewer on the organization cannot be granted';
  expect(row).toContain(`${blocked} (line 5; the API does not name`);
});

describe('a role that nobody knows', () => {
  const typo = '  - { email: bob@example.com, roles: [EnvAdmin@env-a, MetricsViewer] }';
  const withBob = () => withAnn(member('EnvironmentAdmin@environment=env-a'));

  test('keeps everything of that person as it is, and says what may be meant', async () => {
    expect(shown(await planOf(withBob(), file('roles', `${ann}\n${typo}`)))).toEqual([
      'blocked bob@example.com member: unknown role "EnvAdmin"; did you mean "EnvironmentAdmin", "KsqlAdmin" or "FlinkAdmin"? (line 6)',
    ]);
    const ofNobody = shown(await planOf(withAnn(), file('none', typo)));
    expect(ofNobody).toEqual([expect.stringMatching(/^blocked bob.* nobody: unknown/)]);
  });

  test('is known if somebody holds it, even a service account, or if that is allowed', async () => {
    const held = withBob();
    held.bind('sa-1', 'EnvAdmin@environment=env-b');
    expect(shown(await planOf(held, file('none', typo)))).toHaveLength(2);
    expect(shown(await planOf(withBob(), file('none', typo), { allowUnknownRoles: true }))).toHaveLength(2);
  });

  test('does not matter once it has ended', async () => {
    const past = '  - { email: bob@example.com, roles: [{ role: EnvAdmin, until: 2020-01-01 }, MetricsViewer] }';
    expect(shown(await planOf(withBob(), file('none', past)))).toHaveLength(1);
  });
});

test('nobody is invited for what has ended', async () => {
  const teams = 'teams: { t: { until: 2026-11-20, roles: [Operator] } }\n';
  const people = '  - { email: bob@example.com, teams: [t], roles: [{ role: MetricsViewer, until: 2026-10-01 }] }';
  const organization = withAnn((o) => o.invite('cyd@example.com', { status: 'EXPIRED', age: 5 }));
  const plan = await planOf(organization, file('none', `${people}\n${people.replace('bob', 'cyd')}`, teams));
  expect(shown(plan)).toEqual([]);
  expect(shown(plan, () => true)).toEqual([
    'keep bob@example.com nobody: not invited (line 6; everything ended on 2026-11-20)',
    'keep cyd@example.com expired: not invited (line 7; everything ended on 2026-11-20)',
  ]);
});

test.each([
  ['EXPIRED', 5, ''],
  ['DEACTIVATED', 5, ''],
  ['EXPIRED', 30, ', DataDiscovery@env-abc'],
])('who is %s since %s days and gets no mail loses what has ended, and what the file does not have', async (...how) => {
  const [status, age, more] = how;
  const organization = withAnn((o) => {
    const user = o.invite('bob@example.com', { status, age });
    for (const role of ['MetricsViewer', 'Operator']) o.bind(user, role);
  });
  const past = `  - { email: bob@example.com, roles: [{ role: MetricsViewer, until: 2020-01-01 }${more}] }`;
  const changes = async (managed: string) =>
    shown(await planOf(organization, file(managed, `${ann}\n${past}`)), isChange);
  const state = status.toLowerCase();
  const ended = `revoke bob@example.com ${state}: ${viewer} (line 6; until 2020-01-01)`;
  expect(await changes('none')).toEqual([ended]);
  const extra = `revoke bob@example.com ${state}: Operator on the organization (line 6 does not have it)`;
  expect(await changes('roles')).toEqual([ended, extra]);
});

test('who becomes an administrator, and foreign domains, come before everything else', async () => {
  const organization = withAnn(both(member('OrganizationAdmin'), (o) => o.member('cyd@example.com')));
  const people = `${ann}\n  - { email: cyd@example.com, roles: [AccountAdmin] }\n  - eve@evil.example\n  - deb@example.com`;
  const plan = await planOf(organization, file('people', people));
  expect(shown(plan).map((row) => row.split(':')[0])).toEqual([
    'invite eve@evil.example nobody',
    'grant cyd@example.com member',
    'remove bob@example.com member',
    'invite deb@example.com nobody',
  ]);
  const cyd = { email: 'cyd@example.com', role_name: 'AccountAdmin', crn_pattern: root };
  expect(plan.notice).toEqual({ new_admins: [cyd], foreign: ['eve@evil.example'] });
});

describe('a new address with the old one beside it', () => {
  const text = (managed: string) =>
    file(managed, `${ann}\n  - { email: bob@new.com, was: bob@old.com, roles: [MetricsViewer] }`);
  const withOld = (more: (organization: Organization) => void = () => {}) =>
    withAnn((o) => {
      o.member('bob@old.com', ['MetricsViewer']);
      more(o);
    });
  const of = async (organization: Organization, managed: string) =>
    shown(await planOf(organization, text(managed)), ({ action }) => action !== 'keep');

  test.each(['none', 'roles', 'people'])('is invited, the old one stays until they accept: %s', async (managed) => {
    const organization = withOld();
    expect(await of(organization, managed)).toEqual([
      'invite bob@new.com nobody: mail 1 (line 6)',
      'grant bob@new.com nobody: MetricsViewer on the organization (line 6)',
      'wait bob@old.com member: stays until bob@new.com has accepted (line 6)',
    ]);
    organization.bind(organization.invite('bob@new.com'), 'MetricsViewer');
    expect((await of(organization, managed)).map((row) => row.split(' ')[0])).toEqual(['wait', 'wait']);
  });

  test.each(['none', 'people'])('takes its place once they have: %s', async (managed) => {
    const accepted = withOld((o) => o.member('bob@new.com', ['MetricsViewer']));
    expect(await of(accepted, managed)).toEqual([
      'remove bob@old.com member: MetricsViewer on the organization; no API keys (line 6; is now bob@new.com)',
    ]);
    expect(shown(await planOf(accepted, `${text(managed)}ignore: [bob@old.com]\n`))).toEqual([]);
    const old = accepted.users.find((user) => user.email === 'bob@old.com')?.id ?? '';
    accepted.keys.set(old, ['ABCDEFGH12345678']);
    const blocked = 'blocked bob@old.com member: owns 1 API key: ABCD…5678';
    expect(await of(accepted, managed)).toEqual([expect.stringContaining(blocked)]);
    const input = { ...question(accepted, await read(text(managed))), apiKeys: new Map() };
    expect(usersToRemove(input)).toEqual([old]);
  });

  test('is nothing if the organization itself has changed the address, or never had the old one', async () => {
    const renamed = withAnn((o) => o.rename(o.member('bob@old.com', ['MetricsViewer']), 'bob@new.com'));
    const fresh = withAnn((o) => o.member('bob@new.com', ['MetricsViewer']));
    for (const organization of [renamed, fresh]) expect(await of(organization, 'people')).toEqual([]);
  });
});

test('a new address and the old one that goes are warned of', async () => {
  const organization = withAnn((o) => o.member('bob@a.com'));
  const plan = await planOf(organization, file('people', `${ann}\n  - bob@b.com`));
  expect(shown(plan).map((row) => row.split(' ')[0])).toEqual(['invite', 'remove']);
  const keep = 'keep the old line until the new address has accepted';
  expect(plan.warnings).toEqual([`if bob@a.com and bob@b.com are one person: ${keep}`]);
});

describe('a member whose address changed since the invitation', () => {
  const renamed = withAnn((o) => o.rename(o.member('bob@example.com', ['MetricsViewer']), 'rob@example.com'));

  test.each([
    ['bob@example.com', 'the old one'],
    ['ROB@example.com', 'the present one'],
  ])('is listed as %s, %s, and nothing changes', async (email) => {
    const line = `  - { email: ${email}, roles: [MetricsViewer] }`;
    expect(shown(await planOf(renamed, file('people', `${ann}\n${line}`)))).toEqual([]);
  });

  test('goes under the present one, both are shown', async () => {
    const { rows } = await planOf(renamed, file('people', ann));
    const gone = { email: 'rob@example.com', invited_as: 'bob@example.com', state: 'member' };
    expect(rows.filter(({ action }) => action === 'remove')).toMatchObject([gone]);
  });

  test('is a finding if listed under both', async () => {
    const both = '  - { email: bob@example.com, roles: [] }\n  - { email: rob@example.com, roles: [MetricsViewer] }';
    const rows = shown(await planOf(renamed, file('none', `${ann}\n${both}`)));
    expect(rows).toEqual(['ambiguous rob@example.com member: "rob@example.com" is the person of line 6 (line 7)']);
  });

  test('is not the person who has the old address now', async () => {
    const reused = new Organization();
    reused.rename(reused.member('bob@example.com', ['OrganizationAdmin']), 'ann@example.com');
    reused.member('bob@example.com', ['MetricsViewer']);
    expect(shown(await planOf(reused, file('people', `${ann}\n${bob}`)))).toEqual([]);
  });
});
