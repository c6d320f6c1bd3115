import { idOf, owner, timestamp } from './identifiers.ts';
import { userFrom } from './invitations.ts';
import { type PersonSeed, populate, type RoleSeed } from './populate.ts';
import { organizationCrn } from './resources.ts';
import type { InvitationRow, PersonState } from './rows.ts';
import type { Settings } from './settings.ts';
import type { State } from './state.ts';
import type { AppendEntry } from './store.ts';

const day = 86_400_000;

const firstNames = [
  'ada',
  'bo',
  'chiara',
  'dmitri',
  'esra',
  'femi',
  'grace',
  'hiro',
  'ines',
  'jonas',
  'kofi',
  'lena',
  'mei',
] as const;
const lastNames = ['abe', 'berg', 'costa', 'diaz', 'eze', 'fischer', 'gupta', 'haas', 'ito', 'jansen', 'kaya'] as const;
const domains = ['example.com', 'example.org', 'example.net'] as const;

/** How ten people in a row fare; the pending ones come last, since they are the newest. */
const fates = ['ACCEPTED', 'EXPIRED', 'ACCEPTED', 'DEACTIVATED', 'ACCEPTED', 'EXPIRED', 'ACCEPTED'] as const;

interface World {
  readonly state: State;
  readonly switches: Settings;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Fills the organization with made-up people, the same ones each time: invitations of half a year, three of ten still
 * pending as far as two thirds of the quota allow, so that there is room to invite more.
 */
export function seed(count: number, world: World, record: AppendEntry): number {
  const { state, switches, now } = world;
  const room = Math.max(0, Math.floor((switches.quota * 2) / 3) - state.pendingCount);
  const pending = Math.min(Math.round(count * 0.3), room);
  const ended = count - pending;
  const first = state.invitations.issued;
  for (let index = 0; index < count; index++) {
    const isPending = index >= ended;
    const age = isPending
      ? (switches.expires_after * (0.9 * (count - index))) / (pending + 1)
      : switches.expires_after + day + (180 * day * (ended - index)) / ended;
    const status = isPending ? 'SENT' : (fates[index % fates.length] ?? 'ACCEPTED');
    invite({ number: first + index, status, created: Math.floor(now - age), lasts: switches.expires_after }, record);
  }
  return count;
}

interface Story {
  /** Which of all invitations it is. */
  readonly number: number;
  readonly status: InvitationRow['status'];
  /** Milliseconds since 1970. */
  readonly created: number;
  /** Milliseconds until it expires. */
  readonly lasts: number;
}

function invite({ number, status, created, lasts }: Story, record: AppendEntry): void {
  const at = (milliseconds: number) => timestamp(created + milliseconds, (number * 7919) % 1000);
  const end = Math.floor(lasts / 3);
  const row: InvitationRow = {
    id: idOf('i-', number),
    email: emailOf(number),
    auth_type: number % 4 === 3 ? 'AUTH_TYPE_SSO' : 'AUTH_TYPE_LOCAL',
    status,
    created_at: at(0),
    updated_at: at(status === 'DEACTIVATED' ? end : 0),
    expires_at: at(lasts),
    ...(status === 'ACCEPTED' ? { accepted_at: at(end) } : {}),
    ...(status === 'DEACTIVATED' ? { deleted_at: at(end) } : {}),
    user: idOf('u-', number),
    creator: owner.id,
    mails: 1,
  };
  record({ put: 'invitation', row });
  if (status === 'ACCEPTED') record({ put: 'user', row: userFrom(row, at(end)) });
}

function emailOf(number: number): string {
  const first = firstNames[number % firstNames.length];
  const last = lastNames[number % lastNames.length];
  return `${first}.${last}.${number + 1}@${domains[number % domains.length]}`;
}

/** How many of what to make up beside invitations. */
export interface SeedCounts {
  /** Local members without an invitation. */
  readonly members?: number;
  /** Members of the identity provider, without an invitation. */
  readonly sso_members?: number;
  /** People who accepted and whose user is gone. */
  readonly left?: number;
  /** Role bindings of members, in turn. */
  readonly role_bindings?: number;
  /** Role bindings of service accounts, identity pools and groups, in turn. */
  readonly principals?: number;
  /** API keys of members, in turn. */
  readonly api_keys?: number;
}

/** Adds made-up people who are not invited, and what people and machines hold. Returns how many of all. */
export function seedMembers(counts: SeedCounts, world: World, record: AppendEntry): number {
  const { members = 0, sso_members = 0, left = 0, role_bindings = 0, principals = 0, api_keys = 0 } = counts;
  const people = [...peopleOf('member', members, world), ...peopleOf('sso_member', sso_members, world)];
  populate({ people: [...people, ...peopleOf('left', left, world)] }, world, record);
  const { state } = world;
  const owned = role_bindings + api_keys > 0 ? [...state.users.rows()].map(({ id }) => id) : [];
  const inTurn = (index: number) => owned[(index + 1) % owned.length] ?? owner.id;
  const first = state.bindings.issued;
  const ofPeople = Array.from({ length: role_bindings }, (_, index) => ({
    principal: `User:${inTurn(index)}`,
    ...roleOf(first + index, Math.floor(index / owned.length)),
  }));
  const ofMachines = Array.from({ length: principals }, (_, index) => machine(first + role_bindings + index));
  const keys = Array.from({ length: api_keys }, (_, index) => ({ owner: inTurn(index) }));
  populate({ role_bindings: [...ofPeople, ...ofMachines], api_keys: keys }, world, record);
  return members + sso_members + left + role_bindings + principals + api_keys;
}

function peopleOf(fate: PersonState, count: number, { state }: World): PersonSeed[] {
  const first = fate === 'left' ? state.invitations.issued : state.users.issued;
  const [word] = fate.split('_');
  return Array.from({ length: count }, (_, index) => ({
    email: emailOf(first + index).replace('@', `.${word}@`),
    state: fate,
  }));
}

/** No two of one person are the same as long as the rounds differ. */
function roleOf(number: number, round: number): RoleSeed {
  const environment = `${organizationCrn}/environment=env-${String(round).padStart(4, '0')}`;
  const cluster = `${environment}/cloud-cluster=lkc-${number % 7}`;
  const all = [
    { role_name: 'EnvironmentAdmin', crn_pattern: environment },
    { role_name: 'DataDiscovery', crn_pattern: environment },
    { role_name: 'CloudClusterAdmin', crn_pattern: cluster },
    { role_name: 'DeveloperRead', crn_pattern: `${cluster}/kafka=lkc-${number % 7}/topic=pay*` },
  ];
  return round === 0 ? { role_name: 'MetricsViewer' } : (all[number % all.length] ?? { role_name: 'MetricsViewer' });
}

function machine(number: number): RoleSeed & { readonly principal: string } {
  const id = idOf('rb-', number).slice(3);
  const principals = [`User:sa-${id}`, `User:pool-${id}`, `User:group-${id}`, `Group:team-${id}`];
  return { principal: principals[number % principals.length] ?? '', ...roleOf(number, 1) };
}
