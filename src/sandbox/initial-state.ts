import type { BindingRow, Entry } from './rows.ts';

/** The organization that the sandbox key belongs to. */
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

const serviceAccount = 'sa-sandbox';

/** The API key of a request, and whether a service account owns it. */
export interface Caller {
  readonly api_key: string;
  readonly isServiceAccount: boolean;
}

/** The id of the user or service account that owns the key. */
export function ownerOf({ isServiceAccount }: Pick<Caller, 'isServiceAccount'>): string {
  return isServiceAccount ? serviceAccount : owner.id;
}

/** The organization before its first invitation: its owner, who is its administrator, and the caller's key. */
export function initialEntries(caller: Caller): readonly Entry[] {
  const { created_at } = organization;
  const key = { id: caller.api_key, owner: ownerOf(caller), resource: 'cloud', display_name: 'sandbox', created_at };
  const administrators = new Set([owner.id, ownerOf(caller)]);
  return [
    { put: 'user', row: owner },
    { put: 'api_key', row: key },
    ...[...administrators].map((id): Entry => ({ put: 'binding', row: administratorBinding(id) })),
  ];
}

function administratorBinding(id: string): BindingRow {
  const { created_at } = organization;
  const principal = `User:${id}`;
  return { id: `rb-${id}`, principal, role_name: 'OrganizationAdmin', crn_pattern: organizationCrn, created_at };
}
