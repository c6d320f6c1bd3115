import type { Clock } from '../host.ts';
import type { Request, Response } from '../http/send.ts';
import type { PageTokens } from './pages.ts';
import type { Caller } from './populate.ts';
import type { Settings } from './settings.ts';
import type { State } from './state.ts';
import type { AppendEntry } from './store.ts';

/** A request as it comes off the wire: nothing in it has been understood or trusted yet. */
export interface HttpRequest {
  readonly method: string;
  /** Without the query, ids percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Undefined if it is larger than any that the API takes. */
  readonly body: string | Uint8Array | undefined;
  /** The origin that the caller reached us under, for the links in the answer. */
  readonly base?: string;
}

export type Handler = (call: HttpRequest) => Promise<Response>;

/** Something that happens to calls on their way: latency, a rate limit, a failure. */
export type Fault = (next: Handler) => Handler;

export function toHttpRequest({ method, path, query = {}, headers = {}, body }: Request): HttpRequest {
  const pairs = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const text = body === undefined ? '' : JSON.stringify(body);
  return { method, path, query: new URLSearchParams(pairs), headers, body: text };
}

/** One entry of the documented `errors` list; its `id` and `status` are added when the answer leaves. */
export interface ApiError {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly source?: { readonly pointer?: string; readonly parameter?: string };
}

/** What a rule of the API has to say, before it becomes bytes and headers. */
export interface ApiResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly error?: ApiError;
  /** The JSON of the body; absent and without `error` means an empty body. */
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
  const json = error === undefined ? text : failureText(error, status, requestId);
  const type = json === undefined ? {} : { 'content-type': 'application/json' };
  const all = new Map(Object.entries({ ...type, 'x-request-id': requestId, ...headers }));
  return { status, headers: all, body: Buffer.from(json ?? '') };
}

function failureText(error: ApiError, status: number, id: string): string {
  return JSON.stringify({ errors: [{ id, status: String(status), ...error }] });
}

/** What a rule of the API is asked, and what it may look at. */
export interface ApiRequest {
  /** From the path, decoded; empty for a whole collection. */
  readonly id: string;
  readonly query: URLSearchParams;
  /** The JSON object of a POST or PATCH; empty otherwise. */
  readonly body: Readonly<{ [name: string]: unknown }>;
  /** The origin that links in the answer begin with. */
  readonly base: string;
  readonly state: State;
  readonly switches: Settings;
  readonly clock: Clock;
  readonly tokens: PageTokens;
  readonly caller: Caller;
}

export type ReadHandler = (ask: ApiRequest) => ApiResponse;

/** Changes nothing but through `record`. */
export type ChangeHandler = (ask: ApiRequest, record: AppendEntry) => ApiResponse;
