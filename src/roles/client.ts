import { CliError } from '../errors.ts';
import type { Api } from '../http/api.ts';

export interface RoleBinding {
  /** `User:u-…`, never the invitation's id. */
  readonly principal: string;
  readonly role_name: string;
  readonly crn_pattern: string;
}

export interface Roles {
  /** A binding that exists already is as good as a new one. */
  grant(binding: RoleBinding): Promise<'granted' | 'already_granted'>;
  /** The bindings of a user in an organization. */
  of(user: string, organization: string): Promise<readonly Omit<RoleBinding, 'principal'>[]>;
  /** The ids of the organizations this credential sees; it is one, as far as is known. */
  organizations(): Promise<readonly string[]>;
}

export function rolesClient(api: Api): Roles {
  return {
    grant: async (binding) => {
      try {
        // Twice the same binding is answered with 409: sending it again can do no harm.
        const purpose = { act: `grant "${binding.role_name}" to "${binding.principal}"` };
        await api.post('/iam/v2/role-bindings', binding, { idempotent: true, purpose });
        return 'granted';
      } catch (error) {
        if (error instanceof CliError && error.details.http_status === 409) return 'already_granted';
        throw error;
      }
    },
    of: async (user, organization) => {
      // The API wants a pattern, and takes a part of one: the organization is a part of all.
      const query = { crn_pattern: `crn://confluent.cloud/organization=${organization}`, principal: `User:${user}` };
      const bindings: Omit<RoleBinding, 'principal'>[] = [];
      for await (const page of api.pages('/iam/v2/role-bindings', { query }, { act: 'list role bindings' })) {
        bindings.push(...page.flatMap((value) => bindingOf(value, query.principal)));
      }
      return bindings;
    },
    organizations: async () => {
      const ids: string[] = [];
      for await (const page of api.pages('/org/v2/organizations', {}, { act: 'list organizations' }))
        ids.push(...page.flatMap(idOf));
      return ids;
    },
  };
}

/** Checked again here: the API ignores a filter that it does not know. */
function bindingOf(value: unknown, principal: string): Omit<RoleBinding, 'principal'>[] {
  if (typeof value !== 'object' || value === null || Reflect.get(value, 'principal') !== principal) return [];
  const [role_name, crn_pattern] = [Reflect.get(value, 'role_name'), Reflect.get(value, 'crn_pattern')];
  return typeof role_name === 'string' && typeof crn_pattern === 'string' ? [{ role_name, crn_pattern }] : [];
}

function idOf(value: unknown): string[] {
  const id = typeof value === 'object' && value !== null ? Reflect.get(value, 'id') : undefined;
  return typeof id === 'string' && id !== '' ? [id] : [];
}
