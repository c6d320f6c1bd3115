import type { Query } from '../http/send.ts';
import { foldEmail } from './email.ts';
import { type InvitationFilter, serverQuery } from './filter.ts';
import { type Invitation, textAt } from './invitation.ts';

/** One pass over the list: what matches the filter, where the server was sent the query. */
export type ListPass = (filter: InvitationFilter, query: Query) => AsyncIterable<readonly Invitation[]>;

/**
 * All invitations of an address, each once. Whether the API's filter minds capitals is not documented: it is asked as
 * typed, then in small letters, and unless that found something that settles the matter, the whole list is read.
 * A mail too many to a person weighs more than a look too many.
 */
export async function* findByEmail(
  pass: ListPass,
  filter: InvitationFilter & { readonly email: string },
  settles: (invitation: Invitation) => boolean,
): AsyncIterable<readonly Invitation[]> {
  const seen = new Set<string>();
  let isSettled = false;
  const { email, ...others } = filter;
  const spellings = [...new Set([email, foldEmail(email)])];
  for (const query of [
    ...spellings.map((spelling) => serverQuery({ ...filter, email: spelling })),
    serverQuery(others),
  ]) {
    for await (const batch of pass(filter, query)) {
      const fresh = batch.filter((invitation) => isNew(invitation, seen));
      isSettled ||= fresh.some(settles);
      yield fresh;
    }
    if (isSettled) return;
  }
}

function isNew(invitation: Invitation, seen: Set<string>): boolean {
  const id = textAt(invitation, 'id');
  if (id === undefined) return true;
  if (seen.has(id)) return false;
  seen.add(id);
  return true;
}
