import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import type { Clock } from '../../src/host.ts';
import { environment, type Host, type Output } from '../../src/host.ts';
import { main } from '../../src/main.ts';

export interface World {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Streams are no terminal unless a test says so. */
  readonly tty?: boolean;
  readonly columns?: number;
  readonly clock?: Partial<Clock>;
  readonly onSignal?: Host['onSignal'];
  /** Runs programs of a profile; without it none runs. */
  readonly run?: Host['run'];
  /** Folder of settings and state; by default one of its own for each test file. */
  readonly folder?: string;
  /** The number that the process believes to have; its locks name it. */
  readonly pid?: number;
  /** Of a supported line by default: about an old one the doctor has something to say. */
  readonly nodeVersion?: string;
}

/** Somebody types this at a terminal where nothing is redrawn. */
export const atTerminal = (stdin: string, env = {}): World => {
  const plain = { ACCESSIBLE: '1', NO_COLOR: '1', ...env };
  return { tty: true, columns: 200, stdin, env: plain };
};

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const made: string[] = [];

/** A folder that is gone when the process of the test is. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'invite-test-'));
  made.push(folder);
  return folder;
}

// Vitest ends its processes with a signal, after many files each: a hook of the first file would come too early.
process.once('SIGTERM', () => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
  process.exit();
});

/** Splits a line as a shell would, as far as tests need: spaces, and quotes around words with spaces. */
function words(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? '',
  );
}

/** The program within this process: what somebody types, and everything that comes of it. */
export async function runCli(line: string | readonly string[], world: World = {}): Promise<Ran> {
  const { host, stdout, stderr } = testHost(world);
  const code = await main(typeof line === 'string' ? words(line) : line, host);
  return { code, stdout: stdout.join(''), stderr: stderr.join('') };
}

export function testHost(world: World = {}) {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const folder = world.folder ?? temporaryFolder();
  const own = world.pid ?? process.pid;
  const input = Readable.from(world.stdin === undefined ? [] : [Buffer.from(world.stdin)]);
  const host: Host = {
    env: environment(world.env ?? {}),
    stdin: { isTTY: world.tty === true, stream: input as unknown as NodeJS.ReadStream },
    stdout: capture(stdout, world),
    stderr: capture(stderr, world),
    clock: { ...testClock(), ...world.clock },
    processes: { pid: own, startTime: (pid) => (pid === own ? 'now' : undefined), place: () => 'here/1' },
    platform: 'linux',
    nodeVersion: world.nodeVersion ?? '24.11.0',
    uid: process.getuid?.(),
    configDir: join(folder, 'config'),
    stateDir: join(folder, 'state'),
    onSignal: world.onSignal ?? (() => () => {}),
    exit: (code) => {
      throw new Error(`exit ${code}`);
    },
    run: world.run ?? (() => Promise.reject(new Error('no program runs in a test'))),
    startAgain: () => Promise.reject(new Error('no program runs in a test')),
  };
  return { host, stdout, stderr };
}

function capture(into: string[], { tty = false, columns }: World): Output {
  return {
    isTTY: tty,
    columns,
    stream: new PassThrough() as unknown as NodeJS.WriteStream,
    write: async (text) => {
      into.push(text);
    },
  };
}

export type TestClock = Clock & { pass(milliseconds: number): void };

/** The real time of day, but nobody waits; `pass` moves it on. A frozen one moves only so, however slow the machine is. */
export function testClock({ isFrozen = false, at = Date.now(), random = (): number => 0.5 } = {}): TestClock {
  let elapsed = 0;
  // Without fractions, so that sums of milliseconds are what they are on paper.
  const monotonic = Math.round(performance.now());
  return {
    now: () => (isFrozen ? at : Date.now()) + elapsed,
    monotonic: () => (isFrozen ? monotonic : performance.now()) + elapsed,
    random,
    every: () => () => {},
    pass: (milliseconds) => {
      elapsed += milliseconds;
    },
    sleep: (milliseconds, signal) => {
      // The limit of a whole command never comes in a test that does not wait.
      if (milliseconds >= 10_000)
        return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
      if (signal?.aborted) return Promise.reject(signal.reason);
      elapsed += milliseconds;
      return Promise.resolve();
    },
  };
}
