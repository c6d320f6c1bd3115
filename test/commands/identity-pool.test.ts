import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Settings } from '../../src/sandbox/sandbox.ts';
import { listen } from '../support/listen.ts';
import { type ObservedRequest, observeSandbox, sendAnswer } from '../support/observed-sandbox.ts';
import { runCli, temporaryFolder, testClock, type World } from '../support/run-cli.ts';

const requestToken = 'request-token-of-a-job-0123456789';
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const subject = 'repo:acme/people:environment:confluent';
const jwt = (exp: number, aud = 'confluent') =>
  `${part({ alg: 'RS256' })}.${part({ iss: 'https://issuer.example', sub: subject, aud, exp })}.${part({ signature: 'of a fake issuer' })}`;
const valid = jwt(4_000_000_000);

const noKey = { CONFLUENT_CLOUD_API_KEY: '', CONFLUENT_CLOUD_API_SECRET: '' };
const pool = { ...noKey, CONFLUENT_CLOUD_IDENTITY_POOL_ID: 'pool-abc' };

/** Answers as GitHub's issuer does, unless told otherwise. */
async function fakeGitHub(
  answer: (response: ServerResponse, request: IncomingMessage) => void = (response) =>
    response.end(JSON.stringify({ count: 1, value: valid })),
) {
  const requests: { url: string; authorization: string | undefined }[] = [];
  const server = createServer((request, response) => {
    requests.push({ url: request.url ?? '', authorization: request.headers.authorization });
    answer(response, request);
  });
  const { port, stop } = await listen(server);
  onTestFinished(stop);
  const url = `http://127.0.0.1:${port}/token?api-version=2.0`;
  const env = { ...pool, ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken };
  return { requests, env };
}

type Answer = (request: ObservedRequest, response: ServerResponse) => Promise<void>;

const honest: Answer = async ({ perform }, response) => sendAnswer(response, await perform());

/** A sandbox whose answers are counted, and a program in a job of GitHub Actions with no other credentials. */
async function job(switches: Partial<Settings> = {}, answer: Answer = honest) {
  const github = await fakeGitHub();
  const statuses: number[] = [];
  const watched: Answer = async (request, response) => {
    response.once('finish', () => statuses.push(response.statusCode));
    await answer(request, response);
  };
  // No token expires because the machine is slow.
  const sandbox = await observeSandbox(switches, watched, { clock: testClock({ isFrozen: true }) });
  const invite = async (line: string, env: Record<string, string> = {}, more: World = {}) => {
    const ran = await sandbox.invite(line, { ...more, env: { ...github.env, ...env } });
    expectNoSecret(ran.stdout + ran.stderr);
    return ran;
  };
  return { ...sandbox, github, statuses, invite };
}

/** Nothing of a token, of the job's request, or of who it is for. */
function expectNoSecret(text: string): void {
  expect(text).not.toMatch(/eyJ|request-token|repo:acme|signature/);
}

const exchanges = (requests: readonly string[]) => requests.filter((one) => one === 'POST /sts/v1/oauth2/token').length;

test('every kind of request is signed with an access token, exchanged once', async () => {
  const { invite, requests, github } = await job();
  expect(await invite('create ann@example.com -o id')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^i-/) });
  const authorization = `bearer ${requestToken}`;
  expect(github.requests).toEqual([{ url: '/token?api-version=2.0&audience=confluent', authorization }]);
  expect([requests[0], exchanges(requests)]).toEqual(['POST /sts/v1/oauth2/token', 1]);
  expect(await invite('list -o id', { INVITE_READ_ONLY: '1' })).toMatchObject({ code: 0 });
  expect(await invite('resend ann@example.com --yes')).toMatchObject({ code: 0 });
  expect(await invite('delete ann@example.com --yes')).toMatchObject({ code: 0 });
});

test('the audience is that of the environment', async () => {
  const { invite, github } = await job();
  await invite('list', { CONFLUENT_CLOUD_OIDC_AUDIENCE: 'a & b' });
  expect(github.requests[0]?.url).toBe('/token?api-version=2.0&audience=a+%26+b');
});

