import { CliError } from '../errors.ts';
import type { Api } from '../http/api.ts';
import { decodedCrn } from './crn.ts';
import { listOrganizations } from './organizations.ts';

export interface RoleBinding {
  /** `User:u-…`, never the invitation's id. */
  readonly principal: string;
  readonly role_name: string;
  readonly crn_pattern: string;
}

/** A role that a user has, and its scope; the pattern is empty if the API does not say. */
export type GrantedRole = Pick<RoleBinding, 'role_name' | 'crn_pattern'>;

export interface Roles {
  /** A binding that already exists is no failure. */
  grant(binding: RoleBinding): Promise<'granted' | 'already_granted'>;
  /** All bindings of a user in an organization, each once. */
  of(user: string, organization: string): Promise<readonly GrantedRole[]>;
  /** The ids of the organizations that the credential can see; it is one, as far as is known. */
  organizations(): Promise<readonly string[]>;
}

export function rolesClient(api: Api): Roles {
  return {
    grant: async (binding) => {
      try {
        // The API answers a second one with 409: a retry does no harm.
        const purpose = { act: `grant "${binding.role_name}" to "${binding.principal}"` };
        await api.post(path, binding, { idempotent: true, purpose });
        return 'granted';
      } catch (error) {
        if (error instanceof CliError && error.details.http_status === 409) return 'already_granted';
        throw error;
      }
    },
    of: async (user, organization) => {
      const crn = `crn://confluent.cloud/organization=${organization}`;
      // Whether the first pattern also matches bindings inside the organization is not documented.
      const answers = await Promise.allSettled([crn, `${crn}/*`].map((pattern) => bindingsIn(api, user, pattern)));
      const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
      for (const answer of answers) if (answer.status === 'rejected') ignoreBadPattern(answer.reason, found.length > 0);
      return [...new Map(found.flatMap((bindings) => [...bindings])).values()];
    },
    organizations: async () => (await listOrganizations(api, { act: 'list organizations' })).map(({ id }) => id),
  };
}

const path = '/iam/v2/role-bindings';
/** The maximum of the published specification; an older version allows 100. */
const pageSize = 1000;

/** The bindings of a user that match one pattern, by their id, or else by role and scope. */
async function bindingsIn(api: Api, user: string, crn_pattern: string): Promise<ReadonlyMap<string, GrantedRole>> {
  const query = { crn_pattern, principal: `User:${user}` };
  const bindings = new Map<string, GrantedRole>();
  for await (const page of api.pages(path, { query, pageSize }, { act: 'list role bindings' })) {
    for (const value of page) {
      const { id, principal, role_name, crn_pattern = '' } = value as Record<string, unknown>;
      // Checked here as well: the API ignores filters that it does not know, and a later page may not be filtered.
      if (typeof principal !== 'string' || decodedCrn(principal) !== query.principal) continue;
      if (typeof role_name !== 'string' || typeof crn_pattern !== 'string') continue;
      const key = typeof id === 'string' && id !== '' ? id : `${role_name} ${decodedCrn(crn_pattern)}`;
      bindings.set(key, { role_name, crn_pattern });
    }
  }
  return bindings;
}

/** Throws the failure, unless the API calls this pattern malformed and has accepted the other one. */
function ignoreBadPattern(failure: unknown, isOtherAccepted: boolean): void {
  const status = failure instanceof CliError ? failure.details.http_status : undefined;
  if (!isOtherAccepted || (status !== 400 && status !== 422)) throw failure;
}
