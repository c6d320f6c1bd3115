// A plan in every format, with texts of the API and of the file that a terminal, a log or a page would obey.
import { describe, expect, test } from 'vitest';
import { sendAnswer } from '../support/observed-sandbox.ts';
import { linesIn, type MembershipApi, openMembershipApi, owner } from './api.ts';

const evil = '\x1b[31m::error::x|</td>##[group]\u202e';
const now = Date.parse('2026-11-25T12:00:00Z');
const created_at = '2026-11-16T12:00:00.000000Z';

async function openOrganization(): Promise<{ api: MembershipApi; file: string }> {
  const api = await openMembershipApi({
    people: [
      { email: 'bob@example.com', user: 'u-bob', state: 'member', roles: ['MetricsViewer', `${evil}Role`] },
      { email: `${evil}@example.com`, user: 'u-evil', state: 'member' },
      { email: 'hal@example.com', user: 'u-hal', state: 'member', api_keys: ['ABCDEFGH12345678'] },
      { email: 'ivy@example.com', user: 'u-ivy', state: 'expired', created_at, expires_at: '2026-11-19T12:00:00Z' },
      { email: 'sso@example.com', user: 'u-sso', state: 'member', auth_type: 'AUTH_TYPE_SSO' },
      { email: 'joe@example.com', user: 'u-joe', state: 'pending', created_at, expires_at: '2099-01-01T00:00:00Z' },
    ],
    role_bindings: [
      { principal: 'User:sa-1', role_name: 'Operator' },
      { principal: 'User:pool-1', role_name: 'Operator' },
      { principal: `Group:${evil}`, role_name: 'Operator' },
    ],
  });
  api.hook = async (_, response, honest) => {
    const answer = await honest();
    const date = new Date(now).toUTCString();
    sendAnswer(response, { ...answer, headers: new Map([...answer.headers, ['date', date]]) });
    return true as const;
  };
  const place = 'DataDiscovery@env-a/lkc-1/topic=a';
  const people = [
    owner,
    `  - { email: bob@example.com, roles: [MetricsViewer, Assigner], note: "${JSON.stringify(evil).slice(1, -1)}" }`,
    `  - { email: ann@example.com, roles: [${place}] }`,
    '  - ivy@example.com',
    '  - joe@example.com',
  ];
  return { api, file: api.file('people', people.join('\n')) };
}

/** What a plan prints, which is the same each time; the port of the test is left out. */
async function printed(format: string, { columns, env = {} }: { columns?: number; env?: Record<string, string> } = {}) {
  const { api, file } = await openOrganization();
  const world = { clock: { now: () => now }, env: { NO_COLOR: '1', INVITE_NO_INPUT: '1', ...env } };
  const terminal = columns === undefined ? {} : { tty: true, columns };
  const ran = await api.invite(`plan ${file} ${format}`, { ...world, ...terminal });
  expect(await api.invite(`plan ${file} ${format}`, { ...world, ...terminal })).toEqual(ran);
  expect(ran.code).toBe(0);
  const stdout = ran.stdout
    .replaceAll(api.endpoint, 'http://api.example')
    .replace(/"checksum":"[0-9a-f]{64}"/, '"checksum":"…"');
  return { ...ran, stdout };
}

