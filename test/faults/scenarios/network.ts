import { gzipSync } from 'node:zlib';
import type { Exchange, Fault, Scenarios } from '../exchange.ts';
import { cut, first, hang, instead, reset } from '../faults.ts';
import { head } from '../wire.ts';

/** Connections that break, stall or pour. */
export const network = {
  'reset-mid-body': { fault: resetMidBody() },
  'reset-mid-body-then-ok': { fault: first(1, resetMidBody()) },
  hang: { fault: hang },
  'hang-then-ok': { fault: first(1, hang) },
  'slow-body': { fault: cut((exchange, top, body) => exchange.socket.write(top) && drip(exchange, body)) },
  'endless-body': { fault: ({ socket }) => pour(socket) },
  'gzip-bomb': {
    fault: instead((_, honest) => ({ ...honest, headers: { 'Content-Encoding': 'gzip' }, body: bomb() })),
  },
  'keepalive-race': { fault: (exchange) => (exchange.reuse > 1 ? slam(exchange) : exchange.honest()) },
  'keepalive-race-delayed': { fault: closeAfterAnswer },
  'extra-response': { fault: answerTwice },
} satisfies Scenarios;

type Wire = Exchange['socket'];

function resetMidBody(): Fault {
  return cut((exchange, top, body) => {
    exchange.socket.write(Buffer.concat([top, body.subarray(0, body.length / 2)]));
    reset(exchange);
  });
}

/** Sends a byte every second. */
async function drip({ socket, clock }: Exchange, bytes: Buffer): Promise<void> {
  for (let sent = 0; !socket.destroyed; sent += 1) {
    await clock.sleep(1000);
    socket.write(bytes.subarray(sent, sent + 1));
  }
}

/** A list followed by white space without end. */
function pour(socket: Wire): undefined {
  const top = { status: 200, headers: { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' } };
  const spaces = `10000\r\n${' '.repeat(65_536)}\r\n`;
  socket.write(`${head(top)}b\r\n{"data": []\r\n`);
  const more = () => {
    while (!socket.destroyed) if (!socket.write(spaces)) return;
  };
  socket.on('drain', more);
  more();
}

/** 256 MiB of spaces in several members of one gzip stream. */
function bomb(): Buffer {
  const member = gzipSync(Buffer.alloc(8 * 2 ** 20, ' '));
  return Buffer.concat([gzipSync('{"data": ['), ...Array<Buffer>(32).fill(member), gzipSync(']}')]);
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
