import { CliError } from '../errors.ts';
import type { Api } from '../http/api.ts';
import { isMissing } from '../http/failure.ts';
import { isRefusedQuery } from '../http/pages.ts';
import { textAt } from '../text/json-fields.ts';
import { decodedCrn, organizationCrn } from './crn.ts';
import { listOrganizations } from './organizations.ts';
import { deleteResource } from './removal.ts';

export interface RoleBinding {
  /** `User:u-…`, never the invitation's id. */
  readonly principal: string;
  readonly role_name: string;
  readonly crn_pattern: string;
}

/** A binding as the API lists it. */
interface ListedBinding extends RoleBinding {
  readonly id: string;
}

/** A role that a user has, and its scope; the pattern is empty if the API does not say. */
export interface GrantedRole extends Pick<RoleBinding, 'role_name' | 'crn_pattern'> {
  /** Of the binding, if the API says it. */
  readonly id?: string;
}

export interface Roles {
  /** A binding that already exists is not a failure. */
  grant(binding: RoleBinding): Promise<'granted' | 'already_granted'>;
  /** All bindings of a user in an organization, each once. */
  of(user: string, organization: string): Promise<readonly GrantedRole[]>;
  /** Whether anybody in an organization has a role of this name. */
  isHeld(role_name: string, organization: string): Promise<boolean>;
  /** Reads every binding of an organization; some are passed twice. */
  readAll(organization: string, take: (binding: ListedBinding) => void): Promise<void>;
  /** Deletes a binding; succeeds if it no longer exists. Throws `forbidden` if it is still there, or if nobody can tell. */
  revoke(id: string, binding?: Pick<RoleBinding, 'principal' | 'crn_pattern'>): Promise<void>;
  /** The ids of the organizations that the credential can see: one, as far as is known. */
  organizations(): Promise<readonly string[]>;
}

export function rolesClient(api: Api): Roles {
  return {
    grant: async (binding) => {
      try {
        // A retry is harmless: a second POST is 409.
        const purpose = { act: `grant "${binding.role_name}" to "${binding.principal}"` };
        await api.post(path, binding, { idempotent: true, purpose });
        return 'granted';
      } catch (error) {
        if (error instanceof CliError && error.details.http_status === 409) return 'already_granted';
        throw error;
      }
    },
    of: async (user, organization) => {
      const found = await withEachPattern(organization, (pattern) => bindingsIn(api, user, pattern));
      return [...new Map(found.flatMap((bindings) => [...bindings])).values()];
    },
    isHeld: async (role_name, organization) => {
      const found = await withEachPattern(organization, (pattern) => isBound(api, role_name, pattern));
      return found.includes(true);
    },
    readAll: async (organization, take) => {
      await withEachPattern(organization, (pattern) => readBindings(api, pattern, take));
    },
    revoke: async (id, binding) => {
      await deleteResource(api, {
        path: `${path}/${encodeURIComponent(id)}`,
        purpose: { act: `delete the role binding "${id}"` },
        // A GET of a binding that is gone is answered with 403.
        isListed: async () => (binding === undefined ? undefined : isListed(api, id, binding)),
      });
    },
    organizations: async () => (await listOrganizations(api, { act: 'list organizations' })).map(({ id }) => id),
  };
}

const path = '/iam/v2/role-bindings';
/** The maximum of the published specification; an older version allows 100. */
const pageSize = 1000;

/**
 * Sends two requests, with both patterns: whether the first one matches bindings inside the organization, or only those
 * of the organization itself, is not documented.
 */
async function withEachPattern<T>(organization: string, ask: (pattern: string) => Promise<T>): Promise<T[]> {
  const crn = organizationCrn(organization);
  const answers = await Promise.allSettled([crn, `${crn}/*`].map(ask));
  const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  for (const answer of answers) if (answer.status === 'rejected') ignoreBadPattern(answer.reason, found.length > 0);
  return found;
}

async function readBindings(api: Api, crn_pattern: string, take: (binding: ListedBinding) => void): Promise<void> {
  const paging = { query: { crn_pattern }, pageSize, prefetch: true };
  for await (const page of api.pages(path, paging, { act: 'list role bindings' })) {
    for (const value of page) take(asListed(value));
  }
}

async function isBound(api: Api, role_name: string, crn_pattern: string): Promise<boolean> {
  const paging = { query: { crn_pattern, role_name }, pageSize };
  for await (const page of api.pages(path, paging, { act: 'list role bindings' })) {
    // Checked here too, as an API that does not know the filter lists all of them.
    if (page.some((value) => textAt(value, 'role_name') === role_name)) return true;
  }
  return false;
}

function asListed(value: unknown): ListedBinding {
  const { id, principal, role_name, crn_pattern } = value as Record<string, unknown>;
  const isWhole = [id, principal, role_name, crn_pattern].every((text) => typeof text === 'string' && text !== '');
  if (!isWhole)
    throw new CliError('bad_response', 'the API listed a role binding that lacks an id, principal, role or CRN');
  return { id, principal: decodedCrn(principal as string), role_name, crn_pattern } as ListedBinding;
}

/** Whether a binding is in the list of those of its principal and scope; undefined if that may not be read. */
async function isListed(api: Api, id: string, query: { readonly principal: string; readonly crn_pattern: string }) {
  try {
    for await (const page of api.pages(path, { query, pageSize }, { act: 'list role bindings' }))
      if (page.some((row) => (row as { readonly id?: unknown }).id === id)) return true;
    return false;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** The bindings of a user that match one pattern, by id, otherwise by role and scope. */
async function bindingsIn(api: Api, user: string, crn_pattern: string): Promise<ReadonlyMap<string, GrantedRole>> {
  const query = { crn_pattern, principal: `User:${user}` };
  const bindings = new Map<string, GrantedRole>();
  for await (const page of api.pages(path, { query, pageSize }, { act: 'list role bindings' })) {
    for (const value of page) {
      const { id, principal, role_name, crn_pattern = '' } = value as Record<string, unknown>;
      // Checked here too: the API ignores unknown filters, and a later page may not be filtered.
      if (typeof principal !== 'string' || decodedCrn(principal) !== query.principal) continue;
      if (typeof role_name !== 'string' || typeof crn_pattern !== 'string') continue;
      const hasId = typeof id === 'string' && id !== '';
      const key = hasId ? id : `${role_name} ${decodedCrn(crn_pattern)}`;
      bindings.set(key, { role_name, crn_pattern, ...(hasId ? { id } : {}) });
    }
  }
  return bindings;
}

/** Rethrows the failure, unless the API rejects this pattern as malformed and has accepted the other one. */
function ignoreBadPattern(failure: unknown, isOtherAccepted: boolean): void {
  if (!isOtherAccepted || !isRefusedQuery(failure)) throw failure;
}