describe('an import', () => {
  async function imported(count: number, sts_lifetime: number, answer: (clock: { pass(ms: number): void }) => Answer) {
    let clock = { pass: (_: number) => {} };
    const running = await job({ sts_lifetime, quota: 2000 }, (...given) => answer(clock)(...given));
    clock = running.clock;
    const file = join(temporaryFolder(), 'people.csv');
    const people = Array.from({ length: count }, (_, number) => `person.${number}@example.com\n`);
    writeFileSync(file, `email\n${people.join('')}`);
    const ran = await running.invite(`import ${file} --yes --concurrency 8 -o json`);
    const mails = await running.sandbox.mails();
    return { ...running, ran, mails };
  }

  test('of 120 people with tokens of 5 s ends with 0, one mail each and no 401', async () => {
    const slowly = (clock: { pass(ms: number): void }): Answer => {
      return async (request, response) => {
        clock.pass(160);
        await honest(request, response);
      };
    };
    const { ran, mails, statuses, requests, folder } = await imported(120, 5000, slowly);
    expect([ran.code, JSON.parse(ran.stdout).length, mails.size, Math.max(...mails.values())]).toEqual([
      0, 120, 120, 1,
    ]);
    expect(statuses.filter((status) => status >= 400)).toEqual([]);
    expect(exchanges(requests)).toBeGreaterThan(3);
    expect(exchanges(requests)).toBeLessThan(12);
    for (const path of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (path.isFile()) expectNoSecret(readFileSync(join(path.parentPath, path.name), 'latin1'));
    }
  });

  test('goes on after a 401 in the middle: looks the person up, then sends with another token', async () => {
    let posts = 0;
    const { ran, mails, requests } = await imported(60, 900_000, () => async (request, response) => {
      if (request.method === 'POST' && request.path === '/iam/v2/invitations') posts += 1;
      if (posts !== 30 || request.method !== 'POST') return honest(request, response);
      posts += 1;
      response.writeHead(401).end('{}');
    });
    expect([ran.code, mails.size, Math.max(...mails.values())]).toEqual([0, 60, 1]);
    expect(exchanges(requests)).toBeGreaterThan(1);
  });
});

test('an access token is exchanged again before the end that it names, where the answer names none', async () => {
  const pages = [...'abc'].map((id, at) => ({ data: [{ id }], metadata: at < 2 ? { next: `?page_token=${at}` } : {} }));
  const running = await job({}, async ({ path }, response) => {
    running.clock.pass(6000);
    const exp = Math.floor(running.clock.now() / 1000) + 8;
    const issued = { access_token: jwt(exp), token_type: 'Bearer' };
    response.end(JSON.stringify(path.includes('/sts/') ? issued : pages.shift()));
  });
  expect(await running.invite('list -o id')).toMatchObject({ code: 0, stdout: 'a\nb\nc\n' });
  expect(exchanges(running.requests)).toBeGreaterThan(1);
});

test('a 401 to a GET is repeated once with another token, and a second one is final', async () => {
  let refusals = 1;
  const { invite, requests } = await job({}, async (request, response) => {
    if (request.method === 'POST' || refusals === 0) return honest(request, response);
    refusals -= 1;
    response.writeHead(401).end('{}');
  });
  expect(await invite('list')).toMatchObject({ code: 0 });
  expect(exchanges(requests)).toBe(2);
  refusals = 100;
  const { code, stderr } = await invite('list -o json');
  expect([code, JSON.parse(stderr).error]).toEqual([
    4,
    expect.objectContaining({ code: 'auth_invalid', hints: [expect.stringContaining('pool-abc'), 'invite doctor'] }),
  ]);
  expect(exchanges(requests)).toBe(4);
});

