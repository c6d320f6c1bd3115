import { CliError, type FailureCode, type FailureDetails } from '../errors.ts';
import { isJsonObject, type JsonObject, objectIn, valueAt } from '../text/json-fields.ts';
import { firstOf } from '../text/times.ts';
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
  const json = objectIn(body) ?? {};
  const errors = errorsIn(json);
  const isSuccess = response.status >= 200 && response.status < 300;
  const status = isSuccess ? (first([...errors, json], statusIn) ?? 0) : response.status;
  const messages = errors.flatMap((error) => messageOf(error) ?? []);
  const { code, hint } = meaningOf({ status, errors, method: request?.method, text: messages.join('\n') || body });
  const own = first(errors, ({ resolution, suggestion }) => oneLine(resolution) ?? oneLine(suggestion));
  const id = response.headers.get('x-request-id') ?? oneLine(json.requestId) ?? first(errors, (one) => oneLine(one.id));
  const shown = [...new Set(firstOf(messages, 5))].join('; ');
  const answer = shown === '' ? describeOtherBody(response, body) : `HTTP ${response.status}: ${shown}`;
  // The API answers either status for resources that one may not see.
  const isSingle = request !== undefined && request.method !== 'POST' && request.path.split('/').length > 4;
  const isAmbiguous = isSingle && [403, 404, 410].includes(status);
  const isWrongPlace = code === 'not_found' && request?.method === 'GET' && !isSingle;
  const place = isWrongPlace ? 'check the endpoint: the API itself has this list' : undefined;
  return new CliError(code, request === undefined ? 'the API refused the request' : describeRequest(request), {
    reason: isAmbiguous ? `not found or not permitted (${answer})` : answer,
    hints: [hint, own, place].filter((one) => one !== undefined),
    http_status: response.status,
    retryable: code === 'rate_limited' || (code === 'api_unavailable' && !isUnsupported(status)),
    request_id: id && excerpt(id),
    location: code === 'already_exists' ? response.headers.get('location') : undefined,
  });
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
  readonly errors: readonly JsonObject[];
  readonly method: Request['method'] | undefined;
  readonly text: string;
}

const codes: Readonly<Record<number, FailureCode>> = {
  403: 'forbidden',
  404: 'not_found',
  408: 'api_unavailable',
  409: 'already_exists',
  410: 'not_found',
  429: 'rate_limited',
};

/** What the API answers to a request that is not valid. Any other refusal is that of something in front of it. */
const ofTheRequest: ReadonlySet<number> = new Set([400, 405, 406, 415, 422]);

/** A bad key may also be a 403, a quota also a 400: the message decides. */
function meaningOf(facts: FailureFacts): { readonly code: FailureCode; readonly hint?: string } {
  const { status, errors, method, text } = facts;
  if (status === 401 || (status === 403 && /invalid api key/i.test(text)))
    return { code: 'auth_invalid', hint: 'invite auth login' };
  if (isQuota(facts)) return { code: 'quota_exceeded' };
  if (status < 400) return { code: 'bad_response' };
  const code = status >= 500 ? 'api_unavailable' : codes[status];
  if (code !== undefined) return { code };
  if (method === 'DELETE' && /already accepted/i.test(text))
    return { code: 'already_accepted', hint: 'invite remove EMAIL removes the member' };
  if (!ofTheRequest.has(status)) return { code: 'bad_response' };
  // The API has refused to create invitations for some keys of service accounts.
  if (status === 400 && /GetUser for service account/i.test(text))
    return { code: 'usage', hint: 'use an API key of a user: the API refuses some keys of service accounts' };
  return { code: errors.some((error) => pointerOf(error) === '/email') ? 'invalid_email' : 'usage' };
}

function isQuota({ status, text, errors }: FailureFacts): boolean {
  if (status === 402) return true;
  if (status < 400 || status === 429 || status >= 500) return false;
  return (
    errors.some(({ code }) => code === 'quota_exceeded') || /is currently limited to|exceeds? the quota/i.test(text)
  );
}

