import { CliError } from '../errors.ts';
import type { Api } from '../http/api.ts';
import type { Purpose } from '../http/send.ts';
import { textAt } from '../text/json-fields.ts';

/** An organization that a credential belongs to. */
export interface Organization {
  readonly id: string;
  readonly display_name?: string;
}

/** All that this credential sees: one, as far as is known. */
export async function listOrganizations(api: Api, purpose?: Purpose): Promise<Organization[]> {
  const all: Organization[] = [];
  for await (const page of api.pages('/org/v2/organizations', {}, purpose)) all.push(...page.flatMap(asOrganization));
  return all;
}

/** The only one that this credential sees; undefined where the API names none, or several. */
export async function findOrganization(api: Api, purpose?: Purpose): Promise<Organization | undefined> {
  const [only, ...more] = await listOrganizations(api, purpose);
  return more.length === 0 ? only : undefined;
}

/** The same where a person is shown it, no more: a key may invite without being allowed to see its organization. */
export async function organizationOf(api: Api): Promise<Organization | undefined> {
  try {
    return await findOrganization(api);
  } catch (error) {
    // A key that is refused altogether is so again in a moment.
    if (!(error instanceof CliError)) throw error;
    return undefined;
  }
}

function asOrganization(value: unknown): Organization[] {
  const id = textAt(value, 'id');
  const display_name = textAt(value, 'display_name');
  if (id === undefined) return [];
  return [display_name === undefined ? { id } : { id, display_name }];
}
