import type { Reply, Scenarios } from '../exchange.ts';
import { always, failure, html, json } from '../faults.ts';

const formatB = {
  status: 400,
  error: {
    code: 'INVALID_SCHEMA_FIELD',
    message: 'the field is wrong',
    details: 'field "email"',
    timestamp: '2026-11-22T10:00:00Z',
    path: '/iam/v2/invitations',
    suggestion: 'write it differently',
  },
  requestId: 'req-in-the-body',
};

/** Errors in every known format. */
export const errors = {
  'err-400': {
    fault: always(failure(400, "The 'delorean' resource can't be filtered by 'num_doors'", 'invalid_filter')),
  },
  'err-401': { fault: always(unauthenticated()) },
  'err-403': { fault: always(failure(403, 'You may not look at this', 'user_unauthorized')) },
  'err-403-invalid-key': { fault: always(failure(403, 'invalid API key: make sure you are using a Cloud API Key')) },
  'err-html-401': { fault: always(html(401, 'Unauthorized')) },
  'err-404-bare': { fault: always({ status: 404 }) },
  'err-shape-b': { fault: always(json(400, formatB)) },
  'err-shape-odd-errors': { fault: always(json(400, { errors: 'not an array', message: { no: 'text' } })) },
  'err-shape-null-members': {
    fault: always(json(400, { errors: [null, 5, { detail: null, title: 'the one with a title' }] })),
  },
  'err-long-text': { fault: always(text(400, 'blah '.repeat(20_000))) },
  'err-echo-auth': {
    fault: ({ request }) => {
      const { authorization = '' } = request.headers;
      const decoded = Buffer.from(authorization.replace('Basic ', ''), 'base64').toString();
      const said = `bad header ${authorization}, that is ${decoded} or ${encodeURIComponent(decoded)}`;
      return json(400, { errors: [{ detail: said }] }, { 'X-Request-Id': decoded });
    },
  },
} satisfies Scenarios;

export function unauthenticated(): Reply {
  const reply = failure(401, 'Valid authentication credentials must be provided', 'user_unauthenticated');
  const challenge = 'Basic error="invalid_key", error_description="The API Key is invalid"';
  return { ...reply, headers: { ...reply.headers, 'WWW-Authenticate': challenge } };
}

function text(status: number, words: string): Reply {
  return { status, headers: { 'Content-Type': 'text/plain', 'X-Request-Id': 'req-text' }, body: words };
}
