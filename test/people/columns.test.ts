import { describe, expect, test } from 'vitest';
import { formatColumns, parseColumns } from '../../src/people/columns.ts';
import { people, refusal } from './reading.ts';

describe('headings that are known', () => {
  test.each([
    ['Google Workspace', 'First Name [Required],Last Name [Required],*Email Address [Required],Status [READ ONLY]'],
    ['Google Workspace in German', 'Vorname [Erforderlich],*E-Mail-Adresse [Erforderlich],E-Mail des Managers'],
    ['Microsoft Entra', 'userPrincipalName,displayName,surname,*mail,givenName'],
    ['a template of Microsoft Entra', 'Name [displayName] Required,a,*User name [userPrincipalName] Required,b'],
    ['Okta', 'login,firstName,*email,lastName'],
    ['an Okta report', 'a,b,*user.login,c'],
    ['German', 'Vorname,Name,*E-Mail-Adresse,Abteilung'],
    ['Portuguese', 'Nome,Sobrenome,*Endereço de e-mail,Área'],
    ['Japanese', '姓,名,*メールアドレス,部署'],
    ['decomposed accents', 'Prénom,Nom,*Adresse électronique,x'.normalize('NFD')],
  ])('%s', async (_, header) => {
    const row = header.split(',').map((name) => (name.startsWith('*') ? 'ann@example.com' : '-'));
    expect(await people(`${header.replace('*', '')}\n${row.join(',')}\n`)).toEqual(['ann@example.com']);
  });

  test.each(['Rolle', 'Função', 'ロール'])('%s is the role', async (heading) => {
    expect(await people(`email;${heading}\nann@example.com;Operator\n`)).toEqual(['ann@example.com Operator']);
  });
});

describe('--columns', () => {
  test('says which columns are meant', async () => {
    const text = 'Kontakt;email;Zugriff\nann@example.com;boss@example.com;Operator\n';
    expect(await people(text, 'email=Kontakt,role=Zugriff')).toEqual(['ann@example.com Operator']);
    expect(await people(text, 'email="KONTAKT",role=')).toEqual(['ann@example.com']);
  });

  test('says which are ignored', async () => {
    const text = 'email,status,type,role\nann@example.com,Suspended,GROUP,Operator\n';
    expect(await people(text, 'ignore=status,ignore=Type,ignore=role')).toEqual(['ann@example.com']);
  });

  test.each(['email="E-Mail, privat",role=Rolle', 'email="say ""hi""",scope=x', 'role=', 'ignore=a,ignore="b, c"'])(
    '%s is read and written',
    (text) => {
      expect(formatColumns(parseColumns(text))).toBe(text);
    },
  );

  test.each([
    ['', 'cannot read --columns ""'],
    ['E-Mail', 'cannot read --columns "E-Mail"'],
    ['email="x', 'cannot read --columns "email="x"'],
    ['emial=x', 'unknown field "emial" in --columns'],
    ['email=x,email=y', '--columns names "email" twice'],
  ])('%j is refused', (text, message) => expect(() => parseColumns(text)).toThrow(message));

  test('a heading that the file does not have is refused with those it has', async () => {
    const missing = 'line 1: there is no column';
    const { reason } = await refusal('a,email\n1,ann@example.com\n', 'role=Zugriff');
    expect(reason).toBe(`${missing} "Zugriff"; the columns are "a", "email"`);
    for (const text of ['[{"email":"a@x.io","Austritt":"2020-01-31"}]', '- email: a@x.io\n  Austritt: 2020-01-31\n'])
      expect((await refusal(text, 'until=Austrit')).reason).toBe(
        `${missing} "Austrit"; the columns are "email", "Austritt"`,
      );
    expect(await people('[]', 'until=Austritt')).toEqual([]);
  });
});

describe('a file without a known heading', () => {
  test.each([
    ['one column of addresses', 'Name;Kontakt\nAnn;Ann <ann@example.com>\n'],
    ['one of JSON', '[{"Kontakt an":"ann@example.com"}]'],
  ])('is read if it has %s', async (_, text) => expect(await people(text)).toEqual(['ann@example.com']));

  test('of one column is told the flag', async () => {
    const { hints } = await refusal('Adresse\nann@example.com\n');
    expect(hints).toContain('if the first line is a heading: --columns email=Adresse');
  });

  test('of columns that spaces separate is told to be exported otherwise', async () => {
    const { hints } = await refusal('EMAIL              STATE\nann@example.com    member\n');
    expect(hints).toContain('columns that only spaces separate are not read; export them as CSV or JSON');
  });

  test('a column of which half the cells are no addresses is none', async () => {
    expect(await refusal('Name;Kontakt\nAnn;ann@example.com\nBob;-\n')).toMatchObject({
      reason: expect.stringContaining('there is no column "email"; known columns:'),
      hints: [],
    });
  });
});

describe('a column that looks like roles', () => {
  test.each([
    ['email,Zugriff,Team\na@x.io,OrganizationAdmin,red\nb@x.io,,\n', 'OrganizationAdmin', ''],
    ['email,Zugriff\na@x.io,DeveloperRed@env-1 Operator\n', 'DeveloperRed@env-1 Operator', ''],
    ['[{"email":"a@x.io","Zugriff":"Operator"},{"Zugriff":"","email":"b@x.io"}]', 'Operator', ''],
    ['email,role,Zugriff\na@x.io,Operator,AccountAdmin\n', 'AccountAdmin', 'role'],
  ])('is asked about: %j', async (text, roles, otherwise) => {
    expect(await refusal(text)).toEqual({
      code: 'invalid_file',
      reason: `the column "Zugriff" (${roles}) looks like roles`,
      hints: ['--columns role=Zugriff to grant them', `--columns role=${otherwise} to ignore them`],
    });
  });

  test('is not one with other cells, or with none', async () => {
    expect(await people('email,Zugriff\na@x.io,Operator\nb@x.io,Engineer\n')).toEqual(['a@x.io', 'b@x.io']);
    expect(await people('email,Zugriff\na@x.io,\n')).toEqual(['a@x.io']);
  });
});
