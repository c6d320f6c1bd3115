import { describe, expect, test } from 'vitest';
import type { Config, Identity } from '../../src/profiles/profile.ts';
import { type IdentitySources, resolveIdentity } from '../../src/profiles/resolve.ts';
import { emptyConfig } from '../../src/profiles/store.ts';
import { failureIn } from '../support/failures.ts';

const stored: Config = {
  version: 1,
  current: 'home',
  profiles: {
    home: { api_key: 'HOMEKEY', api_secret: 'home-secret' },
    work: { api_key: 'WORKKEY', secret_command: ['op', 'read'], endpoint: 'https://gov.example/api' },
    constructor: { api_key: 'OTHERKEY', api_secret: 'other-secret' },
  },
};

const pair = { CONFLUENT_CLOUD_API_KEY: 'ENVKEY', CONFLUENT_CLOUD_API_SECRET: 'env-secret' };
const token = { CONFLUENT_CLOUD_ACCESS_TOKEN: ' env.access.token\n' };
const key = { CONFLUENT_CLOUD_API_KEY: 'ENVKEY' };
const secret = { CONFLUENT_CLOUD_API_SECRET: 'env-secret' };
const cloud = 'https://api.confluent.cloud/';
const gov = 'https://gov.example/api';

function resolve(flags: IdentitySources['flags'], env: IdentitySources['env'], config: Config = stored): Identity {
  return resolveIdentity({ flags, env, config: () => config });
}

const keyIn = (identity: Identity) => (identity.kind === 'key' ? identity.api_key : '');

const failure = (...given: Parameters<typeof resolve>) => failureIn(() => resolve(...given));

type Row = [
  flags: IdentitySources['flags'],
  env: IdentitySources['env'],
  config: Config,
  expected: readonly (string | undefined)[],
];

describe('who: source, profile, key, endpoint', () => {
  test.each<Row>([
    [{}, {}, stored, ['current', 'home', 'HOMEKEY', cloud]],
    [{}, { INVITE_PROFILE: 'work' }, stored, ['INVITE_PROFILE', 'work', 'WORKKEY', gov]],
    [{}, pair, stored, ['environment', undefined, 'ENVKEY', cloud]],
    [{}, { ...pair, INVITE_PROFILE: 'work' }, stored, ['environment', undefined, 'ENVKEY', cloud]],
    [{ profile: 'work' }, { ...pair, INVITE_PROFILE: 'home' }, stored, ['flag', 'work', 'WORKKEY', gov]],
    [{ profile: 'work' }, key, stored, ['flag', 'work', 'WORKKEY', gov]],
    [{ profile: 'constructor' }, {}, stored, ['flag', 'constructor', 'OTHERKEY', cloud]],
    [{ profile: 'sandbox' }, { ...key }, stored, ['flag', 'sandbox', '', 'http://sandbox.invalid/']],
    [{}, {}, { ...emptyConfig, current: 'sandbox' }, ['current', 'sandbox', '', 'http://sandbox.invalid/']],
    [{}, { INVITE_PROFILE: '', CONFLUENT_CLOUD_API_KEY: '' }, stored, ['current', 'home', 'HOMEKEY', cloud]],
  ])('%j with %j', (flags, env, config, expected) => {
    const identity = resolve(flags, env, config);
    const { source, profile, endpoint } = identity;
    expect([source, profile, keyIn(identity), endpoint.href]).toEqual(expected);
  });

  test.each<[IdentitySources['flags'], IdentitySources['env'], (string | undefined)[]]>([
    [{}, token, ['token', 'environment', undefined, cloud]],
    [{}, { ...token, CONFLUENT_CLOUD_ENDPOINT: gov }, ['token', 'environment', undefined, gov]],
    [{ profile: 'work' }, token, ['key', 'flag', 'work', gov]],
    [{ profile: 'work' }, { CONFLUENT_CLOUD_ACCESS_TOKEN: 'a b' }, ['key', 'flag', 'work', gov]],
  ])('an access token: %j with %j', (flags, env, expected) => {
    const { kind, source, profile, endpoint } = resolve(flags, env);
    expect([kind, source, profile, endpoint.href]).toEqual(expected);
  });

  test('a token is trimmed, and stands for itself', () => {
    expect(resolve({}, token)).toMatchObject({ access_token: 'env.access.token', shadowed: [] });
    expect(resolve({ profile: 'work' }, token).shadowed).toEqual(['CONFLUENT_CLOUD_ACCESS_TOKEN']);
  });

  test('the secret is a value or a command', () => {
    expect(resolve({}, pair)).toMatchObject({ secret: { value: 'env-secret' } });
    expect(resolve({ profile: 'work' }, {})).toMatchObject({ secret: { command: ['op', 'read'] } });
  });

  test('what lost is named', () => {
    const names = ['CONFLUENT_CLOUD_API_KEY', 'CONFLUENT_CLOUD_API_SECRET', 'INVITE_PROFILE'];
    expect(resolve({ profile: 'work' }, { ...pair, INVITE_PROFILE: 'home' }).shadowed).toEqual(names);
    expect(resolve({}, { ...pair, INVITE_PROFILE: 'home' }).shadowed).toEqual(['INVITE_PROFILE']);
    expect(resolve({}, pair).shadowed).toEqual([]);
  });
});

