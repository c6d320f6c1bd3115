import { foldEmail } from '../api/email.ts';
import { type Invitation, type State as InvitationState, isLive, stateOf, timeAt } from '../api/invitation.ts';
import type { ListedBinding } from '../api/role-bindings.ts';
import { type BoundRole, crnOf, decodedCrn, type Role } from '../api/roles.ts';
import type { User } from '../api/users.ts';
import { textAt } from '../text/json-fields.ts';
import { compareTexts } from '../text/sanitize.ts';

/** A role and its scope. `ScopedRoles` makes one object for each pair, so that they can be compared by identity. */
export interface ScopedRole extends BoundRole {
  /** Percent-decoded, since the API may return `%3A` for `:`; shown to people and compared by plans. */
  readonly crn: string;
}

/** The scoped roles of an organization: tens of thousands of bindings have a few thousand of them. */
class ScopedRoles {
  readonly #known = new Map<string, ScopedRole>();
  /** By the role of a file, which many people share. */
  readonly #byRole = new Map<Role, ScopedRole>();

  of(role_name: string, crn_pattern: string): ScopedRole {
    const crn = decodedCrn(crn_pattern);
    const key = `${role_name} ${crn}`;
    const role = this.#known.get(key) ?? { role_name, crn_pattern, crn };
    this.#known.set(key, role);
    return role;
  }

  /** @param organization Must be the same in each call. */
  ofRole(role: Role, organization: string): ScopedRole {
    const known = this.#byRole.get(role) ?? this.of(role.role_name, crnOf(role, organization));
    this.#byRole.set(role, known);
    return known;
  }
}

/** An invitation, with what is decided by. */
export type Invited = {
  /** As the API sent it. */
  readonly sent: Invitation;
  readonly id: string;
  readonly email: string;
  readonly status: string;
  readonly auth_type: string | undefined;
  readonly expires_at: string | undefined;
  readonly accepted_at: string | undefined;
  readonly created_at: string | undefined;
  /** Milliseconds since 1970. */
  readonly created: number | undefined;
  /** When it was deleted, otherwise last updated; milliseconds since 1970. */
  readonly changed: number | undefined;
  /** The id of the user that was created with it. */
  readonly user: string | undefined;
  /** The id of the user or service account that invited. */
  readonly creator: string | undefined;
};

export interface Binding {
  readonly id: string;
  readonly user: string;
  readonly role: ScopedRole;
}

/** Everything the organization has for one person: joined by user id first, then by e-mail. */
export interface Person {
  /** Of the user, otherwise of the invitations; the address of a user may have changed since the invitation. */
  readonly email: string;
  readonly users: readonly User[];
  /** The newest first. */
  readonly invitations: readonly Invited[];
  readonly bindings: readonly Binding[];
}

/** The number of principals that are not people; a plan does not change their role bindings. */
export interface OtherPrincipals {
  readonly service_accounts: number;
  readonly identity_pools: number;
  readonly group_mappings: number;
  readonly others: number;
}

export interface Observed {
  readonly organization: string;
  /** All of them, in the order of the list. */
  readonly invitations: readonly Invited[];
  /** Everybody, by folded e-mail. */
  readonly people: ReadonlyMap<string, Person>;
  /** By folded e-mail, former ones of members included, and by user id, those pre-created by invitations included. */
  readonly named: ReadonlyMap<string, Person>;
  /** Role bindings of user ids that neither a user nor an invitation has, by that id. */
  readonly orphans: ReadonlyMap<string, readonly Binding[]>;
  readonly others: OtherPrincipals;
  readonly roles: ScopedRoles;
  /** The names of all roles that anybody holds, principals that are not people included. */
  readonly heldRoles: ReadonlySet<string>;
  /** False if the role bindings may not be read. */
  readonly hasRoles: boolean;
}

export function asInvited(invitation: Invitation): Invited {
  return {
    sent: invitation,
    id: textAt(invitation, 'id') ?? '',
    email: textAt(invitation, 'email') ?? '',
    status: textAt(invitation, 'status') ?? '',
    auth_type: textAt(invitation, 'auth_type'),
    expires_at: textAt(invitation, 'expires_at'),
    // The API may send the year 1 for one that was not accepted.
    accepted_at: timeAt(invitation, 'accepted_at') === undefined ? undefined : textAt(invitation, 'accepted_at'),
    created_at: textAt(invitation, 'metadata', 'created_at'),
    created: timeAt(invitation, 'metadata', 'created_at'),
    changed: timeAt(invitation, 'metadata', 'deleted_at') ?? timeAt(invitation, 'metadata', 'updated_at'),
    user: textAt(invitation, 'user', 'id'),
    creator: textAt(invitation, 'creator', 'id'),
  };
}

