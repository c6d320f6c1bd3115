import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { sandboxKey } from '../../../src/sandbox/sandbox.ts';
import { key as apiKey, secret as apiSecret, startApi } from '../../doctor/api.ts';
import { useDesk } from '../../support/desk.ts';
import { before, observeSandbox } from '../../support/observed-sandbox.ts';
import type { World } from '../../support/run-cli.ts';
import { useServedSandbox } from '../../support/served-sandbox.ts';

const { api_key, api_secret } = sandboxKey;
const api = useServedSandbox({ credentials: sandboxKey });
const desk = useDesk();

const invite = (line: string, more: World = {}) => desk.invite(line, { env: {}, ...more });
const file = () => desk.path('config/config.json');
const saved = () => JSON.parse(readFileSync(file(), 'utf8'));

/** Writes a file of profiles by hand. */
function writeConfig(text: string): void {
  mkdirSync(desk.path('config'));
  writeFileSync(file(), text, { mode: 0o600 });
}

/** Logs in without asking the API. */
async function stored(name: string, more = '', key = `KEY${name.toUpperCase()}0123456789`) {
  const line = `auth login ${name} --api-key ${key} --api-secret-stdin --no-verify ${more}`;
  expect(await invite(line, { stdin: `cflt-${name}` })).toMatchObject({ code: 0 });
}

