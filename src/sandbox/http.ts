import { isJsonObject, type JsonObject } from '../text/json-fields.ts';
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

/** The response of an endpoint, before it is serialized. */
export interface ApiResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The only entry of the documented `errors` list; `responseOf` adds `id` and `status`. */
  readonly error?: ApiError;
  /** The body. With none of the three it is empty. */
  readonly json?: unknown;
  /** A body that is not JSON. */
  readonly text?: string;
}

interface ApiError {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly source?: { readonly pointer?: string; readonly parameter?: string };
}

export function responseOf(
  { status, headers = {}, error, json, text = '' }: ApiResponse,
  requestId: string,
): HttpResponse {
  const body = error === undefined ? json : { errors: [{ id: requestId, status: String(status), ...error }] };
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const all = new Map(Object.entries({ ...type, 'x-request-id': requestId, ...headers }));
  return { status, headers: all, body: Buffer.from(body === undefined ? text : JSON.stringify(body)) };
}

export function withHeaders(response: ApiResponse, headers: Readonly<Record<string, string>>): ApiResponse {
  return { ...response, headers: { ...headers, ...response.headers } };
}

/** The maximum size of a request body, in bytes. */
export const bodyLimit = 65_536;

type ParsedBody = { readonly body: JsonObject } | { readonly error: ApiResponse };

/** The JSON object in the body of a POST or PATCH, or the response to a request with another body. */
export function parseBody({ method, headers, body: bytes }: HttpRequest): ParsedBody {
  if (bytes === undefined || Buffer.byteLength(bytes) > bodyLimit) {
    return { error: failed(413, 'Payload Too Large', 'The body of a request may have at most 64 KiB') };
  }
  if (method !== 'POST' && method !== 'PATCH') return { body: {} };
  if (!/^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test((headers['content-type'] ?? '').trim())) {
    return { error: failed(415, 'Unsupported Media Type', 'The Content-Type of a body must be application/json') };
  }
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const value: unknown = JSON.parse(typeof bytes === 'string' ? bytes : decoder.decode(bytes));
    if (isJsonObject(value)) return { body: value };
  } catch (error) {
    if (!(error instanceof SyntaxError)) return { error: badRequest('The body is not UTF-8') };
  }
  return { error: badRequest('The body is not a JSON object') };
}

export function ok(json: unknown): ApiResponse {
  return { status: 200, json };
}

export function created(json: unknown, location: string): ApiResponse {
  return { status: 201, json, headers: { location } };
}

export const noContent: ApiResponse = { status: 204 };

// The error responses are those of the documentation, or recorded ones.

export function failed(status: number, title: string, detail?: string): ApiResponse {
  return { status, error: { title, ...(detail === undefined ? {} : { detail }) } };
}

export function badRequest(detail: string, parameter?: string): ApiResponse {
  const error = { code: 'bad_request', title: 'Bad Request', detail };
  return { status: 400, error: parameter === undefined ? error : { ...error, source: { parameter } } };
}

export function invalidFilter(kind: string, parameter: string, { rejected_status }: Settings): ApiResponse {
  const detail = `The '${kind}' resource can't be filtered by '${parameter}'`;
  const error = { code: 'invalid_filter', title: 'Invalid Filter', detail, source: { parameter } };
  return { status: Number(rejected_status), error };
}

/** @param pointer The field of the body, as a JSON pointer. */
export function invalid(pointer: string, detail: string, status: '422' | '400' = '422'): ApiResponse {
  const error = { code: 'invalid_configuration', title: 'Validation Failed', detail, source: { pointer } };
  return { status: Number(status), error };
}

export function unauthenticated(): ApiResponse {
  const challenge = 'Basic error="invalid_key", error_description="The API Key is invalid"';
  const detail = 'Valid authentication credentials must be provided';
  const error = { code: 'user_unauthenticated', title: 'Authentication Required', detail };
  return { status: 401, error, headers: { 'www-authenticate': challenge } };
}

/** With status 400, clients recognize the error by the words "is currently limited to". */
export function overQuota(quota: string, { quota: limit, quota_status }: Settings): ApiResponse {
  if (quota_status === '400') return failed(400, 'Bad Request', `${quota} is currently limited to ${limit}`);
  const title = 'Pending Invitations Per Org Quota Exceeded';
  const detail = `The request would exceed the quota: ${quota}`;
  return { status: 402, error: { code: 'quota_exceeded', title, detail } };
}

export function forbidden(detail = 'Forbidden Access'): ApiResponse {
  return { status: 403, error: { code: 'user_unauthorized', title: 'User Access Unauthorized', detail } };
}

/** The response to an operation that the key may not do, as settings define it. */
export function refused(settings: Settings): ApiResponse {
  return settings.forbidden_status === '404' ? notFound : accessForbidden(settings);
}

function accessForbidden({ forbidden_body }: Settings): ApiResponse {
  if (forbidden_body === 'documented') return forbidden();
  return { status: 403, error: { code: 'forbidden_access', detail: 'Forbidden Access', source: {} } };
}

/** As documented, without a code and a detail. */
export const notFound = failed(404, 'Not Found');

/** The response for a missing resource. */
export function missing(settings: Settings): ApiResponse {
  return settings.missing_reads === 'not_found' ? notFound : accessForbidden(settings);
}

export function methodNotAllowed(allow: string): ApiResponse {
  return withHeaders(failed(405, 'Method Not Allowed'), { allow });
}

/** @param location The link to the existing resource. */
export function conflict(detail: string, location: string): ApiResponse {
  const error = { code: 'resource_already_exists', title: 'Resource Already exists', detail };
  return { status: 409, error, headers: { location } };
}
