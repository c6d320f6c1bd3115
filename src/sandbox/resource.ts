import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../text/json-fields.ts';
import { type ApiResponse, badRequest, invalidFilter, missing, ok, refusal } from './api.ts';
import type { Settings } from './settings.ts';
import { organizationCrn, type Row, type State, type Table, type World } from './state.ts';

/** An authenticated request to one resource or to a collection, and everything that is needed to answer it. */
export interface Call extends World {
  /** The decoded id from the path; empty for a collection. */
  readonly id: string;
  readonly query: URLSearchParams;
  /** The JSON object of a POST or PATCH; empty otherwise. */
  readonly body: JsonObject;
  /** The origin of the links in the response. */
  readonly base: string;
  readonly state: State;
  /** What the page tokens stand for: a query may be longer than a token. */
  readonly tokens: Map<string, Page>;
}

/** What resources are made from besides their rows. */
export interface Shown extends Pick<Call, 'base' | 'settings'> {
  readonly isListed?: boolean;
}

/** A type of resource: how its rows are shown and selected, and what may be done with them besides. */
export interface Resource<T extends Row = Row> {
  readonly api_version: string;
  /** Of one resource; that of a list is `${kind}List`. */
  readonly kind: string;
  readonly path: string;
  rows(call: Call): Table<T>;
  /** What follows the organization in the CRN; undefined if there is no CRN. */
  crn(id: string, settings: Settings): string | undefined;
  /** The fields besides those of all resources. */
  fields(row: T, shown: Shown): object;
  /** Throws Refusal if the caller may not list the resources, or not with this query. */
  checkList?(call: Call): void;
  /** The supported query parameters besides those of every list. */
  readonly filters?: readonly string[];
  /** Whether a row matches one of them. */
  matches?(row: T, filter: string, wanted: string, settings: Settings): boolean;
  /** Whether a row must match all of them. Default: yes; otherwise one is enough. */
  matchesAll?(settings: Settings): boolean;
  /** Whether lists have the row. Default: yes. */
  isListed?(row: T, call: Call): boolean;
  /** The maximum page size. Default: 100. */
  maximum?(settings: Settings): number;
  /** The row of the id in the path, if any. Default: that of the table. */
  find?(call: Call): T | undefined;
  create?(call: Call): T;
  update?(row: T, call: Call): T;
  delete?(row: T, call: Call): void;
  /** Whether DELETE responds with what was deleted. */
  readonly returnsDeleted?: true;
}

/** Throws Refusal if a rule of the API rejects the request. */
type Endpoint = (call: Call) => ApiResponse;

/** What can be done, by method: its name in the setting `forbidden`, and the act, if this type of resource has it. */
export type Endpoints = Readonly<Record<string, readonly [operation: string, endpoint: Endpoint | undefined]>>;

export function ofCollection(resource: Resource): Endpoints {
  const { create } = resource;
  const created = (json: ReturnType<typeof show>) => ({ status: 201, json, headers: { location: json.metadata.self } });
  return {
    GET: ['list', (call) => list(resource, call)],
    POST: ['create', create && ((call) => created(show(resource, create(call), call)))],
  };
}

export function ofOne(resource: Resource): Endpoints {
  const { update, delete: remove } = resource;
  const found = (call: Call) => {
    const row = resource.find === undefined ? resource.rows(call).get(call.id) : resource.find(call);
    if (row === undefined) throw missing(call.settings);
    return row;
  };
  const removed = (row: Row, call: Call) => {
    remove?.(row, call);
    return resource.returnsDeleted ? ok(show(resource, row, call)) : { status: 204 };
  };
  return {
    GET: ['get', (call) => ok(show(resource, found(call), call))],
    PATCH: ['update', update && ((call) => ok(show(resource, update(found(call), call), call)))],
    DELETE: ['delete', remove && ((call) => removed(found(call), call))],
  };
}

/** The row as the API writes it. Undefined fields are absent from the JSON. */
export function show<T extends Row>(resource: Resource<T>, row: T, shown: Shown) {
  const { api_version, kind, path } = resource;
  // As recorded, role bindings do not have updated_at.
  const { id, created_at, updated_at = kind === 'RoleBinding' ? undefined : created_at, deleted_at } = row;
  const crn = resource.crn(id, shown.settings);
  const resource_name = crn === undefined ? undefined : organizationCrn + crn;
  const metadata = { self: `${shown.base}${path}/${id}`, resource_name, created_at, updated_at, deleted_at };
  return { api_version, kind, id, ...resource.fields(row, shown), metadata };
}

/** The reference to a user, service account or identity pool in other resources. */
export function userReference(id: string, base: string) {
  const [kind, type] = principalKind(id);
  const related = `${base}/iam/v2/${type}s/${id}`;
  return { api_version: 'iam/v2', kind, id, related, resource_name: `crn://confluent.cloud/${type}=${id}` };
}

