import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { runCli, temporaryFolder } from '../support/run-cli.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder, 'people');
});

function invite(line: string) {
  return runCli(line, { folder, env: { INVITE_PROFILE: 'sandbox' } });
}

/** `ann created`, `bob skipped`, with the roles of each; a dry run first, which promises just that. */
async function outcomes(text: string | Buffer, flags = ''): Promise<string[]> {
  writeFileSync(file, text);
  const dry = await invite(`import ${file} ${flags} --dry-run -o json`);
  const done = await invite(`import ${file} ${flags} --yes -o json`);
  const shown = [dry, done].map(({ code, stdout, stderr }) => {
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
    return (
      JSON.parse(stdout) as { email?: string; outcome: string; roles?: { role_name: string; crn_pattern: string }[] }[]
    )
      .map(({ email = '-', outcome, roles = [] }) => {
        const places = roles.map(
          ({ role_name, crn_pattern }) => `${role_name}@${crn_pattern.split('/').slice(4).join('/')}`,
        );
        return [email.replace('@example.com', ''), outcome, ...places].join(' ');
      })
      .sort();
  });
  expect(shown[0]).toEqual(shown[1]);
  return shown[0] ?? [];
}

async function refusal(text: string | Buffer, flags = ''): Promise<string> {
  writeFileSync(file, text);
  const { code, stdout, stderr } = await invite(`import ${file} ${flags} --yes`);
  expect({ code, stdout }, stderr).toEqual({ code: 2, stdout: '' });
  expect((await invite('list -o json')).stdout).toBe('[]\n');
  return stderr;
}

const mails = 'ann@example.com,bob@example.com,cyd@example.com'.split(',');
const [ann, bob, cyd] = mails as [string, string, string];

