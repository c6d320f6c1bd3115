import { fewPeople, type Invitation, inTurns, isLive, wholeInvitations } from '../api/invitation.ts';
import { type Organization, requireOrganization } from '../api/organizations.ts';
import { lookOnceMore, parseTargets } from '../api/targets.ts';
import type { User } from '../api/users.ts';
import { type Context, once } from '../cli/context.ts';
import { CliError } from '../errors.ts';
import { isMissing, unlessMissing } from '../http/failure.ts';
import { type Tools, toolsOf } from '../mail/change.ts';
import { apiKeyOf, credentialId, type Identity, sandboxApiKey, shortKeyId } from '../profiles/profile.ts';
import { shellQuote } from '../text/suggest.ts';
import {
  asInvited,
  Bindings,
  type Invited,
  join,
  type Observed,
  type Person,
  personNamed,
  userIdsOf,
} from './observed.ts';
import { type Caller, observationProblem } from './safety.ts';

/** What reads and changes an organization, and whose key does. */
export interface Access {
  readonly tools: Tools;
  /** The id of the API key or the identity pool, as it may be shown. */
  readonly key_id: string;
  /** Asks whose the API key is; before the lists instead of beside them, that would take a round trip more. */
  readonly findCaller: () => Promise<Caller>;
  readonly findOrganization: () => Promise<Organization>;
}

export async function accessOf(ctx: Context, dryRun = false): Promise<Access> {
  const api = await ctx.api();
  const findOrganization = once(() => requireOrganization(api));
  const tools = await toolsOf(ctx, 'invite', { dryRun, findOrganization });
  const identity = ctx.identity();
  return {
    tools,
    key_id: credentialId(identity) ?? shortKeyId(sandboxApiKey),
    findCaller: () => callerOf(identity, tools),
    findOrganization,
  };
}

/** An identity pool acts for itself; of a key it is the owner. */
async function callerOf(identity: Identity, { apiKeys }: Tools): Promise<Caller> {
  if (identity.kind === 'pool') return identity.identity_pool_id;
  const key = apiKeyOf(identity);
  return key === undefined ? undefined : apiKeys.ownerOf(key);
}

export interface Sight {
  readonly observed: Observed;
  readonly organization: Organization;
  readonly caller: Caller;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** By the id of their owner; undefined unless they were asked for. */
  readonly apiKeys: Awaited<ReturnType<Tools['apiKeys']['all']>> | undefined;
  readonly tools: Tools;
}

export interface ReadOptions {
  /** The e-mails or user ids of people about whom contradictions between the lists are resolved. */
  readonly recheck?: readonly string[];
  /** Where the role bindings may not be read, everything else is observed without them. */
  readonly mayLackRoles?: boolean;
  /** It matters who lacks a role: one that slipped between two pages is looked for, whoever has it. */
  readonly seeksEveryRole?: boolean;
}

interface LookOptions extends ReadOptions {
  /** Also reads all API keys. */
  readonly apiKeys?: boolean;
  readonly dryRun?: boolean | undefined;
}

/** Reads the organization: every list in a pass of its own, side by side, and nothing for each person. */
export async function look(ctx: Context, options: LookOptions = {}): Promise<Sight> {
  const { tools, findCaller, findOrganization } = await accessOf(ctx, options.dryRun);
  const organization = findOrganization();
  const caller = findCaller();
  const id = organization.then((found) => found.id);
  const [observed, apiKeys] = await Promise.all([
    observe(tools, { ...options, organization: id, caller, now: ctx.now, looksTwice: true }),
    options.apiKeys === true ? tools.apiKeys.all() : undefined,
  ]);
  const isKnown = (name: string) => /@|^u-/.test(name) || personNamed(name, observed) !== undefined;
  const other = options.recheck?.find((name) => !isKnown(name));
  if (other !== undefined) throw notAPerson(other);
  return { observed, organization: await organization, caller: await caller, now: ctx.now(), apiKeys, tools };
}

/** E-mails and ids of users, each once. Throws `usage` for what can be neither. */
export function personNames(typed: readonly string[]): string[] {
  const names = parseTargets(typed).map(({ text }) => text);
  const isOther = (name: string) => /^(?:sa|pool|group|i)-[^@]*$|^[a-z]+$/i.test(name);
  // Who removes a role has another command: they must not remove the person.
  const isRole = (name: string) => /@(?:env|lkc)-[^./]*(?:\/|$)/.test(name);
  const other = names.find((name) => isOther(name) || isRole(name));
  if (other !== undefined) throw notAPerson(other);
  return names;
}

function notAPerson(target: string): CliError {
  const own = target.includes('@') ? 'invite role --help' : 'the id of a user begins with u-';
  const hint = target.startsWith('i-') ? `to see whom it is for: invite get ${shellQuote(target)}` : own;
  return new CliError('usage', `"${target}" is neither an e-mail nor the id of a user`, { hints: [hint], target });
}

interface ObserveOptions extends ReadOptions {
  /** Its id; users and invitations are read without waiting for it. */
  readonly organization: string | Promise<string>;
  readonly caller: Promise<Caller>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Of the people about whom contradictions are resolved, what a list does not show is looked for once more. */
  readonly looksTwice?: boolean;
}

