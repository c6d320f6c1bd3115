import { foldEmail } from '../api/email.ts';
import { type Invitation, type State as InvitationState, isLive, stateOf, timeAt } from '../api/invitation.ts';
import { textAt } from '../text/json-fields.ts';
import { type ScopedRole, ScopedRoles } from './scoped-roles.ts';

/** The fields of an invitation that are needed; tens of thousands of whole ones would take too much memory. */
export type Invited = {
  readonly id: string;
  readonly email: string;
  readonly status: string;
  readonly auth_type: string | undefined;
  readonly expires_at: string | undefined;
  readonly accepted_at: string | undefined;
  readonly created_at: string | undefined;
  /** Milliseconds since 1970. */
  readonly created: number | undefined;
  readonly updated_at: string | undefined;
  /** When it was deleted, otherwise last updated; milliseconds since 1970. */
  readonly changed: number | undefined;
  /** The id of the user that was created with it. */
  readonly user: string | undefined;
  /** The id of the user or service account that invited. */
  readonly creator: string | undefined;
};

/** A member. */
export interface User {
  readonly id: string;
  readonly email: string;
  readonly full_name?: string | undefined;
  readonly auth_type: string | undefined;
}

/** A role binding of a person. */
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

/** An organization at one moment. */
export interface Observed {
  readonly organization: string;
  /** All of them, in the order of the list. */
  readonly invitations: readonly Invited[];
  /** Everybody, by folded e-mail. */
  readonly people: ReadonlyMap<string, Person>;
  /** Members by a folded e-mail that they were invited under and that is nobody's now. */
  readonly former: ReadonlyMap<string, Person>;
  /** By the id of a user, including those pre-created by invitations. */
  readonly owners: ReadonlyMap<string, Person>;
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
    id: textAt(invitation, 'id') ?? '',
    email: textAt(invitation, 'email') ?? '',
    status: textAt(invitation, 'status') ?? '',
    auth_type: textAt(invitation, 'auth_type'),
    expires_at: textAt(invitation, 'expires_at'),
    accepted_at: textAt(invitation, 'accepted_at'),
    created_at: textAt(invitation, 'metadata', 'created_at'),
    created: timeAt(invitation, 'metadata', 'created_at'),
    updated_at: textAt(invitation, 'metadata', 'updated_at'),
    changed: timeAt(invitation, 'metadata', 'deleted_at') ?? timeAt(invitation, 'metadata', 'updated_at'),
    user: textAt(invitation, 'user', 'id'),
    creator: textAt(invitation, 'creator', 'id'),
  };
}

export interface RawBinding {
  readonly id: string;
  readonly principal: string;
  readonly role_name: string;
  readonly crn_pattern: string;
}

/** Groups role bindings by user as they are read, so that the responses need not be kept. */
export class Bindings {
  readonly roles = new ScopedRoles();
  readonly byUser = new Map<string, Binding[]>();
  readonly heldRoles = new Set<string>();
  readonly #others = new Map<keyof OtherPrincipals, Set<string>>();

  add({ id, principal, role_name, crn_pattern }: RawBinding): void {
    this.heldRoles.add(role_name);
    const user = /^User:(u-.*)$/s.exec(principal)?.[1];
    if (user === undefined) {
      const kind = kindOf(principal);
      this.#others.set(kind, (this.#others.get(kind) ?? new Set()).add(principal));
      return;
    }
    const known = this.byUser.get(user) ?? [];
    if (known.length === 0) this.byUser.set(user, known);
    // Two requests with overlapping patterns return some bindings twice.
    if (known.some((binding) => binding.id === id)) return;
    known.push({ id, user: known[0]?.user ?? user, role: this.roles.of(role_name, crn_pattern) });
  }

  get others(): OtherPrincipals {
    const count = (kind: keyof OtherPrincipals) => this.#others.get(kind)?.size ?? 0;
    return {
      service_accounts: count('service_accounts'),
      identity_pools: count('identity_pools'),
      group_mappings: count('group_mappings'),
      others: count('others'),
    };
  }
}

function kindOf(principal: string): keyof OtherPrincipals {
  if (principal.startsWith('User:sa-')) return 'service_accounts';
  if (principal.startsWith('User:pool-')) return 'identity_pools';
  return /^(?:User:group-|Group:)/.test(principal) ? 'group_mappings' : 'others';
}

