import { foldEmail } from '../api/email.ts';
import {
  type AuthType,
  currentInvitation,
  fewPeople,
  type Invitation,
  isLive,
  type State,
  stateOf,
} from '../api/invitation.ts';
import type { Role } from '../api/roles.ts';
import type { Target, TargetMatch } from '../api/targets.ts';
import { onlyUser } from '../api/users.ts';
import { unlessMissing } from '../http/failure.ts';
import { textAt } from '../text/json-fields.ts';
import {
  type CreateChange,
  type CreateDecision,
  type DeleteChange,
  type DeleteDecision,
  type ResendChange,
  type ResendDecision,
  type Tools,
  userIn,
} from './change.ts';
import { invitationsOf, type KnownPeople } from './look.ts';
import { distinctRoles, formerUser, organizationFor, readRolesOf, resolveRole } from './roles.ts';

interface CreateDecisionOptions {
  /** `--again`: send a mail even if the person is already invited. */
  readonly again?: boolean;
  /** The person accepted an invitation once and is no longer a member. */
  readonly hasLeft?: boolean;
}

/**
 * Whether to send a POST. Each one mails a person, also if their invitation is still pending.
 * @param found All invitations of this e-mail.
 */
export function decideCreate(
  found: readonly Invitation[],
  now: number,
  { again = false, hasLeft = false }: CreateDecisionOptions = {},
): CreateDecision {
  const current = (...states: State[]) =>
    currentInvitation(
      found.filter((one) => states.includes(stateOf(one, now))),
      now,
    );
  const live = current('pending', 'staged');
  if (live !== undefined && !again) return { act: 'nothing', outcome: 'already_invited', invitation: live };
  const accepted = current('accepted');
  if (accepted !== undefined && live === undefined && !hasLeft)
    return { act: 'nothing', outcome: 'already_member', invitation: accepted };
  // An undocumented status may mean that it can still be accepted: better no mail than two.
  const unknown = current('unknown');
  if (unknown !== undefined && !again) return { act: 'nothing', outcome: 'already_invited', invitation: unknown };
  return { act: 'post', outcome: found.length === 0 ? 'created' : 'reinvited' };
}

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
  /** Reads the roles that people have already, so that only what is missing is granted; former ones are always read. */
  readonly readsRoles: boolean;
}

/** What is to be done for somebody, decided whenever it is asked: the changes of a large import are never there all at once. */
export type CreatePlan = (wish: Wish) => CreateChange;

/** Looks up, before the first mail leaves, what else decides about these people than their invitations. */
export async function planCreates(
  wishes: readonly Wish[],
  { known, organization, again = false, readsRoles, authType }: CreateOptions,
  tools: Tools,
): Promise<CreatePlan> {
  const now = tools.clock.now();
  const emails = wishes.map(({ email }) => email);
  const accepted = emails.flatMap((email) => {
    const decision = decideCreate(known.of(email), now, { again });
    return decision.outcome === 'already_member' ? { email, id: userIn(decision) } : [];
  });
  const { gone, unsure, renewed } = await tools.users.absent(accepted);
  const decide = (email: string) => decideCreate(known.of(email), now, { again, hasLeft: gone.has(foldEmail(email)) });
  const mailed = emails.filter((email) => decide(email).act === 'post');
  // Of members without an invitation only the refusal of a mail would tell.
  const members = tools.isDry && mailed.length > 0 ? await unlessMissing(tools.users.byEmail()) : undefined;
  const membersOf = (email: string) =>
    renewed.get(foldEmail(email)) ??
    (members?.has(email) && decide(email).act === 'post' ? members.get(email) : undefined);
  const invited = emails.flatMap((email) => known.of(email).flatMap((one) => textAt(one, 'user', 'id') ?? []));
  const former = mailed.flatMap((email) => formerUser(known.of(email), now) ?? []);
  const readsAll = readsRoles && wishes.some(({ roles }) => roles.length > 0);
  const users = new Set(readsAll ? [...emails.flatMap((email) => [...(membersOf(email) ?? [])]), ...invited] : former);
  const rolesOf = await readRolesOf(users, { roles: tools.roles, organization, areFormer: !readsAll });
  return ({ email, authType: own, roles }) => {
    const name = foldEmail(email);
    const there = membersOf(email);
    return {
      kind: 'create',
      target: email,
      known: known.of(email),
      decision:
        there === undefined ? decide(email) : { act: 'nothing', outcome: 'already_member', user: onlyUser(there) },
      lookedAt: known.lookedAt,
      authType: own ?? authType,
      roles: distinctRoles(roles.map((role) => resolveRole(role, organization))),
      rolesOf,
      again,
      hasLeft: gone.has(name),
      mayHaveLeft: unsure.has(name),
    };
  };
}

