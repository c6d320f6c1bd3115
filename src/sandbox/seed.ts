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
  usualAuthType,
} from './state.ts';

interface RoleSeed {
  readonly role_name: string;
  /** Default: the whole organization. */
  readonly crn_pattern?: string;
}

export interface PersonSeed {
  readonly email: string;
  /** The e-mail of the invitation, where that of the user has changed since. Default: the same. */
  readonly invited_as?: string | undefined;
  /** Default: accepted. */
  readonly state?: PersonState;
  readonly auth_type?: 'AUTH_TYPE_LOCAL' | 'AUTH_TYPE_SSO' | undefined;
  readonly full_name?: string | undefined;
  /** The id of the user. Default: a generated one. */
  readonly user?: string | undefined;
  /** The id of the invitation. Default: a generated one. */
  readonly invitation?: string;
  /** Of the invitation, or of the user if there is none; RFC 3339. Default: an hour ago if pending, else a month ago. */
  readonly created_at?: string | undefined;
  readonly expires_at?: string | undefined;
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
}

export interface OrganizationSeed {
  readonly people?: readonly PersonSeed[];
  /** For any principal, which is not checked: `User:sa-…`, `User:pool-…`, `User:group-…`, `Group:…`, unknown users. */
  readonly role_bindings?: readonly BindingSeed[];
  readonly api_keys?: readonly KeySeed[];
}

interface SeededPerson {
  readonly email: string;
  /** The id of the user, even if deleted or not yet created. */
  readonly user: string;
  readonly invitation?: string;
}

/** Adds the given rows without applying the rules of the API. */
export function populate(organization: OrganizationSeed, state: State): readonly SeededPerson[] {
  const { people = [], role_bindings = [], api_keys = [] } = organization;
  const added = people.map((person) => addPerson(person, state));
  for (const binding of role_bindings) addBinding(binding, state);
  for (const key of api_keys) addKey(key, state);
  return added;
}

const hour = 3_600_000;
const day = 24 * hour;

function addPerson(person: PersonSeed, state: State): SeededPerson {
  const { email, state: standing = 'accepted', roles = [], api_keys = [] } = person;
  const isMember = standing === 'member' || standing === 'sso_member';
  const added = isMember ? addMember(person, state) : addInvitation(person, standing, state);
  const principal = `User:${added.user}`;
  for (const role of roles)
    addBinding({ principal, ...(typeof role === 'string' ? { role_name: role } : role) }, state);
  const keys =
    typeof api_keys === 'number' ? Array.from({ length: api_keys }, () => ({})) : api_keys.map((id) => ({ id }));
  for (const key of keys) addKey({ owner: added.user, ...key }, state);
  return { email, ...added };
}

