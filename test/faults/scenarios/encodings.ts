import { gzipSync } from 'node:zlib';
import type { Fault, Scenarios } from '../exchange.ts';
import { body, failure, instead } from '../faults.ts';

/** Bodies in another encoding than requested or declared. */
export const encodings = {
  'gzip-bomb': { fault: coded('gzip', () => bomb()) },
  'gzip-chain': { fault: coded(Array(200).fill('gzip').join(', '), gzipSync) },
  'err-gzip-unlabelled': {
    fault: instead(() => {
      const reply = failure(400, 'The filter is too clever');
      return { ...reply, body: gzipSync(String(reply.body)) };
    }),
  },
  'invalid-utf8': { fault: body((text) => Buffer.from(text.replaceAll('sent@', 's\xfft@'), 'latin1')) },
} satisfies Scenarios;

function coded(coding: string, encode: (text: string) => Buffer): Fault {
  return instead((_, honest) => {
    if (honest.body === undefined) return honest;
    return { ...honest, headers: { ...honest.headers, 'Content-Encoding': coding }, body: encode(String(honest.body)) };
  });
}

/** 256 MiB of spaces in several members of one gzip stream. */
function bomb(): Buffer {
  const member = gzipSync(Buffer.alloc(8 * 2 ** 20, ' '));
  return Buffer.concat([gzipSync('{"data": ['), ...Array<Buffer>(32).fill(member), gzipSync(']}')]);
}
