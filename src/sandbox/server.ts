import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { CliError } from '../errors.ts';
import type { Clock } from '../host.ts';
import {
  type ApiResponse,
  bodyLimit,
  failed,
  type Handler,
  type HttpRequest,
  type HttpResponse,
  methodNotAllowed,
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
  const handler = withFaults(sandbox, options);
  const server = createServer({ keepAliveTimeout: 60_000, requireHostHeader: false }, async (request, response) => {
    try {
      const { port } = server.address() as AddressInfo;
      const error = hostError(request);
      if (error === undefined) write(await handler(await receive(request, port)), response, request);
      else write(responseOf({ ...error, headers: { connection: 'close' } }), response, request);
    } catch (error) {
      const detail = error instanceof CliError ? error.toRecord().message : String(error);
      write(responseOf(failed(500, detail)), response, request);
    }
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket.on('close', () => sockets.delete(socket))));
  rejectInvalid(server);
  const port = await listen(server, options.port);
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return { endpoint: `http://127.0.0.1:${port}`, close };
}

/**
 * The response to a request for another host: a web page whose own name leads to this machine must not reach the sandbox.
 * Before HTTP/1.1 the header is optional.
 */
function hostError({ httpVersion, headers: { host } }: IncomingMessage): ApiResponse | undefined {
  if (host === undefined) return httpVersion === '1.1' ? failed(400, 'The header Host is missing') : undefined;
  // The port may be that of a tunnel.
  if (/^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i.test(host)) return undefined;
  return failed(421, 'The sandbox responds only to requests for 127.0.0.1 or localhost');
}

/** Responds in the format of the API to what is not a valid request; Node's own responses have no body. */
function rejectInvalid(server: Server): void {
  const reject = (response: ApiResponse, socket: Duplex) => {
    // More bytes on the same socket cause the same error again.
    if (socket.writable) socket.end(bytesOf(responseOf(response)));
  };
  server.on('clientError', (error, socket) => reject(errorResponseOf(error), socket));
  server.on('connect', (_, socket) => {
    socket.on('error', () => {}).resume();
    reject(methodNotAllowed('GET'), socket);
  });
  server.on('checkExpectation', (request, response) => {
    write(responseOf(failed(417)), response, request);
  });
  server.on('checkContinue', (request, response) => {
    // A client that announces too large a body need not send it.
    if (isTooLarge(request)) response.setHeader('connection', 'close');
    else response.writeContinue();
    server.emit('request', request, response);
  });
}

/** Wraps a handler to simulate latency, a rate limit or failures. */
function withFaults({ handler, settings }: Sandbox, { latency, rate, fail = 0, clock }: ServerOptions): Handler {
  const failing = fail > 0 ? failAtRandom(fail, clock, handler) : handler;
  const limited = rate === undefined ? failing : limitRate({ rate, headers: settings.rate_headers }, clock, failing);
  if (latency === 0) return limited;
  return async (request) => {
    await clock.sleep(latency);
    return limited(request);
  };
}

interface RateLimit {
  /** Requests per second, on average. */
  readonly rate: number;
  /** Which responses have the headers of the limit. */
  readonly headers: Settings['rate_headers'];
}

/** A token bucket: responds 429 to requests beyond the limit, and reports the limit in headers. */
export function limitRate(limit: RateLimit, clock: Clock, next: Handler): Handler {
  const { rate } = limit;
  // Those of one second may come at once.
  const burst = Math.max(1, Math.ceil(rate));
  let tokens = burst;
  let last = clock.monotonic();
  return async (request) => {
    const now = clock.monotonic();
    tokens = Math.min(burst, tokens + ((now - last) / 1000) * rate);
    last = now;
    const isLimited = tokens < 1;
    if (!isLimited) tokens -= 1;
    const reported = hasRateHeaders(request.path, limit.headers) ? rateHeaders(tokens, burst, rate) : {};
    if (isLimited) {
      const retryAfter = String(Math.max(1, Math.ceil((1 - tokens) / rate)));
      return responseOf({ status: 429, headers: { 'retry-after': retryAfter, ...reported } });
    }
    const response = await next(request);
    if (response.status >= 300) return response;
    return { ...response, headers: new Map([...response.headers, ...Object.entries(reported)]) };
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

/** The request, once its body has arrived. */
async function receive(request: IncomingMessage, port: number): Promise<HttpRequest> {
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
    base: `http://127.0.0.1:${port}`,
  };
}

function isTooLarge({ headers }: IncomingMessage): boolean {
  return Number(headers['content-length']) > bodyLimit;
}

/** Undefined if the body exceeds the limit; the rest of it is read and discarded. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  if (isTooLarge(request)) {
    request.resume();
    return undefined;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= bodyLimit) chunks.push(chunk);
  }
  return size > bodyLimit ? undefined : Buffer.concat(chunks);
}

function write({ status, headers, body }: HttpResponse, response: ServerResponse, request: IncomingMessage): void {
  if (response.destroyed) return;
  // The connection stays open: a client that is still sending would see a reset instead of the response.
  const length = status === 204 ? {} : { 'content-length': body.length };
  response.writeHead(status, { ...Object.fromEntries(headers), ...length });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** The response to a request that Node cannot parse. */
function errorResponseOf(error: NodeJS.ErrnoException): ApiResponse {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return failed(408);
  if (error.code !== 'HPE_HEADER_OVERFLOW') return failed(400, 'The request is not HTTP');
  return failed(431, 'The headers of a request may have at most 16 KiB');
}

/** A response for a socket without a request. */
function bytesOf({ status, headers, body }: HttpResponse): Buffer {
  const all = [...headers, ['content-length', body.length], ['connection', 'close']];
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...all.map(([name, value]) => `${name}: ${value}`)];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const details = { reason: error.code ?? error.message, hints: ['omit --port to use a free port'] };
      reject(new CliError('io_error', `cannot listen on port "${port}"`, details));
    });
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
