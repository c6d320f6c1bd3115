import type { ApiKeys } from '../api/api-keys.ts';
import type { Invitations } from '../api/client.ts';
import { type Invitation, inTurns, wholeInvitations } from '../api/invitation.ts';
import type { Roles } from '../api/role-bindings.ts';
import type { Users } from '../api/users.ts';
import { CliError } from '../errors.ts';
import { isMissing, unlessMissing } from '../http/failure.ts';
import { usersToRemove } from './decide.ts';
import { asInvited, Bindings, type Invited, join, type Observed, personNamed, type User } from './observed.ts';
import { type Caller, observationProblem } from './safety.ts';

/** The clients that read an organization. */
interface Sources {
  readonly invitations: Invitations;
  readonly users: Users;
  readonly roles: Roles;
  readonly apiKeys: ApiKeys;
}

interface ObserveOptions {
  /** Its id; users and invitations are read without waiting for it. */
  readonly organization: string | Promise<string>;
  readonly caller: Promise<Caller>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The e-mails or user ids of people about whom contradictions between the lists are resolved. */
  readonly recheck?: readonly string[];
  /** Where the role bindings may not be read, everything else is observed without them. */
  readonly mayLackRoles?: boolean;
  /** Gets every invitation as the API sent it; only a part of each is kept. */
  readonly onInvitation?: (invitation: Invitation) => void;
}

/** Reads invitations, users and role bindings concurrently. Throws `bad_response` if the lists cannot be complete. */
export async function observe(sources: Sources, options: ObserveOptions): Promise<Observed> {
  const { recheck: names = [] } = options;
  const bindings = new Bindings();
  const [invitations, users, caller, hasRoles, organization] = await Promise.all([
    readInvitations(sources.invitations, options.onInvitation),
    readUsers(sources.users),
    options.caller,
    readBindings(sources.roles, bindings, options),
    options.organization,
  ]);
  const problem = observationProblem(users, caller);
  if (problem !== undefined) {
    throw new CliError('bad_response', 'cannot read the organization, nothing was planned', {
      reason: problem,
      retryable: true,
    });
  }
  const joined = () => join({ organization, invitations, users, bindings, hasRoles });
  const observed = joined();
  const changed = names.length > 0 && (await recheck({ names, observed, invitations, users }, sources, options));
  return changed ? joined() : observed;
}

async function readBindings(roles: Roles, bindings: Bindings, { organization, mayLackRoles }: ObserveOptions) {
  try {
    await roles.readAll(await organization, (binding) => bindings.add(binding));
    return true;
  } catch (error) {
    if (mayLackRoles === true && isMissing(error)) return false;
    throw error;
  }
}

async function readInvitations(client: Invitations, onInvitation: ObserveOptions['onInvitation']): Promise<Invited[]> {
  const all: Invited[] = [];
  for await (const batch of client.list({}, { whole: true })) {
    const whole = await wholeInvitations(client, batch);
    if (onInvitation !== undefined) whole.forEach(onInvitation);
    all.push(...whole.map(asInvited));
  }
  return all;
}

async function readUsers(client: Users): Promise<User[]> {
  const all: User[] = [];
  for await (const batch of client.list()) {
    all.push(...batch);
  }
  return all;
}

interface Lists {
  readonly names: readonly string[];
  readonly observed: Observed;
  readonly invitations: Invited[];
  readonly users: User[];
}

/**
 * Reads people again on whom the lists contradict each other, as somebody may have accepted between two
 * reads: people who accepted and are not users, and users whose invitation is still open. Corrects the lists; returns
 * whether anything changed.
 */
async function recheck({ names, observed, invitations, users }: Lists, sources: Sources, { now }: ObserveOptions) {
  const reads: (() => Promise<boolean>)[] = [];
  const time = now();
  for (const person of new Set(names.map((name) => personNamed(name, observed)))) {
    for (const invitation of person?.invitations ?? []) {
      const { id, user, status } = invitation;
      if (user === undefined) continue;
      const isUser = person?.users.some((one) => one.id === user) === true;
      if (status === 'INVITE_STATUS_ACCEPTED' && person?.users.length === 0) reads.push(() => foundUser(user));
      if (isUser && isOpen(invitation, time)) reads.push(() => reread(id, invitations));
    }
  }
  return (await inTurns(reads, (read) => read())).includes(true);

  async function foundUser(id: string): Promise<boolean> {
    const user = await sources.users.get(id);
    if (user === undefined) return false;
    users.push(user);
    return true;
  }

  async function reread(id: string, all: Invited[]): Promise<boolean> {
    const found = await unlessMissing(sources.invitations.get(id));
    // Deleted since, or hidden: keep what the list contained.
    if (found === undefined) return false;
    all[all.findIndex((one) => one.id === id)] = asInvited(found);
    return true;
  }
}

function isOpen({ status, expires_at }: Invited, now: number): boolean {
  return status === 'INVITE_STATUS_STAGED' || (status === 'INVITE_STATUS_SENT' && Date.parse(expires_at ?? '') > now);
}

/** The API keys of the users who may be removed. */
export async function readKeysOfRemoved(
  input: Omit<Parameters<typeof usersToRemove>[0], 'apiKeys'>,
  { apiKeys }: Pick<Sources, 'apiKeys'>,
): ReturnType<ApiKeys['ownedBy']> {
  const users = usersToRemove(input);
  return users.length === 0 ? new Map() : apiKeys.ownedBy(users);
}
