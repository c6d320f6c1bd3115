import { describe, expect, test } from 'vitest';
import { CliError } from '../../src/errors.ts';
import {
  checkSafety,
  defaultLimits,
  type Limits,
  observationProblem,
  refusalsOf,
} from '../../src/membership/safety.ts';
import { file, Organization, planOf } from './organization.ts';

const admin = (email: string) => `  - { email: ${email}, roles: [OrganizationAdmin] }`;

/** Two administrators, ann and deb, and as many others. */
function organizationOf(others: number): Organization {
  const organization = new Organization();
  for (const name of ['ann', 'deb']) organization.member(`${name}@example.com`, ['OrganizationAdmin']);
  for (let number = 1; number <= others; number += 1) organization.member(`p${number}@example.com`, ['Operator']);
  return organization;
}

const userOf = (organization: Organization, name: string) =>
  organization.users.find(({ email }) => email.startsWith(name))?.id ?? '';

interface Attempt {
  readonly limits?: Partial<Limits>;
  readonly caller?: string | undefined;
}

async function refusals(organization: Organization, text: string, attempt: Attempt = {}): Promise<string[]> {
  const caller = 'caller' in attempt ? attempt.caller : userOf(organization, 'ann');
  const limits = { ...defaultLimits, ...attempt.limits };
  return refusalsOf(await planOf(organization, text), organization.observe(), { limits, caller });
}

const everybody = ({ users }: Organization) => users.map(({ email }) => email);
const listing = (emails: readonly string[]) => emails.map((email) => `  - ${email}`).join('\n');

describe('the person who runs it', () => {
  test('is not removed', async () => {
    const text = file('people', `${admin('deb@example.com')}\n${admin('new@example.com')}`);
    expect(await refusals(organizationOf(0), text, { limits: { min_admins: 0 } })).toEqual([
      'it removes ann@example.com, who runs this',
    ]);
  });

  test.each(['OrganizationAdmin', 'AccountAdmin'])('keeps %s', async (role) => {
    const organization = organizationOf(3);
    organization.bind(userOf(organization, 'ann'), 'AccountAdmin');
    const kept = role === 'AccountAdmin' ? 'OrganizationAdmin' : 'AccountAdmin';
    const text = file('roles', `  - { email: ann@example.com, roles: [${kept}] }`);
    expect(await refusals(organization, text, { limits: { min_admins: 1 } })).toEqual([
      `it revokes ${role} on the organization from ann@example.com, who runs this`,
    ]);
    const deb = file('roles', '  - { email: deb@example.com, roles: [] }');
    expect(await refusals(organization, deb, { limits: { min_admins: 1 } })).toEqual([]);
  });

  test.each([['owns API keys'], ['is a member by SSO'], ['has ended']])(
    'is named even if they are kept since she %s',
    async (why) => {
      const organization = organizationOf(0);
      const [ann] = organization.users;
      if (ann === undefined) throw new Error('no ann');
      if (why === 'owns API keys') organization.keys.set(ann.id, ['KEY0000001']);
      if (why === 'is a member by SSO') {
        organization.users[0] = { ...ann, auth_type: 'AUTH_TYPE_SSO' };
        organization.invitations = [];
      }
      const past = why === 'has ended' ? '\n  - { email: ann@example.com, until: 2020-01-01 }' : '';
      if (past !== '') organization.keys.set(ann.id, 'unreadable');
      const words = past === '' ? 'not in people.yaml' : 'line 6';
      const text = file('people', `${admin('deb@example.com')}${past}`);
      expect(await refusals(organization, text, { caller: ann.id })).toEqual([
        `ann@example.com, who runs this, is ${words}, and would be removed`,
      ]);
    },
  );

  test('may be a service account', async () => {
    const organization = organizationOf(1);
    const text = file('people', listing(everybody(organization).slice(0, 2)));
    expect(await refusals(organization, text, { caller: 'sa-1' })).toEqual([]);
  });

  test('is asked for if it is not known and somebody is removed, and then spared', async () => {
    const organization = organizationOf(1);
    const text = file('people', listing(everybody(organization).slice(0, 2)));
    const unknown = { caller: undefined };
    expect(await refusals(organization, text, unknown)).toEqual([
      'the API does not say who owns the API key; --self <email|u-…> names the person whom the plan must not remove',
    ]);
    expect(await refusals(organization, text, { ...unknown, limits: { self: 'ANN@example.com' } })).toEqual([]);
    expect(await refusals(organization, text, { ...unknown, limits: { self: userOf(organization, 'ann') } })).toEqual(
      [],
    );
    expect(await refusals(organization, text, { ...unknown, limits: { self: 'nobody@example.com' } })).toEqual([
      '--self names "nobody@example.com", who is not in the organization',
    ]);
    for (const self of ['sa-abc', 'pool-abc'])
      expect(await refusals(organization, text, { ...unknown, limits: { self } })).toEqual([]);
    expect(await refusals(organization, text, { caller: 'pool-abc' })).toEqual([]);
    for (const self of ['p1@example.com', userOf(organization, 'p1')]) {
      expect(await refusals(organization, text, { ...unknown, limits: { self } })).toEqual([
        'it removes p1@example.com, who runs this',
      ]);
    }
    expect(await refusals(organization, file('none', listing(['new@example.com'])), unknown)).toEqual([]);
  });
});

