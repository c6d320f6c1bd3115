import type { Exchange, Fault, Scenarios } from '../exchange.ts';
import { cut, first, hang, instead, reset } from '../faults.ts';
import { head } from '../wire.ts';

/** Connections that break, stall or use another protocol. */
export const network = {
  'accept-rst': { connect: (socket) => socket.resetAndDestroy().destroyed },
  'accept-rst-then-ok': { connect: (socket, nth) => nth === 1 && socket.resetAndDestroy().destroyed },
  'reset-mid-headers': { fault: cut((exchange, top) => exchange.socket.write(top.subarray(0, 40)) && reset(exchange)) },
  'reset-mid-body': { fault: resetMidBody() },
  'reset-mid-body-then-ok': { fault: first(1, resetMidBody()) },
  'fin-mid-body': { fault: finMidBody },
  hang: { fault: hang },
  'hang-then-ok': { fault: first(1, hang) },
  'hang-after-headers': { fault: cut(({ socket }, top) => socket.write(top)) },
  'slow-body': { fault: cut((exchange, top, body) => drip(exchange, body, exchange.socket.write(top))) },
  'slow-headers': { fault: cut((exchange, top) => drip(exchange, top)) },
  '1xx-flood': { fault: flood },
  'endless-body': { fault: ({ socket }) => pour(socket, Number.POSITIVE_INFINITY) },
  'big-plain': { fault: ({ socket }) => pour(socket, 200 * 2 ** 20) },
  'keepalive-race': { fault: (exchange) => (exchange.reuse > 1 ? slam(exchange) : exchange.honest()) },
  'keepalive-race-delayed': { fault: closeAfterAnswer },
  'extra-response': { fault: answerTwice },
  garbage: { fault: ({ socket }) => writeText(socket, '220 mail.example.com ESMTP ready\r\n250 at your service\r\n') },
  'two-content-lengths': {
    fault: ({ socket }) =>
      writeText(socket, 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 500\r\n\r\n[]{}1'),
  },
  'huge-headers': {
    fault: instead((_, honest) => ({ ...honest, headers: { 'X-Padding': 'x'.repeat(65_536) } })),
  },
} satisfies Scenarios;

type Wire = Exchange['socket'];

function writeText(socket: Wire, text: string): undefined {
  socket.write(text);
}

function resetMidBody(): Fault {
  return cut((exchange, top, body) => {
    exchange.socket.write(Buffer.concat([top, body.subarray(0, body.length / 2)]));
    reset(exchange);
  });
}

/** The body is complete JSON, but shorter than Content-Length. */
async function finMidBody(exchange: Exchange): Promise<undefined> {
  const { status, headers, body = '' } = await exchange.honest();
  const declared = { ...headers, 'Content-Length': String(Buffer.byteLength(body) + 100) };
  exchange.socket.end(head({ status, headers: declared }) + String(body));
}

/** Sends a byte every 250 ms. */
function drip(exchange: Exchange, bytes: Buffer, _ready = true): void {
  let sent = 0;
  every(exchange, 1000, () => exchange.socket.write(bytes.subarray(sent, ++sent)));
}

function flood(exchange: Exchange): undefined {
  every(exchange, 1000, () => exchange.socket.write('HTTP/1.1 102 Processing\r\n\r\n'));
}

async function every({ socket, clock }: Exchange, milliseconds: number, act: () => void): Promise<void> {
  for (await clock.sleep(milliseconds); !socket.destroyed; await clock.sleep(milliseconds)) act();
}

/** A list followed by white space only. */
function pour(socket: Wire, size: number): undefined {
  const spaces = Buffer.alloc(65_536, ' ');
  let left = size;
  const top = { status: 200, headers: { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' } };
  socket.write(`${head(top)}b\r\n{"data": []\r\n`);
  const more = () => {
    while (left > 0 && !socket.destroyed) {
      left -= spaces.length;
      socket.write('10000\r\n');
      socket.write(spaces);
      if (!socket.write('\r\n')) return;
    }
    if (left <= 0) socket.write('1\r\n}\r\n0\r\n\r\n');
  };
  socket.on('drain', more);
  more();
}

function slam({ socket }: Exchange): undefined {
  socket.resetAndDestroy();
}

/** Closes an idle connection while the next request may be on its way: a race, and therefore in real time. */
function closeAfterAnswer(exchange: Exchange) {
  setTimeout(() => exchange.socket.end(), 3);
  return exchange.reuse > 1 ? slam(exchange) : exchange.honest();
}

/** Sends a second, unrequested response with another invitation. */
async function answerTwice(exchange: Exchange): Promise<undefined> {
  const { status, headers, body = '' } = await exchange.honest();
  const stranger = JSON.stringify({ id: 'i-stranger', email: 'stranger@example.net', data: [], metadata: {} });
  const own =
    head({ status, headers: { ...headers, 'Content-Length': String(Buffer.byteLength(body)) } }) + String(body);
  const top = head({
    status: 200,
    headers: { 'Content-Type': 'application/json', 'Content-Length': String(stranger.length) },
  });
  exchange.socket.write(own + top + stranger);
}
