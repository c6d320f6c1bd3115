import { CliError } from '../errors.ts';
import type { Clock } from '../host.ts';
import { failureOf, NoResponse } from './failure.ts';
import type { AttemptOutcome } from './retry-policy.ts';
import type { Request, Response } from './send.ts';

interface AttemptHistoryOptions {
  readonly clock: Clock;
  /** The server's name in messages: `api.confluent.cloud`. */
  readonly server: string;
  readonly request: Request;
  /** Aborts when the time for all attempts, or for the command, is up. */
  readonly signal: AbortSignal;
  /** Milliseconds for all attempts together. */
  readonly limit: number;
}

/** The attempts of one request, and the failure that they amount to. */
export class AttemptHistory {
  /** How the last attempt ended. */
  lastOutcome: AttemptOutcome | undefined;
  readonly #options: AttemptHistoryOptions;
  readonly #start: number;
  #attempts = 0;
  #lastResponse: Response | undefined;

  constructor(options: AttemptHistoryOptions) {
    this.#options = options;
    this.#start = options.clock.monotonic();
  }

  add(outcome: AttemptOutcome): void {
    this.#attempts += 1;
    this.lastOutcome = outcome;
    if ('response' in outcome) this.#lastResponse = outcome.response;
  }

  /** The failure of the last attempt, with the number of attempts and the time they took. */
  summarize(failure: CliError): CliError {
    const { reason } = failure.details;
    if (this.#isTimeout(failure)) return failure.with({ reason: this.#timeoutReason });
    if (this.#attempts < 2 || reason === undefined) return failure;
    return failure.with({ reason: `${reason} (${this.#effort})` });
  }

  /** The error that ended the wait between two attempts; a timeout is given the reason of the last attempt. */
  interrupted(error: unknown): unknown {
    const { request, signal } = this.#options;
    if (this.lastOutcome === undefined || error !== signal.reason) return error;
    if (!(error instanceof CliError) || !this.#isLimit(error)) return error;
    const last =
      'failure' in this.lastOutcome ? this.lastOutcome.failure : failureOf(request, this.lastOutcome.response);
    const timedOut = last.code === 'timeout' && isSent(last);
    const reason = timedOut ? this.#timeoutReason : `${last.details.reason ?? last.message} (${this.#effort})`;
    return error.with({ reason });
  }

  /** Whether this means only that the answer took too long. */
  #isTimeout(failure: CliError): boolean {
    if (this.#options.signal.aborted) return this.#isLimit(failure);
    return failure.code === 'timeout' && isSent(failure);
  }

  /** Whether it comes from `--timeout`, or from the limit for all attempts. */
  #isLimit({ code, details }: CliError): boolean {
    return code === 'timeout' && (details.reason === undefined || this.#elapsed >= this.#options.limit);
  }

  get #elapsed(): number {
    return this.#options.clock.monotonic() - this.#start;
  }

  get #timeoutReason(): string {
    const { server, request } = this.#options;
    if (this.#lastResponse === undefined) return `${server} did not answer: ${this.#effort}`;
    return `${failureOf(request, this.#lastResponse).details.reason}; then ${server} did not answer (${this.#effort})`;
  }

  /** `3 attempts in 90 s` */
  get #effort(): string {
    const seconds = Math.round(this.#elapsed / 1000);
    const attempts = `${this.#attempts} ${this.#attempts === 1 ? 'attempt' : 'attempts'}`;
    return seconds > 0 ? `${attempts} in ${seconds} s` : attempts;
  }
}

/** Why an attempt is repeated, in a few words. */
export function retryReason(outcome: AttemptOutcome): string {
  if ('response' in outcome) return `HTTP ${outcome.response.status}`;
  const { failure } = outcome;
  if (!isSent(failure)) return 'no connection';
  return failure.code === 'timeout' ? 'no answer' : 'connection lost';
}

function isSent(failure: CliError): boolean {
  return !(failure instanceof NoResponse) || failure.sent;
}
