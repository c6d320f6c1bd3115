import { gzipSync } from 'node:zlib';
import type { Exchange, Scenarios } from '../exchange.ts';
import { cutInBody, drop, hang, instead } from '../faults.ts';
import { head } from '../wire.ts';

/** Connections that break, stall or pour. */
export const network = {
  'reset-mid-body': { fault: cutInBody },
  hang: { fault: hang },
  'endless-body': { fault: ({ socket }) => pour(socket) },
  'gzip-bomb': {
    fault: instead((_, honest) => ({ ...honest, headers: { 'Content-Encoding': 'gzip' }, body: bomb() })),
  },
  'keepalive-race': { fault: (exchange) => (exchange.reuse > 1 ? drop(exchange) : exchange.honest()) },
  'extra-response': { fault: answerTwice },
} satisfies Scenarios;

/** A list followed by white space without end. */
function pour(socket: Exchange['socket']): undefined {
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
