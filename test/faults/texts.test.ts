import { describe, expect } from 'vitest';
import { type Expected, type Row, testRows } from '../support/fault-rows.ts';
import { texts } from './scenarios/texts.ts';

const evil = Object.entries(texts).flatMap(([name, scenario]) =>
  'people' in scenario ? [[name, scenario.people?.[0]?.email] as const] : [],
);

/** json gives an e-mail back as the server has it. */
function sameValue([name, email]: (typeof evil)[number]): Row {
  const emailIn = (stdout: string) =>
    (JSON.parse(stdout) as { id: string; email: string }[]).find(({ id }) => id === 'i-evil')?.email;
  return [name, 'list -o json', 0, { also: ({ stdout }) => expect(emailIn(stdout)).toBe(email) }];
}

function oneLineEach([name]: (typeof evil)[number]): Row {
  const also: Expected['also'] = ({ stdout }) => expect(stdout.trimEnd().split('\n')).toHaveLength(7);
  return [name, 'list', 0, { also }];
}

describe('text that does something to a terminal', () => {
  testRows(evil.map(sameValue));
  testRows(evil.map(oneLineEach));
  testRows([
    ['esc-csi', 'get i-evil', 0],
    ['esc-keys', 'list -o json', 0],
    ['esc-values', 'list', 0],
    ['esc-values', 'get i-sent', 0],
    ['esc-error', 'list', 2],
    ['esc-error', 'list -o json', 2],
    ['esc-error', 'list --debug', 2],
    ['esc-reason', 'list --debug', 2],
    ['esc-request-id', 'list', 2],
    ['esc-request-id', 'list -o json', 2],
    ['esc-location', 'list', 3],
    ['esc-content-type', 'list', 3],
    ['csv-formula', 'list -o csv', 0, { out: /"'=HYPERLINK/ }],
    ['newline-cell', 'delete i-evil', 2, { err: /^ {2}revoke the invitation of first\\x0asecond/m }],
    ['newline-cell', 'wait i-evil --timeout 1s', 8, { err: /^i-evil \(first\\x0asecond/m }],
    ['esc-many', 'list', 0, { within: 10_000 }],
  ]);
});
