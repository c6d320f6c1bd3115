import { CliError } from '../errors.ts';
import type { Clock } from '../host.ts';
import type { AnswerWait } from './answer-wait.ts';
import { auth, type Credentials, onlyGet, userAgent } from './auth.ts';
import { parseJson } from './body.ts';
import { failureOf } from './failure.ts';
import { followPages, type Paging } from './pages.ts';
import type { Redactor } from './redact.ts';
import { redirect } from './redirect.ts';
import { retry } from './retry.ts';
import { type Layer, type Purpose, type Query, type Request, type Response, type Send, stack } from './send.ts';
import { attemptTimeout } from './timeout.ts';
import { trace } from './trace.ts';

/** What the resource clients speak: JSON in, checked JSON out, failures as `CliError`. */
export interface Api {
  /** The JSON of a 2xx answer. */
  get(path: string, query?: Query, purpose?: Purpose): Promise<unknown>;
  /** Any 2xx answer; what its body means is for the caller, for whom "sent" is a fact even if the body is unreadable. */
  post(path: string, body: unknown, options?: Pick<Request, 'idempotent' | 'fresh' | 'purpose'>): Promise<Response>;
  delete(path: string, purpose?: Purpose): Promise<Response>;
  /** The rows of all pages, a batch for each page. Nothing is sent before the first one is asked for. */
  pages(path: string, paging?: Paging, purpose?: Purpose): AsyncIterable<readonly unknown[]>;
}

/** @param explain Says more about a failure before anybody hears of it. */
export function createApi(send: Send, explain = (failure: CliError) => failure): Api {
  const ask = async (request: Request): Promise<Response> => {
    try {
      const response = await send(request);
      if (response.status >= 200 && response.status < 300) return response;
      throw failureOf(request, response);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      const target = request.purpose?.target;
      throw explain(target === undefined ? error : error.with({ target }));
    }
  };
  const get = async (path: string, query: Query = {}, purpose?: Purpose) =>
    parseJson(await ask({ method: 'GET', path, query, ...forThe(purpose) }));
  return {
    get,
    post: (path, body, options = {}) => ask({ method: 'POST', path, body, ...options }),
    delete: (path, purpose) => ask({ method: 'DELETE', path, ...forThe(purpose) }),
    pages: (path, paging, purpose) => followPages((page) => get(path, page, purpose), paging),
  };
}

function forThe(purpose: Purpose | undefined) {
  return purpose === undefined ? {} : { purpose };
}

export interface StackOptions {
  readonly endpoint: URL;
  /** The server's name in words for a person. */
  readonly server: string;
  readonly version: string;
  readonly clock: Clock;
  /** Asked for once, when the first request is sent. */
  readonly credentials: () => Promise<Credentials>;
  readonly redactor: Redactor;
  /** A line for the person: what is being waited for. */
  readonly say: (line: string) => void;
  /** A line of the log; no log without it. */
  readonly debug?: ((line: string) => void) | undefined;
  readonly retries?: number | undefined;
  /** Shows that an answer is waited for. */
  readonly unanswered?: AnswerWait | undefined;
  /** No request but GET is sent. */
  readonly readOnly?: boolean;
}

/** Milliseconds until the last byte of one attempt. */
const attemptLimit = 30_000;

/** Everything that happens to a request on its way, outermost first: the one place where the layers are put in order. */
export function httpStack(bottom: Send, options: StackOptions): Send {
  const { endpoint, clock, redactor, debug } = options;
  const log: readonly Layer[] =
    debug === undefined ? [] : [trace({ clock, endpoint, redact: redactor.redact, print: debug })];
  return stack(bottom, [
    userAgent(options.version),
    auth(options.credentials, redactor.addSecret),
    retry(options),
    attemptTimeout(clock, attemptLimit),
    redirect(endpoint),
    ...(options.readOnly === true ? [onlyGet] : []),
    ...log,
  ]);
}