/** Groups role bindings by principal as they are read, so that the responses need not be kept. */
export class Bindings {
  readonly roles = new ScopedRoles();
  /** By the id in `User:u-…`, otherwise by the whole principal. */
  readonly byPrincipal = new Map<string, Binding[]>();
  readonly heldRoles = new Set<string>();

  readonly add = ({ id, principal, role_name, crn_pattern }: ListedBinding): void => {
    this.heldRoles.add(role_name);
    const user = principal.replace(/^User:/, '');
    const known = this.byPrincipal.get(user) ?? [];
    this.byPrincipal.set(user, known);
    // Two requests with overlapping patterns return some bindings twice.
    if (known.some((binding) => binding.id === id)) return;
    known.push({ id, user: known[0]?.user ?? user, role: this.roles.of(role_name, crn_pattern) });
  };
}

/** What a principal is that no list of people contains. */
function principalKind(principal: string): keyof OtherPrincipals | 'orphan' {
  if (principal.startsWith('u-')) return 'orphan';
  if (principal.startsWith('sa-')) return 'service_accounts';
  if (principal.startsWith('pool-')) return 'identity_pools';
  return /^(?:group-|Group:)/.test(principal) ? 'group_mappings' : 'others';
}

interface Observation {
  readonly organization: string;
  readonly invitations: readonly Invited[];
  readonly users: readonly User[];
  readonly bindings: Bindings;
  readonly hasRoles?: boolean;
}

/** A person while more of them is found. */
interface Draft {
  readonly email: string;
  readonly users: User[];
  readonly invitations: Invited[];
  readonly bindings: Binding[];
}

export function join({ organization, users, bindings, hasRoles = true, ...lists }: Observation): Observed {
  const people = new Map<string, Draft>();
  const owners = new Map<string, Draft>();
  const former = new Map<string, Set<Draft>>();
  const personOf = (email: string) => {
    const key = foldEmail(email);
    const person = people.get(key) ?? { email, users: [], invitations: [], bindings: [] };
    people.set(key, person);
    return person;
  };
  // A user without an e-mail cannot be in a file, but is a member; one without an id is nobody's whom the API does not name.
  for (const user of distinctById(users).sort((a, b) => compareTexts(a.id, b.id))) {
    const person = personOf(user.email || user.id);
    person.users.push(user);
    if (user.id !== '') owners.set(user.id, person);
  }
  const invitations = distinctById(lists.invitations).sort(newestFirst);
  /** Addresses that somebody had who left, of whoever they were before. */
  const passedOn = new Set<string>();
  const others = invitations.filter((invitation) => {
    const member = owners.get(invitation.user ?? '');
    const key = foldEmail(invitation.email);
    if (member === undefined && invitation.status === 'INVITE_STATUS_ACCEPTED') passedOn.add(key);
    if (member === undefined) return true;
    member.invitations.push(invitation);
    if (key !== '' && !people.has(key) && !passedOn.has(key))
      former.set(key, (former.get(key) ?? new Set()).add(member));
    return false;
  });
  for (const invitation of others) {
    const { email, id, user } = invitation;
    const [member, ...more] = former.get(foldEmail(email)) ?? [];
    const person = member !== undefined && more.length === 0 ? member : personOf(email || id);
    person.invitations.push(invitation);
    if (user !== undefined && !owners.has(user)) owners.set(user, person);
  }
  for (const person of people.values()) person.invitations.sort(newestFirst);
  // Of several members who were invited under the same address it names none alone.
  const both = (one: Draft, other: Draft): Draft => ({ ...one, users: [...one.users, ...other.users] });
  const renamed = Array.from(former, ([key, members]) => [key, [...members].reduce(both)] as const);
  const { roles, heldRoles } = bindings;
  return {
    organization,
    invitations,
    people,
    ...handOut(bindings, owners),
    roles,
    heldRoles,
    hasRoles,
    named: new Map([...renamed, ...people, ...owners]),
  };
}

