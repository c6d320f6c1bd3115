import { CliError, type FailureCode, type FailureDetails } from '../errors.ts';
import { type ErrorBody, parseErrorBody } from './error-body.ts';
import { bodyText, describeResponse, excerpt } from './response-text.ts';
import type { Request, Response } from './send.ts';

/** No answer that could be read. Whether the server may have acted decides what may be repeated. */
export class NoResponse extends CliError {
  /** False if not a byte of the request left; true if the server may have got it. */
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

/** The request was sent and must not be repeated blindly, and whether it was carried out is not known. */
export class UnknownOutcome extends CliError {
  /** @param failure What was seen of it: its code, words and status stay. */
  constructor(failure: CliError) {
    super(failure.code, failure.message, failure.details);
  }

  override with(details: FailureDetails): UnknownOutcome {
    return new UnknownOutcome(super.with(details));
  }
}

/** The server has such a thing already. */
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

type Asked = Pick<Request, 'method' | 'path' | 'purpose'>;

/** What the server meant by an answer that is no success. */
export function failureOf(request: Asked, response: Response): CliError {
  return failureIn(describeRequest(request), response, request);
}

/** What failed, for the message of an error. */
export function describeRequest({ method, path, purpose }: Asked): string {
  if (purpose !== undefined) return `cannot ${purpose.act}`;
  const verb = { GET: 'get', POST: 'post to', DELETE: 'delete' }[method];
  return `cannot ${verb} "${path}"`;
}

/** The same where the request is not at hand, under a message of the caller's. */
export function failureIn(message: string, response: Response, request?: Asked): CliError {
  const body = bodyText(response.body);
  const envelope = parseErrorBody(parsed(body));
  const status = response.status >= 200 && response.status < 300 ? (envelope.status ?? 0) : response.status;
  const facts: Facts = { status, envelope, request, text: envelope.messages.join('\n') || body };
  const { code, hint } = rules.find((rule) => rule.when(facts)) ?? { code: 'bad_response' };
  const request_id = response.headers.get('x-request-id') ?? envelope.id;
  const details: FailureDetails = {
    reason: reasonFor(facts, response, body),
    hints: [...(hint === undefined ? [] : [hint]), ...envelope.hints.slice(0, 1)],
    http_status: response.status,
    retryable: code === 'rate_limited' || (code === 'api_unavailable' && !isUnsupported(status)),
    ...(request_id === undefined ? {} : { request_id: excerpt(request_id) }),
  };
  if (code === 'already_exists') return new Conflict(message, details, response.headers.get('location'));
  return new CliError(code, message, details);
}

/** The server will never do it: asking again is pointless. */
export function isUnsupported(status: number): boolean {
  return status === 501 || status === 505;
}

interface Facts {
  readonly status: number;
  readonly envelope: ErrorBody;
  readonly request: Asked | undefined;
  readonly text: string;
}

interface Rule {
  readonly code: FailureCode;
  readonly when: (facts: Facts) => boolean;
  readonly hint?: string;
}

/** The first that fits. A bad key also comes as 403, a quota also as 400: the text tells. */
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
    hint: 'add --remove-user to remove the person who accepted',
  },
  {
    code: 'usage',
    when: isServiceAccountRefusal,
    hint: 'use the API key of a person: the API refuses some of service accounts',
  },
  { code: 'invalid_email', when: ({ status, envelope }) => status >= 400 && envelope.pointers.includes('/email') },
  { code: 'usage', when: ({ status }) => status >= 400 },
];

function isBadKey({ status, text }: Facts): boolean {
  return status === 401 || (status === 403 && /invalid api key/i.test(text));
}

/** The API has refused to create invitations for some keys of service accounts. */
function isServiceAccountRefusal({ status, text }: Facts): boolean {
  return status === 400 && /GetUser for service account/i.test(text);
}

function isQuota({ status, text, envelope }: Facts): boolean {
  if (status === 402) return true;
  if (status < 400 || status === 429 || status >= 500) return false;
  return envelope.codes.includes('quota_exceeded') || /is currently limited to|exceeds? the quota/i.test(text);
}

function reasonFor({ status, envelope, request }: Facts, response: Response, body: string): string {
  const shown = envelope.messages.slice(0, 5);
  const more = envelope.messages.length - shown.length;
  const said = [...new Set(shown), ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
  const answer = said === '' ? withoutEnvelope(response, body) : `HTTP ${response.status}: ${said}`;
  // The API hides what one may not see behind either status.
  const hidden = [403, 404, 410].includes(status) && request !== undefined && namesOne(request);
  return hidden ? `not found or not permitted (${answer})` : answer;
}

function namesOne({ method, path }: Asked): boolean {
  return method !== 'POST' && path.split('/').length > 4;
}

function withoutEnvelope(response: Response, body: string): string {
  const html = /^\s*<|html/i.test(`${body.slice(0, 100)}${response.headers.get('content-type') ?? ''}`);
  const words = html ? /<title[^>]*>([^<]{1,200})/i.exec(body)?.[1] : body;
  // Bytes that are no text would only be noise.
  const said = words === undefined || /[\0\uFFFD]/.test(words) ? '' : excerpt(words);
  const answer = describeResponse(response);
  if (response.status >= 300 && response.status < 400) return `${answer}, a redirect that cannot be followed`;
  return said === '' ? answer : `${answer}: ${said}`;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
