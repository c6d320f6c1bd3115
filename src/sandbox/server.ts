import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import { CliError } from '../errors.ts';
import type { Response } from '../http/send.ts';
import { responseOf } from './answer.ts';
import type { Call, Exchange, Fault } from './call.ts';
import { bodyLimit } from './exchange.ts';
import { delay, failAtRandom, limitRate } from './faults.ts';
import { requestIds } from './identifiers.ts';
import { broken, tooLarge } from './refusals.ts';
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
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const base = `http://127.0.0.1:${(server.address() as AddressInfo | null)?.port}`;
    receive(request, base)
      .then((call) => (call === undefined ? responseOf(tooLarge, nextId()) : exchange(call)))
      .catch((error) => responseOf(broken(500, wordsOf(error)), nextId()))
      .then((answer) => write(answer, response, request));
  });
  server.on('clientError', (_error, socket) => refuse(socket as Socket));
  const port = await listen(server, options.port);
  return { endpoint: `http://127.0.0.1:${port}`, close: () => close(server) };
}

function withFaults(
  { exchange, switches }: Sandbox,
  { latency, rate, burst, fail = 0, clock }: ServerOptions,
): Exchange {
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

/** The request, once all of it is here; undefined if it is larger than anything that the API takes. */
async function receive(request: IncomingMessage, base: string): Promise<Call | undefined> {
  const body = await bodyOf(request);
  if (body === undefined) return undefined;
  const [path = '', ...query] = (request.url ?? '').split('?');
  const headers = { authorization: request.headers.authorization };
  return { method: request.method ?? '', path, query: new URLSearchParams(query.join('?')), headers, body, base };
}

function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > bodyLimit) resolve(undefined);
      if (size <= bodyLimit) chunks.push(chunk);
    });
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.on('error', reject);
  });
}

function write({ status, headers, body }: Response, response: ServerResponse, request: IncomingMessage): void {
  if (response.destroyed) return;
  // The rest of a body that nobody reads would be taken for the next request.
  const connection = request.complete ? {} : { connection: 'close' };
  const length = status === 204 ? {} : { 'content-length': body.length };
  response.writeHead(status, { ...Object.fromEntries(headers), ...length, ...connection });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** To what is not HTTP. */
function refuse(socket: Socket): void {
  if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
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

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
