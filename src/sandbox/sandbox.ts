import { CliError } from '../errors.ts';
import type { Clock, Processes } from '../host.ts';
import {
  type ApiResponse,
  type Endpoint,
  forbidden,
  type Handler,
  type HttpRequest,
  type HttpResponse,
  methodNotAllowed,
  notFound,
  PageTokens,
  parseBody,
  refused,
  responseOf,
  unauthenticated,
} from './api.ts';
import {
  createInvitation,
  deleteInvitation,
  getInvitation,
  type InvitationResource,
  invitationOf,
  listInvitations,
} from './invitations.ts';
import * as others from './other-resources.ts';
import { type OrganizationSeed, populate, type SeedContext, type SeedCounts, type SeededPerson, seed } from './seed.ts';
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
  timestamp,
  timestampNow,
  userFrom,
} from './state.ts';
import { FileStore, memoryStore, type Store } from './store.ts';
import { poolOf, tokenResponse } from './sts.ts';

export type { OrganizationSeed, PersonSeed, SeedCounts } from './seed.ts';
export type { Settings } from './settings.ts';
export { type Credentials, organization as sandboxOrganization, sandboxKey } from './state.ts';
export { accessTokenFor, sandboxIssuer, sandboxPool } from './sts.ts';

interface StateFolder {
  /** The folder of the state, which is one file; created by the first write. */
  readonly folder: string;
  readonly processes: Processes;
}

export interface SandboxOptions {
  readonly clock: Clock;
  /** Overrides the defaults of some settings, as `--switch` does. */
  readonly switches?: Partial<Settings>;
  /** Default: `sandboxKey`. */
  readonly credentials?: Credentials;
}

/** A request of a client in this process. */
interface LocalRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/**
 * The part of the Confluent Cloud API that invitations need. Several sandboxes may be open on one folder, also in
 * different processes.
 */
export interface Sandbox {
  send(request: LocalRequest): Promise<HttpResponse>;
  /** The same for unchecked requests, such as those from a socket. */
  readonly handler: Handler;
  readonly settings: Settings;
  /** Adds generated invitations and other rows; resolves to the number of all. */
  seed(count: number, others?: SeedCounts): Promise<number>;
  /** Adds people, role bindings and API keys without mails or quotas; resolves to the people, in the same order. */
  populate(organization: OrganizationSeed): Promise<readonly SeededPerson[]>;
  /** Accepts the invitation to this e-mail; a dry run changes nothing. Throws `not_found` if there is none. */
  accept(email: string, options?: EndOptions): Promise<InvitationResource>;
  /** Expires the invitation to this e-mail; a dry run changes nothing. Throws `not_found` if there is none. */
  expire(email: string, options?: EndOptions): Promise<InvitationResource>;
  /** The number of mails sent to each e-mail, in lower case. */
  mails(): Promise<ReadonlyMap<string, number>>;
  /** Deletes all data, even if the file is damaged. */
  reset(): Promise<void>;
}

interface EndOptions {
  readonly dryRun?: boolean;
}

/**
 * Keeps the state in a folder, or in memory if there is none. Reads nothing yet: a damaged file is reported by the first
 * request, and can be reset.
 */
export function openSandbox(options: SandboxOptions & (StateFolder | { readonly folder?: undefined })): Sandbox {
  const { credentials = sandboxKey } = options;
  const settings = settingsWith(options.switches);
  const clock = { ...options.clock, now: () => options.clock.now() + settings.clock_offset };
  const caller = {
    api_key: credentials.api_key,
    owner: settings.service_account_key === 'no' ? owner.id : 'sa-sandbox',
  };
  const initialState = () => new State(settings.expiry_lag, caller);
  const store =
    options.folder === undefined
      ? memoryStore({ clock, initialState })
      : new FileStore({ ...options, clock, initialState });
  const handler = createHandler({ store, clock, settings, credentials, caller });
  const seeding = (state: State): SeedContext => ({ state, settings, now: clock.now() });
  const end = async (email: string, status: 'ACCEPTED' | 'EXPIRED', { dryRun = false }: EndOptions = {}) => {
    const act = (state: State) => {
      const open = openInvitation(email, status, state);
      const row = open.status === status ? open : ended(open, status, clock);
      if (row !== open && !dryRun) state.put('invitation', row);
      if (row !== open && !dryRun && row.accepted_at !== undefined) state.put('user', userFrom(row, row.accepted_at));
      const isExpired = status === 'EXPIRED' && settings.expiry_lag === 0;
      return invitationOf(isExpired ? { ...row, status } : row, realBase, settings);
    };
    return dryRun ? act(store.read()) : store.update(act);
  };
  return {
    handler,
    settings,
    send: async ({ method, path, query = {}, headers = {}, body, signal }) => {
      signal?.throwIfAborted();
      const text = body === undefined ? '' : JSON.stringify(body);
      return handler({ method, path, query: searchParams(query), headers, body: text });
    },
    seed: (count, counts = {}) => store.update((state) => seed(count, counts, seeding(state))),
    populate: (added) => store.update((state) => populate(added, seeding(state))),
    accept: (email, options) => end(email, 'ACCEPTED', options),
    expire: (email, options) => end(email, 'EXPIRED', options),
    mails: async () => mailsIn(store.read().invitations.where(() => true)),
    reset: () => store.reset(),
  };
}

