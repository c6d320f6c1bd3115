import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { accessTokenFor } from '../../src/sandbox/sandbox.ts';
import { type ApiOptions, startApi } from '../doctor/api.ts';
import { runCli, temporaryFolder, type World } from '../support/run-cli.ts';
import { type ServedSandbox, serveTestSandbox } from '../support/served-sandbox.ts';

const credentials = { api_key: 'NOKEYOFOURS00001', api_secret: 'cflt-no-secret-of-ours' };
/** A token of nobody's that is short enough for an excerpt of an answer. */
const short = ['{"alg":"RS256"}', '{"sub":"pool-first","exp":4000000000}', 'a signature']
  .map((text) => Buffer.from(text).toString('base64url'))
  .join('.');
const valid = accessTokenFor('pool-first', credentials, 4_000_000_000_000);
const second = accessTokenFor('pool-second', credentials, 4_000_000_000_000);
const expired = accessTokenFor('pool-expired', credentials, 1_700_000_000_000);

let served: ServedSandbox;
let folder: string;

beforeAll(async () => {
  served = await serveTestSandbox({ credentials });
});

afterAll(() => served.close());

beforeEach(() => {
  folder = temporaryFolder();
});

/** Runs a line with a token; nothing that comes of it may hold the token. */
async function invite(line: string, token = valid, env: Record<string, string> = {}, more: World = {}) {
  const variables = { CONFLUENT_CLOUD_ENDPOINT: served.endpoint, CONFLUENT_CLOUD_ACCESS_TOKEN: token, ...env };
  const ran = await runCli(line, { folder, ...more, env: variables });
  expect(ran.stdout + ran.stderr).not.toMatch(/eyJ|Bearer eyJ/);
  return ran;
}

test('every kind of request is signed with it', async () => {
  const created = await invite('create tok@example.com -o id --debug');
  expect([created.code, created.stdout]).toEqual([0, expect.stringMatching(/^i-/)]);
  expect((await invite('list -o id')).stdout).toBe(created.stdout);
  expect(await invite('resend tok@example.com --yes')).toMatchObject({ code: 0 });
  expect(await invite('delete tok@example.com --yes')).toMatchObject({ code: 0 });
  expect(await invite('report')).toMatchObject({ code: 0 });
});

test.each([
  ['a b', 'a space'],
  ['line\nbreak', 'a line break'],
  ['bell\x07bell', 'a character that is not allowed'],
  [`Bearer ${valid}`, 'the word Bearer'],
])('%j: exit 2 before anything is sent', async (token, words) => {
  const { code, stdout, stderr } = await invite('list', token, { CONFLUENT_CLOUD_ENDPOINT: 'http://127.0.0.1:1' });
  expect([code, stdout, stderr.replace(/\n\s*/g, ' ')]).toEqual([2, '', expect.stringContaining(words)]);
  expect(stderr).not.toContain(token);
});

test('white space around it is no part of it', async () => {
  expect(await invite('list', `  ${valid}\n`)).toMatchObject({ code: 0 });
});

test('with a key, or half of one, beside it: exit 2, unless a profile is named', async () => {
  for (const name of ['CONFLUENT_CLOUD_API_KEY', 'CONFLUENT_CLOUD_API_SECRET']) {
    const both = await invite('list -o json', valid, { [name]: 'something' });
    expect([both.code, JSON.parse(both.stderr).error.code]).toEqual([2, 'usage']);
    expect(await invite('list -p sandbox', valid, { [name]: 'something' })).toMatchObject({ code: 0 });
  }
});

