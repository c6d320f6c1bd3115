import { describe, expect } from 'vitest';
import { testRows } from '../support/fault-rows.ts';

describe('refusals', () => {
  testRows([
    ['err-400', 'list', 2, { requests: 1, err: /delorean/ }],
    ['err-echo-auth', 'list -o json', 2, {}],
    ['err-echo-auth', 'list --debug', 2, {}],
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
    ['post-redirect-foreign', 'create new@example.com', 3, { requests: 'list list create', mails: 0 }],
  ]);
});

describe('servers that say later', () => {
  testRows([
    ['429-seconds', 'list -o id', 0, { requests: 2, gap: 1000 }],
    ['429-seconds', 'create new@example.com', 0, { requests: 'list list list create', mails: 1 }],
    ['429-forever', 'list', 11, { requests: 5, err: /slow down/, gap: 1000 }],
    ['post-429-once', 'create new@example.com', 0, { posts: 2, mails: 1, gap: 1000 }],
  ]);
});

describe('servers that fall over', () => {
  testRows([
    ['500-then-ok', 'delete i-sent --yes', 0, { requests: 'get get delete delete' }],
    ['503-forever', 'list', 3, { requests: 3, err: /503[\s\S]*Gone fishing[\s\S]*req-failure/ }],
  ]);
});
