import { CliError } from '../errors.ts';
import { type Api, deleteResource, isRefusedQuery, type Paging, parseJson } from '../http/api.ts';
import type { Query, Response } from '../http/send.ts';
import { textAt } from '../text/json-fields.ts';
import { organizationBehind } from './crn.ts';
import { foldEmail } from './email.ts';
import {
  bareFilter,
  hasExactEmail,
  type InvitationFilter,
  matcher,
  needsWholeRows,
  serverQuery,
  serverStatuses,
} from './filter.ts';
import {
  type AuthType,
  asInvitation,
  authTypes,
  type Invitation,
  isBare,
  isLive,
  stateOf,
  statuses,
  wholeInvitations,
} from './invitation.ts';

const path = '/iam/v2/invitations';

interface ListOptions {
  /**
   * Reads each status in a pass of its own, concurrently, unless the filter has an e-mail. Invitations with an unknown
   * status are missing, as are those that change to a status whose pass has ended.
   */
  readonly unordered?: boolean;
  /** Whether every page will be read: then the next page is requested while one is processed. */
  readonly whole?: boolean;
  /** Reads rows that have no more than an id, an e-mail and metadata by their ids; with a filter that needs it, always. */
  readonly complete?: boolean;
}

export type Invitations = ReturnType<typeof invitationsClient>;

export function invitationsClient(api: Api, now: () => number) {
  let organization: string | undefined;
  const pathOf = (id: string) => `${path}/${encodeURIComponent(id)}`;
  const get = async (id: string) => {
    const purpose = { act: `get "${id}"`, target: id };
    return withId(asInvitation(await api.get(pathOf(id), {}, purpose), now()), id);
  };
  const passes = (prefetch: boolean, complete = false): ListPass => {
    return (filter, query) =>
      readPass(api, { query, prefetch }, async (page) => {
        const rows = page.map((item) => asInvitation(item, now()));
        organization ??= rows.map(organizationBehind).find((one) => one !== undefined);
        const whole = complete
          ? await wholeInvitations({ get }, rows.filter(matcher(bareFilter(filter), now())), isBare)
          : rows;
        return whole.filter(matcher(filter, now()));
      });
  };
  return {
    /** The invitations that match, one batch a page. Nothing is sent until the first batch is read. */
    list: (
      filter: InvitationFilter = {},
      { unordered = false, whole = false, complete = false }: ListOptions = {},
    ): AsyncIterable<readonly Invitation[]> => {
      const pass = passes(whole, complete || needsWholeRows(filter));
      if (hasExactEmail(filter)) return findByEmail(pass, filter, () => true);
      const wanted = serverStatuses(filter);
      if (unordered) return distinct(mergeIterables(passPerStatus(pass, filter, wanted ?? statuses)));
      // Two short passes are cheaper than one over the whole list, but more are not.
      if (wanted?.length === 2) return distinct(inSequence(passPerStatus(pass, filter, wanted)));
      return pass(filter, serverQuery(filter));
    },
    /** Throws `not_found`, or `forbidden`, which the API may use for the same. */
    get,
    /**
     * The invitations of one address, ignoring case. The search ends at one that can still be accepted; if there is none,
     * all are returned.
     */
    findByEmail: (email: string): Promise<readonly Invitation[]> =>
      collect(findByEmail(passes(true), { email }, (invitation) => isLive(invitation, now()))),
    /** The invitations that the API finds by this address, as typed or in lower case: not where it minds case otherwise. */
    search: (email: string): Promise<readonly Invitation[]> => collect(findByEmail(passes(true), { email })),
    /** The id of the organization, as far as what was listed so far names it. */
    organization: () => organization,
    /** Sends a mail. Undefined if the API accepted the invitation but its response cannot be read. */
    create: async (email: string, authType?: AuthType): Promise<Invitation | undefined> => {
      const body = { email, ...(authType === undefined ? {} : { auth_type: authTypes[authType] }) };
      const purpose = { act: `invite "${email}"`, target: email };
      return invitationIn(await api.post(path, body, { fresh: true, purpose }), now());
    },
    /** Revokes an invitation. Throws `forbidden` if it can still be accepted afterwards. */
    delete: (id: string) =>
      deleteResource(api, {
        ...{ id, path: pathOf(id) },
        purpose: { act: `delete "${id}"`, target: id },
        hasEnded: (invitation) => stateOf(asInvitation(invitation, now()), now()) === 'deactivated',
      }),
  };
}

/** Undefined if the body is not an invitation. */
function invitationIn(response: Response, now: number): Invitation | undefined {
  try {
    return asInvitation(parseJson(response), now);
  } catch (error) {
    if (error instanceof CliError) return undefined;
    throw error;
  }
}

