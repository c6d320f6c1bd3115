import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type ApiOptions, key, type Reply, secret, startApi } from '../doctor/api.ts';
import { createAuthority, createCertificate } from '../faults/certificate.ts';
import { startProxy } from '../faults/proxy.ts';
import { listen } from '../support/listen.ts';
import { realClock } from '../support/real-clock.ts';
import { runCli, temporaryFolder, type World } from '../support/run-cli.ts';

const started: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await Promise.all(started.splice(0).map((one) => one.stop()));
});

const credentials = { CONFLUENT_CLOUD_API_KEY: key, CONFLUENT_CLOUD_API_SECRET: secret };

interface Row {
  readonly id: string;
  readonly status: string;
  readonly detail: string;
  readonly remedy: string | null;
  readonly code: string | null;
}

/** What the doctor says in this world, by check. */
async function examine(line: string, world: World = {}) {
  const { code, stdout, stderr } = await runCli(`${line} doctor -o json`, world);
  expect(stdout + stderr).not.toContain(secret);
  const rows: Row[] = JSON.parse(stdout);
  const found = (id: string): Row | undefined => rows.find((row) => row.id === id);
  const sick = rows.filter(({ status }) => status !== 'pass').map(({ id, status }) => `${id} ${status}`);
  return { code, rows, found, sick, stderr };
}

/** The same with a key in the environment, for an API that is started for it. */
async function examineApi(options: ApiOptions = {}, env: Record<string, string> = {}) {
  const api = await startApi(options);
  return { api, ...(await examine('', { env: { ...credentials, CONFLUENT_CLOUD_ENDPOINT: api.url, ...env } })) };
}

/** A host where nobody listens. */
const nobody = { CONFLUENT_CLOUD_ENDPOINT: 'http://127.0.0.1:1' };

/** Proxies are not asked for this machine. */
const elsewhere = { CONFLUENT_CLOUD_ENDPOINT: 'https://api.example' };

const replies = (changed: NonNullable<ApiOptions['replies']>) => ({ replies: changed });
const refusal = (status: number, detail: string) => ({ status, body: { errors: [{ detail }] } });

describe('a setup that is well', () => {
  test('passes every check, told with its values, and nothing but GET is sent', async () => {
    const { code, sick, rows, found, api } = await examineApi();
    expect([code, sick]).toEqual([0, []]);
    const ofSetup = 'node config_file credentials endpoint proxy dns connection answer clock';
    const ofKey = 'key key_owner organization may_list may_create quota rate_limit mail_log';
    expect(rows.map(({ id }) => id).join(' ')).toBe(`${ofSetup} ${ofKey}`);
    expect(api.log.filter((line) => !line.startsWith('GET '))).toEqual([]);
    expect(api.log.filter((line) => line === 'GET /iam/v2/invitations')).toHaveLength(1);
    const details = {
      credentials: 'from CONFLUENT_CLOUD_API_KEY and CONFLUENT_CLOUD_API_SECRET, key FAKE…ER01',
      may_create: 'yes, u-sandbox has the role OrganizationAdmin on the organization',
      key_owner: 'a key for Cloud of u-sandbox',
      organization: '00000000-0000-4000-8000-73616e64626f',
      quota: '1 of 150 pending invitations used, 149 left',
      rate_limit: '9999 of 10000 requests left, full again in 1 s',
    };
    for (const [id, detail] of Object.entries(details)) expect(found(id)).toMatchObject({ detail });
  });

  test('may have an API whose pages are small', async () => {
    const switches = { invitation_page: 2, large_page: 'rejected', role_binding_page: 2 } as const;
    expect(await examineApi({ switches })).toMatchObject({ code: 0, sick: [] });
  });

  test('is a line a check for a person', async () => {
    const { code, stdout, stderr } = await runCli('-p sandbox doctor', { tty: true, env: { NO_COLOR: '1' } });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('pass  credentials   profile "sandbox", from --profile, needs no key\n');
    expect(stdout).toContain('pass  may create    yes, the sandbox allows everything\n');
    expect(stdout).toContain('pass  quota         0 of 150 pending invitations used, 150 left\n');
    expect(stdout).not.toContain('DNS');
  });
});

