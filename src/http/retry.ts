import { CliError } from '../errors.ts';
import { withTimeout } from '../host/timeout.ts';
import { counted, formatSecond } from '../text/times.ts';
import type { PendingAnswer } from './answer-wait.ts';
import { describeRequest, failureOf, isUnsupported, NoResponse, UnknownOutcome } from './failure.ts';
import { httpTime, requestTimeout, type StackOptions } from './layers.ts';
import { RateLimiter } from './rate-limiter.ts';
import { isIdempotent, type Layer, type Request, type Response, type Send } from './send.ts';

type RetryOptions = Pick<StackOptions, 'clock' | 'server' | 'unanswered' | 'say' | 'retries'>;

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

type Outcome = { readonly kind: Kind } & ({ readonly response: Response } | { readonly failure: CliError });

/** What the end of an attempt means for a retry, and the most attempts. */
const kinds = {
  /** The response counts. */
  final: { attempts: 1 },
  /** A retry cannot help. */
  fatal: { attempts: 1 },
  /** Nor here, and it may have taken effect. */
  unreadable: { attempts: 1, isUnsettled: true },
  /** The server never received the request. */
  unsent: { attempts: 3 },
  /** It may have taken effect. */
  lost: { attempts: 3, isUnsettled: true },
  /** It was refused for now. */
  busy: { attempts: 5, asksToWait: true },
  /** The server, or a gateway, asks to come back later, and it may have taken effect. */
  overloaded: { attempts: 5, asksToWait: true, isUnsettled: true },
} as const satisfies Record<string, { attempts: number; isUnsettled?: true; asksToWait?: true }>;

type Kind = keyof typeof kinds;

/** Whether the request may have taken effect although no response says so. */
function isUnsettled({ kind }: Pick<Outcome, 'kind'>): boolean {
  return 'isUnsettled' in kinds[kind];
}

/** Whether the server asks for a pause of all requests. */
function asksToWait(kind: Kind): boolean {
  return 'asksToWait' in kinds[kind];
}

function kindOfFailure(failure: CliError): Kind {
  if (!(failure instanceof NoResponse)) return 'fatal';
  if (failure.details.retryable !== true) return failure.sent ? 'unreadable' : 'fatal';
  return failure.sent ? 'lost' : 'unsent';
}

function kindOfResponse({ status, headers }: Response): Kind {
  if (status === 429) return 'busy';
  // A gateway sends both of these while the server behind it may still be at work.
  if (status === 503 && headers.has('retry-after')) return 'overloaded';
  if (status === 408) return 'lost';
  return status >= 500 && !isUnsupported(status) ? 'lost' : 'final';
}

interface OperationOptions extends RetryOptions {
  readonly rateLimiter: RateLimiter;
  readonly next: Send;
  readonly request: Request;
  /** Aborts when the time for all attempts, or for the command, is up. */
  readonly signal: AbortSignal;
}

class Operation {
  readonly #options: OperationOptions;
  readonly #start: number;
  readonly #wait: PendingAnswer | undefined;
  #attempts = 0;
  #mayHaveTakenEffect = false;
  #last: Outcome | undefined;
  #lastResponse: Response | undefined;

  constructor(options: OperationOptions) {
    this.#options = options;
    this.#start = options.clock.monotonic();
    this.#wait = options.unanswered?.begin();
  }

  async run(): Promise<Response> {
    try {
      return await this.#attemptUntilDone();
    } catch (error) {
      throw this.#interrupted(error);
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
      this.#mayHaveTakenEffect ||= isUnsettled(outcome);
    }
  }

  /** A retry uses a new connection: the old one may be the cause. */
  async #attempt(): Promise<Outcome> {
    const { rateLimiter, next, request, signal } = this.#options;
    this.#attempts += 1;
    this.#wait?.attempt(this.#attempts, this.#maxAttempts('lost'));
    const outcome = await outcomeOf(next({ ...request, signal, fresh: request.fresh === true || this.#attempts > 1 }));
    this.#last = outcome;
    const response = 'response' in outcome ? outcome.response : undefined;
    rateLimiter.rate.answered(response);
    if (response === undefined) return outcome;
    this.#lastResponse = response;
    this.#wait?.answered();
    if (asksToWait(outcome.kind)) this.#pause(response);
    return outcome;
  }

  /** Holds back all requests to a server that is busy. */
  #pause({ status, headers }: Response): void {
    const { clock, rateLimiter } = this.#options;
    const asked = retryAfter(headers, clock.now());
    const own = this.#backoff('busy');
    const wait = asked === undefined ? own : Math.max(asked, Math.min(longestWait, asked * (1 + clock.random() / 10)));
    rateLimiter.rate.refused(wait);
    const isNew = rateLimiter.pause(wait);
    const cause = status === 429 ? 'rate limited' : `HTTP ${status}`;
    // Before what may not simply be repeated, somebody looks it up, and that request has to wait, too.
    if (isNew && (status !== 429 || this.#mayRetry('busy')) && this.#canWait(wait)) this.#announce(cause, wait);
  }

  /** Whether there is to be a retry; returns after the wait for it. */
  async #willRetry(outcome: Outcome): Promise<boolean> {
    const { clock, signal } = this.#options;
    if (signal.aborted || !this.#mayRetry(outcome.kind)) return false;
    if (asksToWait(outcome.kind)) return true;
    const wait = this.#backoff(outcome.kind);
    if (!this.#canWait(wait)) return false;
    this.#announce(retryReason(outcome), wait);
    await clock.sleep(wait, signal);
    return true;
  }

  #mayRetry(kind: Kind): boolean {
    return this.#attempts < this.#maxAttempts(kind);
  }

  /** `retries` overrides the table, but never repeats what must not be repeated. */
  #maxAttempts(kind: Kind): number {
    const { request, retries } = this.#options;
    const { attempts } = kinds[kind];
    if (attempts === 1 || (isUnsettled({ kind }) && !isIdempotent(request))) return 1;
    return retries === undefined ? attempts : retries + 1;
  }

  /** Milliseconds before the next attempt: exponential, with full jitter. */
  #backoff(kind: Kind): number {
    const base = asksToWait(kind) ? 1000 : 500;
    return 100 + this.#options.clock.random() * Math.min(20_000, base * 2 ** (this.#attempts - 1));
  }

  #canWait(wait: number): boolean {
    return wait <= longestWait && this.#elapsed + wait < operationLimit;
  }

