import type { ChildProcess } from 'node:child_process';

type Variables = Readonly<Record<string, string | undefined>>;

export interface RunOptions {
  readonly timeout: number;
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

/** The environment variables that the program inherits. */
const kept = [
  ...['PATH', 'HOME', 'USER', 'LANG', 'TERM', 'XDG_RUNTIME_DIR'],
  ...['SYSTEMROOT', 'PATHEXT', 'APPDATA', 'LOCALAPPDATA'],
];

/** Milliseconds that output may take to arrive after the program has ended while something it started is still running. */
const drainTime = 200;

interface Surroundings {
  readonly env: Variables;
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
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
  { env, sleep, killGroup, atExit }: Surroundings,
): Promise<string> {
  signal?.throwIfAborted();
  // Takes 2 ms to load, and is needed only for a secret_command.
  const { spawn } = await import('node:child_process');
  const [program = '', ...rest] = argv;
  const environment = Object.fromEntries(kept.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
  const child = spawn(program, rest, {
    ...{ env: environment, detached: killGroup !== undefined, windowsHide: true },
    stdio: ['inherit', 'pipe', 'inherit'],
  });
  const kill = () => killAll(child, killGroup);
  const stopWatching = atExit(kill);
  const limits = new AbortController();
  const stop = () => limits.abort(signal?.reason);
  signal?.addEventListener('abort', stop, { once: true });
  const tooLong = () => limits.abort(new Error(`it was killed: it took longer than ${timeout / 1000} s`));
  sleep(timeout, limits.signal).then(tooLong, () => {});
  try {
    const output = outputOf(child, maxBytes, () => sleep(drainTime));
    return await Promise.race([output, aborted(limits.signal)]);
  } catch (error) {
    kill();
    throw error;
  } finally {
    limits.abort('done');
    stopWatching();
    signal?.removeEventListener('abort', stop);
    // What was left behind holds the pipe open.
    child.stdout.destroy();
    child.unref();
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
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

function killAll(child: ChildProcess, killGroup: ((pid: number) => void) | undefined): void {
  if (child.pid === undefined) return;
  try {
    if (killGroup === undefined) child.kill('SIGKILL');
    else killGroup(child.pid);
  } catch {
    // It has ended.
  }
}
