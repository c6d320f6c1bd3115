import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatRole } from '../../src/api/roles.ts';
import { CliError } from '../../src/errors.ts';
import { csvTable, linesTable, mostRows } from '../../src/people/table.ts';
import { read } from './reading.ts';

/** The rows, each in a line: `2 ann@example.com sso EnvironmentAdmin@env-1`. */
async function shown(text: string): Promise<string[]> {
  const { rows } = (await read(text)).people;
  return [...rows.values()].map(({ line, email, authType, roles }) =>
    [line, email, authType ?? '-', ...roles.map(formatRole)].join(' '),
  );
}

async function complaints(text: string | Buffer): Promise<{ code: string; lines: string[] }> {
  try {
    await read(text);
  } catch (error) {
    if (error instanceof CliError) return { code: error.code, lines: error.details.reason?.split('\n') ?? [] };
    throw error;
  }
  return { code: 'none', lines: [] };
}

describe('the form is told by what is in the file', () => {
  const two = ['2 ann@example.com -', '3 bob@example.com -'];
  test.each([
    ['commas', 'email,name\nann@example.com,Ann\nbob@example.com,Bob\n', two],
    ['semicolons', 'name;email\nAnn;ann@example.com\nBob;bob@example.com', two],
    ['tabs', 'email\tname\nann@example.com\tAnn\nbob@example.com\tBob', two],
    ['one column', 'E-Mail\nann@example.com\nbob@example.com\n', two],
    ['a quoted header', '"Email"\n"ann@example.com"\n"bob@example.com"\n', two],
    ['Windows line ends', 'email,x\r\nann@example.com,1\r\nbob@example.com,2\r\n', two],
    ['old Mac line ends', 'email,x\rann@example.com,1\rbob@example.com,2', two],
    ['an address a line of an old Mac', '\rann@example.com\rbob@example.com\r', two],
    ['a semicolon inside of a quoted name', '"a;b;c",email\nx,ann@example.com\ny,bob@example.com', two],
    ['an address a line', 'ann@example.com\n\n  bob@example.com  \r\n', ['1 ann@example.com -', '3 bob@example.com -']],
    ['JSON', '[{"email":"a@example.com"},\n {"email":"b@example.com"}]', ['1 a@example.com -', '2 b@example.com -']],
    ['NDJSON', '{"email":"a@example.com"}\n\n{"email":"b@example.com"}\n', ['1 a@example.com -', '3 b@example.com -']],
    ['an indented object', '{\n  "email": "ann@example.com"\n}', ['1 ann@example.com -']],
  ])('%s', async (_, text, expected) => expect(await shown(text)).toEqual(expected));
});

describe('columns', () => {
  test('role, scope and auth_type say what they say', async () => {
    const text =
      'email,Roles,Scope,Auth-Type\n' +
      'a@example.com,EnvironmentAdmin,env-1,SSO\n' +
      'b@example.com,MetricsViewer|Operator,,AUTH_TYPE_LOCAL\n' +
      'c@example.com,"CloudClusterAdmin@env-1/lkc-2, EnvironmentAdmin; DataSteward",env-9,\n';
    expect(await shown(text)).toEqual([
      '2 a@example.com sso EnvironmentAdmin@env-1',
      '3 b@example.com local MetricsViewer Operator',
      '4 c@example.com - CloudClusterAdmin@env-1/lkc-2 EnvironmentAdmin@env-9 DataSteward@env-9',
    ]);
  });

  test('a list of roles in JSON, also as our own results have it', async () => {
    const crn_pattern = 'crn://confluent.cloud/organization=o/environment=env-1';
    const roles = [{ role_name: 'EnvironmentAdmin', crn_pattern }];
    const typed = { email: 'a@example.com', roles: ['MetricsViewer', 'EnvironmentAdmin@env-1'] };
    const ours = { email: 'b@example.com', user: { id: 'u-1' }, roles };
    expect(await shown(`${JSON.stringify(typed)}\n${JSON.stringify(ours)}`)).toEqual([
      '1 a@example.com - MetricsViewer EnvironmentAdmin@env-1',
      `2 b@example.com - EnvironmentAdmin@${crn_pattern}`,
    ]);
  });

  test('others are ignored and named', async () => {
    const { understood } = await read('team,email,rolodex\nred,ann@example.com,x\n');
    expect(understood).toMatchObject({ ignored: ['team', 'rolodex'] });
  });

  test('keys that are no friends of objects do no harm', async () => {
    expect(await shown('__proto__,email,constructor\n1,ann@example.com,2\n')).toEqual(['2 ann@example.com -']);
    expect(await shown('{"__proto__":{"polluted":1},"email":"ann@example.com"}')).toEqual(['1 ann@example.com -']);
    expect(({} as { polluted?: unknown }).polluted).toBe(undefined);
  });
});

describe('somebody who appears twice', () => {
  test('is one person with the roles of both rows, whatever the case', async () => {
    const text =
      'email,role\nAnn@example.com,MetricsViewer\nbob@example.com,\nann@EXAMPLE.com,Operator|MetricsViewer\n';
    expect(await shown(text)).toEqual(['2 Ann@example.com - MetricsViewer Operator', '3 bob@example.com -']);
    expect((await read(text)).people).toMatchObject({ repeated: [{ email: 'ann@EXAMPLE.com', line: 4 }] });
  });

  test('with two ways to sign in is a mistake', async () => {
    const text = 'email,auth_type\nann@example.com,sso\nann@example.com,local\n';
    expect((await complaints(text)).lines).toEqual(['line 3: "ann@example.com" has another auth_type than in line 2']);
  });
});