describe('administrators', () => {
  const swapped = file('people', `${admin('deb@example.com')}\n${admin('x@example.com')}\n${admin('y@example.com')}`);

  test('who are pending do not stand in for those who go', async () => {
    const organization = organizationOf(0);
    for (const email of ['x@example.com', 'y@example.com'])
      organization.bind(organization.invite(email), 'OrganizationAdmin');
    expect(await refusals(organization, swapped, { caller: 'sa-1' })).toEqual([
      'it leaves 1 of 2 members who hold OrganizationAdmin, and at least 2 must remain (--min-admins); ' +
        'pending people, service accounts and group mappings do not count',
    ]);
    expect(await refusals(organization, swapped, { caller: 'sa-1', limits: { min_admins: 1 } })).toEqual([]);
  });

  test('who are members do', async () => {
    const organization = organizationOf(0);
    for (const email of ['x@example.com', 'y@example.com']) organization.member(email);
    expect(await refusals(organization, swapped, { caller: 'sa-1' })).toEqual([]);
  });

  test('by group mapping are not seen, and the refusal says so', async () => {
    const organization = organizationOf(0);
    organization.bind('Group:admins', 'OrganizationAdmin');
    const text = file('roles', '  - { email: deb@example.com, roles: [] }');
    expect(await refusals(organization, text)).toEqual([
      expect.stringContaining('group mappings (there are 1) do not count'),
    ]);
  });

  test('are counted for the whole organization only, with the role itself', async () => {
    const organization = organizationOf(1);
    const user = userOf(organization, 'p1');
    organization.bind(user, 'OrganizationAdmin@environment=env-a');
    organization.bind(user, 'AccountAdmin');
    expect(await refusals(organization, file('roles', '  - { email: deb@example.com, roles: [] }'))).toHaveLength(1);
  });

  test('one alone may not be lost, and does not stop what concerns others', async () => {
    const organization = new Organization();
    organization.member('ann@example.com', ['OrganizationAdmin']);
    organization.member('p1@example.com', ['Operator']);
    expect(await refusals(organization, file('people', admin('ann@example.com')), { caller: 'sa-1' })).toEqual([]);
    expect(await refusals(organization, file('people', '  - p1@example.com'), { caller: 'sa-1' })).toEqual([
      expect.stringContaining('it leaves 0 of 1 members'),
    ]);
  });
});

describe('how many lose access', () => {
  test.each([
    [20, 3, undefined, 0],
    [20, 4, undefined, 1],
    [20, 4, 4, 0],
    [20, 4, 0, 1],
    [49, 4, undefined, 0],
    [49, 5, undefined, 1],
  ])('of %i people, %i may go with --max-removals %s: %i refusals', async (size, gone, max_removals, count) => {
    const organization = organizationOf(size - 2);
    const text = file('people', listing(everybody(organization).slice(0, size - gone)));
    const limits = max_removals === undefined ? {} : { max_removals };
    expect(await refusals(organization, text, { limits })).toHaveLength(count);
  });

  test('withdrawals count, and say what allows them', async () => {
    const organization = organizationOf(0);
    for (let number = 1; number <= 12; number += 1) organization.invite(`q${number}@example.com`);
    expect(await refusals(organization, file('people', listing(everybody(organization))))).toEqual([
      '12 of 14 people would lose access, at most 3 may; --max-removals 12 allows it',
    ]);
  });
});

test.each([
  [10, 0, undefined, 0],
  [11, 0, undefined, 1],
  [11, 0, 11, 0],
  [12, 36, undefined, 0],
  [13, 36, undefined, 1],
])(
  '%i revocations beside %i roles that stay, --max-revocations %s: %i refusals',
  async (extra, kept, max_revocations, count) => {
    const organization = organizationOf(1);
    const user = userOf(organization, 'p1');
    organization.bindings = organization.bindings.filter(({ principal }) => principal !== `User:${user}`);
    const roles = Array.from({ length: extra + kept }, (_, number) => `environment=env-${number}`);
    for (const place of roles) organization.bind(user, `Operator@${place}`);
    const listed = roles.slice(extra).map((place) => `Operator@${place.replace('environment=', '')}`);
    const text = file('roles', `  - { email: p1@example.com, roles: [${listed.join(', ')}] }`);
    expect(
      await refusals(organization, text, { limits: max_revocations === undefined ? {} : { max_revocations } }),
    ).toHaveLength(count);
  },
);

test('all refusals are told at once, with exit code 7', async () => {
  const organization = organizationOf(10);
  const plan = await planOf(organization, file('people', '  - new@example.com'));
  const check = () =>
    checkSafety({
      ...{ plan, observed: organization.observe() },
      ...{ limits: defaultLimits, caller: userOf(organization, 'ann') },
    });
  expect(check).toThrow(expect.objectContaining({ code: 'unsafe_plan', exitCode: 7 }));
  try {
    check();
  } catch (error) {
    expect(error instanceof CliError && error.details.reason?.split('\n')).toHaveLength(3);
  }
  const harmless = await planOf(organization, file('none', '  - new@example.com'));
  expect(refusalsOf(harmless, organization.observe(), { limits: defaultLimits, caller: undefined })).toEqual([]);
});

test('a list of users that is empty or lacks the caller is no observation', () => {
  const users = [{ id: 'u-1', email: 'ann@example.com', auth_type: undefined }];
  expect(observationProblem([], 'sa-1')).toContain('is empty');
  expect(observationProblem(users, 'u-2')).toContain('does not contain u-2');
  for (const caller of ['u-1', 'sa-1', undefined]) expect(observationProblem(users, caller)).toBeUndefined();
});
