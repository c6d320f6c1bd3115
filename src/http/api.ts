import { CliError } from '../errors.ts';
import { isJsonObject, objectIn, textAt, valueAt } from '../text/json-fields.ts';
import {
  bodyText,
  describeResponse,
  failureOf,
  isErrorBody,
  isHtml,
  isMissing,
  pageInWords,
  UnknownOutcome,
  unlessMissing,
} from './failure.ts';
import { attemptTimeout, auth, onlyGet, redirect, type StackOptions, trace, userAgent } from './layers.ts';
import { retry } from './retry.ts';
import { changesOnce, type Purpose, type Query, type Request, type Response, type Send, stack } from './send.ts';

/** What the resource clients use: JSON in, checked JSON out, failures as `CliError`. */
export type Api = ReturnType<typeof createApi>;

/** Resolves to a 2xx response; any other one is thrown as the failure that it stands for. */
export async function sendChecked(send: Send, request: Request): Promise<Response> {
  const response = await send(request);
  const isSuccess = response.status >= 200 && response.status < 300;
  const isRefusal = isSuccess && changesOnce(request) && isErrorBody(objectIn(bodyText(response.body)));
  if (isSuccess && !isRefusal) return response;
  throw failureOf(request, response);
}

/** @param explain Adds to a failure what is known about its cause. */
export function createApi(send: Send, explain = (failure: CliError) => failure) {
  const explained = async (request: Request): Promise<Response> => {
    try {
      return await sendChecked(send, request);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      const target = request.purpose?.target;
      throw explain(target === undefined ? error : error.with({ target }));
    }
  };
  const get = async (path: string, query: Query = {}, purpose?: Purpose): Promise<unknown> =>
    parseJson(await explained({ method: 'GET', path, query, purpose }));
  return {
    get,
    /** The resource with this id; a broken proxy may answer with another one, to another request. */
    getById: async (collection: string, id: string, purpose: Purpose): Promise<unknown> => {
      const found = await get(pathOf(collection, id), {}, purpose);
      const answered = textAt(found, 'id') ?? id;
      if (answered === id) return found;
      throw new CliError('bad_response', `asked for "${id}", the API answered with "${answered}"`, { target: id });
    },
    /** Any 2xx response. The caller reads the body: the request has taken effect even if that is unreadable. */
    post: (path: string, body: unknown, options: Pick<Request, 'idempotent' | 'fresh' | 'turn' | 'purpose'> = {}) =>
      explained({ method: 'POST', path, body, ...options }),
    delete: (path: string, options: Pick<Request, 'turn' | 'purpose'>) =>
      explained({ method: 'DELETE', path, ...options }),
    /** The rows of all pages, one batch per page. Nothing is sent before the first batch is requested. */
    pages: (path: string, paging?: Paging, purpose?: Purpose): AsyncIterable<readonly unknown[]> =>
      followPages((query) => get(path, query, purpose), paging),
  };
}

interface Removal {
  readonly id: string;
  readonly path: string;
  readonly purpose: Purpose;
  /** Calls it off as long as it has to wait. */
  readonly turn?: AbortSignal | undefined;
  /** Whether what is still returned has ended all the same. */
  readonly hasEnded?: (resource: unknown) => boolean;
  /** A list that it is in for as long as it exists. */
  readonly list: () => AsyncIterable<readonly unknown[]>;
}

/**
 * Deletes a resource. 403 and 404 may each mean that it does not exist, or that it may not be deleted: what is still
 * there afterwards, or cannot be read, throws `forbidden`; `gone` is what somebody else has deleted.
 */
