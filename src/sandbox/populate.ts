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
  /** Of the invitation, or of the user if there is none; RFC 3339. Default: an hour ago if pending, else a month ago. */
  readonly created_at?: string;
  readonly expires_at?: string;
  /** Role bindings, in any state; a name alone is at organization scope. */
  readonly roles?: readonly (RoleSeed | string)[];
  /** The API keys that the person owns: ids, or a number of generated keys. */
  readonly api_keys?: readonly string[] | number;
}

export interface OrganizationSeed {
  readonly people?: readonly PersonSeed[];
  /** For any principal, which is not checked: `User:sa-…`, `User:pool-…`, `User:group-…`, `Group:…`, unknown users. */
  readonly role_bindings?: readonly (RoleSeed & { readonly principal: string; readonly id?: string })[];
  readonly api_keys?: readonly { readonly owner: string; readonly id?: string; readonly resource?: string }[];
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
  for (const { principal, id, ...role } of role_bindings) addRole(principal, { ...role, id }, context);
  for (const key of api_keys) addKey(key, context);
  return added;
}

const hour = 3_600_000;

function addPerson(person: PersonSeed, context: SeedContext): SeededPerson {
  const { state: personState = 'accepted', email, roles = [], api_keys: keys = [] } = person;
  const added =
    personState === 'member' || personState === 'sso_member'
      ? addMember(person, context)
      : addInvitation(person, personState, context);
  for (const role of roles) {
    addRole(`User:${added.user}`, typeof role === 'string' ? { role_name: role } : role, context);
  }
  const ids = typeof keys === 'number' ? Array.from({ length: keys }, () => undefined) : keys;
  for (const id of ids) addKey({ owner: added.user, id }, context);
  return { email, ...added };
}

function addMember(person: PersonSeed, { state, now, append }: SeedContext): { user: string } {
  const { email, state: personState, user = memberId(state.users.issued) } = person;
  const auth_type = person.auth_type ?? (personState === 'sso_member' ? 'AUTH_TYPE_SSO' : 'AUTH_TYPE_LOCAL');
  const created_at = person.created_at ?? timestamp(now - 30 * 24 * hour);
  const full_name = person.full_name ?? nameFrom(email);
  append({ put: 'user', row: { id: user, email, full_name, auth_type, created_at } });
  return { user };
}

function addInvitation(
  person: PersonSeed,
  personState: Exclude<PersonState, 'member' | 'sso_member'>,
  context: SeedContext,
): { user: string; invitation: string } {
  const row = invitationRow(person, personState, context);
  context.append({ put: 'invitation', row });
  if (personState === 'accepted') {
    const user = userFrom(row, row.accepted_at ?? row.created_at);
    const { email, full_name = user.full_name } = person;
    context.append({ put: 'user', row: { ...user, email, full_name } });
  }
  return { user: row.user, invitation: row.id };
}

const statuses = {
  pending: 'SENT',
  staged: 'STAGED',
  expired: 'SENT',
  deactivated: 'DEACTIVATED',
  accepted: 'ACCEPTED',
  left: 'ACCEPTED',
} as const;

function invitationRow(
  { email, invited_as = email, auth_type, user, created_at: created, expires_at: expires }: PersonSeed,
  personState: keyof typeof statuses,
  { state, settings, now }: SeedContext,
): InvitationRow {
  const number = state.invitations.issued;
  const isPending = personState === 'pending' || personState === 'staged';
  const created_at = created ?? timestamp(now - (isPending ? hour : 30 * 24 * hour));
  const start = Date.parse(created_at);
  const expiry = isPending ? Math.max(start + settings.expires_after, now + hour) : start + settings.expires_after;
  const ended = timestamp(Math.min(start + Math.floor(settings.expires_after / 3), now));
  return {
    id: idOf('i-', number),
    email: invited_as,
    auth_type: auth_type ?? (settings.sso === 'yes' ? 'AUTH_TYPE_SSO' : 'AUTH_TYPE_LOCAL'),
    // An expired row is SENT with expires_at in the past.
    status: statuses[personState],
    created_at,
    updated_at: personState === 'deactivated' ? ended : created_at,
    expires_at: expires ?? timestamp(personState === 'expired' ? Math.min(expiry, now - settings.expiry_lag) : expiry),
    ...(statuses[personState] === 'ACCEPTED' ? { accepted_at: ended } : {}),
    ...(personState === 'deactivated' ? { deleted_at: ended } : {}),
    user: user ?? idOf('u-', number),
    creator: owner.id,
    mails: 0,
  };
}

function addRole(
  principal: string,
  { role_name, crn_pattern = organizationCrn, id }: RoleSeed & { readonly id?: string | undefined },
  { state, now, append }: SeedContext,
): void {
  const row = { id: id ?? idOf('rb-', state.bindings.issued), principal, role_name, crn_pattern };
  append({ put: 'binding', row: { ...row, created_at: timestamp(now) } });
}

function addKey(
  {
    owner: ownerId,
    id,
    resource = 'cloud',
  }: { readonly owner: string; readonly id?: string | undefined; readonly resource?: string },
  { state, now, append }: SeedContext,
): void {
  const row = { id: id ?? apiKeyId(state.keys.issued), owner: ownerId, resource, display_name: `key of ${ownerId}` };
  append({ put: 'api_key', row: { ...row, created_at: timestamp(now) } });
}
