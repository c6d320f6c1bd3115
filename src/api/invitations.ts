import { CliError } from '../errors.ts';
import { type Api, deleteResource, idAt, type Paging, parseJson, pathOf, RefusedQuery } from '../http/api.ts';
import { unlessFailed } from '../http/failure.ts';
import type { Query } from '../http/send.ts';
import { textAt } from '../text/json-fields.ts';
import { foldEmail } from './email.ts';
import {
  bareFilter,
  hasEmail,
  hasExactEmail,
  type InvitationFilter,
  matcher,
  needsWholeRows,
  serverQuery,
  serverStatuses,
} from './filter.ts';
import { asInvitation, type Invitation, isBare, isLive, stateOf, statuses, wholeInvitations } from './invitation.ts';
import { organizationBehind } from './roles.ts';

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

type Pass = (query: Query) => AsyncIterable<readonly Invitation[]>;

/** Reads the list, as often as it is asked to. */
function listReader(api: Api, get: (id: string) => Promise<Invitation>, now: () => number) {
  let organization: string | undefined;
  let isPaged = false;
  return {
    /** The id of the organization, as far as what was listed so far names it. */
    organization: () => organization,
    isPaged: () => isPaged,
    passFor: (filter: InvitationFilter, { whole = false, complete = false }: ListOptions): Pass => {
      const read = async (page: readonly unknown[]) => {
        const rows = page.map((item) => asInvitation(item, now()));
        organization ??= rows.map(organizationBehind).find((one) => one !== undefined);
        if (!complete && !needsWholeRows(filter)) return rows.filter(matcher(filter, now()));
        const likely = rows.filter(matcher(bareFilter(filter), now()));
        return (await wholeInvitations({ get }, likely, isBare)).filter(matcher(filter, now()));
      };
      return (query) => {
        let pages = 0;
        return readPass(api, { query, prefetch: whole }, (page) => {
          pages += 1;
          isPaged ||= pages > 1;
          return read(page);
        });
      };
    },
  };
}

export function invitationsClient(api: Api, now: () => number) {
  const get = async (id: string) => {
    const purpose = { act: `get "${id}"`, target: id };
    const invitation = asInvitation(await api.getById(path, id, purpose), now());
    if ((textAt(invitation, 'id') ?? textAt(invitation, 'email')) !== undefined) return invitation;
    throw new CliError('bad_response', `asked for "${id}", the API answered with no invitation`, { target: id });
  };
  const { organization, isPaged, passFor } = listReader(api, get, now);
  const findByEmail = async (email: string, isEnough?: (invitation: Invitation) => boolean) => {
    const queries = emailQueries({ email });
    const found = inSequence(isEnough ? queries : queries.slice(0, -1), passFor({ email }, { whole: true }), isEnough);
    // A star is part of an address, and only in a filter any text.
    const theirs = (await collect(found)).filter((one) => hasEmail(one, email));
    return wholeInvitations({ get }, theirs);
  };
  const at = async (location: string | undefined): Promise<Invitation | undefined> => {
    const id = idAt(location, path);
    return id === undefined ? undefined : unlessFailed(get(id));
  };
  return {
    /** The invitations that match, one batch a page. Nothing is sent until the first batch is read. */
    list: (filter: InvitationFilter = {}, options: ListOptions = {}): AsyncIterable<readonly Invitation[]> => {
      const pass = passFor(filter, options);
      if (hasExactEmail(filter)) return inSequence(emailQueries(filter), pass, () => true);
      const wanted = serverStatuses(filter);
      const others = serverQuery({ ...filter, status: undefined });
      const ofEach = [...new Set(wanted ?? statuses)].map((status) => ({ ...others, status }));
      if (options.unordered) return distinctInvitations(mergeIterables(ofEach.map(pass)));
      // Two short passes are cheaper than one over the whole list, but more are not.
      return wanted?.length === 2 ? inSequence(ofEach, pass) : pass(serverQuery(filter));
    },
    /** Throws `not_found`, or `forbidden`, which the API may use for the same. */
    get,
    /**
     * The invitations of one address, ignoring case, each as it is by itself. The search ends at one that can still be
     * accepted; if there is none, all are returned.
     */
    findByEmail: (email: string): Promise<readonly Invitation[]> => findByEmail(email, (one) => isLive(one, now())),
    /** The invitations that the API finds by this address, as typed or in lower case: not where it minds case otherwise. */
    search: (email: string): Promise<readonly Invitation[]> => findByEmail(email),
    organization,
    isPaged,
    /** The invitation that a `Location` header names, if it can be read. */
    at,
    /** Sends a mail, unless `turn` ends its wait. Undefined if the API accepted it but its response cannot be read. */
    create: async (email: string, auth_type?: string, turn?: AbortSignal): Promise<Invitation | undefined> => {
      const body = { email, ...(auth_type === undefined ? {} : { auth_type }) };
      const purpose = { act: `invite "${email}"`, target: email };
      const response = await api.post(path, body, { fresh: true, turn, purpose });
      const read = async () => asInvitation(parseJson(response), now());
      const made = await unlessFailed(read());
      return textAt(made ?? {}, 'id') === undefined ? ((await at(response.headers.get('location'))) ?? made) : made;
    },
    delete: (invitation: Invitation, turn?: AbortSignal) => deleteInvitation(api, invitation, { turn, now }),
  };
}

