import { CliError } from '../errors.ts';
import { isJsonObject, valueAt } from '../text/json-fields.ts';
import type { Query } from './send.ts';

/** The most that most lists give at once; the API's default of 10 would take ten times the requests. */
const pageSize = 100;
/** So many pages are always followed. */
const pageLimit = 1000;
/** The most rows that a list may have: as many as an organization may have role bindings. */
const rowLimit = 250_000;
/** The API's own size of a page, which it may fall back to after the first one. */
const smallestPage = 10;
/** So many pages in a row may bring nothing new. */
const barrenLimit = 10;

export interface Paging {
  readonly query?: Query;
  /**
   * For whoever wants them all: a page is asked for as soon as it is known where it is, and is on its way while the one
   * before is used.
   */
  readonly prefetch?: boolean;
  /** More than the 100 rows that every list gives; where the API refuses that, 100 are asked for. */
  readonly pageSize?: number;
}

/**
 * All rows of a list, a batch for each page that has new ones. Each page after the first is asked for by the query of
 * `next` alone. Nobody promises that it keeps the filters: the caller has to check each row. Ends only where the server
 * says so; anything else is an error, never a short list.
 */
export async function* followPages(
  getPage: (query: Query) => Promise<unknown>,
  { prefetch: ahead = false, ...first }: Paging = {},
): AsyncGenerator<readonly unknown[], void> {
  const ids = new Set<unknown>();
  const tokens = new Set<string>();
  let [barren, received] = [0, 0];
  let coming = firstPage(getPage, first);
  for (let count = 1; ; count++) {
    const page = await coming;
    const next = nextOf(page, tokens);
    received += sizeOf(page);
    const isAhead = ahead && next !== undefined && !isTooLong(count, received) && barren === 0;
    if (isAhead) {
      coming = getPage(next.query);
      await leaving(coming);
    }
    const before = ids.size;
    const rows = rowsOf(page, next === undefined).filter((row) => isNew(row, ids));
    if (rows.length > 0) yield rows;
    if (next === undefined) return;
    barren = ids.size > before ? 0 : barren + 1;
    if (barren > barrenLimit) throw incomplete(`${barren} pages in a row brought nothing new`);
    if (isTooLong(count, received)) throw incomplete(`it goes on after ${count} pages`);
    if (!isAhead) coming = getPage(next.query);
  }
}

async function firstPage(getPage: (query: Query) => Promise<unknown>, { query = {}, pageSize: wanted }: Paging) {
  const sized = (size: number) => getPage({ ...query, page_size: String(size) });
  if (wanted === undefined) return sized(pageSize);
  try {
    return await sized(wanted);
  } catch (error) {
    if (error instanceof CliError && error.details.http_status === 400) return sized(pageSize);
    throw error;
  }
}

/** The number of pages that are followed depends on their size: as many as the longest list needs. */
function isTooLong(pages: number, rows: number): boolean {
  return pages >= pageLimit && (rows >= rowLimit || rows < pages * smallestPage);
}

/** How many rows a page has, the repeated ones included. */
function sizeOf(page: unknown): number {
  const data = valueAt(page, 'data');
  return Array.isArray(data) ? data.length : 0;
}

/** A turn for a request to leave: what is done meanwhile would hold it up. */
async function leaving(coming: Promise<unknown>): Promise<void> {
  // If it fails, that is said when its turn comes; if nobody asks any more, never.
  coming.catch(() => {});
  await new Promise(setImmediate);
}

/** The page to ask for next, one that was not asked for before. */
function nextOf(page: unknown, used: Set<string>): NextPage | undefined {
  const next = nextPage(page);
  if (next === null) throw incomplete('"metadata.next" holds no page token');
  if (next === undefined) return undefined;
  if (used.has(next.token)) throw incomplete('its pages lead in a circle');
  used.add(next.token);
  return next;
}

function rowsOf(page: unknown, isLast: boolean): readonly object[] {
  if (!isJsonObject(page)) throw noList('the answer is not an object');
  const { data, metadata } = page;
  if (!isLast && (data === undefined || data === null)) return [];
  // Confluent's own test server ends its lists like this.
  if (data === null && isJsonObject(metadata)) return [];
  if (!Array.isArray(data)) throw noList('the answer has no "data" array');
  if (!data.every(isJsonObject)) throw noList('a row of "data" is not an object');
  return data;
}

/** Overlapping pages show a row twice. One without an id cannot be told from others and is always kept. */
function isNew(row: object, ids: Set<unknown>): boolean {
  const { id } = row as { readonly id?: unknown };
  if (typeof id !== 'string' && typeof id !== 'number') return true;
  if (ids.has(id)) return false;
  ids.add(id);
  return true;
}

function noList(reason: string): CliError {
  return new CliError('bad_response', 'cannot read the list', { reason });
}

function incomplete(reason: string): CliError {
  return new CliError('bad_response', 'list incomplete', { reason });
}

/** Where a list goes on. */
export interface NextPage {
  /** What tells this page from the others. */
  readonly token: string;
  /** The query of `next`, with each parameter that is in it and no other. */
  readonly query: Query;
}

/** The page that `metadata.next` names; undefined at the end of the list; null if there is a `next` that leads nowhere. */
export function nextPage(page: unknown): NextPage | null | undefined {
  const metadata = valueAt(page, 'metadata');
  if (metadata === undefined || metadata === null) return undefined;
  if (typeof metadata !== 'object') return null;
  const next = valueAt(metadata, 'next');
  if (next === undefined || next === null || next === '') return undefined;
  return typeof next === 'string' ? queryIn(next) : null;
}

/** Only the query is taken: where `next` points to must never matter, as the credentials would go there. */
function queryIn(next: string): NextPage | null {
  const [url = ''] = next.split('#', 1);
  const question = url.indexOf('?');
  if (question === -1) return null;
  const parameters = new URLSearchParams(url.slice(question + 1));
  const token = parameters.get('page_token') ?? '';
  if (token === '') return null;
  const query = [...parameters.keys()].map((name) => {
    const [only = '', ...more] = parameters.getAll(name);
    return [name, more.length === 0 ? only : [only, ...more]];
  });
  return { token, query: Object.fromEntries(query) };
}
