import { foldEmail, nameOf } from '../api/email.ts';
import { authTypes, commonColumns, type State as InvitationState, isLive, stateOf } from '../api/invitation.ts';
import { isAdminRole, roleOn, typedRole } from '../api/roles.ts';
import type { User } from '../api/users.ts';
import { CliError } from '../errors.ts';
import type { View } from '../output/view.ts';
import { compareTexts } from '../text/sanitize.ts';
import { countsInWords } from '../text/times.ts';
import type { Sight } from './observe.ts';
import {
  currentInvitation,
  type Invited,
  invitedAs,
  type Observed,
  type OtherPrincipals,
  type Person,
  personNamed,
  userIdsOf,
} from './observed.ts';

/** Everybody who is or was in the organization, a row a person. `left`: accepted, and no user any more. */
export const personStates = [
  'member',
  'pending',
  'expired',
  'staged',
  'deactivated',
  'left',
  'unknown',
] as const satisfies readonly (Exclude<InvitationState, 'accepted'> | 'member' | 'left')[];

/** `none`: neither a member nor ever invited. */
export type PersonState = (typeof personStates)[number] | 'none';

export const unreadable = '?' as const;

/** What is shown of one person, or of one user where several have the same address; null is unknown. */
export type RosterRow = ReturnType<typeof rowOf>;

type Seen = Pick<Sight, 'observed' | 'now' | 'apiKeys'>;

/** Everybody, in the order of their e-mails. */
export function rosterOf(seen: Seen): RosterRow[] {
  const rows = [...seen.observed.people.values()].flatMap((person) => rosterRows(person, seen));
  return rows.sort((a, b) => compareTexts(foldEmail(a.email), foldEmail(b.email)));
}

/** The row of whom an e-mail or the id of a user names; an address of several users names all of them in one row. */
export function rowNamed(name: string, seen: Seen): RosterRow | undefined {
  const person = personNamed(name, seen.observed);
  const own = person && eachUser(person, seen.now).find((one) => userIdsOf(one).includes(name));
  return person && rowOf(own ?? person, seen);
}

/** The rows of whom a name is: several for an address of several users, and one for a stranger. */
export function rowsNamed(name: string, seen: Seen): RosterRow[] {
  const row = rowNamed(name, seen);
  return row === undefined ? [strangerRow(name, seen)] : rosterRows(row.person, seen);
}

function strangerRow(name: string, seen: Seen): RosterRow {
  const bindings = seen.observed.orphans.get(name) ?? [];
  const person = { email: name, users: [], invitations: [], bindings };
  const row = rowOf(person, { ...seen, apiKeys: undefined });
  return name.includes('@') ? row : { ...row, user: { id: name } };
}

function rosterRows(person: Person, seen: Seen): RosterRow[] {
  return eachUser(person, seen.now).map((one) => rowOf(one, seen));
}

/** The person; where several users have the same address, one for each, and one for who may still become another. */
function eachUser(person: Person, now: number): Person[] {
  const { email, users, invitations, bindings } = person;
  if (users.length < 2) return [person];
  const ids = new Set<string | undefined>(users.map(({ id }) => id));
  const isOther = (one: { readonly user: string | undefined }) => !ids.has(one.user);
  const others = { email, users: [], invitations: invitations.filter(isOther), bindings: bindings.filter(isOther) };
  const hasOthers = others.bindings.length > 0 || others.invitations.some((one) => isLive(one, now));
  const members = users.map((user) => {
    const isTheirs = (one: { readonly user: string | undefined }) => one.user === user.id;
    const theirs = invitations.filter(isTheirs);
    const held = bindings.filter(isTheirs);
    return { email: user.email || user.id, users: [user], invitations: theirs, bindings: held };
  });
  return hasOthers ? [...members, others] : members;
}

function rowOf(person: Person, { observed, now, apiKeys }: Seen) {
  const [user] = person.users;
  const current =
    user === undefined ? currentInvitation(person.invitations, now) : invitationOf(user, person.invitations);
  const { created_at = null, accepted_at = null, expires_at = null } = current ?? {};
  const id = user?.id || current?.user;
  // Nobody can tell what an unnamed user has.
  const isNamed = id !== undefined || (user === undefined && current === undefined);
  const former = invitedAs(person);
  return {
    email: person.email,
    ...(former === undefined ? {} : { invited_as: former }),
    user: id === undefined ? null : { id },
    full_name: user?.full_name ?? null,
    state: stateIn(user, current, now),
    signs_in: signInOf(user?.auth_type ?? current?.auth_type),
    origin: originOf(user, current),
    roles: observed.hasRoles && isNamed ? rolesIn(person) : unreadable,
    // Who is not in owns none, whether or not their user is named.
    ...(apiKeys === undefined ? {} : { api_keys: isNamed || user === undefined ? keyCount(id, apiKeys) : unreadable }),
    invited_by: inviterOf(current, observed),
    /** Members since they accepted, others since they were invited. */
    since: accepted_at ?? (user === undefined ? created_at : null),
    invited_at: created_at,
    accepted_at,
    expires_at,
    invitation: current === undefined ? null : { id: current.id },
    /** Not shown. */
    person,
    creator: current?.creator,
  };
}

function rolesIn({ bindings }: Person) {
  const held = new Set(bindings.map(({ role }) => role));
  return Array.from(held, ({ role_name, crn_pattern }) => ({ role_name, crn_pattern }));
}

