import type { AuthType, Invitation } from '../api/invitation.ts';
import type { Invitations } from '../api/invitations.ts';
import { type Organization, organizationId } from '../api/organizations.ts';
import { type Roles, rolesClient } from '../api/role-bindings.ts';
import { type BoundRole, organizationBehind } from '../api/roles.ts';
import { type ApiKeys, apiKeysClient, type Users, usersClient } from '../api/users.ts';
import { type Context, once } from '../cli/context.ts';
import type { CliError } from '../errors.ts';
import type { Clock } from '../host.ts';
import { textAt } from '../text/json-fields.ts';
import { type RecentList, recentList } from './look.ts';
import { Mails, unclaimed } from './mails.ts';
import type { Result } from './result.ts';

/** Whom a change is about, and the invitations that are known of them. */
interface ChangeOf {
  /** As typed: an e-mail or an id. */
  readonly target: string;
  /** The address that a member was invited under, if it has changed since. */
  readonly invited_as?: string | undefined;
  /** All invitations of this person before the change. */
  readonly known: readonly Invitation[];
  /** When that was looked up, of the monotonic clock, in milliseconds; if left out: just now. */
  readonly lookedAt?: number;
  /** The command that repeats what was refused; if left out, one that grants just the missing roles. */
  readonly repair?: string;
  /** Asked when its turn has come: whether it is not to be attempted after all. */
  readonly isSkipped?: () => boolean;
}

export type CreateDecision =
  | { readonly act: 'post'; readonly outcome: 'created' | 'reinvited' }
  | {
      readonly act: 'nothing';
      readonly outcome: 'already_invited' | 'already_member';
      readonly invitation?: Invitation;
      /** The id of a member who was never invited. */
      readonly user?: string | undefined;
    };

export type DeleteDecision =
  | { readonly act: 'delete_invitation'; readonly invitation: Invitation }
  | { readonly act: 'nothing'; readonly outcome: 'already_deleted'; readonly invitation: Invitation }
  | { readonly act: 'refuse'; readonly code: 'already_accepted' | 'not_found' }
  | { readonly act: 'refuse'; readonly code: 'ambiguous'; readonly live: readonly Invitation[] };

export type ResendDecision =
  | { readonly act: 'post'; readonly invitation: Invitation }
  | { readonly act: 'refuse'; readonly code: 'already_accepted' | 'not_found' | 'not_possible' };

/** The roles that a user has, as far as they were read before; undefined if they were not. */
export type RolesOf = (user: string) => readonly BoundRole[] | undefined;

export interface CreateChange extends ChangeOf {
  readonly kind: 'create';
  readonly authType?: AuthType | undefined;
  readonly roles: readonly BoundRole[];
  readonly decision: CreateDecision;
  /** `--again`: whatever was sent before. */
  readonly again?: boolean;
  /** They accepted, but are no longer members. */
  readonly hasLeft?: boolean;
  /** They had accepted; whether they still are a member, this key may not look up. */
  readonly mayHaveLeft?: boolean;
  /** The roles that an earlier invitation of theirs had are not granted again. */
  readonly formerRoles?: 'ignored';
  /** Or why they could not be read. */
  readonly rolesOf?: RolesOf | CliError | undefined;
}

export interface DeleteChange extends ChangeOf {
  readonly kind: 'delete';
  readonly decision: DeleteDecision;
  /** A missing invitation is what was wanted. */
  readonly ifExists: boolean;
}

export interface ResendChange extends ChangeOf, Pick<CreateChange, 'rolesOf'> {
  readonly kind: 'resend';
  readonly decision: ResendDecision;
}

/** A member, or somebody who is invited, gets roles. */
export interface GrantChange extends ChangeOf {
  readonly kind: 'grant';
  readonly user: string;
  readonly roles: readonly BoundRole[];
  readonly held?: readonly BoundRole[];
}

export interface RevokeChange extends ChangeOf {
  readonly kind: 'revoke';
  readonly user: string;
  /** With the ids of the role bindings that grant each of them. */
  readonly roles: readonly (BoundRole & { readonly bindings: readonly string[] })[];
  readonly missing?: readonly BoundRole[];
}