describe('who it is', () => {
  const others = ['CONFLUENT_CLOUD_API_KEY', 'CONFLUENT_CLOUD_API_SECRET', 'CONFLUENT_CLOUD_ACCESS_TOKEN'];
  test.each(others)('a pool beside %s: exit 2 naming both, unless a profile is named', async (name) => {
    const { invite, requests } = await job();
    const stderr = expect.stringContaining(`both "CONFLUENT_CLOUD_IDENTITY_POOL_ID" and "${name}" are set`);
    expect(await invite('list', { [name]: 'something' })).toEqual({ code: 2, stdout: '', stderr });
    expect(await invite('list -p sandbox', { [name]: 'something' })).toMatchObject({ code: 0 });
    expect(requests).toEqual([]);
  });

  const url = 'ACTIONS_ID_TOKEN_REQUEST_URL';
  const withToken = { ...pool, ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken };
  const ways = ['id-token: write', 'CONFLUENT_CLOUD_OIDC_TOKEN_FILE', '--token-command'];

  test.each<[name: string, env: Record<string, string>, code: number, words: readonly string[]]>([
    ['a pool without a token', pool, 4, ways],
    ['half of what GitHub sets', { ...pool, [url]: 'https://i.example/' }, 4, ['_REQUEST_TOKEN is not set']],
    ['a token file without a pool', { CONFLUENT_CLOUD_OIDC_TOKEN_FILE: 'token' }, 4, ['_IDENTITY_POOL_ID" is not']],
    ['a URL in the clear', { ...withToken, [url]: 'http://hush.example/' }, 2, [`cannot use ${url}`]],
    ['a URL with a password', { ...withToken, [url]: 'https://u:hush@i.example/' }, 2, [`cannot use ${url}`]],
    ['a URL that is none', { ...withToken, [url]: 'hush' }, 2, [`cannot use ${url}`]],
  ])('%s: says what is wrong, and shows no URL', async (_, env, code, words) => {
    const ran = await runCli('list', { env });
    expect([ran.code, ran.stderr]).toEqual([code, expect.not.stringContaining('hush')]);
    for (const word of words) expect(ran.stderr).toContain(word);
  });
});

describe('a token file', () => {
  test('goes before GitHub, and is read again at each exchange', async () => {
    const path = join(temporaryFolder(), 'token');
    writeFileSync(path, `${valid}\n`);
    const { invite, github, sandbox, requests, clock } = await job(
      { sts_lifetime: 5000 },
      async (request, response) => {
        clock.pass(6000);
        if (request.path === '/iam/v2/invitations') writeFileSync(path, jwt(1_700_000_000));
        await honest(request, response);
      },
    );
    await sandbox.seed(250);
    const { code, stderr } = await invite('list -o json', { CONFLUENT_CLOUD_OIDC_TOKEN_FILE: path });
    expect([code, exchanges(requests), github.requests]).toEqual([4, 2, []]);
    expect(JSON.parse(stderr).error.message).toMatch(/The token has expired.*token.* expired at 2023-11-14T22:13:20Z/);
    expect(JSON.parse(stderr).error.hints[0]).toContain('write a new token to the file');
  });

  test.each([
    ['is missing', undefined, 'no such file or directory'],
    ['is empty', ' \n', 'it is empty'],
    ['holds more than a token', 'one\ntwo', 'it contains a line break'],
  ])('that %s: exit 4 with its path', async (_, content, reason) => {
    const path = join(temporaryFolder(), 'token');
    if (content !== undefined) writeFileSync(path, content);
    const { invite, requests } = await job();
    const { code, stderr } = await invite('list', { CONFLUENT_CLOUD_OIDC_TOKEN_FILE: path });
    expect([code, stderr, requests]).toEqual([4, expect.stringContaining(path), []]);
    expect(stderr).toContain(reason);
  });
});

