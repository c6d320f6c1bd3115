import { CliError } from '../errors.ts';
import { withTimeout } from '../host/timeout.ts';
import type { Clock } from '../host.ts';
import { counted } from '../text/counts.ts';
import { formatSecond } from '../text/times.ts';
import type { AnswerWait, PendingAnswer } from './answer-wait.ts';
import { describeRequest, failureOf, NoResponse, UnknownOutcome } from './failure.ts';
import { requestTimeout } from './layers.ts';
import { RateLimiter } from './rate-limiter.ts';
import {
  type AttemptClass,
  type AttemptOutcome,
  asksToWait,
  backoff,
  classifyAttempt,
  isIdempotent,
  maxAttempts,
  mayHaveTakenEffect,
  retryAfter,
} from './retry-policy.ts';
import type { Layer, Request, Response, Send } from './send.ts';

interface RetryOptions {
  readonly clock: Clock;
  /** The server's name in messages: `api.confluent.cloud`. */
  readonly server: string;
  /** Shows how long the server has not answered. */
  readonly unanswered?: AnswerWait | undefined;
  /** Prints the reason for a wait of more than a second. */
  readonly say: (line: string) => void;
  /** Retries of a request, whatever the failure; unset: a number by the kind of failure. */
  readonly retries?: number | undefined;
}

/** Milliseconds for one request with all its retries and waits. */
const operationLimit = 120_000;
/** Milliseconds. If the server asks for a longer wait, the request fails. */
const longestWait = 60_000;

/** Repeats a request where that is safe: nothing that could send a second mail, and never earlier than the server asks. */
export function retry(options: RetryOptions): Layer {
  const rateLimiter = new RateLimiter(options.clock);
  return (next) => (request) =>
    withTimeout(requestTimeout(request, options.clock, operationLimit), (signal) =>
      new Operation({ ...options, rateLimiter, next, request, signal }).run(),
    );
}

interface OperationOptions extends RetryOptions {
  readonly rateLimiter: RateLimiter;
  readonly next: Send;
  readonly request: Request;
  readonly signal: AbortSignal;
}

/** One request with its retries. */
class Operation {
  readonly #options: OperationOptions;
  readonly #deadline: number;
  readonly #history: AttemptHistory;
  readonly #wait: PendingAnswer | undefined;
  #attempts = 0;
  #mayHaveTakenEffect = false;

  constructor(options: OperationOptions) {
    this.#options = options;
    this.#deadline = options.clock.monotonic() + operationLimit;
    this.#history = new AttemptHistory({ ...options, limit: operationLimit });
    this.#wait = options.unanswered?.begin();
  }

  async run(): Promise<Response> {
    try {
      return await this.#attemptUntilDone();
    } catch (error) {
      throw this.#history.interrupted(error);
    } finally {
      this.#wait?.end();
    }
  }

