import { describe, expect, test } from 'vitest';
import type { PersonSeed, Settings } from '../../src/sandbox/sandbox.ts';
import { personStates } from '../../src/sandbox/state.ts';
import {
  answering,
  type Hook,
  line,
  lines,
  member,
  openMembershipApi,
  organization,
  owner,
  planned,
  root,
} from './api.ts';

const day = 86_400_000;

describe('plan', () => {
  const people = personStates.map((state, number) => ({
    email: `p${number}@example.com`,
    state,
    roles: ['MetricsViewer', { role_name: 'DataDiscovery', crn_pattern: `${root}/environment=env-a` }],
    api_keys: number % 3,
  }));
  const role_bindings = ['User:sa-1', 'User:pool-1', 'User:group-1', 'Group:team', 'User:u-nobody'].map(
    (principal) => ({
      principal,
      role_name: 'MetricsViewer',
    }),
  );

  test.each([
    ['yaml', ''],
    ['json', '-o json'],
  ])('of an export as %s changes nothing', async (_, format) => {
    const api = await openMembershipApi({ people, role_bindings }, { crn_colon: 'encoded' });
    const exported = await api.invite(`export --sso ${format}`);
    expect([exported.code, exported.stderr]).toEqual([0, expect.stringMatching(/^not shown: .*\n$/)]);
    const file = api.write('people', exported.stdout);
    const ran = await api.invite(`plan ${file} --expect-no-changes`);
    expect([ran.code, ran.stderr.split('\n')[0]]).toEqual([0, 'no changes to 4 members']);
    expect(api.changes()).toEqual([]);
  });

  test.each([
    ['the same bindings by parts', 'by_part'],
    ['one scope each', 'by_scope'],
  ] as const)('sees bindings on the organization and inside, if the pattern finds %s', async (_, crn_pattern) => {
    const api = await openMembershipApi({ people }, { crn_pattern });
    expect((await api.state())[3]).toBe('p4@example.com DataDiscovery@env-a MetricsViewer');
  });

  test('of an export as CSV gives and takes nothing', async () => {
    // A spreadsheet would run the address, and has a quote before it in the file.
    const api = await openMembershipApi({ people: [member('+ann', 'MetricsViewer'), member('bob')] });
    const exported = (await api.invite('export -o csv')).stdout;
    expect(exported).toContain("\n'+ann@example.com,MetricsViewer,");
    const file = api.write('people.csv', exported);
    const ran = await api.invite(`plan ${file} --managed people --organization ${organization} --expect-no-changes`);
    expect([ran.code, ran.stdout]).toEqual([0, '']);
  });

  test('says who is not in the file, which is drift if it is to list everybody', async () => {
    const people = [member('ann'), member('left')];
    const api = await openMembershipApi({
      people: [
        ...people,
        { email: 'joe@example.com', state: 'pending' },
        { email: 'sso@example.com', state: 'sso_member' },
      ],
    });
    const file = api.file('none', owner, 'ignore: [left@example.com]\n');
    const told = `2 members and invited people are not in people.yaml: invite export --missing-from ${file}\n`;
    const ran = await api.invite(`plan ${file} --expect-no-changes`);
    expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining(told)]);
    const strict = await api.invite(`plan ${file} --expect-no-changes=people`);
    expect([strict.code, strict.stderr]).toEqual([10, expect.stringContaining('2 people are not in it')]);
    const whole = api.write('whole.yaml', (await api.invite('export')).stdout);
    expect((await api.invite(`plan ${whole} --expect-no-changes=people`)).code).toBe(0);
  });

  test('export --diff prints the entries to paste, and what differs in them', async () => {
    const api = await openMembershipApi({
      people: ['bob', 'deb', 'eve']
        .map((name) => member(name))
        .concat(member('ann', 'Operator'), member('cyd', 'Assigner')),
    });
    const file = api.file(
      'none',
      lines(owner, line('ann', 'MetricsViewer'), '  - bob@example.com', line('cyd', 'Assigner')),
      'ignore: [eve@example.com]\n',
    );
    expect(await api.invite(`export --diff ${file}`)).toEqual({
      code: 0,
      stdout: `  # line 7: +Operator -MetricsViewer
  - { email: ann@example.com, roles: [Operator] }
  # not in the file
  - { email: deb@example.com, roles: [] }
`,
      stderr: '',
    });
  });

  test('says beside the rows that nobody is invited for what has ended', async () => {
    const api = await openMembershipApi({});
    const file = api.file('none', '  - { email: ann@example.com, roles: [{ role: Operator, until: 2020-01-01 }] }');
    const told = 'not invited, since everything of theirs has ended: ann@example.com';
    expect(await planned(api, file)).toMatchObject({ code: 0, rows: [] });
    expect((await api.invite(`plan ${file}`)).stderr).toContain(told);
    expect((await planned(api, `${file} --all`)).rows).toEqual([expect.stringMatching(/^keep ann.*not invited/)]);
  });

  test('asks once for the organization where no invitation names it', async () => {
    const api = await openMembershipApi({});
    await planned(api, api.file('none', line('ann')));
    expect(api.requests.filter((request) => request.includes('organizations'))).toHaveLength(1);
  });

  test('names an ignore rule that fits nobody', async () => {
    const api = await openMembershipApi({ people: [member('ann', 'Operator')] });
    const rules = 'ann@example.com, Operator, "*@example.com", u-nobody, jo@example.com, DataSteward';
    const { stderr } = await api.invite(`plan ${api.file('people', owner, `ignore: [${rules}]\n`)}`);
    expect(stderr.match(/^warning: "[^"]*"/gm)).toEqual([
      'warning: "u-nobody"',
      'warning: "jo@example.com"',
      'warning: "DataSteward"',
    ]);
  });

  test('refuses the resources of another organization before anything is sent', async () => {
    const api = await openMembershipApi();
    const other = 'MetricsViewer@crn://confluent.cloud/organization=11111111-1111-4111-8111-111111111111';
    const named = api.file('none', lines(owner, line('ann'), line('bob', other)));
    const unnamed = api.write('people.csv', `email,role\nann@example.com,\nbob@example.com,${other}\n`);
    for (const [file, place] of [
      [named, 'line 7'],
      [unnamed, 'line 3'],
    ]) {
      const { code, stderr } = await api.invite(`apply ${file} --yes`, { env: { GITHUB_ACTIONS: 'true' } });
      expect([code, stderr]).toEqual([
        2,
        expect.stringContaining(`${place}: "${other}" is in the organization 11111111`),
      ]);
      // The one that names its organization is refused before anything is asked, the other one after.
      expect(stderr).toContain(`::error file=${file},line=${place?.slice(5)}::`);
    }
    expect(api.changes()).toEqual([]);
  });

  test('refuses a role that is ignored under its other name, once the organization is known', async () => {
    const api = await openMembershipApi();
    const rule = `ignore: ["Operator@${root}/environment=env-a"]\n`;
    const file = api.write('people.yaml', `version: 1\n${rule}people:\n${line('ann', 'Operator@env-a')}\n`);
    const { code, stderr } = await api.invite(`plan ${file}`);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('line 4: the role "Operator" is listed, and "Operator@'),
    ]);
  });
});

