import { organization, owner, ownerServiceAccount } from './identifiers.ts';
import { organizationCrn } from './resources.ts';
import type { Entry } from './rows.ts';

/** Whose key a request comes with. */
export interface Caller {
  readonly api_key: string;
  readonly isServiceAccount: boolean;
}

export function ownerOf({ isServiceAccount }: Caller): string {
  return isServiceAccount ? ownerServiceAccount : owner.id;
}

/** The organization before its first invitation: one member, who administers it, and the key of the caller. */
export function founded(caller: Caller): readonly Entry[] {
  const { created_at } = organization;
  const key = { id: caller.api_key, owner: ownerOf(caller), resource: 'cloud', display_name: 'sandbox', created_at };
  const administrators = caller.isServiceAccount ? [owner.id, ownerServiceAccount] : [owner.id];
  return [
    { put: 'user', row: owner },
    { put: 'api_key', row: key },
    ...administrators.map((id): Entry => ({ put: 'binding', row: administration(id) })),
  ];
}

function administration(id: string) {
  const { created_at } = organization;
  const principal = `User:${id}`;
  return { id: `rb-${id}`, principal, role_name: 'OrganizationAdmin', crn_pattern: organizationCrn, created_at };
}
