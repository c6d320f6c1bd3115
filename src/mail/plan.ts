import { foldEmail } from '../api/email.ts';
import type { AuthType, Invitation } from '../api/invitation.ts';
import type { Role } from '../api/roles.ts';
import type { Target, TargetMatch } from '../api/targets.ts';
import type { Absence, Person } from '../api/users.ts';
import { textAt } from '../text/json-fields.ts';
import type { CreateChange, DeleteChange, ResendChange, Tools } from './change.ts';
import { decideCreate, decideDelete, decideResend, firstMail, userIn } from './decide.ts';
import { invitationsOf, type KnownPeople, membersAmong } from './look.ts';
import { organizationFor, readRolesOf, resolveRole } from './roles.ts';

/** Somebody to invite, and with what. */
interface Wish {
  readonly email: string;
  readonly authType?: AuthType | undefined;
  readonly roles: readonly Role[];
}

interface CreateOptions {
  /** Of those who have none of their own. */
  readonly authType?: AuthType | undefined;
  readonly known: KnownPeople;
  /** The one that the roles belong to; undefined if it cannot be told. */
  readonly organization: string | undefined;
  /** Mail also those who are invited, or were mailed, already. */
  readonly again?: boolean | undefined;
  /** Reads the roles that people have already, so that only what is missing is granted. */
  readonly readsRoles: boolean;
  /** Reads who is a member without an invitation, which only the refusal of a mail would tell. */
  readonly readsMembers: boolean;
}

/** What is to be done for somebody, decided whenever it is asked: the changes of a large import are never there all at once. */
export type CreatePlan = (wish: Wish) => CreateChange;

/** Looks up, before the first mail leaves, what else decides about these people than their invitations. */
export async function planCreates(
  wishes: Iterable<Wish>,
  { known, organization, again = false, readsRoles, readsMembers, authType }: CreateOptions,
  tools: Tools,
): Promise<CreatePlan> {
  const now = tools.clock.now();
  const emails = [...wishes].map(({ email }) => email);
  const { gone, unsure } = await absentAmong(emails, known, tools);
  const decide = (email: string) => decideCreate(known.of(email), now, { again, hasLeft: gone.has(foldEmail(email)) });
  const isNew = (email: string) => decide(email) === firstMail;
  const members = readsMembers ? await membersAmong(new Set(emails.filter(isNew).map(foldEmail)), tools.users) : none;
  const invited = emails.flatMap((email) => known.of(email).flatMap((one) => textAt(one, 'user', 'id') ?? []));
  const users = new Set([...members.values(), ...invited]);
  const isRead = readsRoles && users.size > 0 && [...wishes].some(({ roles }) => roles.length > 0);
  const rolesOf = isRead && organization !== undefined ? await readRolesOf(users, organization, tools) : undefined;
  return ({ email, authType: own, roles }) => {
    const name = foldEmail(email);
    const user = members.get(name);
    return {
      kind: 'create',
      target: email,
      known: known.of(email),
      decision: user === undefined ? decide(email) : { act: 'nothing', outcome: 'already_member', user },
      lookedAt: known.lookedAt,
      authType: own ?? authType,
      roles: roles.map((role) => resolveRole(role, organization)),
      rolesOf,
      again,
      hasLeft: gone.has(name),
      mayHaveLeft: unsure.has(name),
    };
  };
}

const none: ReadonlyMap<string, string> = new Map();

/** The same for addresses that are typed, which are looked up first. */
export async function planTyped(
  wishes: readonly Wish[],
  { again, dryRun }: { readonly again: boolean; readonly dryRun: boolean },
  tools: Tools,
): Promise<readonly CreateChange[]> {
  const emails = wishes.map(({ email }) => email);
  const known = await invitationsOf(emails, tools);
  const roles = wishes.flatMap((wish) => wish.roles);
  const organization = roles.length === 0 ? undefined : await organizationFor(roles, emails.flatMap(known.of), tools);
  const how = { known, organization, again, readsRoles: dryRun, readsMembers: dryRun };
  return wishes.map(await planCreates(wishes, how, tools));
}

/** Who accepted once and is no longer a member. */
async function absentAmong(emails: readonly string[], known: KnownPeople, { users, clock }: Tools): Promise<Absence> {
  const accepted = emails.flatMap((email): Person[] => {
    const decision = decideCreate(known.of(email), clock.now());
    if (decision.act !== 'nothing' || decision.outcome !== 'already_member') return [];
    return [{ email, id: userIn(decision) }];
  });
  return accepted.length === 0 ? { gone: new Set(), unsure: new Set() } : users.absent(accepted);
}

export interface FoundTargets {
  readonly found: readonly TargetMatch[];
  /** Of the monotonic clock, in milliseconds. */
  readonly lookedAt: number;
}

export function planDeletes({ found, lookedAt }: FoundTargets, ifExists: boolean, now: number): DeleteChange[] {
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

/** A person gets one mail, by however many ids and addresses they are meant. */
export function planResends({ found, lookedAt }: FoundTargets, now: number): ResendPlan {
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
