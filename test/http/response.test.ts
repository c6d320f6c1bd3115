import { describe, expect, test } from 'vitest';
import { parseJson } from '../../src/http/api.ts';
import type { Response } from '../../src/http/send.ts';
import { failureIn } from '../support/failures.ts';
import { answer } from './answers.ts';

const bytes = (text: string, encoding: BufferEncoding = 'utf8') => new Uint8Array(Buffer.from(text, encoding));
const nested = (levels: number) => bytes(`${'['.repeat(levels)}${']'.repeat(levels)}`);
const html = { 'content-type': 'text/html; charset=utf-8', 'x-request-id': 'req-1' };

const failure = (response: Response) => failureIn(() => parseJson(response));

describe('what is no JSON of the API is refused in one line', () => {
  const page = 'not JSON: a proxy or login page?';

  test.each([
    ['a login page', answer(200, '<html>Log in</html>', html), `HTTP 200, text/html, ${page}`],
    ['a page without a type', answer(200, '\n<!doctype html>'), `HTTP 200, no content type, ${page}`],
    ['nothing', answer(204), 'HTTP 204, no content, where JSON was expected'],
    ['a cut document', answer(200, bytes('{"data":[')), 'HTTP 200, no content type, not JSON'],
    ['UTF-16', answer(200, bytes('\ufeff{"data":[]}', 'utf16le')), 'HTTP 200, no content type, not JSON'],
    ['65 levels', answer(200, nested(65)), 'HTTP 200, no content type, JSON nested more than 64 levels deep'],
    ['50,000 levels', answer(200, nested(50_000)), 'HTTP 200, no content type, JSON nested more than 64 levels deep'],
  ])('%s', (_name, response, reason) => {
    expect(failure(response)).toMatchObject({ code: 'bad_response', message: 'cannot read the response' });
    expect(failure(response).details).toMatchObject({ reason, http_status: response.status });
    expect(failure(response).details.request_id).toBe(response.headers.get('x-request-id'));
  });
});

test.each([
  ['a byte order mark', bytes('\ufeff{"a":1}'), { a: 1 }],
  ['bytes that are not UTF-8', new Uint8Array([0x22, 0xff, 0x22]), '\ufffd'],
  ['errors that are empty', { errors: [], data: [] }, { errors: [], data: [] }],
])('read although it is odd: %s', (_, body, value) => expect(parseJson(answer(200, body))).toEqual(value));

test('an error under 200 is that error', () => {
  const errors = [{ id: 'e-1', status: '403', detail: 'Forbidden Access' }];
  const details = { reason: 'HTTP 200: Forbidden Access', http_status: 200, request_id: 'e-1' };
  expect(failure(answer(200, { errors }))).toMatchObject({ code: 'forbidden', details });
  expect(failure(answer(200, { errors: [{ detail: 'no' }] })).code).toBe('bad_response');
});

describe('what could harm later is taken out', () => {
  test('keys that reach a prototype, at every level and however spelt', () => {
    const text =
      '{"data":[{"id":"a","__proto__":{"polluted":1},"x":{"constructor":1,"\\u005f_proto__":2,"prototype":3,"y":4}}]}';
    const value = parseJson(answer(200, bytes(text)));
    expect(JSON.stringify(value)).toBe('{"data":[{"id":"a","x":{"y":4}}]}');
    expect(Object.hasOwn({}, 'polluted') || 'polluted' in {}).toBe(false);
  });

  test('64 levels are read', () => {
    expect(parseJson(answer(200, nested(64)))).toHaveLength(1);
  });
});

describe('memory', () => {
  const filled = (part: string, size = 10_000_000) => `{"data":[${part.repeat(size / part.length)}0]}`;

  test.each([
    ['objects', '{},'],
    ['objects in objects', '{"a":{}},'],
    ['keys', '{"a":1,"b":2},'],
  ])('10 MB of nothing but %s are refused before they are parsed', (_, part) => {
    const reason = expect.stringContaining('more than 300 MiB of memory');
    expect(failure(answer(200, bytes(filled(part))))).toMatchObject({ code: 'bad_response', details: { reason } });
  });

  test('as many bytes of text are not, whatever they say', () => {
    expect(() => parseJson(answer(200, bytes(filled(`"${'{}:,\\"'.repeat(100)}",`))))).not.toThrow();
  });
});
