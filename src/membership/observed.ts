import { foldEmail } from '../api/email.ts';
import { type Invitation, type State as InvitationState, stateOf, timeAt } from '../api/invitation.ts';
import { textAt } from '../text/json-fields.ts';
import { type ScopedRole, ScopedRoles } from './scoped-roles.ts';

/** The fields of an invitation that are needed; tens of thousands of whole ones would take too much memory. */
export type Invited = {
  readonly id: string;
  readonly email: string;
  readonly status: string;
  readonly auth_type: string | undefined;
  readonly expires_at: string | undefined;
  /** Milliseconds since 1970. */
  readonly created: number | undefined;
  readonly updated_at: string | undefined;
  /** When it was deleted, otherwise last updated; milliseconds since 1970. */
  readonly changed: number | undefined;
  /** The id of the user that was created with it. */
  readonly user: string | undefined;
};

/** A member. */
export interface User {
  readonly id: string;
  readonly email: string;
  readonly auth_type: string | undefined;
}

/** A role binding of a person. */
export interface Binding {
  readonly id: string;
  readonly user: string;
  readonly role: ScopedRole;
}

/** Everything the organization has for one e-mail. */
export interface Person {
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
  /** By folded e-mail. */
  readonly people: ReadonlyMap<string, Person>;
  /** Role bindings of user ids that neither a user nor an invitation has, by that id. */
  readonly orphans: ReadonlyMap<string, readonly Binding[]>;
  readonly others: OtherPrincipals;
  readonly roles: ScopedRoles;
}

export function asInvited(invitation: Invitation): Invited {
  return {
    id: textAt(invitation, 'id') ?? '',
    email: textAt(invitation, 'email') ?? '',
    status: textAt(invitation, 'status') ?? '',
    auth_type: textAt(invitation, 'auth_type'),
    expires_at: textAt(invitation, 'expires_at'),
    created: timeAt(invitation, 'metadata', 'created_at'),
    updated_at: textAt(invitation, 'metadata', 'updated_at'),
    changed: timeAt(invitation, 'metadata', 'deleted_at') ?? timeAt(invitation, 'metadata', 'updated_at'),
    user: textAt(invitation, 'user', 'id'),
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
  readonly #others = new Map<keyof OtherPrincipals, Set<string>>();

  add({ id, principal, role_name, crn_pattern }: RawBinding): void {
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
  readonly invitations: Iterable<Invited>;
  readonly users: Iterable<User>;
  readonly bindings: Bindings;
}

/** A list that is empty or has one item is never pushed to: an array that was has room for seventeen. */
const none: readonly never[] = [];

/** Groups everything by e-mail. */
export function join({ organization, invitations, users, bindings }: Observation): Observed {
  const people = new Map<string, { -readonly [Key in keyof Person]: Person[Key] }>();
  const owners = new Map<string, Person>();
  const personOf = (email: string) => {
    const key = foldEmail(email);
    const person = people.get(key) ?? { email, users: none, invitations: none, bindings: none };
    people.set(key, person);
    return person;
  };
  for (const user of users) {
    // A user without an e-mail cannot be in a file, but is a member.
    const person = personOf(user.email === '' ? user.id : user.email);
    if (!person.users.some(({ id }) => id === user.id)) person.users = person.users.concat(user);
    owners.set(user.id, person);
  }
  for (const invitation of invitations) {
    const person = personOf(invitation.email === '' ? invitation.id : invitation.email);
    const isKnown = person.invitations.some(({ id }) => id === invitation.id);
    if (!isKnown) person.invitations = person.invitations.concat(invitation);
    if (invitation.user !== undefined && !owners.has(invitation.user)) owners.set(invitation.user, person);
  }
  for (const person of people.values()) {
    if (person.invitations.length > 1) person.invitations = [...person.invitations].sort(newestFirst);
  }
  const orphans = new Map<string, readonly Binding[]>();
  for (const [user, held] of bindings.byUser) {
    const owner = people.get(foldEmail(owners.get(user)?.email ?? ''));
    if (owner === undefined) orphans.set(user, held);
    else owner.bindings = owner.bindings.length === 0 ? held : owner.bindings.concat(held);
  }
  return { organization, people, orphans, others: bindings.others, roles: bindings.roles };
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
  const stateIs = (...states: InvitationState[]) => invitations.filter((one) => states.includes(stateOf(one, now)));
  const live = stateIs('pending', 'staged');
  const [user, ...more] = users;
  if (more.length > 0) return { state: 'ambiguous', ids: users.map(({ id }) => id) };
  if (live.length > 1) return { state: 'ambiguous', ids: live.map(({ id }) => id) };
  if (user !== undefined) return { state: 'member', user, pending: live[0] };
  // An invitation of unknown status may be pending, so it takes precedence over those that have ended.
  const invitation = live[0] ?? stateIs('unknown')[0] ?? invitations[0];
  if (invitation === undefined) return { state: 'nobody' };
  const state = stateOf(invitation, now);
  return { state: state === 'accepted' ? 'left' : state, invitation };
}

/** The user whose role bindings are those of the person; undefined for a person who has left. */
export function userOf(standing: Standing): string | undefined {
  if (standing.state === 'member') return standing.user.id;
  return 'invitation' in standing && standing.state !== 'left' ? standing.invitation.user : undefined;
}

/** The user to grant roles to. Undefined if the person is invited first: the response names the user. */
export function granteeOf(standing: Standing): string | undefined {
  const { state } = standing;
  return state === 'member' || state === 'pending' || state === 'staged' ? userOf(standing) : undefined;
}
