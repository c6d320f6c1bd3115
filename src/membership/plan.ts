import { roleOn } from '../api/crn.ts';
import type { AuthType } from '../api/invitation.ts';
import type { OtherPrincipals, State } from './observed.ts';
import type { ScopedRole } from './scoped-roles.ts';

/** Actions that take access away, in the order of a plan. */
export const removals = ['remove', 'withdraw', 'revoke'] as const;

/** Rows that need a decision by a person. */
export const findings = ['blocked', 'differs', 'gave_up', 'ambiguous', 'unknown', 'orphan'] as const;

/** Actions that give access. */
export const additions = ['invite', 'reinvite', 'grant'] as const;

/** Rows without a change. */
const unchanged = ['wait', 'keep', 'elsewhere'] as const;

/** Every action in the order of a plan. */
export const actions = [...removals, ...findings, ...additions, ...unchanged] as const;

export type Action = (typeof actions)[number];
type ChangeAction = (typeof removals | typeof additions)[number];

/** A row of a plan. */
export interface Row {
  readonly action: Action;
  /** As in the file, otherwise as in the API. */
  readonly email: string;
  /** The address that a member was invited under, if it has changed since. */
  readonly invited_as?: string;
  readonly state: State;
  /** The change or finding, in words. */
  readonly what: string;
  /** The reason, with the line of the file. */
  readonly why: string;
  /** The id of the user; undefined until the response to an invitation names it. */
  readonly user?: string;
  /** The role to grant or revoke. */
  readonly role?: ScopedRole;
  /** The bindings to delete. */
  readonly bindings?: readonly string[];
  /** The invitation to delete. */
  readonly invitation?: string;
  readonly auth_type?: AuthType;
  /** The person is to leave, whether or not something stands in the way. */
  readonly isUnwanted?: true;
}

export type Change = Row & { readonly action: ChangeAction };

export interface Plan {
  /** The name of the file, for messages. */
  readonly file: string;
  readonly organization: string;
  /** Sorted by `compareRows`. */
  readonly rows: readonly Row[];
  readonly others: OtherPrincipals;
  readonly members: number;
  /** Members, and people with an invitation that can be accepted. */
  readonly members_and_pending: number;
  /** The role bindings of the people listed. */
  readonly bindings_of_listed: number;
  /** Members and invited people whom the file neither lists nor ignores, where it does not remove them. */
  readonly unlisted: number;
  readonly warnings: readonly string[];
  readonly notice: Notice;
}

/** What a reviewer must not miss, and reads first. */
export interface Notice {
  /** Who gets OrganizationAdmin or AccountAdmin. */
  readonly new_admins: readonly NewAdmin[];
  /** People who are let in, or get a role, from a domain that nobody in the organization has. */
  readonly foreign: readonly string[];
}

export function isChange(row: Row): row is Change {
  return isOneOf(removals, row.action) || isOneOf(additions, row.action);
}

export function isFinding(row: Row): boolean {
  return isOneOf(findings, row.action);
}

/** Whether the organization differs from the file. A pending invitation is not drift. */
export function isDrift(row: Row): boolean {
  return isChange(row) || isFinding(row);
}

/** The plan of a run that takes nothing away; it says what it leaves out. */
export function withoutRemovals(plan: Plan): Plan {
  const isLeftOut = ({ action, isUnwanted }: Row) => isUnwanted === true || isOneOf(removals, action);
  const left = plan.rows.filter((row) => isOneOf(removals, row.action)).length;
  const words = `--additions-only leaves out ${left} ${left === 1 ? 'removal or revocation' : 'removals and revocations'}`;
  return {
    ...plan,
    rows: plan.rows.filter((row) => !isLeftOut(row)),
    warnings: left === 0 ? plan.warnings : [...plan.warnings, words],
  };
}

export function changesOf(plan: Plan): Change[] {
  return plan.rows.filter(isChange);
}

interface NewAdmin {
  readonly email: string;
  readonly role_name: string;
  readonly crn_pattern: string;
}

/** The order of a plan: what must not be missed, then by action, then e-mail ignoring case, then role. */
export function rowOrder({ new_admins, foreign }: Notice): (a: Row, b: Row) => number {
  const noticed = new Set([...new_admins.map(({ email }) => email), ...foreign].map((email) => email.toLowerCase()));
  const rank = ({ action, email }: Row) => (isOneOf(additions, action) && noticed.has(email.toLowerCase()) ? 0 : 1);
  return (a, b) => rank(a) - rank(b) || compareRows(a, b);
}

function compareRows(a: Row, b: Row): number {
  const byAction = actions.indexOf(a.action) - actions.indexOf(b.action);
  return byAction || compareTexts(a.email.toLowerCase(), b.email.toLowerCase()) || compareTexts(a.what, b.what);
}

/** Compares code units, so that the order does not depend on the locale. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Many people have the same roles. */
const wordsOfRoles = new WeakMap<ScopedRole, string>();

/** `DataDiscovery on environment=env-abc`. */
export function roleInWords(role: ScopedRole): string {
  const known = wordsOfRoles.get(role);
  if (known !== undefined) return known;
  const words = roleOn(role);
  wordsOfRoles.set(role, words);
  return words;
}

export function isOneOf<T extends string>(all: readonly T[], text: string): text is T {
  return all.some((one) => one === text);
}
