import { foldEmail } from '../api/email.ts';
import type { Invitation } from '../api/invitation.ts';
import type { Change as EngineChange, WantedRole } from '../mail/change.ts';
import type { ApiKeys } from './decide-person.ts';
import { emailsOf, type Invited, type Observed, personNamed } from './observed.ts';
import { type Change, isMail } from './plan.ts';
import { losersOf } from './safety.ts';
import { wantedRole } from './scoped-roles.ts';

interface PhaseContext {
  readonly observed: Observed;
  /** As read when the plan was made. */
  readonly apiKeys: ApiKeys;
  /** Whether a person lacks what they were to get, so that nothing is taken from them. */
  readonly isLacking?: (email: string) => boolean;
  /** When a person was looked up, by the monotonic clock in milliseconds. */
  readonly lookedAtOf?: (email: string) => number;
  /** The command that repeats what was refused: the file stays what is wanted. */
  readonly repair?: string;
}

/** The changes of a plan in the order in which they are applied: additions, then revocations, then removals. */
export function phasesOf(changes: readonly Change[], context: PhaseContext): readonly (readonly EngineChange[])[] {
  const { organization } = context.observed;
  const granted = new Map<string, WantedRole[]>();
  for (const { action, email, role } of changes) {
    if (action !== 'grant' || role === undefined) continue;
    granted.set(foldEmail(email), [...(granted.get(foldEmail(email)) ?? []), wantedRole(role, organization)]);
  }
  const rolesOf = (email: string) => granted.get(foldEmail(email)) ?? [];
  // Invited people get all their roles with the invitation.
  const leaving = changesOfLeavers(changes);
  const handled = new Set(changes.filter(isMail).map(({ email }) => foldEmail(email)));
  const [additions, revocations, removals] = [[], [], []] as [EngineChange[], EngineChange[], EngineChange[]];
  const grants: EngineChange[] = [];
  for (const change of changes) {
    const { email: target, user = '', role } = change;
    const base = { target, known: [], ...repairOf(context) };
    switch (change.action) {
      case 'invite':
      case 'reinvite':
        additions.push(invite(change, context, rolesOf(target)));
        break;
      case 'grant':
        if (handled.has(foldEmail(target))) break;
        handled.add(foldEmail(target));
        grants.push({ ...base, kind: 'grant', user, roles: rolesOf(target) });
        break;
      case 'revoke':
        if (role === undefined || leaving.has(foldEmail(target))) break;
        revocations.push({
          ...{
            ...base,
            kind: 'revoke',
            user,
            roles: [{ ...wantedRole(role, organization), bindings: change.bindings ?? [] }],
          },
          isSkipped: () => context.isLacking?.(target) === true,
        });
        break;
      case 'withdraw':
      case 'remove':
        if (handled.has(foldEmail(target))) break;
        handled.add(foldEmail(target));
        removals.push(leaveOf(target, leaving.get(foldEmail(target)) ?? [], context));
        break;
      default:
        change.action satisfies never;
    }
  }
  return [[...additions, ...grants], revocations, removals];
}

/** Everything that is to be done about those who lose access, by folded e-mail. */
function changesOfLeavers(changes: readonly Change[]): ReadonlyMap<string, readonly Change[]> {
  const leaving = new Map<string, Change[]>([...losersOf(changes)].map((email) => [email, []]));
  for (const change of changes) leaving.get(foldEmail(change.email))?.push(change);
  return leaving;
}

/** Takes somebody out, as these changes of a plan ask for. */
export function leaveOf(
  target: string,
  changes: readonly Change[],
  { observed, apiKeys }: Pick<PhaseContext, 'observed' | 'apiKeys'>,
): EngineChange {
  const { organization } = observed;
  const person = personNamed(target, observed);
  const user = changes.find(({ action }) => action === 'remove')?.user;
  const users = new Set(changes.map((change) => change.user));
  const [whose] = users;
  const held = person?.bindings.filter((binding) => users.has(binding.user)).map(({ role }) => role) ?? [];
  const leftovers = new Map<string, string[]>();
  for (const { action, user: id = '', bindings = [] } of changes)
    if (action === 'revoke') leftovers.set(id, [...(leftovers.get(id) ?? []), ...bindings]);
  return {
    ...{ kind: 'leave', target, known: [], organization, leftovers },
    emails: person === undefined ? [target] : emailsOf(person),
    invitations: changes.flatMap(({ action, invitation = '' }) => (action === 'withdraw' ? [invitation] : [])),
    ...(user === undefined ? {} : { user }),
    ...(whose === undefined ? {} : { whose }),
    apiKeys: apiKeys.get(user ?? '') ?? 'unreadable',
    roles: [...new Set(held)].map(({ role_name, crn_pattern }) => ({ role_name, crn_pattern })),
  };
}

function repairOf({ repair }: PhaseContext): { readonly repair?: string } {
  return repair === undefined ? {} : { repair };
}

function invite(change: Change, context: PhaseContext, roles: readonly WantedRole[]): EngineChange {
  const { email: target, state, auth_type } = change;
  const known = context.observed.people.get(foldEmail(target))?.invitations.map(asInvitation) ?? [];
  return {
    // Nobody gets more roles than the plan says.
    ...{ ...repairOf(context), kind: 'create', target, known, roles, formerRoles: 'ignored' },
    decision: { act: 'post', outcome: known.length === 0 ? 'created' : 'reinvited' },
    ...(context.lookedAtOf === undefined ? {} : { lookedAt: context.lookedAtOf(target) }),
    ...(auth_type === undefined ? {} : { authType: auth_type }),
    ...(state === 'left' ? { hasLeft: true } : {}),
  };
}

/** The fields by which a new invitation is recognized, as the API sends them. */
function asInvitation({ id, email, status, auth_type, expires_at, updated_at, user }: Invited): Invitation {
  return { id, email, status, auth_type, expires_at, user: { id: user }, metadata: { updated_at } };
}

/** Whether a grant of OrganizationAdmin failed: then nothing may be taken away. */
export function failedToGrantAdmin({ roles = [] }: { readonly roles?: readonly FailedRole[] | undefined }): boolean {
  return roles.some(({ role_name, error }) => role_name === 'OrganizationAdmin' && error !== undefined);
}

interface FailedRole {
  readonly role_name: string;
  readonly error?: unknown;
}
