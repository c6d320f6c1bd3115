import type { ApiRequest } from './endpoint.ts';
import { badRequest, invalidFilter } from './error-responses.ts';
import { type ApiResponse, ok } from './http.ts';
import type { Cursor } from './page-tokens.ts';
import type { Slot } from './state.ts';

/** How the rows of one collection are listed. */
interface Listing<T> {
  readonly api_version: string;
  /** The kind of the list, such as `InvitationList`. */
  readonly kind: string;
  readonly path: string;
  readonly maximum: number;
  /** The supported query parameters besides those of every list. */
  readonly filters?: readonly string[];
  /** The slots after the cursor, in the order of the list. */
  scan(cursor: Cursor): Iterable<Slot<T>>;
  matches(row: T, query: URLSearchParams): boolean;
  resource(row: T): unknown;
}

const defaultSize = 10;

const pageParameters = ['page_size', 'page_token'];

/** The requested page, with `metadata.next` unless it is the last one. */
export function page<T>(request: ApiRequest, listing: Listing<T>): ApiResponse {
  const unknown = unknownFilter(request, listing);
  if (unknown !== undefined) return invalidFilter(listing.kind, unknown);
  const cursor = request.tokens.cursorOf(listing.kind, request.query);
  if (cursor === undefined) return badRequest('The page_token is not valid', 'page_token');
  const size = sizeOf(cursor.query, request, listing.maximum);
  if (size === undefined) return badRequest(`The page_size must be from 1 to ${listing.maximum}`, 'page_size');
  const { slots, more } = take(cursor, listing, size);
  const last = slots.at(-1)?.position;
  const hasNext = more || (request.settings.trailing_page === 'yes' && slots.length === size);
  const token =
    hasNext && last !== undefined
      ? request.tokens.tokenFor(listing.kind, { after: last, query: cursor.query })
      : undefined;
  const metadata = {
    first: request.base + listing.path,
    ...next(request, listing, token),
    ...totalSize(request, listing, cursor),
  };
  const { api_version, kind } = listing;
  const head = JSON.stringify({ api_version, kind, metadata });
  const rows = slots.map((slot) => textOf(slot, request.base, listing));
  const data = rows.length === 0 && request.settings.empty_data === 'null' ? 'null' : `[${rows.join(',')}]`;
  return ok(`${head.slice(0, -1)},"data":${data}}`);
}

/** The name of the first unsupported parameter, unless these are ignored. */
function unknownFilter<T>({ query, settings }: ApiRequest, { filters = [] }: Listing<T>): string | undefined {
  if (settings.unknown_filter === 'ignored') return undefined;
  return [...query.keys()].find((name) => !pageParameters.includes(name) && !filters.includes(name));
}

/** The page size; undefined if the request must be rejected. */
function sizeOf(query: URLSearchParams, { settings }: ApiRequest, maximum: number): number | undefined {
  const text = query.get('page_size') ?? '';
  if (text === '') return defaultSize;
  const size = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (size < 1) return settings.small_page === 'default' ? defaultSize : undefined;
  if (size <= maximum) return size;
  return settings.large_page === 'capped' ? maximum : undefined;
}

function take<T>(cursor: Cursor, listing: Listing<T>, size: number): { slots: Slot<T>[]; more: boolean } {
  const slots: Slot<T>[] = [];
  for (const slot of listing.scan(cursor)) {
    if (!listing.matches(slot.row, cursor.query)) continue;
    if (slots.length === size) return { slots, more: true };
    slots.push(slot);
  }
  return { slots, more: false };
}

/** Like the real API, `next` has no parameter besides the token. */
function next<T>({ base, settings }: ApiRequest, { path }: Listing<T>, token: string | undefined): object {
  if (token !== undefined) return { next: `${base}${path}?page_token=${token}` };
  if (settings.last_next === 'absent') return {};
  return { next: settings.last_next === 'null' ? null : '' };
}

function totalSize<T>({ settings }: ApiRequest, listing: Listing<T>, { query }: Cursor): object {
  if (settings.total_size === 'absent') return {};
  if (settings.total_size === 'zero') return { total_size: 0 };
  let total_size = 0;
  for (const { row } of listing.scan({ after: undefined, query })) if (listing.matches(row, query)) total_size += 1;
  return { total_size };
}

function textOf<T>(slot: Slot<T>, base: string, listing: Listing<T>): string {
  if (slot.json?.base !== base) slot.json = { base, text: JSON.stringify(listing.resource(slot.row)) };
  return slot.json.text;
}
