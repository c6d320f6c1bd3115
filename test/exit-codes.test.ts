import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exitCodes, type FailureCode } from '../src/errors.ts';
import { runAgainst } from './support/fault-rows.ts';
import { temporaryFolder } from './support/run-cli.ts';

interface Way {
  readonly scenario?: string;
  readonly line: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly folder?: string;
}

const nobody = { CONFLUENT_CLOUD_API_KEY: '', CONFLUENT_CLOUD_API_SECRET: '' };
const broken = temporaryFolder();
mkdirSync(join(broken, 'config'), { mode: 0o700 });
writeFileSync(join(broken, 'config', 'config.json'), '{', { mode: 0o600 });

/** A bug, a full disk, a certificate, two imports at once, an answer to a question, and the ends of a plan. */
type Elsewhere = 'internal' | 'io_error' | 'tls' | 'locked' | 'cancelled' | 'drift' | 'unsafe_plan' | 'stale_plan';

/** What somebody types, and the failure it ends with, for every code that other tests do not show. */
const ways: Readonly<Record<Exclude<FailureCode, Elsewhere>, Way>> = {
  usage: { line: 'list --limit none' },
  invalid_email: { line: 'create nobody' },
  invalid_file: { line: 'import .' },
  confirmation_required: { line: 'delete i-sent' },
  config_invalid: { line: 'list', env: nobody, folder: broken },
  read_only: { line: 'create new@example.com', env: { INVITE_READ_ONLY: '1' } },
  network: { line: 'list --retries 0 --endpoint http://127.0.0.1:1' },
  timeout: { scenario: 'hang', line: 'list --timeout 1s' },
  proxy: { line: 'list --retries 0 --endpoint https://api.example.com', env: { HTTPS_PROXY: 'http://127.0.0.1:1' } },
  api_unavailable: { scenario: '501', line: 'list' },
  bad_response: { scenario: '200-html', line: 'list' },
  outcome_unknown: { scenario: 'post-lost-list-down', line: 'create new@example.com' },
  auth_required: { line: 'list', env: nobody },
  auth_invalid: { scenario: 'err-401', line: 'list' },
  forbidden: { scenario: 'err-403', line: 'list' },
  not_found: { line: 'get i-nobody' },
  profile_not_found: { line: 'list -p nobody' },
  already_exists: { scenario: 'post-409', line: 'create new@example.com --strict' },
  already_accepted: { scenario: 'delete-accepted', line: 'delete i-sent --yes' },
  ambiguous: { scenario: 'dup-email', line: 'delete sent@example.com --yes' },
  pending: { line: 'wait i-sent --timeout 1s' },
  not_possible: { line: 'wait i-expired --timeout 1s' },
  partial_failure: { line: 'delete i-sent i-nobody --yes' },
  quota_exceeded: { scenario: 'post-402', line: 'create new@example.com' },
  rate_limited: { scenario: '429-huge', line: 'list' },
};

describe('every failure ends with its exit code, and says its name in json', () => {
  test.each(Object.entries(ways))('%s', async (code, { scenario = 'honest', line, ...world }) => {
    const { outcome } = await runAgainst(scenario, [...line.split(' '), '-o', 'json'], world);
    const { error } = JSON.parse(outcome.stderr.trim().split('\n').at(-1) ?? '');
    expect({ exit: outcome.code, code: error.code, exit_code: error.exit_code }).toEqual({
      exit: exitCodes[code as FailureCode],
      code,
      exit_code: exitCodes[code as FailureCode],
    });
    if (code !== 'partial_failure' && code !== 'pending') expect(outcome.stdout).toBe('');
  });
});
