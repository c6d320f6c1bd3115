import { foldEmail } from '../api/email.ts';
import { isAdminRole, organizationCrn } from '../api/roles.ts';
import type { User } from '../api/users.ts';
import { CliError } from '../errors.ts';
import { type Observed, personNamed, type ScopedRole, userIdsOf } from './observed.ts';
import { type Change, changesOf, isChange, isLoss, type Plan, type Row } from './plan.ts';

/** What a plan may take away. Given on the command line for one run, never in the file. */
export interface Limits {
  /** People who may lose access. The default depends on the size of the organization. */
  readonly max_removals?: number | undefined;
  readonly max_revocations?: number | undefined;
  readonly min_admins: number;
  readonly with_api_keys: boolean;
  readonly allow_unknown_roles?: boolean | undefined;
  readonly additions_only?: boolean | undefined;
  /** `--self`: who runs this, if the API does not name the owner of the key: an e-mail, `u-…`, `sa-…` or `pool-…`. */
  readonly self?: string | undefined;
}

export const defaultLimits: Limits = { min_admins: 2, with_api_keys: false };

/** Who runs this: the owner of the API key, `u-…` or `sa-…`, or an identity pool; undefined if the API does not say. */
export type Caller = string | undefined;

interface Judged {
  readonly plan: Pick<Plan, 'rows' | 'members_and_pending' | 'bindings_of_listed'> & Partial<Pick<Plan, 'file'>>;
  readonly observed: Observed;
  readonly limits: Limits;
  readonly caller: Caller;
}

export function refusalsOf(judged: Judged): string[] {
  const changes = changesOf(judged.plan);
  return [
    ...selfRefusals(judged),
    ...adminRefusals(changes, judged),
    ...removalRefusals(changes, judged),
    ...revocationRefusals(changes, judged),
  ];
}

/** Throws `unsafe_plan` with every reason. */
export function checkSafety(judged: Judged, hints: readonly string[] = []): void {
  const reason = refusalsOf(judged).join('\n');
  if (reason === '') return;
  const { file } = judged.plan;
  const what = file === undefined ? 'this' : `the plan for "${file}"`;
  throw new CliError('unsafe_plan', `${what} takes away more than is allowed, nothing was sent`, { reason, hints });
}

/**
 * Why a list of users cannot be complete; undefined if it can. A plan from an incomplete list would invite or remove
 * everybody.
 */
export function observationProblem(users: Iterable<User>, caller: Caller): string | undefined {
  const ids = new Set(Array.from(users, ({ id }) => id));
  if (ids.size === 0) return 'the list of users is empty, although somebody must own the API key';
  return caller?.startsWith('u-') && !ids.has(caller)
    ? `the list of users does not contain ${caller}, who owns the API key`
    : undefined;
}

/**
 * The person who runs this must neither lose an administrative role nor be meant to leave, even if something else keeps
 * them: they would leave with the next run.
 */
function selfRefusals({ plan: { rows }, observed, limits, caller }: Judged): string[] {
  const harmful = rows.filter((row) =>
    row.action === 'revoke' ? isAdminRole(row.role?.role_name ?? '') : row.isUnwanted === true,
  );
  if (harmful.length === 0) return [];
  if (caller === undefined && limits.self === undefined) {
    if (!harmful.some(isChange)) return [];
    return [
      'the API does not say whose the API key or token is; --self <email|u-…> names the person whom the plan must not remove',
    ];
  }
  const self = limits.self === undefined ? undefined : personNamed(limits.self, observed);
  // Service accounts and identity pools are not people: no plan removes them.
  if (limits.self !== undefined && self === undefined && !/^(?:sa|pool)-/.test(limits.self)) {
    return [`--self names "${limits.self}", who is not in the organization`];
  }
  const spared = new Set([caller, ...(self === undefined ? [] : userIdsOf(self))]);
  const isSelf = ({ user = '', email }: Row) => {
    const users = personNamed(email, observed)?.users ?? [];
    const isNamed = self !== undefined && foldEmail(email) === foldEmail(self.email);
    return isNamed || spared.has(user) || users.some(({ id }) => spared.has(id));
  };
  const words = harmful.filter(isSelf).map(({ action, email, what, why }) => {
    if (action === 'revoke') return `it revokes ${what} from ${email}, who runs this`;
    return isLoss({ action })
      ? `it removes ${email}, who runs this`
      : `${email}, who runs this, would be removed (${why.split(';', 1)[0]})`;
  });
  return [...new Set(words)];
}

/** Only members count: a pending administrator may never accept. */
function adminRefusals(changes: readonly Change[], { observed, limits: { min_admins } }: Judged): string[] {
  const before = adminsAfter([], observed).length;
  const after = adminsAfter(changes, observed).length;
  // An organization that already has fewer must not lose one.
  if (after >= Math.min(min_admins, before)) return [];
  const { group_mappings } = observed.others;
  const mapped = group_mappings > 0 ? ` (there are ${group_mappings})` : '';
  return [
    `it leaves ${after} of ${before} members who hold OrganizationAdmin, and at least ${min_admins} must remain (--min-admins); ` +
      `pending people, service accounts and group mappings${mapped} do not count`,
  ];
}

/** The members who will hold OrganizationAdmin directly, by e-mail. */
export function adminsAfter(changes: readonly Change[], { people, organization }: Observed): string[] {
  const isAdmin = (role: ScopedRole | undefined) =>
    role?.role_name === 'OrganizationAdmin' && role.crn === organizationCrn(organization);
  const members = new Map<string, string>();
  const admins = new Set<string>();
  for (const { email, users, bindings } of people.values()) {
    for (const { id } of users) members.set(id, email);
    for (const { user, role } of bindings) if (isAdmin(role)) admins.add(user);
  }
  for (const { action, user = '', role } of changes) {
    if (action === 'grant' && isAdmin(role)) admins.add(user);
    if (action === 'remove' || (action === 'revoke' && isAdmin(role))) admins.delete(user);
  }
  return [...admins].flatMap((user) => members.get(user) ?? []).sort();
}

function removalRefusals(changes: readonly Change[], { plan: { members_and_pending }, limits }: Judged): string[] {
  const count = losersOf(changes).length;
  const most = limits.max_removals ?? Math.max(3, Math.floor(members_and_pending / 10));
  if (count <= most) return [];
  return [
    `${count} of ${members_and_pending} people would lose access, at most ${most} may; --max-removals ${count} allows it`,
  ];
}

/** The folded e-mails of those who lose access. Several users may share an address, and several addresses a user. */
export function losersOf(changes: readonly Change[]): string[] {
  const losses = changes.filter(isLoss).map(({ email, user }) => ({ email: foldEmail(email), user }));
  return [...new Map(losses.map(({ email, user }) => [`${email} ${user}`, email])).values()];
}

function revocationRefusals(changes: readonly Change[], { plan: { bindings_of_listed }, limits }: Judged): string[] {
  const count = changes.filter(({ action }) => action === 'revoke').length;
  const most = limits.max_revocations ?? Math.max(10, Math.floor(bindings_of_listed / 4));
  if (count <= most) return [];
  return [`${count} roles would be revoked, at most ${most} may; --max-revocations ${count} allows it`];
}
