import type { Invitations } from '../api/client.ts';
import { checkOrganization, crnOf, organizationIn } from '../api/crn.ts';
import { EmailMap, foldEmail } from '../api/email.ts';
import { type AuthType, type Invitation, isLive } from '../api/invitation.ts';
import { formatRole, type Role } from '../api/roles.ts';
import { findMany, type Target, type TargetMatch } from '../api/targets.ts';
import { CliError } from '../errors.ts';
import { textAt } from '../text/json-fields.ts';
import type { CreateChange, DeleteChange, Mailed, ResendChange, Tools, WantedRole } from './change.ts';
import { decideCreate, decideDelete, decideResend } from './decide.ts';
import { absentAmong, leaving } from './recall.ts';

interface CreateRequest {
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
  { emails, authType, roles, again = false, mails }: CreateRequest,
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

interface DeleteOptions {
  readonly removeUser: boolean;
  readonly ifExists: boolean;
}

export function planDeletes(
  found: readonly TargetMatch[],
  { removeUser, ifExists }: DeleteOptions,
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

interface ResendPlan {
  readonly changes: readonly ResendChange[];
  /** Targets that mean a person whom another target means already. */
  readonly repeated: readonly string[];
}

/** A person gets one mail, by however many ids and addresses they are meant. */
export function planResends(found: readonly TargetMatch[], now: number): ResendPlan {
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
export function matchesById(invitations: readonly Invitation[]): TargetMatch[] {
  return invitations.map((invitation) => {
    const target: Target = { kind: 'id', text: textAt(invitation, 'id') ?? '' };
    return { target, invitations: [invitation] };
  });
}

async function findEmails(emails: readonly string[], { invitations }: Tools): Promise<TargetMatch[]> {
  const targets = emails.map((text): Target => ({ kind: 'email', text }));
  const [only, ...more] = targets;
  if (only === undefined || more.length > 0) return findMany(invitations, targets);
  return [{ target: only, invitations: await invitations.findByEmail(only.text) }];
}

async function wantedRoles(roles: readonly Role[], known: readonly Invitation[], tools: Tools): Promise<WantedRole[]> {
  if (roles.length === 0) return [];
  const organization = await organizationFor(roles, known, tools);
  return roles.map((role) => resolveRole(role, organization));
}

/** Where every scope names its organization, the roles can be granted although the API does not tell which it is. */
async function organizationFor(
  roles: readonly Role[],
  known: readonly Invitation[],
  tools: Tools,
): Promise<string | undefined> {
  try {
    return await organizationOf(known, tools);
  } catch (error) {
    if (!(error instanceof CliError) || error.code === 'cancelled' || roles.some(needsOrganization)) throw error;
    return undefined;
  }
}

/** Whether the full name of its scope begins with an organization that was not typed. */
export function needsOrganization({ scope }: Role): boolean {
  return scope === undefined || !scope.startsWith('crn:');
}

/** @param organization Undefined if it cannot be told. Throws `usage` if the scope is in another one. */
export function resolveRole(role: Role, organization: string | undefined): WantedRole {
  if (organization !== undefined) checkOrganization(role, organization);
  return { typed: formatRole(role), role_name: role.role_name, crn_pattern: crnOf(role, organization ?? '') };
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

/** What one pass over the whole list says about many people. */
export interface KnownInvitations {
  /** All invitations of an e-mail. */
  of(email: string): readonly Invitation[];
  /** How many invitations of the organization can still be accepted, for all addresses. */
  readonly pending: number;
  /** The organization's id, as their names tell it. */
  readonly organization: string | undefined;
}

const none: readonly Invitation[] = [];

/** Reads the list once and keeps what concerns these people, however many others there are. */
export async function readKnownInvitations(
  invitations: Invitations,
  people: EmailLookup,
  now: () => number,
): Promise<KnownInvitations> {
  const known = new EmailMap<readonly Invitation[]>();
  let pending = 0;
  let organization: string | undefined;
  for await (const batch of invitations.list({}, { whole: true })) {
    for (const invitation of batch) {
      organization ??= organizationIn(textAt(invitation, 'metadata', 'resource_name') ?? '');
      if (isLive(invitation, now())) pending += 1;
      const email = foldEmail(textAt(invitation, 'email') ?? '');
      if (people.has(email)) known.set(email, [...(known.get(email) ?? none), lean(invitation)]);
    }
  }
  return { pending, organization, of: (email) => known.get(email) ?? none };
}

/** Whose invitations are kept. The e-mail is in small letters. */
interface EmailLookup {
  has(email: string): boolean;
}

/** What is decided by and shown. */
function lean({ id, email, status, auth_type, expires_at, accepted_at, ...rest }: Invitation): Invitation {
  const user = textAt(rest, 'user', 'id');
  const created_at = textAt(rest, 'metadata', 'created_at');
  const updated_at = textAt(rest, 'metadata', 'updated_at');
  return {
    ...{ id, email, status, auth_type, expires_at, accepted_at },
    ...(user === undefined ? {} : { user: { id: user } }),
    metadata: { created_at, updated_at },
  };
}
