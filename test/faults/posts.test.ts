import { describe, expect } from 'vitest';
import { type Expected, testRows } from '../support/fault-rows.ts';

/** One at a time, so that it is known who comes after whom. */
const three = 'a@example.com b@example.com c@example.com --concurrency 1';

const once = { posts: 1, mails: 1 };

describe('a POST whose answer is lost', () => {
  testRows([
    ['post-lost', 'create new@example.com -o json', 0, { ...once, out: /"outcome": ?"created"/ }],
    ['post-lost-reissue', 'create expired@example.com -o json', 0, { ...once, out: /"outcome": ?"reinvited"/ }],
    ['post-lost-lowercase', 'create New.One@example.com', 0, once],
    ['post-lost-late', 'create new@example.com', 0, { posts: 2, mails: 1 }],
    // It has taken effect each time, whatever the answer asks for.
    ['post-503-retry-after-processed', 'create new@example.com', 0, once],
    ['post-lost-list-down', 'create new@example.com', 3, { ...once, err: /invite get new@example\.com/ }],
    ['post-dropped', 'create new@example.com', 0, { posts: 2, mails: 1 }],
    ['post-dropped-forever', 'create new@example.com', 3, { posts: 2, mails: 0, err: /invite get new@example\.com/ }],
    ['post-lost', 'create new@example.com --retries 0', 0, once],
  ]);
});

describe('a POST whose answer is odd', () => {
  testRows([
    ['post-200', 'create new@example.com', 0, once],
    ['post-201-html', 'create new@example.com -o id', 0, { ...once, out: /^i-\w{5}\n$/ }],
    ['post-201-other-email', 'create new@example.com', 0, { ...once, err: /somebody\.else@example\.net|warning/ }],
    ['post-201-errors', 'create new@example.com', 3, { posts: 1, mails: 0 }],
  ]);
});

describe('a POST that is refused', () => {
  testRows([
    ['reissue', 'create sent@example.com -o json', 0, { posts: 0, out: /"already_invited"/ }],
    // Nobody shows them as a member.
    ['post-409', 'create new@example.com -o json', 7, { posts: 1, mails: 0, err: /"already_exists"/ }],
    ['bind-exists', 'create new@example.com --role OrganizationAdmin --yes', 0, once],
    ['bind-forbidden', 'create new@example.com --role OrganizationAdmin --yes', 9, once],
    ['quota-after:1', `create ${three}`, 11, { posts: 2, mails: 1, out: /not_attempted/ }],
    ['auth-revoked-after:1', `create ${three}`, 4, { posts: 2, mails: 1, out: /not_attempted/ }],
  ]);
});

describe('a DELETE', () => {
  testRows([
    ['delete-404', 'delete i-sent --yes', 5, { requests: 'get delete get', err: /\n +it is still there/ }],
    ['delete-missing-403', 'delete i-sent --yes', 5, { err: /not found or not permitted/ }],
    ['delete-200-html-once', 'delete i-sent --yes', 0, { requests: 'get delete delete' }],
    ['delete-200-errors', 'delete i-sent --yes', 5, { requests: 'get delete get', err: /\n +it is still there/ }],
    ['delete-lost', 'delete i-sent --yes -o json', 0, { requests: 'get delete delete get', out: /"deleted"/ }],
    ['delete-lost-403', 'delete i-sent --yes -o json', 0, { requests: 'get delete delete get', out: /"deleted"/ }],
    [
      'delete-dropped-404',
      'delete i-sent --yes',
      5,
      { requests: 'get delete delete get', err: /\n +it is still there/ },
    ],
    ['delete-dropped', 'delete i-sent --yes', 0, { requests: 'get delete delete' }],
    ['delete-dropped-forever', 'delete i-sent --yes', 3, { requests: 'get delete delete delete' }],
  ]);
});

const crowd = `create ${Array.from({ length: 8 }, (_, n) => `new${n}@example.com`).join(' ')} -o json`;
const outcomes = (...counts: readonly (readonly [count: number, outcome: string])[]) =>
  counts.flatMap(([count, outcome]) => Array(count).fill(outcome)).join(' ');

describe('many at once', () => {
  const down = outcomes([1, 'created'], [5, 'unknown'], [2, 'not_attempted']);
  testRows([
    ['rate:5', crowd, 0, { mails: 8, out: /created/ }],
    ['slow-create:300', crowd, 0, { posts: 8, mails: 8, also: (_, { state }) => expect(state.maxInFlight).toBe(4) }],
    // One at a time, so that the failures come in a row whatever else the machine does.
    ['down-after:1', `${crowd} --concurrency 1`, 3, { mails: 1, outcomes: down }],
    ['post-422-bad', 'create bad1@example.com good@example.com bad2@example.com', 9, { mails: 1, posts: 3 }],
  ]);
});

describe('an end while something is sent', () => {
  const once429: Expected['also'] = (_, server) => expect(server.count('delete') + server.count('bind')).toBe(1);
  const unknown = /check with: invite get new@example\.com/;
  const half = outcomes([2, 'created'], [1, 'unknown'], [5, 'not_attempted']);
  testRows([
    // Ctrl-C lets one mail end within ten seconds, and no longer.
    [
      'slow-create:30000',
      'create new@example.com',
      3,
      { interrupt: 1, posts: 1, err: unknown, within: 12_000, also: ({ ms }) => expect(ms).toBeGreaterThan(10_000) },
    ],
    [
      'slow-create:9000',
      `create ${three} -o json`,
      130,
      { interrupt: 2, posts: 2, mails: 2, outcomes: 'created created not_attempted' },
    ],
    // What was refused, or has to be looked for first, is not sent any more.
    ['post-429-once', 'create new@example.com', 130, { interrupt: 1, posts: 1, mails: 0, within: 1000 }],
    ['post-429-once', 'resend i-sent --yes', 130, { interrupt: 1, posts: 1, mails: 0, within: 1000 }],
    ['delete-429-once', 'delete i-sent --yes', 130, { interrupt: 1, requests: 'get delete', within: 1000 }],
    ['delete-429-once', 'remove sent@example.com --yes', 130, { interrupt: 1, within: 1000, also: once429 }],
    ['bind-429-once', 'role grant accepted@example.com Operator', 130, { interrupt: 1, within: 1000, also: once429 }],
    ['delete-lost', 'delete i-sent --yes', 0, { interrupt: 1, requests: 'get delete delete get' }],
    ['post-dropped', 'create new@example.com', 3, { interrupt: 1, posts: 1, mails: 0, err: unknown, within: 10_000 }],
    ['429-forever', 'create new@example.com --timeout 2s', 3, { mails: 0, err: /not done within 2 s/, within: 4000 }],
    ['slow-create:800', `${crowd} --timeout 2s --concurrency 1`, 3, { posts: 3, outcomes: half, within: 4000 }],
  ]);
});
