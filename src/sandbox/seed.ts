import { organizationCrn, owner } from './organization.ts';
import { type PersonSeed, populate, type RoleSeed, type SeedContext } from './populate.ts';
import { type AppendEntry, type InvitationRow, idOf, type PersonState, timestamp, userFrom } from './rows.ts';

const day = 86_400_000;

const firstNames = 'ada bo chiara dmitri esra femi grace hiro ines jonas kofi lena mei'.split(' ');
const lastNames = 'abe berg costa diaz eze fischer gupta haas ito jansen kaya'.split(' ');
const domains = ['example.com', 'example.org', 'example.net'];

/** The statuses of ended invitations, in turn; pending ones come last, since they are the newest. */
const endedStatuses = ['ACCEPTED', 'EXPIRED', 'ACCEPTED', 'DEACTIVATED', 'ACCEPTED', 'EXPIRED', 'ACCEPTED'] as const;

/**
 * Adds generated invitations, the same ones each time, created over half a year. Three of ten are pending, but never more
 * than two thirds of the quota, so that more can be created.
 */
export function seed(count: number, context: SeedContext): number {
  const { state, settings, now, append } = context;
  const room = Math.max(0, Math.floor((settings.quota * 2) / 3) - state.pendingCount);
  const pending = Math.min(Math.round(count * 0.3), room);
  const ended = count - pending;
  const first = state.invitations.issued;
  for (let index = 0; index < count; index++) {
    const isPending = index >= ended;
    const age = isPending
      ? (settings.expires_after * (0.9 * (count - index))) / (pending + 1)
      : settings.expires_after + day + (180 * day * (ended - index)) / ended;
    const status = isPending ? 'SENT' : (endedStatuses[index % endedStatuses.length] ?? 'ACCEPTED');
    const created = Math.floor(now - age);
    addInvitation({ number: first + index, status, created, lifetime: settings.expires_after }, append);
  }
  return count;
}

interface GeneratedInvitation {
  /** The number of invitations before it. */
  readonly number: number;
  readonly status: InvitationRow['status'];
  /** Milliseconds since 1970. */
  readonly created: number;
  /** Milliseconds until it expires. */
  readonly lifetime: number;
}

function addInvitation({ number, status, created, lifetime }: GeneratedInvitation, append: AppendEntry): void {
  const at = (milliseconds: number) => timestamp(created + milliseconds, (number * 7919) % 1000);
  const end = Math.floor(lifetime / 3);
  const row: InvitationRow = {
    id: idOf('i-', number),
    email: emailOf(number),
    auth_type: number % 4 === 3 ? 'AUTH_TYPE_SSO' : 'AUTH_TYPE_LOCAL',
    status,
    created_at: at(0),
    updated_at: at(status === 'DEACTIVATED' ? end : 0),
    expires_at: at(lifetime),
    ...(status === 'ACCEPTED' ? { accepted_at: at(end) } : {}),
    ...(status === 'DEACTIVATED' ? { deleted_at: at(end) } : {}),
    user: idOf('u-', number),
    creator: owner.id,
    mails: 1,
  };
  append({ put: 'invitation', row });
  if (status === 'ACCEPTED') append({ put: 'user', row: userFrom(row, at(end)) });
}

function emailOf(number: number): string {
  const first = firstNames[number % firstNames.length];
  const last = lastNames[number % lastNames.length];
  return `${first}.${last}.${number + 1}@${domains[number % domains.length]}`;
}

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

/** Adds generated members, role bindings and API keys. Returns the number of added rows. */
export function seedMembers(counts: SeedCounts, context: SeedContext): number {
  const { members = 0, sso_members = 0, left = 0, role_bindings = 0, principals = 0, api_keys = 0 } = counts;
  const people = [...peopleOf('member', members, context), ...peopleOf('sso_member', sso_members, context)];
  populate({ people: [...people, ...peopleOf('left', left, context)] }, context);
  const { state } = context;
  const userIds = role_bindings + api_keys > 0 ? [...state.users.rows()].map(({ id }) => id) : [];
  const userAt = (index: number) => userIds[(index + 1) % userIds.length] ?? owner.id;
  const first = state.bindings.issued;
  const memberBindings = Array.from({ length: role_bindings }, (_, index) => ({
    principal: `User:${userAt(index)}`,
    ...roleOf(first + index, Math.floor(index / userIds.length)),
  }));
  const principalBindings = Array.from({ length: principals }, (_, index) =>
    principalBinding(first + role_bindings + index),
  );
  const keys = Array.from({ length: api_keys }, (_, index) => ({ owner: userAt(index) }));
  populate({ role_bindings: [...memberBindings, ...principalBindings], api_keys: keys }, context);
  return members + sso_members + left + role_bindings + principals + api_keys;
}

function peopleOf(personState: PersonState, count: number, { state }: SeedContext): PersonSeed[] {
  const first = personState === 'left' ? state.invitations.issued : state.users.issued;
  const [label] = personState.split('_');
  return Array.from({ length: count }, (_, index) => ({
    email: emailOf(first + index).replace('@', `.${label}@`),
    state: personState,
  }));
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
  return round === 0 ? { role_name: 'MetricsViewer' } : (all[number % all.length] ?? { role_name: 'MetricsViewer' });
}

function principalBinding(number: number): RoleSeed & { readonly principal: string } {
  const id = idOf('rb-', number).slice(3);
  const principals = [`User:sa-${id}`, `User:pool-${id}`, `User:group-${id}`, `Group:team-${id}`];
  return { principal: principals[number % principals.length] ?? '', ...roleOf(number, 1) };
}
