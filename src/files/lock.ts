import { fstatSync, openSync, utimesSync } from 'node:fs';
import { CliError, errnoOf, ifPossible, ioError, wordsOf } from '../errors.ts';
import type { Clock, Processes } from '../host.ts';
import { close, headOf, isMissing, withFile } from './read.ts';
import { makePrivate, removeFile, writeAll } from './write.ts';

export interface LockOptions {
  readonly clock: Clock;
  readonly processes: Processes;
  /** Milliseconds to wait for another holder. */
  readonly wait: number;
  /** Told if the lock cannot be removed afterwards; what was done under it stands. */
  readonly say?: (text: string) => void;
}

interface Holder {
  /** Identifies this holder, or a lock file that names no process. */
  readonly token: string;
  /** Who it is, for people. */
  readonly name: string;
  readonly isGone: boolean;
}

/** Milliseconds after which a lock file that names no process counts as abandoned. */
const abandonedAfter = 5000;

/** Milliseconds after which the lock of another machine or container does, whose processes cannot be seen from here. */
const silentAfter = 600_000;

/** Milliseconds between two signs of life of a holder. */
const pulse = 60_000;

/**
 * Runs `act` while holding the lock file at `path`. The file holds a process id, the start time of that process, and the
 * machine and process namespace in which that id means anything; a lock whose process is gone is taken over, one of
 * another machine only when it has shown no sign of life for ten minutes. Throws `locked` if another process holds it for
 * longer than `wait`, `io_error` if it cannot be created.
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
  const stopPulse = options.clock.every(pulse, () => {
    const now = options.clock.now() / 1000;
    // If the file is gone or write-protected, others judge by what they see.
    ifPossible(() => utimesSync(path, now, now));
  });
  try {
    return await act();
  } finally {
    stopPulse();
    release(path, token, options);
  }
}

function release(path: string, token: string, { say }: LockOptions): void {
  try {
    if (readLock(path)?.content === token) removeFile(path);
  } catch (error) {
    const reason = error instanceof CliError ? error.details.reason : wordsOf(error);
    say?.(`warning: cannot remove the lock file "${path}": ${reason}`);
  }
}

function tokenOf({ pid, startTime, place }: Processes): string {
  return `${pid} ${startTime(pid) ?? ''} ${place()}\n`;
}

/** False if the file already exists. */
function create(path: string, token: string): boolean {
  try {
    const file = openSync(path, 'wx', 0o600);
    try {
      makePrivate(file);
      writeAll(file, Buffer.from(token));
      // If we were suspended before this line, another process may have removed the file as abandoned.
      return fstatSync(file).nlink > 0;
    } catch (error) {
      removeFile(path);
      throw error;
    } finally {
      close(file);
    }
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw ioError(`cannot create the lock file "${path}"`, path, error);
  }
}

/** Undefined if the file no longer exists. */
function holderOf(path: string, { clock, processes }: LockOptions): Holder | undefined {
  const found = readLock(path);
  if (found === undefined) return undefined;
  const { content, stats } = found;
  const age = clock.now() - stats.mtimeMs;
  const [, number, start, place] = /^(\d{1,10}) (\w*) ([\w./-]+)\n$/.exec(content) ?? [];
  if (number === undefined || start === undefined || place === undefined)
    return { token: `of-file-${stats.ino}`, name: 'another process is creating it', isGone: age > abandonedAfter };
  const token = `${number}-${start}-${place}`.replaceAll('/', '-');
  if (place !== processes.place()) {
    const [machine] = place.split('/');
    return { token, name: `process ${number} on "${machine}" holds it`, isGone: age > silentAfter };
  }
  return { token, name: `process ${number} holds it`, isGone: hasEnded(processes, Number(number), start) };
}

/** Whether a process of this machine has ended. Another one may have its number now, which was started at another time. */
export function hasEnded(processes: Processes, pid: number, start: string): boolean {
  const now = processes.startTime(pid);
  return now === undefined || (now !== '' && start !== '' && now !== start);
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
    if (holder?.isGone && holder.token === gone.token) removeFile(path);
    return true;
  } finally {
    removeFile(guard);
  }
}

function lockedBy(path: string, { name }: Holder): CliError {
  const hints = [`wait until it has finished; if it is no longer running, remove "${path}"`];
  return new CliError('locked', `cannot lock "${path}"`, { reason: name, hints, retryable: true, target: path });
}

/** Undefined if there is no such file. Throws `io_error` for a link, a pipe and whatever else is not a regular file. */
function readLock(path: string) {
  try {
    return withFile(path, { noFollow: true }, (file, stats) => {
      return { content: headOf(file, 200).toString('latin1'), stats };
    });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw ioError(`cannot read the lock file "${path}"`, path, error);
  }
}
