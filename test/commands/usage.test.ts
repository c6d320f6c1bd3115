import { expect, test } from 'vitest';
import { runCli } from '../support/run-cli.ts';

const env = { INVITE_PROFILE: 'sandbox' };

test.each([
  ['lst', 'unknown command "lst"', 'did you mean "list"?'],
  ['list --statuss sent', 'unknown option "--statuss"', 'did you mean "--status"?'],
  ['list --status snt', 'invalid argument "snt" for "--status"', 'did you mean "sent"?'],
  ['list -o jsn', 'invalid argument "jsn" for "--output"', 'did you mean "json"?'],
  ['list --json -o yaml', '--json and -o \\"yaml\\" contradict each other', undefined],
  ['list --fields emal', 'unknown field "emal"', 'did you mean "email"?'],
  ['import people.csv --fields emal', 'unknown field "emal"', 'did you mean "email"?'],
  ['list --expiring soon', 'invalid argument "soon" for "--expiring"', undefined],
  ['list --older-than -5d', '"-5d"', undefined],
  ['list --limit 0', 'invalid argument "0" for "--limit"', undefined],
  ['list --retries many', 'invalid argument "many" for "--retries"', undefined],
  ['list --color blue', 'invalid argument "blue" for "--color"', undefined],
  ['list extra', 'too many arguments', 'invite list --help'],
  ['list ann@example.com', 'too many arguments', 'invite get ann@example.com'],
  ['ls -o csv "o\'brien@example.com"', 'too many arguments', String.raw`invite get 'o'\''brien@example.com'`],
  ['report -o html', 'invalid argument "html" for "--output"', undefined],
  ['auth login --api-secret=hush', 'unknown option "--api-secret"', 'invite auth login --help'],
  ['-p list', '"list" was taken as the value of --profile, and no command follows', 'invite auth list'],
  ['-o export', '"export" was taken as the value of --output, and no command follows', '-o, --output <format>'],
  ['--profil sandbox list', 'unknown option "--profil"', 'invite --help'],
  ['--profil=sandbox list', 'unknown option "--profil', 'did you mean "--profile"?'],
  ['delete x --dry-run=client', '"--dry-run" takes no value', 'invite delete --help'],
  ['delete x -qy=true', '"--yes" takes no value', 'invite delete --help'],
  ['--dry-run delete x', '"--dry-run" belongs behind "delete"', 'invite delete --help'],
  ['--limit=3 list', '"--limit" belongs behind "list"', 'invite list --help'],
  ['delete --stauts expired', 'unknown option "--stauts"', 'invite delete --help'],
  ['wait --for acepted i-1', 'invalid argument "acepted" for "--for"', 'did you mean "accepted"?'],
  [
    'people --domain ann@example.com',
    '"ann@example.com" is not a domain',
    'as example.com, or example.com,example.org',
  ],
  ['get', 'missing target', undefined],
  ['get " "', '"" is neither an id nor an e-mail address', undefined],
  ['create', 'missing required argument "email"', undefined],
  [
    'create ann@example.com --role OrganisationAdmin',
    'unknown role "OrganisationAdmin"',
    'did you mean "OrganizationAdmin"?',
  ],
  ['--profile --yes list', '"--yes" cannot be the value of --profile', undefined],
  ['list -p -o', '"-o" cannot be the value of --profile', undefined],
  ['create ann@example.com --role --strict', '"--strict" is not a role', undefined],
])('%s', async (line, message, suggestion) => {
  const { code, stdout, stderr } = await runCli(line, { env });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr.split('\n')[0]).toContain(message);
  if (suggestion !== undefined) expect(stderr).toContain(`hint: ${suggestion}\n`);
});

test.each([
  ['login', 'invite auth login'],
  ['whoami', 'invite auth status'],
  ['describe ann@example.com', 'invite get ann@example.com'],
  ['view i-7od91 -o json', 'invite get i-7od91'],
  ['add ann@example.com bob@example.com', 'invite create ann@example.com bob@example.com'],
  ['add "ann smith"', "invite create 'ann smith'"],
  ['revoke ann@example.com', 'invite delete ann@example.com'],
  ['revoke ann@example.com', 'invite role revoke ann@example.com ROLE'],
  ['revoke ann@example.com MetricsViewer', 'invite role revoke ann@example.com MetricsViewer'],
  ['admins', 'invite people --admins'],
  ['sandbox list', 'invite -p sandbox list'],
  ['sandbox create ann@example.com', 'invite -p sandbox create ann@example.com'],
  ['update ann@example.com', 'invite role grant ann@example.com ROLE'],
  ['edit ann@example.com', 'invite delete ann@example.com'],
  ['add ann@example.com --api-secret cflt', 'invite create ann@example.com'],
  ['role add ann@example.com MetricsViewer', 'invite role grant ann@example.com MetricsViewer'],
  ['role ls', 'invite people'],
  ['invitations', 'invite list'],
  ['invites', 'invite list'],
  ['invitations create ann@example.com', 'invite create ann@example.com'],
  ['user delete bob@example.com', 'invite remove bob@example.com'],
  ['users list', 'invite people'],
  ['lists', 'invite list'],
  ['roles', 'invite help roles'],
  ['iam user invitation list', 'invite list'],
  ['delete x --force', '--yes answers the question'],
  ['list --force', 'invite list --help'],
  ['apply -f people.yaml', 'invite apply people.yaml'],
  ['create -f people.csv', 'invite import people.csv'],
  ['validate -f', 'invite validate people.yaml'],
  ['apply people.yaml -auto-approve', '--yes answers the question'],
  ['plan -out=plan.json people.yaml', '-o json > plan.json'],
  ['list -L 30', '--limit 30'],
  ['list --all', 'invite list'],
  ['delete --all', 'invite delete --status pending'],
  ['list --verbose', '--debug shows the requests'],
  ['list -v', '--debug shows the requests'],
  ['list --format=csv', '-o csv'],
  ['list --role OrganizationAdmin', 'invite people --role OrganizationAdmin'],
  ['list --state expired', '--status expired'],
  ['get ann@example.com --json id,email', 'invite get ann@example.com --json --fields id,email'],
  ['list --json=id,email', 'invite list --json --fields id,email'],
  ['delete ann@example.com -y --json id,email', '--json --fields id,email'],
  ['people -o jsonpath={.id}', '-o json | jq'],
  ['people -o md', 'did you mean "markdown"?'],
  ['auth login --api-key ABCDEFGH12345678 --api-secret cflt-1234', '--api-secret-stdin reads it from stdin'],
  ['--json id,metadata.created_at list', 'invite --json --fields id,metadata.created_at list'],
  ['--json lst', 'did you mean "list"?'],
  ['--json revoke ann@example.com', 'invite delete ann@example.com'],
  ['list -o wide', '--fields picks the columns of a table'],
  ['-p list', 'invite -p sandbox list'],
])('the habit of another tool: %s', async (line, hint) => {
  const { code, stdout, stderr } = await runCli(line);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  const hints = stderr.startsWith('{')
    ? JSON.parse(stderr).error.hints
    : stderr.split('\n').flatMap((text) => (text.startsWith('hint: ') ? [text.slice(6)] : []));
  expect(hints).toContain(hint);
});