function searchParams(query: NonNullable<LocalRequest['query']>): URLSearchParams {
  const pairs = Object.entries(query).flatMap(([name, value = []]) =>
    [value].flat().map((one): [string, string] => [name, one]),
  );
  return new URLSearchParams(pairs);
}

/** An expired invitation stays SENT: its status follows from the time. */
function ended(open: InvitationRow, status: 'ACCEPTED' | 'EXPIRED', clock: Clock): InvitationRow {
  if (status === 'EXPIRED') return { ...open, status: 'SENT', expires_at: timestamp(clock.now()) };
  return { ...open, status, accepted_at: timestampNow(clock) };
}

/** The pending invitation, or the newest one if it has ended in this status. Otherwise throws a CliError. */
function openInvitation(email: string, status: 'ACCEPTED' | 'EXPIRED', state: State): InvitationRow {
  const invited = state.invited(email);
  const row = invited.findLast(isPending) ?? invited.at(-1);
  if (row === undefined) {
    const shown = email.includes("'") ? '…' : `'${email}'`;
    const hints = ['invite -p sandbox list', `invite -p sandbox create ${shown}`];
    throw new CliError('not_found', `the sandbox has no invitation for "${email}"`, { target: email, hints });
  }
  if (isPending(row) || row.status === status) return row;
  const code = row.status === 'ACCEPTED' ? 'already_accepted' : 'already_exists';
  throw new CliError(code, `the invitation for "${row.email}" cannot be ${status.toLowerCase()}`, {
    target: row.email,
    reason: `it is ${row.status.toLowerCase()}`,
    hints: ['create a new one first: invite -p sandbox create'],
  });
}

function mailsIn(rows: readonly InvitationRow[]): ReadonlyMap<string, number> {
  const mails = new Map<string, number>();
  for (const row of rows) mails.set(fold(row.email), (mails.get(fold(row.email)) ?? 0) + row.mails);
  return mails;
}

interface HandlerOptions {
  readonly store: Pick<Store, 'read' | 'update'>;
  readonly clock: Clock;
  readonly settings: Settings;
  readonly credentials: Credentials;
  readonly caller: Caller;
}

/** The origin of links without a server. */
const realBase = 'https://api.confluent.cloud';

/** Responds to any request by the rules of the API. Rejects only if the file of the state cannot be read or written. */
function createHandler(options: HandlerOptions): Handler {
  const { clock, settings } = options;
  const tokens = new PageTokens();
  return async (request) => {
    const response = await respondTo(request, { ...options, tokens });
    const isLimited = response.status < 300 && hasRateHeaders(request.path, settings.rate_headers);
    const date = new Date(clock.now()).toUTCString();
    return responseOf({ ...response, headers: { date, ...(isLimited ? unlimited : {}), ...response.headers } });
  };
}

/** The headers of a limit that is never reached; `limitRate` overwrites them with those of a real one. */
const unlimited = { 'x-ratelimit-limit': '10000', 'x-ratelimit-remaining': '9999', 'x-ratelimit-reset': '1' };

/** Whether the setting gives responses for this path the headers of a rate limit. */
export function hasRateHeaders(path: string, setting: Settings['rate_headers']): boolean {
  return setting === 'all' || (setting === 'not_role_bindings' && !path.startsWith('/iam/v2/role-bindings'));
}

