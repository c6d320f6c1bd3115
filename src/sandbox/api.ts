import { randomUUID } from 'node:crypto';
import type { Clock } from '../host.ts';
import { isJsonObject, type JsonObject } from '../text/json-fields.ts';
import type { Settings } from './settings.ts';
import { type Caller, organizationCrn, type State } from './state.ts';

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

/** An authenticated request to one endpoint, and everything the endpoint needs to answer it. */
export interface ApiRequest {
  /** The decoded id from the path; empty for a collection. */
  readonly id: string;
  readonly query: URLSearchParams;
  /** The JSON object of a POST or PATCH; empty otherwise. */
  readonly body: JsonObject;
  /** The origin of the links in the response. */
  readonly base: string;
  readonly state: State;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly tokens: PageTokens;
  readonly caller: Caller;
}

export type Endpoint = (request: ApiRequest) => ApiResponse;

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

export function responseOf({ status, headers = {}, error, json, text = '' }: ApiResponse): HttpResponse {
  const requestId = randomUUID().replaceAll('-', '');
  const body = error === undefined ? json : { errors: [{ id: requestId, status: String(status), ...error }] };
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const all = new Map(Object.entries({ ...type, 'x-request-id': requestId, ...headers }));
  return { status, headers: all, body: Buffer.from(body === undefined ? text : JSON.stringify(body)) };
}

/** The maximum size of a request body, in bytes. */
export const bodyLimit = 65_536;

/** The JSON object in the body of a POST or PATCH, or the response to a request with another body. */
export function parseBody({ method, headers, body: bytes }: HttpRequest): { body: JsonObject } | ApiResponse {
  if (bytes === undefined || Buffer.byteLength(bytes) > bodyLimit) {
    return failed(413, 'Payload Too Large', 'The body of a request may have at most 64 KiB');
  }
  if (method !== 'POST' && method !== 'PATCH') return { body: {} };
  if (!/^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test((headers['content-type'] ?? '').trim())) {
    return failed(415, 'Unsupported Media Type', 'The Content-Type of a body must be application/json');
  }
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const value: unknown = JSON.parse(typeof bytes === 'string' ? bytes : decoder.decode(bytes));
    if (isJsonObject(value)) return { body: value };
  } catch (error) {
    if (!(error instanceof SyntaxError)) return badRequest('The body is not UTF-8');
  }
  return badRequest('The body is not a JSON object');
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

export function forbidden(detail = 'Forbidden Access'): ApiResponse {
  return { status: 403, error: { code: 'user_unauthorized', title: 'User Access Unauthorized', detail } };
}

export function unauthenticated(): ApiResponse {
  const challenge = 'Basic error="invalid_key", error_description="The API Key is invalid"';
  const detail = 'Valid authentication credentials must be provided';
  const error = { code: 'user_unauthenticated', title: 'Authentication Required', detail };
  return { status: 401, error, headers: { 'www-authenticate': challenge } };
}

/** The response to an operation that the key may not do. */
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
  return { ...failed(405, 'Method Not Allowed'), headers: { allow } };
}

/** @param location The link to the existing resource. */
export function conflict(detail: string, location: string): ApiResponse {
  const error = { code: 'resource_already_exists', title: 'Resource Already exists', detail };
  return { status: 409, error, headers: { location } };
}

/** The head that all resources have. `name` is what follows the organization in the CRN. */
export function resourceHead(
  { api_version, kind, path }: { readonly api_version: string; readonly kind: string; readonly path: string },
  { id, base, name }: { readonly id: string; readonly base: string; readonly name: string | undefined },
  times: Readonly<Record<string, string | undefined>> = {},
) {
  const resource_name = name === undefined ? {} : { resource_name: `${organizationCrn}${name}` };
  return { api_version, kind, id, metadata: { self: `${base}${path}/${id}`, ...resource_name, ...times } };
}

/** The reference to a user, service account or identity pool in other resources. */
export function userReference(id: string, base: string): Record<string, unknown> {
  const [kind, type] = kindOf(id);
  const related = `${base}/iam/v2/${type}s/${id}`;
  return { api_version: 'iam/v2', kind, id, related, resource_name: `crn://confluent.cloud/${type}=${id}` };
}

function kindOf(id: string): readonly [kind: string, type: string] {
  if (id.startsWith('sa-')) return ['ServiceAccount', 'service-account'];
  return id.startsWith('pool-') ? ['IdentityPool', 'identity-pool'] : ['User', 'user'];
}

/** Whether a row is so new that lists do not have it yet. */
export function lagsBehind({ clock }: ApiRequest, created_at: string, lag: number): boolean {
  return lag > 0 && clock.now() - Date.parse(created_at) < lag;
}

