import { CliError, type FailureCode, type FailureDetails } from '../errors.ts';
import { isJsonObject, type JsonObject, valueAt } from '../text/json-fields.ts';
import type { Request, Response } from './send.ts';

/** There was no response that could be read. Whether the server may have acted decides whether the request may be repeated. */
export class NoResponse extends CliError {
  /** False if no byte of the request was sent; true if the server may have received it. */
  readonly sent: boolean;

  constructor(code: FailureCode, message: string, details: FailureDetails & { readonly sent: boolean }) {
    const { sent, ...rest } = details;
    super(code, message, rest);
    this.sent = sent;
  }

  override with(details: FailureDetails): NoResponse {
    return new NoResponse(this.code, this.message, { ...this.details, ...details, sent: this.sent });
  }
}

/** It is unknown whether a request took effect, and it must not simply be repeated. */
export class UnknownOutcome extends CliError {
  /** @param failure The last failure; its code, message and details are kept. */
  constructor(failure: CliError) {
    super(failure.code, failure.message, failure.details);
  }

  override with(details: FailureDetails): UnknownOutcome {
    return new UnknownOutcome(super.with(details));
  }
}

type RequestInfo = Pick<Request, 'method' | 'path' | 'purpose'>;

/** The failure that a response stands for: one without success, or one whose body says so. */
export function failureOf(request: RequestInfo | undefined, response: Response): CliError {
  const body = bodyText(response.body);
  const { errors, ...rest } = parseErrorBody(parsed(body));
  const status = response.status >= 200 && response.status < 300 ? (rest.status ?? 0) : response.status;
  const facts: FailureFacts = { status, errors, request, text: errors.map(({ text }) => text).join('\n') || body };
  const { code, hint } = rules.find((rule) => rule.when(facts)) ?? { code: 'bad_response' };
  const request_id = response.headers.get('x-request-id') ?? rest.id;
  const message = request === undefined ? 'the API refused the request' : describeRequest(request);
  const details: FailureDetails = {
    reason: reasonFor(facts, response, body),
    hints: [hint, errors.map((error) => error.hint).find(Boolean)].filter((one) => one !== undefined),
    http_status: response.status,
    retryable: code === 'rate_limited' || (code === 'api_unavailable' && !isUnsupported(status)),
    request_id: request_id && excerpt(request_id),
    location: code === 'already_exists' ? response.headers.get('location') : undefined,
  };
  return new CliError(code, message, details);
}

/** What failed, for the message of an error. */
export function describeRequest({ method, path, purpose }: RequestInfo): string {
  if (purpose !== undefined) return `cannot ${purpose.act}`;
  const verb = { GET: 'get', POST: 'post to', DELETE: 'delete' }[method];
  return `cannot ${verb} "${path}"`;
}

/** The server will never support it: repeating the request is pointless. */
export function isUnsupported(status: number): boolean {
  return status === 501 || status === 505;
}

interface FailureFacts {
  readonly status: number;
  readonly errors: readonly ApiError[];
  readonly request: RequestInfo | undefined;
  readonly text: string;
}

interface Rule {
  readonly code: FailureCode;
  readonly when: (facts: FailureFacts) => boolean;
  readonly hint?: string;
}

/** The first match counts. A bad key may also be a 403, a quota also a 400: the message decides. */
const rules: readonly Rule[] = [
  { code: 'auth_invalid', when: isBadKey, hint: 'invite auth login' },
  { code: 'quota_exceeded', when: isQuota },
  { code: 'forbidden', when: ({ status }) => status === 403 },
  { code: 'not_found', when: ({ status }) => status === 404 || status === 410 },
  { code: 'already_exists', when: ({ status }) => status === 409 },
  { code: 'rate_limited', when: ({ status }) => status === 429 },
  { code: 'api_unavailable', when: ({ status }) => status === 408 || status >= 500 },
  {
    code: 'already_accepted',
    when: ({ request, text }) => request?.method === 'DELETE' && /already accepted/i.test(text),
    hint: 'invite remove EMAIL removes the member',
  },
  {
    code: 'usage',
    when: isServiceAccountRefusal,
    hint: 'use an API key of a user: the API refuses some keys of service accounts',
  },
  {
    code: 'invalid_email',
    when: ({ status, errors }) => status >= 400 && errors.some(({ pointer }) => pointer === '/email'),
  },
  { code: 'usage', when: ({ status }) => status >= 400 },
];

function isBadKey({ status, text }: FailureFacts): boolean {
  return status === 401 || (status === 403 && /invalid api key/i.test(text));
}

/** The API has refused to create invitations for some keys of service accounts. */
function isServiceAccountRefusal({ status, text }: FailureFacts): boolean {
  return status === 400 && /GetUser for service account/i.test(text);
}

function isQuota({ status, text, errors }: FailureFacts): boolean {
  if (status === 402) return true;
  if (status < 400 || status === 429 || status >= 500) return false;
  return (
    errors.some(({ code }) => code === 'quota_exceeded') || /is currently limited to|exceeds? the quota/i.test(text)
  );
}

function reasonFor({ status, errors, request }: FailureFacts, response: Response, body: string): string {
  const shown = new Set(errors.slice(0, 5).map(({ text }) => text));
  const message = [...shown, ...(errors.length > 5 ? [`and ${errors.length - 5} more`] : [])].join('; ');
  const answer = message === '' ? describeOtherBody(response, body) : `HTTP ${response.status}: ${message}`;
  // The API answers either status for resources that one may not see.
  const isAmbiguous = [403, 404, 410].includes(status) && request !== undefined && isSingleResource(request);
  return isAmbiguous ? `not found or not permitted (${answer})` : answer;
}