describe('refused', () => {
  const refusal = (body: unknown): ApiOptions => ({ replies: { '/iam/v2/invitations': { status: 401, body } } });
  const against = async (options: ApiOptions, line: string, token: string) => {
    const api = await startApi(options);
    const ran = await invite(line, token, { CONFLUENT_CLOUD_ENDPOINT: api.url });
    return ran;
  };

  test('once expired, it says since when, and what to do', async () => {
    const { code, stderr } = await invite('list -o json', expired);
    const { error } = JSON.parse(stderr);
    expect([code, error.code, error.hints[0]]).toEqual([4, 'auth_invalid', expect.stringContaining('15 minutes')]);
    expect(error.message).toContain('the access token expired at 2023-11-14T22:13:20Z');
    expect(error.hints).not.toContain('invite auth login');
  });

  test('a refused key of the environment is checked there, or unset: a login alone would not replace it', async () => {
    const api = await startApi(refusal({ errors: [{ detail: 'no' }] }));
    const env = { CONFLUENT_CLOUD_API_KEY: 'ABCDEFGH12345678', CONFLUENT_CLOUD_API_SECRET: 'secret-marker' };
    const { code, stderr } = await runCli('list -o json', { env: { ...env, CONFLUENT_CLOUD_ENDPOINT: api.url } });
    expect([code, JSON.parse(stderr).error.hints]).toEqual([
      4,
      [
        'check CONFLUENT_CLOUD_API_KEY and CONFLUENT_CLOUD_API_SECRET',
        'or unset them and store a key: invite auth login',
      ],
    ]);
  });

  test('before that, nothing is made up', async () => {
    const { code, stderr } = await against(refusal({ errors: [{ detail: 'no' }] }), 'list', valid);
    expect([code, stderr]).toEqual([4, expect.stringContaining('15 minutes')]);
    expect(stderr).not.toContain('expired at');
  });

  test.each([
    ['the header', `the header was Authorization: Bearer ${short}`],
    ['its base64', Buffer.from(`x${short}`).toString('base64')],
    ['a part of it', `${short.slice(0, 60)}`],
    ['an opaque one, cut off', 'opaque-token-marker-0123456789'],
  ])('an answer that echoes %s shows nothing of it', async (_, detail) => {
    const token = detail.startsWith('opaque') ? 'opaque-token-marker-0123456789-abcdefghijkl' : short;
    const { code, stderr } = await against(refusal({ errors: [{ detail }] }), 'list --debug', token);
    expect([code, stderr]).toEqual([4, expect.stringContaining('[redacted]')]);
    expect(stderr).not.toMatch(/ZXlKaGJH|opaque-token/);
  });
});

describe('import', () => {
  const file = () => {
    const path = join(folder, 'people.csv');
    writeFileSync(path, 'email\none@example.com\ntwo@example.com\n');
    return path;
  };
  test('goes on with another token of the same organization, and keeps nothing of either', async () => {
    const path = file();
    expect(await invite(`import ${path} --yes`)).toMatchObject({ code: 0 });
    const again = await invite(`import ${path} --yes`, second);
    expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('2 already_invited')]);
    const place = join(folder, 'state', 'mails');
    const [log = '', ...others] = readdirSync(place);
    expect(others).toEqual([]);
    expect(readFileSync(join(place, log), 'utf8')).not.toContain(valid.slice(0, 10));
  });
});

test('doctor understands it, asks for no key id, and says what is unknown', async () => {
  const { code, stdout } = await invite('doctor -o json');
  const found = Object.fromEntries(
    JSON.parse(stdout).map((row: { id: string; detail: string }) => [row.id, row.detail]),
  );
  expect(code).toBe(0);
  expect(found).toMatchObject({
    credentials: 'from CONFLUENT_CLOUD_ACCESS_TOKEN, an access token, expires at 2096-10-02T07:06:40Z',
    key: 'the access token is accepted',
    key_owner: 'unknown: the API does not name the owner of an access token',
    may_create: expect.stringContaining('unknown until tried'),
  });
  const sick = await invite('doctor -o json', expired);
  const key = JSON.parse(sick.stdout).find(({ id }: { id: string }) => id === 'key');
  expect([sick.code, key.detail, key.remedy]).toEqual([
    4,
    expect.stringContaining('the access token expired at 2023-11-14T22:13:20Z'),
    expect.stringContaining('15 minutes'),
  ]);
});
