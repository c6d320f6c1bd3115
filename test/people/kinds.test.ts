import { describe, expect, test } from 'vitest';
import { answering, everybody, read, refusal } from './reading.ts';

const mails = 'ann@example.com,bob@example.com,cyd@example.com'.split(',');
const [ann, bob, cyd] = mails as [string, string, string];

describe('who is gone is left out', () => {
  test.each([
    ['Status [READ ONLY]', 'Active', 'Suspended'],
    ['status', 'Multi-Channel Guest', 'Deactivated'],
    ['Block sign in (Yes/No) [accountEnabled] Required', 'No', 'Yes'],
    ['accountEnabled', 'True', 'False'],
    ['Sign-in status', 'Sign-in allowed', 'Sign-in blocked'],
    ['userAccountControl', '512', '514'],
    ['UNSUB_TIME', '', '2026-01-01 10:00:00'],
    ['type', 'USER', 'GROUP'],
    ['is_bot', 'false', 'true'],
    ['Actif', 'oui', 'non'],
    ['Estado', 'activo', 'de baja'],
    ['ステータス', '有効', '退職'],
    ['until', '2027-01-31', '2026-01-31'],
    ['Access expires', '31.12.2027', '01.02.2026'],
    ['Austrittsdatum', '', '2026/01/31'],
    ['expires', '1893456000000', '1767225600'],
    ['accountExpires', '9223372036854775807', '133000000000000000'],
    ['Termination date', 'Jan 31, 2027', '31 Jan 2026'],
    ['deletedAt', '0001-01-01T00:00:00Z', '2026-01-31T00:00:00Z'],
    ['Termination Date', '0000-00-00', '2026-01-31'],
    ['accountExpires', '1/1/1601 12:00:00 AM', '2026-01-31'],
    ['expires', '1970-01-01T00:00:00Z', '1970-01-02T00:00:00Z'],
  ])('%s: %s is there, %s is not', async (heading, there, gone) => {
    const text = `email;${heading}\n${ann};${there}\n${bob};${gone}\n`;
    expect(await everybody(text)).toEqual(['ann', '-bob']);
    const records = [there, gone].map((state, at) => ({ email: mails[at], [heading]: state }));
    expect(await everybody(records.map((record) => JSON.stringify(record)).join('\n'))).toEqual(['ann', '-bob']);
  });

  test.each([
    ['is suspended', 'no', 'yes'],
    ['isTerminated', 'false', 'true'],
    ['ist gesperrt', 'nein', 'ja'],
    ['est actif', 'oui', 'non'],
    ['está activo', 'sí', 'no'],
  ])('for certain, by the question %s', async (heading, there, gone) => {
    const { leftOut } = await read(`email,${heading}\n${ann},${there}\n${bob},${gone}\n`, { ignoresRoles: true });
    expect(leftOut.map(({ email }) => email)).toEqual([bob]);
  });

  test('unless --include-inactive is given', async () => {
    const text = `email,status\n${ann},Suspended\n${bob},Frozen\n`;
    expect(await everybody(text, { includeInactive: true })).toEqual(['ann', 'bob']);
  });

  test('a value that is not known is asked about', async () => {
    const text = `email,Status\n${ann},Active\n${bob},Frozen\n`;
    expect(await refusal(text)).toMatchObject({
      reason: 'the column "Status" may say who is no longer there, and "Frozen" is not known',
      hints: ['--columns ignore=Status to ignore it', '--include-inactive to invite everybody, whatever it says'],
    });
    expect(await everybody(text, { columns: 'status=' })).toEqual(['ann', 'bob']);
    // Not of somebody whom another column leaves out, wherever that stands.
    const two = `email,Status,enabled\n${ann},Active,true\n${bob},Frozen,false\n`;
    expect(await everybody(two)).toEqual(['ann', '-bob']);
  });

  test('and a part of a country is no status where another column is one', async () => {
    expect(await everybody(`email,accountEnabled,state\n${ann},True,Bavaria\n`)).toEqual(['ann']);
    expect(await everybody(`email,City,State\n${ann},Austin,Texas\n`)).toEqual(['ann']);
    const { reason } = await refusal(`email,activated,state\n${ann},true,FROSTY\n${bob},true,SUSPENDED\n`);
    expect(reason).toContain('"state" may say who is no longer there, and "FROSTY" is not known');
  });

  test('also without an address, if the flag says so', async () => {
    const text = `name,email\nAnn,${ann}\nBot,\n`;
    expect(await refusal(text)).toMatchObject({
      reason: 'line 3: the address is missing',
      hints: ['--skip-rows-without-email leaves out rows without an address'],
    });
    expect(await everybody(text, { skipRowsWithoutEmail: true })).toEqual(['ann', '-']);
    const lines = `{"email":"","status":"Bot"}\n{"email":"${ann}"}\n{"name":"Bot"}\n`;
    expect((await refusal(lines)).reason).toBe('line 3: the address is missing');
    expect(await everybody(lines, { skipRowsWithoutEmail: true })).toEqual(['ann', '-', '-']);
  });

  const wrong = ['bob(at)example.com', 'bob\uff20example.com', 'bob [AT] example.com', 'bob@'];
  test.each(wrong)('but not who has a wrong one: %s', async (email) => {
    const text = `name,email\nAnn,${ann}\nBob,${email}\n`;
    expect(await refusal(text)).toMatchObject({ code: 'invalid_email', hints: [] });
    await expect(read(text, { skipRowsWithoutEmail: true })).rejects.toMatchObject({ code: 'invalid_email' });
  });
});

