import { CliError } from '../errors.ts';
import { withTimeout } from '../host/timeout.ts';
import { counted, formatSecond } from '../text/times.ts';
import type { PendingAnswer } from './answer-wait.ts';
import { describeRequest, failureOf, isPage, isUnsupported, NoResponse, UnknownOutcome } from './failure.ts';
import { httpTime, requestTimeout, type StackOptions } from './layers.ts';
import { RateLimiter } from './rate-limiter.ts';
import { changesOnce, isIdempotent, type Layer, type Request, type Response, type Send } from './send.ts';

type RetryOptions = Pick<StackOptions, 'clock' | 'server' | 'unanswered' | 'say' | 'retries'>;

/** Milliseconds for one request with all its retries and waits. */
const operationLimit = 120_000;
/** Milliseconds. If the server asks for a longer wait, the request fails. */
const longestWait = 60_000;

/** Repeats a request where that is safe: nothing that could send a second mail, and never earlier than the server asks. */
export function retry(options: RetryOptions): Layer {
  const rateLimiter = new RateLimiter(options.clock, options.say);
  return (next) => (request) =>
    withTimeout(requestTimeout(request, options.clock, operationLimit), (signal) =>
      new Operation({ ...options, rateLimiter, next, request, signal }).run(),
    );
}

/** What an attempt without a final response means: the most attempts that there may be, and what it leaves open. */
const kinds = {
  /** A retry cannot help. */
  fatal: { attempts: 1, isUnsettled: false, asksToWait: false },
  /** Nor here, and it may have taken effect. */
  unreadable: { attempts: 1, isUnsettled: true, asksToWait: false },
  /** The server never received the request. */
  unsent: { attempts: 3, isUnsettled: false, asksToWait: false },
  /** It may have taken effect. */
  lost: { attempts: 3, isUnsettled: true, asksToWait: false },
  /** It was refused for now. */
  busy: { attempts: 5, isUnsettled: false, asksToWait: true },
  /** The server, or a gateway, asks to come back later, and it may have taken effect. */
  overloaded: { attempts: 5, isUnsettled: true, asksToWait: true },
} as const;

type Kind = keyof typeof kinds;

interface Failed {
  readonly kind: Kind;
  readonly failure: CliError;
  readonly response?: Response;
}

function kindOfFailure(request: Request, failure: CliError): Kind {
  if (!(failure instanceof NoResponse)) return 'fatal';
  const { retryable, http_status } = failure.details;
  if (!failure.sent) return retryable === true ? 'unsent' : 'fatal';
  // What was probably deleted or granted can be asked for again, and then the answer says so.
  return retryable === true || (changesOnce(request) && http_status !== undefined) ? 'lost' : 'unreadable';
}

