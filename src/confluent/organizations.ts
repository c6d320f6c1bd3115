import { CliError } from '../errors.ts';
import type { Api } from '../http/api.ts';
import type { Purpose } from '../http/send.ts';
import { textAt } from '../text/json-fields.ts';
import { organizationIn } from './crn.ts';

/** An organization that a credential belongs to. */
export interface Organization {
  readonly id: string;
  readonly display_name?: string;
}

/**
 * The organization that requests are sent to. Where the API names none, or several, the names of its invitations tell.
 * Throws `bad_response` if nothing does.
 */
export async function requireOrganization(api: Api): Promise<Organization> {
  const named = (await organizationOf(api)) ?? (await organizationByInvitations(api));
  if (named !== undefined) return named;
  throw new CliError('bad_response', 'cannot tell which organization the API key belongs to', {
    reason: 'the API names none, or several',
  });
}

async function organizationByInvitations(api: Api): Promise<Organization | undefined> {
  for await (const page of api.pages('/iam/v2/invitations', {}, { act: 'list invitations' })) {
    for (const invitation of page) {
      const { metadata } = invitation as { readonly metadata?: { readonly resource_name?: unknown } | null };
      const id = organizationIn(String(metadata?.resource_name ?? ''));
      if (id !== undefined) return { id };
    }
  }
  return undefined;
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
