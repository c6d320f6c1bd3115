import type { Fault, Reply, Scenarios } from '../exchange.ts';
import { always, failure, json, once } from '../faults.ts';

/** Servers that refuse, say later, fall over, or point elsewhere. */
export const refusals = {
  'err-401': { fault: always(unauthenticated()) },
  'err-403': { fault: always(failure(403, 'You may not look at this', 'user_unauthorized')) },
  'err-echo-auth': {
    fault: ({ request }) => {
      const { authorization = '' } = request.headers;
      const decoded = Buffer.from(authorization.replace('Basic ', ''), 'base64').toString();
      const said = `bad header ${authorization}, that is ${decoded} or ${encodeURIComponent(decoded)}`;
      return json(400, { errors: [{ detail: said }] }, { 'X-Request-Id': decoded });
    },
  },
  '429-seconds': { fault: once(later(1)) },
  '429-huge': { fault: later(86_400) },
  '429-forever': { fault: later(1) },
  '501': { fault: always(failure(501, 'Not here')) },
  'redirect-foreign': {
    fault: ({ foreignUrl, request }) => ({ status: 302, headers: { Location: `${foreignUrl}${request.target}` } }),
  },
} satisfies Scenarios;

export function unauthenticated(): Reply {
  const reply = failure(401, 'Valid authentication credentials must be provided', 'user_unauthenticated');
  const challenge = 'Basic error="invalid_key", error_description="The API Key is invalid"';
  return { ...reply, headers: { ...reply.headers, 'WWW-Authenticate': challenge } };
}

/** Asks to wait for so many seconds. */
export function later(seconds: number, status = 429): Fault {
  const headers = { 'Content-Type': 'application/json', 'X-Request-Id': 'req-later', 'Retry-After': String(seconds) };
  return always({ ...failure(status, 'Too many requests, slow down'), headers });
}
