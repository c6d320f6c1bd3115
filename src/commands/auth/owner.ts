import { findOrganization, type Organization } from '../../confluent/organizations.ts';
import { CliError } from '../../errors.ts';
import type { Api } from '../../http/api.ts';
import { explainKeyRefusal } from '../../profiles/auth-errors.ts';
import type { Identity } from '../../profiles/profile.ts';
import { sandboxKey } from '../../sandbox/credentials.ts';
import { textAt } from '../../text/json-fields.ts';

export interface Owner {
  readonly id: string;
  readonly kind?: string;
}

/** Whose credentials they are, and of which organization. */
export interface CredentialOwner {
  readonly owner: Owner | null;
  readonly organization: Organization | null;
}

/** Asks the API. Throws if it refuses the credentials; what may not be seen is null. */
export async function lookUpOwner(api: Api, identity: Identity): Promise<CredentialOwner> {
  try {
    const key = identity.kind === 'sandbox' ? sandboxKey.api_key : identity.api_key;
    const owner = identity.kind === 'token' ? null : await orNull(() => ownerOf(api, key));
    return { owner, organization: await orNull(() => organizationOf(api)) };
  } catch (error) {
    throw error instanceof CliError && identity.kind === 'key' ? explainKeyRefusal(error) : error;
  }
}

async function orNull<T>(look: () => Promise<T | null>): Promise<T | null> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof CliError && (error.code === 'forbidden' || error.code === 'not_found')) return null;
    throw error;
  }
}

async function ownerOf(api: Api, key: string): Promise<Owner | null> {
  const answer = await api.get(
    `/iam/v2/api-keys/${encodeURIComponent(key)}`,
    {},
    { act: 'look up the owner of the key' },
  );
  const id = textAt(answer, 'spec', 'owner', 'id');
  const kind = textAt(answer, 'spec', 'owner', 'kind');
  if (id === undefined) return null;
  return kind === undefined ? { id } : { id, kind };
}

/** The credentials select one; of several it cannot be told which. */
async function organizationOf(api: Api): Promise<Organization | null> {
  return (await findOrganization(api, { act: 'look up the organization' })) ?? null;
}
