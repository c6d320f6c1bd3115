import type { EmailMap } from '../api/email.ts';
import type { AuthType } from '../api/invitation.ts';
import type { GrantedRole } from '../api/role-bindings.ts';
import { isAdminRole, type Role } from '../api/roles.ts';
import type { Absence } from '../api/users.ts';
import { mergeRoles } from '../people/reader.ts';
import type { Row } from '../people/row.ts';
import type { CreateChange, WantedRole } from './change.ts';
import { decideCreate } from './decide.ts';
import type { KnownInvitations } from './plan.ts';
import { leaving, resolveRole } from './plan.ts';
import { missingRoles } from './roles.ts';

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
