import { CliError } from '../../errors.ts';
import type { Api } from '../../http/api.ts';
import { explainKeyRefusal } from '../../profiles/auth-errors.ts';
import type { Identity } from '../../profiles/profile.ts';
import { sandboxKey } from '../../sandbox/credentials.ts';

export interface Owner {
  readonly id: string;
  readonly kind?: string;
}

export interface Organization {
  readonly id: string;
  readonly display_name?: string;
}

/** Whose credentials they are, and of which organization. */
export interface Whose {
  readonly owner: Owner | null;
  readonly organization: Organization | null;
}

/** Asks the API. Throws if it refuses the credentials; what may not be seen is null. */
export async function askWhose(api: Api, identity: Identity): Promise<Whose> {
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
  const owner = objectIn(objectIn(objectIn(answer).spec).owner);
  const { id, kind } = owner;
  return isText(id) ? { id, ...(isText(kind) ? { kind } : {}) } : null;
}

/** The credentials select one; of several it cannot be told which. */
async function organizationOf(api: Api): Promise<Organization | null> {
  const all: Organization[] = [];
  for await (const page of api.pages('/org/v2/organizations', {}, { act: 'look up the organization' })) {
    for (const { id, display_name } of page.map(objectIn)) {
      if (isText(id)) all.push({ id, ...(isText(display_name) ? { display_name } : {}) });
    }
  }
  const [only] = all;
  return all.length === 1 && only !== undefined ? only : null;
}

function objectIn(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
