// What a person is to the organization, and what the file says of them: what a plan shows, and what apply sends for it.
import { expect, test } from 'vitest';
import type { OrganizationSeed, PersonSeed, Settings } from '../../src/sandbox/sandbox.ts';
import { type Hook, line, type MembershipApi, openMembershipApi, owner, root } from './api.ts';

const day = 86_400_000;
const ago = (days: number) => new Date(Date.now() - days * day).toISOString();
const dayOf = (time: string) => time.slice(0, 10);
const yesterday = dayOf(ago(1));

const bob = (more: Partial<PersonSeed> = {}): PersonSeed => ({ email: 'bob@example.com', user: 'u-bob', ...more });
const pending = (more: Partial<PersonSeed> = {}) => bob({ state: 'pending', ...more });
/** Of an invitation that was made so many days ago, and lasted three. */
const expired = (age: number, more: Partial<PersonSeed> = {}) =>
  bob({ state: 'expired', created_at: ago(age), ...more });
const held = bob({
  state: 'member',
  roles: ['MetricsViewer', { role_name: 'Operator', crn_pattern: `${root}/environment=env-a` }],
});
const operator = 'revoke bob@example.com: Operator on environment=env-a (line 6 does not have it)';
const topic = 'DeveloperRead@env-a/lkc-1/topic';
const topicCrn = `${root}/environment=env-a/cloud-cluster=lkc-1/kafka=lkc-1/topic`;

interface Situation {
  readonly people?: readonly PersonSeed[];
  readonly role_bindings?: OrganizationSeed['role_bindings'];
  readonly switches?: Partial<Settings>;
  readonly hook?: Hook;
  /** `none` if it does not matter. */
  readonly managed?: 'none' | 'roles' | 'people';
  /** What is listed below the caller, from line 6 on. */
  readonly listed?: string;
  /** More keys of the file, which push the people down. */
  readonly more?: string;
  readonly flags?: string;
  /** The exit code of apply; 0 if it is not said. */
  readonly code?: number;
  /** What a plan shows: action, e-mail, what, why. */
  readonly plan?: readonly string[];
  /** The requests of apply that are no GET. */
  readonly sent?: readonly string[];
  /** What stderr of a plan tells besides. */
  readonly told?: string;
}

/** Has the API show the status of each invitation as one that nobody knows. */
const frozen: Hook = async (request, response, honest) => {
  if (!/^GET \/iam\/v2\/invitations/.test(request)) return undefined;
  const { status, body } = await honest();
  response.writeHead(status);
  response.end(Buffer.from(body).toString().replaceAll('INVITE_STATUS_SENT', 'INVITE_STATUS_FROZEN'));
  return true;
};

/** `POST role-bindings u-bob MetricsViewer`, `DELETE users/u-bob`; the ids of what the API named itself are left out. */
function shortly(request: string): string {
  const [, method = '', path = '', body = ''] = /^(\w+) \/iam\/v2\/(\S+) (.*)$/s.exec(request) ?? [];
  const { principal = '', role_name = '', email = '' } = body === '' ? {} : JSON.parse(body);
  return [method, path.replace(/\/(?:rb|i)-.*/, ''), principal.replace('User:', ''), role_name, email]
    .filter((word) => word !== '')
    .join(' ');
}

async function planned(api: MembershipApi, words: string) {
  const { code, stdout, stderr } = await api.invite(`plan ${words} --expect-no-changes -o ndjson`);
  const shown = stdout.split('\n').filter((text) => text !== '');
  const rows = shown
    .map((text) => JSON.parse(text) as Record<'action' | 'email' | 'what' | 'why', string>)
    .map(({ action, email, what, why }) => `${action} ${email}: ${what} (${why})`);
  const table = await api.invite(`plan ${words}`);
  return { code, rows, stderr, told: table.stderr };
}

const isQuiet = (row: string) => /^(?:wait|keep|elsewhere) /.test(row);