  async #attemptUntilDone(): Promise<Response> {
    const { rateLimiter, request, signal } = this.#options;
    for (;;) {
      this.#refuseLongWait();
      const outcome = await rateLimiter.run(() => this.#attempt(), signal);
      if (this.#mayHaveTakenEffect && isGone(request, outcome)) return noContent;
      if (!(await this.#willRetry(outcome))) return this.#result(outcome);
      this.#mayHaveTakenEffect ||= mayHaveTakenEffect(outcome);
    }
  }

  /** A retry uses a new connection: the old one may be the cause. */
  async #attempt(): Promise<AttemptOutcome> {
    const { rateLimiter, next, request, retries, signal } = this.#options;
    this.#attempts += 1;
    this.#wait?.attempt(this.#attempts, maxAttempts('unknown', isIdempotent(request), retries));
    const fresh = request.fresh === true || this.#attempts > 1;
    const outcome = await outcomeOf(next({ ...request, signal, fresh }));
    this.#history.add(outcome);
    if ('response' in outcome) this.#wait?.answered();
    rateLimiter.rate.answered('response' in outcome ? outcome.response : undefined);
    if ('response' in outcome && asksToWait(classifyAttempt(outcome))) this.#pause(outcome.response);
    return outcome;
  }

  /** Holds back all requests to a server that is busy. */
  #pause(response: Response): void {
    const { clock, rateLimiter } = this.#options;
    const asked = retryAfter(response.headers, clock.now());
    const own = backoff(this.#attempts + 1, 'busy', clock.random());
    const wait = asked === undefined ? own : Math.max(asked, Math.min(longestWait, asked * (1 + clock.random() / 10)));
    rateLimiter.rate.refused(wait);
    const isNew = rateLimiter.pause(wait);
    const { status } = response;
    const cause = status === 429 ? 'rate limited' : `HTTP ${status}`;
    // Before what may not simply be repeated, somebody looks it up, and that request has to wait, too.
    if (isNew && (status !== 429 || this.#mayRetry('busy')) && this.#canWait(wait)) this.#announce(cause, wait);
  }

  /** Whether there is to be a retry; returns after the wait for it. */
  async #willRetry(outcome: AttemptOutcome): Promise<boolean> {
    const { clock, signal } = this.#options;
    const attemptClass = classifyAttempt(outcome);
    if (signal.aborted || !this.#mayRetry(attemptClass)) return false;
    if (asksToWait(attemptClass)) return true;
    const wait = backoff(this.#attempts + 1, attemptClass, clock.random());
    if (!this.#canWait(wait)) return false;
    this.#announce(retryReason(outcome), wait);
    await clock.sleep(wait, signal);
    return true;
  }

  #mayRetry(attemptClass: AttemptClass): boolean {
    const { request, retries } = this.#options;
    return this.#attempts < maxAttempts(attemptClass, isIdempotent(request), retries);
  }

  #canWait(wait: number): boolean {
    return wait <= longestWait && this.#options.clock.monotonic() + wait < this.#deadline;
  }

  #announce(cause: string, wait: number): void {
    if (wait > 1000) this.#options.say(`${cause}, retrying in ${Math.ceil(wait / 1000)} s`);
  }

  #refuseLongWait(): void {
    const { rateLimiter, request, clock } = this.#options;
    if (this.#canWait(rateLimiter.wait)) return;
    const { lastOutcome: last } = this.#history;
    const refusal = last && 'response' in last ? failureOf(request, last.response) : undefined;
    throw rateLimited(
      refusal ?? new CliError('rate_limited', describeRequest(request)),
      clock.now() + rateLimiter.wait,
    );
  }

  #result(outcome: AttemptOutcome): Response {
    if (classifyAttempt(outcome) === 'final' && 'response' in outcome) return outcome.response;
    const { request } = this.#options;
    const failure = 'failure' in outcome ? outcome.failure : failureOf(request, outcome.response);
    const failed = this.#history.summarize(failure);
    throw mayHaveTakenEffect(outcome) && !isIdempotent(request) ? new UnknownOutcome(failed) : failed;
  }
}

async function outcomeOf(answer: Promise<Response>): Promise<AttemptOutcome> {
  try {
    return { response: await answer };
  } catch (failure) {
    if (failure instanceof CliError) return { failure };
    throw failure;
  }
}

/** What an earlier attempt deleted is no longer there for a later one: the request has succeeded. */
function isGone({ method }: Request, outcome: AttemptOutcome): boolean {
  return method === 'DELETE' && 'response' in outcome && [404, 410].includes(outcome.response.status);
}

const noContent: Response = { status: 204, headers: new Map(), body: new Uint8Array() };

/** @param time Milliseconds since 1970 before which the API wants no requests. */
function rateLimited(refusal: CliError, time: number): CliError {
  // A later time may not even be a valid date.
  const isDate = time < Date.UTC(9999, 0);
  const when = isDate ? formatSecond(time + 999) : 'the year 9999';
  const { reason } = refusal.details;
  return new CliError('rate_limited', refusal.message, {
    ...refusal.details,
    reason: `${reason === undefined ? '' : `${reason}; `}the API accepts no requests before ${when}`,
    retryable: true,
  });
}

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
class AttemptHistory {
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
    const attempts = counted(this.#attempts, 'attempt');
    return seconds > 0 ? `${attempts} in ${seconds} s` : attempts;
  }
}

/** Why an attempt is repeated, in a few words. */
function retryReason(outcome: AttemptOutcome): string {
  if ('response' in outcome) return `HTTP ${outcome.response.status}`;
  const { failure } = outcome;
  if (!isSent(failure)) return 'no connection';
  return failure.code === 'timeout' ? 'no answer' : 'connection lost';
}

function isSent(failure: CliError): boolean {
  return !(failure instanceof NoResponse) || failure.sent;
}