export async function deleteResource(api: Api, removal: Removal): Promise<'deleted' | 'gone'> {
  const { path, purpose, turn } = removal;
  try {
    await api.delete(path, { purpose, turn });
    return 'deleted';
  } catch (error) {
    if (!isMissing(error)) throw error;
    const state = await stateAfter(api, removal);
    // An attempt whose answer was lost has deleted it.
    if (state === 'gone') return error instanceof UnknownOutcome ? 'deleted' : 'gone';
    const reason = state === 'there' ? 'it is still there' : 'cannot tell whether it is still there';
    const { http_status, request_id, target } = error.details;
    throw new CliError('forbidden', error.message, {
      reason: `${reason}; ${error.details.reason ?? error.code}`,
      http_status,
      request_id,
      target,
    });
  }
}

/** 403 and 404 to a GET, too, may mean that this key may not see it: then the list decides, if it can be read. */
async function stateAfter(api: Api, { id, path, purpose, hasEnded, list }: Removal) {
  const stateOf = (resource: unknown) => (hasEnded?.(resource) === true ? 'gone' : 'there');
  try {
    return stateOf(await api.get(path, {}, purpose));
  } catch (error) {
    if (!isMissing(error)) throw error;
    const listed = firstIn(list(), (row) => (textAt(row, 'id') === id ? stateOf(row) : undefined));
    const state = await unlessMissing(listed.then((found) => found ?? 'gone'));
    return state ?? (error.code === 'not_found' ? 'gone' : 'unreadable');
  }
}

/** The path of a resource. Throws `bad_response` for an id that would name another one: the API may leave it out. */
export function pathOf(collection: string, id: string): string {
  if (id !== '' && id !== '.' && id !== '..') return `${collection}/${encodeURIComponent(id)}`;
  throw new CliError('bad_response', `the API names something in ${collection} without an id`);
}

/** The id of what a `Location` header names, if that is a resource of the collection with this path. */
export function idAt(location: string | undefined, path: string): string | undefined {
  const [, rest = ''] = location?.split(`${path}/`) ?? [];
  const id = /^[^/?#%]{1,255}$/.exec(rest)?.[0];
  return id?.startsWith('.') ? undefined : id;
}

/** The first that is found in a row of a list; no further page is requested then. */
export async function firstIn<T>(
  pages: AsyncIterable<readonly unknown[]>,
  find: (row: unknown) => T | undefined,
): Promise<T | undefined> {
  for await (const page of pages) {
    for (const row of page) {
      const found = find(row);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** Milliseconds for one attempt, its last byte included. */
const attemptLimit = 30_000;

/** Puts the layers around the transport, outermost first. Their order is decided here alone. */
export function httpStack(transport: Send, options: StackOptions): Send {
  const { endpoint, clock, signer, serverClock, readOnly, debug } = options;
  return stack(transport, [
    userAgent(options.version),
    retry(options),
    // Each attempt is signed anew: before it there may be a long wait.
    ...(signer === undefined ? [] : [auth(signer)]),
    attemptTimeout(clock, attemptLimit),
    ...(signer === undefined ? [] : [redirect(endpoint)]),
    ...(readOnly === true ? [onlyGet] : []),
    ...(serverClock === undefined ? [] : [serverClock.layer]),
    ...(debug === undefined ? [] : [trace(options, debug)]),
  ]);
}

/** The JSON of a 2xx response. Throws `bad_response` if it is not JSON, and the API's error if the body is one. */
export function parseJson(response: Response): unknown {
  if (memoryFor(response.body) > memoryLimit) {
    throw unreadable(response, `JSON that would take more than ${memoryLimit / mebibyte} MiB of memory`);
  }
  const text = bodyText(response.body);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const problem = isHtml(response, text) ? pageInWords : 'not JSON';
    throw unreadable(response, text === '' ? 'where JSON was expected' : problem, error);
  }
  sanitize(value, response);
  if (isErrorBody(value)) throw failureOf(undefined, response);
  return value;
}

const mebibyte = 1024 * 1024;

const memoryLimit = 300 * mebibyte;

const quote = 0x22;
const backslash = 0x5c;

/** What `{`, `[`, `,` and `:` outside of strings cost once they are parsed, in bytes. */
const costs = new Map([
  [0x7b, 72],
  [0x5b, 48],
  [0x2c, 24],
  [0x3a, 256],
]);

/** An estimate, on the large side, of the bytes that V8 takes for some JSON. 10 MiB of `{}` were more than 4 GB. */
function memoryFor(json: Uint8Array): number {
  let bytes = json.length * 2;
  // Nothing as short as this takes that much.
  if (json.length < mebibyte) return bytes;
  let isText = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] ?? 0;
    if (byte === quote) isText = !isText;
    else if (isText && byte === backslash) at += 1;
    else if (!isText) bytes += costs.get(byte) ?? 0;
  }
  return bytes;
}

/** How deep objects and arrays may be nested: what is nested more deeply would overflow the stack when it is written. */
const depthLimit = 64;

/**
 * Removes the keys that would reach an object's prototype from parsed JSON, in place and at every level: a copy would
 * double the memory that a long list takes.
 */
function sanitize(value: unknown, response: Response, levels = depthLimit): void {
  if (typeof value !== 'object' || value === null) return;
  if (levels === 0) throw unreadable(response, `JSON nested more than ${depthLimit} levels deep`);
  const fields = value as Record<string, unknown>;
  for (const key in fields) {
    if (key === '__proto__' || key === 'constructor' || key === 'prototype') delete fields[key];
    else sanitize(fields[key], response, levels - 1);
  }
}

function unreadable(response: Response, problem: string, cause?: unknown): CliError {
  return new CliError('bad_response', 'cannot read the response', {
    reason: `${describeResponse(response)}, ${problem}`,
    http_status: response.status,
    request_id: response.headers.get('x-request-id'),
    cause,
  });
}

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
  /** Requests the next page before the rows of the current one are used: for callers that read the whole list. */
  readonly prefetch?: boolean;
  /** A page size above 100; where the API refuses it, 100 is used. Where 100 is refused, the size is left to the API. */
  readonly pageSize?: number;
}

