import { ByEmail } from '../invitations/addresses.ts';
import type { Invitations } from '../invitations/client.ts';
import { foldEmail } from '../invitations/email.ts';
import { type Invitation, isLive, textAt } from '../invitations/invitation.ts';
import { organizationIn } from '../roles/crn.ts';

/** What one pass over the whole list tells about many people. */
export interface Known {
  /** All invitations of an e-mail. */
  of(email: string): readonly Invitation[];
  /** How many invitations of the organization can still be accepted, whoever they are for. */
  readonly pending: number;
  /** The organization's id, as their names tell it. */
  readonly organization: string | undefined;
}

const none: readonly Invitation[] = [];

/** Reads the list once and keeps what concerns these people, however many others there are. */
export async function knownOf(invitations: Invitations, people: Wanted, now: number): Promise<Known> {
  const known = new ByEmail<readonly Invitation[]>();
  let pending = 0;
  let organization: string | undefined;
  for await (const batch of invitations.list({}, { whole: true })) {
    for (const invitation of batch) {
      organization ??= organizationIn(textAt(invitation, 'metadata', 'resource_name') ?? '');
      if (isLive(invitation, now)) pending += 1;
      const email = foldEmail(textAt(invitation, 'email') ?? '');
      if (people.has(email)) known.set(email, [...(known.get(email) ?? none), lean(invitation)]);
    }
  }
  return { pending, organization, of: (email) => known.get(email) ?? none };
}

/** Whose invitations are kept. The e-mail is in small letters. */
export interface Wanted {
  has(email: string): boolean;
}

/** What is decided by and shown. */
function lean({ id, email, status, auth_type, expires_at, accepted_at, ...rest }: Invitation): Invitation {
  const user = textAt(rest, 'user', 'id');
  const created_at = textAt(rest, 'metadata', 'created_at');
  const updated_at = textAt(rest, 'metadata', 'updated_at');
  return {
    ...{ id, email, status, auth_type, expires_at, accepted_at },
    ...(user === undefined ? {} : { user: { id: user } }),
    metadata: { created_at, updated_at },
  };
}
