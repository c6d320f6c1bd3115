import { setMaxListeners } from 'node:events';
import { CliError } from '../errors.ts';
import type { Host } from '../host.ts';

/** Milliseconds that changes under way have after a first Ctrl-C. */
const grace = 10_000;

/** Ctrl-C, its relatives, and the end of `--timeout`, as two signals. */
export interface Interruption {
  /** Begin nothing new. */
  readonly signal: AbortSignal;
  /** End what is under way, too. */
  readonly deadline: AbortSignal;
  /** From here on something is under way that should be let to end. */
  enableGracePeriod(): void;
  /** The command may take so many milliseconds. */
  limit(timeout: number): void;
  /** Listens no longer. */
  end(): void;
}

const codes = { SIGTERM: 143, SIGHUP: 129 } as const;

/** The first Ctrl-C stops new work, the second leaves at once, as SIGTERM and SIGHUP do. */
export function listenForSignals(host: Host): Interruption {
  const soft = new AbortController();
  const hard = new AbortController();
  const timers = new AbortController();
  // Each change under way listens, and Node would take more than ten for a leak.
  setMaxListeners(0, soft.signal, hard.signal);
  let isGraceful = false;
  const after = (milliseconds: number, act: () => void) => {
    host.clock.sleep(milliseconds, timers.signal).then(act, () => {});
  };
  const stop = (reason: CliError, wait: number) => {
    soft.abort(reason);
    if (wait === 0) hard.abort(reason);
    else after(wait, () => hard.abort(reason));
  };
  const leave = (code: number) => {
    // A prompt may have hidden the cursor.
    if (host.stderr.isTTY) host.stderr.stream.write('\u001b[?25h');
    host.exit(code);
  };
  const deafen = host.onSignal((signal) => {
    if (signal !== 'SIGINT') return leave(codes[signal]);
    if (soft.signal.aborted) return leave(130);
    stop(new CliError('cancelled', 'cancelled'), isGraceful ? grace : 0);
  });
  return {
    signal: soft.signal,
    deadline: hard.signal,
    enableGracePeriod: () => {
      isGraceful = true;
    },
    limit: (timeout) => after(timeout, () => stop(timedOut(timeout), 0)),
    end: () => {
      timers.abort('done');
      deafen();
    },
  };
}

function timedOut(timeout: number): CliError {
  return new CliError('timeout', `not done within ${timeout / 1000} s`, {
    retryable: true,
    hints: ['--timeout takes longer'],
  });
}
