import type { Response } from './send.ts';

/** The body as text: a byte order mark is dropped, bytes that are not UTF-8 become U+FFFD. */
export function bodyText(body: Uint8Array): string {
  return withoutMark(body).toString('utf8');
}

/** The bytes without a byte order mark. */
export function withoutMark(body: Uint8Array): Buffer {
  const isMarked = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf;
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).subarray(isMarked ? 3 : 0);
}

const limit = 200;

/** At most 200 characters, on one line. The cut never splits a word: half a secret would match no pattern of the redactor. */
export function excerpt(text: string): string {
  const line = text
    .slice(0, 20 * limit)
    .replace(/\s+/g, ' ')
    .trim();
  if (line.length <= limit) return line;
  return `${line
    .slice(0, limit)
    .replace(/[\w+/=%.~-]*$/, '')
    .trimEnd()}…`;
}

/** Status and content type of a response: `HTTP 200, text/html`. */
export function describeResponse({ status, headers, body }: Response): string {
  const type = headers.get('content-type')?.split(';')[0]?.trim() ?? '';
  const shown = type === '' ? 'no content type' : excerpt(type);
  return body.length === 0 ? `HTTP ${status}, no content` : `HTTP ${status}, ${shown}`;
}