describe('the exchange fails', () => {
  const isOther = (one: string) => !one.includes('/sts/');
  const echo = JSON.stringify({ message: `bad ${subject} in ${valid}` });
  const denied = '{"error":"invalid_grant","error_description":"no such pool"}';

  type Reply = readonly [status: number, body: string];

  /** What the sandbox is told to do, or what is answered in its place. */
  test.each<[name: string, how: Partial<Settings> | Reply, code: number, error: string, words: string]>([
    ['refused', { sts: 'refuses' }, 4, 'auth_invalid', 'for the audience'],
    ['a foreign issuer', { sts_trusts: 'own' }, 4, 'auth_invalid', 'https://issuer.example'],
    ['429', [429, ''], 3, 'api_unavailable', 'HTTP 429'],
    ['500', [500, '{}'], 3, 'api_unavailable', 'HTTP 500'],
    ['not JSON', [200, '<html>'], 3, 'bad_response', 'not JSON'],
    ['no access token', [200, '{"token_type":"Bearer"}'], 3, 'bad_response', 'the answer contains no access token'],
    ['another kind', [200, '{"access_token":"opaque-token-1","token_type":"DPoP"}'], 3, 'bad_response', 'token_type'],
    ['a token with a line break', [200, '{"access_token":"one\\ntwo"}'], 3, 'bad_response', 'a line break'],
    ['nothing at all', [200, ''], 3, 'bad_response', 'no content, where JSON was expected'],
    ['a redirect', [307, ''], 3, 'bad_response', 'redirect'],
    ['nothing there', [404, ''], 3, 'bad_response', 'check the endpoint'],
    ['an OAuth error', [400, denied], 4, 'auth_invalid', 'no such pool'],
    ['an answer that echoes the token', [400, echo], 4, 'auth_invalid', 'HTTP 400: bad'],
  ])('%s', async (_, how, code, error, words) => {
    const headers = { 'content-type': 'application/json', location: 'https://elsewhere.example/' };
    const [status, body] = 'length' in how ? how : [];
    const { invite, requests } = await job('length' in how ? {} : how, async (request, response) => {
      if (status === undefined || isOther(request.path)) return honest(request, response);
      response.writeHead(status, headers).end(body);
    });
    const ran = await invite('create ann@example.com -o json --debug');
    const line = JSON.parse(/^\{.*$/m.exec(ran.stderr)?.[0] ?? '{}');
    expect([ran.code, line.error.code, line.error.hints.length > 0]).toEqual([code, error, true]);
    expect([JSON.stringify(line.error), requests.filter(isOther)]).toEqual([expect.stringContaining(words), []]);
  });

  test.each<[name: string, status: number, body: string, code: number, words: string]>([
    ['GitHub refuses', 403, '{}', 4, 'id-token: write'],
    ['GitHub is down', 500, '', 3, 'HTTP 500'],
    ['GitHub answers with a page', 200, '<html>', 3, 'not JSON'],
    ['GitHub answers without a token', 200, '{}', 3, 'the answer contains no token'],
    ['GitHub redirects', 302, '', 3, 'redirect that was not followed'],
  ])('%s', async (_, status, body, code, words) => {
    const headers = { location: 'http://127.0.0.1:1/' };
    const { env } = await fakeGitHub((response) => response.writeHead(status, headers).end(body));
    const { invite, requests } = await job();
    const ran = await invite('list', env);
    expect([ran.code, ran.stderr, requests]).toEqual([code, expect.stringContaining(words), []]);
    expect(ran.stderr).toContain('error: cannot get a token from GitHub Actions');
  });

  test('a pool that may not invite: exit 5 with what to do', async () => {
    const { invite, sandbox } = await job({ pool_invites: 'no' });
    const { code, stderr } = await invite('create ann@example.com');
    expect([code, stderr]).toEqual([5, expect.stringContaining('grant the identity pool "pool-abc"')]);
    expect((await sandbox.mails()).size).toBe(0);
  });
});

describe('a profile', () => {
  const login = (more = '') =>
    `auth login ci --identity-pool pool-abc --token-command '["print-token","--now"]' ${more}`.trim();
  const printing = (text: string) => ({ run: async () => text });

  test('is checked, stored with the command, and used', async () => {
    const { invite, endpoint, folder } = await job();
    const env = { ...noKey, CONFLUENT_CLOUD_IDENTITY_POOL_ID: '' };
    const world = printing(`${valid}\n`);
    const ran = await invite(`${login()} -o json`, env, world);
    expect([ran.code, JSON.parse(ran.stdout)]).toMatchObject([
      0,
      { profile: 'ci', api_key: null, secret: 'command', identity_pool_id: 'pool-abc', endpoint },
    ]);
    const saved = JSON.parse(readFileSync(join(folder, 'config', 'config.json'), 'utf8')).profiles.ci;
    expect(saved).toMatchObject({ identity_pool_id: 'pool-abc', token_command: ['print-token', '--now'], endpoint });
    expect(await invite('create ann@example.com -o id', env, world)).toMatchObject({ code: 0 });
    const elsewhere = await invite('list', { ...env, CONFLUENT_CLOUD_ENDPOINT: 'https://other.example' }, world);
    const unsent = /cannot send a token of the profile "ci".*\nhint: or set CONFLUENT_CLOUD_IDENTITY_POOL_ID\n/s;
    expect(elsewhere).toMatchObject({ code: 2, stderr: expect.stringMatching(unsent) });
    const revoked = expect.not.stringContaining('remains valid');
    expect(await invite('auth logout ci', env)).toMatchObject({ code: 0, stderr: revoked });
  });

  test('is not saved if the exchange is refused', async () => {
    const { invite } = await job({ sts: 'refuses' });
    const { code, stderr } = await invite(login(), { CONFLUENT_CLOUD_IDENTITY_POOL_ID: '' }, printing(valid));
    expect([code, stderr]).toEqual([4, expect.stringContaining('nothing was saved')]);
  });

  test('a command that fails: exit 4, naming the program but not its arguments', async () => {
    const { invite } = await job();
    const env = { CONFLUENT_CLOUD_IDENTITY_POOL_ID: '' };
    await invite(login('--no-verify'), env);
    const failing = { run: () => Promise.reject(new Error('it ended with exit code 3')) };
    const { code, stderr } = await invite('list', env, failing);
    expect([code, stderr]).toEqual([4, expect.stringContaining('cannot get the token from "print-token"')]);
    expect(stderr).toContain('run the token_command of the profile yourself');
    expect(stderr).not.toContain('--now');
  });

  test.each([
    ['--identity-pool pool-abc', '--token-command COMMAND is missing'],
    [`--token-command '["a"]'`, '--identity-pool POOL is missing'],
    [
      `--identity-pool p --token-command a --api-key K`,
      'option "--identity-pool <id>" cannot be used with option "--api-key <key>"',
    ],
  ])('auth login %s: exit 2', async (options, message) => {
    expect(await runCli(`auth login ${options}`)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });
});

describe('what is shown of it', () => {
  test('auth status: the pool, where the token comes from, and with --check when the access token ends', async () => {
    const { invite, requests, github, endpoint } = await job();
    const local = JSON.parse((await invite('auth status -o json')).stdout);
    const own = { credential: 'identity_pool', identity_pool_id: 'pool-abc', secret: 'github', api_key: null };
    expect(local).toMatchObject({ ...own, source: 'environment', endpoint, expires_at: null, owner: null });
    expect([requests, github.requests]).toEqual([[], []]);
    const { owner, organization, expires_at } = JSON.parse((await invite('auth status --check -o json')).stdout);
    expect(expires_at).toMatch(/^\d{4}-.*:\d\dZ$/);
    expect([owner, organization.display_name]).toEqual([{ id: 'pool-abc', kind: 'IdentityPool' }, 'Sandbox']);
  });

  test('doctor: what was found, and that it was exchanged', async () => {
    const { invite } = await job();
    const { code, stdout } = await invite('doctor -o json');
    const found = Object.fromEntries(JSON.parse(stdout).map((row: { id: string }) => [row.id, row]));
    expect(code).toBe(0);
    expect(found.credentials.detail).toContain('identity pool pool-abc, with a token from GitHub Actions');
    expect(found.token).toMatchObject({ status: 'pass', detail: expect.stringMatching(/pool-abc, valid until /) });
    expect(found.key_owner.detail).toBe('identity pool pool-abc');
    expect(found.may_create).toMatchObject({ status: 'warn', detail: expect.stringContaining('not documented') });
  });

  test('doctor: what the exchange said, once, and how to go on', async () => {
    const { invite } = await job({ sts: 'refuses' });
    const { code, stdout } = await invite('doctor -o json');
    const rows: { id: string; status: string; detail: string; remedy: string }[] = JSON.parse(stdout);
    const bad = rows.filter(({ status }) => status === 'fail');
    expect([code, bad.map(({ id }) => id)]).toEqual([4, ['token']]);
    expect(bad[0]?.detail).toContain('HTTP 400: The token does not match the filter');
    expect(bad[0]?.remedy).not.toContain('invite doctor');
  });
});

test('plan: nobody has to say who runs it', async () => {
  const { invite, sandbox } = await job({ api_keys: 'forbidden' });
  await sandbox.populate({ people: [{ email: 'gone@example.com', state: 'member' }] });
  const document = JSON.parse((await invite('export -o json')).stdout);
  const people = document.people.filter((one: unknown) => !JSON.stringify(one).includes('gone@'));
  const file = join(temporaryFolder(), 'people.json');
  writeFileSync(file, JSON.stringify({ ...document, managed: 'people', people }));
  const stdout = expect.stringContaining('gone@example.com');
  expect(await invite(`plan ${file}`)).toEqual({ code: 0, stdout, stderr: expect.not.stringContaining('--self') });
});
