import type { Clock } from '../host.ts';
import type { JsonObject } from '../text/json-fields.ts';
import { type ApiResponse, badRequest, invalidFilter } from './http.ts';
import type { Caller } from './organization.ts';
import type { AppendEntry } from './rows.ts';
import type { Settings } from './settings.ts';
import type { State } from './state.ts';

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

export type ReadHandler = (request: ApiRequest) => ApiResponse;

/** Changes the state only by appending entries. */
export type WriteHandler = (request: ApiRequest, append: AppendEntry) => ApiResponse;

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

/** The requested page, with `metadata.next` unless it is the last one. */
export function page<T>(request: ApiRequest, listing: Listing<T>): ApiResponse {
  const { settings, tokens } = request;
  const { path, kind, api_version } = listing;
  const known = ['page_size', 'page_token', ...(listing.filters ?? [])];
  const unknown = [...request.query.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined && settings.unknown_filter === 'rejected') return invalidFilter(kind, unknown, settings);
  const cursor = tokens.cursorOf(path, request.query);
  if (cursor === undefined) return badRequest('The page_token is not valid', 'page_token');
  const size = sizeOf(cursor.query, settings, listing.maximum);
  if (size === undefined) {
    const refused = badRequest(`The page_size must be from 1 to ${listing.maximum}`, 'page_size');
    return { ...refused, status: Number(settings.rejected_status) };
  }
  const isSelected = selection(listing, cursor.query);
  const { shown, more, after } = take({ ...listing, isSelected }, cursor.after, size, settings.paging);
  const hasNext = more || (settings.trailing_page === 'yes' && shown.length === size);
  const total_size = settings.total_size === 'counted' ? listing.rows.filter(isSelected).length : 0;
  const metadata = {
    first: request.base + path,
    ...(hasNext ? nextPage(request, path, { after, query: cursor.query }) : lastNext[settings.last_next]),
    ...(settings.total_size === 'absent' ? {} : { total_size }),
  };
  const data = shown.length === 0 && settings.empty_data === 'null' ? null : shown.map(listing.resource);
  return { status: 200, json: { api_version, kind: `${kind}List`, metadata, data } };
}

function selection<T>({ select }: Listing<T>, query: URLSearchParams): (row: T | undefined) => row is T {
  const matches = select?.(query) ?? (() => true);
  return (row): row is T => row !== undefined && matches(row);
}

interface Selected<T> extends Pick<Listing<T>, 'rows' | 'isNewestFirst'> {
  isSelected(row: T | undefined): row is T;
}

/** The rows of a page, whether there are more, and where these begin. */
function take<T>(
  { rows, isNewestFirst = false, isSelected }: Selected<T>,
  after: number | undefined,
  size: number,
  paging: Settings['paging'],
): { shown: T[]; more: boolean; after: number } {
  const step = isNewestFirst ? -1 : 1;
  const isByOffset = paging === 'by_offset';
  const skipped = isByOffset ? (after ?? 0) : 0;
  const shown: T[] = [];
  let [count, last] = [0, 0];
  let place = after === undefined || isByOffset ? (isNewestFirst ? rows.length - 1 : 0) : after + step;
  for (; place >= 0 && place < rows.length; place += step) {
    const row = rows[place];
    if (!isSelected(row) || ++count <= skipped) continue;
    if (shown.length === size) return { shown, more: true, after: isByOffset ? skipped + size : last };
    shown.push(row);
    last = place;
  }
  return { shown, more: false, after: isByOffset ? skipped + shown.length : last };
}

const lastNext = { absent: {}, null: { next: null }, empty: { next: '' } };

/** Like the real API, the link has no parameter besides the token. */
function nextPage({ base, tokens, settings }: ApiRequest, path: string, { after, query }: Cursor): object {
  const carried = settings.page_token_carries === 'filters' ? query : new URLSearchParams();
  return { next: `${base}${path}?page_token=${tokens.tokenFor(path, { after, query: carried })}` };
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
  /** The place of the last row of the previous page, or the number of rows before; undefined for the first page. */
  readonly after: number | undefined;
  readonly query: URLSearchParams;
}

/** How many tokens are remembered. */
const maximumTokens = 10_000;

/** Issues page tokens and remembers what they stand for: a query may be longer than a token. */
export class PageTokens {
  readonly #clock: Clock;
  readonly #issued = new Map<string, Cursor & { readonly path: string }>();
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The token of the page of a collection that begins at a cursor. */
  tokenFor(path: string, { after, query }: Cursor): string {
    const carried = new URLSearchParams(query);
    carried.delete('page_token');
    const token = Buffer.from(`${this.#clock.random()}.${this.#count++}`).toString('base64url');
    this.#issued.set(token, { path, after, query: carried });
    const [oldest] = this.#issued.keys();
    if (this.#issued.size > maximumTokens && oldest !== undefined) this.#issued.delete(oldest);
    return token;
  }

  /** What `page_token` stands for. Undefined if it was not issued here, or for another collection. */
  cursorOf(path: string, query: URLSearchParams): Cursor | undefined {
    const token = query.get('page_token') ?? '';
    if (token === '') return { after: undefined, query };
    const issued = this.#issued.get(token);
    if (issued?.path !== path) return undefined;
    const merged = new URLSearchParams(issued.query);
    // The parameters of the request take precedence over those of the token.
    for (const [name, value] of query) merged.set(name, value);
    return { after: issued.after, query: merged };
  }
}
