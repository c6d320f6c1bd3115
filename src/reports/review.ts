import { isAdminRole } from '../api/roles.ts';
import type { Sight } from '../membership/observe.ts';
import { isPresent, type OtherPrincipals } from '../membership/observed.ts';
import {
  type PersonState,
  personStates,
  type RosterRow,
  rosterOf,
  rosterRecord,
  unreadable,
} from '../membership/roster.ts';

/** Who may do what in an organization. Null: this key may not read it. Times are RFC 3339, as the API sent them. */
export interface Review {
  readonly organization: { readonly id: string; readonly display_name: string | null };
  /** The e-mail of the owner of the key, otherwise their id. */
  readonly generated_by: string | null;
  readonly people_by_state: Readonly<Record<PersonState, number>>;
  readonly administrators: readonly Administrator[] | null;
  /** Only if the keys were read. */
  readonly api_key_owners?: readonly { readonly email: string; readonly api_keys: number }[] | null;
  /** Members and pending people. */
  readonly without_roles: readonly { readonly email: string; readonly state: PersonState }[] | null;
  readonly pending: readonly Invitee[];
  readonly expired: readonly Invitee[];
  /** Principals that are not people, and may have roles all the same. */
  readonly not_shown: OtherPrincipals | null;
}

interface Administrator {
  readonly email: string;
  readonly state: PersonState;
  readonly roles: readonly { readonly role_name: string; readonly crn_pattern: string }[];
  /** When they accepted, otherwise when they were invited. */
  readonly since: string | null;
  readonly invited_by: string | null;
}

interface Invitee {
  readonly email: string;
  readonly invited_at: string | null;
  readonly expires_at: string | null;
  readonly invited_by: string | null;
}

export function reviewOf(sight: Sight): Review {
  const { observed, organization, caller, apiKeys } = sight;
  const rows = rosterOf(sight);
  const whereHas = <T>(value: T) => (observed.hasRoles ? value : null);
  const owner = rows.find(({ user }) => user !== undefined && user === caller)?.email ?? caller;
  return {
    organization: { id: organization.id, display_name: organization.display_name ?? null },
    generated_by: owner ?? null,
    people_by_state: countsOf(rows),
    administrators: whereHas(rows.filter(isPresent).flatMap(administratorIn)),
    ...(apiKeys === undefined ? {} : { api_key_owners: ownersIn(rows) }),
    without_roles: whereHas(
      rows.filter(isPresent).flatMap(({ email, state, bindings }) => (bindings.length === 0 ? [{ email, state }] : [])),
    ),
    pending: rows.filter((row) => isPresent(row) && row.state !== 'member').map(inviteeIn),
    expired: rows.filter(({ state }) => state === 'expired').map(inviteeIn),
    not_shown: whereHas(observed.others),
  };
}

function countsOf(rows: readonly RosterRow[]): Review['people_by_state'] {
  const counts = Object.fromEntries(personStates.map((state) => [state, 0])) as Record<PersonState, number>;
  for (const { state } of rows) counts[state] += 1;
  return counts;
}

function administratorIn(row: RosterRow): Administrator[] {
  if (row.bindings === unreadable) return [];
  const held = [...new Set(row.bindings.map(({ role }) => role))].filter(({ role_name }) => isAdminRole(role_name));
  const roles = held.map(({ role_name, crn_pattern }) => ({ role_name, crn_pattern }));
  if (roles.length === 0) return [];
  const { invited_at, accepted_at, invited_by } = rosterRecord(row) as Readonly<Record<string, string | null>>;
  return [
    {
      email: row.email,
      state: row.state,
      roles,
      since: accepted_at ?? invited_at ?? null,
      invited_by: invited_by ?? null,
    },
  ];
}

function ownersIn(rows: readonly RosterRow[]): NonNullable<Review['api_key_owners']> | null {
  if (rows.some(({ apiKeys }) => apiKeys === unreadable)) return null;
  return rows.flatMap(({ email, apiKeys = [] }) => (apiKeys.length === 0 ? [] : [{ email, api_keys: apiKeys.length }]));
}

function inviteeIn({ email, invitation, invited_by }: RosterRow): Invitee {
  const { created_at = null, expires_at = null } = invitation ?? {};
  return { email, invited_at: created_at, expires_at, invited_by: invited_by ?? null };
}
