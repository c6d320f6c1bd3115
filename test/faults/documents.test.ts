import { describe } from 'vitest';
import { testRows } from '../support/fault-rows.ts';

describe('answers that are not the API’s', () => {
  testRows([
    ['missing-fields', 'list', 0, { out: /sent@example\.com +unknown|sent@example\.com/ }],
    ['null-fields', 'list -o json', 0, { out: /"status": ?null/ }],
    ['missing-metadata', 'list --older-than 1d -o json', 0, {}],
    ['extra-fields', 'list -o json', 0, { out: /"nickname": ?"ace"/ }],
    ['wrong-types', 'list', 0, { out: /sent@example\.com/ }],
    ['wrong-types', 'get i-sent', 0, {}],
    ['long-email', 'list', 0, { out: /x{100}/, within: 10_000 }],
    ['long-email', 'list -o json', 0, { out: /x{1048576}@example\.com/, within: 10_000 }],
  ]);
});
