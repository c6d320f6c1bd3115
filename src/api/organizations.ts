import { CliError } from '../errors.ts';
import { type Api, firstIn } from '../http/api.ts';
import { unlessFailed } from '../http/failure.ts';
import type { Purpose } from '../http/send.ts';
import { numberAt, textAt } from '../text/json-fields.ts';
import { organizationBehind } from './roles.ts';

export interface Organization {
  readonly id: string;
  readonly display_name?: string;
}

/** For questions and messages: `"acme" (1111aaaa-…)`. */
export function organizationName({ id, display_name }: Organization): string {
  return display_name === undefined ? id : `"${display_name}" (${id})`;
}

/**
 * The organization that requests are sent to; if the API lists none, or several, the one in the resource names of its
 * invitations or users. Throws `bad_response` if there is none.
 */
export async function requireOrganization(api: Api): Promise<Organization> {
  const listed = (await unlessFailed(listOrganizations(api))) ?? [];
  const [only, ...more] = listed;
  if (only !== undefined && more.length === 0) return only;
  const rowsOf = (what: string) => api.pages(`/iam/v2/${what}`, {}, { act: `list ${what}` });
  const within = async (what: string) => firstIn(rowsOf(what), organizationBehind);
  const id = (await within('invitations')) ?? (await within('users'));
  if (id !== undefined) return listed.find((one) => one.id === id) ?? { id };
  throw new CliError('bad_response', 'cannot tell which organization the API key belongs to', {
    reason: 'the API names none, or several',
  });
}

/** The id of the organization that roles are granted in. Throws `bad_response` if the API names none, or several. */
export async function organizationId(api: Api): Promise<string> {
  const [only, ...more] = await listOrganizations(api, { act: 'list organizations' });
  if (only !== undefined && more.length === 0) return only.id;
  throw organizationUnknown(only === undefined ? 'the API names none' : 'the API names several');
}

export function organizationUnknown(reason = 'the API names none, or several'): CliError {
  return new CliError('bad_response', 'cannot tell which organization the roles belong to', {
    reason,
    hints: ['a scope that begins with crn://confluent.cloud/organization=… names it'],
  });
}

/** All organizations that the credential can see: one, as far as is known. */
export async function listOrganizations(api: Api, purpose?: Purpose): Promise<Organization[]> {
  const all: Organization[] = [];
  for await (const page of api.pages('/org/v2/organizations', {}, purpose)) all.push(...page.flatMap(asOrganization));
  return all;
}

/** The only organization that the credential can see; undefined if the API lists none, or several. */
export async function findOrganization(api: Api, purpose?: Purpose): Promise<Organization | undefined> {
  const [only, ...more] = await listOrganizations(api, purpose);
  return more.length === 0 ? only : undefined;
}

function asOrganization(value: unknown): Organization[] {
  const id = textAt(value, 'id');
  const display_name = textAt(value, 'display_name');
  if (id === undefined) return [];
  return [display_name === undefined ? { id } : { id, display_name }];
}

/** The id in the specification, and the one that the API uses. */
const pendingInvitations = /^(?:iam\.max_pending_invitations\.per_org|invitations_per_org)/;

/**
 * The number of invitations that may be pending in the organization; undefined if the API does not say. Only used for a
 * forecast: a key may be allowed to invite and not to see quotas.
 */
export function pendingInvitationQuota(api: Api): Promise<number | undefined> {
  const quotas = api.pages('/service-quota/v1/applied-quotas', { query: { scope: 'ORGANIZATION' } });
  const limitIn = (quota: unknown) =>
    pendingInvitations.test(textAt(quota, 'id') ?? '') ? numberAt(quota, 'applied_limit') : undefined;
  return unlessFailed(firstIn(quotas, limitIn));
}