describe('an identity pool', () => {
  const id = { CONFLUENT_CLOUD_IDENTITY_POOL_ID: ' pool-env\n' };
  const file = { CONFLUENT_CLOUD_OIDC_TOKEN_FILE: '/run/token' };
  const github = {
    ACTIONS_ID_TOKEN_REQUEST_URL: 'https://issuer.example/token?v=2',
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'job',
  };
  const withPool: Config = {
    ...stored,
    profiles: { ...stored.profiles, ci: { identity_pool_id: 'pool-ci', token_command: ['print'], endpoint: gov } },
  };

  test.each<[flags: IdentitySources['flags'], env: IdentitySources['env'], expected: object]>([
    [{}, { ...id, ...file }, { source: 'environment', token: { from: 'file', path: '/run/token' } }],
    [
      {},
      { ...id, ...file, ...github, INVITE_PROFILE: 'work' },
      { token: { from: 'file' }, shadowed: ['INVITE_PROFILE'] },
    ],
    [{}, { ...id, ...github }, { token: { from: 'github', request_token: 'job', audience: 'confluent' } }],
    [{}, { ...id, ...github, CONFLUENT_CLOUD_OIDC_AUDIENCE: 'a' }, { token: { audience: 'a' } }],
  ])('of the environment: %j with %j', (flags, env, expected) => {
    expect(resolve(flags, env)).toMatchObject({ kind: 'pool', identity_pool_id: 'pool-env', ...expected });
  });

  test.each<[flags: IdentitySources['flags'], env: IdentitySources['env'], source: string]>([
    [{ profile: 'ci' }, { ...id, ...pair }, 'flag'],
    [{}, { INVITE_PROFILE: 'ci', ...github }, 'INVITE_PROFILE'],
  ])('of a profile: %j with %j', (flags, env, source) => {
    expect(resolve(flags, env, withPool)).toMatchObject({
      kind: 'pool',
      source,
      profile: 'ci',
      identity_pool_id: 'pool-ci',
      token: { from: 'command', command: ['print'] },
    });
  });

  test('a token of a profile is only sent to the origin of the profile', () => {
    const error = failure({ profile: 'ci', endpoint: cloud }, {}, withPool);
    expect(error).toMatchObject({
      code: 'usage',
      message: expect.stringContaining('cannot send a token of the profile "ci"'),
    });
  });

  test('in a job that could have a token, no credentials is an error that says how', () => {
    expect(failure({}, github, emptyConfig).details.hints?.join()).toContain('CONFLUENT_CLOUD_IDENTITY_POOL_ID');
  });
});

