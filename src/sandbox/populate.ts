import { organizationCrn, owner } from './organization.ts';
import {
  type AppendEntry,
  apiKeyId,
  type InvitationRow,
  idOf,
  memberId,
  nameFrom,
  type PersonState,
  timestamp,
  userFrom,
} from './rows.ts';
import type { Settings } from './settings.ts';
import type { State } from './state.ts';

export interface RoleSeed {
  readonly role_name: string;
  /** Default: the whole organization. */
  readonly crn_pattern?: string;
}

export interface PersonSeed {
  readonly email: string;
  /** The e-mail of the invitation, where that of the user has changed since. Default: the same. */
  readonly invited_as?: string;
  /** Default: accepted. */
  readonly state?: PersonState;
  readonly auth_type?: 'AUTH_TYPE_LOCAL' | 'AUTH_TYPE_SSO';
  readonly full_name?: string;
  /** The id of the user. Default: a generated one. */
  readonly user?: string;
  /** The id of the invitation. Default: a generated one. */
  readonly invitation?: string;
  /** Of the invitation, or of the user if there is none; RFC 3339. Default: an hour ago if pending, else a month ago. */
  readonly created_at?: string;
  readonly expires_at?: string;
  /** Role bindings, in any state; a name alone is at organization scope. */
  readonly roles?: readonly (RoleSeed | string)[];
  /** The API keys that the person owns: ids, or a number of generated keys. */
  readonly api_keys?: readonly string[] | number;
}

interface BindingSeed extends RoleSeed {
  readonly principal: string;
  readonly id?: string;
}

interface KeySeed {
  readonly owner: string;
  readonly id?: string;
  readonly resource?: string;
}

export interface OrganizationSeed {
  readonly people?: readonly PersonSeed[];
  /** For any principal, which is not checked: `User:sa-…`, `User:pool-…`, `User:group-…`, `Group:…`, unknown users. */
  readonly role_bindings?: readonly BindingSeed[];
  readonly api_keys?: readonly KeySeed[];
}

export interface SeededPerson {
  readonly email: string;
  /** The id of the user, even if deleted or not yet created. */
  readonly user: string;
  /** The id of the invitation, if any. */
  readonly invitation?: string;
}

export interface SeedContext {
  readonly state: State;
  readonly settings: Settings;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly append: AppendEntry;
}

/** Adds the given rows without applying the rules of the API. */
export function populate(
  { people = [], role_bindings = [], api_keys = [] }: OrganizationSeed,
  context: SeedContext,
): readonly SeededPerson[] {
  const added = people.map((person) => addPerson(person, context));
  for (const binding of role_bindings) addBinding(binding, context);
  for (const key of api_keys) addKey(key, context);
  return added;
}

const hour = 3_600_000;

function addPerson(person: PersonSeed, context: SeedContext): SeededPerson {
  const { email, roles = [], api_keys = [] } = person;
  const { state = 'accepted' } = person;
  const added =
    state === 'member' || state === 'sso_member'
      ? addMember(person, context)
      : addInvitation(person, invitationRow(person, state, context), context);
  for (const role of roles) {
    addBinding(
      { principal: `User:${added.user}`, ...(typeof role === 'string' ? { role_name: role } : role) },
      context,
    );
  }
  if (typeof api_keys !== 'number') for (const id of api_keys) addKey({ owner: added.user, id }, context);
  else for (let count = 0; count < api_keys; count++) addKey({ owner: added.user }, context);
  return { email, ...added };
}

function addMember(person: PersonSeed, { state, now, append }: SeedContext): { user: string } {
  const { email, user = memberId(state.users.issued), full_name = nameFrom(email) } = person;
  const { auth_type = person.state === 'sso_member' ? 'AUTH_TYPE_SSO' : 'AUTH_TYPE_LOCAL' } = person;
  const created_at = timestamp(timeOf(person.created_at) ?? now - 30 * 24 * hour);
  append({ put: 'user', row: { id: user, email, full_name, auth_type, created_at } });
  return { user };
}

function addInvitation(
  { email, full_name, state = 'accepted' }: PersonSeed,
  row: InvitationRow,
  { append }: SeedContext,
): { user: string; invitation: string } {
  append({ put: 'invitation', row });
  if (state === 'accepted') {
    const user = userFrom(row, row.accepted_at ?? row.created_at);
    append({ put: 'user', row: { ...user, email, full_name: full_name ?? user.full_name } });
  }
  return { user: row.user, invitation: row.id };
}

const statuses = {
  pending: 'SENT',
  staged: 'STAGED',
  // With expires_at in the past.
  expired: 'SENT',
  deactivated: 'DEACTIVATED',
  accepted: 'ACCEPTED',
  left: 'ACCEPTED',
} as const;

function invitationRow(
  person: PersonSeed,
  personState: keyof typeof statuses,
  { state, settings, now }: SeedContext,
): InvitationRow {
  const number = state.invitations.issued;
  const isPending = personState === 'pending' || personState === 'staged';
  const start = timeOf(person.created_at) ?? now - (isPending ? hour : 30 * 24 * hour);
  const created_at = person.created_at ?? timestamp(start);
  const ended = timestamp(Math.min(start + Math.floor(settings.expires_after / 3), now));
  return {
    id: person.invitation ?? idOf('i-', number),
    email: person.invited_as ?? person.email,
    auth_type: person.auth_type ?? (settings.sso === 'yes' ? 'AUTH_TYPE_SSO' : 'AUTH_TYPE_LOCAL'),
    status: statuses[personState],
    created_at,
    updated_at: personState === 'deactivated' ? ended : created_at,
    expires_at: timestamp(timeOf(person.expires_at) ?? expiryOf(personState, start, { settings, now })),
    ...(statuses[personState] === 'ACCEPTED' ? { accepted_at: ended } : {}),
    ...(personState === 'deactivated' ? { deleted_at: ended } : {}),
    user: person.user ?? idOf('u-', number),
    creator: owner.id,
    mails: 0,
  };
}

/** Milliseconds since 1970. */
function expiryOf(
  personState: keyof typeof statuses,
  start: number,
  { settings: { expires_after, expiry_lag }, now }: Pick<SeedContext, 'settings' | 'now'>,
): number {
  const expiry = start + expires_after;
  if (personState === 'expired') return Math.min(expiry, now - expiry_lag);
  return personState === 'pending' || personState === 'staged' ? Math.max(expiry, now + hour) : expiry;
}

function timeOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text);
}

function addBinding(
  { id, principal, role_name, crn_pattern = organizationCrn }: BindingSeed,
  { state, now, append }: SeedContext,
): void {
  const row = { id: id ?? idOf('rb-', state.bindings.issued), principal, role_name, crn_pattern };
  append({ put: 'binding', row: { ...row, created_at: timestamp(now) } });
}

function addKey({ id, owner: ownerId, resource = 'cloud' }: KeySeed, { state, now, append }: SeedContext): void {
  const row = { id: id ?? apiKeyId(state.keys.issued), owner: ownerId, resource, display_name: `key of ${ownerId}` };
  append({ put: 'api_key', row: { ...row, created_at: timestamp(now) } });
}
