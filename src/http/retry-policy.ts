import type { CliError } from '../errors.ts';
import { isUnsupported, NoResponse } from './failure.ts';
import type { Request, Response } from './send.ts';

/** How one attempt ended. */
export type AttemptOutcome = { readonly response: Response } | { readonly failure: CliError };

/**
 * What the result of an attempt means for a retry.
 * `final`: the response counts. `unsent`: the server never received the request. `unknown`: it may have taken effect.
 * `busy`: it was refused for now. `overloaded`: the server, or a gateway, asks to come back later, and it may have taken
 * effect. `fatal`: a retry cannot help.
 */
export type AttemptClass = 'final' | 'unsent' | 'unknown' | 'busy' | 'overloaded' | 'fatal';

const limits: Readonly<Record<AttemptClass, number>> = {
  final: 1,
  unsent: 3,
  unknown: 3,
  busy: 5,
  overloaded: 5,
  fatal: 1,
};

const unsettled: readonly AttemptClass[] = ['unknown', 'overloaded'];

/** The most attempts. `retries` overrides the table, but never repeats what must not be repeated. */
export function maxAttempts(attemptClass: AttemptClass, idempotent: boolean, retries?: number): number {
  if (limits[attemptClass] === 1 || (unsettled.includes(attemptClass) && !idempotent)) return 1;
  return retries === undefined ? limits[attemptClass] : retries + 1;
}

export function classifyAttempt(outcome: AttemptOutcome): AttemptClass {
  return 'failure' in outcome ? classifyFailure(outcome.failure) : classifyResponse(outcome.response);
}

function classifyFailure(failure: CliError): AttemptClass {
  if (!(failure instanceof NoResponse) || failure.details.retryable !== true) return 'fatal';
  return failure.sent ? 'unknown' : 'unsent';
}

function classifyResponse({ status, headers }: Response): AttemptClass {
  if (status === 429) return 'busy';
  // A gateway sends both of these while the server behind it may still be at work.
  if (status === 503 && headers.has('retry-after')) return 'overloaded';
  if (status === 408) return 'unknown';
  return status >= 500 && !isUnsupported(status) ? 'unknown' : 'final';
}

/** Whether the request may have taken effect although no response says so. */
export function mayHaveTakenEffect(outcome: AttemptOutcome): boolean {
  if ('failure' in outcome) return outcome.failure instanceof NoResponse && outcome.failure.sent;
  return unsettled.includes(classifyResponse(outcome.response));
}

export function isIdempotent({ method, idempotent = method !== 'POST' }: Request): boolean {
  return idempotent;
}

/** Whether the server asked for a pause of all requests. */
export function asksToWait(attemptClass: AttemptClass): boolean {
  return attemptClass === 'busy' || attemptClass === 'overloaded';
}

/** Milliseconds before attempt number `next` (2 is the first retry): exponential, with full jitter. */
export function backoff(next: number, attemptClass: AttemptClass, random: number): number {
  const base = asksToWait(attemptClass) ? 1000 : 500;
  return 100 + random * Math.min(20_000, base * 2 ** (next - 2));
}

type Headers = ReadonlyMap<string, string>;

/** RFC 9110's preferred format; what else `Date.parse` accepts (`-5` is a year to it) is refused. */
const httpDate = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * Milliseconds that the server asks to wait; undefined if it does not, or if the value is invalid.
 * @param now Milliseconds since 1970 by our clock; a date is compared with the server's own `Date` where there is one.
 */
export function retryAfter(headers: Headers, now: number): number | undefined {
  const header = headers.get('retry-after')?.trim() ?? '';
  const wait = seconds(header) ?? until(header, headers, now) ?? untilReset(headers);
  return wait === undefined || wait <= 0 ? undefined : wait;
}

function seconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) * 1000 : undefined;
}

function until(text: string, headers: Headers, now: number): number | undefined {
  const then = httpTime(text);
  return then === undefined ? undefined : then - (httpTime(headers.get('date')) ?? now);
}

/** Milliseconds since 1970 of a header that holds a date. */
export function httpTime(text: string | undefined): number | undefined {
  if (text === undefined || !httpDate.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

/** By Confluent's specification a number of seconds, not a time. */
function untilReset(headers: Headers): number | undefined {
  const remaining = headers.get('x-ratelimit-remaining')?.trim() ?? '0';
  return remaining === '0' ? seconds(headers.get('x-ratelimit-reset')?.trim()) : undefined;
}