/** The same for addresses that are typed, which are looked up first. */
export async function planTyped(
  wishes: readonly Wish[],
  again: boolean,
  tools: Tools,
): Promise<readonly CreateChange[]> {
  const emails = wishes.map(({ email }) => email);
  const known = await invitationsOf(emails, tools);
  const roles = wishes.flatMap((wish) => wish.roles);
  const now = tools.clock.now();
  const isNeeded = roles.length > 0 || emails.some((email) => formerUser(known.of(email), now) !== undefined);
  const organization = isNeeded ? await organizationFor(roles, emails.flatMap(known.of), tools) : undefined;
  const how = { known, organization, again, readsRoles: tools.isDry };
  return wishes.map(await planCreates(wishes, how, tools));
}

export interface FoundTargets {
  readonly found: readonly TargetMatch[];
  /** Of the monotonic clock, in milliseconds. */
  readonly lookedAt: number;
}

/** What `delete` does for a target. If several of its invitations can still be accepted, a person has to choose. */
export function decideDelete(found: readonly Invitation[], now: number): DeleteDecision {
  const live = found.filter((one) => isLive(one, now));
  if (live.length > 1) return { act: 'refuse', code: 'ambiguous', live };
  const invitation = currentInvitation(found, now);
  if (invitation === undefined) return { act: 'refuse', code: 'not_found' };
  const state = stateOf(invitation, now);
  if (state === 'accepted') return { act: 'refuse', code: 'already_accepted' };
  if (state === 'deactivated') return { act: 'nothing', outcome: 'already_deleted', invitation };
  return { act: 'delete_invitation', invitation };
}

export function planDeletes({ found, lookedAt }: FoundTargets, ifExists: boolean, now: number): DeleteChange[] {
  const gone = new Set<unknown>();
  return found.flatMap(({ target, invitations }): DeleteChange[] => {
    const decision = decideDelete(invitations, now);
    const invitation = 'invitation' in decision ? decision.invitation : undefined;
    // An id and the e-mail of the same invitation: once is enough.
    const which = invitation && (textAt(invitation, 'id') ?? invitation);
    if (which !== undefined && gone.has(which)) return [];
    gone.add(which);
    return [{ kind: 'delete', target: target.text, known: invitations, decision, ifExists, lookedAt }];
  });
}

/** What `resend` does for a target. The API has no endpoint to resend: the same e-mail is posted again. */
export function decideResend(found: readonly Invitation[], now: number): ResendDecision {
  const invitation = currentInvitation(found, now);
  if (invitation === undefined) return { act: 'refuse', code: 'not_found' };
  const state = stateOf(invitation, now);
  if (state === 'accepted') return { act: 'refuse', code: 'already_accepted' };
  return state === 'deactivated' ? { act: 'refuse', code: 'not_possible' } : { act: 'post', invitation };
}

/** Reads the roles that many people had with the invitation that has ended, before the first mail leaves, or would. */
export async function withFormerRoles(
  changes: readonly ResendChange[],
  tools: Tools,
): Promise<readonly ResendChange[]> {
  const users = new Set(changes.flatMap(({ known }) => formerUser(known, tools.clock.now()) ?? []));
  if (users.size <= fewPeople && !tools.isDry) return changes;
  const all = changes.flatMap(({ known }) => known);
  const organization = await organizationFor([], all, tools);
  const rolesOf = await readRolesOf(users, { roles: tools.roles, organization, areFormer: true });
  return changes.map((change) => ({ ...change, rolesOf }));
}

/** A person gets one mail, by however many ids and addresses they are meant. */
export function planResends({ found, lookedAt }: FoundTargets, now: number): ResendChange[] {
  const mailed = new Set<string>();
  const changes: ResendChange[] = [];
  for (const { target, invitations } of found) {
    const decision = decideResend(invitations, now);
    const email = decision.act === 'post' ? foldEmail(textAt(decision.invitation, 'email') ?? target.text) : undefined;
    if (email !== undefined && mailed.has(email)) continue;
    if (email !== undefined) mailed.add(email);
    changes.push({ kind: 'resend', target: target.text, known: invitations, decision, lookedAt });
  }
  return changes;
}

/** Each invitation as a target of its own, for those that a filter chose. */
export function matchesById(invitations: readonly Invitation[]): TargetMatch[] {
  return invitations.map((invitation) => {
    const target: Target = { kind: 'id', text: textAt(invitation, 'id') ?? '' };
    return { target, invitations: [invitation] };
  });
}