describe('each thing that may be wrong is named, with what to do', () => {
  test('an old Node.js', async () => {
    const { found } = await examine('-p sandbox', { nodeVersion: '20.20.2' });
    const detail = '20.20.2 has had no security fixes since April 2026';
    expect(found('node')).toMatchObject({ status: 'warn', detail, remedy: expect.any(String) });
  });

  test('no config and no variables', async () => {
    const { code, sick, found, stderr } = await examine('');
    expect([code, sick]).toEqual([4, ['credentials fail']]);
    expect(found('config_file')?.detail).toMatch(/config\.json" does not exist yet/);
    expect(found('credentials')).toMatchObject({ detail: 'no credentials found', code: 'auth_required' });
    const ways = ['invite auth login', 'CONFLUENT_CLOUD_API_KEY', '-p sandbox'];
    for (const way of ways) expect(found('credentials')?.remedy).toContain(way);
    expect(JSON.parse(stderr).error).toMatchObject({ code: 'auth_required', target: 'credentials' });
  });

  test('credentials that hide others', async () => {
    const folder = temporaryFolder();
    writeConfig(folder, 0o600);
    const { found } = await examine('', { folder, env: { ...credentials, ...nobody, INVITE_PROFILE: 'work' } });
    const detail = expect.stringContaining('not used: INVITE_PROFILE, current profile "work"');
    const remedy = expect.stringContaining('--profile');
    expect(found('credentials')).toMatchObject({ status: 'warn', remedy, detail });
  });

  test.each([
    ['others can read, which is fixed', 0o644, '', 0, /^warn: .*\(mode 0644\); it is 0600 now; .*replace the keys/],
    ['others can write', 0o666, '', 2, /^fail: .*it is writable by others \(mode 0666\); .*chmod 600/],
    ['is broken', 0o600, '{"profiles":', 2, /^fail: .*it is not JSON/],
  ])('a config file that %s', async (_, mode, text, exit, says) => {
    const folder = temporaryFolder();
    writeConfig(folder, mode, text);
    const { code, found } = await examine('-p sandbox', { folder });
    const { status, detail, remedy } = found('config_file') ?? {};
    expect([code, `${status}: ${detail}; ${remedy}`]).toEqual([exit, expect.stringMatching(says)]);
  });

  const list = (reply: Reply) => replies({ '/iam/v2/invitations': reply });
  const tls = (more: object) => ({ tls: createCertificate({ names: ['127.0.0.1'], ...more }) });
  const used = { ...refusal(429, 'Too many requests'), headers: { 'retry-after': '30' } };

  test.each<[check: string, code: number, says: RegExp, options: ApiOptions, env?: Record<string, string>]>([
    ['key fail', 4, /one for Kafka.*create one with: confluent/, list(refusal(401, 'The API Key is invalid'))],
    ['key fail', 4, /check CONFLUENT_CLOUD_API_KEY and .*or unset them/, list(refusal(401, 'Expired'))],
    ['key fail', 4, /not a Cloud key/, list(refusal(403, 'invalid API key: make sure you have Cloud permissions'))],
    ['may_list fail', 5, /OrganizationAdmin or AccountAdmin/, list(refusal(403, 'Forbidden Access'))],
    ['dns fail', 3, /nope.*check the endpoint/, {}, { CONFLUENT_CLOUD_ENDPOINT: 'https://nope.invalid' }],
    ['connection fail', 3, /connection refused \(ECONNREFUSED\)/, {}, nobody],
    ['connection fail', 3, /"\[::1\]:1"/, {}, { CONFLUENT_CLOUD_ENDPOINT: 'http://[::1]:1' }],
    ['connection fail', 3, /is for "127\.0\.0\.1", self-signed.*NODE_EXTRA_CA_CERTS/, tls({})],
    ['connection fail', 3, /issued by "Own CA"/, tls({ issuer: createAuthority('Own CA') })],
    ['connection fail', 3, /valid from .* to .*, and the clock of this machine says 20/, tls({ until: -3_600_000 })],
    ['connection fail', 3, /"\/no\/ca", which cannot be read/, tls({}), { NODE_EXTRA_CA_CERTS: '/no/ca' }],
    ['connection warn', 0, /unset it/, tls({}), { NODE_TLS_REJECT_UNAUTHORIZED: '0' }],
    ['answer fail', 3, /a proxy or login page\?/, list({ body: '<html><title>Hotel</title></html>' })],
    ['answer fail', 3, /no "data" array.*check the endpoint/, list({ body: {} })],
    ['answer fail', 6, /HTTP 404: No route check the endpoint/, list(refusal(404, 'No route'))],
    ['rate_limit fail', 11, /Too many requests wait: others may use the same key/, list(used)],
    ['quota fail', 11, /^1 of 1 pending invitations used, 0 left/, { switches: { quota: 1 } }],
    ['proxy warn', 0, /^ALL_PROXY is set, but invite does not read it/, {}, { ALL_PROXY: 'socks5://x' }],
    ['proxy warn', 0, /^NO_PROXY .* not understood: "10\.\*" /, {}, { NO_PROXY: 'localhost, 10.*;10.0.0.0/8' }],
    ['proxy fail', 2, /./, {}, { ...elsewhere, HTTPS_PROXY: 'http://[nonsense' }],
  ])('%s, which ends with %i and says %s', async (check, exit, says, options, env) => {
    // Node.js looks at this one by itself, and warns of it.
    if (env?.NODE_TLS_REJECT_UNAUTHORIZED) vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    vi.spyOn(process, 'emitWarning').mockReturnValue();
    const { code, sick, found } = await examineApi(options, env);
    expect([code, sick]).toEqual([exit, [check]]);
    const { detail, remedy } = found(check.split(' ')[0] ?? '') ?? {};
    expect(`${detail} ${remedy}`).toMatch(says);
    if (check === 'answer fail') expect(found('key')).toBeUndefined();
  });

  test('a remedy is for the API that was asked about', async () => {
    const { url } = await startApi({ switches: { quota: 1 } });
    const { found } = await examine(`--endpoint ${url}`, { env: credentials });
    expect(found('quota')?.remedy).toMatch(`invite --endpoint ${url} delete --status expired`);
  });

  test('a key of a service account, and one whose owner has no fitting role', async () => {
    const spec = { owner: { id: 'sa-1' }, resource: { kind: 'Cloud' } };
    const { code, sick, found } = await examineApi(replies({ [`/iam/v2/api-keys/${key}`]: { body: { spec } } }));
    expect([code, sick]).toEqual([0, ['key_owner warn', 'may_create warn']]);
    expect(found('may_create')?.detail).toContain('sa-1 has no role of its own that is known to allow it');
  });

  test('a role of whose scope the API says nothing is not said to be on the organization', async () => {
    const row = { id: 'rb-1', principal: 'User:u-sandbox', role_name: 'AccountAdmin' };
    const { found } = await examineApi(replies({ '/iam/v2/role-bindings': { body: { data: [row] } } }));
    expect(found('may_create')?.detail).toBe('yes, u-sandbox has the role AccountAdmin');
  });

  test('an API that says nothing about keys, organizations and quotas', async () => {
    const forbidden = ['api_keys.get', 'organizations.list', 'applied_quotas.list', 'role_bindings.list'] as const;
    const { code, sick } = await examineApi({ switches: { forbidden, forbidden_status: '404' } });
    expect([code, sick]).toEqual([0, ['organization warn', 'may_create warn']]);
  });

  test('a secret that the server sends back is not shown', async () => {
    const echo = Buffer.from(`${key}:${secret}`).toString('base64');
    const { rows } = await examineApi(list(refusal(401, `Authorization: Basic ${echo}`)));
    expect(JSON.stringify(rows)).not.toContain(echo);
  });

  test.each([
    [7_200_000, 'fail', 2, '2 hours behind the server'],
    [-3_600_000, 'fail', 2, '1 hour ahead of the server'],
    [90_000, 'warn', 0, '1 minute behind the server'],
    [10_000, 'pass', 0, 'behind the server'],
    [0, 'pass', 0, 'in sync with the server'],
  ])('a server whose clock is %i ms ahead: %s', async (ahead, status, exit, words) => {
    const { code, found } = await examineApi({ switches: { clock_offset: ahead } });
    expect([code, found('clock')?.status]).toEqual([exit, status]);
    expect(found('clock')?.detail).toContain(words);
    if (status !== 'pass') expect(found('clock')?.remedy).toContain('set the clock');
  });

  test('an API that is down is asked once, and the error of the command has the status of its answer', async () => {
    const { code, sick, found, stderr, api } = await examineApi(list(refusal(503, 'Down')));
    expect([code, sick, api.log]).toEqual([3, ['answer fail'], ['GET /iam/v2/invitations']]);
    const said = {
      detail: expect.stringMatching(/^cannot get .*HTTP 503: Down$/),
      remedy: expect.stringMatching(/^try again later/),
    };
    expect(found('answer')).toMatchObject(said);
    expect(JSON.parse(stderr).error).toMatchObject({ http_status: 503, retryable: true, target: 'answer' });
  });

  test('a single refusal because of the rate limit is none', async () => {
    const refusals: Reply[] = [{ ...refusal(429, 'Too many requests'), headers: { 'retry-after': '1' } }];
    const once = () => refusals.pop();
    const api = await startApi(replies({ '/iam/v2/invitations': once }));
    const env = { ...credentials, CONFLUENT_CLOUD_ENDPOINT: api.url };
    expect(await examine('', { env, clock: realClock })).toMatchObject({ code: 0, sick: [] });
  });

  test('a proxy that wants a login', async () => {
    const proxy = await startProxy('407');
    started.push(proxy);
    const env = { ...elsewhere, HTTPS_PROXY: `http://user:hush@127.0.0.1:${proxy.port}` };
    const { code, sick, found } = await examineApi({}, env);
    expect([code, sick]).toEqual([3, ['answer fail']]);
    expect(found('proxy')?.detail).toBe(`127.0.0.1:${proxy.port}, with credentials`);
    expect(found('answer')?.detail).toContain('it requires a login (407)');
  });

  test('a state folder that is none', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'state'), '');
    const env = { ...credentials, CONFLUENT_CLOUD_ENDPOINT: (await startApi()).url };
    const { code, sick, found } = await examine('', { folder, env });
    expect([code, sick]).toEqual([0, ['mail_log warn']]);
    expect(found('mail_log')?.detail).toMatch(/not remembered who was mailed: .*not a directory/);
  });

  test('a secret that its program does not print', async () => {
    const folder = temporaryFolder();
    const api = await startApi();
    const profile = { api_key: key, secret_command: ['op', 'read'], endpoint: api.url };
    writeConfig(folder, 0o600, JSON.stringify({ version: 1, current: 'work', profiles: { work: profile } }));
    const { code, sick, found } = await examine('', { folder });
    expect([code, sick]).toEqual([4, ['key fail']]);
    expect(found('key')?.detail).toContain('cannot get the secret from "op"');
  });
});

