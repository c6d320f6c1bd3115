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

/** The owner and the organization of credentials. */
interface CredentialOwner {
  readonly owner: Owner | null;
  readonly organization: Organization | null;
}

/** Asks the API. Throws if it refuses the credentials; what these may not see is null. */
export async function lookUpOwner(api: Api, identity: Identity): Promise<CredentialOwner> {
  try {
    const key = identity.kind === 'sandbox' ? sandboxKey.api_key : identity.api_key;
    const owner = identity.kind === 'token' ? null : await orNull(() => ownerOf(api, key));
    return { owner, organization: await orNull(() => organizationOf(api)) };
  } catch (error) {
    throw error instanceof CliError && identity.kind === 'key' ? explainKeyRefusal(error) : error;
  }
}

async function orNull<T>(request: () => Promise<T | null>): Promise<T | null> {
  try {
    return await request();
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

/** Null if the API lists several: it does not say which one the credentials belong to. */
async function organizationOf(api: Api): Promise<Organization | null> {
  return (await findOrganization(api, { act: 'look up the organization' })) ?? null;
}
