import { describe, expect, test } from 'vitest';
import { people, read, refusal } from './reading.ts';

/** Ann is there, Bob is not. */
const file = (heading: string, there: string, gone: string) =>
  `email,name,${heading}\nann@example.com,Ann,${there}\nbob@example.com,Bob,${gone}\n`;

describe('a column that no list knows is read if it may say who is gone', () => {
  test.each([
    ['Stato', 'Attivo', 'Sospeso'],
    ['Uit dienst', '', '2024-01-31'],
    ['Storniert', '', 'x'],
    ['Cancellation reason', '', 'ill'],
    ['Statut du salarié', 'Présent', 'Sorti'],
    ['Access', 'granted', 'revoked'],
    ['Zugriff', 'ja', 'nein'],
    ['Zawieszony', 'nie', 'tak'],
    ['A quitté la société', 'non', 'oui'],
    ['Beschäftigungsende', '', '31.12.2020'],
    ['suspended_until', '2020-12-31', '2030-12-31'],
    ['Eligible', 'yes', 'no'],
    ['Suspended?', 'FALSE', 'TRUE'],
    ['Not active', 'no', 'yes'],
    ['Active_Status', '1', '0'],
    ['Do not invite', '', 'x'],
    ['On leave', 'No', 'Yes'],
    ['Alumni', 'no', 'yes'],
    ['Robot', 'no', 'yes'],
    ['Bloquer la connexion (Oui/Non) [accountEnabled] Obligatoire', 'Non', 'Oui'],
    ['Status [SCHREIBGESCHÜTZT]', 'Aktiv', 'Gesperrt'],
    ['When deleted', '', '2026-01-01T00:00:00Z'],
    ['blocked', '☐', '☑'],
    ['Attivo', 'VERO', 'FALSO'],
    ['Actief', '1.0', '0.0'],
    ['Active', '', 'no'],
    ['Action', 'add', 'remove'],
    ['method', 'POST', 'DELETE'],
    ['internal_integration_user', 'false', 'true'],
    ['Send invitation', 'yes', 'no'],
    ['Kontosperre', 'nein', 'ja'],
    ['アカウント停止', 'いいえ', 'はい'],
    ['アクセス終了', '2030/12/31', '2020/12/31'],
    ['Ważne do', '2030-12-31', '2020-12-31'],
    ['approved', 'yes', 'no'],
    ['not authorized', 'no', 'yes'],
    ['approved_by_manager', 'yes', 'no'],
    ['object class', 'User', 'Security group'],
    ['Last Day Worked', '', '2020-12-31'],
    ['Exit', '', '31 Oct 2020'],
    ['Дата увольнения', '', '31.10.2020'],
    ['離職', '', 'はい'],
    ['Kafka access', 'yes', 'no'],
    ['Confluent', 'x', 'no'],
    ['effect', 'ALLOW', 'DENY'],
    ['RecipientTypeDetails', 'UserMailbox', 'MailUniversalSecurityGroup'],
    ['type', 'User', 'Security Group - Global'],
    ['member type', 'Regular', 'Former employee'],
    ['Has hard bounced', 'false', 'true'],
    ['Do you need access?', 'Yes', 'No'],
    ['Keep account (Y/N)', 'Y', 'N'],
    ['Causale cessazione', '', 'Dimissioni'],
    ['krbprincipalexpiration', '', '20201031000000Z'],
    ['End date', '99991231', '20201031'],
    ['Account expires', '', '/Date(1604102400000)/'],
    ['Letzter Tag im Unternehmen', '', '31.12.2020'],
    ['deleted_at', '\\N', '2020-12-31 10:00:00'],
    ['suspended', '[NULL]', 'true'],
    ['UNSUB_TIME', '—', '2020-12-31'],
    ['until', 'NaT', '2020-12-31'],
    ['Shared mailbox', 'No', 'Yes'],
    ['À inviter', 'oui', 'non'],
    ['expires_at_time', '', '2020-12-31 00:00:00.000 -0800'],
    ['Data ważności', '', '2020-12-31'],
    ['Platnost do', '', '31.12.2020'],
    ['いつまで', '', '2020/12/31'],
    ['İşten Ayrılma Tarihi', '', '31.12.2020'],
    ['Utløpsdato', '', '31.12.2020'],
    ['Последний рабочий день', '', '31.12.2020'],
  ])('%s: %j, %j', async (...row) => expect(await people(file(...row))).toEqual(['ann@example.com']));

  test('but nobody is removed for it', async () => {
    const kept = await read('email,Stav,Konto,Invite\na@b.co,Sospeso,gesperrt,no\n', { ignoresRoles: true });
    expect([kept.people.rows.size, kept.leftOut]).toEqual([1, []]);
  });

  test('in NDJSON of objects in objects', async () => {
    const line = (email: string, state: string) => JSON.stringify({ human: { email: { email } }, state });
    const text = `${line('ann@example.com', 'USER_STATE_ACTIVE')}\n${line('bob@example.com', 'USER_STATE_INACTIVE')}\n`;
    expect(await people(text)).toEqual(['ann@example.com']);
  });

  test.each([
    ['HR Status', 'A', 'T', ', and "A", "T" is not known'],
    ['状态', '在职', '离职', ', and "在职", "离职" is not known'],
    ['Membership state', 'active', 'awaiting', ', and "awaiting" is not known'],
    ['Aktif', 'Evet', 'Hayır', ', and "Evet", "Hayır" is not known'],
    ['Active', 'x', '', ', and "" is not known'],
    ['Sperre', 'inaktiv', 'aktiv', ', and "aktiv" is not known'],
    ['Remarks', 'likes tea', 'left the company in May', ' ("left the company in May")'],
    ['備考欄', '', '退職しました', ' ("退職しました")'],
    ['Group', 'Kafka', 'Suspended', ' ("Suspended")'],
    ['Display name', 'Ann Bee (Ops)', 'Bob Cay (left)', ' ("Bob Cay (left)")'],
    ['Origin', 'Madrid', 'Room mailbox', ' ("Room mailbox")'],
    ['Path', '/Eng', '/Former Employees/2026', ' ("/Former Employees/2026")'],
    ['Group', 'Kafka', 'Leavers', ' ("Leavers")'],
    ['displayName', 'Ann Bee', 'Bob Cay - LEFT', ' ("Bob Cay - LEFT")'],
    ['Description', 'Engineer', 'Disabled 2020-12-31 by Eve', ' ("Disabled 2020-12-31 by Eve")'],
  ])('or asked about: %s', async (heading, there, gone, end) => {
    const { reason, hints } = await refusal(file(heading, there, gone));
    expect(reason).toBe(`the column "${heading}" may say who is no longer there${end}`);
    const { people: all } = await read(file(heading, there, gone), { columns: 'status=' });
    expect(all.rows.size).toBe(2);
    expect(hints.some((hint) => /^--columns '?ignore=.* to ignore it$/.test(hint))).toBe(true);
  });
});

test('another column that is read, or ignored, does not hide who is known to be gone', async () => {
  const text =
    'email,Status,Account enabled,Remarks,HR Status\n' +
    'ann@example.com,Active,yes,likes tea,A\nbob@example.com,Suspended,yes,,A\n' +
    'cyd@example.com,Active,no,,A\ndan@example.com,Active,yes,left the company,T\n';
  expect((await refusal(text)).hints).toEqual([
    "--columns 'ignore=HR Status' to ignore it",
    '--include-inactive to invite everybody, whatever it says',
    '--columns status=Remarks to leave such people out',
    '--columns ignore=Remarks to ignore it',
  ]);
  expect(await people(text, 'ignore=HR Status,ignore=Remarks')).toEqual(['ann@example.com', 'dan@example.com']);
  expect(await people(text, 'ignore=HR Status,status=Remarks')).toEqual(['ann@example.com']);
  expect(await people(text, 'status=Status')).toEqual(['ann@example.com', 'dan@example.com']);
  expect(await people(text, 'status=')).toHaveLength(4);
});

test('a remark about somebody who is left out anyway asks nothing', async () => {
  const text = 'email,Worker,Worker Status\nann@example.com,Ann,Active\nbob@example.com,Bob (Terminated),Terminated\n';
  expect(await people(text)).toEqual(['ann@example.com']);
  expect((await refusal(text.replace(',Terminated', ',Active'))).reason).toContain('"Worker"');
});

test.each([
  ['Kontosperre,Status', 'nein,Foo', 'ja,Foo', 'ignore=Status', ['ann@example.com']],
  ['type,Status', 'USER,Foo', 'GROUP,Foo', 'ignore=Status', ['ann@example.com']],
  ['Status,Start date', 'Active,01/12/2026', 'Suspended,', "'ignore=Start date'", ['ann@example.com']],
  ['until,Vertragsende', ',soon', '2020-01-31,', 'ignore=Vertragsende', ['ann@example.com']],
  ['cancelled,Cancelation note', 'no,Eve', 'yes,Eve', "'ignore=Cancelation note'", ['ann@example.com']],
])('what is suggested ignores one column: %s', async (headings, there, gone, flag, found) => {
  const text = file(headings, there, gone);
  expect((await refusal(text)).hints[0]).toContain(`--columns ${flag} `);
  expect(await people(text, flag.replaceAll("'", ''))).toEqual(found);
});

test('and a column by its name keeps what it says', async () => {
  expect(await people(file('Kontosperre', 'nein', 'ja'), 'status=Kontosperre')).toEqual(['ann@example.com']);
});

test.each([
  ['environment', 'env-abc', 'only topic=orders', 'Operator@env-abc'],
  ['environment,cluster', 'env-abc,lkc-123', 'nur Testumgebung', 'Operator@env-abc/lkc-123'],
])('nor does ignoring a remark widen a role: %s', async (headings, place, remark, role) => {
  const text = `email,role,${headings},Remark\nann@example.com,Operator,${place},${remark}\n`;
  expect((await refusal(text)).hints[0]).toBe('--columns ignore=Remark to ignore it');
  expect(await people(text, 'ignore=Remark')).toEqual([`ann@example.com ${role}`]);
});

test.each([
  ['Valid till when', '01/02/2030', 'it is not certain which number of "01/02/2030" is the month'],
  ['Expiry month', '12/2020', '"12/2020" is not a date'],
  ['Ende der Beauftragung', '31.10.20', '"31.10.20" is not a date'],
  ['Fine incarico', '31-OCT-20', '"31-OCT-20" is not a date'],
])('an end that cannot be read is an error: %s', async (heading, cell, words) => {
  expect((await refusal(file(heading, '', cell))).reason).toContain(words);
});

test.each([
  ['Do not invite', '', 'x'],
  ['approved', 'yes', 'no'],
  ['not authorized', 'no', 'yes'],
])('who is not wished is not inactive: %s', async (...row) => {
  const { people: all } = await read(file(...row), { includeInactive: true });
  expect(all.rows.size).toBe(1);
  await expect(read(file(row[0], row[1], 'maybe'), { includeInactive: true })).rejects.toMatchObject({
    details: { hints: [expect.stringContaining(`ignore=${row[0]}`)] },
  });
});

test.each([
  ['maybe', '"maybe"'],
  ['pending', '"pending"'],
  ['', '""'],
])('who is not known to be wished is asked about: %j', async (cell, shown) => {
  const { reason } = await refusal(file('Genehmigt am', '2026-01-31', cell));
  expect(reason).toBe(`the column "Genehmigt am" may say who is not to be invited, and ${shown} is not known`);
});

test.each([
  ['Approved by', 'Eve', 'Mallory'],
  ['mfa_active', 'true', 'false'],
  ['Password expiry date', '2030-12-31', '2020-12-31'],
  ['Last Active', '2024-01-01', 'never'],
  ['Activation date', '2024-01-01', '2024-01-01'],
  ['includeInGlobalAddressList', 'True', 'False'],
  ['billing-active', '1', '0'],
  ['Remote', 'yes', 'no'],
  ['Department', 'Closed Funds', 'Left Bank'],
  ['x-state', 'active', 'suspended'],
  ['MFA status', 'Enabled', 'Disabled'],
  ['ModerationEnabled', 'True', 'False'],
  ['Active devices', '1', '0'],
  ['Disability', 'No', 'Yes'],
  ['Order Status', 'Open', 'Cancelled'],
  ['Kündigungsschutz', 'nein', 'ja'],
  ['Kündigungsfrist', '3 Monate', '4 Wochen'],
  ['Redirection url [inviteRedirectURL] Required', 'https://a.example', 'https://b.example'],
])('a column about something else does no harm: %s', async (...row) => {
  expect(await people(file(...row))).toHaveLength(2);
});

/** Both are to read, Ann with a scope. */
const scoped = (heading: string, cell: string) =>
  `email,role,${heading}\nann@example.com,DeveloperRead,${cell}\nbob@example.com,DeveloperRead,\n`;

describe('a column that may say what the roles are for is read, or asked about', () => {
  test.each([
    ['Omgeving', 'env-abc'],
    ['Środowisko', 'env-abc'],
    ['Périmètre', 'env-abc'],
  ])('%s', async (heading, cell) => {
    const both = [`ann@example.com DeveloperRead@${cell}`, 'bob@example.com DeveloperRead'];
    expect(await people(scoped(heading, cell))).toEqual(both);
  });

  test.each([
    ['Cluster Name', 'prod', 'and prod is no id such as env-abc or lkc-123'],
    ['Limited to', 'prod', 'and prod is no id such as env-abc or lkc-123'],
    ['Bereiche', 'env-abc;env-xyz', 'as "env-abc;env-xyz" does'],
    ['Notes', 'only the topic orders', 'as "only the topic orders" does'],
    ['Any', 'env-abc and more', 'as "env-abc and more" does'],
  ])('%s: %s', async (heading, cell, end) => {
    const text = scoped(heading, cell);
    const { reason, hints } = await refusal(text);
    expect(reason).toBe(`the column "${heading}" may say what the roles are for, ${end}`);
    expect(hints[0]).toBe('--columns scope= to ignore it');
    expect(await people(text, 'scope=')).toEqual(['ann@example.com DeveloperRead', 'bob@example.com DeveloperRead']);
    // Where no role is granted, nothing is narrowed.
    expect(await people(text.replace('role', 'x-role'), 'role=')).toHaveLength(2);
  });

  test('in the objects of roles, too', async () => {
    const text = (role: object) => JSON.stringify([{ email: 'ann@example.com', roles: [role] }]);
    const role_name = 'DeveloperRead';
    expect(await people(text({ role_name, environment: 'env-abc', cloud_cluster: 'lkc-123', id: 'rb-1' }))).toEqual([
      'ann@example.com DeveloperRead@env-abc/lkc-123',
    ]);
    const whole = 'env-abc/lkc-123';
    const beside = [
      { scope: whole, expires: '2027-01-31' },
      { scope: whole, topic: 'orders' },
      { scope: whole, active: false },
      { scope: whole, valid_from: '2027-01-31' },
    ];
    for (const more of [{ environment_name: 'prod' }, { expires: '2027-01-31' }, { topic: 'orders' }, ...beside])
      expect((await refusal(text({ role_name, ...more }))).reason).toContain('is not a scope for DeveloperRead');
  });

  test('a topic by its name', async () => {
    const text = 'email,role,environment,cluster,Topic\nann@example.com,DeveloperRead,env-abc,lkc-123,orders\n';
    expect(await people(text)).toEqual(['ann@example.com DeveloperRead@env-abc/lkc-123/topic=orders']);
  });

  test('a part without the whole names the flag', async () => {
    const { reason, hints } = await refusal(scoped('Topic', 'orders'));
    expect(reason).toContain('"topic=orders" is not a scope without its environment and cluster');
    const flags = '--columns scope= ignores what the roles are for; --columns scope=HEADING names its column';
    expect(hints).toContain(flags);
  });
});

test('how people sign in to another program names the flag', async () => {
  const text = 'email,auth_type\nann@example.com,SAML\n';
  expect((await refusal(text)).hints).toEqual(['--columns auth_type= ignores how they sign in']);
  expect(await people(text, 'auth_type=')).toEqual(['ann@example.com']);
});

test.each([
  ['ID,Start time,Completion time,Email,Whom to invite\n1,a,b,boss@example.com,ann@example.com\n', 'Whom to invite'],
  ['Tijdstempel,E-mailadres,Collega\na,boss@example.com,ann@example.com\n', 'Collega'],
  ['E-mail leidinggevende,Medewerker\nboss@example.com,ann@example.com\n', 'Medewerker'],
])('who filled in a form, and managers, come last: %j', async (text, column) => {
  expect((await refusal(text)).hints[0]).toMatch(new RegExp(`^--columns '?email=${column}'? to take ann@`));
});

test('what an object says about somebody else says nothing about the person', async () => {
  const other = { kind: 'ServiceAccount', status: 'suspended', workerState: 'left' };
  const groups = [{ type: 'group', name: 'a' }];
  const ann = { email: 'ann@example.com', creator: other, manager: other, boss: other, groups };
  expect(await people(JSON.stringify([ann]))).toHaveLength(1);
  const emails = [{ email: 'bob@example.com', type: 'group' }];
  expect(await people(JSON.stringify([ann, { emails }]))).toHaveLength(1);
});

const lists = ['leavers', 'disabledUsers', 'suspended', 'ehemalige', 'bot'];
test.each(lists)('who is in a list called %s is left out', async (key) => {
  const text = JSON.stringify({ [key]: ['ann@example.com', { email: 'bob@example.com' }] });
  const { people: found, leftOut } = await read(text);
  expect([found.rows.size, leftOut.map(({ reason }) => reason)]).toEqual([0, [`${key} "yes"`, `${key} "yes"`]]);
});

test('the CRN of a person is no place for a role', async () => {
  const user = { resource_name: 'crn://confluent.cloud/user=u-1' };
  const text = JSON.stringify([{ email: 'ann@example.com', role: 'Operator', user }]);
  expect(await people(text)).toEqual(['ann@example.com Operator']);
});
