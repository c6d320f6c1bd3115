import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { CliError } from '../errors.ts';
import type { Clock } from '../host.ts';
import type { Response } from '../http/send.ts';
import {
  badRequest,
  broken,
  headersTooLarge,
  methodNotAllowed,
  requestTimeout,
  unmetExpectation,
} from './error-responses.ts';
import { delay, failAtRandom, limitRate } from './faults.ts';
import { bodyLimit } from './handler.ts';
import type { Fault, Handler, HttpRequest } from './http.ts';
import { type ApiResponse, responseOf } from './http.ts';
import { requestIds } from './identifiers.ts';
import type { Sandbox } from './sandbox.ts';

export interface ServerOptions {
  /** 0 takes any that is free. */
  readonly port: number;
  /** Milliseconds before each answer. */
  readonly latency: number;
  /** Requests per second; unsaid means no limit. */
  readonly rate?: number;
  /** Requests that may come at once. Unsaid: as many as in a second. */
  readonly burst?: number;
  /** The share of requests that break, from 0 to 1. */
  readonly fail?: number;
  readonly clock: Clock;
}

/** Answers HTTP requests on the loopback interface until it is closed. Throws `io_error` if the port cannot be had. */
export async function serveSandbox(
  sandbox: Sandbox,
  options: ServerOptions,
): Promise<{ endpoint: string; close(): Promise<void> }> {
  const exchange = withFaults(sandbox, options);
  const nextId = requestIds(options.clock);
  // Node's own answers to what is not HTTP have no body; these are in the format of the API.
  const server = createServer({ keepAliveTimeout: 60_000, requireHostHeader: false }, (request, response) => {
    const base = `http://127.0.0.1:${(server.address() as AddressInfo | null)?.port}`;
    reply(request, base)
      .catch((error) => responseOf(broken(500, wordsOf(error)), nextId()))
      .then((answer) => write(answer, response, request));
  });
  const reply = async (request: IncomingMessage, base: string) => {
    const isHostless = request.httpVersion === '1.1' && request.headers.host === undefined;
    if (isHostless)
      return responseOf({ ...badRequest('The header Host is missing'), headers: { connection: 'close' } }, nextId());
    return exchange(await receive(request, base));
  };
  const hangUp = refuseTheRest(server, nextId);
  const port = await listen(server, options.port);
  return { endpoint: `http://127.0.0.1:${port}`, close: () => close(server, hangUp) };
}

/** Answers what never becomes a request. Returns what cuts off those who were refused and do not leave. */
function refuseTheRest(server: Server, nextId: () => string): () => void {
  const refused = new Set<Duplex>();
  const refuse = (answer: ApiResponse, socket: Duplex) => {
    // What still comes in meets the same error again.
    if (!socket.writable) return;
    refused.add(socket.on('close', () => refused.delete(socket)));
    socket.end(bytesOf(responseOf(answer, nextId())));
  };
  server.on('clientError', (error, socket) => refuse(refusalOf(error), socket));
  server.on('connect', (_, socket) => {
    socket.on('error', () => {}).resume();
    refuse(methodNotAllowed('GET'), socket);
  });
  server.on('checkExpectation', (request, response) =>
    write(responseOf(unmetExpectation, nextId()), response, request),
  );
  server.on('checkContinue', (request, response) => {
    // Who asks before sending too much need not send it.
    if (Number(request.headers['content-length']) > bodyLimit) response.setHeader('connection', 'close');
    else response.writeContinue();
    server.emit('request', request, response);
  });
  return () => {
    for (const socket of refused) socket.destroy();
  };
}

function withFaults(
  { exchange, switches }: Sandbox,
  { latency, rate, burst, fail = 0, clock }: ServerOptions,
): Handler {
  const limit =
    rate === undefined
      ? undefined
      : { rate, ...(burst === undefined ? {} : { burst }), headers: switches.rate_headers };
  const faults: Fault[] = [
    ...(latency > 0 ? [delay(latency, clock)] : []),
    ...(limit === undefined ? [] : [limitRate(limit, clock)]),
    ...(fail > 0 ? [failAtRandom(fail, clock)] : []),
  ];
  return faults.reduceRight((next, fault) => fault(next), exchange);
}

/** The request, once all of it is here that can matter. */
async function receive(request: IncomingMessage, base: string): Promise<HttpRequest> {
  const body = await bodyOf(request);
  // A client of a proxy names the whole address.
  const target = (request.url ?? '').replace(/^https?:\/\/[^/?]*/i, '');
  const [path = '', ...query] = target.split('?');
  const { authorization, 'content-type': type } = request.headers;
  const headers = { authorization, 'content-type': type };
  return { method: request.method ?? '', path, query: new URLSearchParams(query.join('?')), headers, body, base };
}

/** Undefined if it is larger than anything that the API takes; the rest of it is read all the same, and thrown away. */
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
  // The connection stays open: if it was closed on a client that is still sending, it would hear a reset, no answer.
  const length = status === 204 ? {} : { 'content-length': body.length };
  response.writeHead(status, { ...Object.fromEntries(headers), ...length });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** What to say to bytes that are not HTTP, or too many of it. */
function refusalOf(error: NodeJS.ErrnoException): ApiResponse {
  if (error.code === 'HPE_HEADER_OVERFLOW') return headersTooLarge;
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return requestTimeout;
  return badRequest('The request is not HTTP');
}

/** An answer where there is no request to answer to. */
function bytesOf({ status, headers, body }: Response): Buffer {
  const all = [...headers, ['content-length', body.length], ['connection', 'close']];
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...all.map(([name, value]) => `${name}: ${value}`)];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}

function wordsOf(error: unknown): string {
  if (!(error instanceof CliError)) return String(error);
  return error.toRecord().message;
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const hints = ['leave --port out to take one that is free'];
      reject(
        new CliError('io_error', `cannot listen on port "${port}"`, { reason: error.code ?? error.message, hints }),
      );
    });
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function close(server: Server, hangUp: () => void): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
    hangUp();
  });
}
