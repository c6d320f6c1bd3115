import { CliError, ifPossible } from '../errors.ts';
import type { Clock, Processes } from '../host.ts';
import { shellQuote } from '../text/suggest.ts';
import {
  type ApiResponse,
  forbidden,
  type Handler,
  type HttpRequest,
  type HttpResponse,
  notFound,
  notPermitted,
  parseBody,
  Refusal,
  refusal,
  responseOf,
  unauthenticated,
} from './api.ts';
import { invitations } from './invitations.ts';
import { apiKeys, organizations, quotas, users } from './other-resources.ts';
import { type Call, ofCollection, ofOne, type Resource, show } from './resource.ts';
import { roleBindings } from './role-bindings.ts';
import { type OrganizationSeed, populate, type SeedCounts, seed } from './seed.ts';
import { type Settings, settingsWith } from './settings.ts';
import {
  type Caller,
  type Credentials,
  fold,
  type InvitationRow,
  isPending,
  owner,
  State,
  sandboxKey,
  type Table,
  timestamp,
  timestampNow,
} from './state.ts';
import { FileStore, memoryStore, type Store } from './store.ts';
import { poolOf, tokenResponse } from './sts.ts';

export type { OrganizationSeed, PersonSeed, SeedCounts } from './seed.ts';
export type { Settings } from './settings.ts';
export { type Credentials, sandboxKey } from './state.ts';
export { accessTokenFor, sandboxIssuer, sandboxPool } from './sts.ts';

export interface SandboxOptions {
  readonly clock: Clock;
  /** Overrides the defaults of some settings, as `--switch` does. */
  readonly switches?: Partial<Settings>;
  /** Default: `sandboxKey`. */
  readonly credentials?: Credentials;
}

interface LocalRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

export type Sandbox = ReturnType<typeof openSandbox>;

/**
 * The part of the Confluent Cloud API that invitations need. Keeps the state in a folder, which several sandboxes may
 * share, also in different processes, or in memory. Reads nothing yet: a damaged file is reported by the first request,
 * and can be reset.
 */
export function openSandbox(
  options: SandboxOptions &
    ({ readonly folder: string; readonly processes: Processes } | { readonly folder?: undefined }),
) {
  const { credentials = sandboxKey } = options;
  const settings = settingsWith(options.switches);
  const clock = { ...options.clock, now: () => options.clock.now() + settings.clock_offset };
  const owned = settings.service_account_key === 'no' ? owner.id : 'sa-sandbox';
  const world = { settings, clock, caller: { api_key: credentials.api_key, owner: owned } };
  const newState = () => new State(world);
  const store = options.folder === undefined ? memoryStore({ newState }) : new FileStore({ ...options, newState });
  const handler = createHandler({ ...world, store, credentials, tokens: new Map() });
  const end = async (target: string, status: 'ACCEPTED' | 'EXPIRED', { dryRun = false }: { dryRun?: boolean } = {}) => {
    const act = (state: State): Readonly<Record<string, unknown>> => {
      const row = ended(invitationTo(target, status, state), status, clock, settings);
      if (!dryRun) state.putInvitation(row);
      return show(invitations, row, { base: realBase, settings });
    };
    return dryRun ? act(store.read()) : store.update(act);
  };
  return {
    settings,
    /** Responds to unchecked requests, such as those from a socket. */
    handler,
    send: async ({ method, path, query = {}, headers = {}, body, signal }: LocalRequest): Promise<HttpResponse> => {
      signal?.throwIfAborted();
      const text = body === undefined ? '' : JSON.stringify(body);
      return handler({ method, path, query: searchParams(query), headers, body: text });
    },
    /** Adds generated invitations and other rows; resolves to the number of all. */
    seed: (count: number, counts: SeedCounts = {}) => store.update((state) => seed(count, counts, state)),
    /** Adds people, role bindings and API keys without mails or quotas; resolves to the people, in the same order. */
    populate: (added: OrganizationSeed) => store.update((state) => populate(added, state)),
    /** Accepts an invitation, by id or e-mail; a dry run changes nothing. Throws `not_found` if there is none. */
    accept: (target: string, how?: { dryRun?: boolean }) => end(target, 'ACCEPTED', how),
    /** Expires an invitation, by id or e-mail; a dry run changes nothing. Throws `not_found` if there is none. */
    expire: (target: string, how?: { dryRun?: boolean }) => end(target, 'EXPIRED', how),
    /** The number of mails sent to each e-mail, in lower case. */
    mails: async () => mailsIn(store.read().invitations),
    /** Deletes all data, even if the file is damaged. */
    reset: () => store.reset(),
  };
}

function searchParams(query: NonNullable<LocalRequest['query']>): URLSearchParams {
  return new URLSearchParams(
    Object.entries(query).flatMap(([name, value = []]) => [value].flat().map((one): [string, string] => [name, one])),
  );
}

function ended(row: InvitationRow, status: 'ACCEPTED' | 'EXPIRED', clock: Clock, settings: Settings): InvitationRow {
  if (row.status === status) return row;
  if (status === 'ACCEPTED') return { ...row, status, accepted_at: timestampNow(clock) };
  return { ...row, status: settings.expiry_lag === 0 ? status : 'SENT', expires_at: timestamp(clock.now()) };
}

