import { type ApiKeys, apiKeysClient } from '../api/api-keys.ts';
import type { Invitations } from '../api/client.ts';
import { foldEmail } from '../api/email.ts';
import type { AuthType, Invitation } from '../api/invitation.ts';
import { type GrantedRole, type RoleBinding, type Roles, rolesClient } from '../api/role-bindings.ts';
import { type Users, usersClient } from '../api/users.ts';
import type { Context } from '../cli/context.ts';
import type { Outcome } from '../cli/outcomes.ts';
import type { Clock } from '../host.ts';
import type { CreateDecision, DeleteDecision, ResendDecision } from './decide.ts';
import type { Result } from './result.ts';

/** A role to grant, with the words it was asked for in, so that a repair command can say them again. */
export interface WantedRole {
  readonly typed: string;
  readonly role_name: string;
  readonly crn_pattern: RoleBinding['crn_pattern'];
}

/** What a change is called that mailed somebody. */
export type MailOutcome = 'created' | 'reinvited' | 'resent';

/** A mail that left this machine, or may have. */
export interface Mailed {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The id of the invitation, if the API gave one. */
  readonly id?: string;
}

export interface CreateChange {
  readonly kind: 'create';
  /** As typed: the e-mail. */
  readonly target: string;
  readonly authType?: AuthType;
  readonly roles: readonly WantedRole[];
  /** All invitations of this e-mail before the change. */
  readonly known: readonly Invitation[];
  readonly decision: CreateDecision;
  /**
   * An earlier run began this and never saw how it ended. An invitation that is there by now is its doing, and counts
   * as this.
   */
  readonly begun?: MailOutcome;
  /** This machine mailed them not long ago, which a list need not show yet. */
  readonly mailed?: Mailed;
  /** They accepted, but are no longer members. */
  readonly hasLeft?: boolean;
  /** They had accepted; whether they still are a member, this key may not look up. */
  readonly mayHaveLeft?: boolean;
}

export interface DeleteChange {
  readonly kind: 'delete';
  readonly target: string;
  readonly known: readonly Invitation[];
  readonly decision: DeleteDecision;
  /** A missing invitation is what was wanted. */
  readonly ifExists: boolean;
}

/** Whom a change is about, and the invitations that are known of them. */
interface ChangeOf {
  readonly target: string;
  readonly known: readonly Invitation[];
  /** Asked when its turn has come: whether it is not to be attempted after all. */
  readonly isSkipped?: () => boolean;
}

export interface ResendChange extends ChangeOf {
  readonly kind: 'resend';
  readonly decision: ResendDecision;
}

/** An earlier run of the same import finished this; it is only reported again. */
export interface EarlierChange extends ChangeOf {
  readonly kind: 'earlier';
  readonly outcome: Outcome;
}

/** A member, or somebody who is invited, gets roles. */
export interface GrantChange extends ChangeOf {
  readonly kind: 'grant';
  readonly user: string;
  readonly roles: readonly WantedRole[];
  /** Roles they have already. */
  readonly held?: readonly GrantedRole[];
}

export interface RevokeChange extends ChangeOf {
  readonly kind: 'revoke';
  readonly user: string;
  readonly roles: readonly RevokedRole[];
  /** Roles they do not have. */
  readonly missing?: readonly GrantedRole[];
}

export interface RevokedRole extends WantedRole {
  /** The ids of the role bindings that grant it. */
  readonly bindings: readonly string[];
}

/** Somebody is taken out of the organization, whether they are a member, invited, or left something behind. */
export interface LeaveChange extends ChangeOf {
  readonly kind: 'leave';
  readonly organization: string;
  /** Every address of theirs. */
  readonly emails: readonly string[];
  /** The ids of the invitations that can still be accepted. */
  readonly invitations: readonly string[];
  /** The user of a member. */
  readonly user?: string;
  /** The API keys that may be deleted with the user: those that were seen. */
  readonly apiKeys: readonly string[] | 'unreadable';
  /** All their roles, which end with the user or the invitation. */
  readonly roles: readonly GrantedRole[];
  /** Role bindings to revoke if they are still there after that, by the id of the user. */
  readonly leftovers: ReadonlyMap<string, readonly string[]>;
}

/** Nothing is to be done, and what comes of it is known. */
export interface SettledChange extends ChangeOf {
  readonly kind: 'settled';
  readonly result: Result;
}

/** A change that a plan of the members asks for, other than an invitation. */
export type MemberChange = GrantChange | RevokeChange | LeaveChange | SettledChange;

export type Change = CreateChange | DeleteChange | ResendChange | EarlierChange | MemberChange;

/** What a change needs of the world to be carried out. */
export interface Tools {
  readonly invitations: Invitations;
  readonly users: Users;
  readonly roles: Roles;
  readonly apiKeys: ApiKeys;
  /** Its `now` is the server's. */
  readonly clock: Clock;
  /** Aborts when no new change is to be begun. */
  readonly signal: AbortSignal;
  /** Aborts when what is under way has to end as well. */
  readonly deadline: AbortSignal;
}

export async function toolsOf(ctx: Context): Promise<Tools> {
  const api = await ctx.api();
  return {
    invitations: await ctx.invitations(),
    users: usersClient(api, foldEmail),
    roles: rolesClient(api),
    apiKeys: apiKeysClient(api),
    clock: { ...ctx.host.clock, now: ctx.now },
    ...{ signal: ctx.signal, deadline: ctx.deadline },
  };
}
