import type { Query } from '../http/send.ts';
import { foldEmail } from './email.ts';
import { type InvitationFilter, serverQuery } from './filter.ts';
import { type Invitation, textAt } from './invitation.ts';

/** Reads the list once with a query, and passes on what matches the filter. */
export type ListPass = (filter: InvitationFilter, query: Query) => AsyncIterable<readonly Invitation[]>;

/**
 * All invitations of an address, each once. Whether the API's filter is case-sensitive is not documented: the address is
 * looked up as typed, then in lower case, and unless that found an invitation that settles the matter, the whole list is
 * read. An unneeded mail to a person is worse than an unneeded request.
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
      const unseen = batch.filter((invitation) => isNew(invitation, seen));
      isSettled ||= unseen.some(settles);
      yield unseen;
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
