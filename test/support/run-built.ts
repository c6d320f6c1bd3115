import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './run-cli.ts';

export const program = fileURLToPath(new URL('../../bin/invite.js', import.meta.url));

/** A credential that is easy to find wherever it should not be. */
export const fakeKey = 'FAKEKEY0MARKER01';
export const fakeSecret = 'cfltFAKE-secret+marker/9Zq7==';
export const fakeCredentials = { api_key: fakeKey, api_secret: fakeSecret };

/** What the program needs to find an API of the tests. */
export function clientOf(endpoint: string, { api_key, api_secret } = fakeCredentials) {
  return {
    CONFLUENT_CLOUD_API_KEY: api_key,
    CONFLUENT_CLOUD_API_SECRET: api_secret,
    CONFLUENT_CLOUD_ENDPOINT: endpoint,
  };
}

export interface RunOptions {
  /** Beside PATH, the folders and the fake credential. Undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly endpoint?: string;
  /** Where HOME, the config and the state lie. Unsaid: a folder of its own, removed afterwards. */
  readonly home?: string;
  readonly cwd?: string;
  /** Written to stdin. Unsaid: stdin is closed. */
  readonly input?: string;
  /** Ends it with a signal, after this many milliseconds or when the promise resolves. */
  readonly kill?: { readonly signal: NodeJS.Signals; readonly when: number | Promise<unknown> };
  /** Hears the number of the process. */
  readonly started?: (pid: number) => void;
  /** Milliseconds until it is killed for good. */
  readonly limit?: number;
  readonly uid?: number;
}

export interface Outcome {
  /** Null if a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

/** Runs the built command as its user would, in an environment that holds nothing else. */
export function runBuilt(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return run([process.execPath, program, ...args], options);
}

/**
 * A script for bash, in which `invite` is the built command: for pipes, closed streams and full disks. The exit code of
 * the first command of a pipe that fails is that of the script.
 */
export function runShell(script: string, options: RunOptions = {}): Promise<Outcome> {
  const invite = `invite() { '${process.execPath}' '${program}' "$@"; }`;
  return run(['bash', '-c', `set -o pipefail\n${invite}\n${script}`], options);
}

async function run([command = '', ...args]: readonly string[], options: RunOptions): Promise<Outcome> {
  const start = performance.now();
  const { home = temporaryFolder(), cwd = home, uid } = options;
  const own = uid === undefined ? {} : { uid, gid: uid };
  const child = spawn(command, args, { env: environmentOf(home, options), cwd, ...own, stdio: 'pipe' });
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const limit = setTimeout(() => child.kill('SIGKILL'), options.limit ?? 120_000);
  if (child.pid !== undefined) options.started?.(child.pid);
  killLater(child, options.kill);
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (...ended) => resolve(ended));
  });
  clearTimeout(limit);
  return { code, signal, stdout: stdout(), stderr: stderr(), ms: performance.now() - start };
}

/** All that the command is told by its environment. */
export function environmentOf(
  home: string,
  { endpoint, env }: Pick<RunOptions, 'endpoint' | 'env'>,
): Record<string, string> {
  const all = {
    PATH: process.env.PATH,
    HOME: home,
    INVITE_CONFIG_DIR: join(home, 'config'),
    INVITE_STATE_DIR: join(home, 'state'),
    CONFLUENT_CLOUD_API_KEY: fakeKey,
    CONFLUENT_CLOUD_API_SECRET: fakeSecret,
    CONFLUENT_CLOUD_ENDPOINT: endpoint,
    ...env,
  };
  return Object.fromEntries(Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined));
}

function killLater(child: ChildProcess, kill: RunOptions['kill']): void {
  if (kill === undefined) return;
  const act = () => child.kill(kill.signal);
  if (typeof kill.when !== 'number') return void kill.when.then(act);
  const timer = setTimeout(act, kill.when);
  child.on('close', () => clearTimeout(timer));
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}