/**
 * All rows of a list, one batch for each page that has new ones. Each page after the first is requested with the query
 * of `next`, and with what that lacks of ours, as other clients do. A server need not keep the filters all the same: the
 * caller has to check each row. The list ends only where the server says so; anything else is an error, never a short
 * list.
 */
export async function* followPages(
  getPage: (query: Query) => Promise<unknown>,
  { prefetch = false, ...first }: Paging = {},
): AsyncGenerator<readonly unknown[], void> {
  const ids = new Set<string | number>();
  const tokens = new Set<string>();
  let emptyPages = 0;
  let rowCount = 0;
  const [firstOne, own] = await firstPage(getPage, first).catch((error: unknown) => {
    throw failsValidation(error) ? new RefusedQuery(error) : error;
  });
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
    const rows = pageRows(page, next === undefined).filter((row) => isNew(row, ids));
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
    if (!failsValidation(error)) throw error;
    if (wanted > pageSize) return firstPage(getPage, { query });
    if (!/page.?size/i.test(error.details.reason ?? '')) throw error;
    return [await getPage(query), query];
  }
}

/** The API refuses a filter of a list, before its first page. */
export class RefusedQuery extends CliError {
  constructor({ code, message, details }: CliError) {
    super(code, message, details);
  }
}

/** A request that fails its validation is 400 or 422. */
function failsValidation(error: unknown): error is CliError {
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

function pageRows(page: unknown, isLast: boolean): readonly object[] {
  if (!isJsonObject(page)) throw unreadableList('the answer is not an object');
  const { data, metadata } = page;
  if (!isLast && (data === undefined || data === null)) return [];
  // Confluent's own test server ends lists like this.
  if (data === null && isJsonObject(metadata)) return [];
  if (!Array.isArray(data)) throw unreadableList('the answer has no "data" array');
  if (!data.every(isJsonObject)) throw unreadableList('a row of "data" is not an object');
  return data;
}

/** Throws `bad_response` unless it is a page of a list: whatever else answers requests would pass for the API. */
export function checkPage(page: unknown): void {
  pageRows(page, nextPage(page) === undefined);
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
