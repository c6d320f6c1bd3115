import type { Invitation } from '../api/invitation.ts';
import { type Organization, requireOrganization } from '../api/organizations.ts';
import type { Context } from '../cli/context.ts';
import { type Tools, toolsOf } from '../mail/change.ts';
import { credentialId, type Identity, sandboxApiKey, shortKeyId } from '../profiles/profile.ts';
import { observe } from './observe.ts';
import type { Observed } from './observed.ts';
import type { Caller } from './safety.ts';

/** What reads and changes an organization, and whose key does. */
export interface Access {
  readonly tools: Tools;
  /** The id of the API key or the identity pool, as it may be shown. */
  readonly key_id: string;
  /** Asks whose the API key is; before the lists instead of beside them, that would take a round trip more. */
  readonly findCaller: () => Promise<Caller>;
  readonly findOrganization: () => Promise<Organization>;
}

export async function accessOf(ctx: Context): Promise<Access> {
  const tools = await toolsOf(ctx);
  const api = await ctx.api();
  const identity = ctx.identity();
  return {
    tools,
    key_id: credentialId(identity) ?? shortKeyId(sandboxApiKey),
    findCaller: () => callerOf(identity, tools),
    findOrganization: () => requireOrganization(api),
  };
}

/** An identity pool acts for itself; nothing tells whose an access token is. */
async function callerOf(identity: Identity, { apiKeys }: Tools): Promise<Caller> {
  switch (identity.kind) {
    case 'sandbox':
      return apiKeys.ownerOf(sandboxApiKey);
    case 'key':
      return apiKeys.ownerOf(identity.api_key);
    case 'token':
      return undefined;
    case 'pool':
      return identity.identity_pool_id;
    default:
      return identity satisfies never;
  }
}

/** API keys by the id of their owner; `unreadable` if this key may not list them. */
export type KeysByOwner = ReadonlyMap<string, readonly string[]> | 'unreadable';

/** An organization as it was just read. */
export interface Sight {
  readonly observed: Observed;
  readonly organization: Organization;
  readonly caller: Caller;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Undefined unless they were asked for. */
  readonly apiKeys: KeysByOwner | undefined;
  readonly tools: Tools;
}

interface LookOptions {
  /** The e-mails or user ids of people about whom contradictions between the lists are resolved. */
  readonly recheck?: readonly string[];
  /** Also reads all API keys, in a pass of their own. */
  readonly apiKeys?: boolean;
  readonly mayLackRoles?: boolean;
  /** Gets every invitation as the API sent it. */
  readonly onInvitation?: (invitation: Invitation) => void;
}

/** Reads the organization: every list in a pass of its own, side by side, and nothing for each person. */
export async function look(ctx: Context, options: LookOptions = {}): Promise<Sight> {
  const { recheck = [], mayLackRoles = false, onInvitation } = options;
  const { tools, findCaller, findOrganization } = await accessOf(ctx);
  const [organization, caller] = [findOrganization(), findCaller()];
  const [observed, apiKeys] = await Promise.all([
    observe(tools, {
      organization: organization.then(({ id }) => id),
      caller,
      now: ctx.now,
      recheck,
      mayLackRoles,
      ...(onInvitation === undefined ? {} : { onInvitation }),
    }),
    options.apiKeys === true ? tools.apiKeys.all() : undefined,
  ]);
  return { observed, organization: await organization, caller: await caller, now: ctx.now(), apiKeys, tools };
}
