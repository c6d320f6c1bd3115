// What a person is to the organization, and what the file says of them: what a plan shows, and what apply sends for it.
import { expect, test } from 'vitest';
import type { PersonSeed, Settings } from '../../src/sandbox/sandbox.ts';
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
  readonly switches?: Partial<Settings>;
  readonly hook?: Hook;
  /** `none` if it does not matter. */
  readonly managed?: 'none' | 'roles' | 'people';
  /** What is listed below the caller, from line 6 on. */
  readonly listed?: string;
  readonly flags?: string;
  /** The exit code of apply; 0 if it is not said. */
  readonly code?: number;
  /** What a plan shows: action, e-mail, what, why. */
  readonly plan?: readonly string[];
  /** The requests of apply that are no GET. */
  readonly sent?: readonly string[];
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
  const { code, stdout } = await api.invite(`plan ${words} --expect-no-changes -o ndjson`);
  const shown = stdout.split('\n').filter((text) => text !== '');
  const rows = shown
    .map((text) => JSON.parse(text) as Record<'action' | 'email' | 'what' | 'why', string>)
    .map(({ action, email, what, why }) => `${action} ${email}: ${what} (${why})`);
  return { code, rows };
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
    'expired and unwanted: the role goes, the invitation stays as it is',
    {
      people: [expired(9, { roles: ['Operator'] })],
      managed: 'people',
      plan: ['revoke bob@example.com: Operator on the organization (not in people.yaml)'],
      sent: ['DELETE role-bindings'],
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
    'two users of one e-mail, and wanted with a role: not touched',
    {
      people: [bob({ state: 'member' }), bob({ state: 'member', user: 'u-bob2', email: 'Bob@Example.com' })],
      listed: line('bob', 'MetricsViewer'),
      code: 10,
      plan: ['ambiguous bob@example.com: u-bob, u-bob2 (line 6)'],
    },
  ],
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
    'a colon that the API writes as %3A',
    {
      people: [bob({ roles: [{ role_name: 'DeveloperRead', crn_pattern: `${topicCrn}=a%3Ab` }] })],
      switches: { crn_colon: 'encoded' },
      managed: 'roles',
      listed: `  - { email: bob@example.com, roles: ["${topic}=a:b"] }`,
    },
  ],
])('%s', async (_, situation) => {
  const { people = [], switches, hook, managed = 'none', listed, flags = '' } = situation;
  const { code = 0, plan = [], sent = [] } = situation;
  const api = await openMembershipApi({ people }, switches);
  const asked: string[] = [];
  api.hook = (request, ...rest) => {
    if (!request.startsWith('GET')) asked.push(request);
    return hook?.(request, ...rest);
  };
  const words = `${api.file(managed, listed === undefined ? owner : `${owner}\n${listed}`)} ${flags}`;
  const before = await planned(api, words);
  expect(before.rows).toEqual(plan.length === 0 ? before.rows.filter(isQuiet) : plan);
  expect(before.code).toBe(sent.length > 0 || code !== 0 ? 10 : 0);
  expect(asked).toEqual([]);
  expect((await api.invite(`apply ${words} --yes`)).code).toBe(code);
  expect(asked.map(shortly).map((text) => text.replace(/u-(?!bob)\w+/, 'u-…'))).toEqual(sent);
  expect((await planned(api, words)).code).toBe(code);
});