describe('login', () => {
  const line = () => `auth login work --endpoint ${api.endpoint} --api-key ${api_key} --api-secret-stdin`;

  test('asks the API, then saves, and says that the file is plain text', async () => {
    const { code, stdout, stderr } = await invite(`${line()} -o json`, { stdin: `${api_secret}\n` });
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      {
        profile: 'work',
        current: true,
        api_key: `${api_key.slice(0, 4)}…${api_key.slice(-4)}`,
        secret: 'stored',
        endpoint: api.endpoint,
        created_at: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    ]);
    expect(stderr).toContain(`…${api_key.slice(-4)}`);
    expect(stderr).toContain('plain text');
    expect(stdout + stderr).not.toContain(api_secret);
    const { created_at } = saved().profiles.work;
    expect(saved()).toEqual({
      version: 1,
      profiles: { work: { api_key, api_secret, endpoint: api.endpoint, created_at } },
      current: 'work',
    });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(await invite('list -o id')).toMatchObject({ code: 0, stdout: '' });
  });

  describe('while another process stores the same profile', () => {
    /** A login whose key is checked by a server that lets the other process save first. */
    async function raced(more: string) {
      const server = await observeSandbox();
      server.hook = before(/./, () => stored('work', '--yes', 'OTHERKEY0123456789'));
      const words = `--endpoint ${server.endpoint} --api-key ${apiKey} --api-secret-stdin`;
      return invite(`auth login work ${words} ${more}`, { stdin: apiSecret });
    }

    test('is not replaced unseen', async () => {
      const { code, stdout, stderr } = await raced('');
      expect([code, stdout]).toEqual([7, '']);
      expect(stderr).toContain('error: cannot save the profile "work"\n  another process changed it in the meantime');
      expect(saved().profiles.work.api_key).toBe('OTHERKEY0123456789');
    });

    test('replaces it with --yes', async () => {
      expect(await raced('--yes')).toMatchObject({ code: 0 });
      expect(saved().profiles.work.api_key).toBe(apiKey);
    });
  });

  const secretCommand = () => line().replace('--api-secret-stdin', '--secret-command false');
  const nowhere = () => line().replace(api.endpoint, 'http://127.0.0.1:1');
  const answering = (body: unknown) => async () => {
    const { url } = await startApi({ replies: { '/iam/v2/invitations': { body, headers: { 'content-type': 'x' } } } });
    return line().replace(api.endpoint, url);
  };
  const unsaved = 'nothing was saved';

  test.each<[string, typed: () => string | Promise<string>, stdin: string, code: number, says: string, never: RegExp]>([
    ['a wrong key', line, 'cflt-wrong', 4, 'mistyped, deleted, minutes old, or not a Cloud key', /cflt-wrong/],
    ['no secret', secretCommand, '', 4, 'error: cannot get the secret from "false"', /mistyped/],
    ['a host where nobody answers', () => `${nowhere()} --retries 0`, api_secret, 3, unsaved, /mistyped/],
    ['an API that answers {}', answering({}), api_secret, 3, unsaved, /mistyped/],
    ['an API that answers a text', answering('welcome'), api_secret, 3, unsaved, /mistyped/],
  ])('%s saves nothing', async (_, typed, stdin, code, says, never) => {
    const ran = await invite(await typed(), { stdin });
    expect(ran).toEqual({ code, stdout: '', stderr: expect.stringContaining(says) });
    expect([ran.stderr, existsSync(file())]).toEqual([expect.not.stringMatching(never), false]);
  });

  test('a dry run asks the API and shows the profile, but saves nothing', async () => {
    await stored('work');
    const before = saved();
    const { code, stdout, stderr } = await invite(`${line()} -n -o json`, { stdin: api_secret });
    const shown = { profile: 'work', secret: 'stored', endpoint: api.endpoint };
    expect([code, JSON.parse(stdout), saved()]).toMatchObject([0, shown, before]);
    expect(stderr).toContain(unsaved);
  });

  test('the secret from a file', async () => {
    const secretFile = desk.write('secret.txt', `"${api_secret}"\n`);
    expect(await invite(line().replace('-stdin', `-file ${secretFile}`))).toMatchObject({ code: 0 });
    expect(saved().profiles.work.api_secret).toBe(api_secret);
  });

  test('a command instead of the secret, as words or as a list', async () => {
    for (const [given, kept] of [
      ["'op read op://it/secret'", ['op', 'read', 'op://it/secret']],
      [`'["pass","a b"]'`, ['pass', 'a b']],
    ] as const) {
      const typed = `auth login work --yes --api-key K --no-verify --secret-command ${given}`;
      expect(await invite(typed)).toMatchObject({ code: 0, stderr: '' });
      expect(saved().profiles.work).toMatchObject({ secret_command: kept });
      expect(saved().profiles.work).not.toHaveProperty('api_secret');
    }
  });

  test('the name may come by --profile, the first is "default", and --no-use leaves the current one', async () => {
    await stored('');
    await stored('', '-p work --no-use');
    expect([saved().current, Object.keys(saved().profiles)]).toEqual(['default', ['default', 'work']]);
  });

  test('again: the key is replaced, what else was there is kept', async () => {
    await stored('work');
    const config = saved();
    const { api_secret: _, ...kept } = config.profiles.work;
    config.profiles.work = { ...kept, secret_command: ['print-secret'], color: 'red' };
    writeFileSync(file(), JSON.stringify(config));
    const { code, stdout, stderr } = await invite(line(), { stdin: api_secret });
    expect([code, stdout, saved()]).toEqual([2, '', config]);
    const flat = stderr.replace(/\n\s*/g, ' ');
    for (const words of ['"work" (key KEYW…6789, https://api.confluent.cloud)', '--yes']) expect(flat).toContain(words);
    expect(await invite(`${line()} --yes`, { stdin: api_secret })).toMatchObject({ code: 0 });
    const { endpoint } = api;
    const created_at = expect.any(String);
    expect(saved().profiles.work).toEqual({ api_key, api_secret, color: 'red', endpoint, created_at });
  });

  test('again: the endpoint stays, unless another is given', async () => {
    for (const [more, kept] of [
      ['--endpoint https://gov.example/api', 'https://gov.example/api'],
      ['--yes', 'https://gov.example/api'],
      ['--yes --endpoint https://api.confluent.cloud', undefined],
    ] as const) {
      await stored('work', more);
      expect(saved().profiles.work.endpoint).toBe(kept);
    }
  });

  test.each([
    ['auth login', '--api-key KEY'],
    ['auth login --api-key K', '--api-secret-stdin, --api-secret-file FILE or --secret-command COMMAND'],
    [
      'auth login --api-key K --api-secret-stdin --api-secret-file x',
      '"--api-secret-file <file>" cannot be used with option "--api-secret-stdin"',
    ],
    ['auth login sandbox --api-key K --api-secret-stdin', 'built in'],
    ['auth login a.b --api-key K --api-secret-stdin', '"a.b" is not a profile name'],
    ['auth login a -p b --api-key K --api-secret-stdin', 'contradict'],
    ['auth login --api-key a:b --api-secret-stdin', 'colon'],
    ['auth login --api-key K --api-secret-stdin', 'it is empty'],
    ['auth login --api-key K --api-secret-file /nonexistent', 'cannot read "/nonexistent" no such file or directory'],
    ['auth login --api-key K --api-secret-file /tmp', 'it is a directory'],
    ['auth login --api-key K --api-secret-file /dev/zero', 'it is a device'],
    ['auth login --api-key K --secret-command "op read $SECRET"', 'without a shell'],
    [`auth login --api-key K --secret-command '["op"'`, 'without a shell'],
    ['auth login --api-key K --api-secret-stdin --endpoint http://api.example.com', 'unencrypted'],
    ['auth login --api-secret SECRET', '"--api-secret"'],
  ])('exit 2: %s', async (typed, words) => {
    const { code, stdout, stderr } = await invite(`${typed} --no-verify`);
    expect([code, stdout, existsSync(file())]).toEqual([2, '', false]);
    expect(stderr.replace(/\n\s*/g, ' ')).toContain(words);
  });
});

