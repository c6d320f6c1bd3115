import { CliError } from '../errors.ts';

/** The facts that the sandbox keeps, in the API's own words; what follows from them (links, CRNs) is added on the way out. */

export const inviteStatuses = ['SENT', 'STAGED', 'ACCEPTED', 'EXPIRED', 'DEACTIVATED'] as const;

/** Where a person stands: first those who have an invitation, by its status, then those who have none. */
export const personStates = [
  'pending',
  'staged',
  'expired',
  'deactivated',
  'accepted',
  // Accepted, and the user was deleted since.
  'left',
  // A local member whom nobody invited, as whoever founded the organization.
  'member',
  // Brought by the identity provider, just in time or by SCIM.
  'sso_member',
] as const;

export type PersonState = (typeof personStates)[number];

export interface InvitationRow {
  readonly id: string;
  readonly email: string;
  readonly auth_type: string;
  /** Without `INVITE_STATUS_`; SENT stays SENT in the file when it expires, since that follows from the time. */
  readonly status: (typeof inviteStatuses)[number];
  readonly created_at: string;
  readonly updated_at: string;
  readonly expires_at: string;
  readonly accepted_at?: string;
  readonly deleted_at?: string;
  /** The id of the user that is created along with the invitation. */
  readonly user: string;
  readonly creator: string;
  /** How many mails went out. */
  readonly mails: number;
}

export interface UserRow {
  readonly id: string;
  readonly email: string;
  readonly full_name: string;
  readonly auth_type: string;
  readonly created_at: string;
  /** Absent as long as nothing was changed. */
  readonly updated_at?: string;
}

export interface BindingRow {
  readonly id: string;
  readonly principal: string;
  readonly role_name: string;
  readonly crn_pattern: string;
  readonly created_at: string;
}

export interface ApiKeyRow {
  /** The key itself; its secret is not kept. */
  readonly id: string;
  /** Who owns it: `u-…` or `sa-…`. */
  readonly owner: string;
  /** `cloud`, or the id of the cluster that it opens. */
  readonly resource: string;
  readonly display_name: string;
  readonly created_at: string;
}

/** One line of the file. */
export type Entry =
  | { readonly put: 'invitation'; readonly row: InvitationRow }
  | { readonly put: 'user'; readonly row: UserRow }
  | { readonly put: 'binding'; readonly row: BindingRow }
  | { readonly put: 'api_key'; readonly row: ApiKeyRow }
  | { readonly delete: 'invitation' | 'user' | 'binding' | 'api_key'; readonly id: string };

const texts = {
  invitation: ['id', 'email', 'auth_type', 'status', 'created_at', 'updated_at', 'expires_at', 'user', 'creator'],
  user: ['id', 'email', 'full_name', 'auth_type', 'created_at'],
  binding: ['id', 'principal', 'role_name', 'crn_pattern', 'created_at'],
  api_key: ['id', 'owner', 'resource', 'display_name', 'created_at'],
} as const;

const kinds = Object.keys(texts) as readonly (keyof typeof texts)[];

/** The entry on a line. Throws `config_invalid` on anything that this program does not write. */
export function entryOf(line: string): Entry {
  const entry = objectOf(line);
  if (kinds.some((kind) => kind === entry.delete) && typeof entry.id === 'string') return entry as unknown as Entry;
  const kind = kinds.find((known) => known === entry.put);
  if (kind === undefined || !isRow(entry.row, texts[kind])) throw damaged('it is not an entry of the sandbox');
  if (kind === 'invitation' && !isInvitation(entry.row)) throw damaged('it is not an invitation of the sandbox');
  return entry as unknown as Entry;
}

/** The JSON object on a line. Throws `config_invalid` on anything else. */
export function objectOf(line: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw damaged('it is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw damaged('it is not an object');
  return value as Record<string, unknown>;
}

export function damaged(reason: string): CliError {
  return new CliError('config_invalid', 'cannot read the state of the sandbox', { reason });
}

function isRow(row: unknown, fields: readonly string[]): row is Record<string, unknown> {
  if (typeof row !== 'object' || row === null) return false;
  return fields.every((field) => typeof (row as Record<string, unknown>)[field] === 'string');
}

function isInvitation(row: Record<string, unknown>): boolean {
  const times = [row.created_at, row.updated_at, row.expires_at].map((time) => Date.parse(String(time)));
  return (
    inviteStatuses.some((status) => status === row.status) &&
    times.every((time) => !Number.isNaN(time)) &&
    typeof row.mails === 'number'
  );
}
