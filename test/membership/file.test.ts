import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatRole } from '../../src/api/roles.ts';
import { CliError } from '../../src/errors.ts';
import type { Desired } from '../../src/membership/desired.ts';
import type { PeopleOptions } from '../../src/membership/file.ts';
import { parseColumns } from '../../src/people/columns.ts';
import { isAdmitted } from '../support/people-schema.ts';
import { runCli, temporaryFolder } from '../support/run-cli.ts';
import { file, id, read } from './organization.ts';

async function complaints(text: string, reading?: PeopleOptions): Promise<string[]> {
  try {
    await read(text, reading);
  } catch (error) {
    if (error instanceof CliError) return [error.code, ...(error.details.reason?.split('\n') ?? [])];
    throw error;
  }
  return [];
}

/** `4 ann@example.com sso until:2027-01-31 | 4 EnvironmentAdmin@env-abc …`. */
function people({ people: all }: Desired): string[] {
  return all.map(({ line, email, auth_type, until, roles }) => {
    const words = roles?.map((one) =>
      [one.line, one.team, formatRole(one.role), one.until?.text].filter(Boolean).join(' '),
    );
    return [line, email, auth_type, until?.text, words === undefined ? '| unmanaged' : `| ${words.join(', ')}`]
      .filter(Boolean)
      .join(' ');
  });
}

/** What the reader takes, editors take: the JSON Schema says the same. */
async function readPeople(text: string, reading?: PeopleOptions): Promise<string[]> {
  const found = people(await read(text, reading));
  expect(isAdmitted(text)).not.toBe(false);
  return found;
}

test('a column is passed over in a table if --columns says so', async () => {
  const text = 'email,role,scope,until,status\nann@example.com,DeveloperRead@env-a,env-a/lkc-1,01/02/2027,Foo\n';
  const flags = (columns: string): PeopleOptions => ({ columns: parseColumns(columns) });
  // What is foreign is named before anything is asked about it.
  expect((await complaints(text))[1]).toContain('line 1: "status" is not a column');
  for (const columns of ['scope=,until=,status=', 'ignore=scope,ignore=until,ignore=status'])
    expect(people(await read(text, flags(columns)))).toHaveLength(1);
  expect(people(await read('Adresse\nann@example.com\n', flags('email=Adresse')))).toHaveLength(1);
});

test('which column has the addresses is asked before anything is called foreign', async () => {
  const text = 'Timestamp,Email,Address of the new colleague\n2026-01-01,boss@example.com,ann@example.com\n';
  const [, complaint] = await complaints(text);
  expect(complaint).toContain('it is not certain which column has the addresses');
  expect(complaint).toContain('"Address of the new colleague" (ann@example.com)');
});

test('the flags that say what a table does not are refused for a document', async () => {
  const flags: PeopleOptions = { managed: 'roles', columns: [{ field: 'role', heading: '' }] };
  expect(await complaints(file('none', '  - ann@example.com'), flags)).toEqual([
    'invalid_file',
    'line 1: --managed and --organization are for CSV; here the file itself says it',
    'line 1: --columns is for tables; this file has none',
  ]);
});

test('many comments at the top of a document cost no time', async () => {
  for (const line of ['# a\r\n', '\n\n# a\n', '# # # #\n'])
    expect(await read(`${line.repeat(300)}version: 1\npeople: [ann@example.com]\n`)).toMatchObject({ managed: 'none' });
});

test('a list in YAML is a table, below a comment and however its lines end', async () => {
  for (const end of ['\n', '\r\n', '\r'])
    expect(people(await read(['# a', '---', '  - a@b.co', ''].join(end)))).toEqual(['3 a@b.co | unmanaged']);
});

test('when an answer of an API expires says nothing of its people', async () => {
  const text = JSON.stringify({ expires: '2020-01-01', data: [{ email: 'a@b.co' }] });
  const foreign = expect.stringContaining('line 1: "expires" is not a column;');
  expect(await complaints(text)).toEqual(['invalid_file', foreign]);
  expect(people(await read(text, { columns: [{ field: 'until', heading: '' }] }))).toEqual(['1 a@b.co | unmanaged']);
});

