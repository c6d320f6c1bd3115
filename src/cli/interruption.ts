import { setMaxListeners } from 'node:events';
import { CliError } from '../errors.ts';
import type { Host } from '../host.ts';

/** Milliseconds that pending changes have after a first Ctrl-C. */
const grace = 10_000;

/** Ctrl-C, other signals, and the end of `--timeout`, as two abort signals. */
export interface Interruption {
  /** Start nothing new. */
  readonly signal: AbortSignal;
  /** Stop pending requests, too. */
  readonly deadline: AbortSignal;
  /** From here on a first Ctrl-C lets pending changes finish. */
  enableGracePeriod(): void;
  /** Stops the command after this many milliseconds. */
  limit(timeout: number): void;
  /** Calls this before a signal ends the process at once. */
  beforeExit(cleanUp: () => void): void;
  /** Stops listening. */
  end(): void;
}

const codes = { SIGTERM: 143, SIGHUP: 129 } as const;

export type SignalExitCode = (typeof codes)[keyof typeof codes];

/** The first Ctrl-C starts nothing new, the second ends the process at once, as SIGTERM and SIGHUP do. */
export function listenForSignals(host: Host): Interruption {
  const soft = new AbortController();
  const hard = new AbortController();
  const timers = new AbortController();
  // Each pending change listens, and Node would report more than ten as a leak.
  setMaxListeners(0, soft.signal, hard.signal);
  let isGraceful = false;
  let cleanUp = () => {};
  const after = (milliseconds: number, act: () => void) => {
    host.clock.sleep(milliseconds, timers.signal).then(act, () => {});
  };
  const stop = (reason: CliError, wait: number) => {
    soft.abort(reason);
    if (wait === 0) hard.abort(reason);
    else after(wait, () => hard.abort(reason));
  };
  const exit = (code: number) => {
    cleanUp();
    // A prompt may have hidden the cursor.
    if (host.stderr.isTTY) host.stderr.stream.write('\u001b[?25h');
    host.exit(code);
  };
  const stopListening = host.onSignal((signal) => {
    if (signal !== 'SIGINT') return exit(codes[signal]);
    if (soft.signal.aborted) return exit(130);
    stop(new CliError('cancelled', 'cancelled'), isGraceful ? grace : 0);
  });
  return {
    signal: soft.signal,
    deadline: hard.signal,
    enableGracePeriod: () => {
      isGraceful = true;
    },
    beforeExit: (act) => {
      cleanUp = act;
    },
    limit: (timeout) => after(timeout, () => stop(timedOut(timeout), 0)),
    end: () => {
      timers.abort('done');
      stopListening();
    },
  };
}

function timedOut(timeout: number): CliError {
  return new CliError('timeout', `not done within ${timeout / 1000} s`, {
    retryable: true,
    hints: ['use a longer --timeout'],
  });
}
