import { CliError } from '../errors.ts';
import { nextToken } from './next-page.ts';
import type { Query } from './send.ts';

/** The most that the API gives at once; its default of 10 would take ten times the requests. */
const pageSize = 100;
const pageLimit = 1000;
/** So many pages in a row may bring nothing new. */
const barrenLimit = 10;

export interface Paging {
  readonly query?: Query;
  /**
   * For whoever wants them all: a page is asked for as soon as it is known where it is, and is on its way while the one
   * before is used.
   */
  readonly ahead?: boolean;
}

/**
 * All rows of a list, a batch for each page that has new ones. The filters are sent with every page, as nobody
 * promises that the token keeps them. Ends only where the server says so; anything else is an error, never a short list.
 */
export async function* followPages(
  getPage: (query: Query) => Promise<unknown>,
  { query = {}, ahead = false }: Paging = {},
): AsyncGenerator<readonly unknown[], void> {
  const get = (token?: string) => getPage({ ...query, page_size: String(pageSize), page_token: token });
  const ids = new Set<unknown>();
  const tokens = new Set<string>();
  let barren = 0;
  let coming = get();
  for (let count = 1; ; count++) {
    const page = await coming;
    const token = nextOf(page, tokens);
    const isAhead = ahead && token !== undefined && count < pageLimit && barren === 0;
    if (isAhead) {
      coming = get(token);
      await leaving(coming);
    }
    const before = ids.size;
    const rows = rowsOf(page, token === undefined).filter((row) => isNew(row, ids));
    if (rows.length > 0) yield rows;
    if (token === undefined) return;
    barren = ids.size > before ? 0 : barren + 1;
    if (barren > barrenLimit) throw incomplete(`${barren} pages in a row brought nothing new`);
    if (count === pageLimit) throw incomplete(`it goes on after ${pageLimit} pages`);
    if (!isAhead) coming = get(token);
  }
}

/** A turn for a request to leave: what is done meanwhile would hold it up. */
async function leaving(coming: Promise<unknown>): Promise<void> {
  // If it fails, that is said when its turn comes; if nobody asks any more, never.
  coming.catch(() => {});
  await new Promise(setImmediate);
}

/** The token of the page to ask for next, one that was not used before. */
function nextOf(page: unknown, used: Set<string>): string | undefined {
  const token = nextToken(page);
  if (token === null) throw incomplete('"metadata.next" holds no page token');
  if (token === undefined) return undefined;
  if (used.has(token)) throw incomplete('its pages lead in a circle');
  used.add(token);
  return token;
}

function rowsOf(page: unknown, isLast: boolean): readonly object[] {
  if (typeof page !== 'object' || page === null || Array.isArray(page)) throw noList('the answer is not an object');
  const { data } = page as { readonly data?: unknown };
  if (!isLast && (data === undefined || data === null)) return [];
  if (!Array.isArray(data)) throw noList('the answer has no "data" array');
  if (!data.every(isObject)) throw noList('a row of "data" is not an object');
  return data;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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