/** What is read from each page. If the API rejects the query, all pages are read without it. */
async function* readPass(api: Api, paging: Paging, read: (page: readonly unknown[]) => Promise<Invitation[]>) {
  const purpose = { act: 'list invitations' };
  let hasStarted = false;
  try {
    for await (const page of api.pages(path, paging, purpose)) {
      hasStarted = true;
      yield await read(page);
    }
  } catch (error) {
    const isFiltered = Object.values(paging.query ?? {}).some((value) => value !== undefined);
    if (hasStarted || !isFiltered || !isRefusedQuery(error)) throw error;
    for await (const page of api.pages(path, { ...paging, query: {} }, purpose)) yield await read(page);
  }
}

/** Checks the id: a broken proxy may return the response to another request. */
function withId(invitation: Invitation, id: string): Invitation {
  const answered = textAt(invitation, 'id');
  if (answered === id || (answered === undefined && textAt(invitation, 'email') !== undefined)) return invitation;
  if (answered === undefined)
    throw new CliError('bad_response', `asked for "${id}", the API answered with no invitation`);
  throw new CliError('bad_response', `asked for "${id}", the API answered with "${answered}"`);
}

/** Reads the list once with a query, and passes on what matches the filter. */
type ListPass = (filter: InvitationFilter, query: Query) => AsyncIterable<readonly Invitation[]>;

/**
 * All invitations of an address, each once. Whether the filter of the API is case-sensitive is not documented: the
 * address is looked up as typed, then in lower case, and if neither finds an invitation for which `settles` is true, the
 * whole list is read: an unneeded mail to a person is worse than an unneeded request. Without `settles` it is not.
 */
async function* findByEmail(
  pass: ListPass,
  filter: InvitationFilter & { readonly email: string },
  settles?: (invitation: Invitation) => boolean,
): AsyncIterable<readonly Invitation[]> {
  const isNew = newIdTest();
  let isSettled = false;
  const { email, ...others } = filter;
  const queries = [...new Set([email, foldEmail(email)])].map((one) => serverQuery({ ...filter, email: one }));
  if (settles !== undefined) queries.push(serverQuery(others));
  for (const query of queries) {
    for await (const batch of pass(filter, query)) {
      const unseen = batch.filter(isNew);
      isSettled ||= settles !== undefined && unseen.some(settles);
      yield unseen;
    }
    if (isSettled) return;
  }
}

function passPerStatus(pass: ListPass, filter: InvitationFilter, wanted: readonly string[]) {
  return [...new Set(wanted)].map((status) =>
    pass(filter, { ...serverQuery({ ...filter, status: undefined }), status }),
  );
}

async function* inSequence<T>(sources: readonly AsyncIterable<T>[]): AsyncGenerator<T, void> {
  for (const source of sources) yield* source;
}

/** An invitation whose status changes between two passes may be in both. */
async function* distinct(batches: AsyncIterable<readonly Invitation[]>) {
  const isNew = newIdTest();
  for await (const batch of batches) yield batch.filter(isNew);
}

/** A test that is true the first time it gets an invitation; one without an id is always new. */
function newIdTest(): (invitation: Invitation) => boolean {
  const ids = new Set<string>();
  return (invitation) => {
    const id = textAt(invitation, 'id');
    if (id === undefined || ids.has(id)) return id === undefined;
    ids.add(id);
    return true;
  };
}

/** All invitations, or the first `limit`; no further page is requested then. */
export async function collect(
  batches: AsyncIterable<readonly Invitation[]>,
  limit = Number.POSITIVE_INFINITY,
): Promise<Invitation[]> {
  const all: Invitation[] = [];
  for await (const batch of batches) {
    for (const invitation of batch) if (all.length < limit) all.push(invitation);
    if (all.length >= limit) break;
  }
  return all;
}

/** The items of several sources, read concurrently, in the order in which they arrive. The first failure ends it. */
async function* mergeIterables<T>(sources: readonly AsyncIterable<T>[]): AsyncGenerator<T, void> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]());
  const pending = new Map(iterators.map((iterator) => [iterator, next(iterator)]));
  try {
    while (pending.size > 0) {
      const { iterator, result } = await Promise.race(pending.values());
      if (result.done === true) pending.delete(iterator);
      else {
        pending.set(iterator, next(iterator));
        yield result.value;
      }
    }
  } finally {
    // Not awaited: a request that is in progress ends when the connection is closed.
    for (const iterator of iterators) iterator.return?.().catch(() => {});
  }
}

function next<T>(iterator: AsyncIterator<T>) {
  const step = iterator.next().then((result) => ({ iterator, result }));
  // A failure while nothing is awaited would be an unhandled rejection.
  step.catch(() => {});
  return step;
}
