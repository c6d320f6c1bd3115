/** Time and chance, as everything below the host sees them; tests bring their own. */
export interface Clock {
  /** Milliseconds since 1970, for comparing with the times that the API sends. */
  now(): number;
  /** Milliseconds since the program began, which never jump: for deadlines and waits. */
  monotonic(): number;
  /** Resolves after so many milliseconds; rejects with the signal's reason as soon as it aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** From 0 up to, not including, 1. */
  random(): number;
}
