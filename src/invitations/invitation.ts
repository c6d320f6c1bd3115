import { CliError } from '../errors.ts';

/** The five values that are documented; the list is open, the server may send others. */
export const statuses = [
  'INVITE_STATUS_SENT',
  'INVITE_STATUS_STAGED',
  'INVITE_STATUS_ACCEPTED',
  'INVITE_STATUS_EXPIRED',
  'INVITE_STATUS_DEACTIVATED',
] as const;

export const states = ['pending', 'expired', 'accepted', 'staged', 'deactivated', 'unknown'] as const;

export type State = (typeof states)[number];

/** How somebody signs in, as the API spells it. */
export const authTypes = { sso: 'AUTH_TYPE_SSO', local: 'AUTH_TYPE_LOCAL' } as const;

export type AuthType = keyof typeof authTypes;

/**
 * An invitation as the API sent it, fields we do not know included. No field is promised: the specification requires
 * next to none, and what a server sends under a name may be null or of another type. Read it with `textAt`.
 */
export type Invitation = Readonly<Record<string, unknown>>;

/** Checks one item of an answer. Throws `bad_response` on anything that is not an object. */
export function asInvitation(value: unknown): Invitation {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Invitation;
  throw new CliError('bad_response', 'the API answered with something that is not an invitation', {
    reason: `an object was due, ${value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value} came`,
  });
}

/** The text under a name, or under a name inside a name (`user`, `id`); undefined where there is none. */
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

/** Milliseconds since 1970 under a name; undefined for none, nonsense, and the year 1 that stands for "never". */
export function timeAt(invitation: Invitation, field: string, inner?: string): number | undefined {
  const time = Date.parse(textAt(invitation, field, inner) ?? '');
  return Number.isNaN(time) || time < Date.UTC(1900) ? undefined : time;
}

/** What the invitation is now. SENT past its `expires_at` is expired, even while the server has not noticed. */
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