describe('list, use, logout', () => {
  test('list shows all of them and the sandbox, and marks the current one', async () => {
    await stored('work');
    await stored('home', '--endpoint https://gov.example/api');
    const { code, stdout, stderr } = await invite('auth list -o json');
    expect([code, stderr]).toEqual([0, '']);
    const shown = JSON.parse(stdout).map(
      (one: { profile: string; current: boolean }) => `${one.profile} ${one.current}`,
    );
    expect(shown).toEqual(['work false', 'home true', 'sandbox false']);
    expect(stdout).not.toContain('cflt');
    expect(stdout).not.toContain('KEYWORK0123456789');
    expect(await invite('auth list -o id')).toEqual({ code: 0, stdout: 'work\nhome\nsandbox\n', stderr: '' });
    expect((await invite('auth list')).stdout).toMatch(/PROFILE +CURRENT +KEY/);
  });

  test('use changes the current one, and warns if something goes before it', async () => {
    await stored('work');
    await stored('home');
    expect(await invite('auth use work')).toMatchObject({ code: 0, stderr: '' });
    expect(saved().current).toBe('work');
    const { code, stderr } = await invite('auth use sandbox', { env: { INVITE_PROFILE: 'work' } });
    expect([code, saved().current, stderr]).toEqual([0, 'sandbox', expect.stringContaining('INVITE_PROFILE')]);
    expect(await invite('auth use wrok')).toMatchObject({ code: 6, stderr: expect.stringContaining('"work"') });
    expect(saved().current).toBe('sandbox');
    // The variables of a key go before the one of a profile, whichever it names.
    const env = { CONFLUENT_CLOUD_API_KEY: 'KEY', CONFLUENT_CLOUD_API_SECRET: 'cflt-env', INVITE_PROFILE: 'work' };
    const words = 'but CONFLUENT_CLOUD_API_KEY and CONFLUENT_CLOUD_API_SECRET in the environment take precedence';
    expect((await invite('auth use work', { env })).stderr).toContain(words);
  });

  test('logout of another leaves the current one, and logout forgets it; the secret is gone from the file', async () => {
    for (const name of ['other', 'work', 'home']) await stored(name);
    expect(await invite('auth logout other -y')).toMatchObject({ code: 0 });
    expect([saved().current, Object.keys(saved().profiles)]).toEqual(['home', ['work', 'home']]);
    const { code, stdout, stderr } = await invite('auth logout --yes -o json');
    expect([code, stderr]).toEqual([0, expect.stringContaining('remains valid')]);
    expect(JSON.parse(stdout)).toMatchObject({ profile: 'home', current: false, secret: 'removed' });
    expect(Object.keys(saved().profiles)).toEqual(['work']);
    expect(saved()).not.toHaveProperty('current');
    expect(readFileSync(file(), 'utf8')).not.toContain('cflt-home');
  });

  test.each([
    [['default', 'work', 'home'], 'invite auth use default'],
    [['work', 'home'], 'invite auth use work'],
    [['home'], 'invite auth login'],
  ])('logout of the current one of %j names a way on: %s', async (names, way) => {
    for (const name of names) await stored(name);
    expect(await invite('auth logout')).toMatchObject({ code: 0, stderr: expect.stringContaining(`hint: ${way}\n`) });
  });

  test('use without a name, where nobody can be asked: exit 2', async () => {
    await stored('work');
    const stderr = expect.stringContaining('invite auth use NAME');
    expect(await invite('auth use')).toEqual({ code: 2, stdout: '', stderr });
    expect(await invite('auth use -p sandbox')).toMatchObject({ code: 0 });
    expect(saved().current).toBe('sandbox');
  });

  test('a dry run shows what would be stored, and says that nothing was', async () => {
    await stored('work');
    await stored('home');
    const before = readFileSync(file(), 'utf8');
    for (const [line, shown] of [
      ['auth use work -n -o json', { profile: 'work', current: true }],
      ['auth logout home -n -o json', { profile: 'home', current: false, secret: 'removed' }],
    ] as const) {
      const { code, stdout, stderr } = await invite(line);
      expect([code, JSON.parse(stdout), stderr]).toMatchObject([0, shown, 'nothing was saved\n']);
    }
    expect(readFileSync(file(), 'utf8')).toBe(before);
  });

  test.each([
    ['auth logout sandbox -y', 2, 'built in'],
    ['auth logout nobody -y', 6, 'no profile "nobody"'],
    ['auth logout work -p home -y', 2, 'contradict'],
    ['auth logout -y', 6, 'no current profile'],
  ])('%s: exit %i', async (typed, code, words) => {
    await stored('work', '--no-use');
    expect(await invite(typed)).toEqual({ code, stdout: '', stderr: expect.stringContaining(words) });
    expect(Object.keys(saved().profiles)).toEqual(['work']);
  });
});

