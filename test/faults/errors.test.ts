import { describe, expect } from 'vitest';
import { testRows } from '../support/fault-rows.ts';

describe('refusals', () => {
  testRows([
    ['err-400', 'list', 2, { requests: 1, err: /delorean/ }],
    ['err-401', 'list', 4, { requests: 1, err: /invite auth login/ }],
    ['err-401', 'list -o json', 4, { requests: 1, err: /"http_status":401/ }],
    ['err-401', 'create new@example.com', 4, { posts: 0 }],
    ['err-403', 'list', 5, { requests: 1, err: /may not look/ }],
    ['err-403-invalid-key', 'list', 4, { requests: 1, err: /invite auth login/ }],
    ['err-html-401', 'list', 4, { requests: 1 }],
    ['err-404-bare', 'get i-sent', 6, { requests: 1, err: /i-sent/ }],
    ['honest', 'get i-nobody', 6, { requests: 'get', err: /i-nobody/ }],
    ['honest', 'get nobody@example.com', 6, { err: /nobody@example\.com/ }],
    ['err-shape-b', 'list', 2, { err: /the field is wrong/ }],
    ['err-shape-b', 'list -o json', 2, { err: /req-in-the-body|req-honest/ }],
    ['err-shape-odd-errors', 'list', 2, { requests: 1 }],
    ['err-shape-null-members', 'list', 2, { err: /the one with a title/ }],
    ['err-long-text', 'list', 2, { also: ({ stderr }) => expect(stderr.length).toBeLessThan(1000) }],
    ['err-echo-auth', 'list', 2, { err: /bad header/ }],
    ['err-echo-auth', 'list -o json', 2, {}],
    ['err-echo-auth', 'list --debug', 2, {}],
    ['honest', 'list --debug', 0, { err: /GET/ }],
  ]);
});

describe('redirects', () => {
  testRows([
    ['redirect-foreign', 'list', 3, { requests: 1, err: /302[\s\S]*localhost/ }],
    ['redirect-foreign-307', 'list', 3, { requests: 1 }],
    [
      'redirect-userinfo',
      'list -o id',
      0,
      { requests: 2, also: (_, { log }) => expect(log[0]?.headers).toEqual(log[1]?.headers) },
    ],
    ['redirect-none', 'list', 3, { requests: 1 }],
    ['redirect-same', 'list -o id', 0, { requests: 2, out: /i-sent/ }],
    ['redirect-same-308', 'get i-sent -o id', 0, { requests: 2, out: /i-sent/ }],
    ['redirect-same-308', 'delete i-sent --yes', 0, { requests: 'get get delete delete' }],
    ['redirect-loop', 'list', 3, { requests: 6 }],
    ['post-redirect-302', 'create new@example.com', 3, { requests: 'list list create', mails: 0 }],
    ['post-redirect-303', 'create new@example.com', 3, { requests: 'list list create', mails: 0 }],
    ['post-redirect-307', 'create new@example.com', 0, { requests: 'list list create create', mails: 1 }],
    ['post-redirect-foreign', 'create new@example.com', 3, { requests: 'list list create', mails: 0 }],
  ]);
});