function first<T>(errors: readonly JsonObject[], read: (error: JsonObject) => T | undefined): T | undefined {
  return errors.map(read).find((found) => found !== undefined);
}

export function isConflict(error: unknown): error is CliError {
  return error instanceof CliError && error.code === 'already_exists' && error.details.http_status !== undefined;
}

/** Whether the API says that something is missing; by `forbidden` it may mean the same. */
export function isMissing(error: unknown): error is CliError {
  return error instanceof CliError && (error.code === 'not_found' || error.code === 'forbidden');
}

/** What a request for something brings; undefined if the API says that it is missing, or hides it. */
export function unlessMissing<T>(found: Promise<T>): Promise<T | undefined> {
  return found.catch((error) => (isMissing(error) ? undefined : Promise.reject(error)));
}

/** The same, undefined on any failure: for what can be done without. */
export function unlessFailed<T>(found: Promise<T>): Promise<T | undefined> {
  return found.catch((error) => (error instanceof CliError ? undefined : Promise.reject(error)));
}

export const pageInWords = 'not JSON: a proxy or login page?';

function describeOtherBody(response: Response, body: string): string {
  if (isPage(response)) return `${describeResponse(response)}, ${pageInWords}`;
  const text = isHtml(response, body) ? /<title[^>]*>([^<]{1,200})/i.exec(body)?.[1] : body;
  // Binary data would only be noise.
  const shown = text === undefined || /[\0\uFFFD]/.test(text) ? '' : excerpt(text);
  const answer = describeResponse(response);
  if (response.status >= 300 && response.status < 400) return `${answer}, a redirect that was not followed`;
  return shown === '' ? answer : `${answer}: ${shown}`;
}

/** The errors that have a message, in every format of body that the API and the gateways in front of it are known to send. */
function errorsIn(top: JsonObject): JsonObject[] {
  // OAuth explains a code beside it.
  const oauth = [top.error, top.error_description].map(oneLine).filter(Boolean).join(': ');
  const inner = [top.errors, typeof top.error === 'string' ? oauth : top.error].flat();
  const hasMessage = (error: JsonObject) => messageOf(error) !== undefined;
  const errors = inner
    .map((one) => (typeof one === 'string' ? { message: one } : one))
    .filter(isJsonObject)
    .filter(hasMessage);
  // The outermost object counts as an error only where it contains none.
  return errors.length > 0 ? errors : [top].filter(hasMessage);
}

/** Whether this is an error, whatever the HTTP status is. */
export function isErrorBody(json: unknown): boolean {
  const errors = valueAt(json, 'errors');
  if (Array.isArray(errors)) return errors.length > 0;
  return oneLine(errors) !== undefined || oneLine(valueAt(json, 'error', 'message')) !== undefined;
}

function messageOf(error: JsonObject): string | undefined {
  const { detail, message, title, code, error_code } = error;
  const text = [detail, message, title, code, error_code].map(oneLine).find(Boolean);
  const field = pointerOf(error) ?? oneLine(valueAt(error, 'source', 'parameter'));
  return text === undefined || field === undefined ? text : `${text} (${field})`;
}

/** A JSON pointer into the request's body. */
function pointerOf(error: JsonObject): string | undefined {
  return oneLine(valueAt(error, 'source', 'pointer'));
}

function statusIn(error: JsonObject): number | undefined {
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

/** Whether a success is a page for a browser. */
export function isPage({ status, body }: Response): boolean {
  return status >= 200 && status < 300 && /^\s*</.test(bodyText(body.subarray(0, 100)));
}

/** Whether it is a page for a browser, as a proxy sends one. */
export function isHtml({ headers }: Response, body: string): boolean {
  return /^\s*<|html/i.test(`${body.slice(0, 100)}${headers.get('content-type') ?? ''}`);
}
