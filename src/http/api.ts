import { CliError } from '../errors.ts';
import { failureOf } from './failure.ts';
import { jsonOf } from './json.ts';
import { followPages, type Paging } from './pages.ts';
import type { Purpose, Query, Request, Response, Send } from './send.ts';

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
    jsonOf(await ask({ method: 'GET', path, query, ...forThe(purpose) }));
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
