import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldEmail } from '../../src/api/email.ts';
import { isAdminRole } from '../../src/api/roles.ts';
import { decide } from '../../src/membership/decide.ts';
import { changesOf } from '../../src/membership/plan.ts';
import { adminsAfter, defaultLimits, refusalsOf } from '../../src/membership/safety.ts';
import { personStates } from '../../src/sandbox/state.ts';
import { apply, openMembershipApi, owner, planned, root } from './api.ts';
import { file, Organization, planOf, question, read } from './organization.ts';

const emails = Array.from({ length: 8 }, (_, number) => `p${number}@example.com`);
const email = fc.constantFrom(...emails);
const places = ['', '@environment=env-a', '@environment=env-a/cloud-cluster=lkc-1'];
const bound = fc
  .tuple(fc.constantFrom('OrganizationAdmin', 'AccountAdmin', 'Operator', 'MetricsViewer'), fc.constantFrom(...places))
  .map(([name, place]) => `${name}${place}`);
const typed = (role: string) => role.replace('@environment=', '@').replace('cloud-cluster=', '');

const story = fc.record({
  email,
  roles: fc.array(bound, { maxLength: 3 }),
  fate: fc.constantFrom(
    'member',
    'member',
    'member',
    'sso',
    'SENT',
    'STAGED',
    'EXPIRED',
    'DEACTIVATED',
    'ACCEPTED',
    'FROZEN',
  ),
  age: fc.integer({ min: 0, max: 20 }),
  keys: fc.constantFrom([], [], [], ['ABCDEFGH12345678'], 'unreadable' as const),
});

const organizations = fc.array(story, { minLength: 1, maxLength: 10 }).map((stories) => {
  const organization = new Organization();
  organization.member('caller@example.com', ['OrganizationAdmin']);
  for (const { email: address, roles, fate, age, keys } of stories) {
    if (fate === 'member' || fate === 'sso') {
      const user = organization.member(
        address,
        roles,
        fate === 'sso' ? { auth_type: 'AUTH_TYPE_SSO', invited: false } : {},
      );
      organization.keys.set(user, keys);
    } else {
      const user = organization.invite(address, { status: fate, age });
      // A user who is gone has no roles.
      if (fate !== 'ACCEPTED') for (const role of roles) organization.bind(user, role);
    }
  }
  return organization;
});

const end = fc.constantFrom('', '', '', ', until: 2026-01-01', ', until: 2027-01-01');
const listedRoles = fc.array(fc.tuple(bound, end), { maxLength: 3 }).map((roles) => {
  const items = roles.map(([role, until]) => `{ role: "${typed(role)}"${until} }`);
  return `, roles: [${items.join(', ')}]`;
});
const entry = fc.record({ email, roles: fc.oneof(fc.constant(''), listedRoles), until: end });
const files = fc
  .record({
    managed: fc.constantFrom('none', 'roles', 'people'),
    people: fc.uniqueArray(entry, { selector: (one) => one.email, maxLength: 8 }),
    listsCaller: fc.boolean(),
    ignore: fc.constantFrom('', '', 'ignore: ["BillingAdmin", "x@example.com", u-2]\n'),
    auth_type: fc.constantFrom('', '', 'auth_type: sso\n'),
  })
  .map(({ managed, people, listsCaller, ignore, auth_type }) => {
    const lines = people.map((one) => `  - { email: ${one.email}${one.roles}${one.until} }`);
    const caller = '  - { email: caller@example.com, roles: [OrganizationAdmin] }';
    return {
      managed,
      lines,
      listed: new Set(people.map((one) => one.email)),
      past: new Set(people.filter(({ until }) => until.includes('2026')).map((one) => one.email)),
      text: file(
        managed,
        [...(listsCaller || lines.length === 0 ? [caller] : []), ...lines].join('\n'),
        ignore + auth_type,
      ),
    };
  });

const limits = { ...defaultLimits, max_removals: 100, max_revocations: 100 };

