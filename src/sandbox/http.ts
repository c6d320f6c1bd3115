import type { Request, Response } from '../http/send.ts';

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

export type Handler = (request: HttpRequest) => Promise<Response>;

export function toHttpRequest({ method, path, query = {}, headers = {}, body }: Request): HttpRequest {
  const pairs = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const text = body === undefined ? '' : JSON.stringify(body);
  return { method, path, query: new URLSearchParams(pairs), headers, body: text };
}

/** The response of an endpoint, before it is serialized. */
export interface ApiResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The only entry of the documented `errors` list; `responseOf` adds `id` and `status`. */
  readonly error?: ApiError;
  /** The JSON of the body. With neither `error` nor `text` the body is empty. */
  readonly text?: string;
}

interface ApiError {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly source?: { readonly pointer?: string; readonly parameter?: string };
}

export function responseOf({ status, headers = {}, error, text }: ApiResponse, requestId: string): Response {
  const errors = error === undefined ? undefined : [{ id: requestId, status: String(status), ...error }];
  const json = errors === undefined ? text : JSON.stringify({ errors });
  const type = json === undefined ? {} : { 'content-type': 'application/json' };
  const all = new Map(Object.entries({ ...type, 'x-request-id': requestId, ...headers }));
  return { status, headers: all, body: Buffer.from(json ?? '') };
}

export function ok(resource: unknown): ApiResponse {
  return { status: 200, text: JSON.stringify(resource) };
}

export function created(resource: unknown, location: string): ApiResponse {
  return { status: 201, text: JSON.stringify(resource), headers: { location } };
}

export const noContent: ApiResponse = { status: 204 };

// The error responses are those of the documentation, or recorded ones.

export function badRequest(detail: string, parameter?: string): ApiResponse {
  const error = { code: 'bad_request', title: 'Bad Request', detail };
  return { status: 400, error: parameter === undefined ? error : { ...error, source: { parameter } } };
}

export function invalidFilter(kind: string, parameter: string, status: '400' | '422'): ApiResponse {
  const detail = `The '${kind}' resource can't be filtered by '${parameter}'`;
  return {
    status: Number(status),
    error: { code: 'invalid_filter', title: 'Invalid Filter', detail, source: { parameter } },
  };
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
export function overQuota(status: '402' | '400', quota: string, limit: number): ApiResponse {
  if (status === '400') {
    return { status: 400, error: { title: 'Bad Request', detail: `${quota} is currently limited to ${limit}` } };
  }
  const title = 'Pending Invitations Per Org Quota Exceeded';
  const detail = `The request would exceed the quota: ${quota}`;
  return { status: 402, error: { code: 'quota_exceeded', title, detail } };
}

export function forbidden(detail = 'Forbidden Access'): ApiResponse {
  return { status: 403, error: { code: 'user_unauthorized', title: 'User Access Unauthorized', detail } };
}

/** As documented, without a code and a detail. */
export const notFound: ApiResponse = { status: 404, error: { title: 'Not Found' } };

/** The response for a missing resource, as the settings `missing_reads` and `deleted_reads` define it. */
export function missing(reads: 'not_found' | 'forbidden'): ApiResponse {
  return reads === 'not_found' ? notFound : forbidden();
}

export function methodNotAllowed(allow: string): ApiResponse {
  return { status: 405, error: { title: 'Method Not Allowed' }, headers: { allow } };
}

/** @param location The link to the existing resource. */
export function conflict(detail: string, location: string): ApiResponse {
  const error = { code: 'resource_already_exists', title: 'Resource Already exists', detail };
  return { status: 409, error, headers: { location } };
}

export function serverError(status: 500 | 503, detail: string): ApiResponse {
  const title = status === 500 ? 'Internal Server Error' : 'Service Unavailable';
  return { status, error: { title, detail } };
}
