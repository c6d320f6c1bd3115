import { foldEmail } from '../api/email.ts';
import type { Change as EngineChange, WantedRole } from '../mail/change.ts';
import type { ApiKeys } from './decide-person.ts';
import { emailsOf, type Observed, personNamed } from './observed.ts';
import { type Change, effects } from './plan.ts';
import { wantedRole } from './scoped-roles.ts';

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
  const people = new Map<string, Change[]>();
  for (const change of changes) {
    const key = foldEmail(change.email);
    people.set(key, [...(people.get(key) ?? []), change]);
  }
  const phases = [...people.values()].map((theirs) => changesOfPerson(theirs, context));
  const all = (phase: keyof PersonPhases) => phases.flatMap((theirs) => theirs[phase]);
  return [[...all('mail'), ...all('grant')], all('revoke'), all('leave')];
}

/** What is done about a person, by the effect that it has. */
type PersonPhases = Readonly<Record<(typeof effects)[Change['action']], readonly EngineChange[]>>;

function changesOfPerson(changes: readonly Change[], context: PhaseContext): PersonPhases {
  const of = (effect: keyof PersonPhases) => changes.filter(({ action }) => effects[action] === effect);
  const { repair, observed, isLacking } = context;
  const wanted = ({ role }: Change) => (role === undefined ? [] : [wantedRole(role, observed.organization)]);
  const [[mail], [grant], [leave]] = [of('mail'), of('grant'), of('leave')];
  const roles = of('grant').flatMap(wanted);
  const base = { target: changes[0]?.email ?? '', known: [], repair };
  const revoke = (change: Change): EngineChange => ({
    ...{ ...base, kind: 'revoke', user: change.user ?? '' },
    roles: wanted(change).map((role) => ({ ...role, bindings: change.bindings ?? [] })),
    isSkipped: () => isLacking(change.email),
  });
  return {
    mail: mail === undefined ? [] : [invite(mail, context, roles)],
    // Invited people get all their roles with the invitation.
    grant: grant === undefined || mail !== undefined ? [] : [{ ...base, kind: 'grant', user: grant.user ?? '', roles }],
    // The roles of those who leave go with them.
    revoke: leave === undefined ? of('revoke').map(revoke) : [],
    leave: leave === undefined ? [] : [leaveOf(leave.email, changes, context)],
  };
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
    ...{ user, whose },
    apiKeys: apiKeys.get(user ?? '') ?? 'unreadable',
    roles: [...new Set(held)].map(({ role_name, crn_pattern }) => ({ role_name, crn_pattern })),
  };
}

function invite({ email: target, state, auth_type }: Change, context: PhaseContext, roles: readonly WantedRole[]) {
  const { observed, lookedAtOf, repair } = context;
  const known = observed.people.get(foldEmail(target))?.invitations.map(({ sent }) => sent) ?? [];
  return {
    // Nobody gets more roles than the plan says.
    ...{ kind: 'create', target, known, roles, formerRoles: 'ignored', repair },
    decision: { act: 'post', outcome: known.length === 0 ? 'created' : 'reinvited' },
    ...{ lookedAt: lookedAtOf(target), authType: auth_type, hasLeft: state === 'left' },
  } satisfies EngineChange;
}

/** Whether a grant of OrganizationAdmin failed: then nothing may be taken away. */
export function failedToGrantAdmin({ roles = [] }: { readonly roles?: readonly FailedRole[] | undefined }): boolean {
  return roles.some(({ role_name, error }) => role_name === 'OrganizationAdmin' && error !== undefined);
}

interface FailedRole {
  readonly role_name: string;
  readonly error?: unknown;
}