describe('what a file says', () => {
  test('the whole of it, with the line of each person and each role', async () => {
    const text = `# a comment
version: 1
organization: ${id}
managed: people
auth_type: sso
reinvite: 7d
ignore: [breakglass@example.com, "*@confluent.io", u-abc, FlinkDeveloper, DataDiscovery@env-xyz]
x-owner: [anything, { goes: here }]
teams:
  payments: { roles: [DeveloperRead@env-abc/lkc-123/topic=pay*, DataDiscovery@env-abc], until: 2027-06-30 }
people:
  - ann@example.com
  - { email: deb@example.com, roles: [] }
  - email: cyd@agency.com
    auth_type: local
    until: 2027-03-31
    note: contract 4711
    teams: [payments]
    roles:
      - MetricsViewer
      - { role: EnvironmentAdmin, scope: env-abc, until: 2026-12-24T18:00:00+01:00, note: migration }
  - { email: eve@example.com, roles: "MetricsViewer, DataDiscovery@env-abc" }
`;
    const desired = await read(text);
    expect(isAdmitted(text)).toBe(true);
    expect(people(desired)).toEqual([
      '12 ann@example.com | unmanaged',
      '13 deb@example.com | ',
      '14 cyd@agency.com local 2027-03-31 | 20 MetricsViewer, 21 EnvironmentAdmin@env-abc 2026-12-24T18:00:00+01:00, ' +
        '10 payments DeveloperRead@env-abc/lkc-123/topic=pay* 2027-06-30, 10 payments DataDiscovery@env-abc 2027-06-30',
      '22 eve@example.com | 22 MetricsViewer, 22 DataDiscovery@env-abc',
    ]);
    expect(desired).toMatchObject({ organization: id, managed: 'people', auth_type: 'sso', reinvite: 7 * 86_400_000 });
    expect(desired.ignore.map(({ what }) => what.kind)).toEqual(['email', 'domain', 'user', 'role_name', 'role']);
    expect(desired.people[2]?.until?.end).toBe(Date.parse('2027-04-01T00:00:00Z'));
    expect(desired.people[2]?.roles?.[1]?.until?.end).toBe(Date.parse('2026-12-24T17:00:00Z'));
  });

  test('what is left out is none, 14 days, and nobody ignored', async () => {
    const desired = await read('version: 1\npeople: [ann@example.com]');
    expect(desired).toMatchObject({ managed: 'none', reinvite: 14 * 86_400_000, ignore: [] });
    expect((await read('version: 1\nreinvite: never\npeople: []')).reinvite).toBe(0);
  });

  test('JSON is the same, tabs and lines included', async () => {
    const text =
      '{\n\t"version": 1,\n\t"people": [\n\t\t"a@b.co",\n\t\t{"email": "c@b.co", "roles": ["Operator"]}\n\t]\n}\n';
    expect(await readPeople(text)).toEqual(['4 a@b.co | unmanaged', '5 c@b.co | 5 Operator']);
    const wrong = '{"version": 1,\n "people": [\n "ann"]}';
    expect(await complaints(wrong)).toEqual(['invalid_email', 'line 3: "ann": it has no @']);
  });

  test('a role of the organization stands after a scope with a topic', async () => {
    const roles = ['Operator@env-a/lkc-1/topic=a', 'KeeperOfTopics@env-a', 'Keeper'];
    const listed = listing(`  - { email: a@b.co, roles: [${roles.join(', ')}] }`);
    expect(await readPeople(listed)).toEqual([`3 a@b.co | ${roles.map((role) => `3 ${role}`).join(', ')}`]);
  });

  test('plain anchors stand for what they name', async () => {
    const people = '  - { email: a@b.co, roles: *r }\n  - { email: c@b.co, roles: *r }\n';
    const text = `version: 1\nx-roles: &r [MetricsViewer]\npeople:\n${people}`;
    expect(await readPeople(text)).toEqual(['4 a@b.co | 2 MetricsViewer', '5 c@b.co | 2 MetricsViewer']);
  });

  test('the rows of a CSV file add up, and an end is that of its row', async () => {
    const text = `email,role,scope,auth_type,until,note,x-cost
dan@example.com,EnvironmentAdmin,env-abc,sso,,,1
DAN@example.com,DataDiscovery,env-abc,,2027-01-31,review in January,
fay@example.com,-,,,,"a member
with no role at all",
gus@example.com,,,,2027-02-28,,
`;
    const desired = await read(text, { managed: 'roles', organization: id });
    expect(people(desired)).toEqual([
      '2 dan@example.com sso | 2 EnvironmentAdmin@env-abc, 3 DataDiscovery@env-abc 2027-01-31',
      '4 fay@example.com | ',
      '6 gus@example.com 2027-02-28 | unmanaged',
    ]);
    expect(desired).toMatchObject({ managed: 'roles', organization: id });
  });
});