/** Undefined for a response that counts. */
function kindOfResponse(request: Request, response: Response): Kind | undefined {
  const { status, headers } = response;
  if (status === 429) return 'busy';
  // A gateway sends both of these while the server behind it may still be at work.
  if (status === 503 && headers.has('retry-after')) return 'overloaded';
  if (status === 408) return 'lost';
  // It may be what a proxy shows instead of passing the request on: nothing has been deleted or granted by that.
  if (changesOnce(request) && isPage(response)) return 'lost';
  return status >= 500 && !isUnsupported(status) ? 'lost' : undefined;
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
  /** As the signal, and when the request is called off. */
  readonly #calledOff: AbortSignal;
  readonly #wait: PendingAnswer | undefined;
  #attempts = 0;
  #mayHaveTakenEffect = false;
  #last: Failed | undefined;
  /** Of the last attempt that had one. */
  #reason: string | undefined;

  constructor(options: OperationOptions) {
    this.#options = options;
    this.#start = options.clock.monotonic();
    const { signal, request } = options;
    this.#calledOff = request.turn === undefined ? signal : AbortSignal.any([signal, request.turn]);
    this.#wait = options.unanswered?.begin();
  }

  async run(): Promise<Response> {
    const { rateLimiter, request, signal } = this.#options;
    try {
      for (;;) {
        const response = await rateLimiter.run(
          () => this.#attempt(),
          this.#turn,
          () => this.#refuseLongWait(),
        );
        if (response !== undefined) return this.#mayHaveTakenEffect ? afterLostDelete(request, response) : response;
        await this.#waitBeforeRetry();
      }
    } catch (error) {
      // The wait between two attempts was ended.
      throw error instanceof CliError && error === signal.reason ? this.#summarized(error) : error;
    } finally {
      this.#wait?.end();
    }
  }

  /** The response if it counts. A retry uses a new connection: the old one may be the cause. */
  async #attempt(): Promise<Response | undefined> {
    const { rateLimiter, next, request, signal } = this.#options;
    this.#attempts += 1;
    this.#wait?.attempt(this.#attempts, this.#maxAttempts('lost'));
    const fresh = request.fresh === true || this.#attempts > 1;
    try {
      const response = await next({ ...request, signal, fresh });
      rateLimiter.answered(response);
      this.#wait?.answered();
      const kind = kindOfResponse(request, response);
      if (kind === undefined) return response;
      this.#keep({ kind, failure: failureOf(request, response), response });
      if (kinds[kind].asksToWait) this.#pause(kind, response);
    } catch (failure) {
      if (!(failure instanceof CliError)) throw failure;
      rateLimiter.answered(undefined);
      this.#keep({ kind: kindOfFailure(request, failure), failure });
    }
    return undefined;
  }

  #keep(last: Failed): void {
    this.#last = last;
    this.#reason = last.failure.details.reason ?? this.#reason;
  }

  /** Holds back all requests to a server that is busy. */
  #pause(kind: Kind, { headers }: Response): void {
    const { clock, rateLimiter } = this.#options;
    const asked = retryAfter(headers, clock.now());
    const wait =
      asked === undefined
        ? this.#backoff(kind)
        : Math.max(asked, Math.min(longestWait, asked * (1 + clock.random() / 10)));
    const isNew = rateLimiter.pause(wait);
    const isWaitedFor = this.#isLookedUp(kind) || this.#mayRetry(kind);
    if (isNew && isWaitedFor && this.#canWait(wait)) this.#announce(wait);
  }

  /** Throws the failure of the last attempt if there is to be no other. */
  async #waitBeforeRetry(): Promise<void> {
    const { clock, rateLimiter, signal } = this.#options;
    if (this.#last === undefined) return;
    const { kind, failure } = this.#last;
    const { isUnsettled, asksToWait } = kinds[kind];
    const wait = asksToWait ? 0 : this.#backoff(kind);
    if (signal.aborted || !this.#mayRetry(kind) || !this.#canWait(wait)) {
      const failed = kind === 'fatal' ? failure : this.#summarized(failure);
      if (this.#isLookedUp(kind)) throw new UnknownOutcome(failed);
      if (asksToWait && rateLimiter.wait > longestWait) this.#refuseLongWait();
      throw failed;
    }
    this.#mayHaveTakenEffect ||= isUnsettled;
    // The limiter holds back what the server asks to wait with.
    if (asksToWait) return;
    this.#announce(wait);
    await clock.sleep(wait, this.#turn);
  }

  /** Ends what is waited for before an attempt. The end of what may have taken effect is worth knowing. */
  get #turn(): AbortSignal {
    return this.#mayHaveTakenEffect ? this.#options.signal : this.#calledOff;
  }

  #mayRetry(kind: Kind): boolean {
    return this.#attempts < this.#maxAttempts(kind);
  }

  /** What may not simply be repeated is looked up first, and that request has to wait, too. */
  #isLookedUp(kind: Kind): boolean {
    return kinds[kind].isUnsettled && !isIdempotent(this.#options.request);
  }

  /** `retries` overrides the table, but never repeats what must not be repeated. */
  #maxAttempts(kind: Kind): number {
    const { retries } = this.#options;
    const { attempts } = kinds[kind];
    if (attempts === 1 || this.#isLookedUp(kind)) return 1;
    return retries === undefined ? attempts : retries + 1;
  }

  /** Milliseconds before the next attempt: exponential, with full jitter. */
  #backoff(kind: Kind): number {
    const base = kinds[kind].asksToWait ? 1000 : 500;
    return 100 + this.#options.clock.random() * Math.min(20_000, base * 2 ** (this.#attempts - 1));
  }

  #canWait(wait: number): boolean {
    return wait <= longestWait && this.#elapsed + wait < operationLimit;
  }

  #announce(wait: number): void {
    const cause = this.#last?.kind === 'busy' ? 'rate limited' : (this.#reason ?? 'no answer');
    if (wait > 1000) this.#options.say(`${cause}, retrying in ${Math.ceil(wait / 1000)} s`);
  }

  #refuseLongWait(): void {
    const { rateLimiter, request, clock } = this.#options;
    if (this.#canWait(rateLimiter.wait)) return;
    const own = this.#last?.response && this.#last.failure;
    throw rateLimited(own ?? new CliError('rate_limited', describeRequest(request)), clock.now() + rateLimiter.wait);
  }

  /** The failure that ends it, with the reason of the last attempt, how many there were, and how long they took. */
  #summarized(failure: CliError): CliError {
    const { server, signal } = this.#options;
    const isCutShort = signal.aborted && failure.code === 'timeout';
    if (!isCutShort && (signal.aborted || this.#attempts < 2)) return failure;
    const reason = failure.details.reason ?? (isCutShort ? (this.#reason ?? `${server} did not answer`) : undefined);
    const seconds = Math.round(this.#elapsed / 1000);
    const effort = `${counted(this.#attempts, 'attempt')}${seconds > 0 ? ` in ${seconds} s` : ''}`;
    return reason === undefined ? failure : failure.with({ reason: `${reason} (${effort})` });
  }

  get #elapsed(): number {
    return this.#options.clock.monotonic() - this.#start;
  }
}

/**
 * What an earlier attempt deleted is no longer there for a later one. Of each of these statuses, which the API also answers
 * for what may not be deleted, only a look can tell.
 */
function afterLostDelete(request: Request, response: Response): Response {
  if (request.method !== 'DELETE' || ![403, 404, 410].includes(response.status)) return response;
  throw new UnknownOutcome(failureOf(request, response));
}

/** @param time Milliseconds since 1970 before which the API wants no requests. */
function rateLimited({ message, details }: CliError, time: number): CliError {
  // A later time may not even be a valid date.
  const when = time < Date.UTC(9999, 0) ? formatSecond(time + 999) : 'the year 9999';
  const reason = `the API accepts no requests before ${when}`;
  return new CliError('rate_limited', message, {
    ...details,
    reason: details.reason === undefined ? reason : `${details.reason}; ${reason}`,
    retryable: true,
  });
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
