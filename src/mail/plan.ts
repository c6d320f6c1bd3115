import { checkOrganization, crnOf } from '../api/crn.ts';
import { Domains } from '../api/domains.ts';
import { EmailMap, foldEmail } from '../api/email.ts';
import { type AuthType, type Invitation, isLive } from '../api/invitation.ts';
import { formatRole, type Role } from '../api/roles.ts';
import type { Target, TargetMatch } from '../api/targets.ts';
import type { Absence, Person } from '../api/users.ts';
import { isPartial, wholeInvitations } from '../api/whole.ts';
import { CliError } from '../errors.ts';
import { textAt } from '../text/json-fields.ts';
import type { CreateChange, DeleteChange, ResendChange, Tools, WantedRole } from './change.ts';
import { decideCreate, decideDelete, decideResend } from './decide.ts';
import { lean, lookOnceMore } from './look.ts';
import { organizationOf } from './roles.ts';

interface CreateRequest {
  readonly emails: readonly string[];
  readonly authType?: AuthType | undefined;
  readonly roles: readonly Role[];
  /** Mail also those who are invited, or were mailed, already. */
  readonly again?: boolean | undefined;
}

/** Looks up everybody first, then decides for each; the roles get their full names before the first mail leaves. */
export async function planCreates(
  { emails, authType, roles, again = false }: CreateRequest,
  tools: Tools,
): Promise<CreateChange[]> {
  const lookedAt = tools.clock.monotonic();
  const found = await findEmails(emails, tools);
  const all = [...found.values()].flat();
  const wanted = await wantedRoles(roles, all, tools);
  const now = tools.clock.now();
  const absence = await absentAmong(found, tools);
  return [...found].map(([target, known]) => {
    const left = leaving(target, absence);
    return {
      ...{ kind: 'create', target, roles: wanted, known, lookedAt, again },
      decision: decideCreate(known, now, { again, ...left }),
      ...left,
      ...(authType === undefined ? {} : { authType }),
    };
  });
}

/** Each address with all its invitations. */
async function findEmails(emails: readonly string[], tools: Tools): Promise<Map<string, readonly Invitation[]>> {
  const [only, ...more] = emails;
  if (only === undefined) return new Map();
  if (more.length === 0) {
    const found = await tools.invitations.findByEmail(only);
    return new Map([[only, await wholeInvitations(tools.invitations, found)]]);
  }
  const known = await readKnownInvitations(new Set(emails.map(foldEmail)), tools);
  return new Map(emails.map((email) => [email, known.of(email)]));
}

/** Who accepted once and is no longer a member, among people with all their invitations. */
export async function absentAmong(
  people: Iterable<readonly [email: string, invitations: readonly Invitation[]]>,
  { users, clock }: Pick<Tools, 'users' | 'clock'>,
): Promise<Absence> {
  const accepted: Person[] = [];
  for (const [email, invitations] of people) {
    const decision = decideCreate(invitations, clock.now());
    if (decision.act === 'nothing' && decision.outcome === 'already_member')
      accepted.push({ email, id: textAt(decision.invitation, 'user', 'id') });
  }
  return accepted.length === 0 ? { gone: new Set(), unsure: new Set() } : users.absent(accepted);
}

/** What a change has to know of somebody who may have left. */
export function leaving(email: string, { gone, unsure }: Absence): Pick<CreateChange, 'hasLeft' | 'mayHaveLeft'> {
  const name = foldEmail(email);
  return { ...(gone.has(name) ? { hasLeft: true } : {}), ...(unsure.has(name) ? { mayHaveLeft: true } : {}) };
}

interface DeleteOptions {
  readonly ifExists: boolean;
  /** Of the monotonic clock, in milliseconds. */
  readonly lookedAt: number;
}

export function planDeletes(
  found: readonly TargetMatch[],
  { ifExists, lookedAt }: DeleteOptions,
  now: number,
): DeleteChange[] {
  const gone = new Set<Invitation>();
  return found.flatMap(({ target, invitations }): DeleteChange[] => {
    const decision = decideDelete(invitations, now);
    const invitation = 'invitation' in decision ? decision.invitation : undefined;
    // An id and the e-mail of the same invitation: once is enough.
    if (invitation !== undefined && gone.has(invitation)) return [];
    if (invitation !== undefined) gone.add(invitation);
    return [{ kind: 'delete', target: target.text, known: invitations, decision, ifExists, lookedAt }];
  });
}

interface ResendPlan {
  readonly changes: readonly ResendChange[];
  /** Targets that mean a person whom another target means already. */
  readonly repeated: readonly string[];
}

/**
 * A person gets one mail, by however many ids and addresses they are meant.
 * @param lookedAt Of the monotonic clock, in milliseconds.
 */
export function planResends(found: readonly TargetMatch[], lookedAt: number, now: number): ResendPlan {
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
    changes.push({ kind: 'resend', target: target.text, known: invitations, decision, lookedAt });
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

/** What one pass over the whole list says about many people. */
export interface KnownInvitations {
  /** All invitations of an e-mail. */
  of(email: string): readonly Invitation[];
  /** How many invitations of the organization can still be accepted, for all addresses. */
  readonly pending: number;
  /** The domain of most of the addresses that were invited; undefined if none has most of them. */
  readonly domain: string | undefined;
  /** The organization's id, as their names tell it. */
  readonly organization: string | undefined;
}

const none: readonly Invitation[] = [];

/**
 * Reads the list once and keeps what concerns these people, however many others there are. Where it has several pages,
 * those who would be mailed are looked for once more.
 * @param people E-mails in small letters.
 */
export async function readKnownInvitations(
  people: People,
  { invitations, clock }: Pick<Tools, 'invitations' | 'clock'>,
): Promise<KnownInvitations> {
  const known = new EmailMap<readonly Invitation[]>();
  const of = (email: string) => known.get(email) ?? none;
  const pending = new Set<unknown>();
  const domains = new Domains();
  let pages = 0;
  const learn = (invitation: Invitation) => {
    const id = textAt(invitation, 'id');
    if (isLive(invitation, clock.now())) pending.add(id ?? invitation);
    const email = textAt(invitation, 'email') ?? '';
    domains.add(email);
    const isNew = id === undefined || of(email).every((other) => textAt(other, 'id') !== id);
    if (isNew && people.has(foldEmail(email))) known.set(email, [...of(email), lean(invitation)]);
  };
  for await (const batch of invitations.list({}, { whole: true })) {
    pages += 1;
    batch.forEach(learn);
  }
  for (const [email, rows] of known)
    if (rows.some(isPartial)) known.set(email, (await wholeInvitations(invitations, rows)).map(lean));
  if (pages > 1) {
    const unseen = [...people.keys()].filter((email) => decideCreate(of(email), clock.now()).act === 'post');
    for await (const batch of lookOnceMore(invitations, unseen)) batch.forEach(learn);
  }
  return { pending: pending.size, domain: domains.most, organization: invitations.organization(), of };
}

/** Whose invitations are kept, by e-mails in small letters. */
interface People {
  has(email: string): boolean;
  keys(): Iterable<string>;
}
