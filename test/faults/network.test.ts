import { describe } from 'vitest';
import { testRows } from '../support/fault-rows.ts';

describe('connections that break', () => {
  testRows([
    ['reset-mid-body', 'list', 3, { requests: 3 }],
    ['reset-mid-body-then-ok', 'list -o id', 0, { requests: 2, out: /^i-sent\n(?:i-\w+\n){4}$/ }],
    ['get-other-id', 'get i-sent', 3, { requests: 'get' }],
  ]);
});

describe('answers that do not come', () => {
  testRows([
    ['hang', 'list --timeout 2s', 3, { requests: 1, within: 6000, err: /timed? ?out|2 seconds|in time/i }],
    ['hang', 'create new@example.com --timeout 2s', 3, { mails: 0, within: 6000 }],
    ['slow-body', 'list --timeout 2s', 3, { within: 6000 }],
    ['post-hang-processed', 'create new@example.com --timeout 2s', 3, { mails: 1, posts: 1, err: /invite get/ }],
  ]);
});

describe('the deadline of one attempt: thirty seconds, whatever drips in', () => {
  testRows([
    ['hang-then-ok', 'list -o id', 0, { requests: 2, gap: 30_000, out: /i-sent/ }],
    ['hang', 'list', 3, { requests: 3, within: 95_000 }],
    ['post-hang-processed', 'create new@example.com', 0, { posts: 1, mails: 1, within: 45_000 }],
    // Ten seconds for a connection, its TLS included.
    ['honest', 'list --retries 0', 3, { tls: 'hang', within: 12_000, err: /no answer in time/ }],
    ['honest', 'list', 3, { tls: 'hang', requests: 0, err: /3 attempts/ }],
    // Its head had arrived: it is not sent again.
    ['post-201-hang-unlisted', 'create new@example.com', 3, { posts: 1, mails: 1, err: /invite get new@example\.com/ }],
  ]);
});
