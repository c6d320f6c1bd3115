import { describe, expect, test } from 'vitest';
import {
  checkSafety,
  defaultLimits,
  type Limits,
  observationProblem,
  refusalsOf,
} from '../../src/membership/safety.ts';
import { failureIn } from '../support/failures.ts';
import { file, Organization, planOf } from './organization.ts';

const admin = (name: string) => `  - { email: ${name}@example.com, roles: [OrganizationAdmin] }`;
const noRoles = (name: string) => `  - { email: ${name}@example.com, roles: [] }`;

/** Two administrators, ann and deb, and as many others. */
function organizationOf(others: number): Organization {
  const organization = new Organization();
  for (const name of ['ann', 'deb']) organization.member(`${name}@example.com`, ['OrganizationAdmin']);
  for (let number = 1; number <= others; number += 1) organization.member(`p${number}@example.com`, ['Operator']);
  return organization;
}

/** The id of somebody in every such organization. */
const userOf = (name: string) => organizationOf(9).users.find(({ email }) => email.startsWith(name))?.id ?? '';
const ann = userOf('ann');
const p1 = userOf('p1');

interface Attempt {
  /** Beside ann and deb; none if left out. */
  readonly others?: number;
  /** What else there is. */
  readonly more?: (organization: Organization) => void;
  readonly limits?: Partial<Limits>;
  readonly caller?: string | undefined;
}

async function refusals(managed: string, people: readonly string[], attempt: Attempt = {}): Promise<string[]> {
  const caller = 'caller' in attempt ? attempt.caller : ann;
  const organization = organizationOf(attempt.others ?? 0);
  attempt.more?.(organization);
  const limits = { ...defaultLimits, ...attempt.limits };
  const plan = await planOf(organization, file(managed, people.join('\n')));
  return refusalsOf({ plan, observed: organization.observe(), limits, caller });
}

/** The first so many of ann, deb, and the others. */
const listing = (count: number) =>
  organizationOf(count)
    .users.slice(0, count)
    .map(({ email }) => `  - ${email}`);

describe('the person who runs it', () => {
  test('is not removed', async () => {
    const refused = await refusals('people', [admin('deb'), admin('new')], { limits: { min_admins: 0 } });
    expect(refused).toEqual(['it removes ann@example.com, who runs this']);
  });

  test.each([
    ['OrganizationAdmin', 'AccountAdmin'],
    ['AccountAdmin', 'OrganizationAdmin'],
  ])('keeps %s', async (role, kept) => {
    const attempt: Attempt = { more: (o) => o.bind(ann, 'AccountAdmin'), limits: { min_admins: 1 } };
    expect(await refusals('roles', [`  - { email: ann@example.com, roles: [${kept}] }`], attempt)).toEqual([
      `it revokes ${role} on the organization from ann@example.com, who runs this`,
    ]);
    expect(await refusals('roles', [noRoles('deb')], attempt)).toEqual([]);
  });

  const bySso = (o: Organization) => {
    o.users = o.users.map((user) => (user.id === ann ? { ...user, auth_type: 'AUTH_TYPE_SSO' } : user));
    o.invitations = [];
  };
  const ended = ['  - { email: ann@example.com, until: 2020-01-01 }'];
  test.each<[name: string, more: NonNullable<Attempt['more']>, place: string, listed: readonly string[]]>([
    ['owns API keys', (o) => o.keys.set(ann, ['KEY0000001']), 'not in people.yaml', []],
    ['is a member by SSO', bySso, 'not in people.yaml', []],
    ['may own API keys and has ended', (o) => o.keys.set(ann, 'unreadable'), 'line 6', ended],
  ])('is named even if they are kept since she %s', async (_, more, place, listed) => {
    const refused = await refusals('people', [admin('deb'), ...listed], { more });
    expect(refused).toEqual([`ann@example.com, who runs this, would be removed (${place})`]);
  });

  const removesP1 = 'it removes p1@example.com, who runs this';
  const asks =
    'the API does not say whose the API key or token is; --self <email|u-…> names the person whom the plan must not remove';
  const stranger = '--self names "nobody@example.com", who is not in the organization';
  test.each<[caller: string | undefined, self: string | undefined, ...expected: string[]]>([
    ['sa-1', undefined],
    ['pool-abc', undefined],
    [undefined, undefined, asks],
    [undefined, 'ANN@example.com'],
    [undefined, ann],
    [undefined, 'nobody@example.com', stranger],
    [undefined, 'sa-abc'],
    [undefined, 'pool-abc'],
    [undefined, 'p1@example.com', removesP1],
    [undefined, p1, removesP1],
  ])('is %s, and with --self %s, when p1 is removed', async (caller, self, ...expected) => {
    expect(await refusals('people', listing(2), { others: 1, caller, limits: { self } })).toEqual(expected);
  });

  test('need not be known where nobody is removed', async () => {
    expect(await refusals('none', ['  - new@example.com'], { caller: undefined })).toEqual([]);
  });
});

