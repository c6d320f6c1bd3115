import type { Clock } from '../host.ts';
import type { Response } from '../http/send.ts';
import { broken } from './error-responses.ts';
import type { Fault } from './http.ts';
import { responseOf } from './http.ts';
import { requestIds } from './identifiers.ts';

/** Lets each call wait before anything else happens to it. */
export function delay(milliseconds: number, clock: Clock): Fault {
  return (next) => async (call) => {
    await clock.sleep(milliseconds);
    return next(call);
  };
}

export interface Limit {
  /** Requests per second in the long run. */
  readonly rate: number;
  /** Requests that may come at once after a pause. Unsaid: as many as in a second. */
  readonly burst?: number;
  readonly headers: 'all' | 'not_role_bindings' | 'none';
}

/** Turns away with 429 what comes faster than allowed, and says in headers how much is left. */
export function limitRate({ rate, burst = Math.max(1, Math.ceil(rate)), headers }: Limit, clock: Clock): Fault {
  const nextId = requestIds(clock);
  let tokens = burst;
  let last = clock.monotonic();
  const refill = () => {
    const now = clock.monotonic();
    tokens = Math.min(burst, tokens + ((now - last) / 1000) * rate);
    last = now;
  };
  const state = () => ({
    'x-ratelimit-limit': String(burst),
    'x-ratelimit-remaining': String(Math.floor(tokens)),
    'x-ratelimit-reset': String(Math.ceil((burst - tokens) / rate)),
  });
  return (next) => async (call) => {
    refill();
    const isBare =
      headers === 'none' || (headers === 'not_role_bindings' && call.path.startsWith('/iam/v2/role-bindings'));
    if (tokens < 1) {
      const wait = { 'retry-after': String(Math.max(1, Math.ceil((1 - tokens) / rate))) };
      return responseOf({ status: 429, headers: { ...wait, ...(isBare ? {} : state()) } }, nextId());
    }
    tokens -= 1;
    const left = state();
    const response = await next(call);
    return isBare || response.status >= 300 ? response : withHeaders(response, left);
  };
}

/** Breaks this share of the calls, from 0 to 1, before anything is done about them. */
export function failAtRandom(share: number, clock: Clock): Fault {
  const nextId = requestIds(clock);
  return (next) => async (call) => {
    const chance = clock.random();
    if (chance >= share) return next(call);
    const status = chance < share / 2 ? 500 : 503;
    return responseOf(broken(status, 'The sandbox fails at random, as it was told to'), nextId());
  };
}

function withHeaders(response: Response, headers: Readonly<Record<string, string>>): Response {
  return { ...response, headers: new Map([...response.headers, ...Object.entries(headers)]) };
}
