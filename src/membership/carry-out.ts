import type { Change as EngineChange, GrantChange, Mailed, WantedRole } from '../changes/change.ts';
import { formatRole } from '../confluent/roles.ts';
import { foldEmail } from '../invitations/email.ts';
import type { Invitation } from '../invitations/invitation.ts';
import type { Invited, Observed } from './observed.ts';
import type { Change } from './plan.ts';
import type { ApiKeys } from './question.ts';
import { asTyped, type ScopedRole } from './scoped-roles.ts';

interface CarryingOut {
  readonly observed: Observed;
  /** As they were read when the plan was made. */
  readonly apiKeys: ApiKeys;
  /** Whom this machine mailed not long ago. */
  readonly mails: { get(email: string): Mailed | undefined };
}

/** The changes of a plan as they are carried out: what gives access first, then revocations, then who leaves. */
export function phasesOf(changes: readonly Change[], about: CarryingOut): readonly (readonly EngineChange[])[] {
  const named = roleNamer(about.observed);
  const mailed = new Set<string>();
  const grants = new Map<string, GrantChange & { readonly roles: WantedRole[] }>();
  const given: EngineChange[] = [];
  const revoked: EngineChange[] = [];
  const removed: EngineChange[] = [];
  for (const change of changes) {
    const { email: target, user = '', role } = change;
    const of = { target, known: [] };
    if (change.action === 'invite' || change.action === 'reinvite') {
      mailed.add(foldEmail(target));
      given.push(invite(change, about, named));
    } else if (change.action === 'remove') {
      removed.push({ ...of, kind: 'remove', user, apiKeys: about.apiKeys.get(user) ?? 'unreadable' });
    } else if (change.action === 'withdraw') {
      removed.push({ ...of, kind: 'withdraw', invitation: change.invitation ?? '' });
    } else if (change.action === 'revoke' && role !== undefined) {
      revoked.push({ ...of, kind: 'revoke', user, role: named(role), bindings: change.bindings ?? [] });
    }
  }
  for (const { action, email: target, user, role } of changes) {
    // People who are invited get all their roles with the invitation.
    if (action !== 'grant' || role === undefined || user === undefined || mailed.has(foldEmail(target))) continue;
    const known = grants.get(user);
    if (known === undefined) grants.set(user, { kind: 'grant', target, known: [], user, roles: [named(role)] });
    else known.roles.push(named(role));
  }
  return [[...given, ...grants.values()], revoked, removed];
}

type RoleNamer = (role: ScopedRole) => WantedRole;

function roleNamer({ organization }: Observed): RoleNamer {
  return (role) => {
    const typed = asTyped(role, organization);
    const { role_name, crn_pattern } = role;
    return { typed: typed === undefined ? role_name : formatRole(typed), role_name, crn_pattern };
  };
}

function invite(change: Change, { observed, mails }: CarryingOut, named: RoleNamer): EngineChange {
  const { email: target, state, auth_type, roles = [] } = change;
  const known = observed.people.get(foldEmail(target))?.invitations.map(asInvitation) ?? [];
  const mailed = mails.get(target);
  return {
    ...{ kind: 'create', target, known, roles: roles.map(named) },
    decision: { act: 'post', outcome: known.length === 0 ? 'created' : 'reinvited' },
    ...(auth_type === undefined ? {} : { authType: auth_type }),
    ...(mailed === undefined ? {} : { mailed }),
    ...(state === 'left' ? { hasLeft: true } : {}),
  };
}

/** An invitation as the API sent it, as far as it is needed to tell a new one from it. */
function asInvitation({ id, email, status, auth_type, expires_at, updated_at, user }: Invited): Invitation {
  return { id, email, status, auth_type, expires_at, user: { id: user }, metadata: { updated_at } };
}

/** Whether a result says that somebody could not be made an administrator: then nobody may lose anything. */
export function lacksAdmin({ roles = [] }: { readonly roles?: readonly FailedRole[] }): boolean {
  return roles.some(({ role_name, error }) => role_name === 'OrganizationAdmin' && error !== undefined);
}

interface FailedRole {
  readonly role_name: string;
  readonly error?: unknown;
}
