import { apiKeyId, idOf, memberId, organization, owner, ownerServiceAccount, timestamp } from './identifiers.ts';
import { userFrom } from './invitations.ts';
import { organizationCrn } from './resources.ts';
import type { Entry, InvitationRow, PersonState, UserRow } from './rows.ts';
import type { Settings } from './settings.ts';
import type { State } from './state.ts';
import type { AppendEntry } from './store.ts';

export interface RoleSeed {
  readonly role_name: string;
  /** Unsaid: the organization as a whole. */
  readonly crn_pattern?: string;
}

export interface PersonSeed {
  readonly email: string;
  /** Unsaid: accepted. */
  readonly state?: PersonState;
  readonly auth_type?: 'AUTH_TYPE_LOCAL' | 'AUTH_TYPE_SSO';
  readonly full_name?: string;
  /** The id of the user. Unsaid: the next one. */
  readonly user?: string;
  /** Of the invitation, or of the user where there is none. RFC 3339. Unsaid: an hour ago if pending, else a month. */
  readonly created_at?: string;
  readonly expires_at?: string;
  /** Direct roles, also of those who are pending or have left; a name alone is at organization scope. */
  readonly roles?: readonly (RoleSeed | string)[];
  /** API keys that the person owns: ids, or how many. */
  readonly api_keys?: readonly string[] | number;
}

export interface OrganizationSeed {
  readonly people?: readonly PersonSeed[];
  /** Of anybody, taken as they are: `User:sa-…`, `User:pool-…`, `User:group-…`, `Group:…`, users that never were. */
  readonly role_bindings?: readonly (RoleSeed & { readonly principal: string; readonly id?: string })[];
  readonly api_keys?: readonly { readonly owner: string; readonly id?: string; readonly resource?: string }[];
}

export interface SeededPerson {
  readonly email: string;
  /** The id of the user, also of one that is gone or not there yet. */
  readonly user: string;
  /** The id of the invitation, if there is one. */
  readonly invitation?: string;
}

