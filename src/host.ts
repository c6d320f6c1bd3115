import { readFileSync } from 'node:fs';
import paths from 'env-paths';
import { type Output, output } from './host/output.ts';
import { type RunOptions, runProgram } from './host/run.ts';

/** Time and chance, as everything below the host sees them; tests bring their own. */
export interface Clock {
  /** Milliseconds since 1970, for comparing with the times that the API sends. */
  now(): number;
  /** Milliseconds since the program began, which never jump: for deadlines and waits. */
  monotonic(): number;
  /** Resolves after so many milliseconds; rejects with the signal's reason as soon as it aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** From 0 up to, not including, 1. */
  random(): number;
}

/** The processes of this machine, as far as a lock must know them. */
export interface Processes {
  readonly pid: number;
  /** Tells a process from a later one with the same number; empty if the system does not say; undefined if none runs. */
  startTime(pid: number): string | undefined;
}

export type { Output } from './host/output.ts';
export type { RunOptions as Run } from './host/run.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Input {
  readonly isTTY: boolean;
  readonly stream: NodeJS.ReadStream;
}

/** The outside world. The one door through which it enters; a test brings a small world of its own. */
export interface Host {
  /** Empty variables are not in it: empty counts as unset. */
  readonly env: Environment;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly clock: Clock;
  /** Calls again and again until the returned function is called. It keeps no program alive. */
  every(milliseconds: number, act: () => void): () => void;
  readonly processes: Processes;
  readonly platform: NodeJS.Platform;
  readonly nodeVersion: string;
  readonly uid: number | undefined;
  readonly configDir: string;
  readonly stateDir: string;
  /** Hears Ctrl-C and its relatives until the returned function is called. */
  onSignal(listener: (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP') => void): () => void;
  /** Leaves at once, whatever is under way. */
  exit(code: number): void;
  /** Runs a program without a shell and with a bare environment; resolves to what it prints on stdout. */
  run(argv: readonly string[], limits: RunOptions): Promise<string>;
  /** Starts this very program once more, away from the terminal, and does not wait for it. */
  startAgain(args: readonly string[]): Promise<void>;
}

/** The variables that have a value. */
export function environment(variables: Environment): Environment {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
}

/** The real world: the only reader of `process`. */
export function realHost(): Host {
  const env = environment(process.env);
  const folders = paths('invite', { suffix: '' });
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
    every: (milliseconds, act) => {
      const timer = setInterval(act, milliseconds).unref();
      return () => clearInterval(timer);
    },
    processes: { pid: process.pid, startTime },
    platform: process.platform,
    nodeVersion: process.versions.node,
    uid: process.getuid?.(),
    configDir: env.INVITE_CONFIG_DIR ?? folders.config,
    stateDir: env.INVITE_STATE_DIR ?? folders.log,
    onSignal,
    exit: (code) => process.exit(code),
    run: (argv, limits) => runProgram(argv, limits, env),
    startAgain,
  };
}

const realClock: Clock = {
  now: () => Date.now(),
  // `performance` is loaded when first used, which takes 2 ms.
  monotonic: () => process.uptime() * 1000,
  random: () => Math.random(),
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
  const heard = (signal: NodeJS.Signals) => listener(signal as (typeof signals)[number]);
  for (const signal of signals) process.on(signal, heard);
  return () => {
    for (const signal of signals) process.off(signal, heard);
  };
}

/** What tells a process from a later one with the same number; empty where the system does not say; undefined if none runs. */
function startTime(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  try {
    // Field 22 of /proc/PID/stat, counted after the name, which may hold spaces and parentheses.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

async function startAgain(args: readonly string[]): Promise<void> {
  const { spawn } = await import('node:child_process');
  // The single executable is the program itself and has no script to name.
  const script = process.argv.slice(1, 2);
  spawn(process.execPath, [...script, ...args], { detached: true, stdio: 'ignore', windowsHide: true }).unref();
}