describe('where to', () => {
  test.each<Row>([
    [
      { endpoint: 'https://flag.example' },
      { ...pair, CONFLUENT_CLOUD_ENDPOINT: gov },
      stored,
      ['https://flag.example/'],
    ],
    [{}, { ...pair, CONFLUENT_CLOUD_ENDPOINT: 'http://127.0.0.1:80' }, stored, ['http://127.0.0.1/']],
    [{}, { ...pair, CONFLUENT_CLOUD_ENDPOINT: '' }, stored, [cloud]],
    [{ profile: 'work', endpoint: 'https://gov.example/v2' }, {}, stored, ['https://gov.example/v2']],
    [{ profile: 'work' }, { CONFLUENT_CLOUD_ENDPOINT: 'https://gov.example' }, stored, ['https://gov.example/']],
    [{ profile: 'sandbox' }, { CONFLUENT_CLOUD_ENDPOINT: gov }, stored, ['http://sandbox.invalid/']],
  ])('%j with %j', (flags, env, config, [expected]) => {
    expect(resolve(flags, env, config).endpoint.href).toBe(expected);
  });

  test.each([
    [{ endpoint: 'https://evil.example' }, {}, 'omit --endpoint'],
    [{}, { CONFLUENT_CLOUD_ENDPOINT: 'https://evil.example' }, 'unset CONFLUENT_CLOUD_ENDPOINT'],
    [{ endpoint: 'https://api.confluent.cloud:8443' }, {}, 'omit --endpoint'],
  ])('a stored key is only sent to its own origin: %j with %j', (flags, env, hint) => {
    const error = failure(flags, env);
    expect([error.code, error.details.hints?.[0], error.details.hints?.length]).toEqual(['usage', hint, 3]);
  });
});

describe('nobody, or not quite', () => {
  const both = (other: string) => `both "CONFLUENT_CLOUD_ACCESS_TOKEN" and "${other}" are set`;
  const missing = (name: string) => expect.stringContaining(`"${name}" is not set`);
  test.each<[IdentitySources['env'], message: unknown]>([
    [{ ...token, ...pair }, both('CONFLUENT_CLOUD_API_KEY')],
    [{ ...token, ...key }, both('CONFLUENT_CLOUD_API_KEY')],
    [{ ...token, ...secret }, both('CONFLUENT_CLOUD_API_SECRET')],
    [key, missing('CONFLUENT_CLOUD_API_SECRET')],
    [secret, missing('CONFLUENT_CLOUD_API_KEY')],
    [{ ...key, CONFLUENT_CLOUD_API_SECRET: '' }, missing('CONFLUENT_CLOUD_API_SECRET')],
    [{ ...key, INVITE_PROFILE: 'work' }, missing('CONFLUENT_CLOUD_API_SECRET')],
  ])('a token beside a key, or half of a key, is an error that names the variable: %j', (env, message) => {
    const error = failure({}, env);
    expect(error).toMatchObject({ code: 'usage', exitCode: 2, message });
    expect(JSON.stringify(error.toRecord())).not.toMatch(/env-secret|env\.access/);
  });

  test.each<[IdentitySources['flags'], IdentitySources['env'], string]>([
    [{ profile: 'wrok' }, {}, 'did you mean "work"?'],
    [{ profile: 'sandbx' }, {}, 'did you mean "sandbox"?'],
    [{ profile: 'toString' }, {}, 'list the profiles: invite auth list'],
    [{}, { INVITE_PROFILE: 'gone' }, 'list the profiles: invite auth list'],
  ])('an unknown profile: %j %j', (flags, env, hint) => {
    const error = failure(flags, env);
    expect([error.code, error.exitCode, error.details.hints?.[0]]).toEqual(['profile_not_found', 6, hint]);
  });

  test.each(['', '--yes', '-p', '_x', 'a.b', 'a[0]', '__proto__', 'a b', 'ä', 'x'.repeat(65), '../x'])(
    '"%s" is not a valid profile name',
    (profile) => {
      expect(failure({ profile }, pair).code).toBe('usage');
    },
  );

  test('the sandbox goes nowhere else', () => {
    expect(failure({ profile: 'sandbox', endpoint: cloud }, {}).code).toBe('usage');
  });

  test('the error for an invalid value names the variable', () => {
    const error = failure({}, { ...pair, CONFLUENT_CLOUD_API_SECRET: 'one\ntwo' });
    expect([error.code, error.message]).toEqual(['usage', 'cannot use CONFLUENT_CLOUD_API_SECRET']);
    expect(failure({}, { ...pair, CONFLUENT_CLOUD_API_KEY: 'a:b' }).message).toBe('cannot use CONFLUENT_CLOUD_API_KEY');
  });

  test('credentials from the environment and the sandbox do not need the profiles file', () => {
    const broken = () => expect.unreachable('the file was read');
    expect(keyIn(resolveIdentity({ flags: {}, env: pair, config: broken }))).toBe('ENVKEY');
    expect(resolveIdentity({ flags: { profile: 'sandbox' }, env: {}, config: broken }).kind).toBe('sandbox');
  });
});
