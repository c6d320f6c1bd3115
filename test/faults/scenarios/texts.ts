import type { Scenario, Scenarios } from '../exchange.ts';
import { always, failure } from '../faults.ts';
import { rows } from './documents.ts';

/** Text that affects a terminal, a spreadsheet or a log, in the e-mail of `i-evil`. */
export const texts = {
  'esc-csi': evil('\x1b[2J\x1b[31mred\x1b[0m@example.com'),
  'esc-many': evil(`${'\x1b'.repeat(32_768)}@example.com`),
  bidi: evil('\u202emoc.elpmaxe@nna\u202c\u2066x\u2069@example.com'),
  'newline-cell': evil('first\nsecond\tthird\u2028fourth@example.com'),
  'csv-formula': evil('=HYPERLINK("http://evil.example","x")@example.com'),
  'github-command': evil('::error file=x::hello@example.com'),
  'long-email': evil(`${'x'.repeat(2 ** 20)}@example.com`),
  'esc-keys': { fault: rows((row) => ({ ...row, '\x1b[31mkey\u202e': 'value', deep: { '\x07': '\x9b' } })) },
  'esc-values': {
    fault: rows((row) => ({ ...row, status: '\x1b[5mBLINK', auth_type: '\u202eAUTH', expires_at: '\x1b]0;t\x07' })),
  },
  'esc-error': {
    fault: always(failure(400, 'no \x1b[2J\x1b]52;c;x\x07\u202e\r\n::error::gone \u009b31m', '\x1b[31mcode')),
  },
  'esc-reason': { fault: always({ ...failure(400, 'it has a colored reason'), reason: 'Bad \x1b[31mRequest' }) },
  'esc-request-id': { fault: always({ status: 400, headers: { 'X-Request-Id': 'req-\x9b31m\xff' } }) },
  'esc-location': { fault: always({ status: 302, headers: { Location: 'http://evil.example/\x9b31m' } }) },
  'esc-content-type': {
    fault: always({ status: 200, headers: { 'Content-Type': 'text/\x9b31mhtml' }, body: 'hello \x1b[31m' }),
  },
} satisfies Scenarios;

function evil(email: string): Scenario {
  return { people: [{ email, state: 'pending', invitation: 'i-evil' }] };
}
