import type { CliError } from '../errors.ts';
import { isUnsupported } from './failure.ts';
import { NoAnswer } from './no-answer.ts';
import type { Request, Response } from './send.ts';

/** How one attempt ended. */
export type Outcome = { readonly response: Response } | { readonly failure: CliError };

/**
 * What the end of an attempt means for the next.
 * `final`: this is the answer. `unsent`: the server never saw it. `unknown`: it may have acted. `busy`: it refused for
 * now. `overloaded`: it, or a gateway before it, asks to come back later, and it may have acted. `fatal`: no better by
 * asking again.
 */
export type Verdict = 'final' | 'unsent' | 'unknown' | 'busy' | 'overloaded' | 'fatal';

const limits: Readonly<Record<Verdict, number>> = { final: 1, unsent: 3, unknown: 3, busy: 5, overloaded: 5, fatal: 1 };

const unsettled: readonly Verdict[] = ['unknown', 'overloaded'];

/** Attempts in all after which a verdict stands. `retries` overrules the table, but not that something must not be repeated. */
export function attemptsFor(verdict: Verdict, idempotent: boolean, retries?: number): number {
  if (limits[verdict] === 1 || (unsettled.includes(verdict) && !idempotent)) return 1;
  return retries === undefined ? limits[verdict] : retries + 1;
}

export function verdictOn(outcome: Outcome): Verdict {
  return 'failure' in outcome ? verdictOnFailure(outcome.failure) : verdictOnAnswer(outcome.response);
}

function verdictOnFailure(failure: CliError): Verdict {
  if (!(failure instanceof NoAnswer) || failure.details.retryable !== true) return 'fatal';
  return failure.sent ? 'unknown' : 'unsent';
}

function verdictOnAnswer({ status, headers }: Response): Verdict {
  if (status === 429) return 'busy';
  // A gateway answers both of these while the server behind it is still at work.
  if (status === 503 && headers.has('retry-after')) return 'overloaded';
  if (status === 408) return 'unknown';
  return status >= 500 && !isUnsupported(status) ? 'unknown' : 'final';
}

/** Whether the request may have been carried out although no answer says so. */
export function mayHaveActed(outcome: Outcome): boolean {
  if ('failure' in outcome) return outcome.failure instanceof NoAnswer && outcome.failure.sent;
  return unsettled.includes(verdictOnAnswer(outcome.response));
}

export function isIdempotent({ method, idempotent = method !== 'POST' }: Request): boolean {
  return idempotent;
}

/** Whether the server asked everybody to come back later. */
export function asksToWait(verdict: Verdict): boolean {
  return verdict === 'busy' || verdict === 'overloaded';
}

/** Milliseconds before attempt number `next` (2 is the first repeat): exponential, with full jitter. */
export function backoff(next: number, verdict: Verdict, random: number): number {
  const base = asksToWait(verdict) ? 1000 : 500;
  return 100 + random * Math.min(20_000, base * 2 ** (next - 2));
}
