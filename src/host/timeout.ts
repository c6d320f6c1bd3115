export interface TimeoutOptions {
  readonly clock: { sleep(milliseconds: number, signal?: AbortSignal): Promise<void> };
  readonly milliseconds: number;
  /** Ends the work, too. */
  readonly signal?: AbortSignal | undefined;
  /** What the work is aborted with when the time is up. */
  error(): unknown;
}

/**
 * Does the work under a signal that aborts when the time is up, or when the given one does. It is for the work to stop
 * at that: what cannot is wrapped in `untilAborted`.
 */
export async function withTimeout<T>(
  { clock, milliseconds, signal, error }: TimeoutOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const forward = () => limit.abort(signal?.reason);
  if (signal?.aborted) forward();
  signal?.addEventListener('abort', forward, { once: true });
  clock.sleep(milliseconds, limit.signal).then(
    () => limit.abort(error()),
    () => {},
  );
  try {
    return await work(limit.signal);
  } finally {
    signal?.removeEventListener('abort', forward);
    // Ends the sleep; the work does not listen to it.
    limit.abort('done');
  }
}

/** Settles as the work does, or rejects when the signal aborts, whichever is first; what comes of the work then is dropped. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
