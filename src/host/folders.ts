import { homedir, userInfo } from 'node:os';
import { isAbsolute, posix, win32 } from 'node:path';
import { CliError } from '../errors.ts';

type Variables = Readonly<Record<string, string | undefined>>;

const own = { config: 'INVITE_CONFIG_DIR', state: 'INVITE_STATE_DIR' } as const;

/**
 * The folder of settings or of state: the one that our variable names, else the platform's. Throws `usage` for a relative
 * path in our variable, and where neither that nor the environment tells a folder. A relative one in a variable of the XDG
 * specification is ignored, as that demands.
 */
export function folderFor(
  purpose: keyof typeof own,
  env: Variables,
  platform: NodeJS.Platform,
  home: string | undefined,
): string {
  const told = env[own[purpose]];
  if (told !== undefined) return absolute(own[purpose], told);
  const folder = (platforms.get(platform) ?? onUnix)(env, home)[purpose];
  if (folder !== undefined) return folder;
  throw new CliError('usage', `there is no folder for the ${purpose === 'config' ? 'profiles' : 'state'} of invite`, {
    reason: `neither ${own[purpose]} nor HOME names one, and this user has no home folder`,
    hints: [`set HOME, or ${own.config} and ${own.state}`],
  });
}

/** Throws `usage` if one of our variables names a relative path, whether or not it is needed. */
export function refuseRelativeFolders(env: Variables): void {
  for (const name of Object.values(own)) if (env[name] !== undefined) absolute(name, env[name]);
}

function absolute(name: string, path: string): string {
  if (isAbsolute(path)) return path;
  const hints = path.startsWith('~')
    ? [`the shell replaces ~ only where it is not quoted: write ${name}="$HOME${path.slice(1)}"`]
    : [`write ${name}="$PWD/${path}", if the current folder is meant`];
  throw new CliError('usage', `"${name}" is not an absolute path: "${path}"`, { hints, target: name });
}

interface Folders {
  readonly config: string | undefined;
  readonly state: string | undefined;
}

const platforms = new Map<NodeJS.Platform, typeof onUnix>([
  ['darwin', onMac],
  ['win32', onWindows],
]);

function onUnix(env: Variables, home: string | undefined): Folders {
  const folder = (variable: string, ...rest: string[]) => {
    const base = env[variable];
    return base?.startsWith('/') ? posix.join(base, 'invite') : home && posix.join(home, ...rest, 'invite');
  };
  return { config: folder('XDG_CONFIG_HOME', '.config'), state: folder('XDG_STATE_HOME', '.local', 'state') };
}

function onMac(_: Variables, home: string | undefined): Folders {
  const library = (name: string) => home && posix.join(home, 'Library', name, 'invite');
  return { config: library('Preferences'), state: library('Logs') };
}

function onWindows(env: Variables, home: string | undefined): Folders {
  const folder = (base: string | undefined, kind: string, name: string) => {
    const data = base ?? (home && win32.join(home, 'AppData', kind));
    return data && win32.join(data, 'invite', name);
  };
  return {
    config: folder(env.APPDATA, 'Roaming', 'Config'),
    state: folder(env.LOCALAPPDATA, 'Local', 'Log'),
  };
}

/** Undefined in a container whose user has no entry in passwd, and no HOME. */
export function homeFolder(): string | undefined {
  return [homedir, () => userInfo().homedir].map(attempt).find((home) => home !== undefined && isAbsolute(home));
}

function attempt(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