test('no format is suggested that the command does not have', async () => {
  expect((await runCli('list -o md')).stderr).not.toContain('hint:');
});

test.each(['JSON', ' json'])('the format "%s" is near to json', async (INVITE_OUTPUT) => {
  const { stderr } = await runCli('list', { env: { INVITE_OUTPUT } });
  expect(stderr.split('\n')[1]).toBe('hint: did you mean "json"?');
});

const far = ['del x', 'frobnicate', 'li', '--nope list', '__proto__', 'constructor x'];
test.each(far)('nothing is suggested for %s, which is near to nothing', async (line) => {
  const { code, stderr } = await runCli(line);
  expect([code, ...stderr.split('\n').slice(1)]).toEqual([2, 'hint: invite --help', '']);
});

test('-o=json is -o json', async () => {
  expect(await runCli('list -o=json', { env })).toEqual({ code: 0, stdout: '[]\n', stderr: '' });
});

test('with -o json a usage error is one line of json, wherever the option stands', async () => {
  const message = 'invalid argument "x" for "--limit": valid values are whole numbers from 1 to 100000';
  const unknown = { http_status: null, request_id: null, retryable: false, target: null, hints: [] };
  const typed = [
    '-o json list --limit x',
    ...['--json', '-ojson', '--output=ndjson'].map((o) => `list --limit x ${o}`),
  ];
  for (const line of typed) {
    const { code, stdout, stderr } = await runCli(line, { env });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect(JSON.parse(stderr)).toEqual({ error: { code: 'usage', message, exit_code: 2, ...unknown } });
  }
});

test('INVITE_OUTPUT stands in for -o, which wins over it', async () => {
  expect((await runCli('list', { env: { ...env, INVITE_OUTPUT: 'json' } })).stdout).toBe('[]\n');
  expect((await runCli('list -o csv', { env: { ...env, INVITE_OUTPUT: 'json' } })).stdout).toMatch(/^id,/);
  expect(await runCli('list', { env: { ...env, INVITE_OUTPUT: 'xml' } })).toMatchObject({ code: 2 });
});

test('help is a result: on stdout, exit 0', async () => {
  for (const line of ['--help', 'help', '', 'list --help', 'help list', 'auth', 'sandbox']) {
    expect(await runCli(line)).toEqual({ code: 0, stdout: expect.stringContaining('Usage: invite'), stderr: '' });
  }
});

test('global options are taken before and after the command', async () => {
  for (const line of ['-p sandbox -o json list', 'list -p sandbox -o json', '--profile sandbox list --json']) {
    expect(await runCli(line)).toMatchObject({ code: 0, stdout: '[]\n' });
  }
});

const takenForId = '"ann" was taken for an id: an e-mail address has an @';
const idOfUser = '"u-ann" is the id of a user, not of an invitation';

test.each([
  ['get ann', takenForId, "invite list --email 'ann*'"],
  ['delete ann -y', takenForId, "invite list --email 'ann*'"],
  ['resend ann -y', takenForId, "invite list --email 'ann*'"],
  ['get u-ann', idOfUser, 'invite list --user u-ann'],
])('%s explains what an id and what an address is, once the API knows no such id', async (line, why, hint) => {
  const { code, stdout, stderr } = await runCli(line, { env });
  expect([code, stdout]).toEqual([6, '']);
  const [, name] = line.split(' ');
  const message = `error: cannot get "${name}"\n  not found or not permitted (HTTP 404: Not Found)\n  ${why}\n`;
  expect(stderr.slice(0, message.length)).toBe(message);
  expect(stderr).toContain(`hint: ${hint}\n`);
});

test('what looks like an id is not explained', async () => {
  expect((await runCli('get i-7od91', { env })).stderr).not.toContain('taken for an id');
});