describe('who is gone is left out', () => {
  test.each([
    ['Status [READ ONLY]', 'Active', 'Suspended'],
    ['status', 'ACTIVE', 'DEPROVISIONED'],
    ['User status', 'Active', 'Deactivated'],
    ['state', 'ACTIVATED', 'SUSPENDED'],
    ['status', 'Multi-Channel Guest', 'Deactivated'],
    ['accountEnabled', 'True', 'False'],
    ['Block sign in (Yes/No) [accountEnabled] Required', 'No', 'Yes'],
    ['Blocked', '0', '1'],
    ['deleted', 'false', 'true'],
    ['Sign-in status', 'Sign-in allowed', 'Sign-in blocked'],
    ['userAccountControl', '512', '514'],
    ['UNSUB_TIME', '', '2026-01-01 10:00:00'],
    ['nsAccountLock', 'FALSE', 'TRUE'],
    ['Aktiv', 'ja', 'nein'],
    ['Gesperrt', 'nein', 'ja'],
    ['Status', 'aktiv', 'ausgeschieden'],
    ['Actif', 'oui', 'non'],
    ['Statut', 'Actif', 'Désactivé'],
    ['Estado', 'activo', 'de baja'],
    ['Situação', 'ativo', 'desligado'],
    ['ステータス', '有効', '退職'],
    ['退職', 'いいえ', 'はい'],
  ])('%s: %s is there, %s is not', async (heading, there, gone) => {
    const rows = `email;${heading}\n${ann};${there}\n${bob};${gone}\n`;
    expect(await outcomes(rows)).toEqual(['ann created', 'bob skipped']);
  });

  test.each([
    ['JSON', (records: readonly object[]) => JSON.stringify(records)],
    ['NDJSON', (records: readonly object[]) => records.map((one) => `${JSON.stringify(one)}\n`).join('')],
  ])('in %s as well', async (_, write) => {
    const records = [
      { email: ann, accountEnabled: 'True', 退職: '' },
      { email: bob, accountEnabled: 'False', 退職: '' },
      { email: cyd, accountEnabled: 'True', 退職: 'はい' },
    ];
    expect(await outcomes(write(records))).toEqual(['ann created', 'bob skipped', 'cyd skipped']);
  });

  test.each([
    ['until', '2026-01-31', '2027-01-31'],
    ['Access expires', '01.02.2026', '31.12.2027'],
    ['Austrittsdatum', '2026/01/31', ''],
    ['Fecha de baja', '2026-01-31', ''],
    ['expires', '1767225600', '1893456000000'],
    ['accountExpires', '133000000000000000', '9223372036854775807'],
    ['Termination date', '31 Jan 2026', 'Jan 31, 2027'],
  ])('%s: %s is over, %s is not', async (heading, over, later) => {
    expect(await outcomes(`email,"${heading}"\n${ann},"${later}"\n${bob},"${over}"\n`)).toEqual([
      'ann created',
      'bob skipped',
    ]);
  });

  test('is not a person: groups and bots', async () => {
    expect(await outcomes(`email,type\n${ann},USER\n${bob},GROUP\n`)).toEqual(['ann created', 'bob skipped']);
    folder = temporaryFolder();
    expect(await outcomes(`[{"email":"${ann}","is_bot":false},{"email":null,"is_bot":true}]`)).toEqual([
      '- skipped',
      'ann created',
    ]);
  });

  test('unless --include-inactive is given', async () => {
    const text = `email,status\n${ann},Suspended\n${bob},Frozen\n`;
    expect(await outcomes(text, '--include-inactive')).toEqual(['ann created', 'bob created']);
  });

  test('a value that is not known is asked about', async () => {
    const said = await refusal(`email,Status\n${ann},Active\n${bob},Frozen\n`);
    expect(said).toContain('the column "Status" may say who is no longer there, and "Frozen" is not known');
    expect(said).toContain('hint: --columns status= ignores it\n');
    expect(await outcomes(`email,Status\n${ann},Active\n${bob},Frozen\n`, '--columns status=')).toEqual([
      'ann created',
      'bob created',
    ]);
  });

  test('and a part of a country is no status where another column is one', async () => {
    expect(await outcomes(`email,accountEnabled,state\n${ann},True,Bavaria\n`)).toEqual(['ann created']);
  });

  test('counts are in the question, and in what is said of a dry run', async () => {
    writeFileSync(file, `email,status,is_bot\n${ann},active,no\n${bob},left,no\n${cyd},active,yes\n`);
    const { stderr } = await invite(`import ${file} --dry-run`);
    expect(stderr).toContain('left out: 1 status "left", 1 is_bot "yes"');
    expect(stderr).toContain('columns: addresses from "email"; who is there from "status", "is_bot"');
  });
});

describe('rows without an address', () => {
  const text = `name,email\nAnn,${ann}\nBot,\n`;
  test('are an error that names the flag', async () => {
    expect(await refusal(text)).toMatch(/line 3: the address is missing\nhint: --skip-rows-without-email/);
  });
  test('and are counted with it', async () => {
    expect(await outcomes(text, '--skip-rows-without-email')).toEqual(['- skipped', 'ann created']);
  });
});

