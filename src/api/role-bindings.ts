import { CliError } from '../errors.ts';
import type { Api } from '../http/api.ts';
import { isMissing } from '../http/failure.ts';
import { textAt } from '../text/json-fields.ts';
import { decodedCrn } from './crn.ts';
import { listOrganizations } from './organizations.ts';

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
export type GrantedRole = Pick<RoleBinding, 'role_name' | 'crn_pattern'>;

export interface Roles {
  /** A binding that already exists is not a failure. */
  grant(binding: RoleBinding): Promise<'granted' | 'already_granted'>;
  /** All bindings of a user in an organization, each once. */
  of(user: string, organization: string): Promise<readonly GrantedRole[]>;
  /** Whether anybody in an organization has a role of this name. */
  isHeld(role_name: string, organization: string): Promise<boolean>;
  /** Reads every binding of an organization; some are passed twice. */
  readAll(organization: string, take: (binding: ListedBinding) => void): Promise<void>;
  /** Deletes a binding; succeeds if it no longer exists. */
  revoke(id: string): Promise<void>;
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
    revoke: (id) => revoke(api, id),
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
  const crn = `crn://confluent.cloud/organization=${organization}`;
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

/** 403 means that the binding does not exist, or that this key may not delete it: a GET shows which. */
async function revoke(api: Api, id: string): Promise<void> {
  const binding = `${path}/${encodeURIComponent(id)}`;
  try {
    await api.delete(binding, { act: `delete the role binding "${id}"` });
  } catch (error) {
    if (!isMissing(error) || (await exists(api, binding))) throw error;
  }
}

async function exists(api: Api, binding: string): Promise<boolean> {
  try {
    await api.get(binding, {}, { act: 'get the role binding' });
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
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
      const key = typeof id === 'string' && id !== '' ? id : `${role_name} ${decodedCrn(crn_pattern)}`;
      bindings.set(key, { role_name, crn_pattern });
    }
  }
  return bindings;
}

/** Rethrows the failure, unless the API rejects this pattern as malformed and has accepted the other one. */
function ignoreBadPattern(failure: unknown, isOtherAccepted: boolean): void {
  const status = failure instanceof CliError ? failure.details.http_status : undefined;
  if (!isOtherAccepted || (status !== 400 && status !== 422)) throw failure;
}
