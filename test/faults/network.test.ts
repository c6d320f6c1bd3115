import { describe, expect, test } from 'vitest';
import { testRows } from '../support/fault-rows.ts';
import { fakeKey, fakeSecret } from '../support/run-built.ts';
import { runCli } from '../support/run-cli.ts';

describe('connections that break', () => {
  testRows([
    ['honest', 'list -o json', 0, { requests: 'list', out: /"i-sent"/ }],
    ['honest', 'get i-sent -o json', 0, { requests: 'get', out: /"i-sent"/ }],
    ['honest', 'create new@example.com', 0, { requests: 'list list create', mails: 1 }],
    ['honest', 'delete i-sent --yes', 0, { requests: 'get delete' }],
    ['accept-rst', 'list', 3, { connections: 3 }],
    ['accept-rst', 'create new@example.com', 3, { connections: 3, mails: 0 }],
    ['accept-rst', 'list --retries 0', 3, { connections: 1 }],
    ['accept-rst-then-ok', 'list -o id', 0, { connections: 2, out: /i-sent/ }],
    ['accept-rst-then-ok', 'create new@example.com', 0, { requests: 'list list create', mails: 1 }],
    ['reset-mid-headers', 'list', 3, { requests: 3 }],
    ['reset-mid-body', 'list', 3, { requests: 3 }],
    ['reset-mid-body', 'list --retries 1', 3, { requests: 2 }],
    [
      'reset-mid-body-then-ok',
      'list -o id',
      0,
      { requests: 2, out: /^i-sent\ni-staged\ni-expired\ni-accepted\ni-gone\n$/ },
    ],
    ['fin-mid-body', 'list -o json', 3, { requests: 3 }],
    ['fin-mid-body', 'get i-sent -o json', 3, { requests: 3 }],
    ['endless-body', 'list', 3, { requests: 1, err: /10 MiB/ }],
    ['big-plain', 'list', 3, { requests: 1, err: /10 MiB/ }],
    ['keepalive-race-delayed', 'delete i-sent i-staged --yes', 0, {}],
    ['get-other-id', 'get i-sent', 3, { requests: 'get' }],
  ]);

  // Real names and ports, which no server of a test can stand for.
  test.each([
    ['http://127.0.0.1:1', /127\.0\.0\.1:1\b.*ECONNREFUSED|ECONNREFUSED.*127\.0\.0\.1:1\b/s],
    ['https://nope.invalid', /nope\.invalid.*(?:ENOTFOUND|EAI_AGAIN)/s],
  ])('an endpoint that cannot be reached is named: %s', async (endpoint, words) => {
    const env = { CONFLUENT_CLOUD_API_KEY: fakeKey, CONFLUENT_CLOUD_API_SECRET: fakeSecret };
    const ran = await runCli(['list', '--endpoint', endpoint], { env });
    expect(ran).toEqual({ code: 3, stdout: '', stderr: expect.stringMatching(words) });
  });
});

describe('answers that do not come', () => {
  testRows([
    ['hang', 'list --timeout 2s', 3, { requests: 1, within: 6000, err: /timed? ?out|2 seconds|in time/i }],
    ['hang', 'create new@example.com --timeout 2s', 3, { mails: 0, within: 6000 }],
    ['hang-after-headers', 'list --timeout 2s', 3, { within: 6000 }],
    ['slow-body', 'list --timeout 2s', 3, { within: 6000 }],
    ['slow-headers', 'list --timeout 2s', 3, { within: 6000 }],
    ['1xx-flood', 'list --timeout 2s', 3, { within: 6000 }],
    [
      'post-hang-processed',
      'create new@example.com --timeout 2s',
      3,
      { mails: 1, posts: 1, within: 6000, err: /invite get/ },
    ],
  ]);
});

describe('the deadline of one attempt: thirty seconds, whatever drips in', () => {
  testRows([
    ['hang-then-ok', 'list -o id', 0, { requests: 2, gap: 30_000, out: /i-sent/ }],
    ['slow-body', 'list --retries 0', 3, { requests: 1, within: 36_000, err: /timed out after 30 s/ }],
    ['hang-after-headers', 'get i-sent --retries 0', 3, { requests: 1, within: 36_000 }],
    ['hang', 'list', 3, { requests: 3, within: 95_000 }],
    ['post-hang-processed', 'create new@example.com', 0, { posts: 1, mails: 1, within: 45_000 }],
    // Ten seconds for a connection, its TLS included.
    ['honest', 'list --retries 0', 3, { tls: 'hang', within: 12_000, err: /no answer in time/ }],
    ['honest', 'list', 3, { tls: 'hang', requests: 0, err: /3 attempts/ }],
    // Its head had arrived: it is not sent again.
    ['post-201-hang-unlisted', 'create new@example.com', 3, { posts: 1, mails: 1, err: /invite get new@example\.com/ }],
  ]);
});

describe('codings', () => {
  testRows([
    ['err-gzip-unlabelled', 'list', 2, { err: /too clever/ }],
    ['invalid-utf8', 'list -o json', 0, { out: /s\ufffdt@example\.com/ }],
  ]);
});