  #announce(cause: string, wait: number): void {
    if (wait > 1000) this.#options.say(`${cause}, retrying in ${Math.ceil(wait / 1000)} s`);
  }

  #refuseLongWait(): void {
    const { rateLimiter, request, clock } = this.#options;
    if (this.#canWait(rateLimiter.wait)) return;
    const refusal = this.#last && 'response' in this.#last ? failureOf(request, this.#last.response) : undefined;
    throw rateLimited(
      refusal ?? new CliError('rate_limited', describeRequest(request)),
      clock.now() + rateLimiter.wait,
    );
  }

  #result(outcome: Outcome): Response {
    if (outcome.kind === 'final' && 'response' in outcome) return outcome.response;
    const failed = this.#summarized(this.#failureIn(outcome));
    throw isUnsettled(outcome) && !isIdempotent(this.#options.request) ? new UnknownOutcome(failed) : failed;
  }

  #failureIn(outcome: Outcome): CliError {
    return 'failure' in outcome ? outcome.failure : failureOf(this.#options.request, outcome.response);
  }

  /** The failure of the last attempt, with the number of attempts and the time they took. */
  #summarized(failure: CliError): CliError {
    const { reason } = failure.details;
    if (this.#options.signal.aborted ? this.#isLimit(failure) : isSilence(failure)) {
      return failure.with({ reason: this.#silence });
    }
    if (this.#attempts < 2 || reason === undefined) return failure;
    return failure.with({ reason: `${reason} (${this.#effort})` });
  }

  /** The error that ended the wait between two attempts; a timeout is given the reason of the last attempt. */
  #interrupted(error: unknown): unknown {
    if (this.#last === undefined || error !== this.#options.signal.reason) return error;
    if (!(error instanceof CliError) || !this.#isLimit(error)) return error;
    const last = this.#failureIn(this.#last);
    return error.with({
      reason: isSilence(last) ? this.#silence : `${last.details.reason ?? last.message} (${this.#effort})`,
    });
  }

  /** Whether it comes from `--timeout`, or from the limit for all attempts. */
  #isLimit({ code, details }: CliError): boolean {
    return code === 'timeout' && (details.reason === undefined || this.#elapsed >= operationLimit);
  }

  get #elapsed(): number {
    return this.#options.clock.monotonic() - this.#start;
  }

  /** What to say of a server that did not answer in time. */
  get #silence(): string {
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

async function outcomeOf(answer: Promise<Response>): Promise<Outcome> {
  try {
    const response = await answer;
    return { kind: kindOfResponse(response), response };
  } catch (failure) {
    if (failure instanceof CliError) return { kind: kindOfFailure(failure), failure };
    throw failure;
  }
}

/** What an earlier attempt deleted is no longer there for a later one: the request has succeeded. */
function isGone({ method }: Request, outcome: Outcome): boolean {
  return method === 'DELETE' && 'response' in outcome && [404, 410].includes(outcome.response.status);
}

const noContent: Response = { status: 204, headers: new Map(), body: new Uint8Array() };

/** @param time Milliseconds since 1970 before which the API wants no requests. */
function rateLimited(refusal: CliError, time: number): CliError {
  // A later time may not even be a valid date.
  const when = time < Date.UTC(9999, 0) ? formatSecond(time + 999) : 'the year 9999';
  const { reason } = refusal.details;
  return new CliError('rate_limited', refusal.message, {
    ...refusal.details,
    reason: `${reason === undefined ? '' : `${reason}; `}the API accepts no requests before ${when}`,
    retryable: true,
  });
}

function retryReason(outcome: Outcome): string {
  if ('response' in outcome) return `HTTP ${outcome.response.status}`;
  if (!isSent(outcome.failure)) return 'no connection';
  return isSilence(outcome.failure) ? 'no answer' : 'connection lost';
}

/** Whether the server took too long to answer, rather than to accept the connection. */
function isSilence(failure: CliError): boolean {
  return failure.code === 'timeout' && isSent(failure);
}

function isSent(failure: CliError): boolean {
  return !(failure instanceof NoResponse) || failure.sent;
}

type Headers = ReadonlyMap<string, string>;

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

/** By Confluent's specification a number of seconds, not a time. */
function untilReset(headers: Headers): number | undefined {
  const remaining = headers.get('x-ratelimit-remaining')?.trim() ?? '0';
  return remaining === '0' ? seconds(headers.get('x-ratelimit-reset')?.trim()) : undefined;
}