/** The invitation of this id, or to this e-mail the pending one, else the newest. Throws unless it can end in this way. */
function invitationTo(target: string, status: 'ACCEPTED' | 'EXPIRED', state: State): InvitationRow {
  const invited = state.invited(target);
  const row = state.invitations.get(target) ?? invited.findLast(isPending) ?? invited.at(-1);
  const email = row?.email ?? target;
  const create = `invite -p sandbox create ${shellQuote(email)}`;
  if (row === undefined) {
    const hints = ['invite -p sandbox list', ...(email.includes('@') ? [create] : [])];
    throw new CliError('not_found', `the sandbox has no invitation for "${target}"`, { target, hints });
  }
  if (isPending(row) || row.status === status) return row;
  const isAccepted = row.status === 'ACCEPTED';
  const message = `the invitation for "${row.email}" cannot be ${status.toLowerCase()}`;
  throw new CliError(isAccepted ? 'already_accepted' : 'already_exists', message, {
    target: row.email,
    reason: `it is ${row.status.toLowerCase()}`,
    hints: [
      ...(isAccepted ? [`remove the member first: invite -p sandbox remove ${shellQuote(email)}`] : []),
      `create a new one: ${create}`,
    ],
  });
}

function mailsIn(all: Table<InvitationRow>): ReadonlyMap<string, number> {
  const mails = new Map<string, number>();
  for (const [, { email, mails: count }] of all.entries())
    mails.set(fold(email), (mails.get(fold(email)) ?? 0) + count);
  return mails;
}

interface Api extends Pick<Call, 'clock' | 'settings' | 'caller' | 'tokens'> {
  readonly store: Store;
  readonly credentials: Credentials;
}

/** The origin of links without a server. */
const realBase = 'https://api.confluent.cloud';

/** The headers of a limit that is never reached; `limitRate` overwrites them with those of a real one. */
const unlimited = { 'x-ratelimit-limit': '10000', 'x-ratelimit-remaining': '9999', 'x-ratelimit-reset': '1' };

/** Whether the setting gives responses for this path the headers of a rate limit. */
export function hasRateHeaders(path: string, setting: Settings['rate_headers']): boolean {
  return setting === 'all' || (setting === 'not_role_bindings' && !path.startsWith('/iam/v2/role-bindings'));
}

/** Responds to any request by the rules of the API. Rejects only if the file of the state cannot be read or written. */
function createHandler(api: Api): Handler {
  return async (request) => {
    const response = await respondTo(request, api).catch(responseTo);
    const isLimited = response.status < 300 && hasRateHeaders(request.path, api.settings.rate_headers);
    const date = new Date(api.clock.now()).toUTCString();
    return responseOf({ ...response, headers: { date, ...(isLimited ? unlimited : {}), ...response.headers } });
  };
}

function responseTo(error: unknown): ApiResponse {
  if (error instanceof Refusal) return error.response;
  throw error;
}

async function respondTo(request: HttpRequest, api: Api): Promise<ApiResponse> {
  const { store, settings, credentials, clock } = api;
  const token = tokenResponse(request, { settings, credentials, now: clock.now() });
  if (token !== undefined) return token;
  const caller = callerOf(request, api);
  const { method, path, query, base = realBase } = request;
  const { resource, id } = routeOf(path);
  const endpoints = id === '' ? ofCollection(resource) : ofOne(resource);
  const [operation, endpoint] = new Map(Object.entries(endpoints)).get(method) ?? [];
  if (endpoint === undefined) {
    const allowed = Object.entries(endpoints).flatMap(([known, [, one]]) => (one ? known : []));
    throw refusal(405, undefined, {}, { allow: allowed.join(', ') });
  }
  const name = `${path.split('/')[3]?.replace('-', '_')}.${operation}`;
  const isForPeople = caller.isPool === true && settings.pool_invites === 'no' && name === 'invitations.create';
  if (isForPeople || settings.forbidden.some((one) => one === name)) throw notPermitted(settings);
  const call = { ...api, caller, id, query, body: parseBody(request), base };
  const respond = (state: State) => {
    try {
      return endpoint({ ...call, state });
    } catch (error) {
      return responseTo(error);
    }
  };
  return method === 'GET' ? respond(store.read()) : store.update(respond);
}

/** Whose request it is: that of the owner of the key in a Basic header, or of the pool whose token is in a Bearer header. */
function callerOf(request: HttpRequest, { credentials, caller, clock, settings }: Api): Caller {
  const pool = poolOf(request, { credentials, now: clock.now() });
  if (pool !== undefined) return { api_key: '', owner: pool, isPool: true };
  const { authorization } = request.headers;
  const [, key = ''] = /^basic +(\S+)$/i.exec(authorization ?? '') ?? [];
  const { api_key, api_secret } = credentials;
  if (Buffer.from(key, 'base64').toString('utf8') === `${api_key}:${api_secret}`) return caller;
  // Some real responses do not distinguish a wrong key from one without permission.
  const isForbidden = settings.invalid_key_status === '403' && authorization !== undefined;
  throw isForbidden ? forbidden('invalid API key') : unauthenticated();
}

const resources: ReadonlyMap<string, Resource> = new Map(
  [invitations, users, roleBindings, apiKeys, organizations, quotas].map((one) => [one.path, one]),
);

/** What a path leads to, with the decoded id; empty for a collection. Throws Refusal if it leads nowhere. */
function routeOf(path: string): { resource: Resource; id: string } {
  const collection = resources.get(path);
  if (collection !== undefined) return { resource: collection, id: '' };
  const slash = path.lastIndexOf('/');
  const resource = resources.get(path.slice(0, slash));
  const id = ifPossible(() => decodeURIComponent(path.slice(slash + 1))) ?? '';
  if (resource === undefined || id === '') throw notFound();
  return { resource, id };
}
