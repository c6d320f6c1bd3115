import { CliError } from '../errors.ts';
import { textAt } from '../invitations/invitation.ts';
import type { CreateChange, Tools, WantedRole } from './change.ts';
import type { GrantedRole, Result } from './result.ts';

/** Grants each role, one after the other; a refused one does not keep the others from being tried. */
export async function grantRoles(
  invited: Result,
  { roles, target }: CreateChange,
  tools: Tools,
): Promise<GrantedRole[]> {
  const granted: GrantedRole[] = [];
  let user: string | undefined;
  for (const role of roles) {
    try {
      user ??= await userOf(invited, target, tools);
      granted.push(await grant(role, user, tools));
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      granted.push({ ...named(role), outcome: 'failed', error });
    }
  }
  return granted;
}

async function grant(role: WantedRole, user: string, { roles }: Tools): Promise<GrantedRole> {
  const outcome = await roles.grant({ principal: `User:${user}`, ...named(role) });
  return { ...named(role), outcome };
}

function named({ role_name, crn_pattern }: WantedRole) {
  return { role_name, crn_pattern };
}

/**
 * The pre-created user of the invitation; asked for again if the first answer lacked it; else the one that was in the
 * way; else looked up among the members.
 */
async function userOf({ invitation, location }: Result, email: string, { invitations, users }: Tools): Promise<string> {
  const id = textAt(invitation ?? {}, 'id');
  const told = textAt(invitation ?? {}, 'user', 'id') ?? /\/iam\/v2\/users\/([^/?#]+)$/.exec(location ?? '')?.[1];
  if (told !== undefined) return told;
  const again = id === undefined ? undefined : textAt(await invitations.get(id), 'user', 'id');
  const user = again ?? (await users.idOf(email));
  if (user !== undefined) return user;
  throw new CliError('not_found', `cannot find the user of "${email}"`, {
    reason: 'roles are granted to the user that belongs to an invitation, and the API named none',
    target: email,
  });
}