describe('completion', () => {
  test.each([
    ['.bashrc', 'bash'],
    ['.zfunc/_invite', 'zsh'],
    ['.config/fish/completions/invite.fish', 'fish'],
  ])('is found in ~/%s', async (path, shell) => {
    const HOME = temporaryFolder();
    const env = { HOME, SHELL: `/usr/bin/${shell}` };
    expect((await examine('-p sandbox', { env })).found('completion')).toMatchObject({
      status: 'warn',
      remedy: expect.stringContaining('invite completion'),
    });
    mkdirSync(join(HOME, path, '..'), { recursive: true });
    writeFileSync(join(HOME, path), 'source <(invite completion bash)\n');
    expect((await examine('-p sandbox', { env })).found('completion')?.status).toBe('pass');
  });

  test.each([{ SHELL: '/bin/tcsh' }, { SHELL: '/bin/bash', CI: 'true' }])('is not asked for with %o', async (env) => {
    expect((await examine('-p sandbox', { env: { HOME: '/root', ...env } })).found('completion')).toBeUndefined();
  });
});

test('a failing check shows its remedy on the next line, and -o id names it; the command ends with its code', async () => {
  const { code, stdout, stderr } = await runCli('doctor', {});
  expect(code).toBe(4);
  expect(stdout).toMatch(
    /^fail {2}credentials {3}no credentials found\n {20}remedy: store a Cloud API key: invite auth login/m,
  );
  expect(stderr).toContain('error: 1 of 4 checks failed\n  credentials: no credentials found\n');
  expect((await runCli('doctor -o id', {})).stdout).toBe('credentials\n');
});

