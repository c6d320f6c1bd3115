import { describe } from 'vitest';
import { testRows } from '../support/fault-rows.ts';

describe('answers that are not the API’s', () => {
  testRows([
    ['200-html', 'list', 3, { requests: 1, err: /200.*text\/html/s }],
    ['json-null', 'get i-sent', 3, { requests: 1 }],
    ['200-error-body', 'list', 5, { requests: 1, err: /Not for you today/ }],
    ['missing-fields', 'list', 0, { out: /sent@example\.com +unknown|sent@example\.com/ }],
    ['null-fields', 'list -o json', 0, { out: /"status": ?null/ }],
    ['missing-metadata', 'list --older-than 1d -o json', 0, {}],
    ['unknown-status', 'list -o json', 0, { out: /INVITE_STATUS_ON_HOLD[\s\S]*"state": ?"unknown"/ }],
    ['extra-fields', 'list -o json', 0, { out: /"nickname": ?"ace"/ }],
    ['wrong-types', 'list', 0, { out: /sent@example\.com/ }],
    ['wrong-types', 'get i-sent', 0, {}],
    ['bad-dates', 'list', 0, { out: /sent@example\.com/ }],
    ['proto-keys', 'list -o json', 0, { notOut: /__proto__/, out: /i-sent/ }],
    ['long-email', 'list', 0, { out: /x{100}/, within: 10_000 }],
    ['long-email', 'list -o json', 0, { out: /x{1048576}@example\.com/, within: 10_000 }],
    ['whole-list', 'list', 3, { requests: 1, err: /a page of it has 20000 rows, and 100 were asked for/ }],
    ['big-pages', 'list -o id', 0, { within: 10_000, out: /^(?:i-big\d+\n){20000}$/ }],
  ]);
});
