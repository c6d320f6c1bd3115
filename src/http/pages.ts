import { CliError } from '../errors.ts';
import { isJsonObject, valueAt } from '../text/json-fields.ts';
import type { Query } from './send.ts';

/** The largest page that most lists allow; the API's default of 10 would take ten times the requests. */
const pageSize = 100;
/** This many pages are always followed. */
const pageLimit = 1000;
/** The most rows that a list may have: several times the role bindings that an organization may have. */
const rowLimit = 1_000_000;
/** The API's default page size, which it may fall back to after the first page. */
const smallestPage = 10;
/** This many consecutive pages may bring no new rows. */
const emptyPageLimit = 10;

export interface Paging {
  readonly query?: Query;
  /**
   * Requests the next page before the rows of the current one are used: for callers that read the whole list.
   */
  readonly prefetch?: boolean;
  /** A page size above 100; where the API refuses it, 100 is used. Where 100 is refused, the size is left to the API. */
  readonly pageSize?: number;
}

/**
 * All rows of a list, one batch for each page that has new ones. Each page after the first is requested with the query
 * of `next`, and with what that lacks of ours, as other clients do. A server need not keep the filters all the same: the
 * caller has to check each row. The list ends only where the server
 * says so; anything else is an error, never a short list.
 */
export async function* followPages(
  getPage: (query: Query) => Promise<unknown>,
  { prefetch = false, ...first }: Paging = {},
): AsyncGenerator<readonly unknown[], void> {
  const ids = new Set<string | number>();
  const tokens = new Set<string>();
  let [emptyPages, rowCount] = [0, 0];
  const [firstOne, own] = await firstPage(getPage, first);
  const getNext = (query: Query) => getPage({ ...own, ...query });
  let page = firstOne;
  for (let count = 1; ; count++) {
    const next = nextPage(page);
    if (next !== undefined && tokens.has(next.token)) throw incomplete('its page tokens repeat');
    if (next !== undefined) tokens.add(next.token);
    rowCount += checkedSize(page, Number(own.page_size ?? pageSize));
    if (rowCount > rowLimit) throw incomplete(`it has more than ${rowLimit} rows`);
    const mayPrefetch = prefetch && emptyPages === 0 && !isTooLong(count, rowCount);
    const prefetched = next && mayPrefetch ? await request(getNext, next) : undefined;
    const before = ids.size;
    const rows = rowsOf(page, next === undefined).filter((row) => isNew(row, ids));
    if (rows.length > 0) yield rows;
    if (next === undefined) return;
    emptyPages = ids.size > before ? 0 : emptyPages + 1;
    if (emptyPages > emptyPageLimit) throw incomplete(`${emptyPages} consecutive pages had nothing new`);
    if (isTooLong(count, rowCount)) throw incomplete(`it does not end after ${count} pages`);
    page = await (prefetched?.page ?? getNext(next.query));
  }
}

/** The first page, and the query that it was given for. Where no size of ours is admitted, the API chooses one. */
async function firstPage(
  getPage: (query: Query) => Promise<unknown>,
  { query = {}, pageSize: wanted = pageSize }: Paging,
): Promise<[unknown, Query]> {
  const own = { ...query, page_size: String(wanted) };
  try {
    return [await getPage(own), own];
  } catch (error) {
    if (wanted > pageSize && isRefusedQuery(error)) return firstPage(getPage, { query });
    if (isRefusedQuery(error) && namesPageSize(error)) return [await getPage(query), query];
    throw error;
  }
}

function namesPageSize({ details: { reason = '' } }: CliError): boolean {
  return /page.?size/i.test(reason);
}

/** Whether the API refuses a page size or a filter: a request that fails its validation is 400 or 422. */
export function isRefusedQuery(error: unknown): error is CliError {
  return error instanceof CliError && (error.details.http_status === 400 || error.details.http_status === 422);
}

/** How many pages are followed depends on their size: as many as the longest list needs. */
function isTooLong(pages: number, rows: number): boolean {
  return rows >= rowLimit || (pages >= pageLimit && rows < pages * smallestPage);
}

/** How many times as many rows as were asked for a page may have. */
const tolerance = 10;

/** The number of rows of a page, repeated ones included. */
function checkedSize(page: unknown, wanted: number): number {
  const data = valueAt(page, 'data');
  const size = Array.isArray(data) ? data.length : 0;
  if (size <= tolerance * wanted) return size;
  throw unreadableList(`a page of it has ${size} rows, and ${wanted} were asked for`);
}

/** Sends the request for a page before other work delays it. Returned in an object, so that it is not awaited here. */
async function request(getPage: (query: Query) => Promise<unknown>, { query }: NextPage) {
  const page = getPage(query);
  // A failure is reported when the page is read; if nobody reads it, never.
  page.catch(() => {});
  await new Promise(setImmediate);
  return { page };
}

function rowsOf(page: unknown, isLast: boolean): readonly object[] {
  if (!isJsonObject(page)) throw unreadableList('the answer is not an object');
  const { data, metadata } = page;
  if (!isLast && (data === undefined || data === null)) return [];
  // Confluent's own test server ends lists like this.
  if (data === null && isJsonObject(metadata)) return [];
  if (!Array.isArray(data)) throw unreadableList('the answer has no "data" array');
  if (!data.every(isJsonObject)) throw unreadableList('a row of "data" is not an object');
  return data;
}

/** Overlapping pages repeat rows. A row without an id cannot be compared with others and is always kept. */
function isNew(row: object, ids: Set<string | number>): boolean {
  const { id } = row as { readonly id?: unknown };
  if (typeof id !== 'string' && typeof id !== 'number') return true;
  const known = ids.size;
  ids.add(id);
  return ids.size > known;
}

function unreadableList(reason: string): CliError {
  return new CliError('bad_response', 'cannot read the list', { reason });
}

function incomplete(reason: string): CliError {
  return new CliError('bad_response', 'incomplete list', { reason });
}

interface NextPage {
  /** Identifies the page. */
  readonly token: string;
  /** All parameters of `next`, and no others. */
  readonly query: Query;
}

/**
 * The page that `metadata.next` names; undefined at the end of the list. Throws `bad_response` if it names none. Only its
 * query is used: if its origin counted, credentials could be sent there.
 */
export function nextPage(page: unknown): NextPage | undefined {
  const metadata = valueAt(page, 'metadata') ?? {};
  const next = typeof metadata === 'object' ? (valueAt(metadata, 'next') ?? '') : metadata;
  if (next === '') return undefined;
  const [, text] = typeof next === 'string' ? (/^[^?#]*\?([^#]*)/.exec(next) ?? []) : [];
  const parameters = new URLSearchParams(text);
  const token = parameters.get('page_token') ?? '';
  if (token === '') throw incomplete('"metadata.next" has no page token');
  const query = [...parameters.keys()].map((name) => {
    const [only = '', ...more] = parameters.getAll(name);
    return [name, more.length === 0 ? only : [only, ...more]];
  });
  return { token, query: Object.fromEntries(query) };
}
