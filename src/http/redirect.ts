import { CliError } from '../errors.ts';
import { describeRequest } from './failure.ts';
import type { Layer, Request, Response } from './send.ts';

const hopLimit = 5;

/** Which statuses each method follows. None of them may turn one method into another. */
const followed = { GET: [301, 302, 303, 307, 308], DELETE: [301, 302, 307, 308], POST: [307, 308] } as const;

/** Follows the API to another path below the endpoint. Everywhere else the credentials would reach a stranger. */
export function redirect(endpoint: URL): Layer {
  return (next) => async (request) => {
    let asked = request;
    for (let hops = 0; ; hops++) {
      const response = await next(asked);
      if (!isRedirect(response)) return response;
      if (hops === hopLimit) throw refused(request, response, `more than ${hopLimit} redirects`);
      asked = { ...asked, ...targetOf(asked, response, endpoint) };
    }
  };
}

function isRedirect({ status }: Response): boolean {
  return status >= 300 && status < 400 && status !== 304;
}

function targetOf(request: Request, response: Response, endpoint: URL): Pick<Request, 'path' | 'query'> {
  const location = response.headers.get('location') ?? '';
  const base = endpoint.pathname.replace(/\/+$/, '');
  const here = `${endpoint.origin}${base}${request.path}`;
  if (location === '' || !URL.canParse(location, here)) throw refused(request, response, 'a redirect to nowhere');
  const url = new URL(location, here);
  if (url.origin !== endpoint.origin || !url.pathname.startsWith(`${base}/`)) {
    throw refused(
      request,
      response,
      `a redirect to ${url.origin === 'null' ? url.protocol : url.origin}, not followed`,
    );
  }
  if (!(followed[request.method] as readonly number[]).includes(response.status)) {
    throw refused(request, response, `a redirect that a ${request.method} cannot follow`);
  }
  return { path: url.pathname.slice(base.length), query: Object.fromEntries(url.searchParams) };
}

function refused(request: Request, { status, headers }: Response, reason: string): CliError {
  const request_id = headers.get('x-request-id');
  return new CliError('bad_response', describeRequest(request), {
    reason: `HTTP ${status}: ${reason}`,
    http_status: status,
    hints: ['check the endpoint: a proxy or a login page may stand before the API'],
    ...(request_id === undefined ? {} : { request_id }),
  });
}
