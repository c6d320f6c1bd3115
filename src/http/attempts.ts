import { CliError } from '../errors.ts';
import type { Clock } from '../host.ts';
import { failureOf, NoResponse } from './failure.ts';
import type { AttemptOutcome } from './retry-policy.ts';
import type { Request, Response } from './send.ts';

export interface AttemptHistoryOptions {
  readonly clock: Clock;
  /** The server, as a person knows it: `api.confluent.cloud`. */
  readonly server: string;
  readonly request: Request;
  /** Aborts when the time for all attempts is up, or the command's. */
  readonly signal: AbortSignal;
  /** Milliseconds for all attempts together. */
  readonly limit: number;
}

/** How a request with its repeats went, and the failure that it comes to. */
export class AttemptHistory {
  /** How the last attempt ended. */
  lastOutcome: AttemptOutcome | undefined;
  readonly #options: AttemptHistoryOptions;
  readonly #start: number;
  #attempts = 0;
  #answer: Response | undefined;

  constructor(options: AttemptHistoryOptions) {
    this.#options = options;
    this.#start = options.clock.monotonic();
  }

  add(outcome: AttemptOutcome): void {
    this.#attempts += 1;
    this.lastOutcome = outcome;
    if ('response' in outcome) this.#answer = outcome.response;
  }

  /** The failure of the last attempt, told as that of all of them. */
  summarize(failure: CliError): CliError {
    const { reason } = failure.details;
    if (this.#isSilence(failure)) return failure.with({ reason: this.#silence });
    if (this.#attempts < 2 || reason === undefined) return failure;
    return failure.with({ reason: `${reason} (${this.#spent})` });
  }

  /** What ended the wait between two attempts: when the time is up, what came of the last one is told. */
  interrupted(error: unknown): unknown {
    const { request, signal } = this.#options;
    if (this.lastOutcome === undefined || error !== signal.reason) return error;
    if (!(error instanceof CliError) || !this.#isLimit(error)) return error;
    const last = 'failure' in this.lastOutcome ? this.lastOutcome.failure : failureOf(request, this.lastOutcome.response);
    const wasSilent = last.code === 'timeout' && isSent(last);
    const reason = wasSilent ? this.#silence : `${last.details.reason ?? last.message} (${this.#spent})`;
    return error.with({ reason });
  }

  /** Whether this says no more than that an answer took too long. */
  #isSilence(failure: CliError): boolean {
    if (this.#options.signal.aborted) return this.#isLimit(failure);
    return failure.code === 'timeout' && isSent(failure);
  }

  /** Whether it is the end of `--timeout`, or of the time for all attempts. */
  #isLimit({ code, details }: CliError): boolean {
    return code === 'timeout' && (details.reason === undefined || this.#milliseconds >= this.#options.limit);
  }

  get #milliseconds(): number {
    return this.#options.clock.monotonic() - this.#start;
  }

  get #silence(): string {
    const { server, request } = this.#options;
    if (this.#answer === undefined) return `${server} did not answer: ${this.#spent}`;
    return `${failureOf(request, this.#answer).details.reason}; then ${server} did not answer (${this.#spent})`;
  }

  /** `3 attempts in 90 s` */
  get #spent(): string {
    const seconds = Math.round(this.#milliseconds / 1000);
    const attempts = `${this.#attempts} ${this.#attempts === 1 ? 'attempt' : 'attempts'}`;
    return seconds > 0 ? `${attempts} in ${seconds} s` : attempts;
  }
}

/** Why an attempt is repeated. */
export function retryReason(outcome: AttemptOutcome): string {
  if ('response' in outcome) return `HTTP ${outcome.response.status}`;
  const { failure } = outcome;
  if (!isSent(failure)) return 'no connection';
  return failure.code === 'timeout' ? 'no answer' : 'connection lost';
}

function isSent(failure: CliError): boolean {
  return !(failure instanceof NoResponse) || failure.sent;
}