describe('who is yet to come', () => {
  test.each([
    ['valid from', '2026-11-25', '2026-11-26'],
    ['Start date', '03/04/2020', '13/12/2026'],
    ['Hire Date', '03/04/2026', '03/04/2027'],
    ['Eintrittsdatum', '', '01.01.2027'],
  ])('is left out: %s', async (heading, there, later) => {
    const text = `email;${heading}\n${ann};${there}\n${bob};${later}\n`;
    expect(await everybody(text)).toEqual(['ann', '-bob']);
    expect(await everybody(text, { includeInactive: true })).toEqual(['ann', 'bob']);
    // Nobody is removed for it.
    expect(await everybody(text, { ignoresRoles: true })).toEqual(['ann', 'bob']);
  });

  test('is asked about if it is not certain', async () => {
    const text = (cell: string) => `email,Start date\n${ann},2020-01-31\n${bob},${cell}\n`;
    expect((await refusal(text('soon'))).reason).toContain('"Start date" may say who is not to be invited, and "soon"');
    expect((await refusal(text('12/01/2026'))).hints).toEqual([
      "--columns 'ignore=Start date' ignores when access begins",
    ]);
    expect(await everybody(text('soon').replace('2020-01-31', 'now'))).toEqual(['ann', 'bob']);
  });
});

