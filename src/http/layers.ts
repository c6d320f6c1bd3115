import { CliError, wordsOf } from '../errors.ts';
import { type TimeoutOptions, untilAborted, withTimeout } from '../host/timeout.ts';
import type { Clock, Environment } from '../host.ts';
import { durationInWords } from '../text/times.ts';
import type { AnswerWait } from './answer-wait.ts';
import { baseOf } from './endpoint.ts';
import { describeRequest, failureOf, UnknownOutcome } from './failure.ts';
import type { Redactor } from './redact.ts';
import { isIdempotent, type Layer, queryString, type Request, type Response } from './send.ts';

export interface StackOptions {
  readonly endpoint: URL;
  /** The server's name in messages: `api.confluent.cloud`. */
  readonly server: string;
  readonly version: string;
  readonly clock: Clock;
  /** Without it requests are not signed, and follow no redirects: those that get or exchange a token. */
  readonly signer?: Signer;
  readonly serverClock?: ServerClock | undefined;
  readonly unanswered?: AnswerWait | undefined;
  readonly redactor: Redactor;
  /** Prints the reason for a wait of more than a second. */
  readonly say: (line: string) => void;
  /** Prints a line of the HTTP log; without it there is no log. */
  readonly debug?: ((line: string) => void) | undefined;
  /** Retries of a request, whatever the failure; unset: a number by the kind of failure. */
  readonly retries?: number | undefined;
  /** No request but GET is sent. */
  readonly readOnly?: boolean;
}

export function userAgent(version: string): Layer {
  return (next) => (request) => {
    const json = request.body === undefined ? {} : { 'content-type': 'application/json' };
    const type = request.form === undefined ? json : { 'content-type': 'application/x-www-form-urlencoded' };
    const headers = { accept: 'application/json', 'user-agent': `invite/${version}`, ...type, ...request.headers };
    return next({ ...request, headers });
  };
}

type Credentials = { readonly key: string; readonly secret: string } | { readonly token: string };

export interface Signer {
  /** The Authorization header; asked for before each attempt. */
  header(): Promise<string>;
  /** Whether the next header may be accepted although this one was refused. */
  canReplace(refused: string): boolean;
  /** Milliseconds since 1970 at which the token expires; of an API key there is none. */
  expiresAt?(): Promise<number>;
}

/**
 * Signs every attempt. After a 401 it signs once more if there may be a better header; what must not simply be repeated
 * ends as `UnknownOutcome` then, so that its effect is looked up first. A request has only a path below the endpoint and
 * no origin of its own: the header cannot go to another server.
 */
export function auth(signer: Signer): Layer {
  return (next) => async (request) => {
    const authorization = await headerFor(request, signer);
    const response = await next(withHeader(request, authorization));
    if (response.status !== 401 || !signer.canReplace(authorization)) return response;
    if (!isIdempotent(request)) throw new UnknownOutcome(failureOf(request, response));
    return next(withHeader(request, await headerFor(request, signer)));
  };
}

/** The time of one request must not end what others wait for as well. */
async function headerFor({ signal }: Request, signer: Signer): Promise<string> {
  signal?.throwIfAborted();
  const header = signer.header();
  try {
    return await (signal === undefined ? header : untilAborted(header, signal));
  } catch (error) {
    const isLate = error instanceof CliError && error.code === 'timeout' && error.details.reason === undefined;
    // Otherwise it would read as if the API had not answered.
    throw isLate ? error.with({ reason: 'still waiting for the credentials' }) : error;
  }
}

function withHeader(request: Request, authorization: string): Request {
  return { ...request, headers: { ...request.headers, authorization } };
}

/** Reads the credentials once, when the first request is sent; `addSecret` gets the secrets to redact. */
export function fixedSigner(credentials: () => Promise<Credentials>, addSecret: (secret: string) => void): Signer {
  let header: Promise<string> | undefined;
  return {
    header: () => {
      header ??= credentials().then((known) => authorizationHeader(known, addSecret));
      return header;
    },
    canReplace: () => false,
  };
}

function authorizationHeader(credentials: Credentials, addSecret: (secret: string) => void): string {
  if ('token' in credentials) {
    addSecret(credentials.token);
    addSecret(`Bearer ${credentials.token}`);
    return `Bearer ${credentials.token}`;
  }
  const { key, secret } = credentials;
  addSecret(secret);
  addSecret(`${key}:${secret}`);
  return `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`;
}

/** Whether `INVITE_READ_ONLY` is on: any value but 0 and false, so that a misspelt "yes" still protects. */
export function isReadOnly({ INVITE_READ_ONLY: value = '' }: Environment): boolean {
  return !['', '0', 'false'].includes(value.trim().toLowerCase());
}

/** @param action The refused action, to be read after "cannot". */
export function readOnlyError(action: string): CliError {
  return new CliError('read_only', `cannot ${action}`, {
    reason: 'INVITE_READ_ONLY is set, so nothing may be changed',
    hints: ['--dry-run shows what would be done', 'unset INVITE_READ_ONLY to allow changes'],
  });
}

/** The last safeguard: whatever a command does, only GET requests reach the API. */
export const onlyGet: Layer = (next) => async (request) => {
  if (request.method === 'GET') return next(request);
  throw readOnlyError(`send ${request.method} ${request.path}`);
};

/** Ends an attempt whose last byte has not arrived in time, however slowly the others drip. */
export function attemptTimeout(clock: Clock, milliseconds: number): Layer {
  return (next) => (request) =>
    withTimeout(requestTimeout(request, clock, milliseconds), (signal) => next({ ...request, signal }));
}

