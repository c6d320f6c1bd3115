import { CliError } from '../errors.ts';
import { unlessMissing } from '../http/failure.ts';
import type { Column, Fields, View } from '../output/view.ts';
import { isJsonObject, textAt } from '../text/json-fields.ts';
import { parseTime, relativeTime } from '../text/times.ts';

/** The documented values. The enumeration is extensible: the API may send others. */
export const statuses = [
  'INVITE_STATUS_SENT',
  'INVITE_STATUS_STAGED',
  'INVITE_STATUS_ACCEPTED',
  'INVITE_STATUS_EXPIRED',
  'INVITE_STATUS_DEACTIVATED',
] as const;

export const states = ['pending', 'expired', 'accepted', 'staged', 'deactivated', 'unknown'] as const;

export type State = (typeof states)[number];

/** The states in which a command can use an invitation. One that is not known may be any. */
export const usableStates = new Map<string, readonly State[]>([
  ['get', states],
  ['delete', ['pending', 'staged', 'expired', 'unknown']],
  ['resend', ['pending', 'staged', 'expired', 'unknown']],
  ['wait', ['pending', 'staged', 'unknown']],
  ['sandbox', ['pending', 'staged']],
]);

/** How the person signs in, as the API spells it. */
export const authTypes = { sso: 'AUTH_TYPE_SSO', local: 'AUTH_TYPE_LOCAL' } as const;

export type AuthType = keyof typeof authTypes;

/**
 * An invitation as the API sent it, unknown fields included. The specification requires hardly any field, and a value
 * may be null or of another type: read it with `textAt`.
 */
export type Invitation = Readonly<Record<string, unknown>>;

/**
 * Checks a parsed item, and adds its current `state` to it, in place. Throws `bad_response` if it is not an object.
 */
export function asInvitation(value: unknown, now: number): Invitation {
  if (isJsonObject(value)) {
    const invitation: Record<string, unknown> = value;
    invitation.state = stateOf(value, now);
    return invitation;
  }
  throw new CliError('bad_response', 'the API answered with something that is not an invitation', {
    reason: `expected an object, got ${value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value}`,
  });
}

/** The time at a path, in milliseconds since 1970; undefined if there is none, if it is not valid, or in the year 1. */
export function timeAt(invitation: Invitation, ...path: readonly string[]): number | undefined {
  return parseTime(textAt(invitation, ...path));
}

/** The invitation with its current `state`; the same object if it has it already, since copies of a long list take memory. */
export function withState(invitation: Invitation, now: number): Invitation {
  const state = stateOf(invitation, now);
  return invitation.state === state ? invitation : { ...invitation, state };
}

/** The state now. SENT past its `expires_at` is expired, even if the server still shows SENT. */
export function stateOf(invitation: Invitation, now: number): State {
  switch (textAt(invitation, 'status')) {
    case 'INVITE_STATUS_SENT':
      return (timeAt(invitation, 'expires_at') ?? Number.POSITIVE_INFINITY) <= now ? 'expired' : 'pending';
    case 'INVITE_STATUS_STAGED':
      return 'staged';
    case 'INVITE_STATUS_ACCEPTED':
      return 'accepted';
    case 'INVITE_STATUS_EXPIRED':
      return 'expired';
    case 'INVITE_STATUS_DEACTIVATED':
      return 'deactivated';
    default:
      return 'unknown';
  }
}

/** `pending, expires in 2 days` */
export function stateInWords(invitation: Invitation, now: number): string {
  const state = stateOf(invitation, now);
  const expires = textAt(invitation, 'expires_at');
  if (expires === undefined || (state !== 'pending' && state !== 'expired')) return state;
  return `${state === 'pending' ? 'pending, expires' : 'expired'} ${relativeTime(expires, now)}`;
}

/** Whether it can still be accepted. */
export function isLive(invitation: Invitation, now: number): boolean {
  const state = stateOf(invitation, now);
  return state === 'pending' || state === 'staged';
}

/** Whether it has no more than the specification requires of a row. */
export function isBare(row: Invitation): boolean {
  return !('status' in row) && !('user' in row) && textAt(row, 'id') !== undefined;
}

/** Whether it lacks what is decided by. */
export function isPartial(row: Invitation): boolean {
  return textAt(row, 'status') === undefined || textAt(row, 'user', 'id') === undefined;
}