interface World {
  readonly state: State;
  readonly switches: Settings;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Adds rows as they are wanted, past every rule of the API. */
export function populate(
  { people = [], role_bindings = [], api_keys = [] }: OrganizationSeed,
  world: World,
  record: AppendEntry,
): readonly SeededPerson[] {
  const added = people.map((person) => addPerson(person, world, record));
  for (const { principal, id, ...role } of role_bindings) addRole(principal, { ...role, id }, world, record);
  for (const key of api_keys) addKey(key, world, record);
  return added;
}

const hour = 3_600_000;

function addPerson(person: PersonSeed, world: World, record: AppendEntry): SeededPerson {
  const { state: fate = 'accepted', email, roles = [], api_keys: keys = [] } = person;
  const added =
    fate === 'member' || fate === 'sso_member'
      ? addMember(person, world, record)
      : addInvitation(person, fate, world, record);
  for (const role of roles) {
    addRole(`User:${added.user}`, typeof role === 'string' ? { role_name: role } : role, world, record);
  }
  const ids = typeof keys === 'number' ? Array.from({ length: keys }, () => undefined) : keys;
  for (const id of ids) addKey({ owner: added.user, id }, world, record);
  return { email, ...added };
}

function addMember(person: PersonSeed, { state, now }: World, record: AppendEntry): { user: string } {
  const { email, state: fate, user = memberId(state.users.issued) } = person;
  const auth_type = person.auth_type ?? (fate === 'sso_member' ? 'AUTH_TYPE_SSO' : 'AUTH_TYPE_LOCAL');
  const created_at = person.created_at ?? timestamp(now - 30 * 24 * hour);
  const full_name = person.full_name ?? email.slice(0, email.lastIndexOf('@')).replaceAll(/[._]+/g, ' ');
  record({ put: 'user', row: { id: user, email, full_name, auth_type, created_at } });
  return { user };
}

function addInvitation(
  person: PersonSeed,
  fate: Exclude<PersonState, 'member' | 'sso_member'>,
  world: World,
  record: AppendEntry,
): { user: string; invitation: string } {
  const row = invitationRow(person, fate, world);
  record({ put: 'invitation', row });
  if (fate === 'accepted')
    record({ put: 'user', row: named(userFrom(row, row.accepted_at ?? row.created_at), person) });
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
  { email, auth_type, user, created_at: created, expires_at: expires }: PersonSeed,
  fate: keyof typeof statuses,
  { state, switches, now }: World,
): InvitationRow {
  const number = state.invitations.issued;
  const isOpen = fate === 'pending' || fate === 'staged';
  const created_at = created ?? timestamp(now - (isOpen ? hour : 30 * 24 * hour));
  const start = Date.parse(created_at);
  const lasting = isOpen ? Math.max(start + switches.expires_after, now + hour) : start + switches.expires_after;
  const ended = timestamp(Math.min(start + Math.floor(switches.expires_after / 3), now));
  return {
    id: idOf('i-', number),
    email,
    auth_type: auth_type ?? (switches.sso === 'yes' ? 'AUTH_TYPE_SSO' : 'AUTH_TYPE_LOCAL'),
    // SENT turns into EXPIRED by the time.
    status: statuses[fate],
    created_at,
    updated_at: fate === 'deactivated' ? ended : created_at,
    expires_at: expires ?? timestamp(fate === 'expired' ? Math.min(lasting, now - switches.expiry_lag) : lasting),
    ...(statuses[fate] === 'ACCEPTED' ? { accepted_at: ended } : {}),
    ...(fate === 'deactivated' ? { deleted_at: ended } : {}),
    user: user ?? idOf('u-', number),
    creator: owner.id,
    mails: 0,
  };
}

function named(row: UserRow, { full_name }: PersonSeed): UserRow {
  return full_name === undefined ? row : { ...row, full_name };
}

function addRole(
  principal: string,
  { role_name, crn_pattern = organizationCrn, id }: RoleSeed & { readonly id?: string | undefined },
  { state, now }: World,
  record: AppendEntry,
): void {
  const row = { id: id ?? idOf('rb-', state.bindings.issued), principal, role_name, crn_pattern };
  record({ put: 'binding', row: { ...row, created_at: timestamp(now) } });
}

function addKey(
  {
    owner: of,
    id,
    resource = 'cloud',
  }: { readonly owner: string; readonly id?: string | undefined; readonly resource?: string },
  { state, now }: World,
  record: AppendEntry,
): void {
  const row = { id: id ?? apiKeyId(state.keys.issued), owner: of, resource, display_name: `key of ${of}` };
  record({ put: 'api_key', row: { ...row, created_at: timestamp(now) } });
}

/** Whose key a request comes with. */
export interface Caller {
  readonly api_key: string;
  readonly isServiceAccount: boolean;
}

export function ownerOf({ isServiceAccount }: Caller): string {
  return isServiceAccount ? ownerServiceAccount : owner.id;
}

/** The organization before its first invitation: one member, who administers it, and the key of the caller. */
export function founded(caller: Caller): readonly Entry[] {
  const { created_at } = organization;
  const key = { id: caller.api_key, owner: ownerOf(caller), resource: 'cloud', display_name: 'sandbox', created_at };
  const administrators = caller.isServiceAccount ? [owner.id, ownerServiceAccount] : [owner.id];
  return [
    { put: 'user', row: owner },
    { put: 'api_key', row: key },
    ...administrators.map((id): Entry => ({ put: 'binding', row: administration(id) })),
  ];
}

function administration(id: string) {
  const { created_at } = organization;
  const principal = `User:${id}`;
  return { id: `rb-${id}`, principal, role_name: 'OrganizationAdmin', crn_pattern: organizationCrn, created_at };
}
