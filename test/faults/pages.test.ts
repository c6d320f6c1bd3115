import { describe } from 'vitest';
import { testRows } from '../support/fault-rows.ts';

const everybody = /^i-sent\ni-staged\ni-expired\ni-accepted\ni-gone\n$/;

describe('pages', () => {
  testRows([
    ['next-foreign', 'list -o id', 0, { requests: 'list list list', out: everybody }],
    ['page2-503-once', 'list -o id', 0, { out: everybody }],
    ['honest', 'list -o id', 0, { people: 200, requests: 3 }],
    ['filter-ignored', 'get staged@example.com -o id', 0, { out: /^i-staged\n$/ }],
    ['filter-ignored', 'list --email staged@example.com -o id', 0, { out: /^i-staged\n$/ }],
    ['filter-ignored', 'delete nobody@example.com --yes', 6, { requests: 'list list' }],
    ['dup-email', 'create sent@example.com', 0, { posts: 0 }],
    ['case-email', 'create big.name@example.com', 0, { posts: 0, mails: 0 }],
  ]);
});