/** Gives the bindings to their owners. Returns those of users whom nobody knows, and the number of other principals. */
function handOut({ byPrincipal }: Bindings, owners: ReadonlyMap<string, Draft>) {
  const orphans = new Map<string, readonly Binding[]>();
  const others = { service_accounts: 0, identity_pools: 0, group_mappings: 0, others: 0 };
  // In an order of their own: the responses to two requests arrive in either.
  for (const [principal, found] of [...byPrincipal].sort(([a], [b]) => compareTexts(a, b))) {
    const held = found.sort(byRole);
    const owner = owners.get(principal);
    const kind = principalKind(principal);
    if (owner !== undefined) owner.bindings.push(...held);
    else if (kind === 'orphan') orphans.set(principal, held);
    else others[kind] += 1;
  }
  return { orphans, others };
}

function byRole({ role: a }: Binding, { role: b }: Binding): number {
  return compareTexts(`${a.role_name} ${a.crn}`, `${b.role_name} ${b.crn}`);
}

/** A row may be on two pages of a list. */
function distinctById<T extends { readonly id: string }>(rows: readonly T[]): T[] {
  const found = new Map<string | T, T>();
  for (const row of rows) if (!found.has(row.id)) found.set(row.id || row, row);
  return [...found.values()];
}

/** The person with this e-mail, now or when they were invited, or with this user id. */
export function personNamed(name: string, { named }: Pick<Observed, 'named'>): Person | undefined {
  return named.get(name) ?? named.get(foldEmail(name));
}

/** Every address of a person: the present one first, then those they were invited under. */
export function emailsOf({ email, invitations }: Person): string[] {
  return [email, ...invitations.map((one) => one.email)];
}

/** Of the users, and of those that invitations created before they were accepted. */
export function userIdsOf({ users, invitations }: Person): string[] {
  return [...new Set([...users, ...invitations].flatMap((one) => ('user' in one ? one.user : one.id) || []))];
}

/** The address that a member was invited under, if it has changed since. */
export function invitedAs({ email, users, invitations }: Person): string | undefined {
  const key = foldEmail(email);
  if (users.length === 0) return undefined;
  return invitations.find((one) => one.email !== '' && foldEmail(one.email) !== key)?.email;
}

function newestFirst(a: Invited, b: Invited): number {
  return (b.created ?? 0) - (a.created ?? 0);
}

/** The state of a person in the organization. `left`: accepted, but no longer a user. `nobody`: never invited. */
export type Standing =
  | { readonly state: 'nobody' }
  | { readonly state: 'ambiguous'; readonly ids: readonly string[] }
  | { readonly state: 'member'; readonly user: User; readonly pending: Invited | undefined }
  | { readonly state: Exclude<InvitationState, 'accepted'> | 'left'; readonly invitation: Invited };

export type State = Standing['state'];

export function standingOf(person: Person | undefined, now: number): Standing {
  const { users = [], invitations = [] } = person ?? {};
  const live = invitations.filter((one) => isLive(one, now));
  const [user, ...more] = users;
  if (more.length > 0) return { state: 'ambiguous', ids: users.map(({ id }) => id) };
  if (live.length > 1) return { state: 'ambiguous', ids: live.map(({ id }) => id) };
  if (user !== undefined) return { state: 'member', user, pending: live[0] };
  const invitation = currentInvitation(invitations, now);
  if (invitation === undefined) return { state: 'nobody' };
  const state = stateOf(invitation, now);
  return { state: state === 'accepted' ? 'left' : state, invitation };
}

/** The invitation that counts: one that can be accepted, otherwise the newest. */
export function currentInvitation(invitations: readonly Invited[], now: number): Invited | undefined {
  // One of unknown status may be pending, so it takes precedence over those that have ended.
  const isUnknown = (one: Invited) => stateOf(one, now) === 'unknown';
  return invitations.find((one) => isLive(one, now)) ?? invitations.find(isUnknown) ?? invitations[0];
}

/** The user whose role bindings are those of the person; undefined for a person who has left. */
export function userOf(standing: Standing): string | undefined {
  if (standing.state === 'member') return standing.user.id || undefined;
  return 'invitation' in standing && standing.state !== 'left' ? standing.invitation.user : undefined;
}

/** A member, or somebody who is invited and can accept. */
export function isPresent({ state }: { readonly state: string }): boolean {
  return state === 'member' || state === 'pending' || state === 'staged';
}

/** The user to grant roles to. Undefined if the person is invited first: the response names the user. */
export function granteeOf(standing: Standing): string | undefined {
  return isPresent(standing) ? userOf(standing) : undefined;
}
