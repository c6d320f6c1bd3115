import { expect, test } from 'vitest';
import { misspelledAmong } from '../../src/api/email.ts';
import { member, openMembershipApi, organization } from '../membership/api.ts';
import { useDesk } from '../support/desk.ts';
import { runCli } from '../support/run-cli.ts';

const { invite, column, write } = useDesk();

test('a profile names the only domains, for all commands that mail', async () => {
  const api = await openMembershipApi();
  const {
    CONFLUENT_CLOUD_API_KEY: key = '',
    CONFLUENT_CLOUD_API_SECRET: secret = '',
    CONFLUENT_CLOUD_ENDPOINT: endpoint = '',
  } = api.env;
  const typed = (line: string) => runCli(line, { folder: api.folder, env: {}, clock: api.clock });
  const secretFile = api.write('secret', secret);
  const login = `auth login work --endpoint ${endpoint} --api-key ${key} --api-secret-file ${secretFile}`;
  expect(await typed(`${login} --allowed-domains example.com`)).toMatchObject({ code: 0 });
  const table = api.write('people.csv', 'email\nann@example.com\nbob@other.example\n');
  const people = JSON.stringify({ version: 1, organization, people: ['bob@other.example'] });
  const document = api.write('people.json', people);
  const refusal = /"bob@other.example": its domain is not one of example.com.*--allow-external/s;
  for (const line of ['create bob@other.example', `import ${table} --yes`, `plan ${table}`, `apply ${document} --yes`])
    expect(await typed(line), line).toMatchObject({ code: 2, stderr: expect.stringMatching(refusal) });
  expect(await api.mails()).toEqual({});
  expect(await typed('create bob@other.example --allow-external')).toMatchObject({ code: 0 });
});

test('a file of people names its own', async () => {
  const api = await openMembershipApi();
  const text = (domain: string) =>
    `version: 1\ndomains: [${domain}]\npeople:\n  - ann@example.com\n  - bob@sub.example.com\n`;
  const plan = (domain: string, flags = '') => api.invite(`plan ${api.write('people.yaml', text(domain))} ${flags}`);
  expect(await plan('example.com, "*.example.com"')).toMatchObject({ code: 0 });
  const stderr = expect.stringContaining('line 5: "bob@sub.example.com": its domain');
  expect(await plan('example.com')).toMatchObject({ code: 2, stderr });
  expect(await plan('example.com', '--allow-external')).toMatchObject({ code: 0 });
  for (const [domains, complaint] of [
    ['example.com, "no domain"', '"no domain" is not a domain'],
    ['', 'domains is empty: leave it out to allow every domain'],
  ] as const) {
    const { code, stderr } = await plan(domains);
    expect([code, stderr.match(/^ {2}.*$/gm)]).toEqual([2, [`  line 2: ${complaint}`]]);
  }
});

test.each<[emails: string[], meant: string[]]>([
  [
    ['a@gmial.com', 'b@gmail.com', 'c@gmail.co'],
    ['a@gmail.com', 'c@gmail.com'],
  ],
  [['a@acme.com', 'b@acme.com', 'c@acme.con'], ['c@acme.com']],
  [['a@acme.com', 'b@acne.com'], []],
  [['a@mail.com', 'b@ymail.com', 'c@gmx.net'], []],
  [
    ['a@other.con', 'b@other.co', 'c@acme.cmo'],
    ['a@other.com', 'c@acme.com'],
  ],
])('%j: %j is meant', (emails, meant) => expect(misspelledAmong(emails).map((one) => one.meant)).toEqual(meant));

test.each(['delete', 'remove', 'resend'])('%s FILE says how the file is read', async (command) => {
  const file = write('leavers.txt', 'ann@example.com\n');
  const { code, stderr } = await invite(`${command} ${file} --yes`);
  expect(code).toBe(2);
  expect(stderr).toContain(`hint: invite ${command === 'delete' ? 'remove' : command} - < ${file}\n`);
});

test('create and import take the same text', async () => {
  const text =
    '# leads\nBee, Ann <ann@example.com>; mailto:bob@example.com,\n"Cay, C." <cyd@example.com>\tdan@example.com;\n';
  const four = ['ann', 'bob', 'cyd', 'dan'].map((name) => `${name}@example.com`);
  expect(await column('email', 'create - -n', { stdin: text })).toEqual(four);
  expect(await column('email', `import ${write('list', text)} -n`)).toEqual(four);
});

test('--not-in counts who is gone as not there, and asks about columns as import does', async () => {
  const api = await openMembershipApi({ people: [member('ann'), member('bob')] });
  const listed = async (text: string, flags = '') => {
    const { code, stdout, stderr } = await api.invite(`people --not-in ${api.write('hr.csv', text)} ${flags} -o json`);
    return code === 0 ? (JSON.parse(stdout) as { email: string }[]).map(({ email }) => email) : stderr;
  };
  const owner = 'owner@sandbox.example';
  const one = await listed(`email,status\nann@example.com,active\nbob@example.com,left\n${owner},active\n`);
  expect(one).toEqual(['bob@example.com']);
  const again = `email,status\nann@example.com,left\nANN@example.com,active\nbob@example.com,left\n,left\n`;
  const { stderr } = await api.invite(`people --not-in ${api.write('hr.csv', again)}`);
  expect(stderr).toMatch(/^counted as not in ".*hr\.csv": 2 status "left"$/m);
  const stato = `email,Lebenszyklus-Status\nann@example.com,Aktiv\nbob@example.com,Inaktiv\n${owner},Aktiv\n`;
  const file = api.write('hr.csv', stato);
  const read = await api.invite(`people --not-in ${file}`);
  expect(read.stderr).toContain('and is not read; --columns status=Lebenszyklus-Status reads it\n');
  expect(await listed(stato, '--columns status=Lebenszyklus-Status')).toEqual(['bob@example.com']);
  const two = `a,b\nann@example.com,x@y.zz\n${owner},z@y.zz\n`;
  expect(await listed(two)).toContain('--columns email=a');
  expect(await listed(two, '--columns email=a')).toEqual(['bob@example.com']);
});
