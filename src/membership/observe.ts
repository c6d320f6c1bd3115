import type { ApiKeys } from '../confluent/api-keys.ts';
import type { Roles } from '../confluent/role-bindings.ts';
import type { Users } from '../confluent/users.ts';
import { CliError } from '../errors.ts';
import { isMissing } from '../http/failure.ts';
import type { Invitations } from '../invitations/client.ts';
import { foldEmail } from '../invitations/email.ts';
import { usersToRemove } from './decide.ts';
import type { Desired } from './desired.ts';
import { asInvited, Bindings, type Invited, join, type Observed, type User } from './observed.ts';
import { type Caller, observationProblem } from './safety.ts';

/** The clients that an organization is read with. */
export interface Sources {
  readonly invitations: Invitations;
  readonly users: Users;
  readonly roles: Roles;
  readonly apiKeys: ApiKeys;
}

interface Observing {
  readonly organization: string;
  readonly caller: Caller;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Who is of interest by name; what the lists say of them is checked where it contradicts itself. */
  readonly desired?: Desired;
}

/** Reads the invitations, users and role bindings side by side. Throws `bad_response` if that cannot be the whole truth. */
export async function observe(sources: Sources, observing: Observing): Promise<Observed> {
  const { organization, caller, desired } = observing;
  const bindings = new Bindings();
  const [invitations, users] = await Promise.all([
    readInvitations(sources.invitations),
    readUsers(sources.users),
    sources.roles.readAll(organization, (binding) => bindings.add(binding)),
  ]);
  const problem = observationProblem(users, caller);
  if (problem !== undefined) {
    throw new CliError('bad_response', 'cannot read the organization, nothing was planned', {
      reason: problem,
      retryable: true,
    });
  }
  const observed = join({ organization, invitations, users, bindings });
  const changed =
    desired !== undefined && (await recheck({ desired, observed, invitations, users }, sources, observing));
  return changed ? join({ organization, invitations, users, bindings }) : observed;
}

async function readInvitations(client: Invitations): Promise<Invited[]> {
  const all: Invited[] = [];
  for await (const batch of client.list({}, { whole: true })) all.push(...batch.map(asInvited));
  return all;
}

async function readUsers(client: Users): Promise<User[]> {
  const all: User[] = [];
  for await (const batch of client.list()) {
    for (const { id, email, auth_type } of batch) all.push({ id, email, auth_type });
  }
  return all;
}

interface Lists {
  readonly desired: Desired;
  readonly observed: Observed;
  readonly invitations: Invited[];
  readonly users: User[];
}

/** Requests at once for what contradicts itself. */
const atOnce = 4;

/**
 * Asks again about people of the file of whom the lists contradict each other, as somebody may have accepted while they
 * were read: people who accepted and are no users, and users whose invitation is still open. Corrects the lists; false
 * if there was nothing to correct.
 */
async function recheck({ desired, observed, invitations, users }: Lists, sources: Sources, { now }: Observing) {
  const questions: (() => Promise<boolean>)[] = [];
  const time = now();
  for (const { email } of desired.people) {
    const person = observed.people.get(foldEmail(email));
    for (const invitation of person?.invitations ?? []) {
      const { id, user, status } = invitation;
      if (user === undefined) continue;
      const isUser = person?.users.some((one) => one.id === user) === true;
      if (status === 'INVITE_STATUS_ACCEPTED' && person?.users.length === 0) questions.push(() => foundUser(user));
      if (isUser && isOpen(invitation, time)) questions.push(() => reread(id, invitations));
    }
  }
  let hasChanged = false;
  for (let start = 0; start < questions.length; start += atOnce) {
    const answers = await Promise.all(questions.slice(start, start + atOnce).map((ask) => ask()));
    hasChanged ||= answers.some((answer) => answer);
  }
  return hasChanged;

  async function foundUser(id: string): Promise<boolean> {
    const user = await sources.users.get(id);
    if (user === undefined) return false;
    users.push({ id, email: user.email, auth_type: user.auth_type });
    return true;
  }

  async function reread(id: string, all: Invited[]): Promise<boolean> {
    try {
      all[all.findIndex((one) => one.id === id)] = asInvited(await sources.invitations.get(id));
      return true;
    } catch (error) {
      // Deleted in between, or hidden: what the list said is all that there is.
      if (isMissing(error)) return false;
      throw error;
    }
  }
}

function isOpen({ status, expires_at }: Invited, now: number): boolean {
  return status === 'INVITE_STATUS_STAGED' || (status === 'INVITE_STATUS_SENT' && Date.parse(expires_at ?? '') > now);
}

/** The API keys of those who may be removed. */
export async function readKeysOfRemoved(
  question: Omit<Parameters<typeof usersToRemove>[0], 'apiKeys'>,
  { apiKeys }: Pick<Sources, 'apiKeys'>,
): ReturnType<ApiKeys['ownedBy']> {
  const users = usersToRemove(question);
  return users.length === 0 ? new Map() : apiKeys.ownedBy(users);
}
