import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CliError } from '../../src/errors.ts';
import { failureOf, isConflict } from '../../src/http/failure.ts';
import type { Method } from '../../src/http/send.ts';
import { answer } from './answers.ts';

const one = '/iam/v2/invitations/i-1';
const all = '/iam/v2/invitations';
const failure = (method: Method, path: string, response: ReturnType<typeof answer>) =>
  failureOf({ method, path }, response);
const errors = (...list: unknown[]) => ({ errors: list });

describe('what an answer means', () => {
  test.each([
    ['GET', all, answer(401), 'auth_invalid'],
    ['GET', all, answer(403, { message: 'invalid API key: abc' }), 'auth_invalid'],
    ['POST', all, answer(402), 'quota_exceeded'],
    ['POST', all, answer(400, errors({ detail: 'The number of x is currently limited to 150' })), 'quota_exceeded'],
    ['POST', all, answer(400, errors({ code: 'quota_exceeded' })), 'quota_exceeded'],
    ['POST', all, answer(429, errors({ detail: 'It would exceed the quota' })), 'rate_limited'],
    ['POST', all, answer(403, errors({ detail: 'User Access Unauthorized' })), 'forbidden'],
    ['GET', one, answer(404), 'not_found'],
    ['POST', all, answer(409), 'already_exists'],
    ['DELETE', one, answer(400, errors({ detail: 'The invitation was already accepted' })), 'already_accepted'],
    ['POST', all, answer(400, errors({ detail: 'The invitation was already accepted' })), 'usage'],
    ['GET', all, answer(408), 'api_unavailable'],
    ['GET', all, answer(500), 'api_unavailable'],
    ['POST', all, answer(422, errors({ detail: 'bad', source: { pointer: '/email' } })), 'invalid_email'],
    ['POST', all, answer(400, errors({ detail: 'bad', source: { pointer: '/auth_type' } })), 'usage'],
    ['GET', all, answer(304), 'bad_response'],
    ['GET', all, answer(415), 'usage'],
    ['GET', one, answer(418), 'bad_response'],
    ['POST', all, answer(451, errors({ detail: 'blocked' })), 'bad_response'],
  ] as const)('%s %s %o is %s', (method, path, response, code) => {
    expect(failure(method, path, response).code).toBe(code);
  });

  test.each([
    [408, true],
    [429, true],
    [500, true],
    [501, false],
    [401, false],
  ])('%i is worth typing again: %s', (status, retryable) => {
    expect(failure('GET', all, answer(status)).details.retryable).toBe(retryable);
  });
});