describe('administrators', () => {
  const swapped = [admin('deb'), admin('x'), admin('y')];
  const caller = 'sa-1';

  test('who are pending do not stand in for those who go', async () => {
    const more = (o: Organization) => {
      for (const name of ['x', 'y']) o.bind(o.invite(`${name}@example.com`), 'OrganizationAdmin');
    };
    expect(await refusals('people', swapped, { caller, more })).toEqual([
      'it leaves 1 of 2 members who hold OrganizationAdmin, and at least 2 must remain (--min-admins); ' +
        'pending people, service accounts and group mappings do not count',
    ]);
    expect(await refusals('people', swapped, { caller, more, limits: { min_admins: 1 } })).toEqual([]);
  });

  test('who are members do', async () => {
    const more = (o: Organization) => {
      for (const name of ['x', 'y']) o.member(`${name}@example.com`);
    };
    expect(await refusals('people', swapped, { caller, more })).toEqual([]);
  });

  test('by group mapping are not seen, and the refusal says so', async () => {
    const more = (o: Organization) => o.bind('Group:admins', 'OrganizationAdmin');
    const refused = await refusals('roles', [noRoles('deb')], { more });
    expect(refused).toEqual([expect.stringContaining('group mappings (there are 1) do not count')]);
  });

  test('are counted for the whole organization only, with the role itself', async () => {
    const more = (o: Organization) => {
      for (const role of ['OrganizationAdmin@environment=env-a', 'AccountAdmin']) o.bind(p1, role);
    };
    expect(await refusals('roles', [noRoles('deb')], { others: 1, more })).toHaveLength(1);
  });

  test('one alone may not be lost, and does not stop what concerns others', async () => {
    const more = (o: Organization) => {
      o.bindings = o.bindings.filter(({ principal }) => principal === `User:${ann}`);
    };
    expect(await refusals('people', [admin('ann')], { caller, more })).toEqual([]);
    const refused = await refusals('people', [noRoles('deb')], { caller, more });
    expect(refused).toEqual([expect.stringContaining('it leaves 0 of 1 members')]);
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
    const attempt = { others: size - 2, limits: { max_removals } };
    expect(await refusals('people', listing(size - gone), attempt)).toHaveLength(count);
  });

  test('withdrawals count, and say what allows them', async () => {
    const more = (o: Organization) => {
      for (let number = 1; number <= 12; number += 1) o.invite(`q${number}@example.com`);
    };
    const allowed = 'at most 3 may; --max-removals 12 allows it';
    expect(await refusals('people', listing(2), { more })).toEqual([`12 of 14 people would lose access, ${allowed}`]);
  });
});

test.each([
  [10, 0, undefined, 0],
  [11, 0, undefined, 1],
  [11, 0, 11, 0],
  [12, 36, undefined, 0],
  [13, 36, undefined, 1],
])('%i revocations beside %i roles that stay, --max-revocations %s: %i refusals', async (extra, kept, most, count) => {
  const roles = Array.from({ length: extra + kept }, (_, number) => `environment=env-${number}`);
  const more = (o: Organization) => {
    o.bindings = o.bindings.filter(({ principal }) => principal !== `User:${p1}`);
    for (const place of roles) o.bind(p1, `Operator@${place}`);
  };
  const listed = roles.slice(extra).map((place) => `Operator@${place.replace('environment=', '')}`);
  const people = [`  - { email: p1@example.com, roles: [${listed.join(', ')}] }`];
  expect(await refusals('roles', people, { others: 1, more, limits: { max_revocations: most } })).toHaveLength(count);
});

test('all refusals are told at once, with exit code 7', async () => {
  const organization = organizationOf(10);
  const plan = await planOf(organization, file('people', '  - new@example.com'));
  const judged = { plan, observed: organization.observe(), limits: defaultLimits, caller: ann };
  const error = failureIn(() => checkSafety(judged));
  expect(error).toMatchObject({ code: 'unsafe_plan', exitCode: 7 });
  expect(error.details.reason?.split('\n')).toHaveLength(3);
});

test('a list of users that is empty or lacks the caller is no observation', () => {
  const users = [{ id: 'u-1', email: 'ann@example.com', auth_type: undefined }];
  expect(observationProblem([], 'sa-1')).toContain('is empty');
  expect(observationProblem(users, 'u-2')).toContain('does not contain u-2');
  for (const caller of ['u-1', 'sa-1', undefined]) expect(observationProblem(users, caller)).toBeUndefined();
});