/** `version: 1` and the people, so that line 3 is the first of them. */
const listing = (...lines: string[]) => `version: 1\npeople:\n${lines.join('\n')}\n`;
/** The same of a rule. */
const ignoring = (rule: string) => `version: 1\nignore:\n  - ${rule}\npeople: []\n`;
const bomb = `${Array.from({ length: 9 }, (_, n) => ` - &a${n} [${Array(9).fill(n === 0 ? 'x' : `*a${n - 1}`)}]`).join('\n')}`;

const folder = temporaryFolder();
/** Whoever sends a request ends with 3: nobody answers there. */
const outside = {
  CONFLUENT_CLOUD_API_KEY: 'ABCDEFGHIJKLMNOP',
  CONFLUENT_CLOUD_API_SECRET: 'cfltSECRET',
  CONFLUENT_CLOUD_ENDPOINT: 'http://127.0.0.1:9',
};

function write(contents: string | Buffer): string {
  const path = join(folder, 'people.yaml');
  writeFileSync(path, contents);
  return path;
}

/** What a workflow is shown and what the error says of a file, which is nothing else than that. */
async function refusal(words: string, stdin?: string) {
  const env = { ...outside, GITHUB_ACTIONS: 'true' };
  const ran = await runCli(`${words} -o json`, { folder, env, ...(stdin === undefined ? {} : { stdin }) });
  const lines = ran.stderr.trimEnd().split('\n');
  const { code, message } = JSON.parse(lines.pop() ?? '').error as { code: string; message: string };
  expect([ran.code, ran.stdout]).toEqual([2, '']);
  const reason = message.replace(/^cannot read "[^"]*"(?:, nothing was sent)?: /, '');
  return { code, problems: reason.split('\n'), annotations: lines.sort() };
}

const property = (text: string) => text.replaceAll(':', '%3A').replaceAll(',', '%2C');

/** `line 3: …` as a workflow is shown it beside the line. */
function annotation(file: string, problem: string): string {
  const [, line = '1', message = problem] = /^line (\d+)(?:: (.*))?/s.exec(problem) ?? [];
  return `::error file=${property(file)},line=${line}::${message.replaceAll('%', '%25')}`;
}