describe('the table', () => {
  test('of a pipe, and the lines below it', async () => {
    const { stdout, stderr } = await printed('');
    expect(stdout).toMatchInlineSnapshot(`
      "   ACTION    EMAIL                                                   STATE    WHAT                                                                        WHY
       - remove    \\x1b[31m::error::x|</td>##\\x5bgroup]\\u202e@example.com  member   no role; no API keys                                                        not in people.yaml
       - revoke    bob@example.com                                         member   \\x1b[31m::error::x|</td>##\\x5bgroup]\\u202eRole on the organization          line 6 does not have it
       ! blocked   hal@example.com                                         member   owns 1 API key: ABCD…5678                                                   not in people.yaml; --with-api-keys deletes them, too
       + invite    ann@example.com                                         -        mail 1                                                                      line 7
       + reinvite  ivy@example.com                                         expired  mail 2                                                                      line 8; expired 2026-11-19
       + grant     ann@example.com                                         -        DataDiscovery on environment=env-a/cloud-cluster=lkc-1/kafka=lkc-1/topic=a  line 7
       + grant     bob@example.com                                         member   Assigner on the organization                                                line 6
         wait      joe@example.com                                         pending  expires 2099-01-01                                                          line 9
      "
    `);
    expect(stderr).toMatchInlineSnapshot(`
      "2 mails, 2 grants, 1 revocation, 1 removal of 5 members; 1 admin stays: owner@sandbox.example; 1 finding
      left alone: 1 service account, 1 identity pool, 1 group mapping (they give SSO people roles that are not in this list), 1 SSO member without an invitation
      plan bc828fdb
      "
    `);
  });

  test('of a terminal of 40 columns', async () => {
    const [first] = (await printed('', { columns: 40 })).stdout.split('\n\nivy');
    expect(first).toMatchInlineSnapshot(`
      "\\x1b[31m::error::x|</
      td>##\\x5bgroup]\\u202e@example.com
      member
       - remove    no role; no API keys
                   not in people.yaml

      bob@example.com  member
       - revoke    \\x1b[31m::error::x|</
                   td>##\\x5bgroup]\\u202eRole
                   on the organization
                   line 6 does not have it
       + grant     Assigner on the
                   organization
                   line 6

      hal@example.com  member
       ! blocked   owns 1 API key: ABCD…5678
                   not in people.yaml;
                   --with-api-keys deletes
                   them, too

      ann@example.com  -
       + invite    mail 1
                   line 7
       + grant     DataDiscovery on
                   environment=env-a/
                   cloud-cluster=lkc-1/
                   kafka=lkc-1/topic=a
                   line 7"
    `);
  });

  test('of a terminal that is narrower than a word breaks no empty line', async () => {
    const { stdout } = await printed('', { columns: 12 });
    expect(stdout).not.toMatch(/^ +$/m);
  });

  test('of a terminal of 200 columns has borders, and cuts the reason first', async () => {
    const lines = (await printed('', { columns: 200 })).stdout.split('\n');
    const blocked =
      '│  ! blocked  │ hal@example.com                                        │ member  │ owns 1 API key: ABCD…5678';
    expect([lines.length, lines[1]]).toEqual([
      13,
      expect.stringMatching(/^│ {4}ACTION {3}│ EMAIL +│ STATE +│ WHAT +│ WHY +│$/),
    ]);
    expect(lines[5]?.startsWith(blocked)).toBe(true);
    expect(lines[5]).toMatch(/ │ not in people\.yaml; --with-api-keys d… │$/);
  });
});

