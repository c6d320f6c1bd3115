import { EmailMap, foldEmail } from '../api/email.ts';
import type { BoundRole } from '../api/roles.ts';
import type { Change as EngineChange } from '../mail/change.ts';
import type { ApiKeys } from './decide-person.ts';
import { emailsOf, type Observed, personNamed } from './observed.ts';
import { type Change, effects } from './plan.ts';

interface PhaseContext {
  readonly observed: Observed;
  /** As read when the plan was made. */
  readonly apiKeys: ApiKeys;
  /** Whether a person lacks what they were to get, so that nothing is taken from them. */
  readonly isLacking: (email: string) => boolean;
  /** When a person was looked up, by the monotonic clock in milliseconds. */
  readonly lookedAtOf: (email: string) => number;
  /** The command that repeats what was refused: the file stays what is wanted. */
  readonly repair: string;
}

/** The changes of a plan in the order in which they are applied: additions, then revocations, then removals. */
export function phasesOf(changes: readonly Change[], context: PhaseContext): readonly (readonly EngineChange[])[] {
  const people = new EmailMap<Change[]>();
  for (const change of changes) people.set(change.email, [...(people.get(change.email) ?? []), change]);
  const phases: Phases = { mail: [], grant: [], revoke: [], leave: [] };
  for (const theirs of people.values()) addPersonChanges(theirs, context, phases);
  return [[...phases.mail, ...phases.grant], phases.revoke, phases.leave];
}

type Phases = Readonly<Record<(typeof effects)[Change['action']], EngineChange[]>>;

function addPersonChanges(changes: readonly Change[], context: PhaseContext, phases: Phases): void {
  const of = (effect: keyof Phases) => changes.filter(({ action }) => effects[action] === effect);
  const { repair, isLacking } = context;
  const skips = ({ email, isNow = email }: Change) => ({ isSkipped: () => isLacking(isNow) });
  const [[mail], [grant], [leave]] = [of('mail'), of('grant'), of('leave')];
  const roles = of('grant').flatMap(({ role }) => role ?? []);
  // Invited people get all their roles with the invitation.
  if (mail !== undefined) phases.mail.push(invite(mail, context, roles));
  else if (grant !== undefined) phases.grant.push({ ...aboutOf(grant, repair), kind: 'grant', roles });
  if (leave !== undefined) phases.leave.push({ ...leaveOf(leave.email, changes, context), ...skips(leave) });
  // The roles of those who leave go with them.
  for (const change of leave === undefined ? of('revoke') : [])
    phases.revoke.push({
      ...aboutOf(change, repair),
      kind: 'revoke',
      roles: change.role === undefined ? [] : [{ ...change.role, bindings: change.bindings ?? [] }],
      ...skips(change),
    });
}

/** Whose roles are changed. */
function aboutOf({ email: target, invited_as, user = '' }: Change, repair: string) {
  return { target, invited_as, known: [], repair, user };
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
  const revoked = new Set(changes.flatMap(({ bindings = [] }) => bindings));
  // Not those that an "ignore" keeps for whoever is withdrawn.
  const held = person?.bindings.filter((one) => one.user === user || revoked.has(one.id)) ?? [];
  const leftovers = new Map<string, string[]>();
  for (const { action, user: id = '', bindings = [] } of changes)
    if (action === 'revoke') leftovers.set(id, [...(leftovers.get(id) ?? []), ...bindings]);
  return {
    kind: 'leave',
    target,
    invited_as: changes[0]?.invited_as,
    known: [],
    organization,
    leftovers,
    emails: person === undefined ? [target] : emailsOf(person),
    invitations: changes.flatMap(({ action, invitation = '' }) => (action === 'withdraw' ? [invitation] : [])),
    user,
    whose: changes[0]?.user,
    apiKeys: apiKeys.get(user ?? '') ?? 'unreadable',
    roles: [...new Set(held.map(({ role }) => role))].map(({ role_name, crn_pattern }) => ({ role_name, crn_pattern })),
  };
}

function invite({ email: target, auth_type }: Change, context: PhaseContext, roles: readonly BoundRole[]) {
  const { observed, lookedAtOf, repair } = context;
  const invitations = observed.people.get(foldEmail(target))?.invitations ?? [];
  const known = invitations.map(({ sent }) => sent);
  return {
    // Nobody gets more roles than the plan says.
    kind: 'create',
    target,
    known,
    roles,
    formerRoles: 'ignored',
    repair,
    decision: { act: 'post', outcome: known.length === 0 ? 'created' : 'reinvited' },
    lookedAt: lookedAtOf(target),
    authType: auth_type,
    // Nobody is mailed who is a member.
    hasLeft: invitations.some(({ status }) => status === 'INVITE_STATUS_ACCEPTED'),
  } satisfies EngineChange;
}
