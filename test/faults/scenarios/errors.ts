import type { Reply, Scenarios } from '../exchange.ts';
import { always, failure, json } from '../faults.ts';

/** Refusals. */
export const errors = {
  'err-400': {
    fault: always(failure(400, "The 'delorean' resource can't be filtered by 'num_doors'", 'invalid_filter')),
  },
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
} satisfies Scenarios;

export function unauthenticated(): Reply {
  const reply = failure(401, 'Valid authentication credentials must be provided', 'user_unauthenticated');
  const challenge = 'Basic error="invalid_key", error_description="The API Key is invalid"';
  return { ...reply, headers: { ...reply.headers, 'WWW-Authenticate': challenge } };
}
