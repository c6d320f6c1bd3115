import { describe, expect } from 'vitest';
import { testRows } from '../support/fault-rows.ts';

describe('refusals', () => {
  testRows([
    ['err-400', 'list', 2, { requests: 1, err: /delorean/ }],
    ['err-401', 'list', 4, { requests: 1, err: /invite auth login/ }],
    ['err-401', 'list -o json', 4, { requests: 1, err: /"http_status":401/ }],
    ['err-401', 'create new@example.com', 4, { posts: 0 }],
    ['err-403', 'list', 5, { requests: 1, err: /may not look/ }],
    ['honest', 'get i-nobody', 6, { requests: 'get', err: /i-nobody/ }],
    ['honest', 'get nobody@example.com', 6, { err: /nobody@example\.com/ }],
    ['err-echo-auth', 'list', 2, { err: /bad header/ }],
    ['err-echo-auth', 'list -o json', 2, {}],
    ['err-echo-auth', 'list --debug', 2, {}],
    ['honest', 'list --debug', 0, { err: /GET/ }],
  ]);
});

describe('redirects', () => {
  testRows([
    ['redirect-foreign', 'list', 3, { requests: 1, err: /302[\s\S]*localhost/ }],
    [
      'redirect-userinfo',
      'list -o id',
      0,
      { requests: 2, also: (_, { log }) => expect(log[0]?.headers).toEqual(log[1]?.headers) },
    ],
    ['redirect-same', 'delete i-sent --yes', 0, { requests: 'get get delete delete' }],
    ['post-redirect-302', 'create new@example.com', 3, { requests: 'list list create', mails: 0 }],
    ['post-redirect-307', 'create new@example.com', 0, { requests: 'list list create create', mails: 1 }],
    ['post-redirect-foreign', 'create new@example.com', 3, { requests: 'list list create', mails: 0 }],
  ]);
});
