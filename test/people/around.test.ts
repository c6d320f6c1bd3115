import { describe, expect, test } from 'vitest';
import { everybody, read, refusal } from './reading.ts';

const [ann, bob, cyd] = ['ann@example.com', 'bob@example.com', 'cyd@example.com'] as const;

describe('what stands around the people', () => {
  test.each([
    ['sep=', `sep=;\r\nName;E-Mail\r\nAnn;${ann}\r\nBob;${bob}\r\n`],
    ['a banner', `\nWorkers report\nRun by Ann\n\nEmail,Name\n${ann},Ann\n${bob},Bob\n`],
    ['the days of a report', Buffer.from(`From: 2026-01-01\nTo: 2026-12-31\n\nEmail,Name\n${ann},Ann\n${bob},Bob\n`)],
    ['comments', `# a\nemail,x\n${ann},1\n#${cyd},1\n${bob},2\n`],
    ['numbers of rows', `#,Email\n#1,${ann}\n#2,${bob}\n`],
    ['a header that is repeated', `Name,Email\nAnn,${ann}\nName,Email\nBob,${bob}\n`],
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
    ['a last page with nobody', `{"data":[{"email":"${ann}"},"${bob}"]}{"data":[]}`],
    ['objects by id', JSON.stringify({ Users: { 101: { username: ann }, 102: { username: bob } } })],
    ['objects by name', `ann:\n  email: ${ann}\nbob:\n  email: ${bob}\n`],
    ['several arrays', `[{"email":"${ann}"}][["${bob}"]]`],
    ['an object inside', `[{"profile":{"email":"${ann}"}},{"profile":{"email":"${bob}"}}]`],
    ['lists of one', `[{"email":["${ann}"],"x":1},{"EMAIL":"${bob}"}]`],
    ['a list of YAML', `- email: ${ann}\n  x: 1\n- email: ${bob}\n`],
    ['a list of YAML with lines of an old Mac', `# people\r  - ${ann}\r  -\r    email: ${bob}\r`],
    ['UTF-16', Buffer.from(`\ufeff"Name";"E-Mail"\r\n"A, B";"${ann}"\r\n"C";"${bob}"\r\n`, 'utf16le')],
  ])('%s', async (_, text) => expect(await everybody(text)).toEqual(['ann', 'bob']));

  test('true and false by address', async () => {
    expect(await everybody(JSON.stringify({ users: { [ann]: true, [bob]: false } }))).toEqual(['ann', '-bob']);
  });

  test('is said', async () => {
    for (const [text = '', words] of [
      ['{"data":[{"email":"ann@example.com"}]}', 'the people are those in "data"'],
      ['A report\nemail,x\nann@example.com,1\n', 'line 2 is taken as the header'],
      ['name,email\nAnn,ann@example.com\nTotal,1\n', 'line 3, "Total 1", stands below the table'],
    ])
      expect((await read(text)).notes).toEqual([expect.stringContaining(words ?? '')]);
  });

  test.each<[name: string, around: object]>([
    ['metadata', { metadata: { first: 'x', next: 'y' } }],
    ['a token', { response: { next_cursor: 'dXM=' } }],
    ['more', { pageInfo: { hasNextPage: true } }],
    ['a count', { totalResults: 3 }],
  ])('is no whole list, as its other pages are not in the file: %s', async (_, around) => {
    const text = JSON.stringify({ ...around, data: [{ email: ann }, { email: bob }] });
    const goesOn = expect.stringMatching(/^the list goes on: "\w+" says that there are more pages/);
    expect((await read(text)).notes).toContainEqual(goesOn);
    await expect(read(text, { act: 'read' })).rejects.toMatchObject({ code: 'invalid_file' });
    const ended = text.replace(/"(?:y|dXM=)"|true|3/, 'null');
    expect((await read(ended, { act: 'read' })).notes).toEqual(['the people are those in "data"']);
  });

  test('is looked through once, however much it is', async () => {
    const entries = Array.from({ length: 20_000 }, (_, number) => [`group${number}`, { size: 1 }] as const);
    const text = JSON.stringify({ groups: Object.fromEntries(entries), users: [ann, bob] });
    expect(await everybody(text)).toEqual(['ann', 'bob']);
  }, 30_000);

  test('--columns reaches inside', async () => {
    const text = JSON.stringify([{ a: { mail: bob }, profile: { contact: ann } }]);
    expect(await everybody(text, { columns: 'email=profile.contact' })).toEqual(['ann']);
  });

  test('the primary of several addresses comes first', async () => {
    const person = (value: string) => ({ emails: [{ value: 'x@home.example' }, { value, primary: true }] });
    const text = JSON.stringify([person(ann), person(bob)]);
    expect(await everybody(text, { columns: 'email=emails[0].value' })).toEqual(['ann', 'bob']);
  });

  test('an address at home is not taken for one at work', async () => {
    const person = (...types: string[]) => ({ emails: types.map((type) => ({ type, value: `${type}@example.com` })) });
    const text = JSON.stringify([person('home', 'work'), person('home')]);
    expect((await refusal(text)).hints.map((hint) => hint.replace(/ to take.*/, ''))).toEqual([
      "--columns 'email=emails[0].value'",
      "--columns 'email=emails.home[1].value'",
      "--columns 'email=emails.home[0].value'",
    ]);
  });

  test('names and values are columns, in whatever order they are', async () => {
    const user = (enabled: boolean, ...pairs: string[][]) => ({
      Enabled: enabled,
      Attributes: pairs.map(([Name, Value]) => ({ Name, Value })),
    });
    const users = [user(true, ['sub', 'x'], ['email', ann]), user(false, ['email', bob]), user(true, ['email', cyd])];
    expect(await everybody(JSON.stringify({ Users: users }))).toEqual(['ann', 'cyd', '-bob']);
  });

  test.each([
    ['pages in an array', [[{ data: [{ email: ann }] }, { data: [{ email: bob }, { email: cyd }] }, { data: [] }]]],
    [
      'pages one by one',
      [
        { Resources: [ann], totalResults: 3 },
        { Resources: [bob, cyd], totalResults: 3 },
      ],
    ],
    ['an answer that says that it was a success', [{ status: 'success', staff: [ann, bob, cyd] }]],
  ])('%s', async (_, values: unknown[]) => {
    const text = values.map((value) => JSON.stringify(value)).join('\n');
    expect(await everybody(text)).toEqual(['ann', 'bob', 'cyd']);
  });

  test.each<[name: string, value: unknown, people: string[]]>([
    [
      'who is gone',
      { team: 'x', status: 'archived', members: [ann, { email: bob, status: 'active' }] },
      ['bob', '-ann'],
    ],
    [
      'an end',
      { a: { until: '2026-01-31', b: { users: { [ann]: { until: '' }, [bob]: { until: '2027-01-31' } } } } },
      ['bob', '-ann'],
    ],
    [
      'where a role is',
      { environment: 'env-abc', users: [{ email: ann, role: 'DataSteward' }] },
      ['ann DataSteward@env-abc'],
    ],
  ])('what stands beside a list holds for everybody in it: %s', async (_, value, people) => {
    expect(await everybody(JSON.stringify(value))).toEqual(people);
    expect(await everybody(JSON.stringify({ pages: { data: [value] } }))).toEqual(people);
  });

  test('but nobody is removed for it', async () => {
    const text = JSON.stringify({ expires: '2020-01-01', status: 'archived', members: [ann, { email: bob }] });
    expect(await everybody(text)).toEqual(['-ann', '-bob']);
    expect(await everybody(text, { ignoresRoles: true })).toEqual(['ann', 'bob']);
  });

  test('objects with a list of the addresses of one person, alone and one by one', async () => {
    const person = (value: string, active: boolean) =>
      JSON.stringify({ userName: 'EID1', active, emails: [{ value }], groups: [{ value: 'g-1' }] });
    expect(await everybody(person(ann, false))).toEqual(['-ann']);
    expect(await everybody([person(ann, true), person(bob, false)].join('\n'))).toEqual(['ann', '-bob']);
    const noAddress = `${JSON.stringify({ active: true, members: [] })}\n${person(ann, true)}`;
    expect((await refusal(noAddress)).reason).toContain('line 1: the address is missing');
    const identity = (email: string, active: boolean) => JSON.stringify({ active, identities: [{ email }] });
    expect(await everybody([identity(ann, true), identity(bob, false)].join('\n'))).toEqual(['ann', '-bob']);
  });

  test('results of this program: one by itself in YAML, and with errors', async () => {
    expect(await everybody(`id: i-1\nemail: ${ann}\nuser:\n  id: u-1\nmetadata:\n  x: 1\n`)).toEqual(['ann']);
    const failed = (email: string) => ({ email, error: { http_status: 400, message: `${bob} was deactivated` } });
    expect(await everybody(JSON.stringify([failed(ann), failed(ann), failed(cyd)]))).toEqual(['ann', 'cyd']);
  });

  test('of an address is what an object by it says', async () => {
    expect(await everybody(JSON.stringify({ [ann]: 'active', [bob]: 'suspended' }))).toEqual(['ann', '-bob']);
  });

  test.each([
    ['dn: uid=ann,dc=example,dc=com\nmail: ann@example.com\n', 'it is LDIF'],
    ['BEGIN:VCARD\r\nEMAIL:ann@example.com\r\nEND:VCARD\r\n', 'it is vCard'],
    ['{"a":[{"email":"a@b.co"}],"b":[{"email":"c@b.co"}]}', 'there are several lists in it: "a", "b"'],
  ])('what it is instead: %j', async (text, words) => {
    expect((await refusal(Buffer.from(text))).reason).toContain(words);
  });
});