describe('status', () => {
  const json = async (line: string, more: World = {}) => {
    const { code, stdout, stderr } = await invite(`auth status ${line} -o json`, more);
    return { code, stderr, ...(stdout === '' ? {} : JSON.parse(stdout)) };
  };
  const pair = { CONFLUENT_CLOUD_API_KEY: 'ENVKEY0123456789', CONFLUENT_CLOUD_API_SECRET: 'cflt-env' };

  test('the current profile', async () => {
    await stored('work');
    const work = { profile: 'work', api_key: 'KEYW…6789', endpoint: 'https://api.confluent.cloud' };
    expect(await json('')).toMatchObject({ source: 'current', ...work, shadowed: [], stderr: '' });
    expect(await json('-p work')).toMatchObject({ source: 'flag', ...work, shadowed: [] });
  });

  test('the variables, and what they go before', async () => {
    await stored('work');
    const shadowed = ['INVITE_PROFILE', 'current profile "work"'];
    const status = await json('', { env: { ...pair, INVITE_PROFILE: 'work' } });
    expect(status).toMatchObject({ source: 'environment', profile: null, api_key: 'ENVK…6789', shadowed });
  });

  test('a profile of more than 90 days is worth a word', async () => {
    await stored('work');
    const later = (days: number) => ({ clock: { now: () => Date.now() + days * 86_400_000 } });
    expect(await json('', later(89))).toMatchObject({ code: 0, stderr: '' });
    expect(await json('', later(91))).toMatchObject({ code: 0, stderr: expect.stringContaining('91 days old') });
  });

  test('a broken file is a word, not a failure, where the variables suffice', async () => {
    writeConfig('null');
    const { code, source, stderr } = await json('', { env: pair });
    expect([code, source, stderr]).toEqual([0, 'environment', expect.stringContaining('it must be an object')]);
    expect(await json('')).toMatchObject({ code: 2 });
  });

  test('nobody: exit 4, with the way to a profile that is stored', async () => {
    const ways: unknown[] = [];
    for (const name of ['', 'work', 'home']) {
      if (name !== '') await stored(name, '--no-use');
      const { code, stderr } = await json('');
      ways.push([code, JSON.parse(stderr).error.code, JSON.parse(stderr).error.hints[0]]);
    }
    expect(ways).toEqual([
      [4, 'auth_required', 'store a Cloud API key: invite auth login'],
      [4, 'auth_required', 'choose a profile: invite auth use work'],
      [4, 'auth_required', 'choose a profile: invite auth use NAME'],
    ]);
  });

  const claims = (exp: number) => Buffer.from(JSON.stringify({ exp })).toString('base64url');
  const jwt = (exp: number) => `eyJhbGciOiJSUzI1NiJ9.${claims(exp)}.c2lnbmF0dXJlLW1hcmtlcg`;

  test('an access token, which is never shown', async () => {
    const token = jwt(1_900_000_000);
    const world = { env: { CONFLUENT_CLOUD_ACCESS_TOKEN: token }, clock: { now: () => 1_800_000_000_000 } };
    const status = await json('', world);
    expect(status).toMatchObject({ source: 'environment', profile: null, credential: 'access_token', api_key: null });
    expect(status).toMatchObject({ secret: 'environment', expires_at: '2030-03-17T17:46:40Z', stderr: '' });
    expect(JSON.stringify(status)).not.toContain('eyJ');
    const { stdout } = await invite('auth status', world);
    expect(stdout).toMatch(/^credential: +access_token$/m);
  });

  test('an access token that has expired is worth a word', async () => {
    const { stderr, code } = await json('', { env: { CONFLUENT_CLOUD_ACCESS_TOKEN: jwt(1_700_000_000) } });
    expect([code, stderr]).toEqual([0, expect.stringContaining('expired at 2023-11-14T22:13:20Z')]);
  });

  describe('--check', () => {
    const checked = async (line: string, api: Parameters<typeof startApi>[0], env: Record<string, string>) => {
      const served = await startApi(api);
      const result = await json(`--check ${line}`, { env: { CONFLUENT_CLOUD_ENDPOINT: served.url, ...env } });
      return { ...result, log: served.log };
    };
    const key = { CONFLUENT_CLOUD_API_KEY: apiKey, CONFLUENT_CLOUD_API_SECRET: apiSecret };
    const organizations = {
      '/org/v2/organizations': { body: { metadata: {}, data: [{ id: 'o-1', display_name: 'Acme' }] } },
    };
    const organization = { id: 'o-1', display_name: 'Acme' };

    test('names the owner of the key and the organization', async () => {
      const { code, owner, organization: found, log } = await checked('', { replies: organizations }, key);
      expect([code, owner, found]).toEqual([0, { id: 'u-sandbox', kind: 'User' }, organization]);
      expect(log).toHaveLength(2);
    });

    test('what may not be seen is null', async () => {
      const switches = { forbidden: ['api_keys.get', 'organizations.list'] as const };
      expect(await checked('', { switches }, key)).toMatchObject({ code: 0, owner: null, organization: null });
    });

    test('where neither may be seen, the list of invitations decides', async () => {
      const missing = { status: 404, body: { errors: [{ title: 'Not Found' }] } };
      const paths = [`/iam/v2/api-keys/${apiKey}`, '/org/v2/organizations', '/iam/v2/invitations'];
      const replies = Object.fromEntries(paths.map((path) => [path, missing]));
      const { code, stderr } = await checked('', { replies }, key);
      expect([code, stderr]).toEqual([6, expect.stringContaining('check the endpoint')]);
    });

    test('of a token, the organization', async () => {
      const env = { CONFLUENT_CLOUD_ACCESS_TOKEN: 'opaque-access-token' };
      const { code, owner, organization: found, log } = await checked('', { replies: organizations }, env);
      expect([code, owner, found]).toEqual([0, null, organization]);
      expect(log).toHaveLength(1);
    });

    test('refused: exit 4, with the causes', async () => {
      const refused = { status: 401, body: { errors: [{ detail: 'The API Key is invalid' }] } };
      const replies = { [`/iam/v2/api-keys/${apiKey}`]: refused };
      const { code, stderr } = await checked('', { replies }, key);
      expect([code, stderr]).toEqual([4, expect.stringContaining('or not a Cloud key')]);
    });

    test('the sandbox', async () => {
      const sandbox = { source: 'flag', profile: 'sandbox', api_key: null, secret: 'none needed', endpoint: null };
      const organization = { display_name: 'Sandbox' };
      expect(await json('--check -p sandbox')).toMatchObject({ code: 0, ...sandbox, organization });
    });
  });
});
