import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { useDesk } from '../support/desk.ts';
import { clientOf } from '../support/run-built.ts';

const { invite, json, column, ok, path, write, mails } = useDesk();

/** The results of an import of this text; a dry run first, which promises just that. */
async function imported(text: string, flags = '') {
  const line = `import ${write('people.csv', text)} ${flags}`;
  const dry = await json(`${line} --dry-run`);
  const done = await json(`${line} --yes`);
  const seen = (results: Result[]) => results.map(({ email, outcome, roles }) => [email, outcome, roles?.map(placed)]);
  expect(seen(dry)).toEqual(seen(done));
  return done;
}

interface Result {
  readonly email?: string;
  readonly outcome: string;
  readonly roles?: readonly { readonly role_name: string; readonly crn_pattern: string }[];
}

function placed({ role_name, crn_pattern }: NonNullable<Result['roles']>[number]): string {
  return `${role_name}@${crn_pattern.split('/').slice(4).join('/')}`;
}

/** `ann created Operator@`, by name. */
async function outcomes(text: string, flags = ''): Promise<string[]> {
  const results: Result[] = await imported(text, flags);
  const words = ({ email = '-', outcome, roles = [] }: Result) => [email, outcome, ...roles.map(placed)];
  return results.map((one) => words(one).join(' ').replace('@example.com', '')).sort();
}

/** What is said where nobody is mailed. */
async function refusal(text: string, flags = ''): Promise<string> {
  const { code, stdout, stderr } = await invite(`import ${write('people.csv', text)} ${flags} --yes`);
  expect({ code, stdout }, stderr).toEqual({ code: 2, stdout: '' });
  expect(await mails()).toEqual({});
  return stderr;
}

const everybody = ['ann@example.com', 'bob@example.com', 'cyd@example.com'];
const [ann, bob, cyd] = everybody as [string, string, string];

test('each is invited as their row says, with what is given for all', async () => {
  const text = `email,role,scope,auth_type,team\n${ann},EnvironmentAdmin,env-1,sso,red\n${bob},,,,blue\n`;
  const results: Result[] = await imported(text, '--role MetricsViewer --auth-type local');
  expect(results).toMatchObject([
    { email: ann, outcome: 'created', auth_type: 'AUTH_TYPE_SSO' },
    { email: bob, outcome: 'created', auth_type: 'AUTH_TYPE_LOCAL' },
  ]);
  const [first, second] = results.map(({ roles = [] }) => roles.map(placed).join(' '));
  expect([first, second]).toEqual(['MetricsViewer@ EnvironmentAdmin@environment=env-1', 'MetricsViewer@']);
});

const ofPlan = ['domains: [other.example]', 'ignore: [ann@example.com]', 'auth_type: sso', 'domain: other.example'];
test.each(ofPlan)('a file for plan that says %s, however far behind, is none of an export', async (more) => {
  const head = 'version: 1\norganization: 00000000-0000-4000-8000-73616e64626f\nmanaged: none\npeople:\n';
  const text = `${head}  - { email: ${ann} }\n${'# far behind\n'.repeat(6000)}`;
  expect(await column('email', `import ${write('people.csv', text)} -n`)).toEqual([ann]);
  expect(await refusal(`${text}${more}\n`)).toContain('it is a file of people for "invite plan"');
});

test('a list of people of another program may be called so', async () => {
  const line = `import ${write('people.json', JSON.stringify({ people: [{ email: ann }], total: 1 }))} -n`;
  expect(await column('email', line)).toEqual([ann]);
  expect(await column('email', `import ${write('people.json', JSON.stringify({ people: [ann] }))} -n`)).toEqual([ann]);
});

test('typed again looks again: who is there gets no mail and no role twice, who was deleted is invited', async () => {
  const line = `import ${write('people.csv', `email,role\n${ann},MetricsViewer\n${bob},MetricsViewer\n`)} --yes`;
  await ok(line);
  const one = { outcome: 'already_invited', roles: [{ outcome: 'already_granted' }] };
  expect(await json(line)).toMatchObject([one, one]);
  await ok(`delete ${ann} --yes`, `sandbox expire ${bob}`);
  expect(await column('outcome', line)).toEqual(['reinvited', 'reinvited']);
  expect(await mails()).toEqual({ [ann]: 2, [bob]: 2 });
});

test('--dry-run says that nothing was sent, and leaves nothing behind', async () => {
  const { code, stderr } = await invite(`import ${write('people.csv', `email,role\n${ann},MetricsViewer\n`)} -n`);
  expect([code, stderr]).toEqual([0, expect.stringContaining('nothing was sent')]);
  expect([await mails(), existsSync(path('state/mails'))]).toEqual([{}, false]);
});

test.each(['email\n', '', ' \n\n', '[]'])('of nobody, as %j, is done without a request', async (text) => {
  const env = clientOf('http://127.0.0.1:1');
  const { code, stdout, stderr } = await invite(`import ${write('people.csv', text)} --yes -o json`, { env });
  expect([code, stdout, stderr]).toEqual([0, '[]\n', expect.stringContaining('has 0 rows')]);
  expect(stderr).not.toMatch(/^columns: $/m);
});

test('of people who are all left out does not say that there is no row', async () => {
  const { code, stderr } = await invite(`import ${write('people.csv', `email,status\n${ann},Suspended\n`)} --yes`);
  expect(code).toBe(0);
  expect(stderr).toContain('has only rows that are left out; nobody is invited');
});

test('asks, and where nobody can be asked says what it would have asked', async () => {
  const { code, stdout, stderr } = await invite(`import ${write('people.csv', `${ann}\n${bob}\n`)}`);
  expect([code, stdout, await mails()]).toEqual([2, '', {}]);
  expect(stderr).toMatch(/invite 2 people from ".*people\.csv" into "[^"]+" \([^)]+\)\?\nhint: --yes confirms\n$/);
});