interface Observation {
  readonly organization: string;
  readonly invitations: readonly Invited[];
  readonly users: Iterable<User>;
  readonly bindings: Bindings;
  readonly hasRoles?: boolean;
}

/** A list that is empty or has one item is never pushed to: an array that was has room for seventeen. */
const none: readonly never[] = [];

type Joining = { -readonly [Key in keyof Person]: Person[Key] };

/** Groups everything by person. */
export function join({ organization, invitations, users, bindings, hasRoles = true }: Observation): Observed {
  const people = new Map<string, Joining>();
  const former = new Map<string, Joining>();
  const owners = new Map<string, Joining>();
  // A user without an e-mail cannot be in a file, but is a member.
  for (const user of users) addUser(personOf(user.email || user.id, people), user, owners);
  const others: Invited[] = [];
  for (const invitation of invitations) {
    const member = owners.get(invitation.user ?? '');
    if (member === undefined) others.push(invitation);
    else {
      addInvitation(member, invitation);
      const key = foldEmail(invitation.email);
      if (key !== '' && !people.has(key)) former.set(key, bothOf(former.get(key), member));
    }
  }
  for (const invitation of others) {
    const { email, id, user } = invitation;
    const person = former.get(foldEmail(email)) ?? personOf(email || id, people);
    addInvitation(person, invitation);
    if (user !== undefined && !owners.has(user)) owners.set(user, person);
  }
  for (const person of people.values()) {
    if (person.invitations.length > 1) person.invitations = [...person.invitations].sort(newestFirst);
  }
  const orphans = new Map<string, readonly Binding[]>();
  for (const [user, held] of bindings.byUser) {
    const owner = owners.get(user);
    if (owner === undefined) orphans.set(user, held);
    else owner.bindings = owner.bindings.length === 0 ? held : owner.bindings.concat(held);
  }
  const { others: principals, roles, heldRoles } = bindings;
  return { organization, invitations, people, former, owners, orphans, others: principals, roles, heldRoles, hasRoles };
}

function personOf(email: string, people: Map<string, Joining>): Joining {
  const key = foldEmail(email);
  const person = people.get(key) ?? { email, users: none, invitations: none, bindings: none };
  people.set(key, person);
  return person;
}

function addUser(person: Joining, user: User, owners: Map<string, Joining>): void {
  if (!person.users.some(({ id }) => id === user.id)) person.users = person.users.concat(user);
  owners.set(user.id, person);
}

function addInvitation(person: Joining, invitation: Invited): void {
  const isKnown = person.invitations.some(({ id }) => id === invitation.id);
  if (!isKnown) person.invitations = person.invitations.concat(invitation);
}

/** Two members who were once invited under the same address: it names neither of them alone. */
function bothOf(one: Joining | undefined, other: Joining): Joining {
  return one === undefined || one === other ? other : { ...one, users: one.users.concat(other.users) };
}

/** The person with this e-mail, now or when they were invited, or with this user id. */
export function personNamed(name: string, { people, former, owners }: Observed): Person | undefined {
  const key = foldEmail(name);
  return people.get(key) ?? former.get(key) ?? owners.get(name);
}

/** Every address of a person: the present one first, then those they were invited under. */
export function emailsOf({ email, invitations }: Person): string[] {
  return [email, ...invitations.map((one) => one.email)];
}

/** Of the users, and of those that invitations created before they were accepted. */
export function userIdsOf({ users, invitations }: Person): string[] {
  return [...new Set([...users.map(({ id }) => id), ...invitations.flatMap(({ user }) => user ?? [])])];
}

/** The address that a member was invited under, if it has changed since. */
export function invitedAs({ email, users, invitations }: Person): string | undefined {
  const key = foldEmail(email);
  if (users.length === 0) return undefined;
  return invitations.find((one) => one.email !== '' && foldEmail(one.email) !== key)?.email;
}

/** `eve.smith@example.com (invited as eve.miller@example.com)`; the address alone if it has not changed. */
export function nameOf(email: string, invitedAs: string | undefined): string {
  return invitedAs === undefined ? email : `${email} (invited as ${invitedAs})`;
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
  if (standing.state === 'member') return standing.user.id;
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
