import { CliError } from '../errors.ts';

/** The stored rows, with the field names of the API. Links and CRNs are derived when a row is serialized. */

export const inviteStatuses = ['SENT', 'STAGED', 'ACCEPTED', 'EXPIRED', 'DEACTIVATED'] as const;

/** The state of a person: first those with an invitation, then those without one. */
export const personStates = [
  'pending',
  'staged',
  'expired',
  'deactivated',
  'accepted',
  // The invitation was accepted, and the user has been deleted since.
  'left',
  // A local member without an invitation, such as the creator of the organization.
  'member',
  // Provisioned by the identity provider.
  'sso_member',
] as const;

export type PersonState = (typeof personStates)[number];

export interface InvitationRow {
  readonly id: string;
  readonly email: string;
  readonly auth_type: string;
  /** Without `INVITE_STATUS_`. An expired invitation stays SENT in the file: expiry follows from the time. */
  readonly status: (typeof inviteStatuses)[number];
  readonly created_at: string;
  readonly updated_at: string;
  readonly expires_at: string;
  readonly accepted_at?: string;
  readonly deleted_at?: string;
  /** The id of the user that is created with the invitation. */
  readonly user: string;
  readonly creator: string;
  /** The number of mails sent. */
  readonly mails: number;
}

export interface UserRow {
  readonly id: string;
  readonly email: string;
  readonly full_name: string;
  readonly auth_type: string;
  readonly created_at: string;
  /** Absent until the user is changed. */
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
  /** The key itself; its secret is not stored. */
  readonly id: string;
  /** The id of the owner: `u-…` or `sa-…`. */
  readonly owner: string;
  /** `cloud`, or the id of a cluster. */
  readonly resource: string;
  readonly display_name: string;
  readonly created_at: string;
}

/** One change of the state: a line of the file. */
export type Entry =
  | { readonly put: 'invitation'; readonly row: InvitationRow }
  | { readonly put: 'user'; readonly row: UserRow }
  | { readonly put: 'binding'; readonly row: BindingRow }
  | { readonly put: 'api_key'; readonly row: ApiKeyRow }
  | { readonly delete: 'invitation' | 'user' | 'binding' | 'api_key'; readonly id: string };

/** Applies a change to the state and writes it to the file. */
export type AppendEntry = (entry: Entry) => void;

/** The user that an accepted invitation leads to. */
export function userFrom({ user, email, auth_type }: InvitationRow, created_at: string): UserRow {
  return { id: user, email, full_name: nameFrom(email), auth_type, created_at };
}

/** A full name made from the local part of an e-mail. */
export function nameFrom(email: string): string {
  return email.slice(0, email.lastIndexOf('@')).replaceAll(/[._]+/g, ' ');
}

const stringFields = {
  invitation: ['id', 'email', 'auth_type', 'status', 'created_at', 'updated_at', 'expires_at', 'user', 'creator'],
  user: ['id', 'email', 'full_name', 'auth_type', 'created_at'],
  binding: ['id', 'principal', 'role_name', 'crn_pattern', 'created_at'],
  api_key: ['id', 'owner', 'resource', 'display_name', 'created_at'],
} as const;

const kinds = Object.keys(stringFields) as readonly (keyof typeof stringFields)[];

/** Parses a line of the file. Throws `config_invalid` if it is not an entry. */
export function parseEntry(line: string): Entry {
  const entry = parseObject(line);
  if (kinds.some((kind) => kind === entry.delete) && typeof entry.id === 'string') return entry as unknown as Entry;
  const kind = kinds.find((known) => known === entry.put);
  if (kind === undefined || !isRow(entry.row, stringFields[kind])) throw damaged('it is not an entry of the sandbox');
  if (kind === 'invitation' && !isInvitation(entry.row)) throw damaged('it is not an invitation of the sandbox');
  return entry as unknown as Entry;
}

/** Parses a line as a JSON object. Throws `config_invalid` on anything else. */
export function parseObject(line: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw damaged('it is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw damaged('it is not a JSON object');
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
