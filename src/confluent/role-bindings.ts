import { CliError } from '../errors.ts';
import type { Api } from '../http/api.ts';
import { decodedCrn } from './crn.ts';

export interface RoleBinding {
  /** `User:u-…`, never the invitation's id. */
  readonly principal: string;
  readonly role_name: string;
  readonly crn_pattern: string;
}

/** A role that somebody has, and where; the pattern is empty if the API does not say. */
export type GrantedRole = Pick<RoleBinding, 'role_name' | 'crn_pattern'>;

export interface Roles {
  /** A binding that exists already is as good as a new one. */
  grant(binding: RoleBinding): Promise<'granted' | 'already_granted'>;
  /** All bindings of a user in an organization, each once. */
  of(user: string, organization: string): Promise<readonly GrantedRole[]>;
  /** The ids of the organizations this credential sees; it is one, as far as is known. */
  organizations(): Promise<readonly string[]>;
}

export function rolesClient(api: Api): Roles {
  return {
    grant: async (binding) => {
      try {
        // Twice the same binding is answered with 409: sending it again can do no harm.
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
      // Whether the first pattern finds what lies inside the organization, or only its own bindings, is not documented.
      const answers = await Promise.allSettled([crn, `${crn}/*`].map((pattern) => bindingsIn(api, user, pattern)));
      const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
      for (const answer of answers) if (answer.status === 'rejected') passOver(answer.reason, found.length > 0);
      return [...new Map(found.flatMap((bindings) => [...bindings])).values()];
    },
    organizations: async () => {
      const ids: string[] = [];
      for await (const page of api.pages('/org/v2/organizations', {}, { act: 'list organizations' }))
        ids.push(...page.flatMap(idOf));
      return ids;
    },
  };
}

const path = '/iam/v2/role-bindings';
/** What the published specification allows; an older copy of it has 100. */
const pageSize = 1000;

/** The bindings of a user under one pattern, by what tells them apart. */
async function bindingsIn(api: Api, user: string, crn_pattern: string): Promise<ReadonlyMap<string, GrantedRole>> {
  const query = { crn_pattern, principal: `User:${user}` };
  const bindings = new Map<string, GrantedRole>();
  for await (const page of api.pages(path, { query, pageSize }, { act: 'list role bindings' })) {
    for (const value of page) {
      const { id, principal, role_name, crn_pattern = '' } = value as Record<string, unknown>;
      // Checked again here: the API ignores a filter that it does not know, and a later page may come without.
      if (typeof principal !== 'string' || decodedCrn(principal) !== query.principal) continue;
      if (typeof role_name !== 'string' || typeof crn_pattern !== 'string') continue;
      const key = typeof id === 'string' && id !== '' ? id : `${role_name} ${decodedCrn(crn_pattern)}`;
      bindings.set(key, { role_name, crn_pattern });
    }
  }
  return bindings;
}

/** A pattern that the API takes for malformed is done without if it took the other one. No other failure is. */
function passOver(failure: unknown, isOtherKnown: boolean): void {
  const status = failure instanceof CliError ? failure.details.http_status : undefined;
  if (!isOtherKnown || (status !== 400 && status !== 422)) throw failure;
}

function idOf(value: unknown): string[] {
  const id = typeof value === 'object' && value !== null ? Reflect.get(value, 'id') : undefined;
  return typeof id === 'string' && id !== '' ? [id] : [];
}
