import { createHash, createHmac } from 'node:crypto';
import type { Clock } from '../host.ts';
import type { JsonObject } from '../text/json-fields.ts';
import { type ApiResponse, badRequest, invalidFilter } from './http.ts';
import type { Caller } from './organization.ts';
import type { AppendEntry } from './rows.ts';
import type { Settings } from './settings.ts';
import type { Slot, State } from './state.ts';

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
  /** The slots after the cursor, in the order of the list. */
  scan(cursor: Cursor): Iterable<Slot<T>>;
  matches(row: T, query: URLSearchParams): boolean;
  resource(row: T): unknown;
}

const defaultSize = 10;

/** The requested page, with `metadata.next` unless it is the last one. */
export function page<T>(request: ApiRequest, listing: Listing<T>): ApiResponse {
  const { settings, tokens, base } = request;
  const { api_version, path } = listing;
  const unknown = unknownFilter(request, listing);
  if (unknown !== undefined) return invalidFilter(listing.kind, unknown, settings.rejected_status);
  const kind = `${listing.kind}List`;
  const cursor = tokens.cursorOf(kind, request.query);
  if (cursor === undefined) return badRequest('The page_token is not valid', 'page_token');
  const size = sizeOf(cursor.query, settings, listing.maximum);
  if (size === undefined) {
    const refused = badRequest(`The page_size must be from 1 to ${listing.maximum}`, 'page_size');
    return { ...refused, status: Number(settings.rejected_status) };
  }
  const isByOffset = settings.paging === 'by_offset';
  const skipped = isByOffset ? (cursor.after ?? 0) : 0;
  const { slots, more } = take(isByOffset ? { ...cursor, after: undefined } : cursor, listing, size, skipped);
  const after = isByOffset ? skipped + slots.length : slots.at(-1)?.position;
  const hasNext = more || (settings.trailing_page === 'yes' && slots.length === size);
  // Like the real API, `next` has no parameter besides the token.
  const next =
    hasNext && after !== undefined
      ? { next: `${base}${path}?page_token=${tokens.tokenFor(kind, { after, query: cursor.query })}` }
      : { absent: {}, null: { next: null }, empty: { next: '' } }[settings.last_next];
  const metadata = { first: base + path, ...next, ...totalSize(settings, listing, cursor) };
  const head = JSON.stringify({ api_version, kind, metadata });
  const rows = slots.map((slot) => textOf(slot, base, listing));
  const data = rows.length === 0 && settings.empty_data === 'null' ? 'null' : `[${rows.join(',')}]`;
  return { status: 200, text: `${head.slice(0, -1)},"data":${data}}` };
}

/** The name of the first unsupported parameter, unless these are ignored. */
function unknownFilter<T>({ query, settings }: ApiRequest, { filters = [] }: Listing<T>): string | undefined {
  if (settings.unknown_filter === 'ignored') return undefined;
  return [...query.keys()].find((name) => !['page_size', 'page_token', ...filters].includes(name));
}

/** The page size; undefined if the request must be rejected. */
function sizeOf(query: URLSearchParams, settings: Settings, maximum: number): number | undefined {
  const text = query.get('page_size') ?? '';
  if (text === '') return defaultSize;
  const size = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (size < 1) return settings.small_page === 'default' ? defaultSize : undefined;
  if (size <= maximum) return size;
  return settings.large_page === 'capped' ? maximum : undefined;
}

/** Up to `size` of the matching rows, after some that are skipped, and whether there are more. */
function take<T>(cursor: Cursor, listing: Listing<T>, size: number, skipped = 0): { slots: Slot<T>[]; more: boolean } {
  const slots: Slot<T>[] = [];
  let left = skipped;
  for (const slot of listing.scan(cursor)) {
    if (!listing.matches(slot.row, cursor.query) || left-- > 0) continue;
    if (slots.length === size) return { slots, more: true };
    slots.push(slot);
  }
  return { slots, more: false };
}

function totalSize<T>({ total_size }: Settings, listing: Listing<T>, { query }: Cursor): object {
  if (total_size === 'absent') return {};
  if (total_size === 'zero') return { total_size: 0 };
  return { total_size: take({ after: undefined, query }, listing, Number.POSITIVE_INFINITY).slots.length };
}

function textOf<T>(slot: Slot<T>, base: string, listing: Listing<T>): string {
  if (slot.json?.base !== base) slot.json = { base, text: JSON.stringify(listing.resource(slot.row)) };
  return slot.json.text;
}

/** Where a page begins, and the query that selects its rows. */
export interface Cursor {
  /** The position of the last row of the previous page, or the number of rows before; undefined for the first page. */
  readonly after: number | undefined;
  readonly query: URLSearchParams;
}

/** The documented maximum length of a token. */
const maximumLength = 255;

/** How many queries are remembered for the tokens that carry them. */
const maximumQueries = 10_000;

/**
 * Issues and checks page tokens. A token holds a position and is signed for its collection, so that a token that was
 * altered, made up or issued for another collection is rejected. The query that a token carries is stored here, because
 * it may be longer than a token.
 */
export class PageTokens {
  readonly #secret: string;
  readonly #carries: boolean;
  readonly #queries = new Map<string, string>();

  constructor(secret: string, carries: 'position' | 'filters') {
    this.#secret = secret;
    this.#carries = carries === 'filters';
  }

  /** The token of the page that begins after a position. */
  tokenFor(kind: string, { after, query }: { after: number; query: URLSearchParams }): string {
    const text = `${after}.${this.#carries ? this.#store(query) : ''}`;
    return Buffer.from(`${text}.${this.#signature(kind, text)}`).toString('base64url');
  }

  /** Decodes `page_token`. Undefined if the token was not issued here, or for another collection. */
  cursorOf(kind: string, query: URLSearchParams): Cursor | undefined {
    const token = query.get('page_token') ?? '';
    if (token === '') return { after: undefined, query };
    const parts = Buffer.from(token.slice(0, maximumLength), 'base64url').toString('latin1').split('.');
    const [after = '', digest = '', signature] = parts;
    // A different text can decode to the same bytes.
    const isCanonical = Buffer.from(parts.join('.')).toString('base64url') === token;
    if (!isCanonical || parts.length !== 3 || signature !== this.#signature(kind, `${after}.${digest}`))
      return undefined;
    const carried = digest === '' ? '' : this.#queries.get(digest);
    if (carried === undefined) return undefined;
    const merged = new URLSearchParams(carried);
    // The parameters of the request take precedence over those of the token.
    for (const [name, value] of query) merged.set(name, value);
    return { after: Number(after), query: merged };
  }

  #store(query: URLSearchParams): string {
    const carried = new URLSearchParams(query);
    carried.delete('page_token');
    const digest = createHash('sha256').update(String(carried)).digest('hex').slice(0, 16);
    this.#queries.delete(digest);
    this.#queries.set(digest, String(carried));
    const [oldest] = this.#queries.keys();
    if (this.#queries.size > maximumQueries && oldest !== undefined) this.#queries.delete(oldest);
    return digest;
  }

  #signature(kind: string, text: string): string {
    return createHmac('sha256', this.#secret).update(`${kind} ${text}`).digest('hex').slice(0, 16);
  }
}
