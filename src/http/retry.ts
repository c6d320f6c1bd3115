import { CliError } from '../errors.ts';
import { withTimeout } from '../host/timeout.ts';
import type { Clock } from '../host.ts';
import type { AnswerWait, PendingAnswer } from './answer-wait.ts';
import { AttemptHistory, retryReason } from './attempts.ts';
import { describeRequest, failureOf, UnknownOutcome } from './failure.ts';
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
import { requestTimeout } from './timeout.ts';

export interface RetryOptions {
  readonly clock: Clock;
  /** The server, as a person knows it: `api.confluent.cloud`. */
  readonly server: string;
  /** Shows that an answer is waited for. */
  readonly unanswered?: AnswerWait | undefined;
  /** Tells the person what a wait of more than a second is for. */
  readonly say: (line: string) => void;
  /** Repeats of a request, whatever the reason; unset: as many as each kind of failure deserves. */
  readonly retries?: number | undefined;
}

/** Milliseconds for one request with all its repeats and waits. */
const operationLimit = 120_000;
/** Milliseconds. A server that asks for a longer wait is not waited for. */
const longestWait = 60_000;

/** Repeats what may be repeated: nothing that could mail a person twice, and never earlier than the server asks. */
export function retry(options: RetryOptions): Layer {
  const gate = new RateLimiter(options.clock);
  return (next) => (request) =>
    withTimeout(requestTimeout(request, options.clock, operationLimit), (signal) =>
      new Operation({ ...options, gate, next, request, signal }).run(),
    );
}

interface World extends RetryOptions {
  readonly gate: RateLimiter;
  readonly next: Send;
  readonly request: Request;
  readonly signal: AbortSignal;
}

/** One request with its repeats. */
class Operation {
  readonly #world: World;
  readonly #deadline: number;
  readonly #course: AttemptHistory;
  readonly #wait: PendingAnswer | undefined;
  #attempts = 0;
  #mayHaveActed = false;

  constructor(world: World) {
    this.#world = world;
    this.#deadline = world.clock.monotonic() + operationLimit;
    this.#course = new AttemptHistory({ ...world, limit: operationLimit });
    this.#wait = world.unanswered?.begin();
  }

  async run(): Promise<Response> {
    try {
      return await this.#repeat();
    } catch (error) {
      throw this.#course.interrupted(error);
    } finally {
      this.#wait?.end();
    }
  }

  async #repeat(): Promise<Response> {
    const { gate, request, signal } = this.#world;
    for (;;) {
      this.#refuseLongWait();
      const outcome = await gate.run(() => this.#attempt(), signal);
      if (this.#mayHaveActed && isGone(request, outcome)) return noContent;
      if (!(await this.#isRepeated(outcome))) return this.#settle(outcome);
      this.#mayHaveActed ||= mayHaveTakenEffect(outcome);
    }
  }

  /** A repeat goes over a connection of its own: the old one may be what is broken. */
  async #attempt(): Promise<AttemptOutcome> {
    const { gate, next, request, retries, signal } = this.#world;
    this.#attempts += 1;
    this.#wait?.attempt(this.#attempts, maxAttempts('unknown', isIdempotent(request), retries));
    const fresh = request.fresh === true || this.#attempts > 1;
    const outcome = await outcomeOf(next({ ...request, signal, fresh }));
    this.#course.add(outcome);
    if ('response' in outcome) this.#wait?.answered();
    gate.rate.answered('response' in outcome ? outcome.response : undefined);
    if ('response' in outcome && asksToWait(classifyAttempt(outcome))) this.#closeGate(outcome.response);
    return outcome;
  }

  /** A busy server is waited for at the gate, together with everybody else. */
  #closeGate(response: Response): void {
    const { clock, gate } = this.#world;
    const asked = retryAfter(response.headers, clock.now());
    const own = backoff(this.#attempts + 1, 'busy', clock.random());
    const wait = asked === undefined ? own : Math.max(asked, Math.min(longestWait, asked * (1 + clock.random() / 10)));
    gate.rate.refused(wait);
    const isNews = gate.pause(wait);
    const { status } = response;
    const words = status === 429 ? 'rate limited' : `HTTP ${status}`;
    // What may not be repeated blindly is looked up first, and that look has to wait as well.
    if (isNews && (status !== 429 || this.#mayRepeat('busy')) && this.#canWait(wait)) this.#announce(words, wait);
  }

  /** Waits before the repeat, if there is to be one. */
  async #isRepeated(outcome: AttemptOutcome): Promise<boolean> {
    const { clock, signal } = this.#world;
    const verdict = classifyAttempt(outcome);
    if (signal.aborted || !this.#mayRepeat(verdict)) return false;
    if (asksToWait(verdict)) return true;
    const wait = backoff(this.#attempts + 1, verdict, clock.random());
    if (!this.#canWait(wait)) return false;
    this.#announce(retryReason(outcome), wait);
    await clock.sleep(wait, signal);
    return true;
  }

  #mayRepeat(verdict: AttemptClass): boolean {
    const { request, retries } = this.#world;
    return this.#attempts < maxAttempts(verdict, isIdempotent(request), retries);
  }

  #canWait(wait: number): boolean {
    return wait <= longestWait && this.#world.clock.monotonic() + wait < this.#deadline;
  }

  #announce(words: string, wait: number): void {
    if (wait > 1000) this.#world.say(`${words}, retrying in ${Math.ceil(wait / 1000)} s`);
  }

  #refuseLongWait(): void {
    const { gate, request, clock } = this.#world;
    if (this.#canWait(gate.wait)) return;
    const { lastOutcome: last } = this.#course;
    const refusal = last && 'response' in last ? failureOf(request, last.response) : undefined;
    throw rateLimited(refusal ?? new CliError('rate_limited', describeRequest(request)), clock.now() + gate.wait);
  }

  #settle(outcome: AttemptOutcome): Response {
    if (classifyAttempt(outcome) === 'final' && 'response' in outcome) return outcome.response;
    const { request } = this.#world;
    const failure = 'failure' in outcome ? outcome.failure : failureOf(request, outcome.response);
    const told = this.#course.summarize(failure);
    throw mayHaveTakenEffect(outcome) && !isIdempotent(request) ? new UnknownOutcome(told) : told;
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

/** What an earlier attempt deleted is not there for the later one, and that is what was asked for. */
function isGone({ method }: Request, outcome: AttemptOutcome): boolean {
  return method === 'DELETE' && 'response' in outcome && [404, 410].includes(outcome.response.status);
}

const noContent: Response = { status: 204, headers: new Map(), body: new Uint8Array() };

/** @param time Milliseconds since 1970 before which the API wants no request. */
function rateLimited(refusal: CliError, time: number): CliError {
  // Beyond that, a date says no more and may not even be one.
  const isDate = time < Date.UTC(9999, 0);
  const when = isDate ? new Date(Math.ceil(time / 1000) * 1000).toISOString().replace('.000Z', 'Z') : 'a time far off';
  const { reason } = refusal.details;
  return new CliError('rate_limited', refusal.message, {
    ...refusal.details,
    reason: `${reason === undefined ? '' : `${reason}; `}the API wants no request before ${when}`,
    retryable: true,
  });
}