/** Has the API show the status of each invitation as one that nobody knows. */
const frozen: Hook = async (request, response, honest) => {
  if (!/^GET \/iam\/v2\/invitations/.test(request)) return undefined;
  const { body } = await honest();
  response.end(Buffer.from(body).toString().replaceAll('INVITE_STATUS_SENT', 'INVITE_STATUS_FROZEN'));
  return true;
};

interface Oddity {
  readonly bob: Partial<PersonSeed>;
  readonly switches?: Partial<Settings>;
  readonly hook?: Hook;
  readonly listed?: string;
  readonly row: RegExp;
}

const ago = (days: number) => new Date(Date.now() - days * day).toISOString();
const topic = 'environment=env-a/cloud-cluster=lkc-1/kafka=lkc-1/topic';

describe('what an API may say, and is drift', () => {
  test.each<[name: string, oddity: Oddity]>([
    [
      'a pending invitation that is past its expiry',
      {
        bob: { state: 'expired', created_at: ago(4), expires_at: ago(1) },
        switches: { expiry_lag: 30 * day },
        listed: line('bob'),
        row: /^reinvite bob@example.com: mail 2/,
      },
    ],
    [
      'API keys that may not be read',
      {
        bob: { state: 'member' },
        switches: { api_keys: 'own_only' },
        row: /^blocked bob@example.com: may own API keys: they could not be read/,
      },
    ],
    [
      'a user of the identity provider',
      {
        bob: { state: 'sso_member' },
        listed: '  - { email: bob@example.com, until: 2020-01-01 }',
        row: /^remove bob@example.com: no role; no API keys/,
      },
    ],
    [
      'a status that nobody knows',
      {
        bob: { state: 'pending' },
        hook: frozen,
        listed: line('bob', 'MetricsViewer'),
        row: /^unknown bob@example.com: invitation i-\w+ is INVITE_STATUS_FROZEN/,
      },
    ],
    [
      'a colon in a scope as %3A',
      {
        bob: {
          roles: ['b', 'c'].map((end) => ({ role_name: 'Operator', crn_pattern: `${root}/${topic}=a%3A${end}` })),
        },
        switches: { crn_colon: 'encoded' },
        listed: '  - { email: bob@example.com, roles: ["Operator@env-a/lkc-1/topic=a:b"] }',
        row: /^revoke bob@example.com: Operator on \S+topic=a:c/,
      },
    ],
  ])('%s', async (_, { bob, switches, hook, listed, row }) => {
    const api = await openMembershipApi({ people: [{ email: 'bob@example.com', ...bob }] }, switches);
    api.hook = hook;
    const file = api.file('people', listed === undefined ? owner : lines(owner, listed));
    expect((await planned(api, file)).rows).toEqual([expect.stringMatching(row)]);
    expect((await api.invite(`plan ${file} --expect-no-changes`)).code).toBe(10);
  });
});

