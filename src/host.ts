import { fstatSync, readFileSync, readlinkSync, writeSync } from 'node:fs';
import { homedir, hostname, userInfo } from 'node:os';
import { isAbsolute, posix, win32 } from 'node:path';
import { CliError, ifPossible, wordsOf } from './errors.ts';
import type { RunOptions } from './host/run.ts';

/** Time and randomness; tests replace them. */
export interface Clock {
  /** Milliseconds since 1970, for comparing with the times that the API sends. */
  now(): number;
  /** Milliseconds since the program started, which never jump: for deadlines and waits. */
  monotonic(): number;
  /** Resolves after this time; rejects with the signal's reason as soon as it aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Calls `act` at an interval until the returned function is called. It does not keep the process alive. */
  every(milliseconds: number, act: () => void): () => void;
  /** From 0 up to, not including, 1. */
  random(): number;
}

/** The processes of this machine, as far as a lock needs them. */
export interface Processes {
  readonly pid: number;
  /** Distinguishes a process from a later one with the same id; empty if the system does not say; undefined if none runs. */
  startTime(pid: number): string | undefined;
  /** Machine and process namespace, as `machine/4026531836`: where ids of processes mean the same as here. */
  place(): string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The reader of stdout has closed the pipe (`| head`): no failure, but nothing more can be written. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed';
}

export interface Output {
  readonly isTTY: boolean;
  /** The current width of the terminal; undefined where there is none. */
  readonly columns: number | undefined;
  readonly stream: NodeJS.WriteStream;
  /** Resolves when the text is written. Rejects with `OutputClosed` if the reader has closed the pipe, else with `io_error`. */
  write(text: string): Promise<void>;
}

/** Everything outside the program; a test passes one of its own. */
export interface Host {
  /** Without empty variables, which count as unset. */
  readonly env: Environment;
  readonly stdin: { readonly isTTY: boolean; readonly stream: NodeJS.ReadStream };
  readonly stdout: Output;
  readonly stderr: Output;
  readonly clock: Clock;
  readonly processes: Processes;
  readonly platform: NodeJS.Platform;
  readonly nodeVersion: string;
  readonly uid: number | undefined;
  /** Both throw `usage` where there is no such folder. */
  readonly configDir: string;
  readonly stateDir: string;
  /** Listens for signals until the returned function is called. */
  onSignal(listener: (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP') => void): () => void;
  exit(code: number): void;
  /** Runs a program without a shell and with a minimal environment; resolves to its stdout. */
  run(argv: readonly string[], limits: RunOptions): Promise<string>;
  /** Starts this program again, detached from the terminal, without waiting for it. */
  startAgain(args: readonly string[]): Promise<void>;
}

export function environment(variables: Environment): Environment {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
}

/** The real host: the only reader of `process`. */
export function realHost(): Host {
  const env = environment(process.env);
  // There is none in a container whose user has no entry in passwd, and no HOME.
  const folders = [homedir, () => userInfo().homedir].map(ifPossible);
  const home = folders.find((folder) => folder !== undefined && isAbsolute(folder));
  // `conf` looks for a home folder as soon as it is loaded, whatever folder it is given.
  if (home === undefined) process.env.HOME = '/';
  return {
    env,
    stdin: {
      get isTTY() {
        return process.stdin.isTTY === true;
      },
      get stream() {
        return process.stdin;
      },
    },
    stdout: output(() => process.stdout, 'stdout', 1),
    stderr: output(() => process.stderr, 'stderr', 2),
    clock: realClock,
    processes: { pid: process.pid, startTime, place },
    platform: process.platform,
    nodeVersion: process.versions.node,
    uid: process.getuid?.(),
    get configDir() {
      return folderFor('config', env, process.platform, home);
    },
    get stateDir() {
      return folderFor('state', env, process.platform, home);
    },
    onSignal,
    exit: (code) => process.exit(code),
    run: async (argv, limits) => {
      const { runProgram } = await import('./host/run.ts');
      return runProgram(argv, limits, { env, clock: realClock, killGroup, atExit });
    },
    startAgain,
  };
}

const realClock: Clock = {
  now: () => Date.now(),
  // `performance` would take 2 ms to load.
  monotonic: () => process.uptime() * 1000,
  random: () => Math.random(),
  every: (milliseconds, act) => {
    const timer = setInterval(act, milliseconds).unref();
    return () => clearInterval(timer);
  },
  sleep: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const done = () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      };
      const stop = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      // A longer timer would fire at once: Node keeps the delay in 32 bits.
      const timer = setTimeout(done, Math.min(milliseconds, 2 ** 31 - 1));
      signal?.addEventListener('abort', stop, { once: true });
    }),
};

