import type { Settings } from './settings.ts';
import {
  apiKeyId,
  type InvitationRow,
  idOf,
  isPending,
  memberId,
  nameFrom,
  organizationCrn,
  owner,
  type PersonState,
  type State,
  timestamp,
  userFrom,
} from './state.ts';

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
const day = 24 * hour;

function addPerson(person: PersonSeed, context: SeedContext): SeededPerson {
  const { email, roles = [], api_keys = [] } = person;
  const { state = 'accepted' } = person;
  const isMember = state === 'member' || state === 'sso_member';
  const added = isMember ? addMember(person, context) : addInvitation(person, state, context);
  for (const role of roles) {
    const granted = typeof role === 'string' ? { role_name: role } : role;
    addBinding({ principal: `User:${added.user}`, ...granted }, context);
  }
  const keys =
    typeof api_keys === 'number' ? Array.from({ length: api_keys }, () => ({})) : api_keys.map((id) => ({ id }));
  for (const key of keys) addKey({ owner: added.user, ...key }, context);
  return { email, ...added };
}

function addMember(person: PersonSeed, { state, now }: SeedContext): { user: string } {
  const { email, user = memberId(state.users.rows.length), full_name = nameFrom(email) } = person;
  const { auth_type = person.state === 'sso_member' ? 'AUTH_TYPE_SSO' : 'AUTH_TYPE_LOCAL' } = person;
  const created_at = timestamp(person.created_at === undefined ? now - 30 * day : Date.parse(person.created_at));
  state.put('user', { id: user, email, full_name, auth_type, created_at });
  return { user };
}

