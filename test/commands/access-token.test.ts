import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { accessTokenFor } from '../../src/sandbox/sandbox.ts';
import { startApi } from '../doctor/api.ts';
import { useDesk } from '../support/desk.ts';
import { useServedSandbox } from '../support/served-sandbox.ts';

const credentials = { api_key: 'NOKEYOFOURS00001', api_secret: 'cflt-no-secret-of-ours' };
/** A token of nobody's that is short enough for an excerpt of an answer. */
const short = ['{"alg":"RS256"}', '{"sub":"pool-first","exp":4000000000}', 'a signature']
  .map((text) => Buffer.from(text).toString('base64url'))
  .join('.');
const valid = accessTokenFor('pool-first', credentials, 4_000_000_000_000);
const second = accessTokenFor('pool-second', credentials, 4_000_000_000_000);
const expired = accessTokenFor('pool-expired', credentials, 1_700_000_000_000);

const served = useServedSandbox({ credentials });
const desk = useDesk();

/** Runs a line with a token; nothing that comes of it may hold the token. */
async function invite(line: string, token = valid, env: Record<string, string> = {}) {
  const variables = { CONFLUENT_CLOUD_ENDPOINT: served.endpoint, CONFLUENT_CLOUD_ACCESS_TOKEN: token, ...env };
  const ran = await desk.invite(line, { env: variables });
  expect(ran.stdout + ran.stderr).not.toMatch(/eyJ/);
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
  [`Bearer ${valid}`, 'the word Bearer'],
])('%j: exit 2 before anything is sent', async (token, words) => {
  const { code, stdout, stderr } = await invite('list', token, { CONFLUENT_CLOUD_ENDPOINT: 'http://127.0.0.1:1' });
  expect([code, stdout, stderr.replace(/\n\s*/g, ' ')]).toEqual([2, '', expect.stringContaining(words)]);
  expect(stderr).not.toContain(token);
});

test('white space around it is no part of it', async () => {
  expect(await invite('list', `  ${valid}\n`)).toMatchObject({ code: 0 });
});

describe('refused', () => {
  const against = async (detail: string, line: string, token: string) => {
    const body = { errors: [{ detail }] };
    const api = await startApi({ replies: { '/iam/v2/invitations': { status: 401, body } } });
    return invite(line, token, { CONFLUENT_CLOUD_ENDPOINT: api.url });
  };

  test('once expired, it says since when, and what to do', async () => {
    const { code, stderr } = await invite('list -o json', expired);
    const { error } = JSON.parse(stderr);
    expect([code, error.code, error.hints[0]]).toEqual([4, 'auth_invalid', expect.stringContaining('15 minutes')]);
    expect(error.message).toContain('the access token expired at 2023-11-14T22:13:20Z');
    expect(error.hints).not.toContain('invite auth login');
  });

  test('before that, nothing is made up', async () => {
    const { code, stderr } = await against('no', 'list', valid);
    expect([code, stderr]).toEqual([4, expect.stringContaining('15 minutes')]);
    expect(stderr).not.toContain('expired at');
  });

  test.each([
    ['the header', `the header was Authorization: Bearer ${short}`],
    ['an opaque one, cut off', 'opaque-token-marker-0123456789'],
  ])('an answer that echoes %s shows nothing of it', async (_, detail) => {
    const token = detail.startsWith('opaque') ? 'opaque-token-marker-0123456789-abcdefghijkl' : short;
    const { code, stderr } = await against(detail, 'list --debug', token);
    expect([code, stderr]).toEqual([4, expect.stringContaining('[redacted]')]);
    expect(stderr).not.toMatch(/ZXlKaGJH|opaque-token/);
  });
});

test('an import goes on with another token of the same organization, and keeps nothing of either', async () => {
  const line = `import ${desk.write('people.csv', 'email\none@example.com\ntwo@example.com\n')} --yes`;
  expect(await invite(line)).toMatchObject({ code: 0 });
  const again = await invite(line, second);
  expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('2 already_invited')]);
  const logs = readdirSync(desk.path('state/mails'));
  expect(logs).toHaveLength(1);
  expect(readFileSync(desk.path(`state/mails/${logs[0]}`), 'utf8')).not.toContain(valid.slice(0, 10));
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
