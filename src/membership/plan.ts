import type { AuthType } from '../api/invitation.ts';
import type { BoundRole } from '../api/roles.ts';
import { compareTexts } from '../text/sanitize.ts';
import type { ScopedRole, State } from './observed.ts';

/** What each action of a row does, in the order of a plan. A finding needs a decision by a person. */
export const effects = {
  remove: 'leave',
  withdraw: 'leave',
  revoke: 'revoke',
  blocked: 'finding',
  differs: 'finding',
  gave_up: 'finding',
  ambiguous: 'finding',
  unknown: 'finding',
  orphan: 'finding',
  invite: 'mail',
  reinvite: 'mail',
  grant: 'grant',
  wait: 'none',
  keep: 'none',
  elsewhere: 'none',
} as const;

export const signs = { leave: '-', revoke: '-', finding: '!', mail: '+', grant: '+', none: ' ' } as const;

export type Action = keyof typeof effects;
type ActionOf<Effect> = { [A in Action]: (typeof effects)[A] extends Effect ? A : never }[Action];

export interface Row {
  readonly action: Action;
  /** As in the file, otherwise as in the API. */
  readonly email: string;
  /** The address that a member was invited under, if it has changed since. */
  readonly invited_as?: string | undefined;
  readonly state: State;
  /** The change or finding, in words. */
  readonly what: string;
  /** The reason, with the line of the file. */
  readonly why: string;
  /** The id of the user; undefined until the response to an invitation names it. */
  readonly user?: string | undefined;
  /** The role to grant or revoke. */
  readonly role?: ScopedRole | undefined;
  /** The bindings to delete. */
  readonly bindings?: readonly string[] | undefined;
  /** The invitation to delete. */
  readonly invitation?: string | undefined;
  readonly auth_type?: AuthType | undefined;
  /** The person is to leave, whether or not something stands in the way. */
  readonly isUnwanted?: true;
  /** The address under which a person stays who goes under this one. */
  readonly isNow?: string | undefined;
}

export type Change = Row & { readonly action: ActionOf<'leave' | 'revoke' | 'mail' | 'grant'> };

export interface Plan {
  /** The name of the file, for messages. */
  readonly file: string;
  readonly rows: readonly Row[];
  readonly members: number;
  /** Members, and people with an invitation that can be accepted. */
  readonly members_and_pending: number;
  readonly bindings_of_listed: number;
  /** Members and invited people whom the file neither lists nor ignores, where it does not remove them. */
  readonly unlisted: number;
  readonly warnings: readonly string[];
  readonly notice: Notice;
}

/** What a reviewer must not miss, and reads first. */
export interface Notice {
  /** Who gets OrganizationAdmin or AccountAdmin. */
  readonly new_admins: readonly (BoundRole & { readonly email: string })[];
  /** People who are let in, or get a role, from a domain that nobody in the organization has. */
  readonly foreign: readonly string[];
}

/** `-` for what takes away, `+` for what gives, `!` for a finding. */
export function signOf({ action }: Pick<Row, 'action'>): (typeof signs)[keyof typeof signs] {
  return signs[effects[action]];
}

export function isChange(row: Row): row is Change {
  return signOf(row) === '-' || signOf(row) === '+';
}

export function isFinding(row: Row): boolean {
  return signOf(row) === '!';
}

export function isMail({ action }: Pick<Row, 'action'>): boolean {
  return effects[action] === 'mail';
}

export function isLoss({ action }: Pick<Row, 'action'>): boolean {
  return effects[action] === 'leave';
}

/** Whether the organization differs from the file. A pending invitation is not drift. */
export function isDrift(row: Pick<Row, 'action'>): boolean {
  return signOf(row) !== ' ';
}

/** The plan of a run that takes nothing away; it says what it leaves out. */
export function withoutRemovals(plan: Plan): Plan {
  const left = plan.rows.filter((row) => signOf(row) === '-').length;
  const words = `--additions-only leaves out ${left} ${left === 1 ? 'removal or revocation' : 'removals and revocations'}`;
  return {
    ...plan,
    rows: plan.rows.filter((row) => row.isUnwanted !== true && signOf(row) !== '-'),
    warnings: left === 0 ? plan.warnings : [...plan.warnings, words],
  };
}

export function changesOf(plan: Pick<Plan, 'rows'>): Change[] {
  return plan.rows.filter(isChange);
}

/** The order of a plan: what must not be missed, then by action, then e-mail ignoring case, then role. */
export function rowOrder({ new_admins, foreign }: Notice): (a: Row, b: Row) => number {
  const noticed = new Set([...new_admins.map(({ email }) => email), ...foreign].map((email) => email.toLowerCase()));
  const actions = Object.keys(effects);
  const rank = (row: Row) => (signOf(row) === '+' && noticed.has(row.email.toLowerCase()) ? 0 : 1);
  return (a, b) =>
    rank(a) - rank(b) ||
    actions.indexOf(a.action) - actions.indexOf(b.action) ||
    compareTexts(a.email.toLowerCase(), b.email.toLowerCase()) ||
    compareTexts(a.what, b.what);
}
