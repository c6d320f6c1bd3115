import { describe, expect, test } from 'vitest';
import { useDesk } from '../support/desk.ts';

const { invite, json, ok, write } = useDesk();

describe('a role that can grant every other one', () => {
  test.each([
    ['create x@example.com --role OrganizationAdmin', 'OrganizationAdmin on the organization to x@example.com'],
    ['create x@example.com --role AccountAdmin --role Operator', 'AccountAdmin on the organization to x@example.com'],
    ['create x@b.co y@b.co --role OrganizationAdmin', 'OrganizationAdmin on the organization to these 2 people'],
  ])('%s needs an answer', async (line, question) => {
    const stderr = expect.stringMatching(new RegExp(`grant ${question}\\?\nhint: --yes confirms\n$`));
    expect(await invite(line)).toEqual({ code: 2, stdout: '', stderr });
    expect((await invite('list -o json')).stdout).toBe('[]\n');
    expect(await invite(`${line} -o json`)).toMatchObject({ stderr: expect.stringContaining('confirmation_required') });
  });

  test('--yes answers, and nothing has to be answered where nothing is granted', async () => {
    const dry = await invite('create x@example.com --role OrganizationAdmin -n');
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining('the organization would be granted') });
    const { code, stdout } = await invite('create x@example.com --role OrganizationAdmin --yes');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('the organization granted') });
  });
});

test('a scope that is none is answered with scopes of the same role', async () => {
  const { code, stderr } = await invite('create x@example.com --role DeveloperRead@prod');
  expect(code).toBe(2);
  const hints = stderr.match(/^hint: .*$/gm) ?? [];
  expect(hints).toHaveLength(4);
  for (const hint of hints) expect(hint).toMatch(/^hint: --role DeveloperRead@(?:env-abc|crn:)/);
});

test.each([
  ['create jürgen@example.com', /"ü" \(U\+00FC\) at column 2 is not ASCII; --allow-unicode allows it/],
  ["create 'ann bee@example.com'", /a space at column 4 is not allowed/],
  ['create --email a@b.c', /hint: invite create a@b\.c\n/],
  ['create --email=a@b.c --role Operator', /hint: invite create a@b\.c\n/],
  ['create', /missing required argument "email"\nhint: invite create ann@example\.com\n/],
  ['import', /missing required argument "file"\nhint: invite import people\.csv\n/],
])('%s teaches', async (line, words) => {
  expect(await invite(line)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(words) });
});

describe('--dry-run says what the run says', () => {
  type Shown = { email: string; outcome: string; roles?: { outcome: string }[] };
  const seen = async (line: string) =>
    [await json(line, { stdin: 'ann@example.com\nbob@example.com\n' })]
      .flat()
      .map(({ email, outcome, roles = [] }: Shown) => ({ email, outcome, roles: roles.map((role) => role.outcome) }));

  test.each<[string, string[]]>([
    ['create ann@example.com --role MetricsViewer,DataDiscovery', ['already_member']],
    ['create bob@example.com --role MetricsViewer,DataDiscovery', ['already_invited']],
    ['create new@example.com --role MetricsViewer', ['created']],
    ['create ann@example.com bob@example.com --role MetricsViewer', ['already_member', 'already_invited']],
    // An invitation expired, and the identity provider brought them in.
    ['create cyd@example.com --role MetricsViewer', ['already_member']],
    // She left, and the identity provider brought her in again.
    ['create dot@example.com --role MetricsViewer', ['already_member']],
    ['import - --yes', ['already_member', 'already_invited']],
    ['import - --yes --role MetricsViewer,DataDiscovery', ['already_member', 'already_invited']],
  ])('%s', async (line, outcomes) => {
    await ok('sandbox add ann@example.com --state sso_member --role MetricsViewer');
    await ok('sandbox add bob@example.com --state pending --role MetricsViewer');
    for (const state of ['expired', 'sso_member']) await ok(`sandbox add cyd@example.com --state ${state}`);
    await ok('sandbox add dot@example.com --state left');
    await ok('sandbox add dot@example.com --state sso_member --role MetricsViewer');
    const dry = await seen(`${line} -n`);
    expect(dry.map(({ outcome }) => outcome)).toEqual(outcomes);
    expect(await seen(line)).toEqual(dry);
  });
});

test.each([
  ['create eve@example.com --role MetricsViewer', 9],
  ['import people.csv --role MetricsViewer --yes', 9],
  ['list --user eve@example.com', 7],
])('%s guesses none of two users of one address', async (line, exit) => {
  for (const state of ['member', 'sso_member']) await ok(`sandbox add eve@example.com --state ${state}`);
  const { users } = await json('trace eve@example.com');
  const file = write('people.csv', 'email\neve@example.com\n');
  const { code, stderr, stdout } = await invite(line.replace('people.csv', file));
  expect(code).toBe(exit);
  for (const { id } of users) expect(`${stdout}${stderr}`).toContain(id);
  expect((await json('trace eve@example.com')).role_bindings).toEqual([]);
});

test('a role that is named twice is granted once', async () => {
  const whole = 'crn://confluent.cloud/organization=00000000-0000-4000-8000-73616e64626f';
  const { roles } = await json(`create x@example.com --role MetricsViewer,MetricsViewer@${whole} --role MetricsViewer`);
  expect(roles).toMatchObject([{ outcome: 'granted' }]);
  expect(roles).toHaveLength(1);
});

test('roles may be given with commas, and a comma inside a scope stays', async () => {
  const roles = '--role DataDiscovery@env-1,MetricsViewer --role DeveloperRead@env-1/lkc-1/topic=a,b';
  expect((await json(`create x@example.com ${roles}`)).roles).toMatchObject([
    { role_name: 'DataDiscovery' },
    { role_name: 'MetricsViewer' },
    { role_name: 'DeveloperRead', crn_pattern: expect.stringMatching(/topic=a,b$/) },
  ]);
});

test('who is invited already is shown with all that the API says of them, however many were looked up', async () => {
  const created = await json('create ann@example.com bob@example.com');
  const again = await json('create ann@example.com bob@example.com');
  expect(again).toEqual(created.map((one: object) => ({ ...one, outcome: 'already_invited' })));
});
