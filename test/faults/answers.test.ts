import { describe } from 'vitest';
import { testRows } from '../support/fault-rows.ts';

describe('answers that are not the API’s', () => {
  testRows([
    ['missing-fields', 'list', 0, { out: /sent@example\.com +unknown|sent@example\.com/ }],
    ['missing-metadata', 'list --older-than 1d -o json', 0, {}],
    ['wrong-types', 'list', 0, { out: /sent@example\.com/ }],
    ['wrong-types', 'get i-sent', 0, {}],
    ['long-email', 'list', 0, { out: /x{100}/, within: 10_000 }],
    ['err-echo-auth', 'list -o json', 2, {}],
    ['err-echo-auth', 'list --debug', 2, {}],
  ]);
});

describe('rows of a list that are others than were asked for', () => {
  testRows([
    ['filter-ignored', 'get staged@example.com -o id', 0, { out: /^i-staged\n$/ }],
    ['filter-ignored', 'delete nobody@example.com --yes', 6, { requests: 'list list' }],
    ['dup-email', 'create sent@example.com', 0, { posts: 0 }],
    ['case-email', 'create big.name@example.com', 0, { posts: 0, mails: 0 }],
  ]);
});

describe('answers that do not come in time', () => {
  testRows([
    ['hang', 'create new@example.com --timeout 2s', 3, { mails: 0, within: 6000 }],
    ['hang', 'list --timeout 2s', 3, { within: 6000, err: /hint: use a longer --timeout/ }],
    ['post-hang-processed', 'create new@example.com --timeout 2s', 3, { mails: 1, posts: 1, err: /invite get/ }],
    // Without a limit an attempt has thirty seconds, and ten for a connection, its TLS included.
    ['post-hang-processed', 'create new@example.com', 0, { posts: 1, mails: 1, within: 45_000 }],
    ['honest', 'list --retries 0', 3, { tls: 'hang', within: 12_000, err: /no answer in time/ }],
    ['honest', 'list', 3, { tls: 'hang', requests: 0, err: /3 attempts/ }],
    // Its head had arrived: it is not sent again.
    ['post-201-hang-unlisted', 'create new@example.com', 3, { posts: 1, mails: 1, err: /invite get new@example\.com/ }],
  ]);
});
