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

/** Wraps a handler to simulate latency, a rate limit or failures. */
export type Fault = (next: Handler) => Handler;

export function toHttpRequest({ method, path, query = {}, headers = {}, body }: Request): HttpRequest {
  const pairs = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const text = body === undefined ? '' : JSON.stringify(body);
  return { method, path, query: new URLSearchParams(pairs), headers, body: text };
}

/** One entry of the documented `errors` list; `responseOf` adds `id` and `status`. */
export interface ApiError {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly source?: { readonly pointer?: string; readonly parameter?: string };
}

/** The response of an endpoint, before it is serialized. */
export interface ApiResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly error?: ApiError;
  /** The JSON of the body. With neither `error` nor `text` the body is empty. */
  readonly text?: string;
}

export function ok(text: string): ApiResponse {
  return { status: 200, text };
}

export function created(text: string, location: string): ApiResponse {
  return { status: 201, text, headers: { location } };
}

export const noContent: ApiResponse = { status: 204 };

export function responseOf({ status, headers = {}, error, text }: ApiResponse, requestId: string): Response {
  const json = error === undefined ? text : errorText(error, status, requestId);
  const type = json === undefined ? {} : { 'content-type': 'application/json' };
  const all = new Map(Object.entries({ ...type, 'x-request-id': requestId, ...headers }));
  return { status, headers: all, body: Buffer.from(json ?? '') };
}

function errorText(error: ApiError, status: number, id: string): string {
  return JSON.stringify({ errors: [{ id, status: String(status), ...error }] });
}
