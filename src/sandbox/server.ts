import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { CliError } from '../errors.ts';
import type { Clock } from '../host.ts';
import type { Response } from '../http/send.ts';
import { bodyLimit, hasRateHeaders } from './handler.ts';
import {
  type ApiResponse,
  badRequest,
  type Handler,
  type HttpRequest,
  methodNotAllowed,
  responseOf,
  serverError,
} from './http.ts';
import { requestIds } from './rows.ts';
import type { Sandbox } from './sandbox.ts';
import type { Settings } from './settings.ts';

export interface ServerOptions {
  /** 0 uses any free port. */
  readonly port: number;
  /** Milliseconds before each response. */
  readonly latency: number;
  /** Requests per second. Default: no limit. */
  readonly rate?: number;
  /** Requests allowed at once. Default: those of one second. */
  readonly burst?: number;
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
  const nextId = requestIds(options.clock);
  const server = createServer({ keepAliveTimeout: 60_000, requireHostHeader: false }, (request, response) => {
    respond(request, (server.address() as AddressInfo | null)?.port)
      .catch((error) =>
        responseOf(serverError(500, error instanceof CliError ? error.toRecord().message : String(error)), nextId()),
      )
      .then((result) => write(result, response, request));
  });
  const respond = async (request: IncomingMessage, port: number | undefined) => {
    const error = hostError(request, port);
    if (error === undefined) return handler(await receive(request, `http://127.0.0.1:${port}`));
    return responseOf({ ...error, headers: { connection: 'close' } }, nextId());
  };
  const destroyRejected = rejectInvalid(server, nextId);
  const port = await listen(server, options.port);
  return { endpoint: `http://127.0.0.1:${port}`, close: () => close(server, destroyRejected) };
}

/** The names of the loopback interface, which alone is served. */
const ownNames = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * The response to a request for another host: a web page whose own name leads to this machine must not reach the sandbox.
 * Before HTTP/1.1 the header is optional.
 */
function hostError({ httpVersion, headers }: IncomingMessage, port: number | undefined): ApiResponse | undefined {
  const host = headers.host?.toLowerCase();
  if (host === undefined && httpVersion !== '1.1') return undefined;
  if (host === undefined) return badRequest('The header Host is missing');
  if (ownNames.some((name) => host === `${name}:${port}` || (port === 80 && host === name))) return undefined;
  const detail = 'The sandbox responds only to requests for its own host and port';
  return { status: 421, error: { title: 'Misdirected Request', detail } };
}

/**
 * Responds in the format of the API to what is not a valid request; Node's own responses have no body. Returns a function
 * that destroys the rejected connections that are still open.
 */
function rejectInvalid(server: Server, nextId: () => string): () => void {
  const rejected = new Set<Duplex>();
  const reject = (response: ApiResponse, socket: Duplex) => {
    // More bytes on the same socket cause the same error again.
    if (!socket.writable) return;
    rejected.add(socket.on('close', () => rejected.delete(socket)));
    socket.end(bytesOf(responseOf(response, nextId())));
  };
  server.on('clientError', (error, socket) => reject(errorResponseOf(error), socket));
  server.on('connect', (_, socket) => {
    socket.on('error', () => {}).resume();
    reject(methodNotAllowed('GET'), socket);
  });
  server.on('checkExpectation', (request, response) => {
    write(responseOf({ status: 417, error: { title: 'Expectation Failed' } }, nextId()), response, request);
  });
  server.on('checkContinue', (request, response) => {
    // A client that announces too large a body need not send it.
    if (Number(request.headers['content-length']) > bodyLimit) response.setHeader('connection', 'close');
    else response.writeContinue();
    server.emit('request', request, response);
  });
  return () => {
    for (const socket of rejected) socket.destroy();
  };
}

function withFaults({ handler, settings }: Sandbox, { latency, rate, burst, fail = 0, clock }: ServerOptions): Handler {
  const faults: Fault[] = [
    ...(latency > 0 ? [delay(latency, clock)] : []),
    ...(rate === undefined ? [] : [limitRate({ rate, burst, headers: settings.rate_headers }, clock)]),
    ...(fail > 0 ? [failAtRandom(fail, clock)] : []),
  ];
  return faults.reduceRight((next, fault) => fault(next), handler);
}

