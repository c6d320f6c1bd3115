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

describe('servers that say later', () => {
  testRows([
    ['429-seconds', 'list -o id', 0, { requests: 2, gap: 1000 }],
    ['429-seconds', 'create new@example.com', 0, { requests: 'list list list create', mails: 1 }],
    ['429-huge', 'list', 11, { requests: 1, within: 5000, err: /429|rate limit/i }],
    ['429-huge', 'create new@example.com -o json', 11, { requests: 1, mails: 0 }],
    ['429-seconds', 'list --retries 0', 11, { requests: 1 }],
    ['429-forever', 'list', 11, { requests: 5, err: /slow down/, gap: 1000 }],
    ['429-forever', 'list --timeout 2s', 3, { within: 5000 }],
    ['rate:2', 'delete i-sent i-staged --yes', 0, {}],
    ['post-429-once', 'create new@example.com', 0, { posts: 2, mails: 1, gap: 1000 }],
    ['post-503-retry-after', 'create new@example.com', 0, { posts: 2, mails: 1, gap: 1000 }],
  ]);
});

describe('servers that fall over', () => {
  testRows([
    ['post-408-once', 'create new@example.com', 0, { posts: 2, mails: 1 }],
    ['500-then-ok', 'delete i-sent --yes', 0, { requests: 'get get delete delete' }],
    ['503-forever', 'list', 3, { requests: 3, err: /503[\s\S]*Gone fishing[\s\S]*req-failure/ }],
    ['503-forever', 'create new@example.com', 3, { posts: 0, requests: 3 }],
  ]);
});
