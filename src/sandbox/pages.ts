import { createHash, createHmac } from 'node:crypto';
import { badRequest, invalidFilter } from './error-responses.ts';
import { type ApiRequest, type ApiResponse, ok } from './http.ts';
import type { Slot } from './state.ts';

/** How a collection is listed. */
export interface Listing<T> {
  readonly api_version: string;
  /** Of the list, as `InvitationList`. */
  readonly kind: string;
  readonly path: string;
  readonly maximum: number;
  /** The query parameters that it knows beside those of every list. */
  readonly filters?: readonly string[];
  /** The slots after a place, in the order of the list. */
  scan(cursor: Cursor): Iterable<Slot<T>>;
  matches(row: T, query: URLSearchParams): boolean;
  resource(row: T): unknown;
}

const defaultSize = 10;

const ofEveryList = ['page_size', 'page_token'];

/** The page that is asked for, with `next` if there is another one. */
export function page<T>(ask: ApiRequest, listing: Listing<T>): ApiResponse {
  const unknown = unknownFilter(ask, listing);
  if (unknown !== undefined) return invalidFilter(listing.kind, unknown);
  const cursor = ask.tokens.cursorOf(listing.kind, ask.query);
  if (cursor === undefined) return badRequest('The page_token is not valid', 'page_token');
  const size = sizeOf(cursor.query, ask, listing.maximum);
  if (size === undefined) return badRequest(`The page_size must be from 1 to ${listing.maximum}`, 'page_size');
  const { slots, more } = take(cursor, listing, size);
  const place = slots.at(-1)?.position;
  const goesOn = more || (ask.switches.trailing_page === 'yes' && slots.length === size);
  const token =
    goesOn && place !== undefined ? ask.tokens.tokenFor(listing.kind, { place, query: cursor.query }) : undefined;
  const metadata = { first: ask.base + listing.path, ...next(ask, listing, token), ...totalSize(ask, listing, cursor) };
  const { api_version, kind } = listing;
  const head = JSON.stringify({ api_version, kind, metadata });
  const rows = slots.map((slot) => textOf(slot, ask.base, listing));
  const data = rows.length === 0 && ask.switches.empty_data === 'null' ? 'null' : `[${rows.join(',')}]`;
  return ok(`${head.slice(0, -1)},"data":${data}}`);
}

/** The parameter to refuse, if there is one. */
function unknownFilter<T>({ query, switches }: ApiRequest, { filters = [] }: Listing<T>): string | undefined {
  if (switches.unknown_filter === 'ignored') return undefined;
  return [...query.keys()].find((name) => !ofEveryList.includes(name) && !filters.includes(name));
}

/** Undefined if it is to be refused. */
function sizeOf(query: URLSearchParams, { switches }: ApiRequest, maximum: number): number | undefined {
  const typed = query.get('page_size') ?? '';
  if (typed === '') return defaultSize;
  const size = /^\d{1,9}$/.test(typed) ? Number(typed) : 0;
  if (size < 1) return switches.small_page === 'default' ? defaultSize : undefined;
  if (size <= maximum) return size;
  return switches.large_page === 'capped' ? maximum : undefined;
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

/** The real `next` holds nothing but the token. */
function next<T>({ base, switches }: ApiRequest, { path }: Listing<T>, token: string | undefined): object {
  if (token !== undefined) return { next: `${base}${path}?page_token=${token}` };
  if (switches.last_next === 'absent') return {};
  return { next: switches.last_next === 'null' ? null : '' };
}

function totalSize<T>({ switches }: ApiRequest, listing: Listing<T>, { query }: Cursor): object {
  if (switches.total_size === 'absent') return {};
  if (switches.total_size === 'zero') return { total_size: 0 };
  let total_size = 0;
  for (const { row } of listing.scan({ place: undefined, query })) if (listing.matches(row, query)) total_size += 1;
  return { total_size };
}

function textOf<T>(slot: Slot<T>, base: string, listing: Listing<T>): string {
  if (slot.written?.base !== base) slot.written = { base, text: JSON.stringify(listing.resource(slot.row)) };
  return slot.written.text;
}

/** Where a page begins, and by which query it is made. */
export interface Cursor {
  /** The position of the last row of the page before; undefined for the first page. */
  readonly place: number | undefined;
  readonly query: URLSearchParams;
}

/** As documented. */
const longest = 255;

/** Queries that tokens of an hour ago may still stand for. */
const kept = 10_000;

/**
 * The page tokens of one API. Each names its collection and its place and is signed, so that one that was altered, made
 * up or issued for another collection is told. A query that a token carries is kept here: it may be longer than a token.
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
  tokenFor(kind: string, { place, query }: { place: number; query: URLSearchParams }): string {
    const text = `${place}.${this.#carries ? this.#keep(query) : ''}`;
    return Buffer.from(`${text}.${this.#signature(kind, text)}`).toString('base64url');
  }

  /** What `page_token` stands for. Undefined if it is none of ours, or of another collection. */
  cursorOf(kind: string, query: URLSearchParams): Cursor | undefined {
    const token = query.get('page_token') ?? '';
    if (token === '') return { place: undefined, query };
    const parts = Buffer.from(token.slice(0, longest), 'base64url').toString('latin1').split('.');
    const [place = '', digest = '', signature] = parts;
    // Text that decodes to the same bytes is still another token.
    const isOurs = Buffer.from(parts.join('.')).toString('base64url') === token;
    if (!isOurs || parts.length !== 3 || signature !== this.#signature(kind, `${place}.${digest}`)) return undefined;
    const carried = digest === '' ? '' : this.#queries.get(digest);
    if (carried === undefined) return undefined;
    const whole = new URLSearchParams(carried);
    // What the request says itself goes before what the token carries.
    for (const [name, value] of query) whole.set(name, value);
    return { place: Number(place), query: whole };
  }

  #keep(query: URLSearchParams): string {
    const carried = new URLSearchParams(query);
    carried.delete('page_token');
    const digest = createHash('sha256').update(String(carried)).digest('hex').slice(0, 16);
    this.#queries.delete(digest);
    this.#queries.set(digest, String(carried));
    const [oldest] = this.#queries.keys();
    if (this.#queries.size > kept && oldest !== undefined) this.#queries.delete(oldest);
    return digest;
  }

  #signature(kind: string, text: string): string {
    return createHmac('sha256', this.#secret).update(`${kind} ${text}`).digest('hex').slice(0, 16);
  }
}
