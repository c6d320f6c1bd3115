import { type EmailMap, foldEmail } from '../api/email.ts';
import type { AuthType } from '../api/invitation.ts';
import { isAdminRole, type Role } from '../api/roles.ts';
import type { Absence } from '../api/users.ts';
import type { Row } from '../people/row.ts';
import { mergeRoles } from '../people/rows.ts';
import type { Change, CreateChange, EarlierChange, Mailed, WantedRole } from './change.ts';
import { decideCreate } from './decide.ts';
import type { JournalState } from './journal-reader.ts';
import type { KnownInvitations } from './plan.ts';
import { resolveRole } from './plan.ts';
import { leaving } from './recall.ts';

/** What holds for everybody in the file; what a row says for itself goes first. */
export interface ImportDefaults {
  readonly authType?: AuthType | undefined;
  readonly roles: readonly Role[];
}

export interface ImportPlan {
  readonly rows: EmailMap<Row>;
  readonly defaults: ImportDefaults;
  readonly past: JournalState;
  readonly known: KnownInvitations;
  /** Whom this machine mailed not long ago, by other commands than this import. */
  readonly mails: { get(email: string): Mailed | undefined };
  /** Who accepted once and is no longer a member. */
  readonly absence: Absence;
  /** Its id, for the roles; undefined if it cannot be told. */
  readonly organization: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What each row comes to, one by one as they are carried out: all at once they would be many megabytes. */
export function* planChanges(plan: ImportPlan): Generator<Change> {
  const name = roleNamer(plan);
  for (const row of plan.rows.values()) yield earlierOf(row, plan) ?? createOf(row, plan, name);
}

function earlierOf({ email }: Row, { past }: ImportPlan): EarlierChange | undefined {
  const done = past.done.get(email);
  if (done === undefined) return undefined;
  const known = done.id === undefined ? [] : [{ id: done.id, email }];
  return { kind: 'earlier', target: email, known, outcome: done.outcome };
}

function createOf(row: Row, { defaults, past, known, mails, absence, now }: ImportPlan, name: RoleNamer): CreateChange {
  const { email, authType = defaults.authType } = row;
  const found = known.of(email);
  const begun = past.begun.get(foldEmail(email));
  // What the API took has been mailed, whatever a list shows; of what else was begun the list is believed.
  const mailed = mails.get(email) ?? (begun?.answered ? { at: begun.at } : undefined);
  const left = leaving(email, absence);
  return {
    ...{ kind: 'create', target: email, roles: name(row.roles), known: found },
    decision: decideCreate(found, now, left),
    ...left,
    ...(mailed === undefined ? {} : { mailed }),
    ...(authType === undefined ? {} : { authType }),
    ...(begun === undefined ? {} : { begun: begun.as }),
  };
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
  /** Done by an earlier run. */
  readonly earlier: number;
  /** Begun by an earlier run; whether they were mailed has been looked up. */
  readonly begun: number;
  readonly failedEarlier: number;
  /** Mailed by this machine not long ago, but not in the list: each is looked at again by its id. */
  readonly mailed: number;
  /** People who get roles. */
  readonly granted: number;
  /** Each role, as it was typed, with the people who get it. */
  readonly roles: ReadonlyMap<string, GrantedTo>;
}

/** Who gets a role. */
export interface GrantedTo {
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
    earlier: 0,
    begun: 0,
    failedEarlier: 0,
    mailed: 0,
    granted: 0,
    roles: new Map<string, { people: number; named: string[] }>(),
  };
  for (const change of planChanges(plan)) {
    if (change.kind === 'earlier') counts.earlier += 1;
    if (change.kind !== 'create') continue;
    if (change.begun !== undefined) counts.begun += 1;
    if (plan.past.failed.has(foldEmail(change.target))) counts.failedEarlier += 1;
    if (change.roles.length > 0) counts.granted += 1;
    for (const role of change.roles) countRole(counts.roles, role, change.target);
    if (change.decision.act === 'post' && change.mailed !== undefined) counts.mailed += 1;
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