test('as Markdown', async () => {
  const [taken = '', given = ''] = (await printed('-o markdown')).stdout.split(/(?=^### Needs)/m);
  expect(taken).toMatchInlineSnapshot(`
    "<!-- invite-plan -->
    ## Plan for people.yaml

    2 mails, 2 grants, 1 revocation, 1 removal of 5 members; 1 admin stays: owner@sandbox.example; 1 finding

    left alone: 1 service account, 1 identity pool, 1 group mapping (they give SSO people roles that are not in this list), 1 SSO member without an invitation

    plan bc828fdb

    ### Access taken away

    | ACTION | EMAIL | STATE | WHAT | WHY |
    | --- | --- | --- | --- | --- |
    | remove | \\\\x1b\\[31m::error::x\\|\\</td\\>\\#\\#\\\\x5bgroup\\]\\\\u202e@example.com | member | no role; no API keys | not in people.yaml |
    | revoke | bob@example.com | member | \\\\x1b\\[31m::error::x\\|\\</td\\>\\#\\#\\\\x5bgroup\\]\\\\u202eRole on the organization | line 6 does not have it |

    "
  `);
  // The rows are those of the table.
  expect(given.match(/^### .*|^\| (?!ACTION|---)\w+ \| \w+/gm)).toEqual([
    ...['### Needs a decision', '| blocked | hal', '### Access given', '| invite | ann'],
    ...['| reinvite | ivy', '| grant | ann', '| grant | bob'],
  ]);
});

test('as JSON: one document, that is the saved plan', async () => {
  const { stdout, stderr } = await printed('-o json');
  expect(stdout.split('\n')).toHaveLength(2);
  expect(JSON.parse(stdout).desired.people[1].note).toBe(evil);
  expect(stdout).toMatchInlineSnapshot(`
    "{"invite_plan":1,"organization":"00000000-0000-4000-8000-73616e64626f","origin":"http://api.example","key_id":"FAKE…ER01","file":"people.yaml","file_sha256":"0aa3d062eb02416869d0351dd69909ece67090ceed9901e02b57a5949bbb437b","made_at":"2026-11-25T12:00:00.000Z","desired":{"version":1,"organization":"00000000-0000-4000-8000-73616e64626f","managed":"people","reinvite":"2w","ignore":[],"people":[{"email":"owner@sandbox.example","roles":[{"role":"OrganizationAdmin","x-line":5}],"x-line":5},{"email":"bob@example.com","roles":[{"role":"MetricsViewer","x-line":6},{"role":"Assigner","x-line":6}],"note":"\\u001b[31m::error::x|</td>##\\u005bgroup]\\u202e","x-line":6},{"email":"ann@example.com","roles":[{"role":"DataDiscovery@env-a/lkc-1/topic=a","x-line":7}],"x-line":7},{"email":"ivy@example.com","x-line":8},{"email":"joe@example.com","x-line":9}]},"limits":{"min_admins":2,"with_api_keys":false},"changes":[{"action":"remove","email":"\\u001b[31m::error::x|</td>##\\u005bgroup]\\u202e@example.com","user":"u-evil","auth_type":null,"role_name":null,"crn_pattern":null,"state":"member","what":"no role; no API keys","why":"not in people.yaml"},{"action":"revoke","email":"bob@example.com","user":"u-bob","auth_type":null,"role_name":"\\u001b[31m::error::x|</td>##\\u005bgroup]\\u202eRole","crn_pattern":"crn://confluent.cloud/organization=00000000-0000-4000-8000-73616e64626f","state":"member","what":"\\u001b[31m::error::x|</td>##\\u005bgroup]\\u202eRole on the organization","why":"line 6 does not have it"},{"action":"invite","email":"ann@example.com","user":null,"auth_type":null,"role_name":null,"crn_pattern":null,"state":"nobody","what":"mail 1","why":"line 7"},{"action":"reinvite","email":"ivy@example.com","user":null,"auth_type":null,"role_name":null,"crn_pattern":null,"state":"expired","what":"mail 2","why":"line 8; expired 2026-11-19"},{"action":"grant","email":"ann@example.com","user":null,"auth_type":null,"role_name":"DataDiscovery","crn_pattern":"crn://confluent.cloud/organization=00000000-0000-4000-8000-73616e64626f/environment=env-a/cloud-cluster=lkc-1/kafka=lkc-1/topic=a","state":"nobody","what":"DataDiscovery on environment=env-a/cloud-cluster=lkc-1/kafka=lkc-1/topic=a","why":"line 7"},{"action":"grant","email":"bob@example.com","user":"u-bob","auth_type":null,"role_name":"Assigner","crn_pattern":"crn://confluent.cloud/organization=00000000-0000-4000-8000-73616e64626f","state":"member","what":"Assigner on the organization","why":"line 6"}],"findings":[{"action":"blocked","email":"hal@example.com","user":"u-hal","auth_type":null,"role_name":null,"crn_pattern":null,"state":"member","what":"owns 1 API key: ABCD…5678","why":"not in people.yaml; --with-api-keys deletes them, too"}],"notice":{"new_admins":[],"foreign":[]},"fingerprint":"bc828fdbd5c8affd05da62eb08f776e33e264f49d1fd4a1edae96fab1b69dc41","checksum":"…"}
    "
  `);
  expect(stderr).toBe('');
});

const fields = ['action', 'email', 'state', 'user', 'role_name', 'crn_pattern', 'what', 'why', 'auth_type'];
const actions = ['remove', 'revoke', 'blocked', 'invite', 'reinvite', 'grant', 'grant', 'wait'];

test('as ndjson, a line for each row', async () => {
  const { stdout } = await printed('-o ndjson');
  expect(linesIn(stdout).map(({ action }) => action)).toEqual(actions);
  const [removed = {}, revoked] = linesIn(stdout);
  expect(Object.keys(removed)).toEqual(fields);
  const removal = { email: `${evil}@example.com`, user: 'u-evil', role_name: null, what: 'no role; no API keys' };
  expect(removed).toMatchObject({ ...removal, state: 'member', why: 'not in people.yaml' });
  expect(revoked).toMatchObject({
    role_name: `${evil}Role`,
    crn_pattern: expect.stringMatching(/^crn:.*organization=/),
  });
  expect(stdout).not.toMatch(/[\x1b\u202e]|##\[/);
});

test('as CSV', async () => {
  const [head, removed, ...rows] = (await printed('-o csv')).stdout.trimEnd().split('\n');
  expect(head).toBe(fields.join(','));
  const email = '\\x1b[31m::error::x|</td>##\\x5bgroup]\\u202e@example.com';
  expect(removed).toBe(`remove,${email},member,u-evil,,,no role; no API keys,not in people.yaml,`);
  expect(rows.map((row) => row.split(',')[0])).toEqual(actions.slice(1));
  expect(rows[1]).toMatch(/^blocked,.*,"not in people\.yaml; --with-api-keys deletes them, too",$/);
});

test('with what does not change, and without anything to do', async () => {
  const { api, file } = await openOrganization();
  const { stdout } = await api.invite(`plan ${file} --all -o ndjson`);
  const quiet = linesIn(stdout).filter(({ action }) => /^(?:wait|keep|elsewhere)$/.test(action));
  expect(quiet.map(({ action, email }) => `${action} ${email}`)).toEqual([
    'wait joe@example.com',
    'keep bob@example.com',
    'keep owner@sandbox.example',
    'elsewhere sso@example.com',
  ]);
  const { stderr } = await api.invite(`plan ${api.file('none', owner)}`);
  expect(stderr).toContain('no changes to 5 members');
});

test('as the ids of the users, each once', async () => {
  expect((await printed('-o id')).stdout).toBe('u-evil\nu-bob\nu-hal\nu-joe\n');
});
