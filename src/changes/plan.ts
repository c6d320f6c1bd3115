import { CliError } from '../errors.ts';
import { decideCreate, decideDelete, decideResend } from '../invitations/decide.ts';
import { foldEmail } from '../invitations/email.ts';
import { type AuthType, type Invitation, textAt } from '../invitations/invitation.ts';
import { type Found, findMany, type Target } from '../invitations/targets.ts';
import { crnOf, organizationIn } from '../roles/crn.ts';
import { formatRole, type Role } from '../roles/role.ts';
import type { CreateChange, DeleteChange, Mailed, ResendChange, Tools, WantedRole } from './change.ts';
import { absentAmong, leaving } from './recall.ts';

export interface CreateWish {
  readonly emails: readonly string[];
  readonly authType?: AuthType | undefined;
  readonly roles: readonly Role[];
  /** Mail also those who are invited, or were mailed, already. */
  readonly again?: boolean | undefined;
  /** Whom this machine mailed not long ago. */
  readonly mails?: { get(email: string): Mailed | undefined } | undefined;
}

/** Looks up everybody first, then decides for each; the roles get their full names before the first mail leaves. */
export async function planCreates(
  { emails, authType, roles, again = false, mails }: CreateWish,
  tools: Tools,
): Promise<CreateChange[]> {
  const found = await findEmails(emails, tools);
  const wanted = await wantedRoles(
    roles,
    found.flatMap((one) => one.invitations),
    tools,
  );
  const now = tools.clock.now();
  const absence = await absentAmong(
    found.map(({ target, invitations }) => [target.text, invitations]),
    tools,
  );
  return found.map(({ target: { text: target }, invitations }) => {
    const left = leaving(target, absence);
    const mailed = again ? undefined : mails?.get(target);
    return {
      ...{ kind: 'create', target, roles: wanted, known: invitations },
      decision: decideCreate(invitations, now, { again, ...left }),
      ...left,
      ...(mailed === undefined ? {} : { mailed }),
      ...(authType === undefined ? {} : { authType }),
    };
  });
}

export interface DeleteWishes {
  readonly removeUser: boolean;
  readonly ifExists: boolean;
}

export function planDeletes(
  found: readonly Found[],
  { removeUser, ifExists }: DeleteWishes,
  now: number,
): DeleteChange[] {
  const gone = new Set<Invitation>();
  return found.flatMap(({ target, invitations }): DeleteChange[] => {
    const decision = decideDelete(invitations, { removeUser }, now);
    const invitation = 'invitation' in decision ? decision.invitation : undefined;
    // An id and the e-mail of the same invitation: once is enough.
    if (invitation !== undefined && gone.has(invitation)) return [];
    if (invitation !== undefined) gone.add(invitation);
    return [{ kind: 'delete', target: target.text, known: invitations, decision, ifExists }];
  });
}

export interface ResendPlan {
  readonly changes: readonly ResendChange[];
  /** Targets that mean a person whom another target means already. */
  readonly repeated: readonly string[];
}

/** A person gets one mail, by however many ids and addresses they are meant. */
export function planResends(found: readonly Found[], now: number): ResendPlan {
  const mailed = new Set<string>();
  const changes: ResendChange[] = [];
  const repeated: string[] = [];
  for (const { target, invitations } of found) {
    const decision = decideResend(invitations, now);
    const email = decision.act === 'post' ? foldEmail(textAt(decision.invitation, 'email') ?? target.text) : undefined;
    if (email !== undefined && mailed.has(email)) {
      repeated.push(target.text);
      continue;
    }
    if (email !== undefined) mailed.add(email);
    changes.push({ kind: 'resend', target: target.text, known: invitations, decision });
  }
  return { changes, repeated };
}

/** Each invitation as a target of its own, for those that a filter chose. */
export function foundById(invitations: readonly Invitation[]): Found[] {
  return invitations.map((invitation) => {
    const target: Target = { kind: 'id', text: textAt(invitation, 'id') ?? '' };
    return { target, invitations: [invitation] };
  });
}

async function findEmails(emails: readonly string[], { invitations }: Tools): Promise<Found[]> {
  const targets = emails.map((text): Target => ({ kind: 'email', text }));
  const [only, ...more] = targets;
  if (only === undefined || more.length > 0) return findMany(invitations, targets);
  return [{ target: only, invitations: await invitations.findByEmail(only.text) }];
}

async function wantedRoles(roles: readonly Role[], known: readonly Invitation[], tools: Tools): Promise<WantedRole[]> {
  const organization = roles.some(needsOrganization) ? await organizationOf(known, tools) : '';
  return roles.map((role) => wantedRole(role, organization));
}

/** Whether the full name of its scope begins with an organization that was not typed. */
export function needsOrganization({ scope }: Role): boolean {
  return scope === undefined || !scope.startsWith('crn:');
}

export function wantedRole(role: Role, organization: string): WantedRole {
  return { typed: formatRole(role), role_name: role.role_name, crn_pattern: crnOf(role, organization) };
}

/** The id of the organization, from an invitation at hand or else from the API. */
export async function organizationOf(known: readonly Invitation[], { roles }: Pick<Tools, 'roles'>): Promise<string> {
  for (const invitation of known) {
    const id = organizationIn(textAt(invitation, 'metadata', 'resource_name') ?? '');
    if (id !== undefined) return id;
  }
  const [id, ...more] = await roles.organizations();
  if (id !== undefined && more.length === 0) return id;
  throw new CliError('bad_response', 'cannot tell which organization the roles belong to', {
    reason: id === undefined ? 'the API names none' : 'the API names several',
    hints: ['--role NAME@crn://confluent.cloud/organization=… names it'],
  });
}