async function respondTo(request: HttpRequest, options: HandlerOptions & { tokens: PageTokens }): Promise<ApiResponse> {
  const { store, settings, credentials, clock } = options;
  const token = tokenResponse(request, { settings, credentials, now: clock.now() });
  if (token !== undefined) return token;
  const caller = callerOf(request, options);
  if (caller === undefined) return wrongKey(request, settings);
  const { method, path, query, base = realBase } = request;
  const route = routeOf(path);
  if (route === undefined) return notFound;
  const { id, methods, resource } = route;
  const write = method === 'POST' || method === 'PATCH' || method === 'DELETE' ? methods[method] : undefined;
  if (method !== 'GET' && write === undefined) return methodNotAllowed(Object.keys(methods).join(', '));
  const operation = `${resource}.${verbs[method] ?? (id === '' ? 'list' : 'get')}`;
  if (settings.forbidden.some((one) => one === operation)) return refused(settings);
  if (caller.isPool === true && write === createInvitation && settings.pool_invites === 'no') return refused(settings);
  const parsed = parseBody(request);
  if ('status' in parsed) return parsed;
  const apiRequest = { ...options, caller, id, query, body: parsed.body, base };
  if (write === undefined) return methods.GET({ ...apiRequest, state: store.read() });
  return store.update((state) => write({ ...apiRequest, state }));
}

const verbs: Readonly<Record<string, string>> = { POST: 'create', PATCH: 'update', DELETE: 'delete' };

/** Whose request it is: that of the owner of the key in a Basic header, or of the pool whose token is in a Bearer header. */
function callerOf(request: HttpRequest, { credentials, caller, clock }: HandlerOptions): Caller | undefined {
  const pool = poolOf(request, { credentials, now: clock.now() });
  if (pool !== undefined) return { api_key: '', owner: pool, isPool: true };
  const [, key = ''] = /^basic +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  const { api_key, api_secret } = credentials;
  return Buffer.from(key, 'base64').toString('utf8') === `${api_key}:${api_secret}` ? caller : undefined;
}

/** Some real responses do not distinguish a wrong key from one without permission. */
function wrongKey({ headers }: HttpRequest, { invalid_key_status }: Settings): ApiResponse {
  const isForbidden = invalid_key_status === '403' && headers.authorization !== undefined;
  return isForbidden ? forbidden('invalid API key') : unauthenticated();
}

interface Methods {
  readonly GET: Endpoint;
  readonly POST?: Endpoint;
  readonly PATCH?: Endpoint;
  readonly DELETE?: Endpoint;
}

/** The methods of each collection, and of one resource in it. */
const collections = new Map<string, { readonly all: Methods; readonly one: Methods }>([
  [
    '/iam/v2/invitations',
    {
      all: { GET: listInvitations, POST: createInvitation },
      one: { GET: getInvitation, DELETE: deleteInvitation },
    },
  ],
  [
    '/iam/v2/users',
    {
      all: { GET: others.listUsers },
      one: { GET: others.getUser, PATCH: others.updateUser, DELETE: others.deleteUser },
    },
  ],
  [
    '/iam/v2/role-bindings',
    {
      all: { GET: others.listBindings, POST: others.createBinding },
      one: { GET: others.getBinding, DELETE: others.deleteBinding },
    },
  ],
  ['/iam/v2/api-keys', { all: { GET: others.listApiKeys }, one: { GET: others.getApiKey } }],
  ['/org/v2/organizations', { all: { GET: others.listOrganizations }, one: { GET: others.getOrganization } }],
  ['/service-quota/v1/applied-quotas', { all: { GET: others.listQuotas }, one: { GET: others.getQuota } }],
]);

/** The methods of a path, its resource as settings name it, and the decoded id; undefined if there is no such path. */
function routeOf(path: string): { methods: Methods; resource: string; id: string } | undefined {
  const slash = path.lastIndexOf('/');
  const isAll = collections.has(path);
  const collection = isAll ? path : path.slice(0, slash);
  const id = isAll ? '' : decoded(path.slice(slash + 1));
  const methods = collections.get(collection)?.[isAll ? 'all' : 'one'];
  if (methods === undefined || (id === '' && !isAll)) return undefined;
  return { methods, id, resource: collection.slice(collection.lastIndexOf('/') + 1).replace('-', '_') };
}

/** Empty if the segment is not percent-encoded UTF-8. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return '';
  }
}
