import { placeIn } from '../confluent/crn.ts';
import type { AuthType } from '../invitations/invitation.ts';
import type { OtherPrincipals, State } from './observed.ts';
import type { ScopedRole } from './scoped-roles.ts';

/** What takes access away, in the order in which it is shown. */
export const removals = ['remove', 'withdraw', 'revoke'] as const;

/** What needs a decision by a person. */
export const findings = ['blocked', 'differs', 'gave_up', 'ambiguous', 'unknown', 'orphan'] as const;

/** What gives access. */
export const additions = ['invite', 'reinvite', 'grant'] as const;

/** What is as it is to be, or somebody else's. */
const rests = ['wait', 'keep', 'elsewhere'] as const;

/** Every action in the order of a plan. */
export const actions = [...removals, ...findings, ...additions, ...rests] as const;

export type Action = (typeof actions)[number];
export type ChangeAction = (typeof removals | typeof additions)[number];

/** A line of a plan. */
export interface Row {
  readonly action: Action;
  /** As the file has it or, for somebody who is not in it, as the API has it. */
  readonly email: string;
  readonly state: State;
  /** What is done or found, in words. */
  readonly what: string;
  /** The reason, with the line of the file. */
  readonly why: string;
  /** The user whom it is about; undefined where the answer to an invitation will tell. */
  readonly user?: string;
  /** What is granted or revoked. */
  readonly role?: ScopedRole;
  /** The bindings to delete. */
  readonly bindings?: readonly string[];
  /** The invitation to delete. */
  readonly invitation?: string;
  readonly auth_type?: AuthType;
  /** With an invitation: all roles that are wanted, in case that its answer names another user than the one that has them. */
  readonly roles?: readonly ScopedRole[];
}

export type Change = Row & { readonly action: ChangeAction };

export interface Plan {
  /** What the file is called in sentences. */
  readonly file: string;
  readonly organization: string;
  /** In the order in which they are shown. */
  readonly rows: readonly Row[];
  readonly others: OtherPrincipals;
  readonly members: number;
  /** Members, and people with an invitation that can still be accepted. */
  readonly members_and_pending: number;
  /** The role bindings of the people listed. */
  readonly bindings_of_listed: number;
  readonly warnings: readonly string[];
}

export function isChange(row: Row): row is Change {
  return isOneOf(removals, row.action) || isOneOf(additions, row.action);
}

export function isFinding(row: Row): boolean {
  return isOneOf(findings, row.action);
}

/** Whether the organization is not as the file has it. Waiting for somebody to accept is no drift. */
export function isDrift(row: Row): boolean {
  return isChange(row) || isFinding(row);
}

export function changesOf(plan: Plan): Change[] {
  return plan.rows.filter(isChange);
}

/** The folded order of a plan: by action, then e-mail, then role. */
export function compareRows(a: Row, b: Row): number {
  const byAction = actions.indexOf(a.action) - actions.indexOf(b.action);
  return byAction || compareTexts(a.email.toLowerCase(), b.email.toLowerCase()) || compareTexts(a.what, b.what);
}

/** By code units, so that no locale changes what a plan looks like. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** `DataDiscovery on environment=env-abc`, or the name alone for the whole organization. */
export function roleInWords({ role_name, crn }: ScopedRole): string {
  const place = placeIn(crn);
  return place === 'the organization' ? role_name : `${role_name} on ${place}`;
}

export function isOneOf<T extends string>(all: readonly T[], text: string): text is T {
  return all.some((one) => one === text);
}
