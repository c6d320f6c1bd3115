import type { BindingRow, Entry } from './rows.ts';

/** The organization of every sandbox. */
export const organization = {
  id: '00000000-0000-4000-8000-73616e64626f',
  display_name: 'Sandbox',
  created_at: '2024-01-01T00:00:00.000000Z',
} as const;

export const organizationCrn = `crn://confluent.cloud/organization=${organization.id}`;

/** The user who owns the sandbox key: a member since before the first invitation. */
export const owner = {
  id: 'u-sandbox',
  email: 'owner@sandbox.example',
  full_name: 'Sandbox Owner',
  auth_type: 'AUTH_TYPE_LOCAL',
  created_at: organization.created_at,
} as const;

export const serviceAccount = 'sa-sandbox';

export interface Credentials {
  readonly api_key: string;
  readonly api_secret: string;
}

/** The API key of every sandbox. It is not a secret and is of no use elsewhere. */
export const sandboxKey: Credentials = {
  api_key: 'INVITESANDBOX001',
  api_secret: 'cflt/sandbox-this-is-not-a-secret-0000000000000000000000000000',
};

/** The API key of a request, and the id of the user or service account that owns it; or an identity pool. */
export interface Caller {
  readonly api_key: string;
  readonly owner: string;
  readonly isPool?: true;
}

/** The organization before its first invitation: its owner, who is its administrator, and the caller's key. */
export function initialEntries(caller: Caller): readonly Entry[] {
  const { created_at } = organization;
  const key = { id: caller.api_key, owner: caller.owner, resource: 'cloud', display_name: 'sandbox', created_at };
  const administrators = [...new Set([owner.id, caller.owner])];
  return [
    { put: 'user', row: owner },
    { put: 'api_key', row: key },
    ...administrators.map((id): Entry => ({ put: 'binding', row: administratorBinding(id) })),
  ];
}

function administratorBinding(id: string): BindingRow {
  const { created_at } = organization;
  const principal = `User:${id}`;
  return { id: `rb-${id}`, principal, role_name: 'OrganizationAdmin', crn_pattern: organizationCrn, created_at };
}

/** The reference to a user, service account or identity pool in other resources. */
export function userReference(id: string, base: string): Record<string, unknown> {
  const [kind, type] = kindOf(id);
  const related = `${base}/iam/v2/${type}s/${id}`;
  return { api_version: 'iam/v2', kind, id, related, resource_name: `crn://confluent.cloud/${type}=${id}` };
}

function kindOf(id: string): readonly [kind: string, type: string] {
  if (id.startsWith('sa-')) return ['ServiceAccount', 'service-account'];
  return id.startsWith('pool-') ? ['IdentityPool', 'identity-pool'] : ['User', 'user'];
}
