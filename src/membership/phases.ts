import { foldEmail } from '../api/email.ts';
import type { Invitation } from '../api/invitation.ts';
import { formatRole } from '../api/roles.ts';
import type { Change as EngineChange, GrantChange, Mailed, WantedRole } from '../mail/change.ts';
import type { ApiKeys } from './decision-input.ts';
import type { Invited, Observed } from './observed.ts';
import type { Change } from './plan.ts';
import { asTyped, type ScopedRole } from './scoped-roles.ts';

interface PhaseContext {
  readonly observed: Observed;
  /** As read when the plan was made. */
  readonly apiKeys: ApiKeys;
  /** The mails that this machine sent recently. */
  readonly mails: { get(email: string): Mailed | undefined };
}

/** The changes of a plan in the order in which they are applied: additions, then revocations, then removals. */
export function phasesOf(changes: readonly Change[], context: PhaseContext): readonly (readonly EngineChange[])[] {
  const wantedRole = toWantedRole(context.observed);
  const mailed = new Set<string>();
  const grants = new Map<string, GrantChange & { readonly roles: WantedRole[] }>();
  const additions: EngineChange[] = [];
  const revocations: EngineChange[] = [];
  const removals: EngineChange[] = [];
  for (const change of changes) {
    const { email: target, user = '', role } = change;
    const base = { target, known: [] };
    if (change.action === 'invite' || change.action === 'reinvite') {
      mailed.add(foldEmail(target));
      additions.push(invite(change, context, wantedRole));
    } else if (change.action === 'remove') {
      removals.push({ ...base, kind: 'remove', user, apiKeys: context.apiKeys.get(user) ?? 'unreadable' });
    } else if (change.action === 'withdraw') {
      removals.push({ ...base, kind: 'withdraw', invitation: change.invitation ?? '' });
    } else if (change.action === 'revoke' && role !== undefined) {
      revocations.push({ ...base, kind: 'revoke', user, role: wantedRole(role), bindings: change.bindings ?? [] });
    }
  }
  for (const { action, email: target, user, role } of changes) {
    // Invited people get all their roles with the invitation.
    if (action !== 'grant' || role === undefined || user === undefined || mailed.has(foldEmail(target))) continue;
    const known = grants.get(user);
    if (known === undefined) grants.set(user, { kind: 'grant', target, known: [], user, roles: [wantedRole(role)] });
    else known.roles.push(wantedRole(role));
  }
  return [[...additions, ...grants.values()], revocations, removals];
}

type ToWantedRole = (role: ScopedRole) => WantedRole;

function toWantedRole({ organization }: Observed): ToWantedRole {
  return (role) => {
    const typed = asTyped(role, organization);
    const { role_name, crn_pattern } = role;
    return { typed: typed === undefined ? role_name : formatRole(typed), role_name, crn_pattern };
  };
}

function invite(change: Change, { observed, mails }: PhaseContext, wantedRole: ToWantedRole): EngineChange {
  const { email: target, state, auth_type, roles = [] } = change;
  const known = observed.people.get(foldEmail(target))?.invitations.map(asInvitation) ?? [];
  const mailed = mails.get(target);
  return {
    ...{ kind: 'create', target, known, roles: roles.map(wantedRole) },
    decision: { act: 'post', outcome: known.length === 0 ? 'created' : 'reinvited' },
    ...(auth_type === undefined ? {} : { authType: auth_type }),
    ...(mailed === undefined ? {} : { mailed }),
    ...(state === 'left' ? { hasLeft: true } : {}),
  };
}

/** The fields by which a new invitation is recognized, as the API sends them. */
function asInvitation({ id, email, status, auth_type, expires_at, updated_at, user }: Invited): Invitation {
  return { id, email, status, auth_type, expires_at, user: { id: user }, metadata: { updated_at } };
}

/** Whether a grant of OrganizationAdmin failed: then nothing may be taken away. */
export function failedToGrantAdmin({ roles = [] }: { readonly roles?: readonly FailedRole[] }): boolean {
  return roles.some(({ role_name, error }) => role_name === 'OrganizationAdmin' && error !== undefined);
}

interface FailedRole {
  readonly role_name: string;
  readonly error?: unknown;
}
