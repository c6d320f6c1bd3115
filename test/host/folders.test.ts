import { describe, expect, test } from 'vitest';
import { folderFor } from '../../src/host.ts';
import { main } from '../../src/main.ts';
import { runCli, testHost } from '../support/run-cli.ts';
import { serveTestSandbox } from '../support/served-sandbox.ts';

type Env = Readonly<Record<string, string>>;

const state = (env: Env, home: string | undefined, platform: NodeJS.Platform = 'linux') =>
  folderFor('state', env, platform, home);
const config = (env: Env, home: string | undefined, platform: NodeJS.Platform = 'linux') =>
  folderFor('config', env, platform, home);

test.each<[string, string, string]>([
  ['at home', config({}, '/home/ann'), '/home/ann/.config/invite'],
  ['at home', state({}, '/home/ann'), '/home/ann/.local/state/invite'],
  ['by the XDG specification', state({ XDG_STATE_HOME: '/var/s' }, '/home/ann'), '/var/s/invite'],
  ['a relative one of that is ignored', config({ XDG_CONFIG_HOME: 'conf' }, '/home/ann'), '/home/ann/.config/invite'],
  ['by our variable', config({ INVITE_CONFIG_DIR: '/etc/i', XDG_CONFIG_HOME: '/x' }, undefined), '/etc/i'],
  ['without a home, if told', state({ XDG_STATE_HOME: '/var/s' }, undefined), '/var/s/invite'],
  ['on macOS', config({}, '/Users/ann', 'darwin'), '/Users/ann/Library/Preferences/invite'],
  ['on Windows', state({ LOCALAPPDATA: 'C:\\Data' }, undefined, 'win32'), 'C:\\Data\\invite\\Log'],
])('%s: %s', (_, found, expected) => {
  expect(found).toBe(expected);
});

test('where none is told, the variables are named', () => {
  expect(() => config({ XDG_CONFIG_HOME: 'conf' }, undefined)).toThrow(
    expect.objectContaining({
      code: 'usage',
      details: expect.objectContaining({ hints: ['set HOME, or INVITE_CONFIG_DIR and INVITE_STATE_DIR'] }),
    }),
  );
});

test.each([
  ['INVITE_CONFIG_DIR', 'conf', '="$PWD/conf"'],
  ['INVITE_STATE_DIR', '~/state', '="$HOME/state"'],
  ['INVITE_STATE_DIR', './state', '$PWD'],
  ['INVITE_CONFIG_DIR', '~ann/conf', 'not quoted"]'],
  ['INVITE_CONFIG_DIR', '$HOME/conf', 'not quoted"]'],
])('%s=%s is refused by every command', async (name, value, hint) => {
  for (const line of ['list -o json', '-p sandbox list -o json', 'auth list -o json']) {
    const { code, stdout, stderr } = await runCli(line, { env: { [name]: value } });
    expect([code, stdout]).toEqual([2, '']);
    expect(JSON.parse(stderr).error).toMatchObject({ code: 'usage', message: expect.stringContaining(`"${name}"`) });
    expect(stderr.replaceAll('\\"', '"')).toContain(hint);
  }
});

describe('on a machine without any', () => {
  async function run(line: string) {
    const { env, sandbox, close } = await serveTestSandbox();
    await sandbox.populate({ people: [{ email: 'ann@example.com', state: 'pending', invitation: 'i-ann' }] });
    const { host, stdout, stderr } = testHost({ env });
    Object.defineProperties(host, {
      configDir: { get: () => config({}, undefined) },
      stateDir: { get: () => state({}, undefined) },
    });
    const code = await main(line.split(' '), host);
    await close();
    return { code, stdout: stdout.join(''), stderr: stderr.join('') };
  }

  test('what needs none works, and mails are sent with a warning', async () => {
    expect(await run('list -o id')).toEqual({ code: 0, stdout: 'i-ann\n', stderr: '' });
    const created = await run('create new@example.com -o json');
    expect([created.code, JSON.parse(created.stdout).outcome]).toEqual([0, 'created']);
    expect(created.stderr).toContain('warning: cannot remember on this machine who was mailed');
  });

  test.each(['auth login work --api-key K --secret-command op --no-verify', '-p sandbox list', 'list -p work'])(
    '%s is refused, and the variables are named',
    async (line) => {
      const stderr = expect.stringContaining('set HOME, or INVITE_CONFIG_DIR and INVITE_STATE_DIR');
      expect(await run(line)).toMatchObject({ code: 2, stderr });
    },
  );
});
