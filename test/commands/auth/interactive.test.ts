import { existsSync, readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { sandboxKey } from '../../../src/sandbox/sandbox.ts';
import { useDesk } from '../../support/desk.ts';
import { keys, runInPty, type Step, visible } from '../../support/pty.ts';
import { environmentOf, program } from '../../support/run-built.ts';
import { useServedSandbox } from '../../support/served-sandbox.ts';

const { api_key, api_secret } = sandboxKey;

// Each of these starts several processes, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const api = useServedSandbox({ credentials: sandboxKey });
const desk = useDesk();
const file = () => desk.path('config/config.json');

async function invite(line: string, steps: readonly Step[]) {
  const nobody = { CONFLUENT_CLOUD_API_KEY: undefined, CONFLUENT_CLOUD_API_SECRET: undefined };
  const env = environmentOf(desk.path('.'), { endpoint: api.endpoint, env: nobody });
  const result = await runInPty([process.execPath, program, ...line.split(' ')], steps, { env, stdout: 'pipe' });
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
  const { profiles } = JSON.parse(readFileSync(file(), 'utf8'));
  expect(profiles.default).toMatchObject({ api_key, api_secret, endpoint: api.endpoint });

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
  const stderr = expect.stringContaining('prompts are not possible here');
  expect(await desk.invite(line, { tty: true, env })).toEqual({ code: 2, stdout: '', stderr });
});