describe('what narrows a role', () => {
  test.each([
    ['Umgebung', 'env-abc', 'env-abc'],
    ['Where', 'env-abc', 'env-abc'],
    ['crn_pattern', 'environment=env-abc', 'env-abc'],
    ['environment,cloud_cluster', 'env-abc,lkc-123', 'env-abc/lkc-123'],
    ['environment,cluster,resource', 'env-abc,lkc-123,topic=a', 'env-abc/lkc-123/topic=a'],
    ['environment,cluster,resource type,name', 'env-abc,lkc-123,topic,a', 'env-abc/lkc-123/topic=a'],
    [
      'environment,cloud_cluster,resource_type,resource_name,pattern_type',
      'env-abc,lkc-123,Topic,a,PREFIXED',
      'env-abc/lkc-123/topic=a*',
    ],
    ['env,cluster,topic,pattern type', 'env-abc,lkc-123,a,Prefixed', 'env-abc/lkc-123/topic=a*'],
    ['env,cluster,consumer group,pattern type', 'env-abc,lkc-123,a,LITERAL', 'env-abc/lkc-123/group=a'],
    ['Umgebung,Cluster,Thema', 'env-abc,lkc-123,a', 'env-abc/lkc-123/topic=a'],
    ['env,cluster,group', 'env-abc,lkc-123,a', 'env-abc/lkc-123/group=a'],
    ['env,schema_registry,subject', 'env-abc,lsrc-123,a', 'env-abc/lsrc-123/subject=a'],
    ['env,cluster,resource', 'env-abc,lkc-123,Consumer Group:a', 'env-abc/lkc-123/group=a'],
    [
      'environment,cluster,resource_type,name',
      'env-abc,lkc-123,Cluster,kafka-cluster',
      'env-abc/lkc-123/kafka=lkc-123',
    ],
    ['crn_pattern', 'environment=env-abc/cloud-cluster=lkc-123/kafka=lkc-123', 'env-abc/lkc-123/kafka=lkc-123'],
    [
      'env,cluster,resource type,resource name',
      'env-abc,lkc-123,TransactionalId,a',
      'env-abc/lkc-123/transactional-id=a',
    ],
  ])('%s is its scope', async (headings, cells, place) => {
    const values = cells.split(',');
    const record = Object.fromEntries(headings.split(',').map((name, at) => [name, values[at]]));
    for (const role of ['role', 'Rolle', 'role_name']) {
      const text = `email,${role},${headings}\n${ann},DeveloperRead,${cells}\n`;
      expect(await everybody(text)).toEqual([`ann DeveloperRead@${place}`]);
      const one = { email: ann, [role]: 'DeveloperRead', ...record };
      expect(await everybody(JSON.stringify([one]))).toEqual([`ann DeveloperRead@${place}`]);
    }
  });

  test.each([
    ['scope,environment', 'env-abc,env-xyz'],
    ['scope,topic', 'env-abc/lkc-123,orders'],
    ['environment,cluster,resource,topic', 'env-abc,lkc-123,topic=a,b'],
    ['environment,cluster,resource_type,resource_name,topic', 'env-abc,lkc-123,Topic,a,b'],
    ['crn_pattern,cluster', 'crn://confluent.cloud/environment=env-abc,lkc-123'],
  ])('is not left out where columns differ: %s, %s', async (headings, cells) => {
    const text = `email,role,${headings}\n${ann},DeveloperRead,${cells}\n`;
    expect((await refusal(text)).reason).toMatch(/^line 2: ".*" and ".*" are different scopes; keep one of them/);
  });

  test.each([
    ['consumer group', 'a', '"group=a" is not a scope without its environment and cluster'],
    ['env,cluster,topic,pattern type', 'env-abc,lkc-123,a,ANY', '"ANY" is not a pattern type'],
    ['env,cluster,resource type', 'env-abc,lkc-123,Topic', 'the Topic has no name'],
    ['scope', 'environment=env-abc/cloud-cluster=lkc-123/ksql=a', 'is not a scope for DeveloperRead'],
    ['scope,connector', 'env-abc/lkc-123,a', 'the column "connector" may say what the roles are for'],
    ['Permissions', 'read only', 'the column "Permissions" (read only) may say what its people may do'],
    ['Read-only', 'yes', 'the column "Read-only" may say what the roles are for'],
  ])('is never passed over: %s', async (headings, cells, words) => {
    expect((await refusal(`email,role,${headings}\n${ann},DeveloperRead,${cells}\n`)).reason).toContain(words);
    expect(await everybody(`email,${headings.split(',').at(-1)}\n${ann},a\n`)).toEqual(['ann']);
  });

  test('may be said twice', async () => {
    const scope = 'env-abc/lkc-123/topic=orders';
    const text = `email,role,scope,environment,cluster,topic\n${ann},DeveloperRead,${scope},env-abc,lkc-123,orders\n`;
    expect(await everybody(text)).toEqual([`ann DeveloperRead@${scope}`]);
  });

  test('is not passed over beside a wider scope of the role itself', async () => {
    const rows = (role: string, place: string) => `email,role,scope\n${ann},${role},${place}\n`;
    const wider = '"env-abc/lkc-123" and "env-abc/lkc-123/topic=a" are different scopes; keep one of them';
    const { reason, hints } = await refusal(rows('DeveloperRead@env-abc/lkc-123', 'env-abc/lkc-123/topic=a'));
    expect([reason, hints[0]]).toEqual([`line 2: ${wider}`, expect.stringContaining('--columns scope= ')]);
    expect((await refusal(rows('Operator@crn://c/organization=o', 'env-abc'))).reason).toContain('different scopes');
    expect(await everybody(rows('Operator@env-abc/lkc-1', 'env-abc'))).toEqual(['ann Operator@env-abc/lkc-1']);
  });

  test('is not passed over beside roles that are for something else', async () => {
    const rows = (role: string) => `email,role,scope\n${ann},${role},env-abc\n`;
    for (const role of ['-', 'Operator@env-xyz', 'Operator@env-abcd', '"Operator@env-x Operator@env-y/lkc-1"'])
      expect((await refusal(rows(role))).reason).toBe('line 2: the scope "env-abc" has no role');
  });

  test('narrows the roles of --role, too', async () => {
    const roles = [{ role_name: 'EnvironmentAdmin' }];
    const text = `email,environment\n${ann},env-abc\n`;
    expect(await everybody(text, { roles })).toEqual(['ann EnvironmentAdmin@env-abc']);
    await expect(read(`${text}${bob},\n`, { roles })).rejects.toMatchObject({
      details: { reason: expect.stringContaining('line 3: the role "EnvironmentAdmin" needs an environment') },
    });
    const more = [{ role_name: 'Operator' }];
    expect(await everybody(`email,role\n${ann},Operator\n`, { roles: more })).toEqual(['ann Operator']);
  });

  test('is read from all of its parts if one of them is named', async () => {
    const text = (more: string, cells: string) =>
      `email,role,environment,cluster${more}\n${ann},Operator,env-abc,lkc-1${cells}\n`;
    const named = { columns: 'scope=environment' };
    expect(await everybody(text(',Bereich', ',Ost'), named)).toEqual(['ann Operator@env-abc/lkc-1']);
    expect(await everybody(text(',scope', ',env-xyz'), named)).toEqual(['ann Operator@env-abc/lkc-1']);
    expect(await everybody(text(',scope', ',env-xyz'), { columns: 'scope=scope' })).toEqual(['ann Operator@env-xyz']);
  });

  test('is asked about if it is no id', async () => {
    const text = `email,role,Umgebung\n${ann},Operator,Produktion\n`;
    expect(await refusal(text)).toMatchObject({
      reason: expect.stringContaining('the column "Umgebung" may say what the roles are for, and Produktion is no id'),
      hints: ['--columns scope= to ignore it', '--columns scope=HEADING to name the column of the scope'],
    });
    expect(await everybody(text, { columns: 'scope=' })).toEqual(['ann Operator']);
  });
});

