import { describe } from 'vitest';
import { testRows } from '../support/fault-rows.ts';

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