test('who loses access was named or everybody is managed, and has no API keys', async () => {
  await fc.assert(
    fc.asyncProperty(organizations, files, async (organization, { text, managed, listed, past }) => {
      const users = new Map(organization.users.map((user) => [user.id, user]));
      for (const { action, email: address, user = '' } of changesOf(await planOf(organization, text))) {
        if (action !== 'remove' && action !== 'withdraw') continue;
        const isNamed = past.has(foldEmail(address));
        expect(isNamed || (managed === 'people' && !listed.has(foldEmail(address)))).toBe(true);
        if (action !== 'remove') continue;
        expect(organization.keys.get(user)).toEqual([]);
        expect(users.has(user)).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});

test('a plan that is not refused spares the person who runs it, and leaves administrators', async () => {
  let safe = 0;
  await fc.assert(
    fc.asyncProperty(organizations, files, async (organization, { text }) => {
      const caller = organization.users[0]?.id ?? '';
      const observed = organization.observe();
      const plan = decide(question(organization, await read(text)));
      const before = adminsAfter([], observed).length;
      if (refusalsOf({ plan, observed, limits, caller }).length > 0) return;
      safe += 1;
      const changes = changesOf(plan);
      const harmful = changes.filter(({ action, user, role }) => {
        const isTaken = action === 'remove' || (action === 'revoke' && isAdminRole(role?.role_name ?? ''));
        return user === caller && isTaken;
      });
      expect(harmful).toEqual([]);
      expect(adminsAfter(changes, observed).length).toBeGreaterThanOrEqual(Math.min(2, before));
    }),
    { numRuns: 60 },
  );
  expect(safe).toBeGreaterThan(25);
});

test('a plan does not depend on the order of what was read', async () => {
  await fc.assert(
    fc.asyncProperty(organizations, files, async (organization, { text }) => {
      const plan = await planOf(organization, text);
      organization.users.reverse();
      organization.bindings.reverse();
      const shown = (rows: typeof plan.rows) =>
        rows.map(({ action, email: address, what, why }) => [action, address, what, why]);
      const sorted = (await planOf(organization, text)).rows;
      expect(shown(sorted).filter(([action]) => action !== 'ambiguous')).toEqual(
        shown(plan.rows).filter(([action]) => action !== 'ambiguous'),
      );
    }),
    { numRuns: 50 },
  );
});

const crn = (role: string) => {
  const [role_name = '', place] = role.split('@');
  return { role_name, crn_pattern: place === undefined ? root : `${root}/${place}` };
};
const seeds = fc.record({
  name: fc.integer({ min: 0, max: 6 }),
  state: fc.constantFrom(...personStates),
  roles: fc.uniqueArray(bound, { maxLength: 2 }).map((roles) => roles.map(crn)),
  api_keys: fc.constantFrom(0, 0, 0, 1),
  renamed: fc.constantFrom(false, false, true),
});

test('a plan that is carried out leaves nothing to change', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(seeds, { selector: ({ name }) => name, maxLength: 6 }),
      files,
      fc.constantFrom('', '--with-api-keys'),
      async (seeded, { managed, lines }, keys) => {
        const people = seeded.map(({ name, renamed, ...seed }) => ({
          ...seed,
          email: `p${name}@example.com`,
          user: `u-p${name}`,
          ...(renamed && seed.state === 'accepted' ? { invited_as: `old${name}@example.com` } : {}),
        }));
        const api = await openMembershipApi({ people });
        // The API refuses these roles on anything smaller than the organization.
        const listed = lines.map((line) => line.replace(/(\w+Admin|MetricsViewer)@[^"]*/g, '$1'));
        const words = `${api.file(managed, [owner, ...listed].join('\n'))} --max-removals 99 --min-admins 0 ${keys}`;
        const { code, outcomes } = await apply(api, `${words} --max-revocations 99 --allow-admins`);
        const { rows } = await planned(api, words);
        const findings = rows.filter((row) => /^(?:blocked|differs|gave_up|ambiguous|unknown|orphan) /.test(row));
        expect(
          rows.filter((row) => !/^(?:wait|keep) /.test(row)),
          outcomes.join('\n'),
        ).toEqual(findings);
        expect(code).toBe(findings.length > 0 ? 10 : 0);
      },
    ),
    { numRuns: 25 },
  );
});
