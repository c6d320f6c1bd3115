import { CliError } from '../errors.ts';
import { auth } from './auth.ts';
import { failureOf } from './failure.ts';
import { attemptTimeout, onlyGet, redirect, type StackOptions, trace, userAgent } from './layers.ts';
import { followPages, type Paging } from './pages.ts';
import { parseJson } from './response.ts';
import { retry } from './retry.ts';
import { type Purpose, type Query, type Request, type Response, type Send, stack } from './send.ts';

/** What the resource clients use: JSON in, checked JSON out, failures as `CliError`. */
export type Api = ReturnType<typeof createApi>;

/** @param explain Adds to a failure what is known about its cause. */
export function createApi(send: Send, explain = (failure: CliError) => failure) {
  const sendChecked = async (request: Request): Promise<Response> => {
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
  const get = async (path: string, query: Query = {}, purpose?: Purpose): Promise<unknown> =>
    parseJson(await sendChecked({ method: 'GET', path, query, purpose }));
  return {
    /** The JSON of a 2xx response. */
    get,
    /** Any 2xx response. The caller reads the body: the request has taken effect even if that is unreadable. */
    post: (path: string, body: unknown, options: Pick<Request, 'idempotent' | 'fresh' | 'purpose'> = {}) =>
      sendChecked({ method: 'POST', path, body, ...options }),
    delete: (path: string, purpose?: Purpose) => sendChecked({ method: 'DELETE', path, purpose }),
    /** The rows of all pages, one batch per page. Nothing is sent before the first batch is requested. */
    pages: (path: string, paging?: Paging, purpose?: Purpose): AsyncIterable<readonly unknown[]> =>
      followPages((query) => get(path, query, purpose), paging),
  };
}

/** Milliseconds for one attempt, its last byte included. */
const attemptLimit = 30_000;

/** Puts the layers around the transport, outermost first. Their order is decided here alone. */
export function httpStack(transport: Send, options: StackOptions): Send {
  const { endpoint, clock, signer, serverClock, readOnly, debug } = options;
  return stack(transport, [
    userAgent(options.version),
    retry(options),
    // Each attempt is signed anew: before it there may be a long wait.
    ...(signer === undefined ? [] : [auth(signer)]),
    attemptTimeout(clock, attemptLimit),
    ...(signer === undefined ? [] : [redirect(endpoint)]),
    ...(readOnly === true ? [onlyGet] : []),
    ...(serverClock === undefined ? [] : [serverClock.layer]),
    ...(debug === undefined ? [] : [trace(options, debug)]),
  ]);
}
