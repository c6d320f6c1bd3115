import type { Clock } from '../host.ts';
import type { Response } from '../http/send.ts';
import { serverError } from './error-responses.ts';
import type { Fault } from './http.ts';
import { responseOf } from './http.ts';
import { requestIds } from './identifiers.ts';

/** Delays each request before it is processed. */
export function delay(milliseconds: number, clock: Clock): Fault {
  return (next) => async (request) => {
    await clock.sleep(milliseconds);
    return next(request);
  };
}

interface Limit {
  /** Requests per second, on average. */
  readonly rate: number;
  /** Requests allowed at once after a pause. Default: those of one second. */
  readonly burst?: number;
  readonly headers: 'all' | 'not_role_bindings' | 'none';
}

/** A token bucket: responds 429 to requests beyond the limit, and reports the limit in headers. */
export function limitRate({ rate, burst = Math.max(1, Math.ceil(rate)), headers }: Limit, clock: Clock): Fault {
  const nextId = requestIds(clock);
  let tokens = burst;
  let last = clock.monotonic();
  const refill = () => {
    const now = clock.monotonic();
    tokens = Math.min(burst, tokens + ((now - last) / 1000) * rate);
    last = now;
  };
  const limitHeaders = () => ({
    'x-ratelimit-limit': String(burst),
    'x-ratelimit-remaining': String(Math.floor(tokens)),
    'x-ratelimit-reset': String(Math.ceil((burst - tokens) / rate)),
  });
  return (next) => async (request) => {
    refill();
    const isBare =
      headers === 'none' || (headers === 'not_role_bindings' && request.path.startsWith('/iam/v2/role-bindings'));
    if (tokens < 1) {
      const retryAfter = { 'retry-after': String(Math.max(1, Math.ceil((1 - tokens) / rate))) };
      return responseOf({ status: 429, headers: { ...retryAfter, ...(isBare ? {} : limitHeaders()) } }, nextId());
    }
    tokens -= 1;
    const remaining = limitHeaders();
    const response = await next(request);
    return isBare || response.status >= 300 ? response : withHeaders(response, remaining);
  };
}

/** Fails this share of the requests, from 0 to 1, before they are processed. */
export function failAtRandom(share: number, clock: Clock): Fault {
  const nextId = requestIds(clock);
  return (next) => async (request) => {
    const chance = clock.random();
    if (chance >= share) return next(request);
    const status = chance < share / 2 ? 500 : 503;
    return responseOf(serverError(status, 'A random failure of the sandbox, as requested by --fail'), nextId());
  };
}

function withHeaders(response: Response, headers: Readonly<Record<string, string>>): Response {
  return { ...response, headers: new Map([...response.headers, ...Object.entries(headers)]) };
}