/** The limit for a request: it ends with `timeout`, or when the request's own signal aborts. */
export function requestTimeout(request: Request, clock: Clock, milliseconds: number): TimeoutOptions {
  const reason = `timed out after ${milliseconds / 1000} s`;
  const error = () => new CliError('timeout', describeRequest(request), { reason, retryable: true });
  return { clock, milliseconds, signal: request.signal, error };
}

const maxRedirects = 5;

/** The statuses that each method follows. None may change the method. */
const followed: Readonly<Record<Request['method'], readonly number[]>> = {
  GET: [301, 302, 303, 307, 308],
  DELETE: [301, 302, 307, 308],
  POST: [307, 308],
};

/** Follows redirects to paths below the endpoint only: anywhere else, credentials would reach another server. */
export function redirect(endpoint: URL): Layer {
  const base = baseOf(endpoint);
  return (next) => async (request) => {
    let current = request;
    for (let hops = 0; ; hops++) {
      const response = await next(current);
      const { status, headers } = response;
      if (status < 300 || status >= 400 || status === 304) return response;
      const target = hops < maxRedirects ? targetOf(current, response, base) : `more than ${maxRedirects} redirects`;
      if (typeof target === 'string') {
        throw new CliError('bad_response', describeRequest(request), {
          reason: `HTTP ${status}: ${target}`,
          http_status: status,
          request_id: headers.get('x-request-id'),
          hints: ['check the endpoint: a proxy or a login page may be in front of the API'],
        });
      }
      current = { ...current, ...target };
    }
  };
}

/** Where a redirect leads, or why it is not followed. */
function targetOf({ method, path }: Request, { status, headers }: Response, base: string) {
  const location = headers.get('location') ?? '';
  if (location === '' || !URL.canParse(location, `${base}${path}`)) return 'a redirect without a location';
  const { origin, protocol, pathname, searchParams } = new URL(location, `${base}${path}`);
  if (!`${origin}${pathname}`.startsWith(`${base}/`))
    return `a redirect to ${origin === 'null' ? protocol : origin}, not followed`;
  if (!followed[method].includes(status)) return `a redirect that a ${method} cannot follow`;
  return { path: `${origin}${pathname}`.slice(base.length), query: Object.fromEntries(searchParams) };
}

/** Headers that are useful and cannot hold a secret. Others are not shown. */
const shown = ['content-type', 'content-length', 'x-request-id', 'retry-after', 'location', 'date', 'server', 'via'];
const shownPrefix = 'x-ratelimit-';

/** The log of `--debug`: two lines for every attempt. */
export function trace(
  { clock, endpoint, redactor: { redact } }: Pick<StackOptions, 'clock' | 'endpoint' | 'redactor'>,
  print: (line: string) => void,
): Layer {
  const base = baseOf(endpoint);
  return (next) => async (request) => {
    const { method, path, query, fresh } = request;
    const start = clock.monotonic();
    const since = () => `${Math.round(clock.monotonic() - start)} ms`;
    print(redact(`> ${method} ${base}${path}${queryString(query)}${fresh ? ' (new connection)' : ''}`));
    try {
      const response = await next(request);
      const kept = [...response.headers].filter(([name]) => shown.includes(name) || name.startsWith(shownPrefix));
      const headers = kept.map(([name, value]) => `; ${name}: ${value}`).join('');
      print(redact(`< HTTP ${response.status} in ${since()}, ${response.body.length} bytes${headers}`));
      return response;
    } catch (error) {
      const words = error instanceof CliError ? error.toRecord().message : wordsOf(error);
      print(redact(`< no answer in ${since()}: ${words}`));
      throw error;
    }
  };
}

/** RFC 9110's preferred format; what else `Date.parse` accepts (`-5` is a year to it) is refused. */
const httpDate = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

export function httpTime(text: string | undefined): number | undefined {
  if (text === undefined || !httpDate.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

/** Milliseconds by which two clocks may differ and still count as the same. */
const tolerance = 60_000;

/** The server's time of day, learnt from the `Date` of its answers; this machine's while the two hardly differ. */
export class ServerClock {
  readonly #clock: Clock;
  readonly #say: (text: string) => void;
  #offset = 0;
  #isAnnounced = false;

  constructor(clock: Clock, say: (text: string) => void) {
    this.#clock = clock;
    this.#say = say;
  }

  /** Milliseconds since 1970, for comparing with the times that the API sends. */
  readonly now = (): number => this.#clock.now() + this.#offset;

  /** Learns from each successful answer. */
  readonly layer: Layer = (next) => async (request) => {
    const sent = this.#clock.now();
    const response = await next(request);
    const date = httpTime(response.headers.get('date'));
    // A cache passes on the date of the first answer.
    const isCurrent = date !== undefined && !response.headers.has('age');
    if (isCurrent && response.status >= 200 && response.status < 300) this.#learn(date, sent);
    return response;
  };

  /** The answer was made at some time between sending the request and receiving it. */
  #learn(date: number, sent: number): void {
    const received = this.#clock.now();
    const isClose = date >= sent - tolerance && date <= received + tolerance;
    this.#offset = isClose ? 0 : Math.round(date + 500 - (sent + received) / 2);
    if (isClose || this.#isAnnounced) return;
    this.#isAnnounced = true;
    const direction = this.#offset < 0 ? 'ahead of' : 'behind';
    this.#say(
      `warning: the clock of this machine is ${durationInWords(Math.abs(this.#offset) + 30_000)} ${direction} the server's; the server's clock decides what has expired`,
    );
  }
}
