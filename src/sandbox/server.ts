import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CliError, wordsOf } from '../errors.ts';
import type { Clock } from '../host.ts';
import {
  type ApiResponse,
  bodyLimit,
  failed,
  type Handler,
  type HttpRequest,
  type HttpResponse,
  responseOf,
} from './api.ts';
import { hasRateHeaders, type Sandbox } from './sandbox.ts';
import type { Settings } from './settings.ts';

export interface ServerOptions {
  /** 0 uses any free port. */
  readonly port: number;
  /** Milliseconds before each response. */
  readonly latency: number;
  /** Requests per second. Default: no limit. */
  readonly rate?: number;
  /** The share of requests that fail, from 0 to 1. */
  readonly fail?: number;
  readonly clock: Clock;
}

/** Serves the sandbox on the loopback interface until closed. Throws `io_error` if the port is not available. */
export async function serveSandbox(
  sandbox: Sandbox,
  options: ServerOptions,
): Promise<{ endpoint: string; close(): Promise<void> }> {
  const closing = new AbortController();
  const handler = withFaults(sandbox, options, closing.signal);
  const server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
    write(await respondTo(request, handler), response);
  });
  const port = await listen(server, options.port);
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
      closing.abort();
    });
  return { endpoint: `http://127.0.0.1:${port}`, close };
}

async function respondTo(request: IncomingMessage, handler: Handler): Promise<HttpResponse> {
  try {
    return isForUs(request) ? await handler(await receive(request)) : responseOf(misdirected);
  } catch (error) {
    return responseOf(failed(500, error instanceof CliError ? error.toRecord().message : String(error)));
  }
}

/**
 * A web page whose own name leads to this machine must not reach the sandbox. The port may be that of a tunnel, and before
 * HTTP/1.1 the header is optional.
 */
function isForUs({ headers: { host } }: IncomingMessage): boolean {
  return host === undefined || /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i.test(host);
}

const misdirected: ApiResponse = {
  ...failed(421, 'The sandbox responds only to requests for 127.0.0.1 or localhost'),
  headers: { connection: 'close' },
};

function withFaults(
  { handler, settings }: Sandbox,
  { latency, rate, fail = 0, clock }: ServerOptions,
  closing: AbortSignal,
): Handler {
  const failing = failAtRandom(fail, clock, handler);
  const limited = rate === undefined ? failing : limitRate({ rate, headers: settings.rate_headers }, clock, failing);
  return async (request) => {
    if (latency > 0) await clock.sleep(latency, closing);
    return limited(request);
  };
}

/**
 * A token bucket: responds 429 to requests beyond the limit, and reports the limit in headers.
 * @param rate Requests per second, on average; those of one second may come at once.
 */
export function limitRate(
  { rate, headers }: { readonly rate: number; readonly headers: Settings['rate_headers'] },
  clock: Clock,
  next: Handler,
): Handler {
  const burst = Math.max(1, Math.ceil(rate));
  let tokens = burst;
  let last = clock.monotonic();
  return async (request) => {
    const now = clock.monotonic();
    tokens = Math.min(burst, tokens + ((now - last) / 1000) * rate);
    last = now;
    const isLimited = tokens < 1;
    if (!isLimited) tokens -= 1;
    const reported = hasRateHeaders(request.path, headers) ? rateHeaders(tokens, burst, rate) : {};
    const retryAfter = String(Math.max(1, Math.ceil((1 - tokens) / rate)));
    if (isLimited) return responseOf({ status: 429, headers: { 'retry-after': retryAfter, ...reported } });
    const response = await next(request);
    const isSuccess = response.status < 300;
    return isSuccess ? { ...response, headers: new Map([...response.headers, ...Object.entries(reported)]) } : response;
  };
}

function rateHeaders(tokens: number, burst: number, rate: number): Record<string, string> {
  return {
    'x-ratelimit-limit': String(burst),
    'x-ratelimit-remaining': String(Math.floor(tokens)),
    'x-ratelimit-reset': String(Math.ceil((burst - tokens) / rate)),
  };
}

/** Fails this share of the requests, from 0 to 1, before they are processed. */
export function failAtRandom(share: number, clock: Clock, next: Handler): Handler {
  return async (request) => {
    const chance = clock.random();
    if (chance >= share) return next(request);
    const status = chance < share / 2 ? 500 : 503;
    return responseOf(failed(status, 'A random failure of the sandbox, as requested by --fail'));
  };
}

async function receive(request: IncomingMessage): Promise<HttpRequest> {
  // A client of a proxy sends the absolute URL.
  const target = (request.url ?? '').replace(/^https?:\/\/[^/?]*/i, '');
  const [path = '', ...query] = target.split('?');
  const { authorization, 'content-type': type } = request.headers;
  return {
    method: request.method ?? '',
    path,
    query: new URLSearchParams(query.join('?')),
    headers: { authorization, 'content-type': type },
    body: await bodyOf(request),
    base: `http://127.0.0.1:${request.socket.localPort}`,
  };
}

/** Undefined if the body exceeds the limit; the rest of it is read and discarded. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= bodyLimit) chunks.push(chunk);
  }
  return size > bodyLimit ? undefined : Buffer.concat(chunks);
}

function write({ status, headers, body }: HttpResponse, response: ServerResponse): void {
  if (response.destroyed) return;
  // The connection stays open: a client that is still sending would see a reset instead of the response.
  const length = status === 204 ? {} : { 'content-length': body.length };
  response.writeHead(status, { ...Object.fromEntries(headers), ...length }).end(body);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const details = { reason: wordsOf(error), hints: ['omit --port to use a free port'] };
      reject(new CliError('io_error', `cannot listen on port "${port}"`, details));
    });
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