describe('the organization that is planned for', () => {
  test('is that of the file, or nothing is read', async () => {
    const api = await openMembershipApi();
    const file = api.write(
      'people.yaml',
      `version: 1\norganization: ${organization.replace('8000', '8111')}\npeople: []\n`,
    );
    const { code, stderr } = await api.invite(`plan ${file} -o json`);
    expect([code, JSON.parse(stderr).error.code]).toEqual([2, 'invalid_file']);
    expect(api.requests).toEqual(['GET /org/v2/organizations']);
  });

  test('is found by its invitations where the key may not list it', async () => {
    const api = await openMembershipApi({ people: [{ email: 'ann@example.com', state: 'pending' }] });
    api.hook = answering(/organizations/, 403);
    expect((await api.invite(`plan ${api.file('none', '  - ann@example.com')} --expect-no-changes`)).code).toBe(0);
  });

  test('is not planned without users', async () => {
    const api = await openMembershipApi();
    const file = api.file('people', owner);
    api.hook = (request, response) => {
      if (!request.startsWith('GET /iam/v2/users')) return undefined;
      response.end(JSON.stringify({ data: [], metadata: {} }));
      return Promise.resolve(true);
    };
    const { code, stderr, stdout } = await api.invite(`plan ${file} -o json`);
    expect([code, JSON.parse(stderr).error.code, stdout]).toEqual([3, 'bad_response', '']);
    expect(stderr).toContain('the list of users is empty');
  });
});

describe('somebody who accepted and is not in the list of users', () => {
  test('is kept, if only the list lags', async () => {
    const api = await openMembershipApi(
      { people: [{ email: 'ann@example.com', state: 'pending' }] },
      { user_list_lag: day },
    );
    api.clock.pass(2 * day);
    await api.sandbox.accept('ann@example.com');
    const file = api.file('none', line('ann'));
    expect((await planned(api, `${file} --all`)).rows).toEqual(['keep ann@example.com: no role (line 5)']);
  });

  test('is mailed again if they have left, or found if the API refuses', async () => {
    const api = await openMembershipApi(
      { people: [{ email: 'ann@example.com', state: 'left' }] },
      { left_member: 'conflict' },
    );
    const file = api.file('none', '  - ann@example.com');
    expect((await planned(api, file)).rows).toEqual([expect.stringMatching(/^reinvite ann@example.com: mail 2 /)]);
    const { code, stdout } = await api.invite(`apply ${file} --yes -o json`);
    expect([code, JSON.parse(stdout)[0].outcome]).toEqual([10, 'blocked']);
    expect(await api.mails()).toEqual({});
  });
});

describe('who runs this', () => {
  test('may be a service account', async () => {
    const api = await openMembershipApi({ people: [member('eve')] }, { service_account_key: 'works' });
    expect((await api.invite(`apply ${api.file('people', owner)} --yes`)).code).toBe(0);
    expect(await api.state()).toEqual(['owner@sandbox.example OrganizationAdmin']);
  });
});
