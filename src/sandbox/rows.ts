import type { Clock } from '../host.ts';

/** The stored rows, with the field names of the API. Links and CRNs are derived when a row is serialized. */

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
  readonly status: 'SENT' | 'STAGED' | 'ACCEPTED' | 'EXPIRED' | 'DEACTIVATED';
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

export const entryKinds = ['invitation', 'user', 'binding', 'api_key'] as const;

/** One change of the state: a line of the file. */
export type Entry =
  | { readonly put: 'invitation'; readonly row: InvitationRow }
  | { readonly put: 'user'; readonly row: UserRow }
  | { readonly put: 'binding'; readonly row: BindingRow }
  | { readonly put: 'api_key'; readonly row: ApiKeyRow }
  | { readonly delete: (typeof entryKinds)[number]; readonly id: string };

/** Applies a change to the state and writes it to the file. */
export type AppendEntry = (entry: Entry) => void;

/** SENT or STAGED: the invitation counts towards the quota and can be accepted. */
export function isPending({ status }: InvitationRow): boolean {
  return status === 'SENT' || status === 'STAGED';
}

/** The form in which e-mails are compared: case is ignored. */
export function fold(email: string): string {
  return email.toLowerCase();
}

/** The user that an accepted invitation leads to. */
export function userFrom({ user, email, auth_type }: InvitationRow, created_at: string): UserRow {
  return { id: user, email, full_name: nameFrom(email), auth_type, created_at };
}

/** A full name made from the local part of an e-mail. */
export function nameFrom(email: string): string {
  return email.slice(0, email.lastIndexOf('@')).replaceAll(/[._]+/g, ' ');
}

/** The number of ids of five letters and digits. */
const idSpace = 36 ** 5;

/** Coprime to the size of the space, so that every number maps to a different id. */
const idStride = 29_483_761;

/** An id of five letters and digits: it looks random, is the same in every run, and differs for every number. */
export function idOf(prefix: 'i-' | 'u-' | 'rb-', number: number): string {
  // An invitation and its user get different ids, so that confusing them has an effect.
  const start = { 'i-': 17_001_401, 'u-': 31_415_926, 'rb-': 27_182_818 }[prefix];
  const scrambled = ((number % idSpace) * idStride + start) % idSpace;
  return prefix + scrambled.toString(36).padStart(5, '0');
}

/** The user id of a member without an invitation, from the second half of the space, which invitations do not reach. */
export function memberId(number: number): string {
  return idOf('u-', idSpace / 2 + number);
}

/** An API key of 16 capital letters and digits, the same in every run. */
export function apiKeyId(number: number): string {
  return `SANDBOXKEY0${idOf('rb-', number).slice(3).toUpperCase()}`;
}

/** RFC 3339 in UTC with microseconds, as the API writes it. */
export function timestamp(milliseconds: number, microseconds = 0): string {
  return `${new Date(milliseconds).toISOString().slice(0, -1)}${String(microseconds).padStart(3, '0')}Z`;
}

/** The current time; the microseconds come from the monotonic clock. */
export function timestampNow(clock: Clock): string {
  return timestamp(clock.now(), Math.floor((clock.monotonic() % 1) * 1000));
}

/** Generates unique request ids of 32 hexadecimal digits. */
export function requestIds(clock: Clock): () => string {
  const run = Math.floor(clock.random() * 2 ** 48)
    .toString(16)
    .padStart(16, '0');
  let count = 0;
  return () => run + (count++).toString(16).padStart(16, '0');
}
