import { CliError } from '../errors.ts';
import { describeRequest } from './failure.ts';
import type { Layer, Request, Response } from './send.ts';

const maxRedirects = 5;

/** The statuses that each method follows. None may change the method. */
const followed = { GET: [301, 302, 303, 307, 308], DELETE: [301, 302, 307, 308], POST: [307, 308] } as const;

/** Follows redirects to paths below the endpoint only: anywhere else, credentials would reach another server. */
export function redirect(endpoint: URL): Layer {
  return (next) => async (request) => {
    let current = request;
    for (let hops = 0; ; hops++) {
      const response = await next(current);
      if (!isRedirect(response)) return response;
      if (hops === maxRedirects) throw refused(request, response, `more than ${maxRedirects} redirects`);
      current = { ...current, ...targetOf(current, response, endpoint) };
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
    hints: ['check the endpoint: a proxy or a login page may be in front of the API'],
    ...(request_id === undefined ? {} : { request_id }),
  });
}
