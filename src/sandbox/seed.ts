import { organizationCrn, owner } from './organization.ts';
import { type OrganizationSeed, type PersonSeed, populate, type RoleSeed, type SeedContext } from './populate.ts';
import { idOf, timestamp } from './rows.ts';

const day = 86_400_000;

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
  const room = Math.max(0, Math.floor((settings.quota * 2) / 3) - state.pending().length);
  const pending = Math.min(Math.round(count * 0.3), room);
  const ended = count - pending;
  const { expires_after } = settings;
  return Array.from({ length: count }, (_, index) => {
    const number = state.invitations.issued + index;
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
    const first = personState === 'left' ? state.invitations.issued : state.users.issued;
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
  const first = state.bindings.issued;
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