function addMember(person: PersonSeed, state: State): { user: string } {
  const now = state.world.clock.now();
  const { email, user = memberId(state.users.count), full_name = nameFrom(email) } = person;
  const { auth_type = person.state === 'sso_member' ? 'AUTH_TYPE_SSO' : 'AUTH_TYPE_LOCAL' } = person;
  const created_at = timestamp(person.created_at === undefined ? now - 30 * day : Date.parse(person.created_at));
  state.users.put({ id: user, email, full_name, auth_type, created_at });
  return { user };
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

type InvitedState = keyof typeof statuses;

function addInvitation(person: PersonSeed, invited: InvitedState, state: State) {
  const { settings, clock } = state.world;
  const now = clock.now();
  const { email, full_name = nameFrom(email), created_at, expires_at } = person;
  const status = statuses[invited];
  const isOpen = invited === 'pending' || invited === 'staged';
  const start = created_at === undefined ? now - (isOpen ? hour : 30 * day) : Date.parse(created_at);
  const usual = start + settings.expires_after;
  const closed = invited === 'expired' ? Math.min(usual, now - settings.expiry_lag) : usual;
  const expiry = isOpen ? Math.max(usual, now + hour) : closed;
  const ended = timestamp(Math.min(start + Math.floor(settings.expires_after / 3), now));
  const created = created_at ?? timestamp(start);
  const row: InvitationRow = {
    id: person.invitation ?? idOf('i-', state.invitations.count),
    email: person.invited_as ?? email,
    auth_type: person.auth_type ?? usualAuthType(settings),
    status,
    created_at: created,
    updated_at: created,
    expires_at: timestamp(expires_at === undefined ? expiry : Date.parse(expires_at)),
    ...(status === 'ACCEPTED' ? { accepted_at: ended } : {}),
    ...(status === 'DEACTIVATED' ? { updated_at: ended, deleted_at: ended } : {}),
    user: person.user ?? idOf('u-', state.invitations.count),
    creator: owner.id,
    mails: 0,
  };
  if (invited === 'left') state.invitations.put(row);
  else state.putInvitation(row, { email, full_name });
  return { user: row.user, invitation: row.id };
}

function addBinding(binding: BindingSeed, { bindings, world }: State): void {
  const { id = idOf('rb-', bindings.count), principal, role_name, crn_pattern = organizationCrn } = binding;
  bindings.put({ id, principal, role_name, crn_pattern, created_at: timestamp(world.clock.now()) });
}

function addKey(key: KeySeed, { keys, world }: State): void {
  const { id = apiKeyId(keys.count), owner: ownerId } = key;
  keys.put({ id, owner: ownerId, display_name: `key of ${ownerId}`, created_at: timestamp(world.clock.now()) });
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
export function seed(invitations: number, counts: SeedCounts, state: State): number {
  populate({ people: invitedPeople(invitations, state) }, state);
  populate({ people: membersOf(counts, state) }, state);
  populate(grantsOf(counts, state), state);
  return Object.values(counts).reduce((sum, count) => sum + count, invitations);
}

/**
 * People who were invited over half a year. Three of ten are pending, but never more than two thirds of the quota, so that
 * more can be invited.
 */
function invitedPeople(count: number, state: State): PersonSeed[] {
  const { settings, clock } = state.world;
  const now = clock.now();
  const room = Math.max(0, Math.floor((settings.quota * 2) / 3) - state.invitations.where(isPending).length);
  const pending = Math.min(Math.round(count * 0.3), room);
  const ended = count - pending;
  const { expires_after } = settings;
  return Array.from({ length: count }, (_, index) => {
    const number = state.invitations.count + index;
    const age =
      index < ended
        ? expires_after + day + (180 * day * (ended - index)) / ended
        : (expires_after * 0.9 * (count - index)) / (pending + 1);
    return {
      email: emailOf(number),
      state: index < ended ? (endedStates[index % endedStates.length] ?? 'accepted') : 'pending',
      auth_type: number % 4 === 3 ? 'AUTH_TYPE_SSO' : 'AUTH_TYPE_LOCAL',
      created_at: timestamp(Math.floor(now - age), (number * 7919) % 1000),
    };
  });
}

function emailOf(number: number, label = ''): string {
  const at = (words: readonly string[]) => words[number % words.length];
  return `${at(firstNames)}.${at(lastNames)}.${number + 1}${label}@${at(domains)}`;
}

function membersOf({ members = 0, sso_members = 0, left = 0 }: SeedCounts, state: State): PersonSeed[] {
  const people = (personState: PersonState, count: number, first: number, label: string) =>
    Array.from({ length: count }, (_, index) => ({ email: emailOf(first + index, label), state: personState }));
  return [
    ...people('member', members, state.users.count, '.member'),
    ...people('sso_member', sso_members, state.users.count, '.sso'),
    ...people('left', left, state.invitations.count, '.left'),
  ];
}

function grantsOf({ role_bindings = 0, principals = 0, api_keys = 0 }: SeedCounts, state: State) {
  const users = state.users.where(() => true).map(({ id }) => id);
  const userAt = (index: number) => users[(index + 1) % users.length] ?? owner.id;
  const first = state.bindings.count;
  const ofMembers = Array.from({ length: role_bindings }, (_, index) => ({
    principal: `User:${userAt(index)}`,
    ...roleOf(first + index, Math.floor(index / users.length)),
  }));
  const ofOthers = Array.from({ length: principals }, (_, index) => {
    const number = first + role_bindings + index;
    const kind = ['User:sa', 'User:pool', 'User:group', 'Group:team'][number % 4];
    return { principal: `${kind}-${idOf('rb-', number).slice(3)}`, ...roleOf(number, 1) };
  });
  const keys = Array.from({ length: api_keys }, (_, index) => ({ owner: userAt(index) }));
  return { role_bindings: [...ofMembers, ...ofOthers], api_keys: keys };
}

/** A role for the n-th binding; the round keeps the bindings of one person different. */
function roleOf(number: number, round: number): RoleSeed {
  if (round === 0) return { role_name: 'MetricsViewer' };
  const environment = `${organizationCrn}/environment=env-${String(round).padStart(4, '0')}`;
  const cluster = `${environment}/cloud-cluster=lkc-${number % 7}`;
  const topic = `${cluster}/kafka=lkc-${number % 7}/topic=pay*`;
  const all: readonly RoleSeed[] = [
    { role_name: 'EnvironmentAdmin', crn_pattern: environment },
    { role_name: 'DataDiscovery', crn_pattern: environment },
    { role_name: 'CloudClusterAdmin', crn_pattern: cluster },
    { role_name: 'DeveloperRead', crn_pattern: topic },
  ];
  return all[number % all.length] ?? { role_name: 'MetricsViewer' };
}
