import { closeSync, fstatSync, openSync, readFileSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { CliError } from '../errors.ts';
import type { Clock, Processes } from '../host.ts';

export interface LockOptions {
  readonly clock: Clock;
  readonly processes: Processes;
  /** Milliseconds to wait for another holder. */
  readonly wait: number;
}

interface Holder {
  /** Identifies this holder, or a lock file that names no process. */
  readonly token: string;
  readonly pid: number | undefined;
  readonly isGone: boolean;
}

/** Milliseconds after which a lock file that names no process counts as abandoned. */
const abandonedAfter = 5000;

/**
 * Runs `act` while holding the lock file at `path`. The file holds a process id and the start time of that process; a
 * lock whose process is gone is taken over. Throws `locked` if another process holds it for longer than `wait`.
 */
export async function withLock<T>(path: string, options: LockOptions, act: () => Promise<T>): Promise<T> {
  const token = tokenOf(options.processes);
  const deadline = options.clock.monotonic() + options.wait;
  while (!create(path, token)) {
    const holder = holderOf(path, options);
    if (holder === undefined) continue;
    if (holder.isGone && removeAbandoned(path, holder, options)) continue;
    if (options.clock.monotonic() >= deadline) throw lockedBy(path, holder);
    await options.clock.sleep(1 + options.clock.random() * 9);
  }
  try {
    return await act();
  } finally {
    if (contentOf(path) === token) remove(path);
  }
}

function tokenOf({ pid, startTime }: Processes): string {
  return `${pid} ${startTime(pid) ?? ''}\n`;
}

/** False if the file already exists. */
function create(path: string, token: string): boolean {
  try {
    const file = openSync(path, 'wx', 0o600);
    try {
      if (writeSync(file, token) < token.length) throw new Error('the disk is full');
      // If we were suspended before this line, another process may have removed the file as abandoned.
      return fstatSync(file).nlink > 0;
    } catch (error) {
      remove(path);
      throw error;
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    const reason = codeOf(error) ?? (error as Error).message;
    throw new CliError('io_error', `cannot create the lock file "${path}"`, { reason, cause: error });
  }
}

/** Undefined if the file no longer exists. */
function holderOf(path: string, { clock, processes }: LockOptions): Holder | undefined {
  const content = contentOf(path);
  if (content === undefined) return undefined;
  const [, number, start] = /^(\d{1,10}) (\w*)\n$/.exec(content) ?? [];
  if (number === undefined || start === undefined) return unnamedHolder(path, clock);
  const now = processes.startTime(Number(number));
  const isGone = now === undefined || (now !== '' && start !== '' && now !== start);
  return { token: content.trim().replace(' ', '-'), pid: Number(number), isGone };
}

function unnamedHolder(path: string, clock: Clock): Holder | undefined {
  const file = statSync(path, { throwIfNoEntry: false });
  if (file === undefined) return undefined;
  return { token: `of-file-${file.ino}`, pid: undefined, isGone: clock.now() - file.mtimeMs > abandonedAfter };
}

/**
 * Removes the lock of a process that is gone; false if another process is doing that. Only one process may do so at a
 * time: a slow second one would remove the new lock of the first. Hence a lock for the removal of this very holder's
 * lock, which is checked again under it. That second lock may be abandoned, too, and is removed in the same way.
 */
function removeAbandoned(path: string, gone: Holder, options: LockOptions): boolean {
  const guard = `${path}.${gone.token}`;
  if (!create(guard, tokenOf(options.processes))) {
    const holder = holderOf(guard, options);
    return holder === undefined || (holder.isGone && removeAbandoned(guard, holder, options));
  }
  try {
    const holder = holderOf(path, options);
    if (holder?.isGone && holder.token === gone.token) remove(path);
    return true;
  } finally {
    remove(guard);
  }
}

function lockedBy(path: string, { pid }: Holder): CliError {
  const hints = [`wait until it has finished; if it is no longer running, remove "${path}"`];
  const reason = pid === undefined ? 'another process is creating it' : `process ${pid} holds it`;
  return new CliError('locked', `cannot lock "${path}"`, { reason, hints, retryable: true, target: path });
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1').slice(0, 100);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new CliError('io_error', `cannot read the lock file "${path}"`, {
      reason: codeOf(error) ?? '',
      cause: error,
    });
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