describe('roles of another program', () => {
  test.each(['Owner', '"VP, Sales"'])('%s', async (role) => {
    const text = `email,role\n${ann},${role}\n`;
    expect(await refusal(text)).toMatchObject({
      reason: expect.stringMatching(/^no value of the column "role" \(.+\) is a role of Confluent/),
      hints: ['--columns role= to ignore it', '--allow-unknown-roles to send its values as they are'],
    });
    expect(await everybody(text, { columns: 'role=' })).toEqual(['ann']);
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
    const { reason, hints } = await refusal(text);
    expect(reason).toContain('it is not certain which column has the addresses to invite');
    expect(hints[0]).toContain(`--columns ${/\s/.test(first) ? `'email=${first}'` : `email=${first}`} to take `);
  });

  test.each([
    ['the host of a meeting', `User Email,Invitee Email\n${cyd},${ann}\n${cyd},${bob}\n`],
    ['a manager beside it', `Email,Manager Email\n${ann},boss@example.com\n${bob},boss@example.com\n`],
    ['a name that is no address', `userName,emails[0].value\nE1,${ann}\nE2,${bob}\n`],
    ['an unknown heading', `Name,Kontakt\nAnn,${ann}\nBob,${bob}\n`],
  ])('is taken: %s', async (_, text) => expect(await everybody(text)).toEqual(['ann', 'bob']));
});

test.each([
  ['cyd_partner.example#EXT#@corp.onmicrosoft.example', 'may be cyd@partner.example'],
  ['*@example.com', 'a template'],
  ['%s@example.com', 'a template'],
  ['a***@example.com', 'a template'],
  ["'ann@example.com'", /without it, it is ann@example\.com$/],
])('%s is no address: %s', async (email, words) => {
  expect((await refusal(`email\n${email}\n`)).reason).toMatch(words);
});

test('both sides of a merge are not a file', async () => {
  const text = `email\n<<<<<<< HEAD\n${ann}\n=======\n${bob}\n>>>>>>> theirs\n`;
  for (const name of [text, text.replace('email\n', '')]) {
    const { reason, hints } = await refusal(name);
    expect([reason, hints]).toEqual([expect.stringMatching(/line \d: this is an unresolved merge conflict$/), []]);
  }
});

test.each([
  ['JSON', `[{"email":"${ann}",\n"email":"${bob}"}]`, 'line 2: the key "email" appears twice'],
  ['an object, but for case', `[{"email":"${ann}","Email":"${bob}"}]`, 'line 1: the column "Email" appears twice'],
])('a key twice in %s', async (_, text, words) => expect((await refusal(text)).reason).toContain(words));

