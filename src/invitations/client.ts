import { CliError } from '../errors.ts';
import type { Api } from '../http/api.ts';
import { parseJson } from '../http/body.ts';
import type { Paging } from '../http/pages.ts';
import type { Response } from '../http/send.ts';
import { hasExactEmail, type InvitationFilter, matcher, serverQuery, serverStatuses } from './filter.ts';
import { findByEmail, type ListPass } from './find-by-email.ts';
import { type AuthType, asInvitation, authTypes, type Invitation, isLive, statuses, textAt } from './invitation.ts';
import { mergeIterables } from './merge-iterables.ts';

const path = '/iam/v2/invitations';

export interface ListOptions {
  /**
   * A pass for each status, all at once, where no e-mail is asked for. The API has no filter for statuses that we do not
   * know: those are missing, as is what leaves a status that is still being read for one that has been.
   */
  readonly unordered?: boolean;
  /** Whether all of it is wanted: then a page is asked for while the one before is used. */
  readonly whole?: boolean;
}

export interface Invitations {
  /** Those that match, a batch for each page. Nothing is sent before the first batch is asked for. */
  list(filter?: InvitationFilter, options?: ListOptions): AsyncIterable<readonly Invitation[]>;
  /** Throws `not_found`, or `forbidden`, by which the API may mean the same. */
  get(id: string): Promise<Invitation>;
  /**
   * The invitations of one address, whatever the case of its letters. One that can still be accepted ends the search;
   * only where there is none are they surely all.
   */
  findByEmail(email: string): Promise<readonly Invitation[]>;
  /** Mails the person. Undefined if the API took it but its answer cannot be read: it was sent all the same. */
  create(email: string, authType?: AuthType): Promise<Invitation | undefined>;
  delete(id: string): Promise<void>;
}

export function invitationsClient(api: Api, now: () => number): Invitations {
  const passes =
    (ahead: boolean): ListPass =>
    (filter, query) =>
      readPass(api, { query, ahead }, matcher(filter, now()));
  const one = (id: string) => `${path}/${encodeURIComponent(id)}`;
  return {
    list: (filter = {}, { unordered = false, whole = false } = {}) => {
      const pass = passes(whole);
      if (hasExactEmail(filter)) return findByEmail(pass, filter, () => true);
      const wanted = serverStatuses(filter);
      if (unordered) return distinct(mergeIterables(passPerStatus(pass, filter, wanted ?? statuses)));
      // Two short passes are cheaper than one over the whole list; more of them are not.
      if (wanted?.length === 2) return distinct(oneAfterAnother(passPerStatus(pass, filter, wanted)));
      return pass(filter, serverQuery(filter));
    },
    get: async (id) => {
      const purpose = { act: `get "${id}"`, target: id };
      return asked(asInvitation(await api.get(one(id), {}, purpose)), id);
    },
    findByEmail: (email) => collect(findByEmail(passes(true), { email }, (invitation) => isLive(invitation, now()))),
    create: async (email, authType) => {
      const body = { email, ...(authType === undefined ? {} : { auth_type: authTypes[authType] }) };
      const purpose = { act: `invite "${email}"`, target: email };
      return readable(await api.post(path, body, { fresh: true, purpose }));
    },
    delete: async (id) => {
      await api.delete(one(id), { act: `delete "${id}"`, target: id });
    },
  };
}

function readable(response: Response): Invitation | undefined {
  try {
    return asInvitation(parseJson(response));
  } catch (error) {
    if (error instanceof CliError) return undefined;
    throw error;
  }
}

/** The rows that match, page by page. A filter that the API refuses is left to this side: it is checked here anyway. */
async function* readPass(api: Api, paging: Paging, matches: (invitation: Invitation) => boolean) {
  const purpose = { act: 'list invitations' };
  let begun = false;
  try {
    for await (const page of api.pages(path, paging, purpose)) {
      begun = true;
      yield page.map(asInvitation).filter(matches);
    }
  } catch (error) {
    const isFiltered = Object.values(paging.query ?? {}).some((value) => value !== undefined);
    const isRefused = error instanceof CliError && error.details.http_status === 400;
    if (begun || !isFiltered || !isRefused) throw error;
    for await (const page of api.pages(path, { ...paging, query: {} }, purpose))
      yield page.map(asInvitation).filter(matches);
  }
}

/** An answer that belongs to another question (a poisoned connection, a confused proxy) must not be acted upon. */
function asked(invitation: Invitation, id: string): Invitation {
  const answered = textAt(invitation, 'id');
  if (answered === undefined || answered === id) return invitation;
  throw new CliError('bad_response', `asked for "${id}", the API answered with "${answered}"`);
}

/** A pass for each of these statuses. */
function passPerStatus(pass: ListPass, filter: InvitationFilter, wanted: readonly string[]) {
  return [...new Set(wanted)].map((status) =>
    pass(filter, { ...serverQuery({ ...filter, status: undefined }), status }),
  );
}

async function* oneAfterAnother<T>(sources: readonly AsyncIterable<T>[]): AsyncGenerator<T, void> {
  for (const source of sources) yield* source;
}

/** What changes its status between two passes may be in both; it is taken once. */
async function* distinct(batches: AsyncIterable<readonly Invitation[]>) {
  const ids = new Set<string>();
  const isNew = (invitation: Invitation) => {
    const id = textAt(invitation, 'id');
    if (id === undefined || ids.has(id)) return id === undefined;
    ids.add(id);
    return true;
  };
  for await (const batch of batches) yield batch.filter(isNew);
}

/** All of them in one array, or the first `limit`; no page is asked for after those. */
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
