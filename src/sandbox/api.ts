import { randomUUID } from 'node:crypto';
import { ifPossible } from '../errors.ts';
import { type JsonObject, objectIn } from '../text/json-fields.ts';
import type { Settings } from './settings.ts';

/** A request as received: nothing in it has been checked yet. */
export interface HttpRequest {
  readonly method: string;
  /** Without the query; ids are percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Undefined if it exceeds the size limit. */
  readonly body: string | Uint8Array | undefined;
  /** The origin that the client connected to, for links in the response. */
  readonly base?: string;
}

export interface HttpResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

export type Handler = (request: HttpRequest) => Promise<HttpResponse>;

/** A response before it is serialized. */
export interface ApiResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The only entry of the documented `errors` list; `responseOf` adds `id` and `status`. */
  readonly error?: ApiError;
  /** The body. Without it and an error it is empty. */
  readonly json?: unknown;
}

interface ApiError {
  readonly code?: string | undefined;
  readonly title?: string | undefined;
  readonly detail?: string | undefined;
  readonly source?: { readonly pointer?: string; readonly parameter?: string };
}

/** Thrown instead of a response by what rejects a request. */
export class Refusal extends Error {
  readonly response: ApiResponse;

  constructor(response: ApiResponse) {
    super(`refused with status ${response.status}`);
    this.response = response;
  }
}

const errors: Readonly<Record<number, ApiError>> = {
  400: { code: 'bad_request', title: 'Bad Request' },
  401: { code: 'user_unauthenticated', title: 'Authentication Required' },
  402: { code: 'quota_exceeded', title: 'Pending Invitations Per Org Quota Exceeded' },
  403: { code: 'user_unauthorized', title: 'User Access Unauthorized' },
  404: { title: 'Not Found' },
  405: { title: 'Method Not Allowed' },
  409: { code: 'resource_already_exists', title: 'Resource Already exists' },
  413: { title: 'Payload Too Large' },
  415: { title: 'Unsupported Media Type' },
  421: { title: 'Misdirected Request' },
  422: { code: 'invalid_configuration', title: 'Validation Failed' },
  500: { title: 'Internal Server Error' },
  503: { title: 'Service Unavailable' },
};

/** The response with one error. @param more Overrides what is usual for the status. */
export function failed(status: number, detail?: string, more: ApiError = {}, headers = {}): ApiResponse {
  return { status, headers, error: { ...errors[status], detail, ...more } };
}

export function refusal(...parameters: Parameters<typeof failed>): Refusal {
  return new Refusal(failed(...parameters));
}

export function badRequest(detail: string, parameter?: string): Refusal {
  return refusal(400, detail, parameter === undefined ? {} : { source: { parameter } });
}

export function invalidFilter(kind: string, parameter: string, { rejected_status }: Settings): Refusal {
  const detail = `The '${kind}' resource can't be filtered by '${parameter}'`;
  const error = { code: 'invalid_filter', title: 'Invalid Filter', source: { parameter } };
  return refusal(Number(rejected_status), detail, error);
}

export function forbidden(detail = 'Forbidden Access'): Refusal {
  return refusal(403, detail);
}

/** Without a code and a detail, as documented. */
export function notFound(): Refusal {
  return refusal(404);
}

/** The refusal of an operation that the key may not do. */
export function notPermitted(settings: Settings): Refusal {
  return settings.forbidden_status === '404' ? notFound() : accessForbidden(settings);
}

export function missing(settings: Settings): Refusal {
  return settings.missing_reads === 'not_found' ? notFound() : accessForbidden(settings);
}

function accessForbidden({ forbidden_body }: Settings): Refusal {
  if (forbidden_body === 'documented') return forbidden();
  return new Refusal({ status: 403, error: { code: 'forbidden_access', detail: 'Forbidden Access', source: {} } });
}

export function unauthenticated(): Refusal {
  const challenge = 'Basic error="invalid_key", error_description="The API Key is invalid"';
  return refusal(401, 'Valid authentication credentials must be provided', {}, { 'www-authenticate': challenge });
}

export function ok(json: unknown): ApiResponse {
  return { status: 200, json };
}

export function responseOf({ status, headers = {}, error, json }: ApiResponse): HttpResponse {
  const requestId = randomUUID().replaceAll('-', '');
  const body = error === undefined ? json : { errors: [{ id: requestId, status: String(status), ...error }] };
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const all = new Map(Object.entries({ ...type, 'x-request-id': requestId, ...headers }));
  return { status, headers: all, body: Buffer.from(body === undefined ? '' : JSON.stringify(body)) };
}

/** The maximum size of a request body, in bytes. */
export const bodyLimit = 65_536;

/** The JSON object in the body of a POST or PATCH; empty for other methods. Throws Refusal for any other body. */
export function parseBody({ method, headers, body: bytes }: HttpRequest): JsonObject {
  if (bytes === undefined || Buffer.byteLength(bytes) > bodyLimit) {
    throw refusal(413, 'The body of a request may have at most 64 KiB');
  }
  if (method !== 'POST' && method !== 'PATCH') return {};
  if (!/^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test((headers['content-type'] ?? '').trim())) {
    throw refusal(415, 'The Content-Type of a body must be application/json');
  }
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const text = typeof bytes === 'string' ? bytes : ifPossible(() => decoder.decode(bytes));
  if (text === undefined) throw badRequest('The body is not UTF-8');
  const body = objectIn(text);
  if (body === undefined) throw badRequest('The body is not a JSON object');
  return body;
}
