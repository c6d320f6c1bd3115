import { CliError } from '../errors.ts';
import type { Clock } from '../host.ts';
import { describeRequest } from './failure.ts';
import type { Layer, Request } from './send.ts';

export interface Deadline {
  readonly clock: Clock;
  readonly milliseconds: number;
  readonly request: Request;
}

/** Does the work under a signal that aborts with `timeout` when the time is up, or when the request's own does. */
export async function within<T>(deadline: Deadline, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { clock, milliseconds, request } = deadline;
  const limit = new AbortController();
  const forward = () => limit.abort(request.signal?.reason);
  if (request.signal?.aborted) forward();
  request.signal?.addEventListener('abort', forward, { once: true });
  clock.sleep(milliseconds, limit.signal).then(
    () => limit.abort(timedOut(deadline)),
    () => {},
  );
  try {
    return await work(limit.signal);
  } finally {
    request.signal?.removeEventListener('abort', forward);
    // Ends the sleep; of the work nothing is left to hear it.
    limit.abort('done');
  }
}

/** Ends an attempt that has not come to its last byte in time, however busily it drips. */
export function attemptDeadline(clock: Clock, milliseconds: number): Layer {
  return (next) => (request) => within({ clock, milliseconds, request }, (signal) => next({ ...request, signal }));
}

function timedOut({ milliseconds, request }: Deadline): CliError {
  const reason = `timed out after ${milliseconds / 1000} s`;
  return new CliError('timeout', describeRequest(request), { reason, retryable: true });
}