/**
 * The invitations as they are by themselves: a row of a list need have no more than an id, an e-mail and metadata. What
 * cannot be read, or is answered without its id, is left as it is.
 */
export function wholeInvitations(
  client: { get(id: string): Promise<Invitation> },
  rows: readonly Invitation[],
  lacks = isPartial,
): Promise<Invitation[]> {
  return inTurns(rows, async (row) => {
    const id = textAt(row, 'id');
    if (id === undefined || !lacks(row)) return row;
    const found = await unlessMissing(client.get(id));
    return found !== undefined && textAt(found, 'id') === id ? found : row;
  });
}

/** Up to this many people are looked up one by one; for more, a pass over a whole list takes fewer requests. */
export const fewPeople = 20;

const readConcurrency = 4;

/** Reads something for each of them, a few at a time. */
export async function inTurns<T, R>(all: readonly T[], read: (one: T) => R | Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < all.length; start += readConcurrency)
    results.push(...(await Promise.all(all.slice(start, start + readConcurrency).map(read))));
  return results;
}

const references = ['user', 'creator'].flatMap((name) => [
  name,
  ...['id', 'related', 'resource_name', 'api_version', 'kind'].map((field) => `${name}.${field}`),
]);

const metadata = ['self', 'resource_name', 'created_at', 'updated_at', 'deleted_at'].map((name) => `metadata.${name}`);

export const invitationFields: readonly string[] = [
  'id',
  'email',
  'status',
  'state',
  'auth_type',
  'expires_at',
  'accepted_at',
  ...references,
  'metadata',
  ...metadata,
  'api_version',
  'kind',
];

/** Columns that the tables of invitations and of changes have in common. */
export const commonColumns = {
  id: { title: 'ID', field: 'id', rank: 2, narrowest: Number.POSITIVE_INFINITY, typical: 7 },
  email: { title: 'EMAIL', field: 'email', rank: 1, narrowest: 12, typical: 24 },
  state: { title: 'STATE', field: 'state', rank: 0, typical: 'deactivated'.length },
  expires: {
    title: 'EXPIRES',
    field: 'expires_at',
    rank: 3,
    typical: 20,
    // What was accepted or revoked can no longer expire.
    value: ({ state, expires_at }: Fields) => (endedStates.includes(state) ? undefined : expires_at),
  },
} as const satisfies Record<string, Column>;

const endedStates: readonly unknown[] = ['accepted', 'deactivated'] satisfies State[];

/** What an invitation says of itself, in the order in which it is read. */
const ownFields = ['id', 'email', 'state', 'status', 'auth_type', 'expires_at', 'accepted_at'];

/** The fields of the API, and the derived `state`. */
export const invitationView: View<Invitation> = {
  fields: invitationFields,
  times: ['expires_at', 'accepted_at', 'metadata.created_at', 'metadata.updated_at', 'metadata.deleted_at'],
  columns: [
    commonColumns.id,
    commonColumns.email,
    commonColumns.state,
    { title: 'AUTH', field: 'auth_type', rank: 5, typical: authTypes.local.length },
    commonColumns.expires,
    { title: 'USER', field: 'user.id', rank: 6 },
    { title: 'CREATED', field: 'metadata.created_at', rank: 4, typical: 20 },
  ],
  csv: [...ownFields, 'user.id', 'creator.id', 'metadata.created_at'],
  block: [
    ...ownFields,
    'user',
    'creator',
    'metadata.created_at',
    'metadata.updated_at',
    'metadata.resource_name',
    'metadata.self',
    'api_version',
    'kind',
  ],
  record: withState,
  id: (invitation) => textAt(invitation, 'id'),
};

/** The invitation that an e-mail refers to: the one that can still be accepted, otherwise the newest. */
export function currentInvitation(found: readonly Invitation[], now: number): Invitation | undefined {
  const live = found.filter((invitation) => isLive(invitation, now));
  return newest(live.length > 0 ? live : found);
}

function newest(invitations: readonly Invitation[]): Invitation | undefined {
  const created = (invitation: Invitation) => timeAt(invitation, 'metadata', 'created_at') ?? 0;
  return invitations.reduce<Invitation | undefined>(
    (best, one) => (best === undefined || created(one) > created(best) ? one : best),
    undefined,
  );
}
