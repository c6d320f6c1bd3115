import { foldEmail } from '../api/email.ts';
import type { AuthType, Invitation } from '../api/invitation.ts';
import type { Role } from '../api/roles.ts';
import type { Target, TargetMatch } from '../api/targets.ts';
import type { Absence, Person } from '../api/users.ts';
import { textAt } from '../text/json-fields.ts';
import type { CreateChange, DeleteChange, ResendChange, Tools, WantedRole } from './change.ts';
import { decideCreate, decideDelete, decideResend, userIn } from './decide.ts';
import { invitationsOf, type KnownPeople, membersAmong } from './look.ts';
import { organizationFor, readRolesOf, resolveRole } from './roles.ts';

/** Somebody to invite, and with what. */
interface Wish {
  readonly email: string;
  readonly authType?: AuthType | undefined;
  readonly roles: readonly Role[];
}

interface CreateOptions {
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

/** Decides for each, and gives the roles their full names, before the first mail leaves. */
export async function planCreates(
  wishes: readonly Wish[],
  { known, organization, again = false, readsRoles, readsMembers }: CreateOptions,
  tools: Tools,
): Promise<readonly CreateChange[]> {
  const now = tools.clock.now();
  const name = roleNamer(organization);
  const absence = await absentAmong(wishes, known, tools);
  const changes = wishes.map(({ email: target, authType, roles }): CreateChange => {
    const left = leaving(target, absence);
    const found = known.of(target);
    return {
      ...{ kind: 'create', target, roles: name(roles), known: found, lookedAt: known.lookedAt },
      decision: decideCreate(found, now, { again, ...left }),
      ...left,
      ...{ again, authType },
    };
  });
  const decided = readsMembers ? await withMembers(changes, tools) : changes;
  return readsRoles ? withRolesRead(decided, organization, tools) : decided;
}

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
  return planCreates(wishes, { known, organization, again, readsRoles: dryRun, readsMembers: dryRun }, tools);
}

/** Rows with the same roles share them. */
function roleNamer(organization: string | undefined): (roles: readonly Role[]) => readonly WantedRole[] {
  const known = new Map<readonly Role[], readonly WantedRole[]>();
  return (roles) => {
    const named = known.get(roles) ?? roles.map((role) => resolveRole(role, organization));
    known.set(roles, named);
    return named;
  };
}

/** Who accepted once and is no longer a member. */
async function absentAmong(wishes: readonly Wish[], known: KnownPeople, { users, clock }: Tools): Promise<Absence> {
  const accepted = wishes.flatMap(({ email }): Person[] => {
    const decision = decideCreate(known.of(email), clock.now());
    if (decision.act !== 'nothing' || decision.outcome !== 'already_member') return [];
    return [{ email, id: userIn(decision) }];
  });
  return accepted.length === 0 ? { gone: new Set(), unsure: new Set() } : users.absent(accepted);
}

/** What a change has to know of somebody who may have left. */
function leaving(email: string, { gone, unsure }: Absence): Pick<CreateChange, 'hasLeft' | 'mayHaveLeft'> {
  const name = foldEmail(email);
  return { hasLeft: gone.has(name), mayHaveLeft: unsure.has(name) };
}

/** The same changes, where members who were never invited are not. */
async function withMembers(changes: readonly CreateChange[], { users }: Tools): Promise<readonly CreateChange[]> {
  const isNew = ({ decision }: CreateChange) => decision.act === 'post' && decision.outcome === 'created';
  const members = await membersAmong(new Set(changes.filter(isNew).map(({ target }) => foldEmail(target))), users);
  return changes.map((change) => {
    const user = isNew(change) ? members.get(foldEmail(change.target)) : undefined;
    return user === undefined ? change : { ...change, decision: { act: 'nothing', outcome: 'already_member', user } };
  });
}

/** One pass over the role bindings, if roles are asked for and somebody is there already who may have them. */
async function withRolesRead(
  changes: readonly CreateChange[],
  organization: string | undefined,
  tools: Tools,
): Promise<readonly CreateChange[]> {
  const users = changes.flatMap(({ decision, known }) =>
    [userIn(decision) ?? [], ...known.map((one) => textAt(one, 'user', 'id') ?? [])].flat(),
  );
  if (users.length === 0 || organization === undefined || changes.every(({ roles }) => roles.length === 0))
    return changes;
  const rolesOf = await readRolesOf(new Set(users), organization, tools);
  return rolesOf === undefined ? changes : changes.map((change) => ({ ...change, rolesOf }));
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
