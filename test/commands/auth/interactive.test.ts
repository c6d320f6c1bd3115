import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { sandboxKey } from '../../../src/sandbox/sandbox.ts';
import { keys, runInPty, type Step, visible } from '../../support/pty.ts';
import { runCli, temporaryFolder } from '../../support/run-cli.ts';
import { serveTestSandbox } from '../../support/served-sandbox.ts';

const { api_key, api_secret } = sandboxKey;
const program = join(import.meta.dirname, '../../../bin/invite.js');

// Each of these starts several processes, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let endpoint: string;
let close: () => Promise<void>;
let folder: string;

beforeAll(async () => {
  ({ endpoint, close } = await serveTestSandbox({ credentials: sandboxKey }));
});

afterAll(() => close());

beforeEach(() => {
  folder = temporaryFolder();
});

const file = () => join(folder, 'config.json');

async function invite(line: string, steps: readonly Step[], env: Record<string, string> = {}) {
  const argv = [process.execPath, program, ...line.split(' ')];
  const world = { INVITE_CONFIG_DIR: folder, INVITE_STATE_DIR: folder, CONFLUENT_CLOUD_ENDPOINT: endpoint, ...env };
  const result = await runInPty(argv, steps, { env: world, stdout: 'pipe' });
  return { ...result, seen: visible(result.drawn) };
}

test('login asks for the key and the secret on stderr, then logout asks whether to forget them', async () => {
  const login = await invite('auth login', [
    { expect: 'API key:', send: `${api_key}${keys.enter}` },
    { expect: 'API secret:', send: `${api_secret}${keys.enter}` },
  ]);
  expect([login.code, login.left]).toEqual([0, 0]);
  expect(login.stdout).toMatch(/^profile: +default\n/);
  expect(login.seen).toContain('plain text');
  expect(login.drawn + login.stdout).not.toContain(api_secret);
  expect(JSON.parse(readFileSync(file(), 'utf8')).profiles.default).toMatchObject({ api_key, api_secret, endpoint });

  const again = await invite('auth login', [
    { expect: 'replace the profile "default" (key INVI…X001', send: `y${keys.enter}` },
    { expect: 'API key:', send: `${api_key}${keys.enter}` },
    { expect: 'API secret:', send: `${api_secret}${keys.enter}` },
  ]);
  expect([again.code, again.left]).toEqual([0, 0]);
  const used = await invite('auth use', [{ expect: 'use which profile?', send: `${keys.down}${keys.enter}` }]);
  expect([used.code, used.stdout]).toEqual([0, expect.stringMatching(/^profile: +sandbox\n/)]);
  expect((await invite('auth use default', [])).code).toBe(0);

  const declined = await invite('auth logout', [{ expect: 'remove the profile "default"', send: keys.enter }]);
  expect([declined.code, declined.stdout, existsSync(file())]).toEqual([130, '', true]);
  const agreed = await invite('auth logout', [{ expect: 'remove the profile "default"', send: `y${keys.enter}` }]);
  expect(agreed.code).toBe(0);
  expect(JSON.parse(readFileSync(file(), 'utf8')).profiles).toEqual({});
});

test('Ctrl-C at the secret: exit 130, nothing saved', async () => {
  const { code, stdout, echo } = await invite('auth login', [
    { expect: 'API key:', send: `${api_key}${keys.enter}` },
    { expect: 'API secret:', send: keys.ctrlC },
  ]);
  expect([code, stdout, echo, existsSync(file())]).toEqual([130, '', true, false]);
});

test.each<[string, Record<string, string>]>([
  ['auth login', { CI: 'true' }],
  ['auth login --no-input', {}],
  ['auth login -o json', {}],
])('nothing is asked by %s with %o', async (line, env) => {
  const { code, stdout, stderr } = await runCli(line, { tty: true, env, folder });
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('prompts are not possible here');
});