function principalKind(id: string): readonly [kind: string, type: string] {
  if (id.startsWith('sa-')) return ['ServiceAccount', 'service-account'];
  return id.startsWith('pool-') ? ['IdentityPool', 'identity-pool'] : ['User', 'user'];
}

/** Whether a row is so new that lists do not have it yet. */
export function lagsBehind({ clock }: Call, created_at: string, lag: number): boolean {
  return lag > 0 && clock.now() - Date.parse(created_at) < lag;
}

const defaultSize = 10;
const lastNext = { absent: undefined, null: null, empty: '' };

/** The requested page, with `metadata.next` unless it is the last one. */
function list(resource: Resource, call: Call): ApiResponse {
  const { settings, tokens, base } = call;
  const { path, kind, api_version } = resource;
  checkParameters(resource, call);
  const { after, query } = pageOf(path, call);
  const size = sizeOf(query, resource, settings);
  const all = selected(resource, query, call);
  const isByOffset = settings.paging === 'by_offset';
  const isLater = ([place]: readonly [number, Row]) =>
    settings.list_order === 'newest' ? place < after : place > after;
  const start = after < 0 ? 0 : isByOffset ? after : all.findIndex(isLater);
  const rest = start < 0 ? [] : all.slice(start);
  const rows = rest.slice(0, size);
  const hasNext = rest.length > size || (settings.trailing_page === 'yes' && rows.length === size);
  const end = isByOffset ? Math.max(0, after) + rows.length : (rows.at(-1)?.[0] ?? 0);
  // Like that of the real API, the link has no parameter besides the token.
  const next = () => {
    const token = randomUUID();
    tokens.set(token, {
      path,
      after: end,
      query: settings.page_token_carries === 'filters' ? query : new URLSearchParams(),
    });
    return `${base}${path}?page_token=${token}`;
  };
  const metadata = {
    first: base + path,
    next: hasNext ? next() : lastNext[settings.last_next],
    total_size: { absent: undefined, counted: all.length, zero: 0 }[settings.total_size],
  };
  const shown = rows.map(([, row]) => show(resource, row, { base, settings, isListed: true }));
  const data = shown.length === 0 && settings.empty_data === 'null' ? null : shown;
  return ok({ api_version, kind: `${kind}List`, metadata, data });
}

/** Throws Refusal for a parameter that the list does not support, if a setting says so. */
function checkParameters(resource: Resource, call: Call): void {
  const { query, settings } = call;
  resource.checkList?.(call);
  const known = ['page_size', 'page_token', ...(resource.filters ?? [])];
  const unknown = [...query.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined && settings.unknown_filter === 'rejected')
    throw invalidFilter(resource.kind, unknown, settings);
}

/** The rows that a query selects, with their places, in the order of the list. */
function selected(resource: Resource, query: URLSearchParams, call: Call): (readonly [place: number, row: Row])[] {
  const { settings } = call;
  const given = (resource.filters ?? [])
    .map((name) => [name, query.get(name) ?? ''] as const)
    .filter(([, wanted]) => wanted);
  const isAll = resource.matchesAll?.(settings) ?? true;
  const isMatch = (row: Row) => {
    const matches = ([name, wanted]: readonly [string, string]) => resource.matches?.(row, name, wanted, settings);
    return given.length === 0 || (isAll ? given.every(matches) : given.some(matches));
  };
  const found = [];
  for (const entry of resource.rows(call).entries()) {
    const [, row] = entry;
    if (isMatch(row) && (resource.isListed?.(row, call) ?? true)) found.push(entry);
  }
  return settings.list_order === 'newest' ? found.reverse() : found;
}

/** Throws Refusal if the page size is rejected. */
function sizeOf(query: URLSearchParams, resource: Resource, settings: Settings): number {
  const maximum = resource.maximum?.(settings) ?? 100;
  const text = query.get('page_size') ?? '';
  const size = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (text === '' || (size < 1 && settings.small_page === 'default')) return defaultSize;
  if (size >= 1 && (size <= maximum || settings.large_page === 'capped')) return Math.min(size, maximum);
  const source = { parameter: 'page_size' };
  throw refusal(Number(settings.rejected_status), `The page_size must be from 1 to ${maximum}`, { source });
}

/** Where a page begins, and the query that selects its rows. */
interface Page {
  readonly path: string;
  /** The place of the last row of the previous page, or the number of rows before; negative for the first page. */
  readonly after: number;
  readonly query: URLSearchParams;
}

/** Throws Refusal if the page_token was not issued here, or for another collection. */
function pageOf(path: string, { query, tokens }: Call): Page {
  const token = query.get('page_token');
  if (!token) return { path, after: -1, query };
  const page = tokens.get(token);
  if (page?.path !== path) throw badRequest('The page_token is not valid', 'page_token');
  // The parameters of the request take precedence over those of the token.
  return { ...page, query: new URLSearchParams({ ...Object.fromEntries(page.query), ...Object.fromEntries(query) }) };
}