function isSingleResource({ method, path }: RequestInfo): boolean {
  return method !== 'POST' && path.split('/').length > 4;
}

/** Whether the API says that the resource exists already. */
export function isConflict(error: unknown): error is CliError {
  return error instanceof CliError && error.code === 'already_exists' && error.details.http_status !== undefined;
}

/** Whether the API says that something is missing; by `forbidden` it may mean the same. */
export function isMissing(error: unknown): error is CliError {
  return error instanceof CliError && (error.code === 'not_found' || error.code === 'forbidden');
}

/** What a request for something brings; undefined if the API says that it is missing, or hides it. */
export async function unlessMissing<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function describeOtherBody(response: Response, body: string): string {
  const text = isHtml(response, body) ? /<title[^>]*>([^<]{1,200})/i.exec(body)?.[1] : body;
  // Binary data would only be noise.
  const shown = text === undefined || /[\0\uFFFD]/.test(text) ? '' : excerpt(text);
  const answer = describeResponse(response);
  if (response.status >= 300 && response.status < 400) return `${answer}, a redirect that was not followed`;
  return shown === '' ? answer : `${answer}: ${shown}`;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** What the body of an error says, whichever of the API's formats it has. */
interface ErrorBody {
  /** Most useful first; may be empty. */
  readonly errors: readonly ApiError[];
  /** The status that the body itself names. */
  readonly status: number | undefined;
  readonly id: string | undefined;
}

interface ApiError {
  readonly text: string;
  /** `quota_exceeded`, `INVALID_SCHEMA_FIELD` */
  readonly code: string | undefined;
  /** A JSON pointer into the request's body. */
  readonly pointer: string | undefined;
  readonly hint: string | undefined;
  readonly status: number | undefined;
  readonly id: string | undefined;
}

/** Reads every format of error body that the API and the gateways in front of it are known to send. */
function parseErrorBody(json: unknown): ErrorBody {
  const top = isJsonObject(json) ? json : {};
  // OAuth explains a code beside it.
  const oauth = [top.error, top.error_description].map(oneLine).filter(Boolean).join(': ');
  const inner = [top.errors, typeof top.error === 'string' ? oauth : top.error].flat().flatMap(asError);
  // The outermost object counts as an error only where it contains none.
  const errors = inner.length > 0 ? inner : asError(top);
  const first = <T>(values: readonly (T | undefined)[]) => values.find((value) => value !== undefined);
  return {
    errors,
    status: first([...errors.map(({ status }) => status), statusOf(top)]),
    id: first([oneLine(top.requestId), ...errors.map(({ id }) => id)]),
  };
}

/** Whether this is an error, whatever the HTTP status is. */
export function isErrorBody(json: unknown): boolean {
  const errors = valueAt(json, 'errors');
  if (Array.isArray(errors)) return errors.length > 0;
  return oneLine(errors) !== undefined || oneLine(valueAt(json, 'error', 'message')) !== undefined;
}

/** One error, given as an object or as plain text; none if it has no message. */
function asError(value: unknown): ApiError[] {
  const error: JsonObject = typeof value === 'string' ? { message: value } : isJsonObject(value) ? value : {};
  const pointer = oneLine(valueAt(error, 'source', 'pointer'));
  const field = pointer ?? oneLine(valueAt(error, 'source', 'parameter'));
  const code = oneLine(error.code) ?? oneLine(error.error_code);
  const message = [error.detail, error.message, error.title].map(oneLine).find(Boolean) ?? code;
  if (message === undefined) return [];
  return [
    {
      text: field === undefined ? message : `${message} (${field})`,
      code,
      pointer,
      hint: oneLine(error.resolution) ?? oneLine(error.suggestion),
      status: statusOf(error),
      id: oneLine(error.id),
    },
  ];
}

function statusOf(error: JsonObject): number | undefined {
  const status = Number(error.status ?? error.status_code);
  return Number.isInteger(status) && status >= 400 && status <= 599 ? status : undefined;
}

/** A string or number as one line; undefined for anything else, and for a blank. */
function oneLine(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  return excerpt(String(value)) || undefined;
}

/** The body as text: a byte order mark is dropped, bytes that are not UTF-8 become U+FFFD. */
export function bodyText({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength)
    .toString('utf8')
    .replace(/^\ufeff/, '');
}

const excerptLimit = 200;

/** At most 200 characters, on one line. The cut never splits a word: half a secret would match no pattern of the redactor. */
function excerpt(text: string): string {
  const line = text
    .slice(0, 20 * excerptLimit)
    .replace(/\s+/g, ' ')
    .trim();
  if (line.length <= excerptLimit) return line;
  return `${line
    .slice(0, excerptLimit)
    .replace(/[\w+/=%.~-]*$/, '')
    .trimEnd()}…`;
}

/** Status and content type of a response: `HTTP 200, text/html`. */
export function describeResponse({ status, headers, body }: Response): string {
  const type = headers.get('content-type')?.split(';')[0]?.trim() ?? '';
  const shown = type === '' ? 'no content type' : excerpt(type);
  return body.length === 0 ? `HTTP ${status}, no content` : `HTTP ${status}, ${shown}`;
}

/** Whether it is a page for a browser, as a proxy sends one. */
export function isHtml({ headers }: Response, body: string): boolean {
  return /^\s*<|html/i.test(`${body.slice(0, 100)}${headers.get('content-type') ?? ''}`);
}