function addInvitation(
  person: PersonSeed,
  personState: keyof typeof statuses,
  context: SeedContext,
): { user: string; invitation: string } {
  const row = invitationRow(person, personState, context);
  context.state.put('invitation', row);
  if (personState === 'accepted') {
    const { email, full_name } = person;
    const user = userFrom(row, row.accepted_at ?? row.created_at);
    context.state.put('user', { ...user, email, full_name: full_name ?? user.full_name });
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
  const number = state.invitations.rows.length;
  const isPending = personState === 'pending' || personState === 'staged';
  const start = person.created_at === undefined ? now - (isPending ? hour : 30 * day) : Date.parse(person.created_at);
  const created_at = person.created_at ?? timestamp(start);
  const ended = timestamp(Math.min(start + Math.floor(settings.expires_after / 3), now));
  const usual = start + settings.expires_after;
  const limit = isPending ? Math.max(usual, now + hour) : usual;
  const ending = personState === 'expired' ? Math.min(usual, now - settings.expiry_lag) : limit;
  const expires = person.expires_at === undefined ? ending : Date.parse(person.expires_at);
  return {
    id: person.invitation ?? idOf('i-', number),
    email: person.invited_as ?? person.email,
    auth_type: person.auth_type ?? (settings.sso === 'yes' ? 'AUTH_TYPE_SSO' : 'AUTH_TYPE_LOCAL'),
    status: statuses[personState],
    created_at,
    updated_at: personState === 'deactivated' ? ended : created_at,
    expires_at: timestamp(expires),
    ...(statuses[personState] === 'ACCEPTED' ? { accepted_at: ended } : {}),
    ...(personState === 'deactivated' ? { deleted_at: ended } : {}),
    user: person.user ?? idOf('u-', number),
    creator: owner.id,
    mails: 0,
  };
}

function addBinding(
  { id, principal, role_name, crn_pattern = organizationCrn }: BindingSeed,
  { state, now }: SeedContext,
): void {
  const row = { id: id ?? idOf('rb-', state.bindings.rows.length), principal, role_name, crn_pattern };
  state.put('binding', { ...row, created_at: timestamp(now) });
}

function addKey({ id, owner: ownerId, resource = 'cloud' }: KeySeed, { state, now }: SeedContext): void {
  const row = {
    id: id ?? apiKeyId(state.keys.rows.length),
    owner: ownerId,
    resource,
    display_name: `key of ${ownerId}`,
  };
  state.put('api_key', { ...row, created_at: timestamp(now) });
}

const firstNames = 'ada bo chiara dmitri esra femi grace hiro ines jonas kofi lena mei'.split(' ');
const lastNames = 'abe berg costa diaz eze fischer gupta haas ito jansen kaya'.split(' ');
const domains = ['example.com', 'example.org', 'example.net'];

/** The states of ended invitations, in turn; pending ones come last, since they are the newest. */
const endedStates = ['accepted', 'expired', 'accepted', 'deactivated', 'accepted', 'expired', 'accepted'] as const;

/** How many rows to generate besides invitations. */
export interface SeedCounts {
  /** Local members without an invitation. */
  readonly members?: number;
  /** Members provisioned by the identity provider. */
  readonly sso_members?: number;
  /** People who accepted and whose user has been deleted. */
  readonly left?: number;
  /** Role bindings, distributed over the members. */
  readonly role_bindings?: number;
  /** Role bindings, distributed over service accounts, identity pools and groups. */
  readonly principals?: number;
  /** API keys, distributed over the members. */
  readonly api_keys?: number;
}

/** Adds generated rows, the same ones each time. Returns their number. */
export function seed(invitations: number, counts: SeedCounts, context: SeedContext): number {
  populate({ people: invitedPeople(invitations, context) }, context);
  populate({ people: membersOf(counts, context) }, context);
  populate(grantsOf(counts, context), context);
  return Object.values(counts).reduce((sum, count) => sum + count, invitations);
}

/**
 * People who were invited over half a year. Three of ten are pending, but never more than two thirds of the quota, so that
 * more can be invited.
 */
function invitedPeople(count: number, { state, settings, now }: SeedContext): PersonSeed[] {
  const room = Math.max(0, Math.floor((settings.quota * 2) / 3) - state.invitations.where(isPending).length);
  const pending = Math.min(Math.round(count * 0.3), room);
  const ended = count - pending;
  const { expires_after } = settings;
  return Array.from({ length: count }, (_, index) => {
    const number = state.invitations.rows.length + index;
    const age =
      index < ended
        ? expires_after + day + (180 * day * (ended - index)) / ended
        : (expires_after * (0.9 * (count - index))) / (pending + 1);
    return {
      email: emailOf(number),
      state: index < ended ? (endedStates[index % endedStates.length] ?? 'accepted') : 'pending',
      auth_type: number % 4 === 3 ? 'AUTH_TYPE_SSO' : 'AUTH_TYPE_LOCAL',
      created_at: timestamp(Math.floor(now - age), (number * 7919) % 1000),
    };
  });
}

function emailOf(number: number): string {
  const at = (words: readonly string[]) => words[number % words.length];
  return `${at(firstNames)}.${at(lastNames)}.${number + 1}@${at(domains)}`;
}

function membersOf({ members = 0, sso_members = 0, left = 0 }: SeedCounts, { state }: SeedContext): PersonSeed[] {
  const people = (personState: 'member' | 'sso_member' | 'left', count: number) => {
    const first = personState === 'left' ? state.invitations.rows.length : state.users.rows.length;
    const label = personState.replace('_member', '');
    return Array.from({ length: count }, (_, index) => ({
      email: emailOf(first + index).replace('@', `.${label}@`),
      state: personState,
    }));
  };
  return [...people('member', members), ...people('sso_member', sso_members), ...people('left', left)];
}

function grantsOf({ role_bindings = 0, principals = 0, api_keys = 0 }: SeedCounts, context: SeedContext) {
  const { state } = context;
  const users = state.users.where(() => true).map(({ id }) => id);
  const userAt = (index: number) => users[(index + 1) % users.length] ?? owner.id;
  const first = state.bindings.rows.length;
  const ofMembers = Array.from({ length: role_bindings }, (_, index) => ({
    principal: `User:${userAt(index)}`,
    ...roleOf(first + index, Math.floor(index / users.length)),
  }));
  const ofOthers = Array.from({ length: principals }, (_, index) => {
    const number = first + role_bindings + index;
    const id = idOf('rb-', number).slice(3);
    const names = [`User:sa-${id}`, `User:pool-${id}`, `User:group-${id}`, `Group:team-${id}`];
    return { principal: names[number % names.length] ?? '', ...roleOf(number, 1) };
  });
  const keys = Array.from({ length: api_keys }, (_, index) => ({ owner: userAt(index) }));
  return { role_bindings: [...ofMembers, ...ofOthers], api_keys: keys } satisfies OrganizationSeed;
}

/** A role for the n-th binding; the round keeps the bindings of one person different. */
function roleOf(number: number, round: number): RoleSeed {
  const environment = `${organizationCrn}/environment=env-${String(round).padStart(4, '0')}`;
  const cluster = `${environment}/cloud-cluster=lkc-${number % 7}`;
  const all = [
    { role_name: 'EnvironmentAdmin', crn_pattern: environment },
    { role_name: 'DataDiscovery', crn_pattern: environment },
    { role_name: 'CloudClusterAdmin', crn_pattern: cluster },
    { role_name: 'DeveloperRead', crn_pattern: `${cluster}/kafka=lkc-${number % 7}/topic=pay*` },
  ];
  return (round === 0 ? undefined : all[number % all.length]) ?? { role_name: 'MetricsViewer' };
}
