import type { CliError } from '../errors.ts';
import { isUnsupported, NoResponse } from './failure.ts';
import type { Request, Response } from './send.ts';

/** How one attempt ended. */
export type AttemptOutcome = { readonly response: Response } | { readonly failure: CliError };

/**
 * What the end of an attempt means for the next.
 * `final`: this is the answer. `unsent`: the server never saw it. `unknown`: it may have acted. `busy`: it refused for
 * now. `overloaded`: it, or a gateway before it, asks to come back later, and it may have acted. `fatal`: no better by
 * asking again.
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

/** Attempts in all after which a verdict stands. `retries` overrules the table, but not that something must not be repeated. */
export function maxAttempts(verdict: AttemptClass, idempotent: boolean, retries?: number): number {
  if (limits[verdict] === 1 || (unsettled.includes(verdict) && !idempotent)) return 1;
  return retries === undefined ? limits[verdict] : retries + 1;
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
  // A gateway answers both of these while the server behind it is still at work.
  if (status === 503 && headers.has('retry-after')) return 'overloaded';
  if (status === 408) return 'unknown';
  return status >= 500 && !isUnsupported(status) ? 'unknown' : 'final';
}

/** Whether the request may have been carried out although no answer says so. */
export function mayHaveTakenEffect(outcome: AttemptOutcome): boolean {
  if ('failure' in outcome) return outcome.failure instanceof NoResponse && outcome.failure.sent;
  return unsettled.includes(classifyResponse(outcome.response));
}

export function isIdempotent({ method, idempotent = method !== 'POST' }: Request): boolean {
  return idempotent;
}

/** Whether the server asked everybody to come back later. */
export function asksToWait(verdict: AttemptClass): boolean {
  return verdict === 'busy' || verdict === 'overloaded';
}

/** Milliseconds before attempt number `next` (2 is the first repeat): exponential, with full jitter. */
export function backoff(next: number, verdict: AttemptClass, random: number): number {
  const base = asksToWait(verdict) ? 1000 : 500;
  return 100 + random * Math.min(20_000, base * 2 ** (next - 2));
}

type Headers = ReadonlyMap<string, string>;

/** RFC 9110's preferred form; what else `Date.parse` would take (`-5` is a year to it) is refused. */
const httpDate = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * Milliseconds that the server asks to wait; undefined if it does not say, or says nonsense.
 * @param now Milliseconds since 1970 on our clock; a date is measured by the server's own where it tells that.
 */
export function retryAfter(headers: Headers, now: number): number | undefined {
  const asked = headers.get('retry-after')?.trim() ?? '';
  const wait = seconds(asked) ?? until(asked, headers, now) ?? untilReset(headers);
  return wait === undefined || wait <= 0 ? undefined : wait;
}

function seconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) * 1000 : undefined;
}

function until(text: string, headers: Headers, now: number): number | undefined {
  const then = timeOf(text);
  return then === undefined ? undefined : then - (timeOf(headers.get('date')) ?? now);
}

function timeOf(text: string | undefined): number | undefined {
  if (text === undefined || !httpDate.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

/** Relative seconds by Confluent's specification, not a time. */
function untilReset(headers: Headers): number | undefined {
  const remaining = headers.get('x-ratelimit-remaining')?.trim() ?? '0';
  return remaining === '0' ? seconds(headers.get('x-ratelimit-reset')?.trim()) : undefined;
}