test.each([
  ['import a b', /too many arguments/],
  ['import nowhere.csv', /no such file or directory/],
  ['import nowhere.csv --concurrency 0', /from 1 to 32/],
  ['import nowhere.csv --role Operatr', /Operator/],
])('%s is refused', async (line, words) => {
  expect(await invite(line)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(words) });
});

test.each([
  ['people.yaml', '# our people\nversion: 1\npeople:\n  - ann@example.com\n'],
  ['people.json', '{\n "version": 1,\n "people": ["ann@example.com"]\n}\n'],
  ['schema.yaml', '$schema: people.schema.json\nx-cost: 12\nversion: 1\npeople:\n  - ann@example.com\n'],
  ['remark.json', '{\n // ours\n "version": 1, "within": ["env-1"],\n "people": ["ann@example.com"]\n}\n'],
  ['teams.json', '{"auth_type":"sso","teams":{},"version":1,"people":["ann@example.com"]}'],
])('a file of people, %s, is for plan and apply', async (name, text) => {
  const file = write(name, text);
  const { code, stdout, stderr } = await invite(`-p sandbox import ${file} -o json`);
  const { error } = JSON.parse(stderr);
  expect([code, stdout, error.code, error.hints[0]]).toEqual([2, '', 'invalid_file', `invite -p sandbox plan ${file}`]);
});

test('who is left out has a result, and is counted in the question and in what is said of a dry run', async () => {
  const text = `email,status,is_bot\n${ann},active,no\n${bob},left,no\n,active,yes\n`;
  expect(await outcomes(text)).toEqual(['- skipped', 'ann created', 'bob skipped']);
  const { stderr } = await invite(`import ${path('people.csv')} --dry-run`);
  expect(stderr).toContain('left out: 1 status "left", 1 is_bot "yes"');
  expect(stderr).toContain('columns: addresses from "email"; who is there from "status", "is_bot"');
  const all = await outcomes(text, '--include-inactive --skip-rows-without-email');
  expect(all).toEqual(['- skipped', 'ann already_invited', 'bob created']);
});

describe('roles', () => {
  test('are listed with their people before they are granted, administrators by name', async () => {
    const rows = [`${ann},OrganizationAdmin`, `${bob},DeveloperRead@env-1`, `${cyd},DeveloperRead@env-1`];
    const file = write('people.csv', `email,role\n${rows.join('\n')}\n`);
    const { code, stdout, stderr } = await invite(`import ${file} -n`);
    expect(code).toBe(0);
    expect(stderr).toContain(
      'roles that would be granted:\n  OrganizationAdmin on the organization for 1 person: ann@example.com\n  DeveloperRead on environment=env-1 for 2 people\n',
    );
    expect(stdout).toMatch(/^OUTCOME +ID +EMAIL +STATE +EXPIRES +ROLES/);
    expect(stdout).toContain('DeveloperRead on environment=env-1 would be granted');
  });

  test('of everybody that need a place are refused where the file has none', async () => {
    expect(await refusal(`email\n${ann}\n`, '--role EnvironmentAdmin')).toMatch(
      /^error: the role "EnvironmentAdmin" needs an environment\n.*\nhint: --role EnvironmentAdmin@env-abc\n$/,
    );
  });

  test('with a place that is none, or of another organization, are refused with their line', async () => {
    const said = await refusal(`email,role\n${ann},DeveloperRead@prod\n`);
    expect(said).toMatch(/line 2: "prod" is not a scope for DeveloperRead; a scope is an id/);
    // Neither another role nor a flag is suggested for it.
    expect(said).not.toMatch(/OrganizationAdmin|--role/);
    const crn = 'crn://confluent.cloud/organization=11111111-1111-4111-8111-111111111111/environment=env-abc';
    const other = await refusal(`email,role,crn_pattern\n${ann},Operator,${crn}\n`);
    expect(other).toMatch(/line 2: .* is a role of another organization/);
  });
});

describe('domains', () => {
  test('others than the allowed ones are refused, with their lines', async () => {
    const text = `email\n${ann}\nbob@other.example\n`;
    const said = await refusal(text, '--allowed-domains example.com,example.org');
    expect(said).toContain('line 3: "bob@other.example": its domain is not one of example.com, example.org');
    expect(said).toContain('hint: --allow-external');
    expect(await outcomes(text, '--allowed-domains example.com --allow-external')).toHaveLength(2);
    const stderr = expect.stringContaining('"x@other.example": its domain is not one of');
    expect(await invite('create x@other.example --allowed-domains example.com')).toMatchObject({ code: 2, stderr });
  });

  const slip = 'warning: "dan@exampel.com" may be meant as dan@example.com';

  const commands = ['import --dry-run', 'import --yes', 'plan --managed none', 'apply --managed none --yes'];
  test.each(commands)('%s warns of a slip from the domain of most of the organization', async (command) => {
    await ok(`create ${everybody.join(' ')} x@partner.example`);
    const file = write('people.csv', 'email\ndan@exampel.com\neve@partner.example\n');
    expect((await invite(`${command} ${file}`)).stderr.match(/^warning: .*/gm)).toEqual([slip]);
  });
});

describe('resend of many', () => {
  test('mails a person once, however many ids name them', async () => {
    const first = await json(`create ${ann}`);
    await ok(`sandbox expire ${ann}`);
    const second = await json(`create ${ann}`);
    await invite('resend - --yes', { stdin: `${first.id}\n${second.id}\nANN@example.com\n` });
    expect(await mails()).toEqual({ [ann]: 3 });
  });
});
