import { CliError } from '../errors.ts';
import type { Api } from '../http/api.ts';

/** The organization that a credential belongs to. */
export interface Organization {
  readonly id: string;
  readonly name: string | undefined;
}

/** Undefined where the API names none, or several; it is shown to people and keeps imports apart, no more. */
export async function organizationOf(api: Api): Promise<Organization | undefined> {
  const all: Organization[] = [];
  try {
    for await (const page of api.pages('/org/v2/organizations')) all.push(...page.flatMap(asOrganization));
  } catch (error) {
    // A key may invite without being allowed to see this; one that is refused altogether is so again in a moment.
    if (!(error instanceof CliError)) throw error;
  }
  return all.length === 1 ? all[0] : undefined;
}

function asOrganization(value: unknown): Organization[] {
  if (typeof value !== 'object' || value === null) return [];
  const { id, display_name: name } = value as { id?: unknown; display_name?: unknown };
  if (typeof id !== 'string' || id === '') return [];
  return [{ id, name: typeof name === 'string' && name !== '' ? name : undefined }];
}