describe('at a terminal', () => {
  const both = `"a" (${ann}, ${bob}), "b" (${cyd}, x@y.example)`;
  const uncertain = `it is not certain which column has the addresses to invite: ${both}`;
  const hr = 'the column "HR Status" may say who is no longer there, and "A", "T" is not known';
  const approved = 'the column "approved" may say who is not to be invited, and "maybe", "" is not known';
  const status = 'the column "status" may say who is no longer there, and "maybe" is not known';
  const remarks = 'the column "Remarks" may say who is no longer there ("left the company")';
  const grants = 'the column "Zugriff" (Operator) looks like roles; grant them?';
  const place =
    'the column "Umgebung" may say what the roles are for, and Produktion is no id such as env-abc or lkc-123';

  test.each<[text: string, questions: Record<string, string>, people: string[]]>([
    [
      `email,HR Status,Team\n${ann},A,T\n${bob},T,A\n`,
      {
        [`${hr}; is somebody with "A" (1 row) still there?`]: 'y',
        [`${hr}; is somebody with "T" (1 row) still there?`]: 'n',
      },
      ['ann', '-bob'],
    ],
    [
      `email,approved,status\n${ann},maybe,active\n${bob},,maybe\n${cyd},no,active\n`,
      {
        [`${approved}; is somebody with "maybe" (1 row) to be invited?`]: 'n',
        [`${approved}; is somebody with "" (1 row) to be invited?`]: 'y',
        [`${status}; is somebody with "maybe" (1 row) still there?`]: 'y',
      },
      ['bob', '-ann', '-cyd'],
    ],
    [
      `a,b\n${ann},${cyd}\n${bob},x@y.example\n`,
      { [`${uncertain}; take ${ann}, ${bob}?`]: 'n', [`${uncertain}; take ${cyd}, x@y.example?`]: 'y' },
      ['cyd', 'x@y.example'],
    ],
    [
      `email,Remarks\n${ann},tea\n${bob},left the company\n`,
      { [`${remarks}; leave such people out?`]: 'y' },
      ['ann', '-bob'],
    ],
    [`email;Zugriff\n${ann};Operator\n`, { [grants]: 'y' }, ['ann Operator']],
    [`email;Zugriff\n${ann};Operator\n`, { [grants]: 'n' }, ['ann']],
    [`email,role,Umgebung\n${ann},Operator,Produktion\n`, { [`${place}; ignore it?`]: 'y' }, ['ann Operator']],
  ])('what is not certain is asked: %j', async (text, questions, people) => {
    const { prompter, asked } = answering(Object.values(questions));
    expect(await everybody(text, { prompter })).toEqual(people);
    expect(asked).toEqual(Object.keys(questions).map((question) => `${question} (y/N)`));
  });

  test('a no to everything is the end', async () => {
    const { prompter } = answering(['n', 'n']);
    await expect(everybody(`a,b\n${ann},${cyd}\n`, { prompter })).rejects.toMatchObject({ code: 'cancelled' });
  });
});

test('all complaints come at once, each with its line and column', async () => {
  const text = `E-Mail,Rolle,until\nann,Operator,\n${bob},Owner,\n${cyd},Operator,soon\n`;
  expect((await refusal(text)).reason.split('\n')).toEqual([
    'line 2: "ann": it has no @ (column "E-Mail")',
    expect.stringMatching(/^line 3: unknown role "Owner"; .* \(column "Rolle"\)$/),
    expect.stringMatching(/^line 4: "soon" is not a date/),
  ]);
});

test.each([
  ['1,001 columns', `email${',x'.repeat(1001)}\n`, 'names 1002 columns'],
  [
    '1,001 keys',
    `[{"email":"${ann}"${Array.from({ length: 1000 }, (_, n) => `,"k${n}":1`).join('')}}]`,
    '1000 columns',
  ],
  ['a cell of 2 MiB', `email,x\n${ann},${'x'.repeat(2 << 20)}\n`, 'longer than a million'],
  ['deep JSON', '['.repeat(200_000), 'nested too deeply'],
  ['deep JSON that ends', `${'['.repeat(3000)}${']'.repeat(3000)}`, 'nested too deeply'],
  ['deep YAML', `- ${'['.repeat(5000)}${']'.repeat(5000)}`, 'nested too deeply'],
  ['deep YAML of dashes', `${'- '.repeat(5000)}x`, 'nested too deeply'],
  ['a JSON cell of 2 MiB', `[{"email":"${'x'.repeat(2 << 20)}"}]`, 'characters long'],
])('%s ends in an error', async (_, text, words) => expect((await refusal(text)).reason).toContain(words));