/** How the resources of one type are listed. */
interface Listing<T> {
  readonly api_version: string;
  /** The kind of one resource; that of the list is `${kind}List`. */
  readonly kind: string;
  readonly path: string;
  /** The maximum page size. */
  readonly maximum: number;
  /** The supported query parameters besides those of every list. */
  readonly filters?: readonly string[];
  /** All of them, the oldest first; undefined where one was deleted. */
  readonly rows: readonly (T | undefined)[];
  readonly isNewestFirst?: boolean;
  /** Which rows a query selects. Default: all. */
  select?(query: URLSearchParams): (row: T) => boolean;
  resource(row: T): unknown;
}

const defaultSize = 10;
const lastNext = { absent: {}, null: { next: null }, empty: { next: '' } };

/** The requested page, with `metadata.next` unless it is the last one. */
export function page<T>(request: ApiRequest, listing: Listing<T>): ApiResponse {
  const { settings, tokens, base } = request;
  const { path, kind, api_version, rows, isNewestFirst = false } = listing;
  const known = ['page_size', 'page_token', ...(listing.filters ?? [])];
  const unknown = [...request.query.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined && settings.unknown_filter === 'rejected') return invalidFilter(kind, unknown, settings);
  const cursor = tokens.cursorOf(path, request.query);
  if (cursor === undefined) return badRequest('The page_token is not valid', 'page_token');
  const size = sizeOf(cursor.query, settings, listing.maximum);
  if (size === undefined) {
    const rejected = badRequest(`The page_size must be from 1 to ${listing.maximum}`, 'page_size');
    return { ...rejected, status: Number(settings.rejected_status) };
  }
  const isSelected = listing.select?.(cursor.query) ?? (() => true);
  const all = [...rows.entries()].filter(
    (entry): entry is [number, T] => entry[1] !== undefined && isSelected(entry[1]),
  );
  if (isNewestFirst) all.reverse();
  const isByOffset = settings.paging === 'by_offset';
  const isLater = ([place]: [number, T]) => (isNewestFirst ? place < cursor.after : place > cursor.after);
  const rest = cursor.after < 0 ? all : isByOffset ? all.slice(cursor.after) : all.filter(isLater);
  const shown = rest.slice(0, size);
  const hasNext = rest.length > size || (settings.trailing_page === 'yes' && shown.length === size);
  const after = isByOffset ? Math.max(0, cursor.after) + shown.length : (shown.at(-1)?.[0] ?? 0);
  // Like that of the real API, the link has no parameter besides the token.
  const carried = settings.page_token_carries === 'filters' ? cursor.query : new URLSearchParams();
  const next = () => `${base}${path}?page_token=${tokens.tokenFor(path, { after, query: carried })}`;
  const total_size = settings.total_size === 'counted' ? all.length : 0;
  const metadata = {
    first: base + path,
    ...(hasNext ? { next: next() } : lastNext[settings.last_next]),
    ...(settings.total_size === 'absent' ? {} : { total_size }),
  };
  const data =
    shown.length === 0 && settings.empty_data === 'null' ? null : shown.map(([, row]) => listing.resource(row));
  return ok({ api_version, kind: `${kind}List`, metadata, data });
}

/** The page size; undefined if the request must be rejected. */
function sizeOf(query: URLSearchParams, settings: Settings, maximum: number): number | undefined {
  const text = query.get('page_size') ?? '';
  if (text === '') return defaultSize;
  const size = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (size < 1) return settings.small_page === 'default' ? defaultSize : undefined;
  return size <= maximum || settings.large_page === 'capped' ? Math.min(size, maximum) : undefined;
}

/** Where a page begins, and the query that selects its rows. */
interface Cursor {
  /** The place of the last row of the previous page, or the number of rows before; negative for the first page. */
  readonly after: number;
  readonly query: URLSearchParams;
}

/** How many tokens are remembered. */
const maximumTokens = 10_000;

/** Issues page tokens and remembers what they stand for: a query may be longer than a token. */
export class PageTokens {
  readonly #issued = new Map<string, Cursor & { readonly path: string }>();

  /** The token of the page of a collection that begins at a cursor. */
  tokenFor(path: string, { after, query }: Cursor): string {
    const carried = new URLSearchParams(query);
    carried.delete('page_token');
    const token = randomUUID();
    this.#issued.set(token, { path, after, query: carried });
    const [oldest] = this.#issued.keys();
    if (this.#issued.size > maximumTokens && oldest !== undefined) this.#issued.delete(oldest);
    return token;
  }

  /** What `page_token` stands for. Undefined if it was not issued here, or for another collection. */
  cursorOf(path: string, query: URLSearchParams): Cursor | undefined {
    const token = query.get('page_token') ?? '';
    if (token === '') return { after: -1, query };
    const issued = this.#issued.get(token);
    if (issued?.path !== path) return undefined;
    const merged = new URLSearchParams(issued.query);
    // The parameters of the request take precedence over those of the token.
    for (const [name, value] of query) merged.set(name, value);
    return { after: issued.after, query: merged };
  }
}
