import { describe, expect, test } from 'vitest';
import { parseJson } from '../../src/http/body.ts';
import { answer } from './answers.ts';

const bytes = (text: string, encoding: BufferEncoding = 'utf8') => new Uint8Array(Buffer.from(text, encoding));
const html = { 'content-type': 'text/html; charset=utf-8', 'x-request-id': 'req-1' };

describe('what is no JSON of the API is refused in one line', () => {
  test.each([
    [
      'a login page',
      answer(200, '<html><body>Log in</body></html>', html),
      'HTTP 200, text/html, not JSON: a proxy or login page?',
    ],
    [
      'a page without a type',
      answer(200, '\n<!doctype html>'),
      'HTTP 200, no content type, not JSON: a proxy or login page?',
    ],
    ['nothing', answer(204), 'HTTP 204, no content, where JSON was expected'],
    ['a cut document', answer(200, bytes('{"data":[')), 'HTTP 200, no content type, not JSON'],
    ['garbage after it', answer(200, '{"data":[]}garbage'), 'HTTP 200, no content type, not JSON'],
    ['UTF-16', answer(200, bytes('\ufeff{"data":[]}', 'utf16le')), 'HTTP 200, no content type, not JSON'],
  ])('%s', (_name, response, reason) => {
    expect(() => parseJson(response)).toThrow(
      expect.objectContaining({
        code: 'bad_response',
        message: 'cannot read the response',
        details: expect.objectContaining({ reason }),
      }),
    );
  });

  test('the status and the request id are kept', () => {
    expect(() => parseJson(answer(200, '<p>', html))).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ http_status: 200, request_id: 'req-1' }) }),
    );
  });
});

describe('what is read although it is odd', () => {
  test('a byte order mark is dropped', () => {
    expect(parseJson(answer(200, bytes('\ufeff{"a":1}')))).toEqual({ a: 1 });
  });

  test('bytes that are not UTF-8 become U+FFFD', () => {
    expect(parseJson(answer(200, new Uint8Array([0x22, 0xff, 0x22])))).toBe('\ufffd');
  });

  test('errors that are empty are no error', () => {
    expect(parseJson(answer(200, { errors: [], data: [] }))).toEqual({ errors: [], data: [] });
  });
});

test('an error under 200 is that error', () => {
  const errors = [{ id: 'e-1', status: '403', detail: 'Forbidden Access' }];
  expect(() => parseJson(answer(200, { errors }))).toThrow(
    expect.objectContaining({
      code: 'forbidden',
      details: expect.objectContaining({ reason: 'HTTP 200: Forbidden Access', http_status: 200, request_id: 'e-1' }),
    }),
  );
  expect(() => parseJson(answer(200, { errors: [{ detail: 'no' }] }))).toThrow(
    expect.objectContaining({ code: 'bad_response' }),
  );
});

describe('what could harm later is taken out', () => {
  test('keys that reach a prototype, at every level and however spelt', () => {
    const text =
      '{"data":[{"id":"a","__proto__":{"polluted":1},"x":{"constructor":1,"\\u005f_proto__":2,"prototype":3,"y":4}}]}';
    const value = parseJson(answer(200, bytes(text)));
    expect(JSON.stringify(value)).toBe('{"data":[{"id":"a","x":{"y":4}}]}');
    expect(Object.hasOwn({}, 'polluted') || 'polluted' in {}).toBe(false);
  });

  const nested = (levels: number) => bytes(`${'['.repeat(levels)}${']'.repeat(levels)}`);

  test('64 levels are read, 65 are not, 50,000 do not overflow', () => {
    expect(parseJson(answer(200, nested(64)))).toHaveLength(1);
    for (const levels of [65, 50_000]) {
      expect(() => parseJson(answer(200, nested(levels)))).toThrow(
        expect.objectContaining({
          code: 'bad_response',
          details: expect.objectContaining({
            reason: 'HTTP 200, no content type, JSON nested more than 64 levels deep',
          }),
        }),
      );
    }
  });
});

describe('memory', () => {
  const parse = (text: string) => parseJson(answer(200, bytes(text)));
  const filled = (part: string, size = 10_000_000) => `{"data":[${part.repeat(size / part.length)}0]}`;

  test.each([
    ['objects', '{},'],
    ['objects in objects', '{"a":{}},'],
    ['keys', '{"a":1,"b":2},'],
  ])('10 MB of nothing but %s are refused before they are parsed', (_, part) => {
    expect(() => parse(filled(part))).toThrow(
      expect.objectContaining({
        code: 'bad_response',
        details: expect.objectContaining({ reason: expect.stringContaining('more than 300 MiB of memory') }),
      }),
    );
  });

  test('as many bytes of text are not, whatever they say', () => {
    expect(() => parse(filled(`"${'{}:,\\"'.repeat(100)}",`))).not.toThrow();
  });
});
