import type { Clock } from '../clock.ts';
import { type Answer, responseOf } from './answer.ts';
import type { Call, Exchange } from './call.ts';
import { type Credentials, isFrom } from './credentials.ts';
import { PageTokens } from './cursor.ts';
import type { Caller } from './founding.ts';
import { requestIds } from './identifiers.ts';
import type { Ledger } from './ledger.ts';
import {
  badRequest,
  forbidden,
  methodNotAllowed,
  notFound,
  tooLarge,
  unauthenticated,
  unsupportedMediaType,
} from './refusals.ts';
import { routeOf } from './routes.ts';
import type { Ask } from './rule.ts';
import type { Switches } from './switches.ts';

export interface ExchangeOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly switches: Switches;
  readonly credentials: Credentials;
  readonly caller: Caller;
}

/** The origin of links when nobody listens on a port. */
export const realBase = 'https://api.confluent.cloud';

/** Bytes that the body of a request may have. */
export const bodyLimit = 65_536;

/** Answers calls by the rules of the API, whatever they contain. Rejects only where the file of the state fails. */
export function createExchange(options: ExchangeOptions): Exchange {
  const { clock, switches, credentials } = options;
  const nextId = requestIds(clock);
  const tokens = new PageTokens(credentials.api_secret, switches.page_token_carries);
  return async (call) => {
    const answer = await answerTo(call, { ...options, tokens });
    return responseOf(withRateHeaders(answer, call, switches), nextId());
  };
}

async function answerTo(call: Call, options: ExchangeOptions & { tokens: PageTokens }): Promise<Answer> {
  const { ledger, clock, switches, credentials, caller, tokens } = options;
  if (!isFrom(call, credentials, clock.now())) return stranger(call, switches);
  const route = routeOf(call.method, call.path);
  if (route.found === 'nothing') return notFound;
  if (route.found === 'other_methods') return methodNotAllowed(route.allow);
  const read = bodyOf(call);
  if ('refusal' in read) return read.refusal;
  const base = call.base ?? realBase;
  const about = { id: route.id, query: call.query, body: read.body, base, switches, clock, caller, tokens };
  if (route.found === 'look') return route.rule({ ...about, state: ledger.look() });
  return ledger.change((state, record) => route.rule({ ...about, state }, record));
}

/** A key that is wrong is not always told from one that may not. */
function stranger({ headers }: Call, { invalid_key_status }: Switches): Answer {
  const isForbidden = invalid_key_status === '403' && headers.authorization !== undefined;
  return isForbidden ? forbidden('invalid API key') : unauthenticated();
}

type Read = { readonly body: Ask['body'] } | { readonly refusal: Answer };

function bodyOf({ method, headers, body: sent }: Call): Read {
  if (sent === undefined || Buffer.byteLength(sent) > bodyLimit) return { refusal: tooLarge };
  if (method !== 'POST' && method !== 'PATCH') return { body: {} };
  if (!isJson(headers['content-type'] ?? '')) return { refusal: unsupportedMediaType };
  const text = textIn(sent);
  if (text === undefined) return { refusal: badRequest('The body is not UTF-8') };
  const body = objectIn(text);
  return body === undefined ? { refusal: badRequest('The body is not a JSON object') } : { body };
}

function isJson(type: string): boolean {
  return /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test(type.trim());
}

/** Undefined if the bytes are no UTF-8. */
function textIn(sent: string | Uint8Array): string | undefined {
  if (typeof sent === 'string') return sent;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(sent);
  } catch {
    return undefined;
  }
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
