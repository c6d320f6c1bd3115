import { CliError } from '../errors.ts';
import { textAt } from '../text/json-fields.ts';
import { auth } from './auth.ts';
import { failureOf, isMissing, unlessMissing } from './failure.ts';
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

interface Removal {
  readonly id: string;
  readonly path: string;
  readonly purpose: Purpose;
  /** Whether what a GET still returns has ended all the same. */
  readonly hasEnded?: (resource: unknown) => boolean;
  /** A list that it is in for as long as it exists, where a GET is refused. */
  readonly list?: (() => AsyncIterable<readonly unknown[]>) | undefined;
}

/**
 * Deletes a resource. 403 and 404 may each mean that it does not exist, or that it may not be deleted: what is still
 * there afterwards, or cannot be read, throws `forbidden`; `gone` is what somebody else has deleted.
 */
export async function deleteResource(api: Api, removal: Removal): Promise<'deleted' | 'gone'> {
  const { path, purpose } = removal;
  try {
    await api.delete(path, purpose);
    return 'deleted';
  } catch (error) {
    if (!isMissing(error)) throw error;
    const state = await stateAfter(api, removal);
    if (state === 'gone') return 'gone';
    const reason = state === 'there' ? 'it is still there' : 'cannot tell whether it is still there';
    const { http_status, request_id, target } = error.details;
    throw new CliError('forbidden', error.message, {
      reason: `${reason}; ${error.details.reason ?? error.code}`,
      ...{ http_status, request_id, target },
    });
  }
}

async function stateAfter(api: Api, { id, path, purpose, hasEnded, list }: Removal) {
  try {
    const resource = await api.get(path, {}, purpose);
    return hasEnded?.(resource) === true ? 'gone' : 'there';
  } catch (error) {
    if (!isMissing(error)) throw error;
    if (error.code === 'not_found') return 'gone';
    const listed = list === undefined ? undefined : await unlessMissing(isListed(id, list()));
    return listed === undefined ? 'unreadable' : listed ? 'there' : 'gone';
  }
}

async function isListed(id: string, list: AsyncIterable<readonly unknown[]>): Promise<boolean> {
  for await (const page of list) if (page.some((row) => textAt(row, 'id') === id)) return true;
  return false;
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
