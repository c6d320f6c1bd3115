import { expect, test } from 'vitest';
import { folderFor } from '../../src/host/folders.ts';
import { runCli } from '../support/run-cli.ts';

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
])('%s=%s is refused by every command', async (name, value, hint) => {
  for (const line of ['list -o json', '-p sandbox list -o json', 'auth list -o json']) {
    const { code, stdout, stderr } = await runCli(line, { env: { [name]: value } });
    expect([code, stdout]).toEqual([2, '']);
    expect(JSON.parse(stderr).error).toMatchObject({ code: 'usage', message: expect.stringContaining(`"${name}"`) });
    expect(stderr).toContain(JSON.stringify(hint).slice(1, -1));
  }
});