/** Revokes an invitation. Throws `forbidden` if it can still be accepted afterwards. */
function deleteInvitation(
  api: Api,
  invitation: Invitation,
  { turn, now }: { readonly turn: AbortSignal | undefined; readonly now: () => number },
) {
  const id = textAt(invitation, 'id') ?? '';
  const email = textAt(invitation, 'email');
  const read = async (page: readonly unknown[]) => page.map((row) => asInvitation(row, now()));
  const pass: Pass = (query) => readPass(api, { query }, read);
  return deleteResource(api, {
    id,
    turn,
    path: pathOf(path, id),
    purpose: { act: `delete "${id}"`, target: id },
    // The whole list only at last: many may be refused.
    list: () => inSequence(email === undefined ? [{}] : emailQueries({ email }), pass, () => true),
    hasEnded: (found) => stateOf(asInvitation(found, now()), now()) === 'deactivated',
  });
}

/** What is read from each page. If the API rejects the query, all pages are read without it. */
async function* readPass(
  api: Api,
  paging: Paging,
  read: (page: readonly unknown[]) => Promise<Invitation[]>,
): AsyncGenerator<Invitation[], void> {
  try {
    for await (const page of api.pages(path, paging, { act: 'list invitations' })) yield await read(page);
  } catch (error) {
    const isFiltered = Object.values(paging.query ?? {}).some((value) => value !== undefined);
    if (!isFiltered || !(error instanceof RefusedQuery)) throw error;
    yield* readPass(api, { ...paging, query: {} }, read);
  }
}

/**
 * The queries for an address. Whether the filter of the API is case-sensitive is not documented: the address is looked
 * up as typed, then in lower case, and if neither finds enough, the whole list is read: an unneeded mail to a person is
 * worse than an unneeded request.
 */
function emailQueries({ email, ...others }: InvitationFilter & { readonly email: string }): Query[] {
  const spellings = [...new Set([email, foldEmail(email)])];
  return [...spellings.map((one) => serverQuery({ ...others, email: one })), serverQuery(others)];
}

/** What several passes bring, each invitation once. No other pass is made after one that found enough. */
async function* inSequence(
  queries: readonly Query[],
  pass: Pass,
  isEnough: (invitation: Invitation) => boolean = () => false,
): AsyncGenerator<readonly Invitation[], void> {
  const isNew = newIdTest();
  let isFound = false;
  for (const query of queries) {
    for await (const batch of pass(query)) {
      const unseen = batch.filter(isNew);
      isFound ||= unseen.some(isEnough);
      yield unseen;
    }
    if (isFound) return;
  }
}

/** An invitation whose status changes between two passes may be in both. */
async function* distinctInvitations(batches: AsyncIterable<readonly Invitation[]>) {
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