describe('what narrows a role', () => {
  const place = 'environment=env-abc';
  const cluster = `${place}/cloud-cluster=lkc-123`;
  test.each([
    ['role,environment', 'Operator,env-abc', `Operator@${place}`],
    ['Rolle,Umgebung', 'Operator,env-abc', `Operator@${place}`],
    ['Rolle,Bereich', 'Operator,env-abc', `Operator@${place}`],
    ['role,Where', 'Operator,env-abc', `Operator@${place}`],
    ['role,environment,cloud_cluster', 'Operator,env-abc,lkc-123', `Operator@${cluster}`],
    [
      'role,environment,cluster,resource',
      'DeveloperRead,env-abc,lkc-123,topic=a',
      `DeveloperRead@${cluster}/kafka=lkc-123/topic=a`,
    ],
    [
      'role,environment,cloud_cluster,resource_type,resource_name,pattern_type',
      'DeveloperRead,env-abc,lkc-123,Topic,a,PREFIXED',
      `DeveloperRead@${cluster}/kafka=lkc-123/topic=a*`,
    ],
    [
      'role_name,crn_pattern',
      `Operator,crn://confluent.cloud/organization=00000000-0000-4000-8000-73616e64626f/${place}`,
      `Operator@${place}`,
    ],
  ])('%s is its scope', async (headings, cells, role) => {
    const expected = [`ann created ${role}`];
    expect(await outcomes(`email,${headings}\n${ann},${cells}\n`)).toEqual(expected);
    folder = temporaryFolder();
    const values = cells.split(',');
    const record = Object.fromEntries(headings.split(',').map((name, at) => [name, values[at]]));
    expect(await outcomes(JSON.stringify([{ email: ann, ...record }]))).toEqual(expected);
  });

  test('narrows the roles of --role, too', async () => {
    expect(await outcomes(`email,environment\n${ann},env-abc\n`, '--role Operator')).toEqual([
      `ann created Operator@${place}`,
    ]);
  });

  test('is asked about if it is no id', async () => {
    const text = `email,role,Umgebung\n${ann},Operator,Produktion\n`;
    const said = await refusal(text);
    expect(said).toContain('the column "Umgebung" may say what the roles are for, and Produktion is no id');
    expect(said).toContain('hint: --columns scope= ignores it\n');
    expect(await outcomes(text, '--columns scope=')).toEqual(['ann created Operator@']);
  });

  test('is said where there is none', async () => {
    writeFileSync(file, `email,role\n${ann},MetricsViewer\n`);
    expect((await invite(`import ${file} -n`)).stderr).toContain('MetricsViewer on the organization for 1 person');
  });

  test('in another organization is refused, with its line', async () => {
    const crn = 'crn://confluent.cloud/organization=11111111-1111-4111-8111-111111111111/environment=env-abc';
    expect(await refusal(`email,role,crn_pattern\n${ann},Operator,${crn}\n`)).toMatch(
      /line 2: .* is a role of another organization/,
    );
  });
});

describe('roles of another program', () => {
  test.each(['Owner', '"VP, Sales"', 'Organizer'])('%s', async (role) => {
    const text = `email,role\n${ann},${role}\n`;
    expect(await refusal(text)).toMatch(
      /no value of the column "role" is a role of Confluent \(.*\)\nhint: --columns role= ignores it/,
    );
    expect(await outcomes(text, '--columns role=')).toEqual(['ann created']);
  });

  test('a single unknown name is refused with its line and the nearest ones', async () => {
    const said = await refusal(`email,role\n${ann},Operator\n${bob},Owner\n`);
    expect(said).toContain('line 3: unknown role "Owner"; did you mean "ResourceOwner"');
  });
});

describe('which address', () => {
  test.each([
    ['a form', `Timestamp,Email Address,New colleague\n1,lead@example.com,${ann}\n`, 'New colleague'],
    ['the known heading repeats', `email,Other\n${bob},${ann}\n${bob},${cyd}\n`, 'email'],
    ['the known heading has gaps', `mail,userPrincipalName\n${ann},a@x.example\n,b@x.example\n`, 'mail'],
    ['two unknown ones', `Work - Value,Private\n${ann},${bob}\n`, 'Work - Value'],
    ['only that of the manager', `Email,Manager Email\n,${bob}\n`, 'Manager Email'],
  ])('is asked about: %s', async (_, text, first) => {
    const said = await refusal(text);
    expect(said).toContain('it is not certain which column has the addresses to invite');
    expect(said).toContain(`--columns ${/\s/.test(first) ? `'email=${first}'` : `email=${first}`} takes `);
  });

  test.each([
    ['a manager beside it', `Email,Manager Email\n${ann},boss@example.com\n${bob},boss@example.com\n`],
    ['a name that is no address', `userName,emails[0].value\nE1,${ann}\nE2,${bob}\n`],
    ['an unknown heading', `Name,Kontakt\nAnn,${ann}\nBob,${bob}\n`],
  ])('is taken: %s', async (_, text) => expect(await outcomes(text)).toEqual(['ann created', 'bob created']));
});