/** Wraps a handler to simulate latency, a rate limit or failures. */
type Fault = (next: Handler) => Handler;

/** Delays each request before it is processed. */
export function delay(milliseconds: number, clock: Clock): Fault {
  return (next) => async (request) => {
    await clock.sleep(milliseconds);
    return next(request);
  };
}

interface RateLimit {
  /** Requests per second, on average. */
  readonly rate: number;
  /** Requests allowed at once after a pause. Default: those of one second. */
  readonly burst?: number | undefined;
  /** Which responses have the headers of the limit. */
  readonly headers: Settings['rate_headers'];
}

/** A token bucket: responds 429 to requests beyond the limit, and reports the limit in headers. */
export function limitRate({ rate, burst = Math.max(1, Math.ceil(rate)), headers }: RateLimit, clock: Clock): Fault {
  const nextId = requestIds(clock);
  let tokens = burst;
  let last = clock.monotonic();
  return (next) => async (request) => {
    const now = clock.monotonic();
    tokens = Math.min(burst, tokens + ((now - last) / 1000) * rate);
    last = now;
    const isLimited = tokens < 1;
    if (!isLimited) tokens -= 1;
    const limit = {
      'x-ratelimit-limit': String(burst),
      'x-ratelimit-remaining': String(Math.floor(tokens)),
      'x-ratelimit-reset': String(Math.ceil((burst - tokens) / rate)),
    };
    const reported: Readonly<Record<string, string>> = hasRateHeaders(request.path, headers) ? limit : {};
    if (isLimited) {
      const retryAfter = String(Math.max(1, Math.ceil((1 - tokens) / rate)));
      return responseOf({ status: 429, headers: { 'retry-after': retryAfter, ...reported } }, nextId());
    }
    const response = await next(request);
    if (response.status >= 300) return response;
    return { ...response, headers: new Map([...response.headers, ...Object.entries(reported)]) };
  };
}

/** Fails this share of the requests, from 0 to 1, before they are processed. */
export function failAtRandom(share: number, clock: Clock): Fault {
  const nextId = requestIds(clock);
  return (next) => async (request) => {
    const chance = clock.random();
    if (chance >= share) return next(request);
    const status = chance < share / 2 ? 500 : 503;
    return responseOf(serverError(status, 'A random failure of the sandbox, as requested by --fail'), nextId());
  };
}

/** The request, once its body has arrived. */
async function receive(request: IncomingMessage, base: string): Promise<HttpRequest> {
  const body = await bodyOf(request);
  // A client of a proxy sends the absolute URL.
  const target = (request.url ?? '').replace(/^https?:\/\/[^/?]*/i, '');
  const [path = '', ...query] = target.split('?');
  const { authorization, 'content-type': type } = request.headers;
  const headers = { authorization, 'content-type': type };
  return { method: request.method ?? '', path, query: new URLSearchParams(query.join('?')), headers, body, base };
}

/** Undefined if the body exceeds the limit; the rest of it is read and discarded. */
function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length']) > bodyLimit) {
    request.resume();
    return Promise.resolve(undefined);
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > bodyLimit) resolve(undefined);
      if (size <= bodyLimit) chunks.push(chunk);
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
  });
}

function write({ status, headers, body }: Response, response: ServerResponse, request: IncomingMessage): void {
  if (response.destroyed) return;
  // The connection stays open: a client that is still sending would see a reset instead of the response.
  const length = status === 204 ? {} : { 'content-length': body.length };
  response.writeHead(status, { ...Object.fromEntries(headers), ...length });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** The response to a request that Node cannot parse. */
function errorResponseOf(error: NodeJS.ErrnoException): ApiResponse {
  if (error.code === 'HPE_HEADER_OVERFLOW') {
    const detail = 'The headers of a request may have at most 16 KiB';
    return { status: 431, error: { title: 'Request Header Fields Too Large', detail } };
  }
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return { status: 408, error: { title: 'Request Timeout' } };
  return badRequest('The request is not HTTP');
}

/** A response for a socket without a request. */
function bytesOf({ status, headers, body }: Response): Buffer {
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

function close(server: Server, destroyRejected: () => void): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
    destroyRejected();
  });
}