test.each<[name: string, situation: Situation]>([
  [
    'new: invited once, the roles go to the user of the invitation',
    {
      listed: line('bob', 'MetricsViewer', 'DataDiscovery@env-a'),
      plan: [
        'invite bob@example.com: mail 1 (line 6)',
        'grant bob@example.com: DataDiscovery on environment=env-a (line 6)',
        'grant bob@example.com: MetricsViewer on the organization (line 6)',
      ],
      sent: [
        'POST invitations bob@example.com',
        'POST role-bindings u-… DataDiscovery',
        'POST role-bindings u-… MetricsViewer',
      ],
    },
  ],
  [
    'pending and wanted: no mail, the missing role before they accept',
    {
      people: [pending()],
      listed: line('bob', 'MetricsViewer'),
      plan: [
        'grant bob@example.com: MetricsViewer on the organization (line 6)',
        expect.stringMatching(/^wait bob@example.com: expires /),
      ],
      sent: ['POST role-bindings u-bob MetricsViewer'],
    },
  ],
  [
    'pending and unwanted: withdrawn, and the role revoked',
    {
      people: [pending({ roles: ['Operator'] })],
      managed: 'people',
      plan: [
        expect.stringMatching(/^withdraw bob@example.com: invitation i-\w+ \(not in people.yaml\)$/),
        'revoke bob@example.com: Operator on the organization (not in people.yaml)',
      ],
      sent: ['DELETE invitations'],
    },
  ],
  [
    'pending and not listed, where people are not managed',
    { people: [pending({ roles: ['Operator'] })], managed: 'roles' },
  ],
  [
    'expired a day ago, first invited four days ago: mailed again',
    {
      people: [expired(4)],
      listed: line('bob'),
      plan: [`reinvite bob@example.com: mail 2 (line 6; expired ${yesterday})`],
      sent: ['POST invitations bob@example.com'],
    },
  ],
  [
    'past its expiry, which the API has not noticed: mailed again',
    {
      people: [expired(4, { expires_at: ago(1) })],
      switches: { expiry_lag: 30 * day },
      listed: line('bob'),
      plan: [`reinvite bob@example.com: mail 2 (line 6; expired ${yesterday})`],
      sent: ['POST invitations bob@example.com'],
    },
  ],
  [
    'expired, first invited 15 days ago: given up',
    {
      people: [expired(15)],
      listed: line('bob'),
      code: 10,
      plan: [`gave_up bob@example.com: invited once, first on ${dayOf(ago(15))} (line 6; expired ${dayOf(ago(12))})`],
    },
  ],
  [
    'expired, and the file says never to mail again',
    {
      people: [expired(4)],
      listed: line('bob'),
      more: 'reinvite: never\n',
      code: 10,
      plan: [`gave_up bob@example.com: invited once, first on ${dayOf(ago(4))} (line 7; expired ${yesterday})`],
    },
  ],
  [
    'expired and unwanted: the role goes, the invitation stays as it is',
    {
      people: [expired(9, { roles: ['Operator'] })],
      managed: 'people',
      plan: ['revoke bob@example.com: Operator on the organization (not in people.yaml)'],
      sent: ['DELETE role-bindings'],
    },
  ],
  [
    'revoked by somebody, and wanted: the reviewer sees when',
    {
      people: [bob({ state: 'deactivated', created_at: ago(9) })],
      listed: line('bob'),
      plan: [`reinvite bob@example.com: mail 2 (line 6; was revoked on ${dayOf(ago(8))})`],
      sent: ['POST invitations bob@example.com'],
    },
  ],
  [
    'a member who was invited, unwanted: removed once',
    {
      people: [bob({ roles: ['Operator'] })],
      managed: 'people',
      plan: ['remove bob@example.com: Operator on the organization; no API keys (not in people.yaml)'],
      sent: ['DELETE users/u-bob'],
    },
  ],
  [
    'a member without an invitation, as a founder is, unwanted: removed',
    {
      people: [bob({ state: 'member' })],
      managed: 'people',
      plan: ['remove bob@example.com: no role; no API keys (not in people.yaml)'],
      sent: ['DELETE users/u-bob'],
    },
  ],
  [
    'owns API keys, unwanted: blocked, and the roles stay',
    {
      people: [bob({ roles: ['Operator'], api_keys: ['ABCDEFGH12345678', 'EFGHIJKL56781234'] })],
      managed: 'people',
      code: 10,
      plan: [
        'blocked bob@example.com: owns 2 API keys: ABCD…5678, EFGH…1234 (not in people.yaml; --with-api-keys deletes them, too)',
      ],
    },
  ],
  [
    'owns API keys, and --with-api-keys is given',
    {
      people: [bob({ api_keys: ['ABCDEFGH12345678'] })],
      managed: 'people',
      flags: '--with-api-keys',
      plan: ['remove bob@example.com: no role; owns 1 API key: ABCD…5678 (not in people.yaml)'],
      sent: ['DELETE users/u-bob'],
    },
  ],
  [
    'API keys that may not be read count as some',
    {
      people: [bob({ roles: ['Operator'] })],
      switches: { api_keys: 'own_only' },
      managed: 'people',
      code: 10,
      plan: [
        'blocked bob@example.com: may own API keys: they could not be read (not in people.yaml; --with-api-keys deletes them, too)',
      ],
    },
  ],
  [
    'of the identity provider, and not listed: left alone',
    {
      people: [bob({ state: 'sso_member', roles: ['Operator'] })],
      managed: 'people',
      told: 'left alone: 1 SSO member without an invitation\n',
    },
  ],
  [
    'of the identity provider, and unwanted by name: removed, with a warning',
    {
      people: [bob({ state: 'sso_member' })],
      listed: `  - { email: bob@example.com, until: ${yesterday} }`,
      plan: [
        `remove bob@example.com: no role; no API keys (line 6; until ${yesterday}; JIT or SCIM may bring them back)`,
      ],
      sent: ['DELETE users/u-bob'],
    },
  ],
  [
    'to stay through today',
    {
      people: [held],
      listed: `  - { email: bob@example.com, until: ${dayOf(ago(0))} }`,
    },
  ],
  [
    'invited to sign in otherwise than the file says: no second mail',
    {
      people: [pending()],
      listed: '  - { email: bob@example.com, auth_type: sso }',
      code: 10,
      plan: [
        'differs bob@example.com: signs in with AUTH_TYPE_LOCAL, not AUTH_TYPE_SSO ' +
          '(line 6; invite delete bob@example.com and invite create bob@example.com --auth-type sso)',
      ],
    },
  ],
  [
    'in a status that nobody knows, and wanted: not mailed',
    {
      people: [pending()],
      hook: frozen,
      listed: line('bob', 'MetricsViewer'),
      code: 10,
      plan: [expect.stringMatching(/^unknown bob@example.com: invitation i-\w+ is INVITE_STATUS_FROZEN \(line 6\)$/)],
    },
  ],
  [
    'in a status that nobody knows, and unwanted: not touched',
    {
      people: [pending({ roles: ['Operator'] })],
      hook: frozen,
      managed: 'people',
      code: 10,
      plan: [expect.stringMatching(/^unknown bob@example.com: invitation i-\w+ is INVITE_STATUS_FROZEN \(not in /)],
    },
  ],
  [
    'two users of one e-mail: not touched',
    {
      people: [bob({ state: 'member' }), bob({ state: 'member', user: 'u-bob2', email: 'Bob@Example.com' })],
      managed: 'people',
      code: 10,
      plan: ['ambiguous bob@example.com: u-bob, u-bob2 (not in people.yaml)'],
    },
  ],
  [
    'the same two users, and wanted with a role',
    {
      people: [bob({ state: 'member' }), bob({ state: 'member', user: 'u-bob2', email: 'Bob@Example.com' })],
      listed: line('bob', 'MetricsViewer'),
      code: 10,
      plan: ['ambiguous bob@example.com: u-bob, u-bob2 (line 6)'],
    },
  ],
  [
    'written in capitals in the file',
    {
      people: [bob({ roles: ['MetricsViewer'] })],
      managed: 'people',
      listed: '  - { email: BOB@Example.COM, roles: [MetricsViewer] }',
    },
  ],
  [
    'a new address, while the old one goes: warned of',
    {
      people: [bob({ email: 'bob@a.com', state: 'member' })],
      managed: 'people',
      listed: '  - bob@b.com',
      plan: ['invite bob@b.com: mail 1 (line 6)', 'remove bob@a.com: no role; no API keys (not in people.yaml)'],
      sent: ['POST invitations bob@b.com', 'DELETE users/u-bob'],
      told: 'warning: if bob@a.com and bob@b.com are one person: keep the old line until the new address has accepted\n',
    },
  ],
  ['an extra role, where none are managed', { people: [held], managed: 'none', listed: line('bob', 'MetricsViewer') }],
  [
    'an extra role, where roles are managed',
    {
      people: [held],
      managed: 'roles',
      listed: line('bob', 'MetricsViewer'),
      plan: [operator],
      sent: ['DELETE role-bindings'],
    },
  ],
  [
    'extra roles of whom the file lists without roles',
    { people: [held], managed: 'people', listed: '  - bob@example.com' },
  ],
  [
    'extra roles of whom the file says to have none',
    {
      people: [held],
      managed: 'roles',
      listed: line('bob'),
      plan: ['revoke bob@example.com: MetricsViewer on the organization (line 6 does not have it)', operator],
      sent: ['DELETE role-bindings', 'DELETE role-bindings'],
    },
  ],
  [
    'an extra role that the file ignores',
    { people: [held], managed: 'people', listed: line('bob', 'MetricsViewer'), more: 'ignore: [Operator]\n' },
  ],
  [
    'a role that ended yesterday, and one that ends today',
    {
      people: [held],
      listed:
        `  - { email: bob@example.com, roles: [{ role: MetricsViewer, until: ${dayOf(ago(0))} }, ` +
        `{ role: Operator, scope: env-a, until: ${yesterday} }] }`,
      plan: [`revoke bob@example.com: Operator on environment=env-a (line 6; until ${yesterday})`],
      sent: ['DELETE role-bindings'],
    },
  ],
  [
    'a colon that the API writes as %3A',
    {
      people: [bob({ roles: [{ role_name: 'DeveloperRead', crn_pattern: `${topicCrn}=a%3Ab` }] })],
      switches: { crn_colon: 'encoded' },
      managed: 'roles',
      listed: `  - { email: bob@example.com, roles: ["${topic}=a:b"] }`,
    },
  ],
  [
    'one role by a short scope, its full CRN and a team',
    {
      people: [bob()],
      more: `teams: { t: { roles: [Operator@env-a] } }\n`,
      listed: `  - { email: bob@example.com, teams: [t], roles: [Operator@env-a, "Operator@${root}/environment=env-a"] }`,
      plan: ['grant bob@example.com: Operator on environment=env-a (line 7)'],
      sent: ['POST role-bindings u-bob Operator'],
    },
  ],
  [
    'principals that are not people: counted and left alone',
    {
      role_bindings: ['User:sa-1', 'User:sa-2', 'User:pool-1', 'User:group-1', 'Group:x', 'User:x'].map(
        (principal) => ({
          ...{ principal, role_name: 'Operator' },
        }),
      ),
      managed: 'people',
      told:
        'left alone: 2 service accounts, 1 identity pool, 2 group mappings (they give SSO people roles that are not in ' +
        'this list), 1 other principal\n',
    },
  ],
  [
    'a role of a user whom nobody knows: not deleted',
    {
      role_bindings: [{ principal: 'User:u-ghost', role_name: 'Operator' }],
      managed: 'people',
      code: 10,
      plan: ['orphan u-ghost: 1 role binding (no user and no invitation has this id)'],
    },
  ],
])('%s', async (_, situation) => {
  const { people = [], role_bindings = [], switches, hook, managed = 'none', listed, more, flags = '' } = situation;
  const { code = 0, plan = [], sent = [], told = '' } = situation;
  const api = await openMembershipApi({ people, role_bindings }, switches);
  const asked: string[] = [];
  api.hook = (request, ...rest) => {
    if (!request.startsWith('GET')) asked.push(request);
    return hook?.(request, ...rest);
  };
  const words = `${api.file(managed, listed === undefined ? owner : `${owner}\n${listed}`, more)} ${flags}`;
  const before = await planned(api, words);
  expect(before.rows).toEqual(plan.length === 0 ? before.rows.filter(isQuiet) : plan);
  expect(before.code).toBe(sent.length > 0 || code !== 0 ? 10 : 0);
  expect(before.told).toContain(told);
  expect(asked).toEqual([]);
  expect((await api.invite(`apply ${words} --yes`)).code).toBe(code);
  expect(asked.map(shortly).map((text) => text.replace(/u-(?!bob)\w+/, 'u-…'))).toEqual(sent);
  expect((await planned(api, words)).code).toBe(code);
});
