import { describe } from 'vitest';
import { testRows } from '../support/fault-rows.ts';

describe('text that does something to a terminal', () => {
  testRows([
    ['esc-csi', 'get i-evil', 0],
    ['bidi', 'list', 0],
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
