import { CliError, type FailureCode, type FailureDetails } from '../errors.ts';
import { bodyText, describeResponse, type ErrorBody, excerpt, parseErrorBody } from './response-text.ts';
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

/** The resource exists already. */
export class Conflict extends CliError {
  /** Where the existing resource is, if the server says. */
  readonly location: string | undefined;

  constructor(message: string, details: FailureDetails, location: string | undefined) {
    super('already_exists', message, details);
    this.location = location;
  }

  override with(details: FailureDetails): Conflict {
    return new Conflict(this.message, { ...this.details, ...details }, this.location);
  }
}

type RequestInfo = Pick<Request, 'method' | 'path' | 'purpose'>;

/** The failure that a response without success stands for. */
export function failureOf(request: RequestInfo, response: Response): CliError {
  return failureIn(describeRequest(request), response, request);
}

/** What failed, for the message of an error. */
export function describeRequest({ method, path, purpose }: RequestInfo): string {
  if (purpose !== undefined) return `cannot ${purpose.act}`;
  const verb = { GET: 'get', POST: 'post to', DELETE: 'delete' }[method];
  return `cannot ${verb} "${path}"`;
}

/** The same under another message, where the request need not be known. */
export function failureIn(message: string, response: Response, request?: RequestInfo): CliError {
  const body = bodyText(response.body);
  const errorBody = parseErrorBody(parsed(body));
  const status = response.status >= 200 && response.status < 300 ? (errorBody.status ?? 0) : response.status;
  const facts: FailureFacts = { status, errorBody, request, text: errorBody.messages.join('\n') || body };
  const { code, hint } = rules.find((rule) => rule.when(facts)) ?? { code: 'bad_response' };
  const request_id = response.headers.get('x-request-id') ?? errorBody.id;
  const details: FailureDetails = {
    reason: reasonFor(facts, response, body),
    hints: [...(hint === undefined ? [] : [hint]), ...errorBody.hints.slice(0, 1)],
    http_status: response.status,
    retryable: code === 'rate_limited' || (code === 'api_unavailable' && !isUnsupported(status)),
    ...(request_id === undefined ? {} : { request_id: excerpt(request_id) }),
  };
  if (code === 'already_exists') return new Conflict(message, details, response.headers.get('location'));
  return new CliError(code, message, details);
}

/** The server will never support it: repeating the request is pointless. */
export function isUnsupported(status: number): boolean {
  return status === 501 || status === 505;
}

interface FailureFacts {
  readonly status: number;
  readonly errorBody: ErrorBody;
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
  { code: 'invalid_email', when: ({ status, errorBody }) => status >= 400 && errorBody.pointers.includes('/email') },
  { code: 'usage', when: ({ status }) => status >= 400 },
];

function isBadKey({ status, text }: FailureFacts): boolean {
  return status === 401 || (status === 403 && /invalid api key/i.test(text));
}

/** The API has refused to create invitations for some keys of service accounts. */
function isServiceAccountRefusal({ status, text }: FailureFacts): boolean {
  return status === 400 && /GetUser for service account/i.test(text);
}

function isQuota({ status, text, errorBody }: FailureFacts): boolean {
  if (status === 402) return true;
  if (status < 400 || status === 429 || status >= 500) return false;
  return errorBody.codes.includes('quota_exceeded') || /is currently limited to|exceeds? the quota/i.test(text);
}

function reasonFor({ status, errorBody, request }: FailureFacts, response: Response, body: string): string {
  const shown = errorBody.messages.slice(0, 5);
  const more = errorBody.messages.length - shown.length;
  const message = [...new Set(shown), ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
  const answer = message === '' ? describeOtherBody(response, body) : `HTTP ${response.status}: ${message}`;
  // The API answers either status for resources that one may not see.
  const isAmbiguous = [403, 404, 410].includes(status) && request !== undefined && isSingleResource(request);
  return isAmbiguous ? `not found or not permitted (${answer})` : answer;
}

function isSingleResource({ method, path }: RequestInfo): boolean {
  return method !== 'POST' && path.split('/').length > 4;
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
  const html = /^\s*<|html/i.test(`${body.slice(0, 100)}${response.headers.get('content-type') ?? ''}`);
  const text = html ? /<title[^>]*>([^<]{1,200})/i.exec(body)?.[1] : body;
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
