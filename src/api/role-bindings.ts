import { CliError } from '../errors.ts';
import { type Api, deleteResource, firstIn, pathOf, RefusedQuery } from '../http/api.ts';
import { bodyText } from '../http/failure.ts';
import type { Query } from '../http/send.ts';
import { objectIn, textAt } from '../text/json-fields.ts';
import { type BoundRole, decodedCrn, organizationCrn, organizationIn } from './roles.ts';

export interface RoleBinding extends BoundRole {
  /** `User:u-…`, never the invitation's id. */
  readonly principal: string;
}

export interface ListedBinding extends RoleBinding {
  readonly id: string;
}

/** A role that a user has, and its scope; the pattern is empty if the API does not say. */
interface HeldRole extends BoundRole {
  readonly id?: string;
}

const path = '/iam/v2/role-bindings';
/** The maximum of the published specification; an older version allows 100. */
const pageSize = 1000;

export type Roles = ReturnType<typeof rolesClient>;

export function rolesClient(api: Api) {
  return {
    /** A binding that already exists is not a failure. */
    grant: async (binding: RoleBinding, turn?: AbortSignal): Promise<'granted' | 'already_granted'> => {
      try {
        // A retry is harmless: a second POST is 409.
        const purpose = { act: `grant "${binding.role_name}" to "${binding.principal}"` };
        const { body } = await api.post(path, binding, { idempotent: true, purpose, turn });
        const answered = decodedCrn(textAt(objectIn(bodyText(body)), 'principal') ?? binding.principal);
        if (answered === binding.principal) return 'granted';
        throw new CliError('bad_response', `cannot ${purpose.act}`, { reason: `the answer is about "${answered}"` });
      } catch (error) {
        if (error instanceof CliError && error.details.http_status === 409) return 'already_granted';
        throw error;
      }
    },
    of: (user: string, organization: string) => bindingsOf(api, `User:${user}`, organization),
    isHeld: async (role_name: string, organization: string): Promise<boolean> => {
      const isIt = (row: unknown) => textAt(row, 'role_name') === role_name || undefined;
      const found = await withEachPattern(organization, (crn_pattern) =>
        firstIn(pages(api, { crn_pattern, role_name }), isIt),
      );
      return found.includes(true);
    },
    /**
     * Reads every binding of an organization, or of one user in it; some are passed twice. Resolves to whether a list had
     * several pages.
     */
    readAll: async (organization: string, take: (binding: ListedBinding) => void, user?: string): Promise<boolean> => {
      const pages = await withEachPattern(organization, async (crn_pattern) => {
        let count = 0;
        for await (const rows of list(api, { crn_pattern, principal: user && `User:${user}` }, true)) {
          count += 1;
          for (const row of rows) take(asListed(row));
        }
        return count;
      });
      return pages.some((count) => count > 1);
    },
    /** Deletes a binding; succeeds if it no longer exists. Throws `forbidden` if it is still there, or if nobody can tell. */
    revoke: async (id: string, crn_pattern: string, turn?: AbortSignal): Promise<void> => {
      await deleteResource(api, {
        id,
        turn,
        path: pathOf(path, id),
        purpose: { act: `delete the role binding "${id}"` },
        // A GET of a binding that is gone is answered with 403.
        list: () => pages(api, { crn_pattern }),
      });
    },
  };
}

/**
 * Sends two requests, with both patterns: whether the first one matches bindings inside the organization, or only those
 * of the organization itself, is not documented.
 */
async function withEachPattern<T>(organization: string, ask: (pattern: string) => Promise<T>): Promise<T[]> {
  const crn = organizationCrn(organization);
  const answers = await Promise.allSettled([crn, `${crn}/*`].map(ask));
  const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  for (const answer of answers) {
    if (answer.status === 'fulfilled') continue;
    // The API may reject one pattern as malformed.
    if (found.length === 0 || !(answer.reason instanceof RefusedQuery)) throw answer.reason;
  }
  return found;
}

function pages(api: Api, query: Query, prefetch = false): AsyncIterable<readonly unknown[]> {
  return api.pages(path, { query, pageSize, prefetch }, { act: 'list role bindings' });
}

/**
 * The rows of each page, without those of other organizations. The API ignores unknown filters, and a later page may not
 * be filtered: each has to be checked.
 */
async function* list(api: Api, query: Query & { readonly crn_pattern: string }, prefetch = false) {
  const organization = organizationOf(query.crn_pattern);
  for await (const page of pages(api, query, prefetch)) {
    yield page.filter((row) => {
      const other = organizationOf(textAt(row, 'crn_pattern') ?? '');
      return other === undefined || other === organization;
    });
  }
}

function organizationOf(crn: string): string | undefined {
  return organizationIn(crn)?.toLowerCase();
}

function asListed(value: unknown): ListedBinding {
  const { id, principal, role_name, crn_pattern } = value as Record<string, unknown>;
  const isWhole = [id, principal, role_name, crn_pattern].every((text) => typeof text === 'string' && text !== '');
  if (!isWhole)
    throw new CliError('bad_response', 'the API listed a role binding that lacks an id, principal, role or CRN');
  return { id, principal: decodedCrn(principal as string), role_name, crn_pattern } as ListedBinding;
}

/** The bindings of a principal, by id, otherwise by role and scope. */
async function bindingsOf(api: Api, principal: string, organization: string): Promise<readonly HeldRole[]> {
  const bindings = new Map<string, HeldRole>();
  const take = (row: unknown) => {
    const { id, role_name, crn_pattern = '' } = row as Record<string, unknown>;
    if (decodedCrn(textAt(row, 'principal') ?? '') !== principal) return;
    if (typeof role_name !== 'string' || typeof crn_pattern !== 'string') return;
    const hasId = typeof id === 'string' && id !== '';
    const key = hasId ? id : `${role_name} ${decodedCrn(crn_pattern)}`;
    bindings.set(key, { role_name, crn_pattern, ...(hasId ? { id } : {}) });
  };
  await withEachPattern(organization, async (crn_pattern) => {
    for await (const rows of list(api, { crn_pattern, principal })) rows.forEach(take);
  });
  return [...bindings.values()];
}