function onSignal(listener: (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP') => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const forward = (signal: NodeJS.Signals) => listener(signal as (typeof signals)[number]);
  for (const signal of signals) process.on(signal, forward);
  return () => {
    for (const signal of signals) process.off(signal, forward);
  };
}

const killGroup = process.platform === 'win32' ? undefined : (leader: number) => void process.kill(-leader, 'SIGKILL');

function atExit(act: () => void): () => void {
  process.on('exit', act);
  return () => process.off('exit', act);
}

function startTime(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  // Field 22 of /proc/PID/stat, counted after the name, which may hold spaces and parentheses.
  const stat = ifPossible(() => readFileSync(`/proc/${pid}/stat`, 'latin1')) ?? '';
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A zombie has ended, and only its parent has not asked how.
  return state === 'Z' ? undefined : (fields[18] ?? '');
}

function place(): string {
  // Only Linux has them.
  const namespace = ifPossible(() => readlinkSync('/proc/self/ns/pid'))?.replace(/\D/g, '');
  return `${hostname().replace(/[^\w.-]/g, '_') || 'unknown'}/${namespace || '0'}`;
}

async function startAgain(args: readonly string[]): Promise<void> {
  const { spawn } = await import('node:child_process');
  // The single executable has no script argument.
  const script = process.argv.slice(1, 2);
  spawn(process.execPath, [...script, ...args], { detached: true, stdio: 'ignore', windowsHide: true }).unref();
}

const own = { config: 'INVITE_CONFIG_DIR', state: 'INVITE_STATE_DIR' } as const;

/**
 * The folder of settings or of state: the one that our variable names, else the platform's. Throws `usage` for a relative
 * path in our variable, and where neither that nor the environment tells a folder. A relative one in a variable of the XDG
 * specification is ignored, as that demands.
 */
export function folderFor(
  purpose: keyof typeof own,
  env: Environment,
  platform: NodeJS.Platform,
  home: string | undefined,
): string {
  const told = env[own[purpose]];
  if (told !== undefined) return absolute(own[purpose], told);
  const folder = platformFolder(purpose === 'config', env, platform, home);
  if (folder !== undefined) return folder;
  throw new CliError('usage', `there is no folder for the ${purpose === 'config' ? 'profiles' : 'state'} of invite`, {
    reason: `neither ${own[purpose]} nor HOME names one, and this user has no home folder`,
    hints: [`set HOME, or ${own.config} and ${own.state}`],
  });
}

/** Throws `usage` if one of our variables names a relative path, whether or not it is needed. */
export function refuseRelativeFolders(env: Environment): void {
  for (const name of Object.values(own)) if (env[name] !== undefined) absolute(name, env[name]);
}

function absolute(name: string, path: string): string {
  if (isAbsolute(path)) return path;
  const [first] = path;
  const isOfShell = first === '~' || first === '$';
  const hints = isOfShell
    ? [`the shell replaces ${first} only where it is not quoted`]
    : [`write ${name}="$PWD/${path}", if the current folder is meant`];
  if (/^~(?:\/|$)/.test(path)) hints.push(`write ${name}="$HOME${path.slice(1)}"`);
  throw new CliError('usage', `"${name}" is not an absolute path: "${path}"`, { hints, target: name });
}

function platformFolder(
  isConfig: boolean,
  env: Environment,
  platform: NodeJS.Platform,
  home: string | undefined,
): string | undefined {
  if (platform === 'darwin') return home && posix.join(home, 'Library', isConfig ? 'Preferences' : 'Logs', 'invite');
  if (platform === 'win32') {
    const data = isConfig ? env.APPDATA : env.LOCALAPPDATA;
    const base = data ?? (home && win32.join(home, 'AppData', isConfig ? 'Roaming' : 'Local'));
    return base && win32.join(base, 'invite', isConfig ? 'Config' : 'Log');
  }
  const xdg = isConfig ? env.XDG_CONFIG_HOME : env.XDG_STATE_HOME;
  const base = xdg?.startsWith('/') ? xdg : home && posix.join(home, ...(isConfig ? ['.config'] : ['.local', 'state']));
  return base && posix.join(base, 'invite');
}

/**
 * The stream is opened only if needed: that loads `node:net` and takes 4 ms. Node writes to files and pipes synchronously
 * anyway, so until the stream is open, texts are written to the file descriptor.
 */
function output(open: () => NodeJS.WriteStream, name: string, fd: number): Output {
  let failure: Error | undefined;
  let stream: NodeJS.WriteStream | undefined;
  let isDevice: boolean | undefined;
  const mayBeTerminal = () => {
    isDevice ??= ifPossible(() => fstatSync(fd).isCharacterDevice()) ?? true;
    return isDevice;
  };
  const opened = () => {
    if (stream === undefined) {
      stream = open();
      stream.on('error', (error) => {
        failure ??= writeFailure(error, name);
      });
    }
    return stream;
  };
  return {
    get isTTY() {
      return mayBeTerminal() && open().isTTY === true;
    },
    get columns() {
      return mayBeTerminal() ? open().columns : undefined;
    },
    get stream() {
      return opened();
    },
    write: (text) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) return reject(failure);
        const bytes = Buffer.from(text);
        const written = stream === undefined && !mayBeTerminal() ? writeNow(fd, bytes) : 0;
        if (written === bytes.length) return resolve();
        opened().write(bytes.subarray(written), (error) => (error ? reject(writeFailure(error, name)) : resolve()));
      }),
  };
}

/** The number of bytes written. For the rest the stream meets the same obstacle again, and waits or reports it. */
function writeNow(fd: number, bytes: Buffer): number {
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(fd, bytes, written);
  } catch {}
  return written;
}

function writeFailure(error: Error & { code?: string }, name: string): Error {
  if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') return new OutputClosed();
  return new CliError('io_error', `cannot write to ${name}`, { reason: wordsOf(error), cause: error });
}