function keyCount(user: string | undefined, apiKeys: NonNullable<Seen['apiKeys']>): number | typeof unreadable {
  if (apiKeys === 'unreadable') return unreadable;
  return (user === undefined ? undefined : apiKeys.get(user))?.length ?? 0;
}

/** Tells rows apart: several people may share an address, or the id of a user. */
export function rowKey({ email, user }: RosterRow): string {
  return `${foldEmail(email)} ${user?.id}`;
}

/** A member's is the one that was accepted, by this user if the API says so. */
function invitationOf({ id }: User, invitations: readonly Invited[]): Invited | undefined {
  const accepted = invitations.filter(({ status }) => status === 'INVITE_STATUS_ACCEPTED');
  return accepted.find(({ user }) => user === id) ?? accepted[0] ?? invitations[0];
}

function stateIn(user: User | undefined, invitation: Invited | undefined, now: number): PersonState {
  if (user !== undefined) return 'member';
  if (invitation === undefined) return 'none';
  const state = stateOf(invitation, now);
  return state === 'accepted' ? 'left' : state;
}

/** The word of `--auth-type`, or what the API says. */
function signInOf(auth_type: string | undefined): string | null {
  return Object.entries(authTypes).find(([, constant]) => constant === auth_type)?.[0] ?? auth_type ?? null;
}

/** How somebody came into the organization; `sso`: the identity provider made the user, just in time or by SCIM. */
function originOf(user: User | undefined, invitation: Invited | undefined): 'invitation' | 'sso' | 'unknown' | null {
  if (invitation !== undefined) return 'invitation';
  if (user === undefined) return null;
  return user.auth_type === authTypes.sso ? 'sso' : 'unknown';
}

/** The e-mail of the creator if they are a member, otherwise the id. */
function inviterOf(invitation: Invited | undefined, { named }: Observed): string | null {
  const { creator } = invitation ?? {};
  if (creator === undefined) return null;
  return named.get(creator)?.users.find(({ id }) => id === creator)?.email || creator;
}

/** Whether somebody holds a role that can grant every other role. */
export function isAdministrator({ bindings }: Person): boolean {
  return bindings.some(({ role }) => isAdminRole(role.role_name));
}

const fields = [
  'email',
  'invited_as',
  'user',
  'user.id',
  'full_name',
  'state',
  'signs_in',
  'origin',
  'roles',
  'api_keys',
  'invited_by',
  'since',
  'invited_at',
  'accepted_at',
  'expires_at',
  'invitation',
  'invitation.id',
];

/** @param apiKeys Whether their number is shown. */
export function rosterView({ apiKeys }: { readonly apiKeys: boolean }): View<RosterRow> {
  const shown = fields.filter((field) => apiKeys || field !== 'api_keys');
  return {
    fields: shown,
    times: ['since', 'invited_at', 'accepted_at', 'expires_at'],
    words: {
      email: nameOf,
      roles: (roles) => joinedRoles(roles, roleOn, ', '),
      invited_by: (inviter, { origin }) => (typeof inviter === 'string' ? inviter : origin === 'sso' ? 'by SSO' : ''),
    },
    columns: [
      commonColumns.email,
      commonColumns.state,
      { title: 'ROLES', field: 'roles', rank: 2 },
      ...(apiKeys ? [{ title: 'API KEYS', field: 'api_keys', rank: 3 }] : []),
      { title: 'INVITED BY', field: 'invited_by', rank: 5 },
      { title: 'SINCE', field: 'since', rank: 4 },
    ],
    csv: shown.filter((field) => !['user', 'invitation', 'invited_as', 'since'].includes(field)),
    // As a file of people has them, so that the list can be read again.
    csvText: { roles: (roles) => joinedRoles(roles, typedRole, ' ') },
    block: shown.filter((field) => field !== 'user.id' && field !== 'invitation.id'),
    record: ({ person: _, creator: __, ...shown }) => shown,
    id: ({ user, state, email }) => user?.id ?? (state === 'none' ? undefined : email),
  };
}

type RoleRecord = ReturnType<typeof rolesIn>[number];

/** Each once and with its scope; `?` if they may not be read. */
function joinedRoles(roles: unknown, write: (role: RoleRecord) => string, separator: string): string {
  if (!Array.isArray(roles)) return roles === unreadable ? unreadable : '';
  return [...new Set((roles as readonly RoleRecord[]).map(write))].sort(compareTexts).join(separator);
}

/** The error for a name that nobody in the organization has. */
export function strangerError(target: string, hints: readonly string[]): CliError {
  return new CliError('not_found', `"${target}" is neither a member nor invited`, { target, hints });
}

/** The number of principals that have roles and are in no list of people; unknown users are ids that no user or invitation has. */
export function notListed({ others, orphans }: Observed) {
  return { ...others, unknown_users: orphans.size };
}

/** Says what no list of people shows, although it may give roles; undefined if there is nothing of the kind. */
export function notShown(counted: OtherPrincipals & { readonly unknown_users?: number }) {
  const { service_accounts, identity_pools, group_mappings, others, unknown_users = 0 } = counted;
  const counts = countsInWords([
    [service_accounts, 'service account'],
    [identity_pools, 'identity pool'],
    [group_mappings, 'group mapping'],
    [others, 'other principal'],
    [unknown_users, 'unknown user'],
  ]);
  return counts === '' ? undefined : `not shown: ${counts}; they may give roles that no list of people shows`;
}
