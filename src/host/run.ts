import { type ChildProcess, spawn } from 'node:child_process';
import { ifPossible } from '../errors.ts';
import { type TimeoutOptions, untilAborted, withTimeout } from './timeout.ts';

type Variables = Readonly<Record<string, string | undefined>>;

export interface RunOptions {
  readonly timeout: number;
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

const kept = [
  'PATH',
  'HOME',
  'USER',
  'LANG',
  'TERM',
  'XDG_RUNTIME_DIR',
  'SYSTEMROOT',
  'PATHEXT',
  'APPDATA',
  'LOCALAPPDATA',
];

/** Milliseconds that output may take to arrive after the program has ended while something it started is still running. */
const drainTime = 200;

interface Surroundings {
  readonly env: Variables;
  readonly clock: TimeoutOptions['clock'];
  /** Kills the process group of this leader; undefined where there are none. */
  readonly killGroup: ((leader: number) => void) | undefined;
  /** Calls this when the process ends, until the returned function is called. */
  atExit(act: () => void): () => void;
}

/**
 * Runs a program without a shell; resolves to its stdout. Rejects if it fails, prints too much or takes too long, and with
 * the signal's reason when that aborts. The program leads a process group of its own, which is killed as a whole: what it
 * started does not outlive the limits. What it leaves behind when it ends well, such as an agent, is not waited for.
 */
export async function runProgram(
  argv: readonly string[],
  { timeout, maxBytes, signal }: RunOptions,
  { env, clock, killGroup, atExit }: Surroundings,
): Promise<string> {
  signal?.throwIfAborted();
  const [program = '', ...rest] = argv;
  const environment = Object.fromEntries(kept.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
  const child = spawn(program, rest, {
    env: environment,
    detached: killGroup !== undefined,
    windowsHide: true,
    stdio: ['inherit', 'pipe', 'inherit'],
  });
  // It may have ended.
  const kill = () => ifPossible(() => (killGroup && child.pid ? killGroup(child.pid) : child.kill('SIGKILL')));
  const stopWatching = atExit(kill);
  const error = () => new Error(`it was killed: it took longer than ${timeout / 1000} s`);
  const output = outputOf(child, maxBytes, () => clock.sleep(drainTime));
  try {
    return await withTimeout({ clock, milliseconds: timeout, signal, error }, (limit) => untilAborted(output, limit));
  } catch (failure) {
    kill();
    throw failure;
  } finally {
    stopWatching();
    // What was left behind holds the pipe open.
    child.stdout.destroy();
    child.unref();
  }
}

type Piped = ChildProcess & { readonly stdout: NodeJS.ReadableStream };

function outputOf(child: Piped, maxBytes: number, drained: () => Promise<void>): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxBytes) reject(new Error(`it printed more than ${maxBytes} bytes`));
    });
    const done = () => resolve(Buffer.concat(chunks).toString('utf8'));
    child.on('error', reject);
    child.on('exit', (code, killedBy) => {
      if (killedBy !== null) return reject(new Error(`it was killed by ${killedBy}`));
      if (code !== 0) return reject(new Error(`it ended with exit code ${code}`));
      child.on('close', done);
      drained().then(done, reject);
    });
  });
}
