import { CliError } from '../errors.ts';
import type { Api } from '../http/api.ts';

/** The organization that a credential belongs to. */
export interface Organization {
  readonly id: string;
  readonly name: string | undefined;
}

/** The organizations that the credential can see; it is one, as far as is known. */
export async function listOrganizations(api: Api): Promise<Organization[]> {
  const all: Organization[] = [];
  const pages = api.pages('/org/v2/organizations', {}, { act: 'list organizations' });
  for await (const page of pages) all.push(...page.flatMap(asOrganization));
  return all;
}

/** For display, and to keep imports apart. Undefined if the API lists none, or several, or refuses to. */
export async function organizationOf(api: Api): Promise<Organization | undefined> {
  try {
    const all = await listOrganizations(api);
    return all.length === 1 ? all[0] : undefined;
  } catch (error) {
    // A key may be allowed to invite and not to see this; one that is invalid is refused by the next request, too.
    if (!(error instanceof CliError)) throw error;
    return undefined;
  }
}

function asOrganization(value: unknown): Organization[] {
  if (typeof value !== 'object' || value === null) return [];
  const { id, display_name: name } = value as { id?: unknown; display_name?: unknown };
  if (typeof id !== 'string' || id === '') return [];
  return [{ id, name: typeof name === 'string' && name !== '' ? name : undefined }];
}
