import { connect, createServer, type Socket } from 'node:net';
import { listen } from '../support/listen.ts';
import type { RawRequest } from './exchange.ts';
import { head, onRequests, send } from './wire.ts';

export type ProxyMode = 'ok' | 'drop' | '407' | '502html';

interface ForwardProxy {
  readonly port: number;
  readonly log: readonly RawRequest[];
  stop(): Promise<void>;
}

/** A proxy on the loopback that tunnels, or fails to. Every name under `.example` is this machine to it. */
export async function startProxy(mode: ProxyMode): Promise<ForwardProxy> {
  const log: RawRequest[] = [];
  const server = createServer((socket) =>
    onRequests(socket, (request) => {
      log.push(request);
      answers[mode](socket, request);
    }),
  );
  return { ...(await listen(server)), log };
}

const answers: Record<ProxyMode, (socket: Socket, request: RawRequest) => void> = {
  ok: pass,
  drop: (socket) => socket.destroy(),
  '407': (socket) => send(socket, { status: 407, headers: { 'Proxy-Authenticate': 'Basic realm="corporate"' } }),
  '502html': (socket) =>
    send(socket, { status: 502, headers: { 'Content-Type': 'text/html' }, body: '<html><h1>Bad Gateway</h1></html>' }),
};

/** A tunnel for CONNECT; for a whole URL the request is sent on to its host. */
function pass(socket: Socket, { method, target, headers, body }: RawRequest): void {
  const url = new URL(method === 'CONNECT' ? `http://${target}` : target);
  const upstream = connect(Number(url.port || 80), url.hostname.endsWith('.example') ? '127.0.0.1' : url.hostname);
  upstream.on('error', () => socket.destroy());
  upstream.on('connect', () => {
    socket.removeAllListeners('data');
    socket.pipe(upstream).pipe(socket);
    if (method === 'CONNECT') return socket.write(head({ status: 200, reason: 'Connection Established' }));
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    return upstream.write(`${method} ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
  });
}
