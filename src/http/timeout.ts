import { CliError } from '../errors.ts';
import { type TimeoutOptions, withTimeout } from '../host/timeout.ts';
import type { Clock } from '../host.ts';
import { describeRequest } from './failure.ts';
import type { Layer, Request } from './send.ts';

/** Ends an attempt whose last byte has not arrived in time, however slowly the others drip. */
export function attemptTimeout(clock: Clock, milliseconds: number): Layer {
  return (next) => (request) =>
    withTimeout(requestTimeout(request, clock, milliseconds), (signal) => next({ ...request, signal }));
}

/** The limit for a request: it ends with `timeout`, or when the request's own signal aborts. */
export function requestTimeout(request: Request, clock: Clock, milliseconds: number): TimeoutOptions {
  const reason = `timed out after ${milliseconds / 1000} s`;
  const error = () => new CliError('timeout', describeRequest(request), { reason, retryable: true });
  return { clock, milliseconds, signal: request.signal, error };
}