describe('what is said about it', () => {
  const many = errors(...Array.from({ length: 50 }, (_, index) => ({ detail: `fault ${index}` })));
  const html = '<html><head><title>502 Bad Gateway</title></head><body>…</body></html>';
  test.each([
    [
      'HTTP 409: This user already exists',
      answer(409, errors({ title: 'Resource Already exists', detail: 'This user already exists' })),
    ],
    ['HTTP 422: malformed (/email)', answer(422, errors({ detail: 'malformed', source: { pointer: '/email' } }))],
    ['HTTP 400: no such filter (num)', answer(400, errors({ detail: 'no such filter', source: { parameter: 'num' } }))],
    ['HTTP 400: Bad; and a text', answer(400, errors({ title: 'Bad', source: {} }, 'and a text', null, 7, {}))],
    ['HTTP 400: fault 0; fault 1; fault 2; fault 3; fault 4; and 45 more', answer(400, many)],
    ['HTTP 400: no field x', answer(400, { status: 400, error: { code: 'INVALID_FIELD', message: 'no field x' } })],
    ['HTTP 400: invalid_request: no grant', answer(400, { error: 'invalid_request', error_description: 'no grant' })],
    [
      'HTTP 400: Either unauthorized or not there',
      answer(400, { error_code: 40301, message: 'Either unauthorized or not there' }),
    ],
    [
      'HTTP 400: Invalid role name : X',
      answer(400, { status_code: 400, message: 'Invalid role name : X', type: 'INVALID' }),
    ],
    ['HTTP 400: still this', answer(400, { errors: null, message: 'still this' })],
    ['HTTP 500, application/json: {"errors":[]}', answer(500, { errors: [] })],
    [
      'HTTP 503, text/plain: upstream connect error',
      answer(503, 'upstream  connect\nerror', { 'content-type': 'text/plain' }),
    ],
    ['HTTP 502, text/html: 502 Bad Gateway', answer(502, html, { 'content-type': 'text/html' })],
    ['HTTP 500, no content', answer(500)],
    ['HTTP 500, no content type', answer(500, new Uint8Array(gzipSync('{"message":"x"}')))],
    ['HTTP 304, no content, a redirect that was not followed', answer(304)],
  ])('%s', (reason, response) => {
    expect(failure('POST', all, response).details.reason).toBe(reason);
  });

  test('one that may only be hidden is not said to be missing', () => {
    for (const status of [403, 404]) {
      const { message, details } = failure(
        'DELETE',
        one,
        answer(status, errors({ status: String(status), title: 'Nope' })),
      );
      expect(message).toBe('cannot delete "/iam/v2/invitations/i-1"');
      expect(details.reason).toBe(`not found or not permitted (HTTP ${status}: Nope)`);
    }
    expect(failure('GET', all, answer(403)).details.reason).toBe('HTTP 403, no content');
  });

  test('hints tell what to type, the server’s own after ours', () => {
    expect(failure('GET', all, answer(401, errors({ detail: 'no', resolution: 'make a key' }))).details.hints).toEqual([
      'invite auth login',
      'make a key',
    ]);
    const accepted = failure('DELETE', one, answer(400, errors({ detail: 'was already accepted' })));
    expect(accepted.details.hints).toEqual(['invite remove EMAIL removes the member']);
  });

  test('the request id comes from the header, else from the body', () => {
    const body = errors({ id: 'from-body', detail: 'x' });
    expect(failure('GET', all, answer(500, body, { 'x-request-id': 'from-header' })).details.request_id).toBe(
      'from-header',
    );
    expect(failure('GET', all, answer(500, body)).details.request_id).toBe('from-body');
    const b = { requestId: 'b-1', error: { message: 'x' } };
    expect(failure('GET', all, answer(500, b)).details.request_id).toBe('b-1');
    expect(failure('GET', all, answer(500)).details).not.toHaveProperty('request_id');
  });

  test('a conflict says where the other one is, also after more was said about it', () => {
    const conflict = failure('POST', all, answer(409, '', { location: 'https://api.example/iam/v2/invitations/i-9' }));
    expect(isConflict(conflict)).toBe(true);
    expect(conflict.with({ target: 'a@b.c' })).toMatchObject({
      details: { target: 'a@b.c', http_status: 409, location: 'https://api.example/iam/v2/invitations/i-9' },
    });
  });
});

describe('a text that is too long', () => {
  test('is cut at 200 characters, between words', () => {
    const reason = failure('POST', all, answer(400, { message: 'word '.repeat(100) })).details.reason ?? '';
    expect(reason).toMatch(/^HTTP 400: (word )+word…$/);
    expect(reason.length).toBeLessThanOrEqual(211);
  });

  test('never ends in half a secret', () => {
    const secret = 'cflt0123456789ABCDEF+/=';
    for (let before = 150; before <= 210; before++) {
      const { reason } = failure(
        'POST',
        all,
        answer(400, { message: `${'x '.repeat(before / 2)}${secret} ${'y'.repeat(99)}` }),
      ).details;
      const rest = reason?.replaceAll(secret, '') ?? '';
      expect(rest).not.toMatch(/cflt/);
    }
  });
});

test('whatever a server sends, it is one understood failure on one line', () => {
  const bodies = fc.oneof(
    fc.uint8Array(),
    fc.anything().map((value) => new TextEncoder().encode(JSON.stringify(value) ?? '')),
    fc
      .record({ errors: fc.anything(), error: fc.anything(), message: fc.anything() })
      .map((value) => new TextEncoder().encode(JSON.stringify(value))),
  );
  fc.assert(
    fc.property(bodies, fc.integer({ min: 300, max: 599 }), (body, status) => {
      const error = failureOf({ method: 'GET', path: all }, { status, headers: new Map(), body });
      expect(error).toBeInstanceOf(CliError);
      expect(error.details.reason).not.toMatch(/[\n\r]|undefined|\[object/);
      expect(error.details.reason?.length).toBeLessThan(1300);
    }),
  );
});