test.each([
  ['cyd_partner.example#EXT#@corp.onmicrosoft.example', 'may be cyd@partner.example'],
  ['*@example.com', 'a template'],
  [`\${email}@example.com`, 'a template'],
  ['%s@example.com', 'a template'],
  ["'ann@example.com", 'without it, it is ann@example.com'],
])('%s is no address: %s', async (email, words) => {
  expect(await refusal(`email\n${email}\n`)).toContain(words);
  expect(await refusal(JSON.stringify([{ email }]))).toContain(words);
});

test.each([
  ['JSON', `[{"email":"${ann}",\n"email":"${bob}"}]`, 'line 2: the key "email" appears twice'],
  ['NDJSON', `{"email":"${ann}"}\n{"email":"${bob}","email":"${cyd}"}`, 'line 2: the key "email" appears twice'],
  ['CSV', `email,Email\n${ann},${bob}\n`, 'line 1: the column "Email" appears twice'],
])('a key twice in %s', async (_, text, words) => expect(await refusal(text)).toContain(words));

describe('what stands around the people', () => {
  const both = ['ann created', 'bob created'];
  test.each([
    ['sep=', `sep=;\r\nName;E-Mail\r\nAnn;${ann}\r\nBob;${bob}\r\n`],
    ['a banner', `\nWorkers report\nRun by Ann\n\nEmail,Name\n${ann},Ann\n${bob},Bob\n`],
    ['a sentence about a group', `Members for group x\nemail,id\n${ann},1\n${bob},2\n`],
    ['comments', `# a\nemail,x\n${ann},1\n#${cyd},1\n${bob},2\n`],
    ['lines below', `"Name","Email"\n"Ann","${ann}"\n"Bob","${bob}"\n\n\n"A title"\n"Made by Ann"\n`],
    ['a total', `Name,Email\nAnn,${ann}\nBob,${bob}\nTotal,2\n`],
    ['a table drawn with bars', ` ID | Email\n----+------\n 1 | ${ann}\n 2 | ${bob}\n`],
    [
      'a template of Microsoft',
      `version:v1.0,\r\nEmail address to invite [inviteeEmail] Required,Redirection url [inviteRedirectURL] Required\r\nExample: x@example.org,y\r\n${ann},z\r\n${bob},z\r\n`,
    ],
    ['a list of a mail program', `Bee, Ann <${ann}>; Bob <${bob}>;`],
    ['delimiters behind each', `${ann},\n${bob};\n`],
    ['tabs behind each', `${ann}\t\n${bob}\t\n`],
    ['mailto:', `mailto:${ann}\nMAILTO:${bob}\n`],
    ['an object around it', JSON.stringify({ meta: { n: 2 }, data: { users: [{ email: ann }, { email: bob }] } })],
    ['objects by address', JSON.stringify({ users: { [ann]: { x: 1 }, [bob]: {} } })],
    ['several arrays', `[{"email":"${ann}"}][{"email":"${bob}"}]`],
    ['arrays in an array', `[[{"email":"${ann}"}],[{"email":"${bob}"}]]`],
    ['an object inside', `[{"profile":{"email":"${ann}"}},{"profile":{"email":"${bob}"}}]`],
    ['a list of YAML', `- email: ${ann}\n  x: 1\n- email: ${bob}\n`],
    ['UTF-16', Buffer.from(`\ufeff"Name";"E-Mail"\r\n"A, B";"${ann}"\r\n"C";"${bob}"\r\n`, 'utf16le')],
  ])('%s', async (_, text) => expect(await outcomes(text)).toEqual(both));

  test('is said', async () => {
    for (const [text, words] of [
      ['{"data":[{"email":"ann@example.com"}]}', 'the people are those in "data"'],
      ['A report\nemail,x\nann@example.com,1\n', 'line 2 is taken as the header'],
      ['name,email\nAnn,ann@example.com\nTotal,1\n', 'line 3, "Total 1", stands below the table'],
    ]) {
      writeFileSync(file, text ?? '');
      expect((await invite(`import ${file} -n`)).stderr).toContain(words);
    }
  });

  test('--columns reaches inside', async () => {
    const text = JSON.stringify([{ a: { mail: bob }, profile: { contact: ann } }]);
    expect(await outcomes(text, '--columns email=profile.contact')).toEqual(['ann created']);
  });

  test.each([
    ['dn: uid=ann,dc=example,dc=com\nmail: ann@example.com\n', 'it is LDIF'],
    ['BEGIN:VCARD\r\nEMAIL:ann@example.com\r\nEND:VCARD\r\n', 'it is vCard'],
    ['{"a":[{"email":"a@b.co"}],"b":[{"email":"c@b.co"}]}', 'there are several lists in it: "a", "b"'],
  ])('what it is instead: %j', async (text, words) => {
    const said = await refusal(text);
    expect(said).toContain(words);
    if (!text.startsWith('{')) expect(said).toMatch(/hint: .*CSV/);
  });
});