/** Somebody is taken out of the organization, whether they are a member, invited, or left something behind. */
export interface LeaveChange extends ChangeOf {
  readonly kind: 'leave';
  readonly organization: string;
  /** Every address of theirs. */
  readonly emails: readonly string[];
  /** The ids of the invitations that can still be accepted. */
  readonly invitations: readonly string[];
  readonly user?: string | undefined;
  /** The id of the person, a member or not, for results. */
  readonly whose?: string | undefined;
  /** The API keys that may be deleted with the user: those that were seen. */
  readonly apiKeys: readonly string[] | 'unreadable';
  /** All their roles, which end with the user or the invitation. */
  readonly roles: readonly BoundRole[];
  /** Role bindings to revoke if they are still there after that, by the id of the user. */
  readonly leftovers: ReadonlyMap<string, readonly string[]>;
}

export type Change =
  | CreateChange
  | DeleteChange
  | ResendChange
  | GrantChange
  | RevokeChange
  | LeaveChange
  // Nothing is to be done, and what comes of it is known.
  | (ChangeOf & { readonly kind: 'settled'; readonly result: Result });

/** Changes that are carried out side by side; each may be made when it is its turn. */
export interface Changes extends Iterable<Change> {
  readonly length: number;
}

export function userIn(decision: CreateDecision): string | undefined {
  return decision.act === 'nothing' ? (decision.user ?? textAt(decision.invitation ?? {}, 'user', 'id')) : undefined;
}

/** What a change needs of the world to be carried out. */
export interface Tools {
  readonly invitations: Invitations;
  readonly users: Users;
  readonly roles: Roles;
  readonly apiKeys: ApiKeys;
  /** The id of the organization, that of an invitation first. Throws `bad_response` if it cannot be told. */
  organization(known?: readonly Invitation[]): Promise<string>;
  readonly mails: Pick<Mails, keyof Mails>;
  readonly recentList: RecentList;
  /** Its `now` is the server's. */
  readonly clock: Clock;
  /** Aborts when no new change is to be begun. */
  readonly signal: AbortSignal;
  /** Aborts when what is under way has to end as well. */
  readonly deadline: AbortSignal;
  /** Nothing is sent: what would come of it is told. */
  readonly isDry: boolean;
  /** `--retries 0`: a mail whose answer was lost is looked for, and not sent again. */
  readonly isOnce?: boolean;
}

interface ToolsOptions {
  readonly dryRun?: boolean | undefined;
  /** How it is found out elsewhere in the same run. It is not asked for twice. */
  readonly findOrganization?: () => Promise<Organization>;
}

/** @param command What the log of mails calls it. */
export async function toolsOf(ctx: Context, command = 'invite', options: ToolsOptions = {}): Promise<Tools> {
  const { dryRun = false, findOrganization } = options;
  const api = await ctx.api();
  const invitations = await ctx.invitations();
  const ask = once(() => findOrganization?.().then(({ id }) => id) ?? organizationId(api));
  const organization = async (known: readonly Invitation[] = []) =>
    known.map(organizationBehind).find((id) => id !== undefined) ?? invitations.organization() ?? ask();
  const tools = {
    invitations,
    organization,
    roles: rolesClient(api),
    users: usersClient(api),
    apiKeys: apiKeysClient(api),
    mails: new Mails(ctx, command, organization),
    recentList: recentList(invitations, ctx.host.clock),
    clock: { ...ctx.host.clock, now: ctx.now },
    signal: ctx.signal,
    deadline: ctx.deadline,
    isDry: dryRun,
    isOnce: ctx.globals.retries === 0,
  };
  return dryRun ? dryTools(tools) : tools;
}

/** The same tools, where nothing is sent or written down, whatever is done with them. */
function dryTools(tools: Tools): Tools {
  const { clock, invitations, users, roles, mails } = tools;
  const refuse = () => Promise.reject(new Error('a dry run sends nothing'));
  return {
    ...tools,
    clock: { ...clock, sleep: async () => {} },
    invitations: { ...invitations, create: refuse, delete: async () => 'deleted' },
    users: { ...users, delete: refuse },
    roles: { ...roles, grant: async () => 'granted', revoke: async () => {} },
    mails: {
      past: (email) => mails.past(email),
      require: async () => {},
      close: async () => {},
      inTurn: async (email, _, act) => act({ ...unclaimed, past: await mails.past(email) }),
    },
  };
}
