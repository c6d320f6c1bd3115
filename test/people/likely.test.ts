import { describe, expect, test } from 'vitest';
import { people, read, refusal } from './reading.ts';

/** Ann is there, Bob is not. */
const file = (heading: string, there: string, gone: string) =>
  `email,name,${heading}\nann@example.com,Ann,${there}\nbob@example.com,Bob,${gone}\n`;

describe('a column that no list knows is read if it may say who is gone', () => {
  test.each([
    ['Stato', 'Attivo', 'Sospeso'],
    ['Stato account', 'Attivo', 'Disattivato'],
    ['Actief', 'Ja', 'Nee'],
    ['Uit dienst', '', '2024-01-31'],
    ['Aktywny', 'Tak', 'Nie'],
    ['Estado del empleado', 'Activo', 'Baja'],
    ['Statut du salarié', 'Présent', 'Sorti'],
    ['Status do colaborador', 'Ativo', 'Desligado'],
    ['Konto', 'aktiv', 'gesperrt'],
    ['Access', 'granted', 'revoked'],
    ['Acct Status', 'Enabled', 'Disabled'],
    ['Suspended?', 'FALSE', 'TRUE'],
    ['Worker Active', '1', '0'],
    ['Not active', 'no', 'yes'],
    ['membership_state', 'active', 'inactive'],
    ['Do not invite', '', 'x'],
    ['Scadenza', '2030-12-31', '2020-12-31'],
    ['Einddatum', '2030-12-31', '2020-12-31'],
    ['Data zakończenia', '2030-12-31', '2020-12-31'],
    ['Last Day Worked', '', '2020-12-31'],
  ])('%s: %j, %j', async (...row) => expect(await people(file(...row))).toEqual(['ann@example.com']));

  test('in JSON as well', async () => {
    const text = JSON.stringify([
      { email: 'ann@example.com', account: { stato: 'attivo' } },
      { email: 'bob@example.com', account: { stato: 'sospeso' } },
    ]);
    expect(await people(text)).toEqual(['ann@example.com']);
  });

  test.each([
    ['HR Status', 'A', 'T', ', and "A", "T" is not known'],
    ['Remarks', 'likes tea', 'left the company in May', ' ("left the company in May")'],
    ['Group', 'Kafka', 'Suspended', ' ("Suspended")'],
  ])('or asked about: %s', async (heading, there, gone, end) => {
    const { reason, hints } = await refusal(file(heading, there, gone));
    expect(reason).toBe(`the column "${heading}" may say who is no longer there${end}`);
    const { people: all } = await read(file(heading, there, gone), { columns: 'status=' });
    expect([hints.some((hint) => hint.startsWith('--columns status= ')), all.rows.size]).toEqual([true, 2]);
  });
});

test.each([
  ['mfa_active', 'true', 'false'],
  ['Password expiry date', '2030-12-31', '2020-12-31'],
  ['Last Active', '2024-01-01', 'never'],
  ['Activation date', '2024-01-01', '2024-01-01'],
  ['includeInGlobalAddressList', 'True', 'False'],
  ['billing-active', '1', '0'],
  ['Remote', 'yes', 'no'],
  ['Department', 'Closed Funds', 'Left Bank'],
  ['x-state', 'active', 'suspended'],
  ['Redirection url [inviteRedirectURL] Required', 'https://a.example', 'https://b.example'],
])('a column about something else does no harm: %s', async (...row) => {
  expect(await people(file(...row))).toHaveLength(2);
});
