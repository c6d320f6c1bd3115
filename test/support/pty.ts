import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Waits for a text to be drawn after what earlier steps saw, then types or gives a signal. */
export interface Step {
  readonly expect?: string;
  readonly send?: string;
  readonly signal?: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGKILL';
  /** Milliseconds between seeing and typing; 30 if unsaid. */
  readonly pause?: number;
}

interface PtyOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly columns?: number;
  readonly rows?: number;
  /** Milliseconds until it is killed. */
  readonly limit?: number;
  /** Where stdout goes; stdin and stderr are always the terminal. */
  readonly stdout?: 'terminal' | 'pipe';
}

interface PtyResult {
  /** Null if a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  /** Everything that came to the terminal, escape sequences and all. */
  readonly drawn: string;
  /** What was piped, if stdout was a pipe. */
  readonly stdout: string;
  /** Steps that did not come to pass. */
  readonly left: number;
  /** The terminal shows what is typed again, as it did before. */
  readonly echo: boolean;
}

export const keys = {
  enter: '\r',
  ctrlA: '\x01',
  ctrlC: '\x03',
  ctrlD: '\x04',
  ctrlT: '\x14',
  backspace: '\x7f',
  down: '\x1b[B',
  up: '\x1b[A',
} as const;

/** Runs a program as a person would who sits at a terminal. Needs python3, which has terminals in its library. */
export async function runInPty(
  argv: readonly string[],
  steps: readonly Step[],
  options: PtyOptions = {},
): Promise<PtyResult> {
  const { env = {}, cwd = '/', columns = 100, rows = 30, limit = 50_000, stdout = 'terminal' } = options;
  const job = {
    argv,
    steps,
    cwd,
    columns,
    rows,
    limit,
    stdout,
    env: { PATH: process.env.PATH ?? '', TERM: 'xterm-256color', ...env },
  };
  const { drawn, stdout: piped, ...rest } = await drive(job);
  const text = (encoded: string) => Buffer.from(encoded, 'base64').toString('utf8');
  return { ...rest, drawn: text(drawn), stdout: text(piped) };
}

const waiting = new Map<number, (result: PtyResult) => void>();
let driver: ChildProcessWithoutNullStreams | undefined;
let jobs = 0;

/** One driver for all, since to start it takes longer than most of what it runs. It ends with this process. */
function drive(job: object): Promise<PtyResult> {
  driver ??= startDriver();
  jobs += 1;
  driver.stdin.write(`${JSON.stringify({ id: jobs, ...job })}\n`);
  return new Promise((resolve) => waiting.set(jobs, resolve));
}

function startDriver(): ChildProcessWithoutNullStreams {
  const started = spawn('python3', ['-ISBu', join(import.meta.dirname, 'pty-driver.py')]);
  started.stderr.pipe(process.stderr);
  createInterface(started.stdout).on('line', (line) => {
    const { id, ...result } = JSON.parse(line);
    waiting.get(id)?.(result);
    waiting.delete(id);
  });
  return started;
}

/** What a person reads of what was drawn. */
export function visible(drawn: string): string {
  return drawn.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '');
}
