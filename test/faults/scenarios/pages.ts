import type { Exchange, Reply, Scenarios } from '../exchange.ts';
import { json, on } from '../faults.ts';

/** Lists that go on without end, or have other rows than were asked for. */
export const pages = {
  'next-infinite': { fault: on('list', freshRows) },
  'filter-ignored': { rules: { filters: 'ignored' } },
  'dup-email': { people: [{ email: 'sent@example.com', state: 'pending', invitation: 'i-twin' }] },
  'case-email': { people: [{ email: 'Big.Name@Example.COM', state: 'pending' }] },
} satisfies Scenarios;

/** Each page has a row that no other has. */
function freshRows({ url, nth }: Exchange): Reply {
  const data = [{ id: `i-fresh${nth}`, email: `fresh${nth}@example.com`, status: 'INVITE_STATUS_SENT', metadata: {} }];
  return json(200, { data, metadata: { next: `${url}/iam/v2/invitations?page_token=fresh${nth}` } });
}
