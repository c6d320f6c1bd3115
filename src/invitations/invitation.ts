import { CliError } from '../errors.ts';

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

/** How the person signs in, as the API spells it. */
export const authTypes = { sso: 'AUTH_TYPE_SSO', local: 'AUTH_TYPE_LOCAL' } as const;

export type AuthType = keyof typeof authTypes;

/**
 * An invitation as the API sent it, unknown fields included. The specification requires hardly any field, and a value
 * may be null or of another type: read it with `textAt`.
 */
export type Invitation = Readonly<Record<string, unknown>>;

/**
 * Checks one item that was just parsed, and writes its `state` of this moment into it. Throws `bad_response` on anything
 * that is not an object.
 */
export function asInvitation(value: unknown, now: number): Invitation {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const invitation = value as Record<string, unknown>;
    invitation.state = stateOf(invitation, now);
    return invitation;
  }
  throw new CliError('bad_response', 'the API answered with something that is not an invitation', {
    reason: `expected an object, got ${value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value}`,
  });
}

/** The text of a field, or of a field inside it (`user`, `id`); undefined if there is none. */
export function textAt(invitation: Invitation, field: string, inner?: string): string | undefined {
  let value: unknown = Object.hasOwn(invitation, field) ? invitation[field] : undefined;
  if (inner !== undefined) {
    value =
      typeof value === 'object' && value !== null && Object.hasOwn(value, inner)
        ? Reflect.get(value, inner)
        : undefined;
  }
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The time of a field in milliseconds since 1970; undefined for none, for nonsense, and for the year 1, which means never. */
export function timeAt(invitation: Invitation, field: string, inner?: string): number | undefined {
  const time = Date.parse(textAt(invitation, field, inner) ?? '');
  return Number.isNaN(time) || time < Date.UTC(1900) ? undefined : time;
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

/** Whether it can still be accepted. */
export function isLive(invitation: Invitation, now: number): boolean {
  const state = stateOf(invitation, now);
  return state === 'pending' || state === 'staged';
}