/** Reads invitations, users and role bindings concurrently. Throws `bad_response` if the lists cannot be complete. */
export async function observe(tools: Tools, options: ObserveOptions): Promise<Observed> {
  const bindings = new Bindings();
  const [invitations, userPages, caller, areBindingsPaged, organization] = await Promise.all([
    readInvitations(tools.invitations),
    readUsers(tools.users),
    options.caller,
    readBindings(tools.roles, bindings, options),
    options.organization,
  ]);
  const users = userPages.flat();
  const problem = observationProblem(users, caller);
  if (problem !== undefined) {
    throw new CliError('bad_response', 'cannot read the organization, nothing was planned', {
      reason: problem,
      retryable: true,
    });
  }
  const { recheck: names = [], looksTwice = false, seeksEveryRole = false } = options;
  await readSignIns({ invitations, users }, tools);
  invitations.push(...(await readMailed(names, invitations, tools)));
  const hasRoles = areBindingsPaged !== undefined;
  const joined = () => join({ organization, invitations, users, hasRoles, bindings });
  let observed = joined();
  const strangers = looksTwice ? names.filter((name) => personNamed(name, observed) === undefined) : [];
  if (strangers.length > 0) {
    const emails = strangers.filter((name) => name.includes('@'));
    const client = tools.invitations;
    if (userPages.length > 1) users.push(...(await readUsers(tools.users)).flat());
    invitations.push(...(await readWhole(client, lookOnceMore(client, emails))));
    observed = joined();
  }
  const named = [...new Set(names.flatMap((name) => personNamed(name, observed) ?? []))];
  const isReread = (looksTwice || seeksEveryRole) && areBindingsPaged === true;
  if (isReread) {
    const users = [...new Set(named.flatMap(userIdsOf))];
    const each = seeksEveryRole || users.length > fewPeople ? [undefined] : users;
    await inTurns(each, (user) => tools.roles.readAll(organization, bindings.add, user));
  }
  const isCorrected = await recheck(named, { invitations, users }, { tools, now: options.now() });
  return isReread || isCorrected ? joined() : observed;
}

/** What this machine sent not long ago and the list does not show yet: it is read by its id, which does not lag. */
async function readMailed(names: readonly string[], listed: readonly Invited[], { invitations, mails }: Tools) {
  const known = new Set(listed.map(({ id }) => id));
  const hidden: string[] = [];
  for (const name of names.filter((one) => one.includes('@'))) {
    const { id } = await mails.past(name);
    if (id !== undefined && !known.has(id)) hidden.push(id);
  }
  const found = await inTurns(hidden, (id) => unlessMissing(invitations.get(id)));
  return found.flatMap((one) => (one === undefined ? [] : [asInvited(one)]));
}

/** Resolves to whether they had several pages; undefined if they may not be read. */
async function readBindings(roles: Tools['roles'], bindings: Bindings, { organization, mayLackRoles }: ObserveOptions) {
  try {
    return await roles.readAll(await organization, bindings.add);
  } catch (error) {
    if (mayLackRoles === true && isMissing(error)) return undefined;
    throw error;
  }
}

export function readInvitations(client: Tools['invitations']): Promise<Invited[]> {
  return readWhole(client, client.list({}, { whole: true }));
}

async function readWhole(client: Tools['invitations'], batches: AsyncIterable<readonly Invitation[]>) {
  const all: Invited[] = [];
  for await (const batch of batches) all.push(...(await wholeInvitations(client, batch)).map(asInvited));
  return all;
}

/** A batch a page. */
async function readUsers(client: Tools['users']): Promise<(readonly User[])[]> {
  const pages = [];
  for await (const batch of client.list()) pages.push(batch);
  return pages;
}

interface Lists {
  readonly invitations: Invited[];
  readonly users: User[];
}

/**
 * A row of the list need not say how somebody signs in: where no invitation says it either, it is read, however many they
 * are. Whom the identity provider made is known by that alone.
 */
async function readSignIns({ invitations, users }: Lists, client: Tools): Promise<void> {
  const invited = new Set(invitations.map(({ user }) => user));
  const isSilent = ({ id, auth_type }: User) => id !== '' && auth_type === undefined && !invited.has(id);
  const silent = [...users.entries()].filter(([, user]) => isSilent(user));
  await inTurns(silent, async ([index, user]) => {
    users[index] = (await client.users.get(user.id)) ?? user;
  });
}

/**
 * Reads people again on whom the lists contradict each other, as somebody may have accepted between two
 * reads: people who accepted and are not users, and users whose invitation is still open. Corrects the lists; returns
 * whether anything changed.
 */
async function recheck(
  people: readonly Person[],
  { invitations, users }: Lists,
  { tools, now }: { readonly tools: Tools; readonly now: number },
): Promise<boolean> {
  const findUser = async (id: string) => {
    const user = await tools.users.get(id);
    if (user !== undefined) users.push(user);
    return user !== undefined;
  };
  const reread = async (id: string) => {
    const found = await unlessMissing(tools.invitations.get(id));
    // Deleted since, or hidden: keep what the list contained.
    if (found !== undefined) invitations[invitations.findIndex((one) => one.id === id)] = asInvited(found);
    return found !== undefined;
  };
  const reads = people.flatMap((person) =>
    person.invitations.flatMap((invitation) => {
      const { id, user, status } = invitation;
      if (user === undefined) return [];
      if (status === 'INVITE_STATUS_ACCEPTED' && person.users.length === 0) return [() => findUser(user)];
      const isUser = person.users.some((one) => one.id === user);
      return isUser && isLive(invitation, now) ? [() => reread(id)] : [];
    }),
  );
  return (await inTurns(reads, (read) => read())).includes(true);
}
