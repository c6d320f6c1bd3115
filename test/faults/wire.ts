import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { RawRequest, Reply } from './exchange.ts';

/** Calls back for each complete request on a connection. Chunked bodies and trailers are not supported. */
export function onRequests(socket: Socket, onRequest: (request: RawRequest) => void): void {
  let buffered: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    buffered = Buffer.concat([buffered, chunk]);
    for (let taken = takeRequest(buffered); taken !== undefined; taken = takeRequest(buffered)) {
      buffered = taken.rest;
      onRequest(taken.request);
    }
  });
}

function takeRequest(bytes: Buffer): { request: RawRequest; rest: Buffer } | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const [method = '', target = ''] = first.split(' ');
  const headers = Object.fromEntries(lines.map(headerOf));
  const stop = end + 4 + Number(headers['content-length'] ?? 0);
  if (bytes.length < stop) return undefined;
  return {
    request: { method, target, headers, body: bytes.toString('utf8', end + 4, stop) },
    rest: bytes.subarray(stop),
  };
}

function headerOf(line: string): readonly [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

/** The status line and headers exactly as given: invalid ones are the purpose. */
export function head({ status, reason = STATUS_CODES[status] ?? '', headers = {} }: Reply): string {
  const lines = Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().map((value) => `${name}: ${value}\r\n`),
  );
  return `HTTP/1.1 ${status} ${reason}\r\n${lines.join('')}\r\n`;
}

/** Writes a response. Content-Length is added unless the headers define the end of the body or the status forbids one. */
export function send(socket: Socket, reply: Reply): void {
  const body = Buffer.from(reply.body ?? '');
  const names = Object.keys(reply.headers ?? {}).map((name) => name.toLowerCase());
  const ends = names.includes('content-length') || names.includes('transfer-encoding') || reply.status === 204;
  const headers = ends ? reply.headers : { ...reply.headers, 'Content-Length': String(body.length) };
  socket.write(Buffer.concat([Buffer.from(head({ ...reply, headers: headers ?? {} }), 'latin1'), body]));
}
