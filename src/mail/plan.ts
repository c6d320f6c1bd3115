import { type EmailMap, foldEmail } from '../api/email.ts';
import type { AuthType, Invitation } from '../api/invitation.ts';
import type { GrantedRole } from '../api/role-bindings.ts';
import { isAdminRole, type Role } from '../api/roles.ts';
import type { Target, TargetMatch } from '../api/targets.ts';
import type { Absence } from '../api/users.ts';
import { mergeRoles } from '../people/reader.ts';
import type { Row } from '../people/row.ts';
import { textAt } from '../text/json-fields.ts';
import type { CreateChange, DeleteChange, ResendChange, Tools, WantedRole } from './change.ts';
import { decideCreate, decideDelete, decideResend } from './decide.ts';
import { absentAmong, invitationsOf, type KnownInvitations } from './look.ts';
import { missingRoles, resolveRole, wantedRoles } from './roles.ts';

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
  const { of } = await invitationsOf(emails, tools);
  const found = emails.map((email) => [email, of(email)] as const);
  const all = found.flatMap(([, known]) => known);
  const wanted = await wantedRoles(roles, all, tools);
  const now = tools.clock.now();
  const absence = await absentAmong(found, tools);
  return found.map(([target, known]) => {
    const left = leaving(target, absence);
    return {
      ...{ kind: 'create', target, roles: wanted, known, lookedAt, again },
      decision: decideCreate(known, now, { again, ...left }),
      ...left,
      ...(authType === undefined ? {} : { authType }),
    };
  });
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

/** What holds for everybody in the file; what a row says for itself goes first. */
interface ImportDefaults {
  readonly authType?: AuthType | undefined;
  readonly roles: readonly Role[];
}

export interface ImportPlan {
  readonly rows: EmailMap<Row>;
  readonly defaults: ImportDefaults;
  readonly known: KnownInvitations;
  /** Of the monotonic clock, in milliseconds. */
  readonly lookedAt: number;
  /** The roles that a user has; undefined if they were not read. */
  readonly rolesOf?: ((user: string) => readonly GrantedRole[] | undefined) | undefined;
  /** Who accepted once and is no longer a member. */
  readonly absence: Absence;
  /** Its id, for the roles; undefined if it cannot be told. */
  readonly organization: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What each row comes to, one by one as they are carried out: all at once they would be many megabytes. */
export function* planChanges(plan: ImportPlan): Generator<CreateChange> {
  const name = roleNamer(plan);
  for (const row of plan.rows.values()) yield createOf(row, plan, name);
}

function createOf(row: Row, plan: ImportPlan, name: RoleNamer): CreateChange {
  const { defaults, known, absence, now, lookedAt, rolesOf } = plan;
  const { email, authType = defaults.authType } = row;
  const found = known.of(email);
  const left = leaving(email, absence);
  return {
    ...{ kind: 'create', target: email, roles: name(row.roles), known: found, lookedAt },
    decision: decideCreate(found, now, left),
    ...left,
    ...(authType === undefined ? {} : { authType }),
    ...(rolesOf === undefined ? {} : { rolesOf }),
  };
}

/** Who was to be mailed by the first look, and is invited or a member by the second. */
export function invitedMeanwhile(before: ImportPlan, now: ImportPlan): string[] {
  const changes = planChanges(now);
  return [...planChanges(before)].flatMap(({ target, decision }) => {
    const later = changes.next();
    const isInvited = decision.act === 'post' && later.done !== true && later.value.decision.act === 'nothing';
    return isInvited ? [target] : [];
  });
}

type RoleNamer = (roles: readonly Role[]) => readonly WantedRole[];

/** Rows with the same roles share them. */
function roleNamer({ defaults, organization }: ImportPlan): RoleNamer {
  const known = new Map<readonly Role[], readonly WantedRole[]>();
  return (roles) => {
    const named = known.get(roles) ?? mergeRoles(defaults.roles, roles).map((role) => resolveRole(role, organization));
    known.set(roles, named);
    return named;
  };
}

/** How many of the rows come to what. */
export interface ImportCounts {
  readonly rows: number;
  readonly mails: number;
  readonly invited: number;
  readonly members: number;
  /** People who get roles. */
  readonly granted: number;
  /** Each role, as it was typed, with the people who get it. */
  readonly roles: ReadonlyMap<string, GrantedTo>;
}

/** Who gets a role. */
interface GrantedTo {
  readonly people: number;
  /** Their addresses, the first ones of many, where the role is one that can grant itself any other. */
  readonly named: readonly string[];
}

/** Addresses that are named for a role. */
const mostNamed = 50;

export function countChanges(plan: ImportPlan): ImportCounts {
  const counts = {
    rows: plan.rows.size,
    mails: 0,
    invited: 0,
    members: 0,
    granted: 0,
    roles: new Map<string, { people: number; named: string[] }>(),
  };
  for (const change of planChanges(plan)) {
    const roles = missingRoles(change);
    if (roles.length > 0) counts.granted += 1;
    for (const role of roles) countRole(counts.roles, role, change.target);
    if (change.decision.act === 'post') counts.mails += 1;
    else if (change.decision.outcome === 'already_member') counts.members += 1;
    else counts.invited += 1;
  }
  return counts;
}

function countRole(roles: Map<string, { people: number; named: string[] }>, role: WantedRole, email: string): void {
  const granted = roles.get(role.typed) ?? { people: 0, named: [] };
  roles.set(role.typed, granted);
  granted.people += 1;
  if (isAdminRole(role.role_name) && granted.named.length < mostNamed) granted.named.push(email);
}
