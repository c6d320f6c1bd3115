import type { Clock } from '../clock.ts';
import { type Answer, responseOf } from './answer.ts';
import type { Call, Exchange } from './call.ts';
import { type Credentials, isFrom } from './credentials.ts';
import { requestIds } from './identifiers.ts';
import type { Ledger } from './ledger.ts';
import { badRequest, methodNotAllowed, notFound, tooLarge, unauthenticated } from './refusals.ts';
import { routeOf } from './routes.ts';
import type { Ask } from './rule.ts';
import type { Switches } from './switches.ts';

export interface ExchangeOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly switches: Switches;
  readonly credentials: Credentials;
}

/** The origin of links when nobody listens on a port. */
export const realBase = 'https://api.confluent.cloud';

/** Bytes that the body of a request may have. */
export const bodyLimit = 65_536;

/** Answers calls by the rules of the API, whatever they contain. Rejects only where the file of the state fails. */
export function createExchange(options: ExchangeOptions): Exchange {
  const nextId = requestIds(options.clock);
  return async (call) => {
    const answer = await answerTo(call, options);
    return responseOf(withRateHeaders(answer, call, options.switches), nextId());
  };
}

async function answerTo(call: Call, { ledger, clock, switches, credentials }: ExchangeOptions): Promise<Answer> {
  if (!isFrom(call, credentials, clock.now())) return unauthenticated();
  const route = routeOf(call.method, call.path);
  if (route.found === 'nothing') return notFound;
  if (route.found === 'other_methods') return methodNotAllowed(route.allow);
  if (Buffer.byteLength(call.body) > bodyLimit) return tooLarge;
  const body = call.method === 'POST' ? objectIn(call.body) : {};
  if (body === undefined) return badRequest('The body is not a JSON object');
  const about = { id: route.id, query: call.query, body, base: call.base ?? realBase, switches, clock };
  if (route.found === 'look') return route.rule({ ...about, state: ledger.look() });
  return ledger.change((state, record) => route.rule({ ...about, state }, record));
}

function objectIn(text: string): Ask['body'] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** As if there were a limit that nobody reaches; a real one overwrites them on the way out. */
function withRateHeaders(answer: Answer, { path }: Call, { rate_headers }: Switches): Answer {
  const isBare =
    rate_headers === 'none' || (rate_headers === 'not_role_bindings' && path.startsWith('/iam/v2/role-bindings'));
  if (answer.status >= 300 || isBare) return answer;
  return { ...answer, headers: { ...unlimited, ...answer.headers } };
}

const unlimited = { 'x-ratelimit-limit': '10000', 'x-ratelimit-remaining': '9999', 'x-ratelimit-reset': '1' };