describe('everything that is wrong is said at once, with its line', () => {
  test.each([
    ['', 'line 1: the file is empty'],
    ['name,team\nAnn,red\n', 'line 1: there is no column "email"; known columns: email (or'],
    ['{"name":"Ann"}\n', 'line 1: there is no column "email"'],
    ['ann@example.com,Operator\n', 'line 1: it holds an address, but the first line names'],
    ['1,ann@example.com,gone\n2,bob@example.com,\n', 'line 1: it holds an address, but the first line names'],
    ['Ann,ann@example.com\nName,email\nTom,tom@example.com\n', 'line 1: it holds an address, but the first line names'],
    ['a,email\n1,ann@example.com\nFormer,email\n2,bob@example.com\n', 'line 3: another table begins here; a file'],
    ['email,Email\na@example.com,b\n', 'line 1: the column "Email" appears twice'],
    ['email,x\n,1\nann@example.com\n', 'line 2: the address is missing', 'line 3: it has 1 cell, the header has 2'],
    ['email,role,scope\na@example.com,,env-1\n', 'line 2: the scope "env-1" has no role'],
    ['email,role\na,Operatr\nb@b.co,Operator', 'line 2: "a": it has no @', 'line 2: unknown role "Operatr"; did'],
    ['email,auth_type\na@example.com,saml\n', 'line 2: "saml" is not an auth_type; it is sso or local'],
    ['email,x\na@example.com,"oops\nb@example.com,2\n', 'line 2: a quote is opened here and never closed'],
    ['email,x\na@example.com,b"c\n', 'line 2: there is a quote in the middle'],
    ['[{"email":"a@example.com"}\n{"email":"b@example.com"}]', 'line 2: invalid JSON: comma expected'],
    ['[{"email":"a@example.com"},\n{"email":', 'line 2: the JSON is cut off'],
    ['{"email":"a@example.com"}\nnull\n', 'line 2: expected an object, or an address in quotes'],
  ])('%j', async (text, ...lines) => {
    const found = lines.map((line) => expect.stringContaining(line));
    expect(await complaints(text)).toEqual({ code: 'invalid_file', lines: found });
  });

  test.each([
    ['ann\nbob@example.com\ncyd@x\n', 'line 1: "ann": it has no @', 'line 3: "cyd@x": the domain "x" has no dot'],
    [
      'email,x\n"a\nb@example.com",1\nc@d,2\n',
      'line 2: "a\\x0ab@example.com": a line break at column 2 is not allowed',
      'line 4: "c@d": the domain "d" has no dot',
    ],
  ])('where only addresses are wrong: %j', async (text, ...lines) => {
    expect(await complaints(text)).toEqual({ code: 'invalid_email', lines });
  });

  test('up to twenty, and how many more there are', async () => {
    const { lines } = await complaints(`email\n${'x\n'.repeat(50)}`);
    expect([lines.length, lines[19], lines[20]]).toEqual([21, 'line 21: "x": it has no @', 'and 30 more']);
  });

  test('a quote that is never closed in a long file', async () => {
    const { lines } = await complaints(`email,x\na@example.com,"oops\n${'b@example.com,2\n'.repeat(100_000)}`);
    expect(lines).toEqual(['line 2: the row is longer than a million characters; is a quote not closed?']);
  });

  test('of a line that is too long, nobody', async () => {
    const text = `ann@example.com\n${'bob@example.com,'.repeat(62_500)}x`;
    expect((await complaints(text)).lines).toEqual(['line 2: the line is longer than a million characters']);
  });

  test('100,000 rows are taken, one more is not', () => {
    const text = 'a@example.com\n'.repeat(mostRows);
    expect(linesTable(text).rows).toHaveLength(100_000);
    expect(() => linesTable(`${text}b`)).toThrow('the file has more than 100000 rows');
  });
});

test('a row of CSV is in the line that it begins in', async () => {
  const text = '\nemail,role\r\n\r\nann@example.com,A\n\n\nbob@example.com,B';
  expect(await csvTable(text, { kind: 'csv', delimiter: ',', line: 1, start: 0, isBelow: false })).toMatchObject({
    header: 2,
    rows: [
      { line: 4, cells: ['ann@example.com', 'A'] },
      { line: 7, cells: ['bob@example.com', 'B'] },
    ],
  });
});

const cell = fc.string({ unit: fc.constantFrom(...'ab ,;"\n\té€|=@'), maxLength: 8 });

test('the signs that Markdown needs are no part of a cell', async () => {
  const text = '| email | role |\n|---|---|\n| ann\\_b@example.com | DeveloperRead@env-1/lkc-1/topic=pay\\* |\n';
  expect(await shown(text)).toEqual(['3 ann_b@example.com - DeveloperRead@env-1/lkc-1/topic=pay*']);
});

test('what a writer of CSV wrote is read as it was', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { maxLength: 8 }), async (rows) => {
      const full = rows.map((row) => ['ann@example.com', ...row]);
      const text = stringify([['email', 'a', 'b', 'c'], ...full]);
      const { rows: read } = await csvTable(text, { kind: 'csv', delimiter: ',', line: 1, start: 0, isBelow: false });
      expect(read.map(({ cells }) => cells)).toEqual(full);
    }),
  );
});

test('whatever the bytes are, they are read or refused in good time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      const outcome = await complaints(Buffer.from(bytes));
      expect(['none', 'invalid_file', 'invalid_email']).toContain(outcome.code);
    }),
  );
});