function writeConfig(folder: string, mode: number, text = ''): string {
  const profiles = { work: { api_key: key, api_secret: secret } };
  const path = join(folder, 'config', 'config.json');
  mkdirSync(join(folder, 'config'), { recursive: true, mode: 0o700 });
  writeFileSync(path, text || JSON.stringify({ version: 1, current: 'work', profiles }));
  chmodSync(path, mode);
  return path;
}

/** A server that listens and never says a word. */
async function silentServer(): Promise<string> {
  const { port, stop } = await listen(createServer());
  started.push({ stop });
  return `https://127.0.0.1:${port}`;
}

test('--timeout ends it in the middle of a connection that hangs', async () => {
  const env = { ...credentials, CONFLUENT_CLOUD_ENDPOINT: await silentServer() };
  const stderr = expect.stringContaining('not done within 5 s');
  expect(await runCli('doctor --timeout 5s', { env })).toMatchObject({ code: 3, stderr });
});

test('a connection that hangs is given up, and no request waits for the same', async () => {
  const env = { ...credentials, CONFLUENT_CLOUD_ENDPOINT: await silentServer() };
  const waits: number[] = [];
  // The look-up of the name may take its time, that of the connection is up at once.
  const sleep = (milliseconds: number) =>
    waits.push(milliseconds) === 1 ? new Promise<void>(() => {}) : Promise.resolve();
  const { code, sick, found } = await examine('', { env, clock: { sleep } });
  expect([code, sick]).toEqual([3, ['connection fail']]);
  const said = { detail: expect.stringContaining('no answer in time'), remedy: expect.stringContaining('firewall') };
  expect(found('connection')).toMatchObject({ code: 'timeout', ...said });
  // One for the name, one for the connection.
  expect(waits).toEqual([10_000, 10_000]);
});