describe('what is wrong is said with its line, before any request', () => {
  const noDate = 'is not a date; write it as 2027-01-31 or 2027-01-31T18:00:00Z';
  const noManaged = 'is not a value for managed; it is none, roles or people';
  const noRoles = 'roles is empty: leave it out to leave the roles alone, or write [] for none at all';
  const unknownRole = 'unknown role "OrganisationAdmin"; did you mean "OrganizationAdmin"?';

  /** What is wrong, as any editor with the JSON Schema says, too. */
  const refusedBySchema: readonly (readonly [text: string, ...problems: string[]])[] = [
    [' \n', 'line 1: the file is empty'],
    [
      'version: 1\n<<<<<<< HEAD\npeople: []\n=======\npeople: [a@b.co]\n>>>>>>> main\n',
      'line 2: this is an unresolved merge conflict',
      'line 4: this is an unresolved merge conflict',
      'line 6: this is an unresolved merge conflict',
    ],
    ['version: 1\npeople:\n\t- ann@example.com\n', 'line 3: this line is indented with a tab; YAML allows only spaces'],
    [
      'version: 1\npeople: [a@b.co\nx-a: 1\n',
      'line 3: flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['version: 1\n---\npeople: []\n', 'line 2: a second document begins here; a file holds one'],
    [listing('  - @ann'), 'line 3: plain value cannot start with reserved character @; write it in quotes'],
    [ignoring('*'), 'line 3: this begins with "*", which refers to an anchor; write it in quotes'],
    [ignoring('*@x.com'), 'line 3: "*@x.com" refers to an anchor that does not exist; write it in quotes'],
    [listing('  - !!js/function a'), 'line 3: unresolved tag: tag:yaml.org,2002:js/function'],
    [listing('  - !!binary YUBiLmNv'), 'line 3: unresolved tag: tag:yaml.org,2002:binary'],
    ['%YAML 1.1\n---\nversion: 1\nmanaged: off\npeople: []\n', `line 4: "off" ${noManaged}`],
    [`version: 1\nx-bomb:\n${bomb}\npeople: []\n`, 'line 1: its aliases stand for more than 2000000 values'],
    [listing('  - { <<: { note: x }, email: a@b.co }'), 'line 3: merge keys ("<<") are not supported; use teams'],
    [
      listing('  - { email: 1e3, note: 0123, until: true }'),
      'line 3: email is a number (1000), not text; write it in quotes if it is meant as text',
      `line 3: "true" ${noDate}`,
      'line 3: note is a number (123), not text; write it in quotes if it is meant as text',
    ],
    ['version: 1\nmanaged: yes\npeople: []\n', `line 2: "yes" ${noManaged}`],
    [
      'version: 1\nauth_type: AUTH_TYPE_SAML\ndomains:\npeople: []\n',
      'line 2: "AUTH_TYPE_SAML" is not an auth_type; it is sso or local',
      'line 3: domains is empty: leave it out to allow every domain',
    ],
    [listing('  - { email: a@b.co, roles: " , " }'), `line 3: ${noRoles}`],
    [
      listing(...['tomorrow', '2027-02-30', '14d'].map((end) => `  - { email: ${end}@b.co, until: ${end} }`)),
      `line 3: "tomorrow" ${noDate}`,
      `line 4: "2027-02-30" ${noDate}`,
      `line 5: "14d" ${noDate}`,
    ],
    [
      'version: 1\n__proto__: { managed: people }\npeople: []\n',
      'line 2: "__proto__" is not a key of a membership file; known: version, organization, managed, auth_type, reinvite, within, ignore, domains, teams, people',
    ],
    [
      listing('  - { email: a@b.co, role: [], autht_ype: sso }'),
      'line 3: "role" is not a key of a person; did you mean "roles"?',
      'line 3: "autht_ype" is not a key of a person; did you mean "auth_type"?',
    ],
    [
      listing('  - { email: a@b.co, roles: [EnvironmentAdmin] }'),
      'line 3: the role "EnvironmentAdmin" needs an environment; as in EnvironmentAdmin@env-abc',
    ],
    [listing('  - email: a@b.co', '    roles:'), `line 4: ${noRoles}`],
    ['version: 1\npeople:\n', 'line 2: people is empty here; it is a list; write [] for none'],
    [file('people', ''), 'line 1: it lists nobody, and with "managed: people" everybody would be removed'],
    [
      'version: 1\npeople:\n  ann@example.com: {}\n',
      'line 3: people is a mapping here; it is a list: - { email: ann@example.com, roles: [] }',
    ],
    [
      'version: 1\nmanaged: roles\npeople: []\n',
      'line 1: "managed: roles" takes roles away, so the file must name its organization',
    ],
    ['version: 2\npeople: []\n', 'line 1: the version is not 1, the only one that is known'],
    ['x-a: 1\n', 'line 1: "version: 1" is missing', 'line 1: "people" is missing'],
    [
      'hello\n',
      'line 1: a membership file is text here; it is a mapping of keys to values',
      'line 1: "version: 1" is missing',
      'line 1: "people" is missing',
    ],
    [
      listing('  - a@b.co', '  - { email: c@b.co, was: A@b.co }', '  - { email: d@b.co, was: d }'),
      'line 4: "A@b.co" is to be removed, and is listed in line 3',
      'line 5: "d": it has no @',
    ],
    [
      'version: 1\nignore: ["*", OrganisationAdmin, x@y]\npeople: []\n',
      'line 2: "*" is not a role',
      `line 2: ${unknownRole}`,
      'line 2: "y" is not a scope for x; a scope is an id as in env-abc or env-abc/lkc-123, or a full crn://…',
    ],
    [
      'version: 1\nreinvite: soon\npeople: []\n',
      'line 2: "soon" is not a duration: valid values are durations such as 30s, 15m, 48h, 7d and 2w',
    ],
    [
      'email,role,untill\na@b.co,,\n',
      'line 1: "untill" is not a column; did you mean "until"?; "x-untill" would be left alone',
    ],
    [
      'email,role,until\na@b.co,,2027-01-01\na@b.co,,2028-01-01\na@b.co,Operator,2027-01-01\na@b.co,Operator,\n',
      'line 3: "a@b.co" ends on 2028-01-01 here, and on 2027-01-01 in line 2',
      'line 5: "a@b.co" has Operator with no end here, and with the end 2027-01-01 in line 4',
    ],
    [
      'email,role,until\na@b.co,Operator,soon\nb@b.co,-,\nb@b.co,Operator,\nc@b.co\n',
      `line 2: "soon" ${noDate}`,
      'line 4: "b@b.co" has both "-", for no role at all, and a role',
      'line 5: it has 1 cell, the header has 3',
    ],
  ];

  /** What only a reader can know: it compares one part of a file with another, or with a list of names and days. */
  const refusedByReader: typeof refusedBySchema = [
    ['version: 1\nx-a: &a [*a]\npeople: []\n', 'line 1: its aliases stand for more than 2000000 values'],
    [listing('  - { email: a@b.co, note: a, note: b }'), 'line 3: the key "note" appears twice in this mapping'],
    [
      listing('  - { email: a@b.co, was: old@b.co }', '  - { email: b@b.co, was: OLD@b.co }'),
      'line 4: "OLD@b.co" is to be removed, and is listed in line 3',
    ],
    [listing('  - ann@example.com', '  - ANN@example.com'), 'line 4: "ANN@example.com" is listed in line 3 already'],
    [listing('  - { email: a@b.co, roles: [OrganisationAdmin] }'), `line 3: ${unknownRole}`],
    [
      listing('  - { email: a@b.co, roles: [DeveloperRead@env-abc/lkc-1/topic=a, b] }'),
      'line 3: "b" is not a role; if it belongs to "DeveloperRead@env-abc/lkc-1/topic=a" before it, write both in one pair of quotes',
    ],
    [
      'version: 1\nteams: { payments: { roles: [Operator] } }\npeople:\n  - { email: a@b.co, teams: [payment] }\n',
      'line 4: there is no team "payment"; did you mean "payments"?',
    ],
    [
      `version: 1\nignore: ["*@b.co", Operator]\npeople:\n  - a@B.co\n  - { email: a@c.co, roles: [Operator] }\n`,
      'line 4: "a@B.co" is listed, and ignored in line 2',
      'line 5: the role "Operator" is listed, and "Operator" is ignored in line 2',
    ],
  ];

  const cases = [refusedBySchema, refusedByReader].flatMap((rows, kind) =>
    rows.map(([text, ...problems]) => ({ text, problems, isAdmitted: kind === 1, title: problems.join(' · ') })),
  );
  test.each(cases)('$title', async ({ text, problems, ...expected }) => {
    const path = write(text);
    const annotations = problems.map((problem) => annotation(path, problem)).sort();
    expect(await refusal(`plan ${path}`)).toEqual({ code: 'invalid_file', problems, annotations });
    if (!text.startsWith('email,')) expect(isAdmitted(text) ?? false).toBe(expected.isAdmitted);
  });

  test.each([
    [
      'a letter that looks like another',
      'p\u0430ul@b.co',
      '"а" (U+0430) at column 2 is not ASCII; --allow-unicode allows it',
    ],
    ['a formula', '=cmd@b.co', 'it begins with ='],
    ['no @', 'ann', 'it has no @'],
  ])('an address with %s', async (_, email, said) => {
    const expected = { code: 'invalid_email', problems: [`line 3: "${email}": ${said}`] };
    expect(isAdmitted(listing(`  - "${email}"`))).toBe(false);
    for (const text of [listing(`  - "${email}"`), `email,role\n,\n${email},\n`]) {
      const { annotations, ...refused } = await refusal(`plan ${write(text)}`);
      expect([refused, annotations.length]).toEqual([expected, 1]);
    }
  });

  const large = () => write(`${listing('  - a@b.co')}#${'x'.repeat(8 * 1024 * 1024)}`);
  const crowd = () => write(`email\n${Array.from({ length: 100_001 }, (_, n) => `p${n}@b.co`).join('\n')}`);
  const latin = () => write(Buffer.from(listing('  - ann@exämple.com'), 'latin1'));
  const hidden = () => {
    const path = temporaryFolder();
    mkdirSync(join(path, '.github/workflows'), { recursive: true });
    for (const name of ['.github/workflows/plan.yml', '.people.csv']) writeFileSync(join(path, name), 'on: push');
    return path;
  };

  test.each<[name: string, file: () => string, problem: string]>([
    ['a document of more than 8 MiB', large, 'line 1: it is larger than 8 MiB; write it as CSV'],
    ['more than 100,000 people', crowd, 'line 100002: the file has more than 100000 rows'],
    ['another encoding', latin, 'line 3 looks like Latin-1 or Windows-1252; it is not UTF-8'],
    ['an empty folder', () => temporaryFolder(), 'there is no .yaml, .json or .csv file in this folder'],
    ['a folder of hidden files', hidden, 'there is no .yaml, .json or .csv file in this folder'],
    ['a file as a folder', () => join(write(''), 'a.csv'), 'a part of the path is not a directory (ENOTDIR)'],
    ['no file', () => join(folder, 'nobody.yaml'), 'no such file or directory'],
  ])('%s', async (_, make, problem) => {
    const file = make();
    const expected = { code: 'invalid_file', problems: [problem], annotations: [annotation(file, problem)] };
    expect(await refusal(`plan ${file}`)).toEqual(expected);
  });

  test.each([
    ['apply FILE --yes', listing('  - ann')],
    ['apply FILE --dry-run', listing('  - ann')],
    ['export --missing-from FILE', listing('  - ann')],
    ['plan FILE --managed roles --organization o', 'email\n\nann\n'],
  ])('by %s as well', async (words, text) => {
    const file = write(text);
    const problems = ['line 3: "ann": it has no @'];
    const annotations = problems.map((problem) => annotation(file, problem));
    const expected = { code: 'invalid_email', problems, annotations };
    expect(await refusal(words.replace('FILE', file))).toEqual(expected);
  });

  test('from stdin, where there is no file to point at', async () => {
    const problem = 'line 3: "ann": it has no @';
    const expected = { code: 'invalid_email', problems: [problem], annotations: [`::error::${problem}`] };
    expect(await refusal('plan -', listing('  - ann'))).toEqual(expected);
  });

  test('in words, with each problem on a line of its own, and no annotation outside of a workflow', async () => {
    const file = write(listing('  - ann', '  - { email: a@b.co, role: [] }'));
    const stderr = `error: cannot read "people.yaml", nothing was sent
  line 3: "ann": it has no @
  line 4: "role" is not a key of a person; did you mean "roles"?
`;
    expect(await runCli(`plan ${file}`, { folder, env: outside })).toEqual({ code: 2, stdout: '', stderr });
  });
});