describe('domains', () => {
  test('others than the allowed ones are refused, with their lines', async () => {
    const text = `email\n${ann}\nbob@other.example\n`;
    const said = await refusal(text, '--allowed-domains example.com,example.org');
    expect(said).toContain('line 3: "bob@other.example": its domain is not one of example.com, example.org');
    expect(said).toContain('hint: --allow-external');
    expect(await outcomes(text, '--allowed-domains example.com --allow-external')).toHaveLength(2);
    const created = await invite('create x@other.example --allowed-domains example.com');
    expect(created).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"x@other.example": its domain is not one of'),
    });
  });

  test('a slip is one from the domain of most of the organization, too', async () => {
    await invite(`create ${mails.join(' ')} x@partner.example`);
    writeFileSync(file, 'email\ndan@exampel.com\neve@partner.example\n');
    for (const flag of ['--dry-run', '--yes']) {
      const { stderr } = await invite(`import ${file} ${flag}`);
      expect(stderr.match(/^warning: .*/gm)).toEqual(['warning: "dan@exampel.com" may be meant as dan@example.com']);
    }
  });

  test.each(['plan', 'apply --yes'])('%s warns of it as well', async (command) => {
    await invite(`create ${mails.join(' ')}`);
    writeFileSync(file, 'email\ndan@exampel.com\n');
    const { stderr } = await invite(`${command} ${file} --managed none`);
    expect(stderr.match(/^warning: .*/gm)).toEqual(['warning: "dan@exampel.com" may be meant as dan@example.com']);
  });

  test.each(['gmial.com', 'exmaple.com', 'example.con'])('a slip is a warning: %s', async (domain) => {
    writeFileSync(file, `email\n${mails.join('\n')}\ndan@${domain}\n`);
    const { code, stderr } = await invite(`import ${file} --yes`);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining(`warning: "dan@${domain}" may be meant as dan@`),
    });
  });
});

test('all complaints come at once, each with its line and column', async () => {
  const text = `E-Mail,Rolle,until\nann,Operator,\n${bob},Owner,\n${cyd},Operator,soon\n`;
  const said = await refusal(text);
  for (const words of [
    'line 2: "ann": it has no @ (column "E-Mail")',
    'line 3: unknown role "Owner"',
    'line 4: "soon" is not a date',
  ])
    expect(said).toContain(words);
});

test.each([
  ['1,001 columns', `email${',x'.repeat(1001)}\n`, 'names 1002 columns'],
  ['a cell of 2 MiB', `email,x\n${ann},${'x'.repeat(2 << 20)}\n`, 'longer than a million'],
  ['deep JSON', '['.repeat(200_000), 'nested too deeply'],
  ['a JSON cell of 2 MiB', `[{"email":"${'x'.repeat(2 << 20)}"}]`, 'characters long'],
])('%s ends in an error', async (_, text, words) => expect(await refusal(text)).toContain(words));
